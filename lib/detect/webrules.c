/* SPDX-License-Identifier: MIT */
#include "detect/webrules.h"

#define WORD_BITS 64

struct smi_webset {
	const struct smi_rule **rules;
	size_t n;
	size_t words;  /* of a set of rules */
	size_t lwords; /* of a set of literals */
	struct smi_literals *literals;
	uint64_t *askers; /* for each literal: the rules that ask for it */
	uint64_t *free;	  /* the rules that ask for none */
	uint64_t *sets;	  /* for each subject: the rules that look at it */
};

/* The texts that literals are looked for in; the others are parts of the first. */
static const enum smi_subject scanned[] = { SMI_SUBJECT_URL,
					    SMI_SUBJECT_REFERER,
					    SMI_SUBJECT_AGENT,
					    SMI_SUBJECT_USER };

static void set_bit(uint64_t *set, size_t i)
{
	set[i / WORD_BITS] |= UINT64_C(1) << (i % WORD_BITS);
}

/* Where a rule may look when its literal stands in this text. */
static unsigned looks_at(enum smi_subject text)
{
	return text == SMI_SUBJECT_URL
		       ? 1u << SMI_SUBJECT_URL | 1u << SMI_SUBJECT_PATH |
				 1u << SMI_SUBJECT_QUERY
		       : 1u << text;
}

static int fill_sets(struct smi_webset *w, struct smi_arena *a, size_t total)
{
	struct smi_span *v = smi_arena_alloc(a, (total + 1) * sizeof(*v));
	size_t at = 0;

	w->lwords = total / WORD_BITS + 1;
	w->askers = smi_arena_zalloc(a, (total + 1) * w->words *
						sizeof(*w->askers));
	w->free = smi_arena_zalloc(a, w->words * sizeof(*w->free));
	w->sets = smi_arena_zalloc(a, SMI_COUNT(scanned) * w->words *
					      sizeof(*w->sets));
	if (!v || !w->askers || !w->free || !w->sets)
		return -ENOMEM;
	for (size_t i = 0; i < w->n; i++) {
		const struct smi_web_rule *web = w->rules[i]->web;

		if (!web->nliterals)
			set_bit(w->free, i);
		for (size_t k = 0; k < web->nliterals; k++) {
			v[at] = smi_span_str(web->literals[k]);
			set_bit(w->askers + at++ * w->words, i);
		}
		for (size_t k = 0; k < SMI_COUNT(scanned); k++)
			if (web->subjects & looks_at(scanned[k]))
				set_bit(w->sets + k * w->words, i);
	}
	return smi_literals_build(v, at, a, &w->literals);
}

int smi_webset_build(struct smi_rule *const *rules, size_t n,
		     struct smi_arena *a, struct smi_webset **out)
{
	struct smi_webset *w = smi_arena_zalloc(a, sizeof(*w));
	size_t total = 0;
	int r;

	*out = NULL;
	if (!w)
		return -ENOMEM;
	w->rules = smi_arena_alloc(a, (n + 1) * sizeof(struct smi_rule *));
	if (!w->rules)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (!rules[i]->web)
			continue;
		w->rules[w->n++] = rules[i];
		total += rules[i]->web->nliterals;
	}
	if (!w->n)
		return 0;
	if (total > SMI_LITERALS_MAX)
		return -E2BIG;
	w->words = w->n / WORD_BITS + 1;
	r = fill_sets(w, a, total);
	if (r == 0)
		*out = w;
	return r;
}

static bool asks_for(const struct smi_web_rule *web, const struct smi_web *line)
{
	bool status = !web->nstatus, method = !web->nmethods;

	for (size_t i = 0; !status && i < web->nstatus; i++)
		status = web->status[i] == line->status;
	for (size_t i = 0; status && !method && i < web->nmethods; i++)
		method = smi_span_eq_str(line->method, web->methods[i]);
	return status && method;
}

static void take_client(const struct smi_rule *r, const struct smi_web *web,
			struct smi_match *out)
{
	*out = (struct smi_match){ .rule = r, .count = 1 };
	if (smi_ip_parse(web->client, &out->ip)) {
		out->ip.scope = 0;
		return;
	}
	out->ip = (struct smi_ip){ 0 };
	out->source_host = web->client;
}

