/* SPDX-License-Identifier: MIT */
#include <sysmon/sysmon.h>

#include "detect/fail2ban.h"
#include "detect/join-rule.h"
#include "detect/ruleset.h"

static bool item_has(const struct smi_item *item, const struct smi_rule *r)
{
	if (item->actions)
		return (item->actions & r->actions) != 0;
	/* A filter's helpers have its id too. */
	return item->rule && (!r->filter || r->failure) &&
	       strcmp(item->rule, r->id) == 0;
}

/* What an event of rule r is to a correlation: at most one feed an item. */
static size_t list_feeds(const struct smi_correlation *c, uint16_t corr,
			 const struct smi_rule *r, struct smi_feed *out)
{
	bool temporal = c->type == SMI_CORR_TEMPORAL ||
			c->type == SMI_CORR_TEMPORAL_ORDERED;
	size_t n = 0;

	if (c->except & r->actions) {
		out[n++] = (struct smi_feed){ corr, 0, SMI_FEED_EXCEPT };
		return n;
	}
	/* The last item first: one event must not be two steps of a chain. */
	for (size_t i = c->nitems; i-- > 0;)
		if (item_has(&c->items[i], r) && (temporal || n == 0))
			out[n++] = (struct smi_feed){ corr, (uint16_t)i,
						      SMI_FEED_COUNT };
	if (c->then & r->actions)
		out[n++] = (struct smi_feed){ corr, 0, SMI_FEED_THEN };
	return n;
}

