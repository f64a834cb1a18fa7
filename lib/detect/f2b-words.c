/* SPDX-License-Identifier: MIT */
#include "detect/f2b-words.h"

#include <stdlib.h>

#include "detect/f2b-cover.h"
#include "detect/ruleset.h"

#define HALF_MAX 6
#define BUCKETS	 32768
#define NONE	 UINT16_MAX
#define RARE	 4

/* Of a line every STEP-th text of GRAM bytes is looked up: one of those that begin
 * at STEP places in a row of a word is among them. */
#define GRAM	  4
#define STEP	  3
#define HALF_GRAM 3 /* no half is shorter: they are looked for at each place */

_Static_assert(GRAM + STEP - 1 <= SMI_F2B_WORD_MIN,
	       "a word has all STEP grams");
_Static_assert(HALF_GRAM * 2 <= SMI_F2B_WORD_MIN, "a half has a gram");

struct word {
	uint8_t len;
	char rare[RARE]; /* bytes of the whole word, NUL behind them */
	uint16_t filter;
	char text[SMI_F2B_WORD_MAX];
};

/* A gram of a word, and where in it. */
struct place {
	uint16_t word, next;
	uint8_t at;
};

struct table {
	SMI_VEC(struct word) all;
	SMI_VEC(struct place) places;
	size_t gram, step;
	uint8_t daily[BUCKETS / 8]; /* a bit each: in most lines */
	uint8_t used[BUCKETS / 8];
	uint16_t bucket[BUCKETS];
};

struct smi_f2b_words {
	size_t words; /* of 64 bits, for all filters */
	struct table whole, halves;
	size_t *first; /* the whole words of each filter, and their end */
	uint64_t *always, *found, *left;
};

static void free_table(struct table *t)
{
	smi_vec_free(&t->all);
	smi_vec_free(&t->places);
}