/* The patterns of a rule on the texts of which the subjects are among where. */
static int try_patterns(const struct smi_rule *r, struct smi_matcher *m,
			const struct smi_webtext *t, unsigned where)
{
	bool limit = false;

	if (!r->npatterns)
		return (r->web->subjects & where) != 0;
	for (size_t s = 0; s < SMI_NSUBJECTS; s++) {
		if (!(r->web->subjects & where & 1u << s) || !t->of[s].len)
			continue;
		for (size_t i = 0; i < r->npatterns; i++) {
			int rc = smi_regex_match(&r->patterns[i].re, m,
						 t->of[s]);

			if (rc == 1 || rc == -ENOMEM)
				return rc;
			limit |= rc == -E2BIG;
		}
	}
	return limit ? -E2BIG : 0;
}

/* In which texts a rule may look: those that have one of its literals. */
struct chances {
	uint64_t any[SMI_COUNT(scanned)];
};

static void read_literals(const struct smi_webset *w,
			  const struct smi_webtext *t, size_t word,
			  const uint64_t *found, struct chances *c)
{
	for (size_t k = 0; k < SMI_COUNT(scanned); k++) {
		uint64_t rules = w->free[word];

		for (size_t i = 0; i < w->lwords; i++) {
			uint64_t bits = found[k * w->lwords + i];

			for (; bits; bits &= bits - 1) {
				size_t id = i * WORD_BITS +
					    (size_t)__builtin_ctzll(bits);

				rules |= w->askers[id * w->words + word];
			}
		}
		c->any[k] = t->of[scanned[k]].len
				    ? rules & w->sets[k * w->words + word]
				    : 0;
	}
}

static int try_word(const struct smi_webset *w, struct smi_matcher *m,
		    const struct smi_line *line, const struct smi_webtext *t,
		    size_t word, const struct chances *c,
		    struct smi_limit *limits, struct smi_match *out)
{
	uint64_t bits = 0;

	for (size_t k = 0; k < SMI_COUNT(scanned); k++)
		bits |= c->any[k];
	for (; bits; bits &= bits - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(bits), where = 0;
		const struct smi_rule *r = w->rules[word * WORD_BITS + bit];
		int rc;

		if (!asks_for(r->web, line->web))
			continue;
		for (size_t k = 0; k < SMI_COUNT(scanned); k++)
			if (c->any[k] >> bit & 1)
				where |= looks_at(scanned[k]);
		rc = try_patterns(r, m, t, where);
		if (rc == 1)
			take_client(r, line->web, out);
		if (rc == 1 || rc == -ENOMEM)
			return rc;
		if (rc == -E2BIG)
			smi_limit_note(limits, r, line);
	}
	return 0;
}

int smi_webset_match(const struct smi_webset *w, struct smi_matcher *m,
		     const struct smi_line *line, struct smi_limit *limits,
		     struct smi_match *out)
{
	uint64_t found[SMI_COUNT(scanned) * (SMI_LITERALS_MAX / 64 + 1)];
	struct smi_webtext t;
	int rc = 0;

	memset(found, 0, SMI_COUNT(scanned) * w->lwords * sizeof(*found));
	if (!smi_webtext_read(&t, line->web, smi_matcher_room(m)))
		return -ENOMEM;
	for (size_t k = 0; k < SMI_COUNT(scanned); k++)
		smi_literals_find(w->literals, t.of[scanned[k]],
				  found + k * w->lwords);
	for (size_t word = 0; rc == 0 && word < w->words; word++) {
		struct chances c;

		read_literals(w, &t, word, found, &c);
		rc = try_word(w, m, line, &t, word, &c, limits, out);
	}
	return rc;
}

static bool has_literal(const struct smi_web_rule *web,
			const struct smi_webtext *t, enum smi_subject text)
{
	for (size_t i = 0; i < web->nliterals; i++) {
		struct smi_span s = smi_span_str(web->literals[i]);

		for (size_t at = 0; at + s.len <= t->of[text].len; at++)
			if (smi_span_eq_nocase(
				    smi_span_of(t->of[text].p + at, s.len), s))
				return true;
	}
	return web->nliterals == 0;
}

int smi_web_rule_match(const struct smi_rule *r, struct smi_matcher *m,
		       const struct smi_line *line, struct smi_match *out)
{
	struct smi_webtext t;
	unsigned where = 0;
	int rc;

	if (!line->web || !asks_for(r->web, line->web))
		return 0;
	if (!smi_webtext_read(&t, line->web, smi_matcher_room(m)))
		return -ENOMEM;
	for (size_t k = 0; k < SMI_COUNT(scanned); k++)
		if (has_literal(r->web, &t, scanned[k]))
			where |= looks_at(scanned[k]);
	rc = try_patterns(r, m, &t, where);
	if (rc == 1)
		take_client(r, line->web, out);
	return rc;
}
