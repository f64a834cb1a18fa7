/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/correlator.h"
#include "detect/fail2ban.h"

#define MAX_ENTRIES 1024

static void drop_keys(struct smi_correlator *c, struct smi_corr_group *g,
		      const struct smi_key_queue *q)
{
	while (q->oldest)
		smi_corr_drop_key(c, g, smi_keys_at(&c->keys, q->oldest));
}

void smi_correlator_forget(struct smi_correlator *c)
{
	for (size_t i = 0; i < c->ngroups; i++) {
		drop_keys(c, &c->groups[i], &c->groups[i].single);
		drop_keys(c, &c->groups[i], &c->groups[i].many);
	}
}

void smi_correlator_free(struct smi_correlator *c)
{
	if (!c)
		return;
	smi_correlator_forget(c);
	for (size_t i = 0; i < c->ngroups; i++)
		smi_buf_free(&c->groups[i].text);
	for (size_t i = 0; i < c->files.n; i++)
		free(c->files.v[i]);
	smi_vec_free(&c->files);
	smi_keys_free(&c->keys);
	smi_pool_done(&c->pool);
	free(c->pending);
	free(c->rules);
	free(c->corrs);
	free(c->groups);
	free(c);
}

static void free_correlator(struct smi_correlator **c)
{
	smi_correlator_free(*c);
}

static struct smi_corr_group *group_for(struct smi_correlator *c,
					const struct smi_correlation *conf,
					uint8_t bits4, uint8_t bits6)
{
	struct smi_corr_group *g = c->groups;

	for (; g < c->groups + c->ngroups; g++)
		if (g->n == conf->ngroup_by && g->bits4 == bits4 &&
		    g->bits6 == bits6 &&
		    memcmp(g->roles, conf->group_by,
			   g->n * sizeof(*g->roles)) == 0)
			return g;
	*g = (struct smi_corr_group){ .roles = conf->group_by,
				      .n = conf->ngroup_by,
				      .bits4 = bits4,
				      .bits6 = bits6,
				      .salt = smi_siphash_u64(&c->sip,
							      c->ngroups) };
	c->ngroups++;
	return g;
}

/* Seconds, one too many sooner than one too few. */
static uint32_t whole_seconds(int64_t ns)
{
	return (uint32_t)SMI_MIN(ns / SMI_SEC + 1, (int64_t)UINT32_MAX);
}

static void join_group(struct smi_corr *k, struct smi_corr_group *g)
{
	k->group = g;
	g->span = SMI_MAX(g->span, k->conf.span);
	g->keep = SMI_MAX(g->keep, whole_seconds(k->keep));
}

/* Most windows of a group end long before the longest one. */
static void set_tidy(struct smi_correlator *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct smi_corr_group *g = c->corrs[i].group;
		uint32_t keep = whole_seconds(c->corrs[i].keep);

		if (keep < g->keep)
			g->tidy = SMI_MAX(g->tidy, keep);
	}
}

/* The fewest events that a finding is made of. */
static uint64_t need_of(const struct smi_correlation *conf)
{
	if (conf->type >= SMI_CORR_TEMPORAL)
		return 1;
	return SMI_MAX(SMI_MAX(conf->count, conf->min_events), conf->min_slots);
}

static void set_up(struct smi_correlator *c, struct smi_corr *k,
		   const struct smi_rule *rule, const struct smi_threshold *t,
		   size_t n)
{
	bool temporal = rule->corr->type >= SMI_CORR_TEMPORAL;

	k->rule = rule;
	k->conf = *rule->corr;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(t[i].kind, rule->kind) != 0)
			continue;
		k->conf.count = t[i].count;
		k->conf.span = (int64_t)t[i].seconds * SMI_SEC;
	}
	k->wconf = (struct smi_wconf){
		.span = k->conf.span,
		.max_per_value = k->conf.max_per_value,
		.max_entries = temporal ? 0
					: (uint32_t)SMI_MAX(k->conf.count + 1,
							    MAX_ENTRIES),
		.values = k->conf.type == SMI_CORR_VALUE_COUNT,
		.flags = k->conf.type == SMI_CORR_RATIO,
		.pool = &c->pool,
		.cut = &c->lost.entries,
	};
	k->keep = SMI_MAX(k->conf.span, k->conf.within) + k->conf.cooldown;
	k->open.due = INT64_MAX;
	k->index = (uint16_t)(k - c->corrs);
	k->need = need_of(&k->conf);
}

static bool list_rules(struct smi_correlator *c)
{
	const sm_ruleset *rs = c->rs;
	size_t n = rs->rules.n + rs->filters.n * SMI_F2B_NEVENTS;

	c->nrules = n + 1;
	c->rules = smi_zalloc(c->nrules * sizeof(*c->rules));
	if (!c->rules)
		return false;
	for (size_t i = 0; i < rs->rules.n; i++)
		c->rules[i] = rs->rules.v[i];
	for (size_t i = 0; i < rs->filters.n; i++)
		for (size_t k = 1; k < SMI_F2B_NEVENTS; k++) {
			const struct smi_rule *rule =
				&rs->filters.v[i]->rules[k];

			c->rules[rule->index] = rule;
		}
	return true;
}

int smi_correlator_new(const sm_ruleset *rs, const struct smi_threshold *t,
		       size_t n, smi_episode_fn fn, void *user,
		       struct smi_correlator **out)
{
	SMI_CLEANUP(free_correlator)
	struct smi_correlator *c = smi_zalloc(sizeof(*c));
	size_t max = rs->ncorrs * 2 + 1;

	if (!c)
		return -ENOMEM;
	c->rs = rs;
	c->fn = fn;
	c->user = user;
	c->pool = (struct smi_pool){ .limit = SMI_CORR_BYTES,
				     .bulk_limit = SMI_CORR_KEY_BYTES,
				     .reclaim = smi_corr_reclaim,
				     .user = c };
	c->keys.pool = &c->pool;
	smi_corr_clock_init(&c->clock);
	smi_siphash_random_key(&c->sip);
	c->corrs = smi_zalloc(max * sizeof(*c->corrs));
	c->groups = smi_zalloc(max * sizeof(*c->groups));
	if (!c->corrs || !c->groups || !list_rules(c))
		return -ENOMEM;
	c->n = rs->ncorrs;
	for (size_t i = 0; i < rs->ncorrs; i++) {
		const struct smi_rule *rule = rs->corrs[i].rule;
		struct smi_corr *k = &c->corrs[i];

		set_up(c, k, rule, t, n);
		join_group(k, group_for(c, rule->corr, 0, 0));
		k->yielders = rs->corrs[i].yielders;
		k->nyielders = rs->corrs[i].nyielders;
		if (!k->conf.prefix4 && !k->conf.prefix6)
			continue;
		k->prefix = &c->corrs[c->n++];
		set_up(c, k->prefix, rule, t, n);
		join_group(k->prefix, group_for(c, rule->corr, k->conf.prefix4,
						k->conf.prefix6));
	}
	set_tidy(c);
	*out = smi_take(&c);
	return 0;
}
