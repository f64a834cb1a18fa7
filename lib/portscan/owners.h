/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_OWNERS_H
#define SMI_PORTSCAN_OWNERS_H

#include "portscan/sockdiag.h"

/* Which process has a socket open: from the descriptors below /proc/PID/fd. */
struct smi_owner {
	uint64_t inode;
	int32_t pid; /* 0: not seen */
};
struct smi_owners {
	SMI_VEC(struct smi_owner) list; /* by inode */
	size_t nleft;			/* that have none, or pid 1 alone */
	size_t budget; /* descriptors that may still be looked at */
	bool refused;  /* a process that was looked at did not show its own */
	bool cut;      /* the budget was not enough for those that are left */
};

/* The longest path that the kernel gives. */
#define SMI_PROCESS_TEXT_MAX 4096

void smi_owners_free(struct smi_owners *o);
/* About two seconds of looking. */
#define SMI_OWNERS_BUDGET 300000
/* A look at the processes, for the sockets of these listeners: at so many descriptors
 * at most, for any user can make any number of them. */
int smi_owners_read(struct smi_owners *o, const struct smi_listeners *l,
		    size_t budget);
/* Of several holders the one with the lowest pid, those first that have it among their
 * first descriptors; but pid 1 (a service manager
 * that made the socket for another) only where it is alone. 0: unknown. */
int32_t smi_owners_pid(const struct smi_owners *o, uint64_t inode);
/* What a process is, as raw bytes in space; empty when it is gone or is not shown: its
 * name (comm), the path of its program (with " (deleted)" where the kernel adds that),
 * and its lines of cgroups(7). */
struct smi_span smi_process_name(int32_t pid, char space[SMI_PROCESS_TEXT_MAX]);
struct smi_span smi_process_exe(int32_t pid, char space[SMI_PROCESS_TEXT_MAX]);
struct smi_span smi_process_cgroup(int32_t pid,
				   char space[SMI_PROCESS_TEXT_MAX]);

#endif
