/* SPDX-License-Identifier: MIT */
#include "detect/lint.h"
#include "detect/match.h"

#define MAX_TOKENS 40
#define MAX_SEED   1024
#define SEEDS	   2 /* samples that are pumped */
#define EXAMPLES   3

/* The end of the seed stands behind the part; then something else; no end; something
 * else between the two, for a pattern may be tried only where its end is there. */
enum {
	FORM_WHOLE,
	FORM_BROKEN,
	FORM_ALONE,
	FORM_SPLIT,
	FORMS
};

/* Words, numbers, and each byte between them: where parts begin and end. */
struct tokens {
	size_t at[MAX_TOKENS + 1];
	size_t n;
};

static int class_of(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return 1;
	return (c | 32) >= 'a' && (c | 32) <= 'z' ? 2 : 0;
}

static void cut(struct smi_span s, struct tokens *t)
{
	int last = 0;

	t->n = 0;
	for (size_t i = 0; i < s.len && t->n < MAX_TOKENS; i++) {
		int c = class_of((unsigned char)s.p[i]);

		if (i == 0 || !c || c != last)
			t->at[t->n++] = i;
		last = c;
	}
	t->at[t->n] = s.len;
}

/* The last n bytes again and again, up to a whole number of them below size. */
static void repeat(struct smi_buf *b, size_t n, size_t size)
{
	size_t have = n, room = b->len < size ? size - b->len : 0;

	if (!smi_buf_reserve(b, room))
		return;
	for (room -= room % n; room; room -= n) {
		n = SMI_MIN(have, room);
		smi_buf_add(b, b->p + b->len - have, n);
		have += n;
	}
}

struct smi_span smi_pump_line(struct smi_pump *p, size_t size)
{
	size_t to = (size_t)(p->part.p - p->seed.p) + p->part.len;
	struct smi_span tail = smi_span_skip(p->seed, to);
	size_t behind = (p->form != FORM_ALONE ? tail.len : 0) +
			(p->form != FORM_WHOLE);

	smi_buf_clear(&p->line);
	smi_buf_add(&p->line, p->seed.p, to);
	repeat(&p->line, p->part.len, size > behind ? size - behind : 0);
	if (p->form == FORM_SPLIT)
		smi_buf_char(&p->line, '\x01');
	if (p->form != FORM_ALONE)
		smi_buf_span_add(&p->line, tail);
	if (p->form == FORM_BROKEN || p->form == FORM_ALONE)
		smi_buf_char(&p->line, '\x01');
	return smi_buf_error(&p->line) ? SMI_SPAN("") : smi_buf_span(&p->line);
}

struct row {
	struct smi_pump p;
	smi_pump_fn fn;
	void *user;
};

static void free_row(struct row *row)
{
	smi_buf_free(&row->p.line);
}

static int try_part(struct row *row, size_t from, size_t to)
{
	struct smi_pump *p = &row->p;
	int r = 0;

	p->part = smi_span_of(p->seed.p + from, to - from);
	for (p->form = 0; r == 0 && p->form < FORMS; p->form++)
		r = row->fn(p, row->user);
	return r;
}

static int try_seed(struct row *row, struct smi_span seed)
{
	static const size_t widths[] = { 1, 2, 4, 8, 16 };
	struct tokens t;
	int r = 0;

	if (!seed.len)
		return 0;
	row->p.seed = seed;
	cut(seed, &t);
	for (size_t i = 0; r == 0 && i < t.n; i++) {
		for (size_t w = 0; r == 0 && w < SMI_COUNT(widths); w++)
			if (i + widths[w] <= t.n)
				r = try_part(row, t.at[i], t.at[i + widths[w]]);
		if (r == 0 && t.at[i + 1] - t.at[i] > 1)
			r = try_part(row, t.at[i + 1] - 1, t.at[i + 1]);
		if (r == 0 && t.at[i + 1] - t.at[i] > 1)
			r = try_part(row, t.at[i], t.at[i] + 1);
	}
	return r;
}

static bool takes(struct smi_lint *l, const struct smi_rule *r, size_t i,
		  struct smi_span message)
{
	int rc = smi_regex_match(&r->patterns[i].re, l->matcher, message);

	if (rc == -ENOMEM)
		l->rc = rc;
	return rc == 1;
}

static int pump_samples(struct smi_lint *l, const struct smi_rule *r, size_t i,
			struct row *row)
{
	int rc = 0, seeds = 0;

	for (size_t k = 0; rc == 0 && seeds < SEEDS && k < r->nsamples; k++) {
		struct smi_span program, message;

		if (!r->samples[k].match || !l->rs->header)
			continue;
		message = smi_lint_message(l->rs, &r->samples[k], &program);
		if (message.len > MAX_SEED || !takes(l, r, i, message))
			continue;
		seeds++;
		rc = try_seed(row, message);
	}
	return l->rc < 0 ? l->rc : rc;
}

/* By the first branches, then by others, unless they ask for the same. */
static int pump_examples(struct row *row, const struct smi_shape *shape)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf first = { 0 };
	int r = 0;

	for (unsigned branch = 0; r == 0 && branch < EXAMPLES; branch++) {
		SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
		struct smi_buf *to = branch ? &b : &first;

		smi_shape_example(shape, branch, MAX_SEED, to);
		if (smi_buf_error(to))
			return -ENOMEM;
		if (branch == 0 ||
		    !smi_span_eq(smi_buf_span(to), smi_buf_span(&first)))
			r = try_seed(row, smi_buf_span(to));
	}
	return r;
}

int smi_pump_all(struct smi_lint *l, const struct smi_rule *r, size_t i,
		 smi_pump_fn fn, void *user)
{
	SMI_CLEANUP(free_row) struct row row = { .fn = fn, .user = user };
	struct smi_shape *shape;
	int rc = pump_samples(l, r, i, &row);

	if (rc)
		return rc;
	rc = smi_shape_read(r->patterns[i].text, &l->arena, &shape);
	if (rc == 0)
		rc = pump_examples(&row, shape);
	smi_arena_reset(&l->arena);
	return rc == -ENOTSUP ? 0 : rc;
}
