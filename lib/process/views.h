/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_VIEWS_H
#define SMI_PROCESS_VIEWS_H

#include "core/ctx.h"
#include "process/procdir.h"

/* The ways to see whether a process is there; who hides one forgets some. */
enum smi_view {
	SMI_VIEW_LISTING = 1 << 0, /* getdents64(2) of /proc */
	SMI_VIEW_READDIR = 1 << 1, /* the same through the C library */
	SMI_VIEW_ENTRY = 1 << 2,   /* /proc/PID opened by its name */
	SMI_VIEW_SIGNAL = 1 << 3,  /* tgkill(2) with signal 0 */
	SMI_VIEW_SCHED = 1 << 4,   /* sched_getscheduler(2) */
	SMI_VIEW_PIDFD = 1 << 5,   /* pidfd_open(2) */
	SMI_VIEW_CGROUP = 1 << 6,  /* cgroup.procs */
	SMI_VIEW_BPF = 1 << 7,	   /* a program in the kernel */
};
/* Those that are system calls about one number. */
#define SMI_VIEWS_CALLS (SMI_VIEW_SIGNAL | SMI_VIEW_SCHED | SMI_VIEW_PIDFD)

/* The names of the views in the set, into names: how many. */
#define SMI_NVIEWS 8
size_t smi_views_names(unsigned set, const char *names[SMI_NVIEWS]);

/* Which calls tell the truth about what surely exists and surely does not: a sandbox
 * may forbid some. */
unsigned smi_views_usable(void);

/* Whether it is a process, and not a thread of one. */
bool smi_view_signal(int32_t pid);
/* Whether it is a process or a thread. */
bool smi_view_sched(int32_t pid);
/* A descriptor that stands for the process; else a negative errno: -ESRCH for none,
 * -EINVAL for a thread. */
int smi_view_pidfd(int32_t pid);
bool smi_view_pidfd_lives(int pidfd);

/* All of them but the listings and the cgroups, where usable; text is room. */
unsigned smi_views_look(const struct smi_procdir *d, int32_t pid,
			unsigned usable, struct smi_buf *text);

/* What a program in the kernel walks through. Open: 0, -ENOMEM, or any other negative
 * errno where that cannot be had. */
struct smi_view_bpf;
int smi_view_bpf_open(const sm_ctx *ctx, const struct smi_procdir *d,
		      struct smi_view_bpf **out);
int smi_view_bpf_list(struct smi_view_bpf *v, struct smi_pids *pids);
void smi_view_bpf_close(struct smi_view_bpf *v);

/* What the C library lists, ascending: whatever readdir(3) a preloaded library has put
 * in its place is asked on purpose. */
int smi_view_readdir(struct smi_pids *pids);

#endif
