/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_TABLES_H
#define SMI_PROCESS_TABLES_H

#include "process/procdir.h"

/*
 * Threads of one process that have descriptors of their own, unshare(2), which its
 * /proc/PID/fd does not show: one thread of each table. So many threads are compared, and
 * so many tables told.
 */
#define SMI_TABLE_THREADS_MAX ((uint64_t)16 << 10)
#define SMI_TABLES_MAX	      64

struct smi_tables {
	int32_t tids[SMI_TABLES_MAX];
	size_t n;
	uint64_t
		unknown; /* threads that were not compared, or have one table more */
};
/* path is "PID/task"; tid, the thread whose descriptors are known. Its numbers must be
 * those of our own pid namespace. Calls the kernel and nothing else. 0 or a negative
 * errno. */
int smi_tables_find(const struct smi_procdir *d, const char *path, int32_t tid,
		    struct smi_tables *out);

#endif
