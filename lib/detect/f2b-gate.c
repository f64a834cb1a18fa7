/* SPDX-License-Identifier: MIT */
#include "detect/f2b-gate.h"

#include <stdlib.h>

#include "detect/f2b-prefix.h"
#include "detect/ruleset.h"

#define ENTRIES 512
#define KEY_MAX 96
/* Lines that are new each time must not cost more than asking the filters. */
#define FREE_MISSES  128
#define LINES_A_MISS 64

struct entry {
	char key[KEY_MAX];
	size_t len; /* 0: free */
};

/* What stands before the F-CONTENT of a prefregex, to find where that can begin. */
struct head {
	struct smi_regex ends; /* all of a text is such a head */
	struct smi_regex more; /* a head can go on behind a text */
	bool known;
};

/* What datepatterns cut out of a line with the stamp it has. */
enum cut {
	CUT_UNKNOWN,
	CUT_STAMP,
	CUT_NOTHING
};

struct smi_f2b_gate {
	const sm_ruleset *rs;
	struct entry *entries;
	uint64_t *bits; /* of each entry: open, then whole */
	size_t words;
	struct head *heads; /* one a filter */
	bool *gated;	    /* this filter can be judged so */
	bool *blind;	    /* to all digits alike */
	enum cut *cuts;	    /* of each list of datepatterns */
	uint64_t lines, misses;
};

void smi_f2b_gate_free(struct smi_f2b_gate *g)
{
	if (!g)
		return;
	for (size_t i = 0; g->heads && i < g->rs->filters.n; i++)
		if (g->heads[i].known) {
			smi_regex_release(&g->heads[i].ends);
			smi_regex_release(&g->heads[i].more);
		}
	free(g->entries);
	free(g->bits);
	free(g->heads);
	free(g->gated);
	free(g->blind);
	free(g->cuts);
	free(g);
}

static void gate_freep(struct smi_f2b_gate **g)
{
	smi_f2b_gate_free(*g);
}

static int compile(struct smi_span head, const char *end, struct smi_regex *out)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_regex_error err;

	smi_buf_span_add(&b, head);
	smi_buf_str(&b, end);
	if (smi_buf_error(&b))
		return -ENOMEM;
	return smi_regex_compile_as(smi_buf_span(&b),
				    SMI_REGEX_PYTHON | SMI_REGEX_NO_JIT, out,
				    &err);
}

/* -ENOMEM, or whether the prefregex can be cut before its content. */
static int make_head(struct head *h, const struct smi_f2b_regex *pref)
{
	static const struct smi_span content = { "(?P<content>", 12 };
	size_t at = 0;
	int r;

	while (at < pref->pattern.len &&
	       !smi_span_starts(smi_span_skip(pref->pattern, at), content))
		at++;
	if (at == pref->pattern.len)
		return 0;
	r = compile(smi_span_head(pref->pattern, at), "\\z", &h->ends);
	if (r == -EBADMSG)
		return 0;
	if (r < 0)
		return r;
	r = compile(smi_span_head(pref->pattern, at), "\\x01", &h->more);
	if (r < 0) {
		smi_regex_release(&h->ends);
		return r == -EBADMSG ? 0 : r;
	}
	h->known = true;
	return 1;
}

