/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_REUSE_H
#define SMI_PROCESS_REUSE_H

#include "process/procdir.h"

/*
 * Whether the number of a process can have been given to another since a moment. The
 * kernel gives numbers one after the other, and begins anew behind pid_max: only those
 * are in question that it has come by since. {0}: all are. Each thread has its own.
 */
struct smi_reuse {
	int32_t first,
		last; /* number that was given: at that moment, and lately */
	int32_t max;  /* numbers end before it; 0: not known, or not any more */
	int64_t cpus;
	int64_t given; /* from the first to the last */
	int64_t when;  /* that was the last, monotonic */
};

/* The moment is now. */
void smi_reuse_begin(struct smi_reuse *r, const struct smi_procdir *d,
		     int64_t now);
/* Asked too seldom, nobody knows how often it went round: every few milliseconds. */
void smi_reuse_go_on(struct smi_reuse *r, const struct smi_procdir *d,
		     int64_t now);
bool smi_reuse_may_be(struct smi_reuse *r, const struct smi_procdir *d,
		      int32_t pid, int64_t now);

#endif
