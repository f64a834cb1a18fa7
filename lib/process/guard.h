/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_GUARD_H
#define SMI_PROCESS_GUARD_H

#include <sys/stat.h>

#include "core/ctx.h"
#include "process/procdir.h"
#include "process/tables.h"

/*
 * Reads of what may block: files that wait for the memory of a process while somebody
 * holds it, and those of file systems that do not answer. Another process makes them,
 * which is killed when it is late. A thread could not be given up: one that waits in
 * the kernel ends when its process does, and keeps that from ending.
 */
struct smi_guard;

/*
 * One process may take as long as the deadline, and all of a list together so many times
 * as long. The rest may take a sixteenth each, and the same again together; then nobody
 * is asked any more. A process that was late is left alone for a minute, but that it is
 * asked for its arguments once more.
 */
#define SMI_GUARD_LATE_MAX  8
#define SMI_GUARD_SHORTER   16
#define SMI_GUARD_KNOWN_MAX 256

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
 * As smi_procdir_read_as(), smi_procdir_readlink(), fstatat(2), smi_procdir_stat_known()
 * and smi_procdir_stat_in(), by the guard of the directory where it has one; pid is the
 * process that the path is about. -ETIMEDOUT: it was late, or has been; -ECANCELED:
 * others were, and it was not asked.
 */
int smi_guard_read(const struct smi_procdir *d, int32_t pid, const char *path,
		   enum smi_shape shape, size_t max, struct smi_buf *b);
int smi_guard_readlink(const struct smi_procdir *d, int32_t pid,
		       const char *path, struct smi_buf *b);
int smi_guard_stat(const struct smi_procdir *d, int32_t pid, const char *path,
		   struct stat *st);
int smi_guard_stat_known(const struct smi_procdir *d, int32_t pid,
			 const char *path, struct stat *st);
int smi_guard_stat_in(const struct smi_procdir *d, int32_t pid,
		      const char *root, const char *path, struct stat *st);
/* Thread ids of one process, ascending. */
int smi_guard_threads(const struct smi_procdir *d, int32_t pid,
		      struct smi_pids *tids);

/* As smi_tables_find(). */
int smi_guard_tables(const struct smi_procdir *d, int32_t pid, int32_t tid,
		     struct smi_tables *out);

/* A number in a directory, and what its link says; len 0 where that cannot be read, or
 * is longer. */
struct smi_guard_entry {
	int32_t number;
	uint32_t len;
	char link[64];
};
/* Where there is a guard: how many links the directory has, and the first max of them,
 * until it is asked again. */
int smi_guard_links(const struct smi_procdir *d, int32_t pid, const char *path,
		    size_t max, struct smi_span *entries, uint64_t *total);
int smi_guard_count(const struct smi_procdir *d, int32_t pid, const char *path,
		    uint64_t *total);

#endif
