/* SPDX-License-Identifier: MIT */
#include "detect/lint.h"

static const char *const role_names[] = {
	[SMI_ROLE_SOURCE_IP] = "source_ip",
	[SMI_ROLE_SOURCE_HOST] = "source_host",
	[SMI_ROLE_SOURCE_PORT] = "source_port",
	[SMI_ROLE_DEST_PORT] = "dest_port",
	[SMI_ROLE_USER] = "user",
	[SMI_ROLE_COUNT] = "count",
};

static bool makes(const struct smi_rule *r, const struct smi_item *item)
{
	if (r->type != SMI_RULE_PATTERN)
		return false;
	if (item->actions)
		return (r->actions & item->actions) != 0;
	return item->rule && strcmp(item->rule, r->id) == 0;
}

/* The built-in rules make it, and they may be loaded with this file later. */
static bool is_known(const sm_ruleset *rs, uint64_t actions)
{
	for (size_t i = 0; i < rs->actions.n; i++)
		if (actions >> i & 1 &&
		    smi_action_by_name(rs->actions.names[i]))
			return true;
	return false;
}

static bool has_builtin(const sm_ruleset *rs)
{
	return rs->rules.n && !rs->rules.v[0]->file[0];
}

static bool is_made(const struct smi_lint *l, const struct smi_item *item)
{
	const sm_ruleset *rs = l->rs;

	if (!item->actions)
		return smi_map_get(&rs->ids, smi_span_str(item->rule));
	for (size_t i = 0; i < rs->rules.n; i++)
		if (makes(rs->rules.v[i], item))
			return true;
	return !has_builtin(rs) && is_known(rs, item->actions);
}

/* Rules on access lines and filters have their address from elsewhere. */
static bool captures(const struct smi_rule *r, enum smi_role role)
{
	if (r->web || r->filter)
		return true;
	for (size_t i = 0; i < r->npatterns; i++)
		if (r->patterns[i].group[role] >= 0)
			return true;
	return false;
}

/* What feeds c has the field in at least one pattern. A name stands in for an
 * address, and an address that is none is a name. */
static bool is_caught(const struct smi_lint *l, const struct smi_correlation *c,
		      enum smi_role role)
{
	bool fed = false;

	for (size_t k = 0; k < c->nitems; k++) {
		if (c->items[k].actions && !has_builtin(l->rs) &&
		    is_known(l->rs, c->items[k].actions))
			return true;
		for (size_t i = 0; i < l->rs->rules.n; i++) {
			const struct smi_rule *r = l->rs->rules.v[i];

			if (!makes(r, &c->items[k]))
				continue;
			fed = true;
			if (captures(r, role) ||
			    (role == SMI_ROLE_SOURCE_IP &&
			     captures(r, SMI_ROLE_SOURCE_HOST)) ||
			    (role == SMI_ROLE_SOURCE_HOST &&
			     captures(r, SMI_ROLE_SOURCE_IP)))
				return true;
		}
	}
	return !fed;
}

static void say_actions(struct smi_lint *l, const struct smi_rule *r,
			uint32_t line, uint64_t actions, const char *what)
{
	const struct smi_actions *names = &l->rs->actions;

	for (size_t i = 0; i < names->n; i++) {
		struct smi_item one = { .actions = actions & UINT64_C(1) << i };

		if (one.actions && !is_made(l, &one))
			smi_lint_say(l, r, line,
				     "no rule makes the action \"%s\"%s",
				     names->names[i], what);
	}
}

static void check_role(struct smi_lint *l, const struct smi_rule *r,
		       enum smi_role role, const char *what)
{
	if (role >= SMI_NCAPTURES || is_caught(l, r->corr, role))
		return;
	smi_lint_say(l, r, r->line,
		     "no pattern that feeds this captures %s, which is its %s: "
		     "it finds nothing",
		     role_names[role], what);
}

static void check_own(struct smi_lint *l, const struct smi_rule *r)
{
	for (size_t i = 0; i < r->corr->ngroup_by; i++) {
		enum smi_role role = r->corr->group_by[i];

		if (role < SMI_NCAPTURES && !captures(r, role) &&
		    !(role == SMI_ROLE_SOURCE_IP &&
		      captures(r, SMI_ROLE_SOURCE_HOST)))
			smi_lint_say(l, r, r->line,
				     "no pattern captures %s, which is in "
				     "group-by: the kind %s finds nothing",
				     role_names[role], r->kind);
	}
}

void smi_lint_feeds(struct smi_lint *l, const struct smi_rule *r)
{
	const struct smi_correlation *c = r->corr;
	size_t fed = 0;

	if (r->type == SMI_RULE_PATTERN) {
		check_own(l, r);
		return;
	}
	if (smi_ruleset_is_part(l->rs, r))
		return;
	for (size_t i = 0; i < c->nitems; i++) {
		say_actions(l, r, c->items[i].line, c->items[i].actions, "");
		fed += is_made(l, &c->items[i]);
	}
	say_actions(l, r, r->line, c->except,
		    ", which except-actions excludes");
	say_actions(l, r, r->line, c->then, ", which then waits for");
	if (!fed) {
		smi_lint_say(l, r, r->line,
			     "nothing feeds the kind %s: it finds nothing",
			     r->kind);
		return;
	}
	for (size_t i = 0; i < c->ngroup_by; i++)
		check_role(l, r, c->group_by[i], "group-by");
	check_role(l, r, c->field, "field");
	check_role(l, r, c->once_per, "once-per");
}
