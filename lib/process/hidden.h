/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_HIDDEN_H
#define SMI_PROCESS_HIDDEN_H

#include "core/ctx.h"
#include "process/cgroup-walk.h"
#include "process/views.h"

/*
 * Looks for processes that some views show and others do not. A process that began or
 * ended meanwhile is none: what was found must not be listed three times in a row,
 * and be there after each; where it can be, it is held by a descriptor, so that a
 * number that was given to somebody else in between is noticed.
 */
struct smi_hidden_process {
	int32_t pid;
	unsigned seen, unseen; /* enum smi_view */
	int pidfd;	       /* -1: none */
};

enum smi_hidden_phase {
	SMI_HIDDEN_SWEEP,
	SMI_HIDDEN_READDIR,
	SMI_HIDDEN_CGROUPS,
	SMI_HIDDEN_CHECK,
	SMI_HIDDEN_END
};

struct smi_hidden {
	struct smi_procdir *dir;
	const char *cgroups; /* NULL: none */
	bool all; /* all numbers, by two calls, however long it takes */

	/* room */
	enum smi_hidden_phase phase;
	unsigned usable; /* of the calls */
	unsigned round;
	int32_t next;
	int64_t spent; /* ns, of the sweep */
	struct smi_pids before, now, libc, cgroup, kernel;
	struct smi_view_bpf *bpf; /* NULL: none, which it is unless all */
	struct smi_cgroup_walk walk;
	struct smi_buf text;

	/* results */
	int32_t top, swept; /* the numbers to look at, those looked at */
	bool cut;	    /* not all cgroups could be looked at */
	uint64_t more;	    /* over the limit */
	SMI_VEC(struct smi_hidden_process) found; /* in the end ascending */
	struct smi_pids filtered; /* listed by the kernel, not by readdir(3) */
};
#define SMI_HIDDEN_MAX ((size_t)4096)

/* dir, cgroups and all are set, all else is 0. 0 or a negative errno. */
int smi_hidden_begin(struct smi_hidden *h, const sm_ctx *ctx);
/* Works for about 5 ms. 1: call again; 0: at the end; or a negative errno. */
int smi_hidden_step(struct smi_hidden *h, const sm_ctx *ctx);
void smi_hidden_free(struct smi_hidden *h);

/* The number up to which pids may have been given out: pid_max, or where the system
 * has not come around yet the last one and a margin. */
int32_t smi_hidden_top(int32_t pid_max, int32_t listed, struct smi_span loadavg,
		       struct smi_span stat);

#endif