static bool all_anchored(const struct smi_f2b_filter *f)
{
	for (size_t i = 0; i < f->nfail; i++)
		if (!smi_regex_is_anchored(&f->fail[i].re))
			return false;
	return !f->pref || smi_regex_is_anchored(&f->pref->re);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool all_blind(const struct smi_f2b_filter *f)
{
	for (size_t i = 0; i < f->nfail; i++)
		if (!smi_f2b_is_blind(f->fail[i].pattern))
			return false;
	return !f->pref || smi_f2b_is_blind(f->pref->pattern);
}

static int set_up(struct smi_f2b_gate *g)
{
	for (size_t i = 0; i < g->rs->filters.n; i++) {
		const struct smi_f2b_filter *f = g->rs->filters.v[i];
		int r = 1;

		if (f->max_lines > 1 || f->journal || !all_anchored(f))
			continue;
		if (f->pref)
			r = make_head(&g->heads[i], f->pref);
		if (r < 0)
			return r;
		g->gated[i] = r == 1;
		g->blind[i] = all_blind(f);
	}
	return 0;
}

int smi_f2b_gate_new(const sm_ruleset *rs, struct smi_f2b_gate **out)
{
	SMI_CLEANUP(gate_freep) struct smi_f2b_gate *g = smi_zalloc(sizeof(*g));

	if (!g)
		return -ENOMEM;
	g->rs = rs;
	g->words = (rs->filters.n + 63) / 64;
	g->entries = smi_zalloc(ENTRIES * sizeof(*g->entries));
	g->bits = smi_zalloc(ENTRIES * 2 * g->words * sizeof(*g->bits));
	g->heads = smi_zalloc((rs->filters.n + 1) * sizeof(*g->heads));
	g->gated = smi_zalloc((rs->filters.n + 1) * sizeof(*g->gated));
	g->blind = smi_zalloc((rs->filters.n + 1) * sizeof(*g->blind));
	g->cuts = smi_zalloc((rs->dates.n + 1) * sizeof(*g->cuts));
	if (!g->entries || !g->bits || !g->heads || !g->gated || !g->blind ||
	    !g->cuts || set_up(g) < 0)
		return -ENOMEM;
	*out = smi_take(&g);
	return 0;
}

static bool any_may_begin(const struct smi_f2b_filter *f, struct smi_matcher *m,
			  struct smi_span start)
{
	for (size_t i = 0; i < f->nfail; i++)
		if (smi_regex_may_go_on(&f->fail[i].re, m, start))
			return true;
	return false;
}

/* The content may begin wherever a head of the prefregex can end. */
static bool may_take(const struct smi_f2b_gate *g, size_t i,
		     struct smi_matcher *m, const struct smi_line *line,
		     struct smi_span start)
{
	const struct smi_f2b_filter *f = g->rs->filters.v[i];
	const struct head *h = &g->heads[i];
	enum cut cut = g->cuts[f->dates->number];

	if (!g->gated[i] || cut == CUT_UNKNOWN ||
	    (cut == CUT_NOTHING && !g->blind[i]))
		return true;
	if (cut == CUT_NOTHING)
		start = smi_span_of(line->raw.p, (size_t)(start.p + start.len -
							  line->raw.p));
	if (!f->pref)
		return any_may_begin(f, m, start);
	if (!smi_regex_may_go_on(&f->pref->re, m, start))
		return false;
	if (smi_regex_may_go_on(&h->more, m, start))
		return true;
	for (size_t at = 0; at <= start.len; at++)
		if (smi_regex_match(&h->ends, m, smi_span_head(start, at)) &&
		    any_may_begin(f, m, smi_span_skip(start, at)))
			return true;
	return false;
}

/* Whichever of the patterns fits at the begin, it is the stamp that is cut out: they
 * come before the others, until one of those has hit. */
static bool cuts_stamp(const struct smi_f2b_dates *d, struct smi_matcher *m,
		       struct smi_span line, size_t stamp)
{
	bool any = false;

	for (size_t i = 0; i < d->n; i++) {
		struct smi_span cut;

		if (!d->v[i].anchored ||
		    smi_regex_match(&d->v[i].re, m, line) != 1)
			continue;
		if (!smi_matcher_group(m, line, 1, &cut) || cut.p != line.p ||
		    cut.len != stamp)
			return false;
		any = true;
	}
	return any;
}

/* All are tied to the begin of a line, and none can begin as this one does, up to
 * its first digit. */
static bool cuts_nothing(const struct smi_f2b_dates *d, struct smi_matcher *m,
			 struct smi_span line)
{
	size_t n = 0;

	while (n < line.len && !is_digit(line.p[n]))
		n++;
	for (size_t i = 0; i < d->n; i++)
		if (!smi_regex_is_anchored(&d->v[i].re) ||
		    smi_regex_may_go_on(&d->v[i].re, m, smi_span_head(line, n)))
			return false;
	return true;
}

/* The time of a line from a journal stands beside it, and what its reader put before
 * the line is cut out for all. */
static enum cut cut_of(const struct smi_f2b_dates *d, struct smi_matcher *m,
		       const struct smi_line *line, size_t stamp)
{
	if (strcmp(line->header, "journal") == 0)
		return smi_span_find(line->raw, ' ') == stamp ? CUT_STAMP
							      : CUT_UNKNOWN;
	if (cuts_stamp(d, m, line->raw, stamp))
		return CUT_STAMP;
	return cuts_nothing(d, m, line->raw) ? CUT_NOTHING : CUT_UNKNOWN;
}

/* The stamp's length and form decide what is cut out of the line. */
static struct smi_span key_of(const struct smi_line *line, size_t *stamp)
{
	const char *raw = line->raw.p, *end = raw + line->raw.len;
	const char *host = line->host.p, *program = line->program.p;

	if (!line->header || !line->host.len || !line->program.len ||
	    host <= raw + 1 || host >= end || program <= host ||
	    program + line->program.len >= end)
		return smi_span_head(line->raw, 0);
	*stamp = (size_t)(host - raw) - 1;
	return smi_span_of(host - 1,
			   (size_t)(program - host) + line->program.len + 2);
}

static size_t hash(struct smi_span key, size_t stamp)
{
	uint64_t h = stamp, w;
	size_t i = 0;

	for (; i + 8 <= key.len; i += 8) {
		memcpy(&w, key.p + i, 8);
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	for (w = 0; i < key.len; i++)
		w = w << 8 | (unsigned char)key.p[i];
	h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
	return (h >> 32) % ENTRIES;
}

static bool is_ascii(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* The stamp is a part of the key as its form: digits are alike. */
static size_t put_key(char out[KEY_MAX], const struct smi_line *line,
		      struct smi_span key, size_t stamp)
{
	if (stamp + key.len + 1 > KEY_MAX)
		return 0;
	*out++ = strcmp(line->header, "journal") == 0;
	for (size_t i = 0; i < stamp; i++) {
		char c = line->raw.p[i];

		out[i] = is_digit(c) ? '0' : c;
	}
	memcpy(out + stamp, key.p, key.len);
	return stamp + key.len + 1;
}

static struct smi_f2b_answer answer(const struct smi_f2b_gate *g, size_t slot)
{
	const uint64_t *bits = g->bits + slot * 2 * g->words;

	return (struct smi_f2b_answer){ bits, bits + g->words };
}

static void judge(struct smi_f2b_gate *g, struct smi_matcher *m,
		  const struct smi_line *line, struct smi_span start,
		  size_t stamp, size_t slot)
{
	uint64_t *open = g->bits + slot * 2 * g->words;
	uint64_t *whole = open + g->words;

	memset(open, 0, 2 * g->words * sizeof(*open));
	for (size_t i = 0; i < g->rs->dates.n; i++)
		g->cuts[i] = cut_of(g->rs->dates.v[i], m, line, stamp);
	for (size_t i = 0; i < g->rs->filters.n; i++) {
		uint64_t bit = UINT64_C(1) << (i % 64);

		if (may_take(g, i, m, line, start))
			open[i / 64] |= bit;
		if (g->cuts[g->rs->filters.v[i]->dates->number] != CUT_UNKNOWN)
			whole[i / 64] |= bit;
	}
}

struct smi_f2b_answer smi_f2b_gate_ask(struct smi_f2b_gate *g,
				       struct smi_matcher *m,
				       const struct smi_line *line)
{
	static const struct smi_f2b_answer unknown;
	size_t stamp = 0, len, slot;
	struct smi_span key = key_of(line, &stamp);
	char text[KEY_MAX];
	struct entry *e;

	g->lines++;
	if (!key.len)
		return unknown;
	len = put_key(text, line, key, stamp);
	if (!len)
		return unknown;
	slot = hash(smi_span_of(text, len), stamp);
	e = &g->entries[slot];
	if (e->len == len && memcmp(e->key, text, len) == 0)
		return answer(g, slot);
	if (g->misses++ > FREE_MISSES + g->lines / LINES_A_MISS ||
	    !is_ascii(key))
		return unknown;
	memcpy(e->key, text, len);
	e->len = len;
	judge(g, m, line, key, stamp, slot);
	return answer(g, slot);
}
