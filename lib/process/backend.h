/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_BACKEND_H
#define SMI_PROCESS_BACKEND_H

#include "process/row.h"

/*
 * Where rows come from. The list is always that of /proc: a kernel was seen whose task
 * iterator leaves out the first process, and who lacks that may lack others. What a
 * backend does not tell of a process is read from its files, so that all give the same
 * rows and some give them sooner. One that is open may see again and again.
 */
struct smi_procs_ops {
	const char *name;
	/*
	 * 0, -ENOMEM, or any other negative errno: it cannot be had here, and why
	 * is the end of a sentence about it. NULL: there is nothing to open.
	 */
	int (*open)(const struct smi_snapshot *s, void **data,
		    const char **why);
	/* What there is now of these. For a look only the time that they used is
	 * wanted. As open; NULL: nothing is seen beforehand. */
	int (*see)(void *data, struct smi_snapshot *s,
		   const struct smi_pids *pids, bool look, const char **why);
	/* What was seen of the row's process, into the row; by any thread, and of
	 * one process by one at a time. May be NULL. */
	void (*take)(void *data, struct smi_row *row);
	/* The time that a process had used; false where it is to be asked for. May
	 * be NULL. */
	bool (*look)(const void *data, int32_t pid, struct smi_cpu_look *out);
	void (*close)(void *data);
};
extern const struct smi_procs_ops smi_procs_bpf, smi_procs_kept;

/* The one in force; {0} before the first list. */
struct smi_procs {
	const struct smi_procs_ops *ops;
	void *data;
	int64_t seen; /* what it sees, monotonic */
	/* Why another is not: its name, a negative errno and the end of a sentence. */
	const char *refused, *why;
	int err;
};

/*
 * All processes, and what the backend in force sees of them; the first time, the one
 * that is wanted (SM_PROC_BACKEND_*) and can be had. 0, or a negative errno.
 */
int smi_procs_list(struct smi_procs *p, struct smi_snapshot *s, int wanted,
		   bool look, struct smi_pids *pids);
/* Of the one in force. */
const char *smi_procs_name(const struct smi_procs *p);
/* procfs is in force behind it. */
void smi_procs_close(struct smi_procs *p);

#endif
