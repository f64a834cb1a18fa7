/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_ATOMIC_H
#define SMI_CORE_ATOMIC_H

#include "core/ctx.h"

/*
 * A file that is there whole or not at all. What is written goes to a file without
 * a name where the system has that (O_TMPFILE), else to one beside the target, and
 * takes the target's name at the end. Mode 0600.
 */
struct smi_atomic {
	sm_ctx *ctx;
	char *path;	  /* as it was given, for sentences */
	const char *name; /* the last part of path */
	int dir, fd;
	char temporary[32]; /* "" while it has no name */
};
#define SMI_ATOMIC_NONE ((struct smi_atomic){ .dir = -1, .fd = -1 })

/* -EINVAL for a target that is no regular file, a symbolic link among them. */
int smi_atomic_open(struct smi_atomic *a, sm_ctx *ctx, const char *path);
/* The same for the last part of path in dir, which stays the caller's. */
int smi_atomic_open_in(struct smi_atomic *a, sm_ctx *ctx, int dir,
		       const char *path);
/* Its steps, for who has several files: fsync; a name beside the target; the
 * target's name; fsync of the directory dir. */
int smi_atomic_flush(struct smi_atomic *a);
int smi_atomic_link(struct smi_atomic *a);
int smi_atomic_rename(struct smi_atomic *a);
int smi_atomic_sync_dir(const struct smi_atomic *a);
/* All of them. What fails leaves the old file. */
int smi_atomic_commit(struct smi_atomic *a);
/* Without a commit before, nothing is left behind. */
void smi_atomic_done(struct smi_atomic *a);

#endif
