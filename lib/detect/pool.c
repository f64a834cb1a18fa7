/* SPDX-License-Identifier: MIT */
#include "detect/pool.h"

#include <stdlib.h>

#define CHUNK ((size_t)32 * 1024)

/* A sanitizer sees into blocks of the system only. */
#ifdef __SANITIZE_ADDRESS__
#define SMALL 0
#else
#define SMALL SMI_POOL_SMALL
#endif

struct smi_pool_block {
	struct smi_pool_block *next;
};

static size_t class_of(size_t size)
{
	return size ? (size - 1) / 16 : 0;
}

void smi_pool_done(struct smi_pool *p)
{
	while (p->chunks) {
		struct smi_pool_block *next = p->chunks->next;

		free(p->chunks);
		p->chunks = next;
	}
	*p = (struct smi_pool){ .limit = p->limit };
}

static bool is_full(const struct smi_pool *p, size_t more, bool *full)
{
	if (!p->limit || p->held + more <= p->limit)
		return false;
	if (full)
		*full = true;
	return true;
}

static void give(struct smi_pool *p, char *at, size_t size)
{
	struct smi_pool_block *b = (struct smi_pool_block *)(void *)at;

	b->next = p->free[class_of(size)];
	p->free[class_of(size)] = b;
}

/* At the limit a larger block does as well: its rest becomes one of its own. */
static void *cut(struct smi_pool *p, size_t class)
{
	for (size_t i = class + 1; i < SMI_POOL_CLASSES; i++) {
		struct smi_pool_block *b = p->free[i];

		if (!b)
			continue;
		p->free[i] = b->next;
		give(p, (char *)b + (class + 1) * 16, (i - class) * 16);
		return b;
	}
	return NULL;
}

static bool add_chunk(struct smi_pool *p)
{
	struct smi_pool_block *c = smi_alloc(CHUNK);

	if (!c)
		return false;
	c->next = p->chunks;
	p->chunks = c;
	p->at = (char *)c + 16;
	p->left = CHUNK - 16;
	p->held += CHUNK;
	return true;
}

void *smi_pool_alloc(struct smi_pool *p, size_t size, bool *full)
{
	size_t class = class_of(size);
	struct smi_pool_block *b;

	if (size > SMALL) {
		b = is_full(p, size, full) ? NULL : smi_alloc(size);
		p->held += b ? size : 0;
		return b;
	}
	b = p->free[class];
	if (b) {
		p->free[class] = b->next;
		return b;
	}
	size = (class + 1) * 16;
	if (p->left < size) {
		if (is_full(p, CHUNK, NULL)) {
			b = cut(p, class);
			return b || is_full(p, CHUNK, full) ? b : NULL;
		}
		/* The end of a chunk is a block of its own. */
		if (p->left)
			give(p, p->at, p->left);
		p->left = 0;
		if (!add_chunk(p))
			return NULL;
	}
	b = (struct smi_pool_block *)(void *)p->at;
	p->at += size;
	p->left -= size;
	return b;
}

void smi_pool_free(struct smi_pool *p, void *block, size_t size)
{
	if (!block)
		return;
	if (size <= SMALL) {
		give(p, block, size);
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