static int make_feeds(sm_ruleset *rs, const struct smi_rule *r)
{
	struct smi_feeds *f = &rs->feeds[r->index];
	struct smi_feed one[SMI_MAX_ITEMS + 1];
	struct smi_feed *v;
	size_t n = 0;

	if (r->type != SMI_RULE_PATTERN)
		return 0;
	for (size_t c = 0; c < rs->ncorrs; c++)
		n += list_feeds(rs->corrs[c].rule->corr, (uint16_t)c, r, one);
	v = smi_arena_alloc(&rs->arena, (n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	f->v = v;
	for (size_t c = 0; c < rs->ncorrs; c++) {
		size_t k = list_feeds(rs->corrs[c].rule->corr, (uint16_t)c, r,
				      one);

		memcpy(v + f->n, one, k * sizeof(*v));
		f->n += k;
	}
	return 0;
}

static bool same_groups(const struct smi_correlation *a,
			const struct smi_correlation *b)
{
	return a->ngroup_by == b->ngroup_by &&
	       memcmp(a->group_by, b->group_by,
		      a->ngroup_by * sizeof(*a->group_by)) == 0;
}

static bool yields_to(const struct smi_corr_slot *a,
		      const struct smi_corr_slot *b)
{
	const char *kind = a->rule->corr->unless;

	return kind && strcmp(kind, b->rule->kind) == 0 &&
	       same_groups(a->rule->corr, b->rule->corr);
}

static int make_yielders(sm_ruleset *rs)
{
	for (size_t b = 0; b < rs->ncorrs; b++) {
		struct smi_corr_slot *slot = &rs->corrs[b];

		slot->yielders = smi_arena_alloc(
			&rs->arena, rs->ncorrs * sizeof(*slot->yielders));
		if (!slot->yielders)
			return -ENOMEM;
		for (size_t a = 0; a < rs->ncorrs; a++)
			if (yields_to(&rs->corrs[a], slot))
				slot->yielders[slot->nyielders++] = (uint16_t)a;
	}
	return 0;
}

static int remark(sm_ruleset *rs, const struct smi_rule *r, uint32_t line,
		  const char *what, const char *name)
{
	return smi_ruleset_problem(rs, SM_SEV_LOW, r->file, line, r->id,
				   "%s \"%s\" is not in this set of rules",
				   what, name);
}

/* Of a joined finding that a rule steps back for: one of a rule before it. */
static bool has_join_before(const sm_ruleset *rs, size_t i, const char *kind)
{
	while (i-- > 0)
		if (rs->rules.v[i]->join &&
		    strcmp(rs->rules.v[i]->kind, kind) == 0)
			return true;
	return false;
}

static int check_join(sm_ruleset *rs, const struct smi_rule *rule)
{
	const char *unless = rule->join ? rule->join->unless : NULL;

	if (!unless || has_join_before(rs, rule->index, unless))
		return 0;
	return remark(rs, rule, rule->line, "a join before it of the kind",
		      unless);
}

int smi_ruleset_check_names(sm_ruleset *rs, size_t first)
{
	int r = 0;

	for (size_t i = first; r == 0 && i < rs->rules.n; i++) {
		const struct smi_rule *rule = rs->rules.v[i];
		const struct smi_correlation *c = rule->corr;

		if (smi_ruleset_is_part(rs, rule))
			continue;
		r = check_join(rs, rule);
		if (r == 0 && c && c->unless &&
		    !smi_ruleset_has_kind(rs, c->unless))
			r = remark(rs, rule, rule->line, "the kind", c->unless);
		for (size_t k = 0; r == 0 && c && k < c->nitems; k++) {
			const char *id = c->items[k].rule;

			if (id && !smi_map_get(&rs->ids, smi_span_str(id)))
				r = remark(rs, rule, c->items[k].line,
					   "the rule", id);
		}
	}
	return r;
}

/* The events of filters that are no rules of the list have the numbers behind it.
 * How many there are in all. */
static size_t number_events(sm_ruleset *rs)
{
	size_t n = rs->rules.n;

	for (size_t i = 0; i < rs->filters.n; i++)
		for (size_t k = 1; k < SMI_F2B_NEVENTS; k++)
			rs->filters.v[i]->rules[k].index = n++;
	return n;
}

static int make_filter_feeds(sm_ruleset *rs)
{
	int r = 0;

	for (size_t i = 0; i < rs->filters.n; i++)
		for (size_t k = 1; r == 0 && k < SMI_F2B_NEVENTS; k++)
			r = make_feeds(rs, &rs->filters.v[i]->rules[k]);
	return r;
}

static int make_corrs(sm_ruleset *rs)
{
	size_t n = 0;

	for (size_t i = 0; i < rs->rules.n; i++)
		n += rs->rules.v[i]->corr != NULL;
	if (n >= UINT16_MAX)
		return -E2BIG;
	rs->corrs = smi_arena_zalloc(&rs->arena, (n + 1) * sizeof(*rs->corrs));
	rs->feeds = smi_arena_zalloc(&rs->arena, (number_events(rs) + 1) *
							 sizeof(*rs->feeds));
	if (!rs->corrs || !rs->feeds)
		return -ENOMEM;
	rs->ncorrs = 0;
	for (size_t i = 0; i < rs->rules.n; i++)
		if (rs->rules.v[i]->corr)
			rs->corrs[rs->ncorrs++].rule = rs->rules.v[i];
	for (size_t i = 0; i < rs->rules.n; i++) {
		int r = make_feeds(rs, rs->rules.v[i]);

		if (r < 0)
			return r;
	}
	if (make_filter_feeds(rs) < 0)
		return -ENOMEM;
	return make_yielders(rs);
}

SM_EXPORT int sm_ruleset_freeze(sm_ruleset *rs)
{
	size_t nproblems;
	int r;

	if (!rs)
		return -EINVAL;
	if (rs->frozen)
		return 0;
	nproblems = rs->problems.n;
	rs->dispatch = (struct smi_dispatch){ 0 };
	r = smi_dispatch_build(&rs->dispatch, rs->rules.v, rs->rules.n,
			       &rs->arena);
	if (r == 0)
		r = make_corrs(rs);
	if (r == 0)
		r = smi_ruleset_check_names(rs, rs->nlinted);
	if (r < 0) {
		rs->problems.n = nproblems;
		return r == -E2BIG ? smi_fail(rs->ctx, r,
					      "too many rules or literals")
				   : smi_fail_nomem(rs->ctx);
	}
	rs->frozen = true;
	smi_matcher_free(rs->matcher);
	rs->matcher = NULL;
	sm_ctx_unref(rs->ctx);
	rs->ctx = NULL;
	return 0;
}
