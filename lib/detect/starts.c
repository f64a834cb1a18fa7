/* SPDX-License-Identifier: MIT */
#include "detect/starts.h"

#include "detect/prefilter.h"
#include "detect/shape.h"

/* The rows of a group are enough for fewer patterns. */
#define FEWEST 16
#define MOST   256

#define BYTES 64 /* of a message that are read */

struct smi_starts {
	uint8_t class[256];
	size_t classes, n, words;
	uint64_t *takes;  /* of each class, for each pattern: the places */
	uint64_t *follow; /* for each pattern and each of its places */
	uint64_t *first;
};

/*
 * The places of one pattern that may take the next byte are the bits of a word
 * (Glushkov 1961). The last one stands for what is not told: it takes every byte, and
 * is reached behind the end of the pattern too.
 */
#define OPEN	 63
#define OPEN_BIT (UINT64_C(1) << OPEN)
#define STEPS	 4096

/* So many bytes of a branch within the pattern are told: what stands behind an
 * optional one matters more than how it ends. */
#define INNER 6

struct places {
	struct smi_span text;
	uint8_t sets[OPEN][32];
	uint64_t follow[OPEN + 1];
	unsigned n, steps;
};

/* The places that a part begins and ends with. */
struct part {
	uint64_t first, last;
	bool empty;
};

static const struct part nothing = { .empty = true };
static const struct part open_part = { .first = OPEN_BIT, .last = OPEN_BIT };

static void link_to(struct places *p, uint64_t from, uint64_t to)
{
	for (; from; from &= from - 1)
		p->follow[__builtin_ctzll(from)] |= to;
}

static struct part join(struct places *p, struct part a, struct part b)
{
	link_to(p, a.last, b.first);
	return (struct part){
		.first = a.first | (a.empty ? b.first : 0),
		.last = b.last | (b.empty ? a.last : 0),
		.empty = a.empty && b.empty,
	};
}

static struct part add_times(struct places *p, const struct smi_shape *s);

static struct part add_set(struct places *p, const struct smi_shape *s)
{
	uint64_t bit = UINT64_C(1) << p->n;

	if (p->n == OPEN)
		return open_part;
	smi_shape_takes(s, p->sets[p->n++]);
	return (struct part){ .first = bit, .last = bit };
}

static struct part add_group(struct places *p, const struct smi_shape *s,
			     unsigned room)
{
	struct part all = { 0 };

	for (const struct smi_shape *b = s->child; b; b = b->next) {
		struct part one = nothing;
		unsigned left = room;

		for (const struct smi_shape *e = b->child; e; e = e->next) {
			bool fits = e->type != SMI_SHAPE_SET || left-- > 0;

			one = join(p, one, fits ? add_times(p, e) : open_part);
			if (!fits)
				break;
		}
		all.first |= one.first;
		all.last |= one.last;
		all.empty |= one.empty;
	}
	return all;
}

static struct part add_once(struct places *p, const struct smi_shape *s)
{
	if (s->type == SMI_SHAPE_SET)
		return add_set(p, s);
	if (s->type == SMI_SHAPE_GROUP)
		return add_group(p, s, INNER);
	return smi_shape_takes_none(s, p->text) ? nothing : open_part;
}

/* Of a set it is not counted how often it comes. */
static struct part add_times(struct places *p, const struct smi_shape *s)
{
	struct part all = nothing;
	bool endless = s->max == SMI_SHAPE_ENDLESS ||
		       (s->type == SMI_SHAPE_SET && s->max > 1);
	uint32_t n = endless ? 1 : s->max;

	for (uint32_t i = 0; i < n; i++) {
		struct part one;

		if (p->steps++ >= STEPS)
			return join(p, all, open_part);
		one = add_once(p, s);
		if (endless)
			link_to(p, one.last, one.first);
		one.empty |= i >= s->min;
		all = join(p, all, one);
	}
	return all;
}

static int read_shape(const struct smi_pattern *p, struct smi_arena *a,
		      struct smi_shape **root)
{
	*root = NULL;
	if (!smi_regex_is_anchored(&p->re) || smi_shape_is_odd(p->text))
		return 0;
	return smi_shape_read(p->text, a, root) == -ENOMEM ? -ENOMEM : 0;
}

