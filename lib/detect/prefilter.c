/* SPDX-License-Identifier: MIT */
#include "detect/prefilter.h"

#include "base/vec.h"
#include "detect/webrules.h"

/* The table holds the programs of the rules only; a hostile name meets one chain
 * of it at most. */
static size_t hash_program(struct smi_span p)
{
	if (!p.len)
		return 0;
	return p.len * 131 + (unsigned char)p.p[0] * 31 +
	       (unsigned char)p.p[p.len - 1] * 7 +
	       (unsigned char)p.p[p.len / 2];
}

/* Whether g's lines are for the rule; those of any other program are for rules
 * without one. */
static bool group_takes(const struct smi_group *g, const struct smi_rule *r)
{
	for (size_t i = 0; !g->others && i < r->nprograms; i++)
		if (smi_span_eq_str(g->program, r->programs[i]))
			return true;
	return r->nprograms == 0;
}

static void mark_begin(struct smi_rows *rows, const struct smi_gate *gate,
		       unsigned bit)
{
	for (unsigned i = 0; i < SMI_GATE_BEGIN; i++)
		for (unsigned h = 0; h < 16; h++) {
			rows->byte[i].low[h] |=
				(uint64_t)(gate->begin[i].low >> h & 1) << bit;
			rows->byte[i].high[h] |=
				(uint64_t)(gate->begin[i].high >> h & 1) << bit;
		}
}

/* No more room than for its own candidates: there may be as many groups as rules.
 * The programs of one rule most often stand behind each other, and share them. */
static int list_candidates(struct smi_group *g, const struct smi_group *before,
			   struct smi_rule *const *rules, size_t n,
			   struct smi_arena *a)
{
	SMI_VEC(struct smi_candidate) list = { 0 };
	bool fits = true;

	for (size_t i = 0; fits && i < n; i++) {
		if (rules[i]->web || !group_takes(g, rules[i]))
			continue;
		for (size_t k = 0; fits && k < rules[i]->npatterns; k++) {
			struct smi_candidate c = { rules[i],
						   &rules[i]->patterns[k] };

			fits = smi_vec_push(&list, c);
		}
	}
	g->n = list.n;
	if (fits && before && before->n == list.n && list.n &&
	    memcmp(before->c, list.v, list.n * sizeof(*g->c)) == 0) {
		g->c = before->c;
		g->rows = before->rows;
		g->starts = before->starts;
	} else if (fits) {
		g->c = smi_arena_alloc(a, (list.n + 1) * sizeof(*g->c));
	}
	if (g->c && !g->rows && list.n)
		memcpy(g->c, list.v, list.n * sizeof(*g->c));
	smi_vec_free(&list);
	return g->c ? 0 : -ENOMEM;
}

static int fill_group(struct smi_group *g, const struct smi_group *before,
		      struct smi_rule *const *rules, size_t n,
		      struct smi_arena *a)
{
	int r = list_candidates(g, before, rules, n, a);
	struct smi_rows *rows;

	g->words = (g->n + 63) / 64;
	if (r < 0 || g->rows || !g->words)
		return r;
	rows = smi_arena_zalloc(a, g->words * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < g->n; i++)
		mark_begin(&rows[i / 64], &g->c[i].pattern->re.gate, i % 64);
	g->rows = rows;
	/* Where a program is named the rows are enough. */
	return g->program.len ? 0 : smi_starts_build(g->c, g->n, a, &g->starts);
}

static struct smi_group *find_known(const struct smi_dispatch *d,
				    struct smi_span program)
{
	size_t mask = d->nslots - 1;

	for (size_t i = hash_program(program) & mask; d->slots[i];
	     i = (i + 1) & mask) {
		struct smi_group *g = &d->groups[d->slots[i] - 1];

		if (smi_span_eq(g->program, program))
			return g;
	}
	return NULL;
}

static void add_program(struct smi_dispatch *d, const char *name)
{
	struct smi_span program = smi_span_str(name);
	size_t mask = d->nslots - 1;
	size_t i = hash_program(program) & mask;

	if (find_known(d, program))
		return;
	while (d->slots[i])
		i = (i + 1) & mask;
	d->groups[d->n++].program = program;
	d->slots[i] = (uint16_t)d->n;
}

int smi_dispatch_build(struct smi_dispatch *d, struct smi_rule *const *rules,
		       size_t n, struct smi_arena *a)
{
	size_t names = 1, slots = 16;

	for (size_t i = 0; i < n; i++)
		names += rules[i]->nprograms;
	if (names >= UINT16_MAX)
		return -E2BIG;
	while (slots < names * 4)
		slots *= 2;
	d->groups = smi_arena_zalloc(a, names * sizeof(*d->groups));
	d->slots = smi_arena_zalloc(a, slots * sizeof(*d->slots));
	d->nslots = slots;
	if (!d->groups || !d->slots)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rules[i]->nprograms; k++)
			add_program(d, rules[i]->programs[k]);
	d->groups[d->n++] =
		(struct smi_group){ .program = SMI_SPAN(""), .others = true };
	for (size_t i = 0; i < d->n; i++) {
		int r = fill_group(&d->groups[i], i ? &d->groups[i - 1] : NULL,
				   rules, n, a);

		if (r < 0)
			return r;
	}
	return smi_webset_build(rules, n, a, &d->web);
}

const struct smi_group *smi_dispatch_find(const struct smi_dispatch *d,
					  struct smi_span program)
{
	const struct smi_group *g = find_known(d, program);

	return g ? g : &d->groups[d->n - 1];
}
