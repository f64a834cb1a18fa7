/* SPDX-License-Identifier: MIT */
#include "detect/f2b-prefix.h"

#include <stdlib.h>

#define ENTRIES 256
#define KEY_MAX 88
#define WORDS	(KEY_MAX / 8)
/* Lines that begin anew each time must not cost more than the prefregex. */
#define FREE_MISSES  128
#define LINES_A_MISS 64

struct key {
	uint64_t v[WORDS];
	size_t len; /* 0: none */
};

/* Where the values stand in the line. */
struct entry {
	struct key key;
	uint32_t set, defined;
	uint8_t at[SMI_F2B_NKEYS], len[SMI_F2B_NKEYS];
};

struct smi_f2b_prefix {
	struct smi_regex probe; /* up to one byte of the content */
	struct entry *entries;	/* made for the first line */
	uint64_t lines, misses;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool smi_f2b_is_blind(struct smi_span p)
{
	for (size_t i = 0; i < p.len; i++) {
		if (p.p[i] == '{')
			i += smi_span_find(smi_span_skip(p, i), '}');
		else if (smi_span_starts(smi_span_skip(p, i), SMI_SPAN("0-9")))
			i += 2;
		else if (is_digit(p.p[i]) || (p.p[i] == '\\' && i + 1 < p.len &&
					      (p.p[i + 1] | 32) == 'x'))
			return false;
	}
	return true;
}

/* (?s), (?m-x: and such change what the last part of the pattern means. */
static bool has_options(struct smi_span p)
{
	for (size_t i = 0; i + 2 < p.len; i++)
		if (p.p[i] == '(' && p.p[i + 1] == '?' &&
		    (p.p[i + 2] == '-' || p.p[i + 2] == '^' ||
		     (p.p[i + 2] >= 'a' && p.p[i + 2] <= 'z')))
			return true;
	return false;
}

/* "HEAD(?P<content>.+)$": 0 when the pattern is not of this form. */
static size_t head_of(struct smi_span p)
{
	static const struct smi_span tail = { "(?P<content>.+)$", 16 };

	return smi_span_ends(p, tail) ? p.len - tail.len : 0;
}

static int make_probe(const struct smi_f2b_regex *pref, size_t head,
		      struct smi_regex *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_regex_error err;

	smi_buf_span_add(&b, smi_span_head(pref->pattern, head));
	smi_buf_str(&b, "(?P<content>.)");
	if (smi_buf_error(&b))
		return -ENOMEM;
	return smi_regex_compile_as(smi_buf_span(&b),
				    pref->flags | SMI_REGEX_NO_JIT, out, &err);
}

int smi_f2b_prefix_new(const struct smi_f2b_regex *pref,
		       struct smi_f2b_prefix **out)
{
	size_t head = head_of(pref->pattern);
	struct smi_f2b_prefix *p;
	int r;

	*out = NULL;
	if (!head || has_options(pref->pattern) ||
	    !smi_f2b_is_blind(pref->pattern) ||
	    !smi_regex_is_anchored(&pref->re))
		return 0;
	p = smi_zalloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	r = make_probe(pref, head, &p->probe);
	if (r < 0)
		free(p);
	else
		*out = p;
	return r == -EBADMSG ? 0 : r;
}

void smi_f2b_prefix_free(struct smi_f2b_prefix *p)
{
	if (!p)
		return;
	smi_regex_release(&p->probe);
	free(p->entries);
	free(p);
}

/* Each digit becomes '0': the bytes are ASCII. */
static uint64_t fold_digits(uint64_t w)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t t = w ^ UINT64_C(0x3030303030303030);
	uint64_t digits = ~((t + UINT64_C(0x7676767676767676)) | t) & high;

	/* 0x0f for each of them. */
	digits = (digits >> 3) - (digits >> 7);
	return w & ~digits;
}

