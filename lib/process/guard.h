/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_GUARD_H
#define SMI_PROCESS_GUARD_H

#include <sys/stat.h>

#include "core/ctx.h"
#include "process/procdir.h"

/*
 * Reads of what may block: files that wait for the memory of a process while somebody
 * holds it, and those of file systems that do not answer. Another process makes them,
 * which is killed when it is late. A thread could not be given up: one that waits in
 * the kernel ends when its process does, and keeps that from ending.
 */
struct smi_guard;

/* Of so many late processes, what may block is not asked of any more in a list; a
 * process that was late is left alone for a minute. */
#define SMI_GUARD_LATE_MAX 8

/* ns: how long one process may take to be read. 0 or -ENOMEM. */
int smi_guard_new(sm_ctx *ctx, int64_t ns, struct smi_guard **out);
/* For another thread; of lives as long. NULL when memory is out. */
struct smi_guard *smi_guard_copy(struct smi_guard *of);
void smi_guard_free(struct smi_guard *g);
/* For another list. */
void smi_guard_renew(struct smi_guard *g);
/* Why no process can be started for it, and it reads as if it were not there: a
 * negative errno, 0 where it can. */
int smi_guard_error(struct smi_guard *g);

/*
 * As smi_procdir_read_as() and fstatat(2); pid is the process that the path is about.
 * -ETIMEDOUT: it was late, or has been; -ECANCELED: others were, and it was not asked.
 */
int smi_guard_read(struct smi_guard *g, const struct smi_procdir *d,
		   int32_t pid, const char *path, enum smi_shape shape,
		   size_t max, struct smi_buf *b);
int smi_guard_stat(struct smi_guard *g, const struct smi_procdir *d,
		   int32_t pid, const char *path, struct stat *st);

#endif
