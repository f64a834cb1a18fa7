/* SPDX-License-Identifier: MIT */
#include "detect/literals.h"

#define NONE UINT16_MAX

/*
 * A state is the offset of its row in next. The root is 0; behind it come the
 * states of one byte in which no literal ends, then the deeper ones, then those in
 * which literals end.
 */
struct smi_literals {
	uint8_t class[256]; /* 0: in no literal */
	uint32_t classes;
	uint32_t *next;
	uint32_t shallow; /* the last state of one byte */
	uint32_t ends;	  /* the first state in which literals end */
	/* Of the states from ends on: the first literal, and the end state of the
	 * longest literal that is a suffix. */
	uint16_t *literal, *suffix;
	uint16_t *same; /* the next literal of equal text */
	size_t states;
	/* The pairs of bytes that a literal begins with. */
	uint8_t pairs[65536 / 8];
};

/* The trie, then the automaton, before the states have their last order. */
struct builder {
	uint32_t *next, *fail, *queue, *place;
	uint16_t *literal, *depth;
	size_t n, classes;
};

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 32 : c;
}

static void free_builder(struct builder *b)
{
	free(b->next);
	free(b->fail);
	free(b->queue);
	free(b->place);
	free(b->literal);
	free(b->depth);
}

static int alloc_builder(struct builder *b, size_t states)
{
	b->next = smi_zalloc(states * b->classes * sizeof(*b->next));
	b->fail = smi_zalloc(states * sizeof(*b->fail));
	b->queue = smi_zalloc(states * sizeof(*b->queue));
	b->place = smi_zalloc(states * sizeof(*b->place));
	b->literal = smi_alloc(states * sizeof(*b->literal));
	b->depth = smi_zalloc(states * sizeof(*b->depth));
	if (!b->next || !b->fail || !b->queue || !b->place || !b->literal ||
	    !b->depth)
		return -ENOMEM;
	memset(b->literal, 0xff, states * sizeof(*b->literal));
	b->n = 1;
	return 0;
}

static void make_classes(struct smi_literals *l, const struct smi_span *v,
			 size_t n)
{
	l->classes = 1;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < v[i].len; k++) {
			unsigned char c = lower((unsigned char)v[i].p[k]);

			if (!l->class[c])
				l->class[c] = (uint8_t)l->classes++;
		}
	}
	for (unsigned c = 'A'; c <= 'Z'; c++)
		l->class[c] = l->class[c | 32];
}

static void allow_pair(struct smi_literals *l, unsigned a, unsigned b)
{
	unsigned w = a | b << 8;

	l->pairs[w >> 3] |= (uint8_t)(1u << (w & 7));
}

static unsigned char other_case(unsigned char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z' ? c ^ 32 : c;
}

static void make_pairs(struct smi_literals *l, struct smi_span s)
{
	unsigned char a = (unsigned char)s.p[0], b;

	for (unsigned i = 0; s.len == 1 && i < 256; i++) {
		allow_pair(l, a, i);
		allow_pair(l, other_case(a), i);
	}
	if (s.len == 1)
		return;
	b = (unsigned char)s.p[1];
	allow_pair(l, a, b);
	allow_pair(l, a, other_case(b));
	allow_pair(l, other_case(a), b);
	allow_pair(l, other_case(a), other_case(b));
}

static void add_literal(struct builder *b, struct smi_literals *l,
			struct smi_span s, uint16_t id)
{
	uint32_t state = 0;

	for (size_t i = 0; i < s.len; i++) {
		uint32_t *to = &b->next[state * b->classes +
					l->class[(unsigned char)s.p[i]]];

		if (!*to) {
			b->depth[b->n] = (uint16_t)(b->depth[state] + 1);
			*to = (uint32_t)b->n++;
		}
		state = *to;
	}
	l->same[id] = b->literal[state];
	b->literal[state] = id;
}

/* Breadth first: what a state lacks it takes from its longest proper suffix. */
static void complete(struct builder *b)
{
	size_t head = 0, tail = 0;

	for (size_t c = 0; c < b->classes; c++)
		if (b->next[c])
			b->queue[tail++] = b->next[c];
	while (head < tail) {
		uint32_t s = b->queue[head++];
		uint32_t *row = &b->next[s * b->classes];
		const uint32_t *other = &b->next[b->fail[s] * b->classes];

		for (size_t c = 0; c < b->classes; c++) {
			if (row[c]) {
				b->fail[row[c]] = other[c];
				b->queue[tail++] = row[c];
			} else {
				row[c] = other[c];
			}
		}
	}
}

/* A literal ends here, or a suffix of what was read is one. */
static bool is_end(const struct builder *b, uint32_t s)
{
	while (s && b->literal[s] == NONE)
		s = b->fail[s];
	return s != 0;
}