/* bytes: as takes, of each byte. */
static int add_pattern(struct smi_starts *s, size_t i,
		       const struct smi_pattern *p, uint64_t *bytes)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	struct places places = { .text = p->text };
	struct part all = open_part;
	struct smi_shape *root;
	int r = read_shape(p, &a, &root);

	if (r < 0)
		return r;
	if (root)
		all = join(&places, add_group(&places, root, OPEN), open_part);
	places.follow[OPEN] = OPEN_BIT;
	s->first[i] = all.first;
	memcpy(s->follow + i * (OPEN + 1), places.follow,
	       sizeof(places.follow));
	for (unsigned c = 0; c < 256; c++)
		bytes[c * s->n + i] = OPEN_BIT;
	for (unsigned k = 0; k < places.n * 32; k++)
		for (unsigned bits = places.sets[k / 32][k % 32]; bits;
		     bits &= bits - 1) {
			unsigned c = k % 32 * 8 + (unsigned)__builtin_ctz(bits);

			bytes[c * s->n + i] |= UINT64_C(1) << k / 32;
		}
	return 0;
}

/* Bytes that each pattern takes alike are one class. */
static int make_classes(struct smi_starts *s, const uint64_t *bytes,
			struct smi_arena *a)
{
	size_t size = s->n * sizeof(*bytes);
	unsigned char example[256];

	for (unsigned c = 0; c < 256; c++) {
		size_t k = 0;

		while (k < s->classes &&
		       memcmp(bytes + c * s->n, bytes + example[k] * s->n,
			      size) != 0)
			k++;
		if (k == s->classes)
			example[s->classes++] = (unsigned char)c;
		s->class[c] = (uint8_t)k;
	}
	s->takes = smi_arena_alloc(a, s->classes * size);
	if (!s->takes)
		return -ENOMEM;
	for (size_t k = 0; k < s->classes; k++)
		memcpy(s->takes + k * s->n, bytes + example[k] * s->n, size);
	return 0;
}

int smi_starts_build(const struct smi_candidate *c, size_t n,
		     struct smi_arena *a, struct smi_starts **out)
{
	SMI_AUTOFREE uint64_t *bytes = NULL;
	struct smi_starts *s;
	int r = 0;

	*out = NULL;
	if (n < FEWEST || n > MOST)
		return 0;
	s = smi_arena_zalloc(a, sizeof(*s));
	bytes = smi_alloc(256 * n * sizeof(*bytes));
	if (!s || !bytes)
		return -ENOMEM;
	s->n = n;
	s->words = (n + 63) / 64;
	s->follow = smi_arena_alloc(a, (OPEN + 1) * n * sizeof(*s->follow));
	s->first = smi_arena_alloc(a, n * sizeof(*s->first));
	if (!s->follow || !s->first)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_pattern(s, i, c[i].pattern, bytes);
	if (r == 0)
		r = make_classes(s, bytes, a);
	if (r == 0)
		*out = s;
	return r;
}

/*
 * What a thread knows of the states: each is made when a message comes to it first. An
 * entry of the table is a state + 1, 0 where it is not made yet, LAST where nothing
 * more can fall out of the next.
 */
#define STATES 128
#define SLOTS  (STATES * 4)
#define LAST   0x8000
#define MISSES 4096 /* where there is no room, before all begins anew */

struct memory {
	const struct smi_starts *of;
	size_t n, misses;
	uint64_t *states; /* for each pattern: the places */
	uint64_t *alive;  /* the patterns */
	uint16_t *next;
	uint16_t slots[SLOTS];
};

static size_t memory_size(const struct smi_starts *s)
{
	return sizeof(struct memory) +
	       STATES * ((s->n + s->words) * sizeof(uint64_t) +
			 s->classes * sizeof(uint16_t));
}

