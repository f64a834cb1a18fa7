/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_POOL_H
#define SMI_DETECT_POOL_H

#include "base/base.h"

/*
 * Many small blocks that come and go with each event. A freed block waits for the
 * next one of its size; the system gets the memory back with the pool. {0} is
 * empty and without a limit.
 */
#define SMI_POOL_CLASSES 32
#define SMI_POOL_SMALL	 (SMI_POOL_CLASSES * 16)

struct smi_pool_block;
struct smi_pool {
	struct smi_pool_block *free[SMI_POOL_CLASSES];
	struct smi_pool_block *chunks;
	char *at;
	size_t left;
	size_t held;  /* bytes of the system's memory */
	size_t limit; /* of held; 0: none */
};

/* Gives all small blocks back; larger ones must have been freed. */
void smi_pool_done(struct smi_pool *p);
/* Not zeroed. NULL when memory is out; when it is the limit, *full is set. */
void *smi_pool_alloc(struct smi_pool *p, size_t size, bool *full);
/* size is what it was allocated with. */
void smi_pool_free(struct smi_pool *p, void *block, size_t size);
/* A block of another size with the same beginning; NULL leaves the old one. */
void *smi_pool_resize(struct smi_pool *p, void *block, size_t old, size_t size);

#endif
