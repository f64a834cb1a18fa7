/* SPDX-License-Identifier: MIT */
#include "portscan/local.h"

#include "base/clock.h"

/* A listener that is not in a list younger than this began just now. */
#define FRESH (100 * SMI_MSEC)

void smi_local_free(struct smi_local *l)
{
	smi_listeners_free(&l->listeners);
	smi_owners_free(&l->owners);
	smi_users_free(l->users);
}

static void read_listeners(struct smi_local *l, int64_t now)
{
	int r = smi_listeners_read(&l->listeners);

	l->error = r < 0 ? -r : 0;
	l->listeners_read = true;
	l->owners_read = false;
	l->read_at = now;
}

const struct smi_listener *smi_local_find(struct smi_local *l,
					  const struct smi_ip *ip,
					  uint16_t port, int64_t now)
{
	const struct smi_listener *x;

	if (!l->listeners_read)
		read_listeners(l, now);
	x = smi_listeners_find(&l->listeners, ip, port);
	if (x || now - l->read_at < FRESH)
		return x;
	read_listeners(l, now);
	return smi_listeners_find(&l->listeners, ip, port);
}

int smi_local_process(struct smi_local *l, const struct smi_listener *x,
		      struct smi_local_owner *out)
{
	if (!l->owners_read) {
		int r = smi_owners_read(&l->owners, &l->listeners);

		if (r == -ENOMEM)
			return r;
		l->owners_read = true;
	}
	out->pid = smi_owners_pid(&l->owners, x->inode);
	if (!out->pid) {
		l->hidden = true;
		return 0;
	}
	out->name = smi_process_name(out->pid, out->name_space);
	return 0;
}

int smi_local_user(struct smi_local *l, const struct smi_listener *x,
		   struct smi_local_owner *out)
{
	static const struct smi_fsroot here = { -1, NULL };

	if (!l->users) {
		int r = smi_users_new(&here, &l->users);

		if (r < 0)
			return r;
	}
	out->user = smi_users_name(l->users, x->uid);
	return out->user ? 0 : -ENOMEM;
}
