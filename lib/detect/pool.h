/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_POOL_H
#define SMI_DETECT_POOL_H

#include "base/base.h"

/*
 * Many small blocks that come and go with each event, out of one piece of memory
 * of limit bytes. It is cut into chunks of blocks of one size; a chunk that is
 * empty may have another size next. A small block has a number of 32 bits. Blocks
 * that are not small come from the system, and count. {.limit} is empty.
 */
#define SMI_POOL_CLASSES 32
#define SMI_POOL_SMALL	 (SMI_POOL_CLASSES * 16)
#define SMI_POOL_CHUNK	 ((size_t)4 * 1024)
#define SMI_POOL_BULK	 64 /* the size that most blocks have */
#define SMI_POOL_MAX	 ((size_t)16 * 1024 * 1024)

struct smi_pool_chunk {
	uint16_t class, used;
	uint16_t fresh, free; /* blocks never used; the first freed one + 1 */
	uint32_t next, prev;  /* + 1, of its class, or of the empty ones */
};

struct smi_pool {
	char *base;
	struct smi_pool_chunk *chunks;
	uint32_t nchunks;		 /* that were used ever */
	uint32_t empty;			 /* + 1 */
	uint32_t room[SMI_POOL_CLASSES]; /* + 1: chunks with a block left */
	size_t held;	   /* chunks with a block, and the large */
	size_t limit;	   /* a multiple of SMI_POOL_CHUNK */
	size_t hits;	   /* bytes of smi_hit */
	size_t bulk;	   /* of held, in chunks of that size */
	size_t bulk_limit; /* 0: none of its own */
	/* Gives something back that a block of this size can have the room of;
	 * false: there is nothing. NULL: none. */
	bool (*reclaim)(void *user, size_t size);
	void *user;
};

/* Gives all small blocks back; larger ones must have been freed. */
void smi_pool_done(struct smi_pool *p);
/* Not zeroed. NULL when memory is out. With full that is set instead of asking
 * reclaim when the limit is reached. */
void *smi_pool_alloc(struct smi_pool *p, size_t size, bool *full);
/* size is what it was allocated with. */
void smi_pool_free(struct smi_pool *p, void *block, size_t size);
/* A block of another size with the same beginning; NULL leaves the old one. */
void *smi_pool_resize(struct smi_pool *p, void *block, size_t old, size_t size);

/* Of small blocks; 0 stands for NULL. */
static inline uint32_t smi_pool_number(const struct smi_pool *p,
				       const void *block)
{
	return block ? (uint32_t)(((const char *)block - p->base) / 16) + 1 : 0;
}
static inline void *smi_pool_at(const struct smi_pool *p, uint32_t number)
{
	return number ? p->base + (size_t)(number - 1) * 16 : NULL;
}

#endif
