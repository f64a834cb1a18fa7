/* SPDX-License-Identifier: MIT */
#include "process/tables.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 0: both have one table; 1: each has its own; or a negative errno. */
static int compare(int32_t a, int32_t b)
{
	long r = syscall(SYS_kcmp, a, b, KCMP_FILES, 0, 0);

	return r < 0 ? -errno : r > 0;
}

/* Whether the table of that thread is among those that are known. */
static int is_known(const struct smi_tables *t, int32_t first, int32_t tid)
{
	int r = compare(first, tid);

	for (size_t i = t->n; r == 1 && i-- > 0;) {
		r = compare(t->tids[i], tid);
		/* Either may have ended. */
		if (r == -ESRCH)
			r = 1;
	}
	return r < 0 ? r : r == 0;
}

static void take(struct smi_tables *t, int32_t first, int32_t tid)
{
	int r = is_known(t, first, tid);

	if (r == 1 || r == -ESRCH)
		return;
	if (r == 0 && t->n < SMI_TABLES_MAX)
		t->tids[t->n++] = tid;
	else
		t->unknown++;
}

int smi_tables_find(const struct smi_procdir *d, const char *path, int32_t tid,
		    struct smi_tables *out)
{
	int fd = openat(d->fd, path, SMI_PROCDIR_DIR_FLAGS);
	uint64_t n = 0;
	struct smi_numbers it;
	int32_t other;
	int r;

	out->n = 0;
	out->unknown = 0;
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	smi_numbers_init(&it, fd, DT_DIR);
	while ((r = smi_numbers_next(&it, &other)) == 1) {
		if (n++ >= SMI_TABLE_THREADS_MAX)
			out->unknown++;
		else if (other != tid)
			take(out, tid, other);
	}
	close(fd);
	return r;
}
