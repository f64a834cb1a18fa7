/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_LOCAL_H
#define SMI_PORTSCAN_LOCAL_H

#include "base/users.h"
#include "portscan/owners.h"
#include "portscan/sockdiag.h"

/*
 * What this machine knows about its own listening ports, read when first asked
 * and again when a port that is open has no listener. Sockets and processes are
 * those of the running system: no sysroot changes that.
 */
struct smi_local {
	struct smi_listeners listeners;
	struct smi_owners owners;
	struct smi_users *users;
	bool listeners_read, owners_read;
	int64_t read_at;
	int error;   /* positive errno: the listeners cannot be asked for */
	bool hidden; /* a listener's process was asked for and not seen */
};

/* All that could be found out; pid 0, and NULL, where not. */
struct smi_local_owner {
	int32_t pid;
	const char *user; /* lives as long as the table */
	char name_space[SMI_COMM_MAX];
	struct smi_span name;
};

void smi_local_free(struct smi_local *l);
/* NULL: nobody listens there, or nobody can say (error). now: monotonic ns. */
const struct smi_listener *smi_local_find(struct smi_local *l,
					  const struct smi_ip *ip,
					  uint16_t port, int64_t now);
/* -ENOMEM, or 0 with what could be found out. */
int smi_local_process(struct smi_local *l, const struct smi_listener *x,
		      struct smi_local_owner *out);
int smi_local_user(struct smi_local *l, const struct smi_listener *x,
		   struct smi_local_owner *out);

#endif
