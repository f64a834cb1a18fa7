/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_LOCAL_H
#define SMI_PORTSCAN_LOCAL_H

#include "base/users.h"
#include "core/job.h"
#include "portscan/owners.h"
#include "portscan/ports.h"
#include "portscan/sockdiag.h"

#include "record/record.h"

/*
 * What this machine knows about its own listening ports, read when first asked
 * and again when a port that is open has no listener, or the list is old. Sockets and processes are
 * those of the running system: no sysroot changes that.
 */
struct smi_local {
	struct smi_listeners listeners;
	struct smi_ports ports; /* that these have */
	struct smi_owners owners;
	struct smi_users *users;
	bool udp; /* of UDP, not of TCP */
	bool listeners_read, owners_read;
	int64_t read_at;
	int error;   /* positive errno: the listeners cannot be asked for */
	bool hidden; /* a listener's process was asked for and not seen */
	bool shared; /* a port was asked for that sockets of several users have */
};

void smi_local_free(struct smi_local *l);
/* NULL: nobody listens there, or nobody can say (error). now: monotonic ns. */
const struct smi_listener *smi_local_find(struct smi_local *l,
					  const struct smi_ip *ip,
					  uint16_t port, int64_t now);
/* The same for a port that does not answer: NULL where a second look does not find it
 * either, and for one that is bound to an interface, which may not be ours. */
const struct smi_listener *smi_local_find_mute(struct smi_local *l,
					       const struct smi_ip *ip,
					       uint16_t port, int64_t now);
/* All that listen now, of TCP and UDP, instead of those of the one that a find reads:
 * 0, or a negative errno. */
int smi_local_read(struct smi_local *l);
/* Whether one of these fields is about its process. */
bool smi_local_wants_process(const struct smi_fieldset *fields);
/* The process, 0: not seen. -ENOMEM, or 0. */
int smi_local_pid(struct smi_local *l, const struct smi_listener *x,
		  int32_t *pid);
/* Its process and user, of the fields that are wanted: what can be found out.
 * -ENOMEM, or 0. */
int smi_local_describe(struct smi_local *l, const struct smi_listener *x,
		       const struct smi_fieldset *fields, struct smi_arena *a,
		       sm_record *r);
/* A notice why processes were not seen, where hidden. */
int smi_local_tell_hidden(const struct smi_local *l, struct smi_out *out);

#endif
