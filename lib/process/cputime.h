/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_CPUTIME_H
#define SMI_PROCESS_CPUTIME_H

#include "process/kernel.h"

/* What a process had used of the processors at one moment, all threads together. */
struct smi_cpu_look {
	int32_t pid;
	uint64_t start; /* ticks since boot; 0: not known */
	int64_t cpu;	/* ns */
	int64_t mono;	/* when */
	bool has_io;	/* and bytes of disks: */
	uint64_t read, written;
};

/*
 * The clock of the processor time of a whole process: the scheduler's own
 * nanoseconds, one call, no file, no permission (clock_getcpuclockid(3)). false
 * when there is no such process.
 */
bool smi_cpu_clock(int32_t pid, int64_t *ns);

/*
 * Percent of one processor between two looks. before is NULL, or of a process that
 * had the same number: a process that started later is measured from its start.
 * false when that cannot be told.
 */
bool smi_cpu_percent(const struct smi_kernel *m,
		     const struct smi_cpu_look *before,
		     const struct smi_cpu_look *now, double *out);
/* What a counter grew by in a second between these looks, from its start on where it is
 * new. -1 where that cannot be told. */
int64_t smi_cpu_rate(const struct smi_kernel *m,
		     const struct smi_cpu_look *before,
		     const struct smi_cpu_look *now, uint64_t was, uint64_t is);
/* From its start until now. */
bool smi_cpu_lifetime(const struct smi_kernel *m,
		      const struct smi_cpu_look *now, double *out);

/* Looks in ascending order of pid. */
struct smi_cpu_looks {
	SMI_VEC(struct smi_cpu_look) list;
};
const struct smi_cpu_look *smi_cpu_find(const struct smi_cpu_looks *l,
					int32_t pid);

#endif