static void forget(struct memory *m, const struct smi_starts *s)
{
	*m = (struct memory){ .of = s };
	m->states = (uint64_t *)(m + 1);
	m->alive = m->states + STATES * s->n;
	m->next = (uint16_t *)(m->alive + STATES * s->words);
	memset(m->next, 0, STATES * s->classes * sizeof(*m->next));
}

static struct memory *memory_of(const struct smi_starts *s,
				struct smi_matcher *matcher)
{
	struct smi_buf *b = smi_matcher_memory(matcher, SMI_MEMORY_STARTS);
	struct memory *m = (struct memory *)(void *)b->p;

	if (b->len && m->of == s)
		return m;
	smi_buf_clear(b);
	if (!smi_buf_reserve(b, memory_size(s)))
		return NULL;
	b->len = memory_size(s);
	m = (struct memory *)(void *)b->p;
	forget(m, s);
	return m;
}

static size_t slot_of(const struct smi_starts *s, const uint64_t *state)
{
	uint64_t h = 0;

	for (size_t i = 0; i < s->n; i++) {
		h = (h ^ state[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h % SLOTS;
}

/* Nothing is left that can fall out, or a single one, of which its gate tells more. */
static bool is_last(const struct smi_starts *s, const uint64_t *state)
{
	size_t open = 0, all = 0;

	for (size_t i = 0; i < s->n; i++) {
		all += state[i] != 0;
		open += state[i] >> OPEN & 1;
	}
	return open == all || all == 1;
}

static void add_state(struct memory *m, const uint64_t *state)
{
	const struct smi_starts *s = m->of;
	uint64_t *alive = m->alive + m->n * s->words;

	memcpy(m->states + m->n * s->n, state, s->n * sizeof(*state));
	memset(alive, 0, s->words * sizeof(*alive));
	for (size_t i = 0; i < s->n; i++)
		alive[i / 64] |= (uint64_t)(state[i] != 0) << (i % 64);
	m->n++;
}

/* The entry of a state, 0 where there is no room for it. */
static unsigned find_state(struct memory *m, const uint64_t *state)
{
	const struct smi_starts *s = m->of;
	size_t i = slot_of(s, state);

	for (; m->slots[i]; i = (i + 1) % SLOTS) {
		size_t known = (m->slots[i] & ~(unsigned)LAST) - 1;

		if (memcmp(m->states + known * s->n, state,
			   s->n * sizeof(*state)) == 0)
			return m->slots[i];
	}
	if (m->n == STATES) {
		m->misses++;
		return 0;
	}
	add_state(m, state);
	m->slots[i] = (uint16_t)(m->n | (is_last(s, state) ? LAST : 0));
	return m->slots[i];
}

static unsigned make_entry(struct memory *m, size_t from, size_t class)
{
	const struct smi_starts *s = m->of;
	const uint64_t *state = m->states + from * s->n;
	uint64_t to[MOST];
	unsigned entry;

	for (size_t i = 0; i < s->n; i++) {
		uint64_t bits = state[i] & s->takes[class * s->n + i];
		const uint64_t *follow = s->follow + i * (OPEN + 1);

		for (to[i] = 0; bits; bits &= bits - 1)
			to[i] |= follow[__builtin_ctzll(bits)];
	}
	entry = find_state(m, to);
	m->next[from * s->classes + class] = (uint16_t)entry;
	return entry;
}

const uint64_t *smi_starts_read(const struct smi_starts *s,
				struct smi_matcher *matcher,
				struct smi_span message)
{
	const unsigned char *p = (const unsigned char *)message.p;
	const unsigned char *end = p + SMI_MIN(message.len, (size_t)BYTES);
	struct memory *m = memory_of(s, matcher);
	size_t state = 0;

	if (!m)
		return NULL;
	if (m->misses == MISSES)
		forget(m, s);
	if (!m->n)
		find_state(m, s->first);
	while (p < end) {
		size_t class = s->class[*p++];
		unsigned to = m->next[state * s->classes + class];

		if (!to)
			to = make_entry(m, state, class);
		if (!to)
			break;
		state = (to & ~(unsigned)LAST) - 1;
		if (to & LAST)
			break;
	}
	return m->alive + state * s->words;
}
