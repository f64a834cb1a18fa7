/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#define BLOCK_FIRST ((size_t)4096)
#define BLOCK_MOST  ((size_t)256 * 1024)

/* The first block is the one in use; full ones and large pieces are behind it. */
struct smi_arena_block {
	struct smi_arena_block *next;
	size_t cap;
	max_align_t data[];
};

static void free_blocks(struct smi_arena_block *block)
{
	while (block) {
		struct smi_arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void smi_arena_free(struct smi_arena *a)
{
	free_blocks(a->block);
	*a = (struct smi_arena){ 0 };
}

void smi_arena_reset(struct smi_arena *a)
{
	struct smi_arena_block *keep = a->block;

	if (keep && keep->cap <= BLOCK_MOST) {
		free_blocks(keep->next);
		keep->next = NULL;
	} else {
		free_blocks(keep);
		keep = NULL;
	}
	*a = (struct smi_arena){ .block = keep };
}

static void *fail(struct smi_arena *a)
{
	a->failed = true;
	return NULL;
}

static struct smi_arena_block *new_block(size_t cap)
{
	struct smi_arena_block *block;
	size_t size;

	if (__builtin_add_overflow(sizeof(*block), cap, &size) ||
	    size > PTRDIFF_MAX)
		return NULL;
	block = smi_alloc(size);
	if (block)
		block->cap = cap;
	return block;
}

static void *alloc_in_new_block(struct smi_arena *a, size_t size)
{
	struct smi_arena_block *block;
	size_t cap = BLOCK_FIRST;

	if (a->block)
		cap = SMI_MIN(BLOCK_MOST, SMI_MAX(cap, a->block->cap * 2));
	if (a->block && size > cap / 4) {
		block = new_block(size);
		if (!block)
			return fail(a);
		block->next = a->block->next;
		a->block->next = block;
		return block->data;
	}
	block = new_block(SMI_MAX(cap, size));
	if (!block)
		return fail(a);
	block->next = a->block;
	a->block = block;
	a->used = size;
	return block->data;
}

void *smi_arena_alloc(struct smi_arena *a, size_t size)
{
	const size_t mask = _Alignof(max_align_t) - 1;
	char *p;

	if (a->failed)
		return NULL;
	if (__builtin_add_overflow(SMI_MAX(size, 1), mask, &size))
		return fail(a);
	size &= ~mask;
	if (!a->block || size > a->block->cap - a->used)
		return alloc_in_new_block(a, size);
	p = (char *)a->block->data + a->used;
	a->used += size;
	return p;
}

void *smi_arena_zalloc(struct smi_arena *a, size_t size)
{
	void *p = smi_arena_alloc(a, size);

	return p ? memset(p, 0, size) : NULL;
}

char *smi_arena_strndup(struct smi_arena *a, const char *p, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		return fail(a);
	copy = smi_arena_alloc(a, len + 1);
	if (!copy)
		return NULL;
	if (len > 0)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

size_t smi_arena_size(const struct smi_arena *a)
{
	size_t sum = 0;

	for (const struct smi_arena_block *b = a->block; b; b = b->next)
		sum += sizeof(*b) + b->cap;
	return sum;
}