void smi_f2b_words_free(struct smi_f2b_words *w)
{
	if (!w)
		return;
	free_table(&w->whole);
	free_table(&w->halves);
	free(w->first);
	free(w->always);
	free(w->found);
	free(w->left);
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

/* Of the first bytes of w, as many as a gram has. Letters of both cases are one, as
 * are some other bytes. */
static inline uint32_t bucket_of(uint32_t w, size_t gram)
{
	return ((w | UINT32_C(0x20202020)) << (32 - 8 * gram)) *
		       UINT32_C(0x9e3779b1) >>
	       17;
}

static inline uint32_t bucket_at(const char *p, size_t gram)
{
	uint32_t w = 0;

	for (size_t i = 0; i < gram; i++)
		w |= (uint32_t)(unsigned char)p[i] << 8 * i;
	return bucket_of(w, gram);
}

/* How common bytes are in logs, roughly: the first are the most common. */
static const char common[] = " e0123tionsar4567l89d[]:.cupm-hfv=/";

static size_t rarity(char c)
{
	const char *at = c ? strchr(common, c) : NULL;

	return at ? (size_t)(at - common) : SMI_COUNT(common) - 1;
}

/* What most lines of a login say. */
static void add_daily(struct table *t)
{
	static const char daily[] =
		": failed password for invalid user from port connection "
		"accepted publickey disconnected session opened closed by "
		"received authentication failure error root (uid=0) [preauth] "
		"not in the sshd pam_unix command server client login";

	for (size_t i = 0; i + t->gram < sizeof(daily); i++) {
		uint32_t b = bucket_at(daily + i, t->gram);

		t->daily[b >> 3] |= (uint8_t)(1u << (b & 7));
	}
}

static void init_table(struct table *t, size_t gram, size_t step)
{
	t->gram = gram;
	t->step = step;
	memset(t->bucket, 0xff, sizeof(t->bucket));
	add_daily(t);
}

static size_t gram_rarity(const struct table *t, const char *text)
{
	uint32_t b = bucket_at(text, t->gram);
	size_t r = 1;

	for (size_t k = 0; k < t->gram; k++)
		r *= 8 * (rarity(text[k]) + 1);
	return t->daily[b >> 3] >> (b & 7) & 1 ? r / 256 : r;
}

/* Where the rarest grams are, step of them side by side. */
static size_t rarest_place(const struct table *t, struct smi_span word)
{
	size_t best = 0, most = 0;

	for (size_t i = 0; i + t->gram + t->step - 1 <= word.len; i++) {
		size_t least = SIZE_MAX;

		for (size_t k = 0; k < t->step; k++)
			least = SMI_MIN(least, gram_rarity(t, word.p + i + k));
		if (least > most) {
			most = least;
			best = i;
		}
	}
	return best;
}

/* The rarest bytes of it, each once. */
static void find_rare(struct smi_span word, char out[RARE])
{
	memset(out, 0, RARE);
	for (size_t n = 0; n < RARE; n++) {
		size_t most = 0;

		for (size_t i = 0; i < word.len; i++) {
			size_t r = rarity(word.p[i]);

			if (r > most && !memchr(out, word.p[i], n)) {
				most = r;
				out[n] = word.p[i];
			}
		}
	}
}

static int add_place(struct table *t, size_t word, size_t at)
{
	uint32_t bucket = bucket_at(t->all.v[word].text + at, t->gram);
	struct place place = { .word = (uint16_t)word,
			       .next = t->bucket[bucket],
			       .at = (uint8_t)at };

	if (!smi_vec_push(&t->places, place))
		return -ENOMEM;
	t->bucket[bucket] = (uint16_t)(t->places.n - 1);
	t->used[bucket >> 3] |= (uint8_t)(1u << (bucket & 7));
	return 0;
}

static int add_word(struct table *t, const struct word *word)
{
	size_t at = rarest_place(t, smi_span_of(word->text, word->len));
	int r = 0;

	if (!smi_vec_push(&t->all, *word))
		return -ENOMEM;
	for (size_t k = 0; r == 0 && k < t->step; k++)
		r = add_place(t, t->all.n - 1, at + k);
	return r;
}

static int add_half(struct smi_f2b_words *w, struct word word,
		    struct smi_span half)
{
	word.len = (uint8_t)SMI_MIN(half.len, (size_t)HALF_MAX);
	memcpy(word.text, half.p, word.len);
	return add_word(&w->halves, &word);
}

static int add_with_halves(struct smi_f2b_words *w, struct smi_span text,
			   size_t filter)
{
	struct word word = { .len = (uint8_t)text.len,
			     .filter = (uint16_t)filter };
	size_t half = text.len / 2;
	int r;

	memcpy(word.text, text.p, text.len);
	find_rare(text, word.rare);
	r = add_word(&w->whole, &word);
	if (r == 0)
		r = add_half(w, word, smi_span_head(text, half));
	return r ? r : add_half(w, word, smi_span_skip(text, half));
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
	if (r == 0 || w->whole.places.n + n * STEP * SMI_F2B_COVER_MAX > NONE) {
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
	init_table(&w->whole, GRAM, STEP);
	init_table(&w->halves, HALF_GRAM, 1);
	w->first = smi_zalloc((rs->filters.n + 1) * sizeof(*w->first));
	w->always = smi_zalloc((w->words + 1) * sizeof(*w->always));
	w->found = smi_zalloc((w->words + 1) * sizeof(*w->found));
	w->left = smi_zalloc((w->words + 1) * sizeof(*w->left));
	if (!w->first || !w->always || !w->found || !w->left)
		return -ENOMEM;
	for (size_t i = 0; i < rs->filters.n; i++) {
		if (add_filter(w, rs->filters.v[i]) < 0)
			return -ENOMEM;
		w->first[i + 1] = w->whole.all.n;
	}
	*out = smi_take(&w);
	return 0;
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

static bool stands_at(const struct word *w, struct smi_span line, size_t at)
{
	if (line.len - at < w->len)
		return false;
	for (size_t i = 0; i < w->len; i++)
		if (fold(line.p[at + i]) != w->text[i])
			return false;
	return true;
}

static void try_bucket(const struct table *t, uint32_t bucket,
		       struct smi_span line, size_t at, const uint64_t *open,
		       uint64_t *found)
{
	uint16_t i = t->bucket[bucket];

	for (; i != NONE; i = t->places.v[i].next) {
		const struct place *p = &t->places.v[i];
		const struct word *w = &t->all.v[p->word];

		if (at >= p->at && has_bit(open, w->filter) &&
		    !has_bit(found, w->filter) &&
		    stands_at(w, line, at - p->at))
			set_bit(found, w->filter);
	}
}

static inline uint32_t load(const char *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap32(w);
#endif
	return w;
}

static inline void find_in(const struct table *t, struct smi_span line,
			   const uint64_t *open, uint64_t *found, size_t gram,
			   size_t step)
{
	for (size_t i = 0; i + gram <= line.len; i += step) {
		uint32_t b = i + 4 <= line.len
				     ? bucket_of(load(line.p + i), gram)
				     : bucket_at(line.p + i, gram);

		if (t->used[b >> 3] >> (b & 7) & 1)
			try_bucket(t, b, line, i, open, found);
	}
}

static bool has_byte(struct smi_span line, char c)
{
	return memchr(line.p, c, line.len) ||
	       (c >= 'a' && c <= 'z' && memchr(line.p, c ^ 32, line.len));
}

/* The bytes of one of its words are in the line, whatever stands between them. */
static bool may_have(const struct smi_f2b_words *w, size_t filter,
		     struct smi_span line)
{
	for (size_t i = w->first[filter]; i < w->first[filter + 1]; i++) {
		const char *rare = w->whole.all.v[i].rare;
		size_t n = 0;

		while (n < RARE && rare[n] && has_byte(line, rare[n]))
			n++;
		if (n == RARE || !rare[n])
			return true;
	}
	return false;
}

/* Of left, what may have a word with a date in it. */
static bool keep_possible(struct smi_f2b_words *w, struct smi_span line)
{
	bool any = false;

	for (size_t k = 0; k < w->words; k++) {
		uint64_t bits = w->left[k];

		for (; bits; bits &= bits - 1) {
			size_t i = (size_t)__builtin_ctzll(bits);

			if (!may_have(w, k * 64 + i, line))
				w->left[k] &= ~(UINT64_C(1) << i);
		}
		any |= w->left[k] != 0;
	}
	return any;
}

const uint64_t *smi_f2b_words_find(struct smi_f2b_words *w,
				   struct smi_span line, const uint64_t *open,
				   const uint64_t *whole)
{
	uint64_t wanted = 0, left = 0;

	for (size_t k = 0; k < w->words; k++) {
		w->found[k] = w->always[k] & open[k];
		wanted |= open[k] & ~w->always[k];
	}
	if (wanted)
		find_in(&w->whole, line, open, w->found, GRAM, STEP);
	for (size_t k = 0; k < w->words; k++) {
		w->left[k] = open[k] & ~whole[k] & ~w->found[k];
		left |= w->left[k];
	}
	if (left && keep_possible(w, line))
		find_in(&w->halves, line, w->left, w->found, HALF_GRAM, 1);
	return w->found;
}
