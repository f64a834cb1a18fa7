/* SPDX-License-Identifier: MIT */
#include "detect/webrules.h"

#define WORD_BITS 64

struct smi_webset {
	const struct smi_rule **rules;
	size_t n;
	size_t words; /* of a set of rules */
	struct text *texts;
};

/* One of the texts below, and the rules that look at it or at a part of it. */
struct text {
	size_t words; /* of a set of literals */
	struct smi_literals *literals;
	uint64_t *askers; /* for each literal: the rules that ask for it */
	uint64_t *free;	  /* the rules that ask for none */
	bool forgettable; /* what no rule took, none will take */
};

/* The texts that literals are looked for in; the others are parts of the first. */
enum {
	TEXT_URL,
	TEXT_REFERER,
	TEXT_AGENT,
	TEXT_USER
};
static const enum smi_subject scanned[] = {
	[TEXT_URL] = SMI_SUBJECT_URL,
	[TEXT_REFERER] = SMI_SUBJECT_REFERER,
	[TEXT_AGENT] = SMI_SUBJECT_AGENT,
	[TEXT_USER] = SMI_SUBJECT_USER,
};

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

/* Literals of the rules that look at the text; v has room for all. */
static int fill_text(const struct smi_webset *w, enum smi_subject subject,
		     struct smi_span *v, struct smi_arena *a, struct text *t)
{
	size_t n = 0;

	t->forgettable = true;
	t->free = smi_arena_zalloc(a, w->words * sizeof(*t->free));
	if (!t->free)
		return -ENOMEM;
	for (size_t i = 0; i < w->n; i++) {
		const struct smi_web_rule *web = w->rules[i]->web;

		if (!(web->subjects & looks_at(subject)))
			continue;
		if (!web->nliterals)
			set_bit(t->free, i);
		if (!web->nliterals || web->nstatus || web->nmethods)
			t->forgettable = false;
		for (size_t k = 0; k < web->nliterals; k++)
			v[n++] = smi_span_str(web->literals[k]);
	}
	t->words = n / WORD_BITS + 1;
	t->askers =
		smi_arena_zalloc(a, (n + 1) * w->words * sizeof(*t->askers));
	if (!t->askers)
		return -ENOMEM;
	n = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct smi_web_rule *web = w->rules[i]->web;

		if (web->subjects & looks_at(subject))
			for (size_t k = 0; k < web->nliterals; k++)
				set_bit(t->askers + n++ * w->words, i);
	}
	return smi_literals_build(v, n, a, &t->literals);
}

static int fill_texts(struct smi_webset *w, struct smi_arena *a, size_t total)
{
	struct smi_span *v = smi_arena_alloc(a, (total + 1) * sizeof(*v));
	int r = 0;

	w->texts = smi_arena_zalloc(a, SMI_COUNT(scanned) * sizeof(*w->texts));
	if (!v || !w->texts)
		return -ENOMEM;
	for (size_t k = 0; r == 0 && k < SMI_COUNT(scanned); k++)
		r = fill_text(w, scanned[k], v, a, &w->texts[k]);
	return r;
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
	r = fill_texts(w, a, total);
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

/* For each text the rules that may take it. */
struct chances {
	uint64_t any[SMI_COUNT(scanned)];
};

/* One bit a literal of the text. */
struct found {
	uint64_t bits[SMI_LITERALS_MAX / WORD_BITS + 1];
};

static uint64_t rules_of(const struct smi_webset *w, const struct text *t,
			 size_t word, const struct found *found)
{
	uint64_t rules = t->free[word];

	for (size_t i = 0; i < t->words; i++) {
		uint64_t bits = found->bits[i];

		for (; bits; bits &= bits - 1) {
			size_t id =
				i * WORD_BITS + (size_t)__builtin_ctzll(bits);

			rules |= t->askers[id * w->words + word];
		}
	}
	return rules;
}

/* 1, 0, -ENOMEM, -E2BIG when a rule gave up and none took the line. */
static int try_word(const struct smi_webset *w, struct smi_matcher *m,
		    const struct smi_line *line, const struct smi_webtext *t,
		    size_t word, const struct chances *c,
		    struct smi_limit *limits, struct smi_match *out)
{
	uint64_t bits = 0;
	bool gave_up = false;

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
		gave_up |= rc == -E2BIG;
	}
	return gave_up ? -E2BIG : 0;
}

/* What the thread remembers of earlier lines; NULL when memory is out. */
struct memory {
	struct smi_webseen referers, agents;
};

static struct memory *memory_of(struct smi_matcher *m)
{
	struct smi_buf *b = smi_matcher_memory(m, SMI_MEMORY_WEB);

	if (!b->len && smi_buf_reserve(b, sizeof(struct memory))) {
		b->len = sizeof(struct memory);
		memset(b->p, 0, b->len);
	}
	return b->len ? (struct memory *)(void *)b->p : NULL;
}

/* The request without what need not be looked at again. */
static struct smi_web unseen(const struct smi_webset *w,
			     const struct memory *memory,
			     const struct smi_web *web)
{
	struct smi_web left = *web;

	if (w->texts[TEXT_REFERER].forgettable &&
	    smi_webseen_has(&memory->referers, web->referer))
		left.referer.len = 0;
	if (w->texts[TEXT_AGENT].forgettable &&
	    smi_webseen_has(&memory->agents, web->agent))
		left.agent.len = 0;
	return left;
}

int smi_webset_match(const struct smi_webset *w, struct smi_matcher *m,
		     const struct smi_line *line, struct smi_limit *limits,
		     struct smi_match *out)
{
	struct memory *memory = memory_of(m);
	struct found found[SMI_COUNT(scanned)];
	struct smi_webtext t;
	struct smi_web web;
	bool gave_up = false;
	int rc = 0;

	if (!memory)
		return -ENOMEM;
	web = unseen(w, memory, line->web);
	if (!smi_webtext_read(&t, &web, smi_matcher_room(m)))
		return -ENOMEM;
	for (size_t k = 0; k < SMI_COUNT(scanned); k++) {
		memset(found[k].bits, 0,
		       w->texts[k].words * sizeof(*found[k].bits));
		smi_literals_find(w->texts[k].literals, t.of[scanned[k]],
				  found[k].bits);
	}
	for (size_t word = 0; rc == 0 && word < w->words; word++) {
		struct chances c = { 0 };

		for (size_t k = 0; k < SMI_COUNT(scanned); k++)
			if (t.of[scanned[k]].len)
				c.any[k] = rules_of(w, &w->texts[k], word,
						    &found[k]);
		rc = try_word(w, m, line, &t, word, &c, limits, out);
		gave_up |= rc == -E2BIG;
		rc = rc == -E2BIG ? 0 : rc;
	}
	if (rc == 0 && !gave_up) {
		smi_webseen_add(&memory->referers, web.referer);
		smi_webseen_add(&memory->agents, web.agent);
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
