/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/correlator.h"

#define MAX_ENTRIES 1024

static void corr_done(struct smi_correlator *c, struct smi_corr *k)
{
	uint32_t i;

	while ((i = smi_states_oldest(&k->states)) != SMI_NO_STATE) {
		smi_episode_drop(c, k, &k->states.v[i]);
		smi_states_remove(&k->states, i);
	}
	smi_states_free(&k->states);
}

void smi_correlator_free(struct smi_correlator *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		corr_done(c, &c->corrs[i]);
	for (size_t i = 0; i < c->ngroups; i++) {
		smi_keys_free(&c->groups[i].keys);
		smi_buf_free(&c->groups[i].text);
	}
	smi_pool_done(&c->hits);
	smi_pool_done(&c->pool);
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
				      .keys.pool = &c->pool };
	c->ngroups++;
	return g;
}

static void join_group(struct smi_corr *k, struct smi_corr_group *g)
{
	k->group = g;
	k->states = (struct smi_states){ .keys = &g->keys,
					 .seat = g->keys.nseats++,
					 .due = INT64_MAX };
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
		.hits = &c->hits,
		.pool = &c->pool,
		.cut = &c->lost.entries,
	};
	k->keep = SMI_MAX(k->conf.span, k->conf.within) + k->conf.cooldown;
	k->now = INT64_MIN / 2;
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
	c->hits.limit = SMI_EVIDENCE_BYTES;
	smi_siphash_random_key(&c->sip);
	c->corrs = smi_zalloc(max * sizeof(*c->corrs));
	c->groups = smi_zalloc(max * sizeof(*c->groups));
	if (!c->corrs || !c->groups)
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
	*out = smi_take(&c);
	return 0;
}
