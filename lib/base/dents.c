/* SPDX-License-Identifier: MIT */
#include "base/dents.h"

#include <sys/syscall.h>
#include <unistd.h>

int smi_dents_next(struct smi_dents *d, int fd, const struct smi_dent **out)
{
	const struct smi_dent *e;

	if (d->at >= d->n) {
		d->at = 0;
		d->n = syscall(SYS_getdents64, fd, d->room, sizeof(d->room));
		if (d->n <= 0)
			return d->n < 0 ? -errno : 0;
	}
	e = (const void *)(d->room + d->at);
	d->at += e->len;
	*out = e;
	return 1;
}
