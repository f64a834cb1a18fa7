/* SPDX-License-Identifier: MIT */
#include "detect/f2b-words.h"

#include <stdlib.h>

#include "detect/f2b-cover.h"
#include "detect/ruleset.h"

#define HALF_MAX 6
#define BUCKETS	 4096
#define NONE	 UINT16_MAX

/* Found by two of its bytes, the rarest that are side by side. */
struct word {
	uint8_t len, pair;
	bool half;
	char rare; /* of the whole word, when this is a half of it */
	uint16_t filter, next;
	char text[SMI_F2B_WORD_MAX];
};

struct smi_f2b_words {
	size_t words; /* of 64 bits, for all filters */
	SMI_VEC(struct word) all;
	uint8_t pairs[65536 / 8];
	uint16_t bucket[BUCKETS];
	uint64_t *always, *found;
};

void smi_f2b_words_free(struct smi_f2b_words *w)
{
	if (!w)
		return;
	smi_vec_free(&w->all);
	free(w->always);
	free(w->found);
	free(w);
}

static void words_freep(struct smi_f2b_words **w)
{
	smi_f2b_words_free(*w);
}

static void set_bit(uint64_t *bits, size_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static bool has_bit(const uint64_t *bits, size_t i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

/* Letters of both cases are one, as are some other bytes. */
static unsigned pair_at(const char *p)
{
	return ((unsigned char)p[0] | (unsigned)(unsigned char)p[1] << 8) |
	       0x2020;
}

static size_t bucket_of(unsigned pair)
{
	return (pair * 40503u >> 4) % BUCKETS;
}

/* How common bytes are in logs, roughly: the first are the most common. */
static size_t rarity(char c)
{
	static const char common[] = " e0123tionsar4567l89d[]:.cupm-hfv=/";
	const char *at = c ? strchr(common, c) : NULL;

	return at ? (size_t)(at - common) : SMI_COUNT(common);
}

static size_t rarest_pair(struct smi_span word)
{
	size_t best = 0, most = 0;

	for (size_t i = 0; i + 1 < word.len; i++) {
		size_t r =
			(rarity(word.p[i]) + 1) * (rarity(word.p[i + 1]) + 1);

		if (r > most) {
			most = r;
			best = i;
		}
	}
	return best;
}

static char rarest(struct smi_span word)
{
	char best = word.p[0];

	for (size_t i = 1; i < word.len; i++)
		if (rarity(word.p[i]) > rarity(best))
			best = word.p[i];
	return best;
}

static int add_word(struct smi_f2b_words *w, struct smi_span text,
		    size_t filter, char rare)
{
	struct word word = { .len = (uint8_t)text.len,
			     .pair = (uint8_t)rarest_pair(text),
			     .half = rare != 0,
			     .rare = rare,
			     .filter = (uint16_t)filter };
	unsigned pair = pair_at(text.p + word.pair);
	uint16_t *head = &w->bucket[bucket_of(pair)];

	memcpy(word.text, text.p, text.len);
	word.next = *head;
	if (!smi_vec_push(&w->all, word))
		return -ENOMEM;
	*head = (uint16_t)(w->all.n - 1);
	w->pairs[pair >> 3] |= (uint8_t)(1u << (pair & 7));
	return 0;
}

/* And both halves, shortened: the one that is not cut is there. */
static int add_with_halves(struct smi_f2b_words *w, struct smi_span word,
			   size_t filter)
{
	size_t half = word.len / 2;
	char rare = rarest(word);
	int r = add_word(w, word, filter, 0);

	if (r == 0)
		r = add_word(w, smi_span_head(word, SMI_MIN(half, HALF_MAX)),
			     filter, rare);
	word = smi_span_skip(word, half);
	return r ? r : add_word(w, smi_span_head(word, HALF_MAX), filter, rare);
}

static int add_cover(struct smi_f2b_words *w, const struct smi_f2b_cover *c,
		     size_t filter)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n; i++)
		r = add_with_halves(w, c->v[i], filter);
	return r;
}

