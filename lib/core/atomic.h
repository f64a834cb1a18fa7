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
/* fsync, rename, fsync of the directory. What fails leaves the old file. */
int smi_atomic_commit(struct smi_atomic *a);
/* Without a commit before, nothing is left behind. */
void smi_atomic_done(struct smi_atomic *a);

#endif
