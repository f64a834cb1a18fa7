/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_ARENA_H
#define SMI_BASE_ARENA_H

#include "base/span.h"

/*
 * Memory of one batch, given back as a whole. {0} is empty. A failure is sticky
 * until reset, so that a builder asks once at its end.
 */
struct smi_arena_block;
struct smi_arena {
	struct smi_arena_block *block;
	size_t used; /* in the current block */
	bool failed;
};

void smi_arena_free(struct smi_arena *a); /* also for SMI_CLEANUP */
/* Empties it and keeps one block for what comes next. */
void smi_arena_reset(struct smi_arena *a);
static inline int smi_arena_error(const struct smi_arena *a)
{
	return a->failed ? -ENOMEM : 0;
}
/* Aligned for any type, not zeroed. NULL when memory is out. */
void *smi_arena_alloc(struct smi_arena *a, size_t size);
void *smi_arena_zalloc(struct smi_arena *a, size_t size);
/* A copy with a NUL behind it. */
char *smi_arena_strndup(struct smi_arena *a, const char *p, size_t len);
/* All bytes that it holds of the system's memory. */
size_t smi_arena_size(const struct smi_arena *a);

#endif