static void order_states(struct builder *b, struct smi_literals *l)
{
	uint32_t at = 1;

	for (int group = 0; group < 3; group++) {
		for (uint32_t s = 1; s < b->n; s++) {
			int mine = is_end(b, s) ? 2 : b->depth[s] > 1;

			if (mine == group)
				b->place[s] = at++;
		}
		if (group == 0)
			l->shallow = (at - 1) * l->classes;
		if (group == 1)
			l->ends = at * l->classes;
	}
}

static uint16_t end_index(const struct builder *b, const struct smi_literals *l,
			  uint32_t s)
{
	return (uint16_t)(b->place[s] - l->ends / l->classes);
}

static void place_end(const struct builder *b, struct smi_literals *l,
		      uint32_t s)
{
	uint16_t i = end_index(b, l, s);
	uint32_t suffix = b->fail[s];

	while (suffix && b->literal[suffix] == NONE)
		suffix = b->fail[suffix];
	l->literal[i] = b->literal[s];
	l->suffix[i] = suffix ? end_index(b, l, suffix) : NONE;
}

static int place_states(const struct builder *b, struct smi_literals *l,
			struct smi_arena *a)
{
	size_t ends = b->n - l->ends / l->classes;

	l->states = b->n;
	l->next = smi_arena_alloc(a, b->n * b->classes * sizeof(*l->next));
	l->literal = smi_arena_alloc(a, (ends + 1) * sizeof(*l->literal));
	l->suffix = smi_arena_alloc(a, (ends + 1) * sizeof(*l->suffix));
	if (!l->next || !l->literal || !l->suffix)
		return -ENOMEM;
	for (uint32_t s = 0; s < b->n; s++) {
		uint32_t *row = &l->next[b->place[s] * b->classes];

		for (size_t c = 0; c < b->classes; c++)
			row[c] = b->place[b->next[s * b->classes + c]] *
				 l->classes;
		if (b->place[s] * l->classes >= l->ends)
			place_end(b, l, s);
	}
	return 0;
}

int smi_literals_build(const struct smi_span *v, size_t n, struct smi_arena *a,
		       struct smi_literals **out)
{
	SMI_CLEANUP(free_builder) struct builder b = { 0 };
	struct smi_literals *l;
	size_t bytes = 0;
	int r;

	for (size_t i = 0; i < n; i++)
		bytes += v[i].len;
	if (n > SMI_LITERALS_MAX || bytes > SMI_LITERALS_MAX_BYTES)
		return -E2BIG;
	l = smi_arena_zalloc(a, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->same = smi_arena_alloc(a, (n + 1) * sizeof(*l->same));
	if (!l->same)
		return -ENOMEM;
	make_classes(l, v, n);
	b.classes = l->classes;
	r = alloc_builder(&b, bytes + 1);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		make_pairs(l, v[i]);
		add_literal(&b, l, v[i], (uint16_t)i);
	}
	complete(&b);
	order_states(&b, l);
	r = place_states(&b, l, a);
	if (r == 0)
		*out = l;
	return r;
}

static void note_ends(const struct smi_literals *l, uint32_t state,
		      uint64_t *found)
{
	uint16_t i = (uint16_t)((state - l->ends) / l->classes);

	for (; i != NONE; i = l->suffix[i])
		for (uint16_t k = l->literal[i]; k != NONE; k = l->same[k])
			found[k / 64] |= UINT64_C(1) << (k % 64);
}

/* Where the next literal can begin; the last byte is left to the automaton. */
static const unsigned char *skip(const struct smi_literals *l,
				 const unsigned char *p,
				 const unsigned char *end)
{
	for (; end - p > 1; p++) {
		unsigned w = p[0] | (unsigned)p[1] << 8;

		if (l->pairs[w >> 3] >> (w & 7) & 1)
			break;
	}
	return p;
}

void smi_literals_find(const struct smi_literals *l, struct smi_span text,
		       uint64_t *found)
{
	const unsigned char *p = (const unsigned char *)text.p;
	const unsigned char *end = p + text.len;
	uint32_t s = 0;

	while (p < end) {
		if (s <= l->shallow) {
			/* Read the one byte of the state again, with the next. */
			p = skip(l, s ? p - 1 : p, end);
			if (p == end)
				return;
			s = l->next[l->class[*p++]];
			if (s >= l->ends)
				note_ends(l, s, found);
			if (p == end)
				return;
		}
		s = l->next[s + l->class[*p++]];
		if (s >= l->ends)
			note_ends(l, s, found);
	}
}

size_t smi_literals_size(const struct smi_literals *l)
{
	return sizeof(*l) + l->states * l->classes * sizeof(*l->next);
}
