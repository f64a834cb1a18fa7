/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_KERNEL_H
#define SMI_PROCESS_KERNEL_H

#include "core/ctx.h"
#include "process/procdir.h"

/* What the kernel says of the whole machine. What could not be read is 0. */
struct smi_kernel {
	char boot_id[40];
	int64_t btime;	      /* when it was started, wall clock */
	uint64_t memory;      /* that can be used here, in bytes */
	int64_t tick_ns;      /* one clock tick of proc(5) */
	int64_t boot_to_mono; /* what the clock since boot is ahead of ours */
	bool has_boot_clock;
	bool own_pids; /* clock_gettime(2), kcmp(2) and the like know them */
};

/* Which parts are wanted. */
struct smi_kernel_needs {
	bool boot_id, btime, memory, clocks;
};

/* 0, or -ENOMEM: all else is left out where it cannot be read. */
int smi_kernel_read(struct smi_kernel *m, const sm_ctx *ctx,
		    const struct smi_procdir *d,
		    const struct smi_kernel_needs *needs);

/* Whether the pids of /proc are those that our system calls know. 0 or -ENOMEM. */
int smi_kernel_sees_own_pids(const struct smi_fsroot *root, bool *out);

/* The smaller of MemTotal and the limits of the cgroup that we are in. */
int smi_kernel_memory(const struct smi_fsroot *root,
		      const struct smi_procdir *d, uint64_t *out);

#endif
