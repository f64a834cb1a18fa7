/* SPDX-License-Identifier: MIT */
#include "detect/f2b-words.h"

#include <stdlib.h>

#include "detect/f2b-cover.h"
#include "detect/ruleset.h"

#define HALF_MAX 6
#define GRAM	 3 /* no half is shorter */
#define BUCKETS	 32768
#define NONE	 UINT16_MAX

/* Found by GRAM of its bytes, the rarest that are side by side. */
struct word {
	uint8_t len, gram; /* where they are */
	char rare;	   /* of the whole word, when this is a half of it */
	uint16_t filter, next;
	char text[SMI_F2B_WORD_MAX];
};

struct table {
	SMI_VEC(struct word) all;
	uint8_t used[BUCKETS / 8]; /* a bit each */
	uint16_t bucket[BUCKETS];
};

struct smi_f2b_words {
	size_t words; /* of 64 bits, for all filters */
	struct table whole, halves;
	size_t *first; /* the halves of each filter, and their end */
	uint64_t *always, *found, *left;
};

void smi_f2b_words_free(struct smi_f2b_words *w)
{
	if (!w)
		return;
	smi_vec_free(&w->whole.all);
	smi_vec_free(&w->halves.all);
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

/* Of four bytes, the last of which does not count. Letters of both cases are one, as
 * are some other bytes. */
static inline uint32_t bucket_of(uint32_t w)
{
	return ((w | UINT32_C(0x202020)) << 8) * UINT32_C(0x9e3779b1) >> 17;
}

static uint32_t bucket_at(const char *p)
{
	return bucket_of((uint32_t)(unsigned char)p[0] |
			 (uint32_t)(unsigned char)p[1] << 8 |
			 (uint32_t)(unsigned char)p[2] << 16);
}

/* How common bytes are in logs, roughly: the first are the most common. */
static size_t rarity(char c)
{
	static const char common[] = " e0123tionsar4567l89d[]:.cupm-hfv=/";
	const char *at = c ? strchr(common, c) : NULL;

	return at ? (size_t)(at - common) : SMI_COUNT(common);
}

/* It is a part of what most lines of a login say. */
static bool is_daily(const char *gram)
{
	static const char text[] =
		": failed password for invalid user from port connection "
		"accepted publickey disconnected session opened closed by "
		"received authentication failure error root (uid=0) [preauth] "
		"not in the sshd pam_unix command server client login";

	for (size_t i = 0; i + GRAM < sizeof(text); i++)
		if (memcmp(text + i, gram, GRAM) == 0)
			return true;
	return false;
}

static size_t rarest_gram(struct smi_span word)
{
	size_t best = 0, most = 0;

	for (size_t i = 0; i + GRAM <= word.len; i++) {
		size_t r = 1;

		for (size_t k = 0; k < GRAM; k++)
			r *= 8 * (rarity(word.p[i + k]) + 1);
		r = is_daily(word.p + i) ? r / 256 : r;
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

static int add_word(struct table *t, struct smi_span text, size_t filter,
		    char rare)
{
	uint32_t bucket;
	struct word word = { .len = (uint8_t)text.len,
			     .gram = (uint8_t)rarest_gram(text),
			     .rare = rare,
			     .filter = (uint16_t)filter };

	memcpy(word.text, text.p, text.len);
	bucket = bucket_at(text.p + word.gram);
	word.next = t->bucket[bucket];
	if (!smi_vec_push(&t->all, word))
		return -ENOMEM;
	t->bucket[bucket] = (uint16_t)(t->all.n - 1);
	t->used[bucket >> 3] |= (uint8_t)(1u << (bucket & 7));
	return 0;
}

/* And both halves, shortened: the one that is not cut is there. */
static int add_with_halves(struct smi_f2b_words *w, struct smi_span word,
			   size_t filter)
{
	size_t half = word.len / 2;
	char rare = rarest(word);
	int r = add_word(&w->whole, word, filter, 0);

	if (r == 0)
		r = add_word(&w->halves,
			     smi_span_head(word, SMI_MIN(half, HALF_MAX)),
			     filter, rare);
	word = smi_span_skip(word, half);
	return r ? r
		 : add_word(&w->halves, smi_span_head(word, HALF_MAX), filter,
			    rare);
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
	if (r == 0 || w->halves.all.n + n * 2 * SMI_F2B_COVER_MAX > NONE) {
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
	memset(w->whole.bucket, 0xff, sizeof(w->whole.bucket));
	memset(w->halves.bucket, 0xff, sizeof(w->halves.bucket));
	w->first = smi_zalloc((rs->filters.n + 1) * sizeof(*w->first));
	w->always = smi_zalloc((w->words + 1) * sizeof(*w->always));
	w->found = smi_zalloc((w->words + 1) * sizeof(*w->found));
	w->left = smi_zalloc((w->words + 1) * sizeof(*w->left));
	if (!w->first || !w->always || !w->found || !w->left)
		return -ENOMEM;
	for (size_t i = 0; i < rs->filters.n; i++) {
		if (add_filter(w, rs->filters.v[i]) < 0)
			return -ENOMEM;
		w->first[i + 1] = w->halves.all.n;
	}
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
	if (at < w->gram || line.len - (at - w->gram) < w->len)
		return false;
	at -= w->gram;
	for (size_t i = 0; i < w->len; i++)
		if (fold(line.p[at + i]) != w->text[i])
			return false;
	return !w->rare || has_byte(line, w->rare);
}

static void try_bucket(const struct table *t, uint32_t bucket,
		       struct smi_span line, size_t at, const uint64_t *open,
		       uint64_t *found)
{
	uint16_t i = t->bucket[bucket];

	for (; i != NONE; i = t->all.v[i].next) {
		const struct word *word = &t->all.v[i];

		if (has_bit(open, word->filter) &&
		    !has_bit(found, word->filter) && stands_at(word, line, at))
			set_bit(found, word->filter);
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

static void find_in(const struct table *t, struct smi_span line,
		    const uint64_t *open, uint64_t *found)
{
	for (size_t i = 0; i + GRAM <= line.len; i++) {
		uint32_t b = i + 4 <= line.len ? bucket_of(load(line.p + i))
					       : bucket_at(line.p + i);

		if (t->used[b >> 3] >> (b & 7) & 1)
			try_bucket(t, b, line, i, open, found);
	}
}

/* Each byte of the word is in the line, whatever stands between them. */
static bool may_have(const struct smi_f2b_words *w, size_t filter,
		     struct smi_span line)
{
	for (size_t i = w->first[filter]; i < w->first[filter + 1]; i++)
		if (has_byte(line, w->halves.all.v[i].rare))
			return true;
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
		find_in(&w->whole, line, open, w->found);
	for (size_t k = 0; k < w->words; k++) {
		w->left[k] = open[k] & ~whole[k] & ~w->found[k];
		left |= w->left[k];
	}
	if (left && keep_possible(w, line))
		find_in(&w->halves, line, w->left, w->found);
	return w->found;
}