/* 1: each failregex has a word. */
static int cover_fails(const struct smi_f2b_filter *f, struct smi_arena *a,
		       struct smi_f2b_cover *v)
{
	for (size_t i = 0; i < f->nfail; i++) {
		int r = smi_f2b_cover_find(f->fail[i].pattern, a, &v[i]);

		if (r < 0 || !v[i].n)
			return r;
	}
	return 1;
}

static int add_filter(struct smi_f2b_words *w, const struct smi_f2b_filter *f)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	SMI_AUTOFREE struct smi_f2b_cover *v =
		smi_alloc((f->nfail + 1) * sizeof(*v));
	size_t n = f->nfail;
	int r = v ? cover_fails(f, &a, v) : -ENOMEM;

	if (r == 0 && f->pref) {
		n = 1;
		r = smi_f2b_cover_find(f->pref->pattern, &a, v);
		r = r < 0 ? r : v->n > 0;
	}
	if (r < 0)
		return r;
	if (r == 0 || w->all.n + n * 3 * SMI_F2B_COVER_MAX > NONE) {
		set_bit(w->always, f->number);
		return 0;
	}
	r = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_cover(w, &v[i], f->number);
	return r;
}

int smi_f2b_words_new(const sm_ruleset *rs, struct smi_f2b_words **out)
{
	SMI_CLEANUP(words_freep)
	struct smi_f2b_words *w = smi_zalloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->words = (rs->filters.n + 63) / 64;
	memset(w->bucket, 0xff, sizeof(w->bucket));
	w->always = smi_zalloc((w->words + 1) * sizeof(*w->always));
	w->found = smi_zalloc((w->words + 1) * sizeof(*w->found));
	if (!w->always || !w->found)
		return -ENOMEM;
	for (size_t i = 0; i < rs->filters.n; i++)
		if (add_filter(w, rs->filters.v[i]) < 0)
			return -ENOMEM;
	*out = smi_take(&w);
	return 0;
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

static bool has_byte(struct smi_span line, char c)
{
	return memchr(line.p, c, line.len) ||
	       (c >= 'a' && c <= 'z' && memchr(line.p, c ^ 32, line.len));
}

static bool stands_at(const struct word *w, struct smi_span line, size_t at)
{
	if (at < w->pair || line.len - (at - w->pair) < w->len)
		return false;
	at -= w->pair;
	for (size_t i = 0; i < w->len; i++)
		if (fold(line.p[at + i]) != w->text[i])
			return false;
	return !w->half || has_byte(line, w->rare);
}

static void try_bucket(struct smi_f2b_words *w, struct smi_span line, size_t at,
		       const uint64_t *open, const uint64_t *whole)
{
	uint16_t i = w->bucket[bucket_of(pair_at(line.p + at))];

	for (; i != NONE; i = w->all.v[i].next) {
		const struct word *word = &w->all.v[i];

		if (has_bit(open, word->filter) &&
		    !has_bit(w->found, word->filter) &&
		    !(word->half && has_bit(whole, word->filter)) &&
		    stands_at(word, line, at))
			set_bit(w->found, word->filter);
	}
}

const uint64_t *smi_f2b_words_find(struct smi_f2b_words *w,
				   struct smi_span line, const uint64_t *open,
				   const uint64_t *whole)
{
	uint64_t wanted = 0;

	for (size_t k = 0; k < w->words; k++) {
		w->found[k] = w->always[k] & open[k];
		wanted |= open[k] & ~w->always[k];
	}
	for (size_t i = 0; wanted && i + 1 < line.len; i++) {
		unsigned pair = pair_at(line.p + i);

		if (w->pairs[pair >> 3] >> (pair & 7) & 1)
			try_bucket(w, line, i, open, whole);
	}
	return w->found;
}