/* Up to the byte behind the first ": "; 0: it has none soon. */
static size_t key_len(struct smi_span line)
{
	size_t max = SMI_MIN(line.len, (size_t)KEY_MAX);
	const char *p = line.p, *end = line.p + max;

	for (;;) {
		p = memchr(p, ':', (size_t)(end - p));
		if (!p || end - p < 3)
			return 0;
		if (p[1] == ' ')
			return (size_t)(p - line.p) + 3;
		p++;
	}
}

static void make_key(struct smi_span line, struct key *out)
{
	size_t i = 0;

	out->len = key_len(line);
	for (; i * 8 + 8 <= out->len; i++) {
		memcpy(&out->v[i], line.p + i * 8, 8);
		out->v[i] = fold_digits(out->v[i]);
	}
	if (i * 8 < out->len) {
		out->v[i] = 0;
		memcpy(&out->v[i], line.p + i * 8, out->len - i * 8);
		out->v[i] = fold_digits(out->v[i]);
	}
}

static struct entry *slot_of(const struct smi_f2b_prefix *p,
			     const struct key *key)
{
	uint64_t h = key->len;

	for (size_t i = 0; i * 8 < key->len; i++) {
		h = (h ^ key->v[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return &p->entries[(h >> 32) % ENTRIES];
}

static bool same(const struct key *a, const struct key *b)
{
	return a->len == b->len &&
	       memcmp(a->v, b->v, (a->len + 7) / 8 * 8) == 0;
}

/* The content goes up to the LF, and no other one may be in it. */
static bool is_one_line(struct smi_span line)
{
	const char *lf = memchr(line.p, '\n', line.len);

	return lf && lf + 1 == line.p + line.len;
}

bool smi_f2b_prefix_recall(struct smi_f2b_prefix *p, struct smi_span line,
			   struct smi_f2b_caught *out)
{
	const struct entry *e;
	struct key key;

	p->lines++;
	if (!p->entries)
		return false;
	make_key(line, &key);
	if (!key.len)
		return false;
	e = slot_of(p, &key);
	if (!same(&e->key, &key) || !is_one_line(line))
		return false;
	out->set = e->set;
	out->defined = e->defined;
	for (uint32_t left = e->set; left; left &= left - 1) {
		size_t k = (size_t)__builtin_ctz(left);

		out->v[k] = smi_span_of(line.p + e->at[k], e->len[k]);
	}
	out->v[SMI_F2B_CONTENT].len = line.len - 1 - e->at[SMI_F2B_CONTENT];
	return true;
}

/* The values lie in what decides on them; the content begins with its last byte. */
static bool describe(struct entry *e, struct smi_span line, size_t decided,
		     const struct smi_f2b_caught *c)
{
	e->set = c->set;
	e->defined = c->defined;
	if (!smi_f2b_has(c, SMI_F2B_CONTENT))
		return false;
	for (size_t k = 0; k < SMI_F2B_NKEYS; k++) {
		struct smi_span s = c->v[k];
		size_t at;

		if (!(c->set >> k & 1))
			continue;
		at = s.p ? (size_t)(s.p - line.p) : 0;
		if (at > decided)
			return false;
		s.len = k == SMI_F2B_CONTENT ? 0 : s.len;
		if (at + s.len > decided)
			return false;
		e->at[k] = (uint8_t)at;
		e->len[k] = (uint8_t)s.len;
	}
	return true;
}

int smi_f2b_prefix_learn(struct smi_f2b_prefix *p, struct smi_matcher *m,
			 struct smi_span line, const struct smi_f2b_caught *c)
{
	struct entry e = { .set = 0 };

	if (p->misses > FREE_MISSES + p->lines / LINES_A_MISS)
		return 0;
	p->misses++;
	make_key(line, &e.key);
	if (!e.key.len || !is_one_line(line) ||
	    !smi_regex_is_decided(&p->probe, m,
				  smi_span_head(line, e.key.len)) ||
	    !describe(&e, line, e.key.len, c))
		return 0;
	if (!p->entries)
		p->entries = smi_zalloc(ENTRIES * sizeof(*p->entries));
	if (!p->entries)
		return -ENOMEM;
	*slot_of(p, &e.key) = e;
	return 0;
}
