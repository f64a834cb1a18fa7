/* SPDX-License-Identifier: MIT */
#include "detect/regex-memory.h"

#include <setjmp.h>
#include <stdlib.h>

/* Before each piece of memory: a ring of all that the heap has given out. */
struct block {
	_Alignas(max_align_t) struct block *next;
	struct block *prev;
	size_t size;
};

struct smi_regex_heap {
	struct block ring;
	jmp_buf *out; /* where a failure goes to, while machine code is made */
	/*
	 * The last block that the compiler gave back. The machine code is mapped
	 * when it asks for its last block, a small one: that one comes from here,
	 * so that nothing fails when there is something to unmap.
	 */
	struct block *spare;
};

static void unlink_block(struct block *b)
{
	b->next->prev = b->prev;
	b->prev->next = b->next;
}

static void *link_block(struct smi_regex_heap *h, struct block *b)
{
	b->next = &h->ring;
	b->prev = h->ring.prev;
	b->prev->next = b;
	h->ring.prev = b;
	return b + 1;
}

static void *heap_alloc(size_t size, void *user)
{
	struct smi_regex_heap *h = user;
	struct block *b = h->spare;

	if (b && b->size >= size) {
		h->spare = NULL;
		return link_block(h, b);
	}
	b = size < SIZE_MAX - sizeof(*b) ? smi_alloc(sizeof(*b) + size) : NULL;
	if (b) {
		b->size = size;
		return link_block(h, b);
	}
	if (h->out)
		longjmp(*h->out, 1);
	return NULL;
}

static void heap_give(void *p, void *user)
{
	struct smi_regex_heap *h = user;
	struct block *b = p;

	if (!b)
		return;
	unlink_block(--b);
	if (h->out) {
		free(h->spare);
		h->spare = b;
	} else {
		free(b);
	}
}

static void *plain_alloc(size_t size, void *user)
{
	(void)user;
	return smi_alloc(size);
}

static void plain_give(void *p, void *user)
{
	(void)user;
	free(p);
}

int smi_regex_heap_new(struct smi_regex_heap **out)
{
	struct smi_regex_heap *h = smi_zalloc(sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->ring.next = h->ring.prev = &h->ring;
	*out = h;
	return 0;
}

static void drop_from(struct smi_regex_heap *h, struct block *b)
{
	while (b != &h->ring) {
		struct block *next = b->next;

		unlink_block(b);
		free(b);
		b = next;
	}
}

void smi_regex_heap_free(struct smi_regex_heap *h)
{
	if (!h)
		return;
	drop_from(h, h->ring.next);
	free(h);
}

pcre2_general_context *smi_regex_context(struct smi_regex_heap *h)
{
	return h ? pcre2_general_context_create(heap_alloc, heap_give, h)
		 : pcre2_general_context_create(plain_alloc, plain_give, NULL);
}

void smi_regex_context_freep(pcre2_general_context **gc)
{
	pcre2_general_context_free(*gc);
}

int smi_regex_heap_jit(struct smi_regex_heap *h, pcre2_code *code)
{
	/* The code is in the ring: what is behind its last block is new. */
	struct block *const last = h->ring.prev;
	jmp_buf out;
	int rc;

	if (setjmp(out)) {
		drop_from(h, last->next);
		rc = -ENOMEM;
	} else {
		h->out = &out;
		rc = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
	}
	h->out = NULL;
	free(h->spare);
	h->spare = NULL;
	return rc;
}
