/* SPDX-License-Identifier: MIT */
#include "detect/pool.h"

#include <stdlib.h>

/* A sanitizer is told of the blocks, which it does not see otherwise. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)	  ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

static size_t class_of(size_t size)
{
	return size ? (size - 1) / 16 : 0;
}

void smi_pool_done(struct smi_pool *p)
{
	if (p->base)
		ASAN_UNPOISON_MEMORY_REGION(p->base, p->limit);
	free(p->base);
	free(p->chunks);
	*p = (struct smi_pool){ .limit = p->limit,
				.bulk_limit = p->bulk_limit };
}

/* The system gives a page when it is written to. */
static bool reserve(struct smi_pool *p)
{
	if (p->base)
		return true;
	p->chunks = smi_alloc(p->limit / SMI_POOL_CHUNK * sizeof(*p->chunks));
	p->base = p->chunks ? smi_alloc(p->limit) : NULL;
	if (!p->base) {
		free(p->chunks);
		p->chunks = NULL;
		return false;
	}
	ASAN_POISON_MEMORY_REGION(p->base, p->limit);
	return true;
}

static void unlink_chunk(struct smi_pool *p, uint32_t *list, uint32_t i)
{
	struct smi_pool_chunk *c = &p->chunks[i];

	if (c->prev)
		p->chunks[c->prev - 1].next = c->next;
	else
		*list = c->next;
	if (c->next)
		p->chunks[c->next - 1].prev = c->prev;
}

static void link_chunk(struct smi_pool *p, uint32_t *list, uint32_t i)
{
	struct smi_pool_chunk *c = &p->chunks[i];

	c->prev = 0;
	c->next = *list;
	if (*list)
		p->chunks[*list - 1].prev = i + 1;
	*list = i + 1;
}

static bool is_bulk(size_t class)
{
	return class == SMI_POOL_BULK / 16 - 1;
}

static bool add_chunk(struct smi_pool *p, size_t class)
{
	uint32_t i = p->empty ? p->empty - 1 : p->nchunks;

	if (p->held + SMI_POOL_CHUNK > p->limit)
		return false;
	if (is_bulk(class)) {
		if (p->bulk_limit && p->bulk + SMI_POOL_CHUNK > p->bulk_limit)
			return false;
		p->bulk += SMI_POOL_CHUNK;
	}
	if (p->empty)
		unlink_chunk(p, &p->empty, i);
	else
		p->nchunks++;
	p->chunks[i] = (struct smi_pool_chunk){ .class = (uint16_t) class };
	link_chunk(p, &p->room[class], i);
	p->held += SMI_POOL_CHUNK;
	return true;
}

/* A freed block begins with the number of the next one. */
static void *take(struct smi_pool *p, size_t class)
{
	uint32_t i = p->room[class] - 1;
	struct smi_pool_chunk *c = &p->chunks[i];
	char *from = p->base + i * SMI_POOL_CHUNK;
	size_t size = (class + 1) * 16;
	char *b;

	c->used++;
	if (c->free) {
		b = from + (size_t)(c->free - 1) * size;
		ASAN_UNPOISON_MEMORY_REGION(b, size);
		memcpy(&c->free, b, sizeof(c->free));
	} else {
		b = from + (size_t)c->fresh++ * size;
		ASAN_UNPOISON_MEMORY_REGION(b, size);
	}
	if (!c->free && (size_t)(c->fresh + 1) * size > SMI_POOL_CHUNK)
		unlink_chunk(p, &p->room[class], i);
	return b;
}

static void give(struct smi_pool *p, char *b, size_t class)
{
	uint32_t i = (uint32_t)((size_t)(b - p->base) / SMI_POOL_CHUNK);
	struct smi_pool_chunk *c = &p->chunks[i];
	size_t size = (class + 1) * 16;
	bool was_full =
		!c->free && (size_t)(c->fresh + 1) * size > SMI_POOL_CHUNK;

	memcpy(b, &c->free, sizeof(c->free));
	ASAN_POISON_MEMORY_REGION(b, size);
	c->free = (uint16_t)((size_t)(b - p->base) % SMI_POOL_CHUNK / size + 1);
	if (was_full)
		link_chunk(p, &p->room[class], i);
	if (--c->used)
		return;
	unlink_chunk(p, &p->room[class], i);
	link_chunk(p, &p->empty, i);
	p->held -= SMI_POOL_CHUNK;
	p->bulk -= is_bulk(class) ? SMI_POOL_CHUNK : 0;
}

/* Only what is in use at this moment may go over the limit. */
static void *alloc_large(struct smi_pool *p, size_t size, bool *full)
{
	void *b;

	while (p->held + size > p->limit) {
		if (full) {
			*full = true;
			return NULL;
		}
		if (!p->reclaim || !p->reclaim(p->user, size))
			break;
	}
	b = smi_alloc(size);
	p->held += b ? size : 0;
	return b;
}

void *smi_pool_alloc(struct smi_pool *p, size_t size, bool *full)
{
	size_t class = class_of(size);

	if (size > SMI_POOL_SMALL)
		return alloc_large(p, size, full);
	if (!reserve(p))
		return NULL;
	while (!p->room[class] && !add_chunk(p, class)) {
		if (full) {
			*full = true;
			return NULL;
		}
		if (!p->reclaim || !p->reclaim(p->user, size))
			return NULL;
	}
	return take(p, class);
}

void smi_pool_free(struct smi_pool *p, void *block, size_t size)
{
	if (!block)
		return;
	if (size <= SMI_POOL_SMALL) {
		give(p, block, class_of(size));
		return;
	}
	p->held -= size;
	free(block);
}

void *smi_pool_resize(struct smi_pool *p, void *block, size_t old, size_t size)
{
	void *b = smi_pool_alloc(p, size, NULL);

	if (!b)
		return NULL;
	if (old)
		memcpy(b, block, SMI_MIN(old, size));
	smi_pool_free(p, block, old);
	return b;
}
