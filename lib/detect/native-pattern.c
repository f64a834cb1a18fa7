/* SPDX-License-Identifier: MIT */
#include "detect/join-rule.h"
#include "detect/native.h"
#include "detect/shape.h"

#define KIND_WINDOW (600 * SMI_SEC)

static const char *const role_names[] = {
	[SMI_ROLE_SOURCE_IP] = "source_ip",
	[SMI_ROLE_SOURCE_HOST] = "source_host",
	[SMI_ROLE_SOURCE_PORT] = "source_port",
	[SMI_ROLE_DEST_PORT] = "dest_port",
	[SMI_ROLE_USER] = "user",
	[SMI_ROLE_COUNT] = "count",
	[SMI_ROLE_HOST] = "host",
	[SMI_ROLE_PROGRAM] = "program",
	[SMI_ROLE_URL] = "url",
};

enum smi_role smi_role_by_name(struct smi_span name)
{
	for (unsigned i = 0; i < SMI_COUNT(role_names); i++)
		if (smi_span_eq_str(name, role_names[i]))
			return (enum smi_role)i;
	return SMI_ROLE_NONE;
}

void smi_rule_release(struct smi_rule *r)
{
	for (size_t i = 0; i < r->npatterns; i++)
		smi_regex_release(&r->patterns[i].re);
	smi_join_rule_release(r->join);
}

static void read_program(struct smi_native *n, const struct smi_yaml *v)
{
	struct smi_native_texts l = smi_native_texts(n, v);

	/* RFC 5424's nil value: the header names no program. */
	for (size_t i = 0; i < l.n; i++)
		if (strcmp(l.v[i], "-") == 0)
			l.v[i] = "";
	n->rule->programs = l.v;
	n->rule->nprograms = l.n;
}

uint64_t smi_native_action(struct smi_native *n, const struct smi_yaml *item)
{
	const char *name = smi_native_name(n, item, "action");
	uint64_t bit = name ? smi_actions_bit(&n->rs->actions, name) : 0;

	if (name && !bit)
		smi_native_bad(n, item->line,
			       "the rules name more than %d actions",
			       SMI_MAX_ACTIONS);
	return bit;
}

static void read_action(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->actions |= smi_native_action(n, v);
	n->rule->action = smi_native_name(n, v, "action");
}

static void add_action(struct smi_native *n, const struct smi_yaml *item,
		       void *user)
{
	(void)user;
	n->rule->actions |= smi_native_action(n, item);
}

static void read_counts_as(struct smi_native *n, const struct smi_yaml *v)
{
	smi_native_each(n, v, add_action, NULL);
}

static void read_outcome(struct smi_native *n, const struct smi_yaml *v)
{
	static const char *const names[] = { "unknown", "failure", "success" };

	for (size_t i = 0; i < SMI_COUNT(names); i++) {
		if (v->type == SMI_YAML_SCALAR &&
		    strcmp(v->text, names[i]) == 0) {
			n->rule->outcome = (int)i;
			n->has_outcome = true;
			return;
		}
	}
	smi_native_bad(n, v->line, "outcome is failure, success or unknown");
}

static void read_failure(struct smi_native *n, const struct smi_yaml *v)
{
	bool yes = v->type == SMI_YAML_SCALAR && strcmp(v->text, "true") == 0;
	bool no = v->type == SMI_YAML_SCALAR && strcmp(v->text, "false") == 0;

	if (!yes && !no)
		smi_native_bad(n, v->line, "failure is true or false");
	n->rule->failure = yes;
	n->has_failure = true;
}

static void find_captures(struct smi_pattern *p)
{
	for (unsigned i = 0; i < SMI_NCAPTURES; i++)
		p->group[i] = (int8_t)smi_regex_group(&p->re, role_names[i]);
}

/* One remark for all that is too much in a document. */
static bool is_full(struct smi_native *n, const struct smi_yaml *item)
{
	const sm_ruleset *rs = n->rs;

	if (rs->npatterns < SMI_MAX_PATTERNS &&
	    rs->pattern_bytes < SMI_MAX_PATTERN_BYTES)
		return false;
	if (!n->full)
		smi_native_bad(n, item->line,
			       "all rules together have at most %d patterns "
			       "and %u MiB of them compiled",
			       SMI_MAX_PATTERNS, SMI_MAX_PATTERN_BYTES >> 20);
	n->full = true;
	return true;
}

static void remark_loose(struct smi_native *n, const struct smi_pattern *p)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	struct smi_shape *shape;
	int r = smi_shape_read(p->text, &a, &shape);

	if (r == 0 && smi_shape_is_loose(shape, "source_ip"))
		r = smi_ruleset_problem(
			n->rs, SM_SEV_LOW, n->file, p->line, n->rule->id,
			"a text of any form, such as .*, stands before "
			"source_ip, and what follows is not tied to the end of "
			"the line by $: who writes the line may choose the "
			"address");
	if (r < 0 && r != -ENOTSUP)
		n->rc = -ENOMEM;
}

static void add_pattern(struct smi_native *n, const struct smi_yaml *item,
			void *user)
{
	struct smi_regex_error err = { 0 };
	struct smi_pattern *p = &n->rule->patterns[n->rule->npatterns];
	struct smi_span text = smi_span_of(item->text, item->len);
	int r;

	(void)user;
	if (is_full(n, item))
		return;
	n->rs->npatterns++;
	r = smi_regex_compile(text, &p->re, &err);
	if (r == -ENOMEM) {
		n->rc = r;
		return;
	}
	if (r < 0) {
		smi_native_bad(n, item->line,
			       "the pattern is wrong at byte %zu: %s",
			       err.offset + 1, err.text);
		return;
	}
	n->rs->pattern_bytes += smi_regex_size(&p->re);
	p->line = item->line;
	find_captures(p);
	p->text = smi_span_of(smi_native_keep(n, item->text, item->len),
			      item->len);
	n->rule->npatterns++;
	if (n->rc == 0)
		remark_loose(n, p);
}

static void read_patterns(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->patterns = smi_arena_zalloc(
		&n->rs->arena,
		smi_native_count(v) * sizeof(*n->rule->patterns));
	if (!n->rule->patterns)
		n->rc = -ENOMEM;
	else
		smi_native_each(n, v, add_pattern, NULL);
}

static void add_sample(struct smi_native *n, const struct smi_yaml *item,
		       void *user)
{
	const bool *match = user;
	struct smi_rule *r = n->rule;
	char *text;

	if (r->nsamples == SMI_MAX_SAMPLES) {
		if (!n->full)
			smi_native_bad(n, item->line,
				       "a rule has at most %d samples",
				       SMI_MAX_SAMPLES);
		n->full = true;
		return;
	}
	text = smi_native_keep(n, item->text, item->len);
	if (text)
		r->samples[r->nsamples++] = (struct smi_sample){
			{ text, item->len }, item->line, *match
		};
}

static void read_samples(struct smi_native *n, const struct smi_yaml *v,
			 bool match)
{
	struct smi_rule *r = n->rule;
	size_t room = r->nsamples + smi_native_count(v);
	struct smi_sample *all =
		smi_arena_alloc(&n->rs->arena, room * sizeof(*all));

	if (!all) {
		n->rc = -ENOMEM;
		return;
	}
	if (r->nsamples)
		memcpy(all, r->samples, r->nsamples * sizeof(*all));
	r->samples = all;
	smi_native_each(n, v, add_sample, &match);
}

static void read_match(struct smi_native *n, const struct smi_yaml *v)
{
	read_samples(n, v, true);
}

static void read_nomatch(struct smi_native *n, const struct smi_yaml *v)
{
	read_samples(n, v, false);
}

static const struct smi_native_key keys[] = {
	{ "program", read_program },
	{ "action", read_action },
	{ "counts-as", read_counts_as },
	{ "outcome", read_outcome },
	{ "failure", read_failure },
	{ "subject", smi_native_subject },
	{ "method", smi_native_method },
	{ "status", smi_native_status },
	{ "literals", smi_native_literals },
	{ "patterns", read_patterns },
	{ "group-by", smi_native_group_by },
	{ "timespan", smi_native_timespan },
	{ "match", read_match },
	{ "nomatch", read_nomatch },
};

const struct smi_native_keys smi_native_pattern_keys = { keys,
							 SMI_COUNT(keys) };

static bool captures(const struct smi_rule *r, enum smi_role role)
{
	for (size_t i = 0; i < r->npatterns; i++)
		if (r->patterns[i].group[role] >= 0)
			return true;
	return false;
}

/* A pattern rule with a kind: each of its events meets the condition. */
static void complete_kind(struct smi_native *n)
{
	struct smi_correlation *c = smi_native_corr(n);
	enum smi_role role = SMI_ROLE_PROGRAM;

	if (!c)
		return;
	c->type = SMI_CORR_EVENT_COUNT;
	c->count = 1;
	if (!c->span)
		c->span = KIND_WINDOW;
	c->items[0] = (struct smi_item){ .rule = n->rule->id };
	c->nitems = 1;
	if (n->rule->web || captures(n->rule, SMI_ROLE_SOURCE_IP))
		role = SMI_ROLE_SOURCE_IP;
	else if (captures(n->rule, SMI_ROLE_USER))
		role = SMI_ROLE_USER;
	if (!c->ngroup_by)
		c->group_by[c->ngroup_by++] = role;
}

void smi_native_check_pattern(struct smi_native *n)
{
	struct smi_rule *r = n->rule;
	const struct smi_action *known =
		r->action ? smi_action_by_name(r->action) : NULL;

	smi_native_check_web(n);
	if (!r->npatterns && !(r->web && r->web->nliterals) && !n->bad)
		smi_native_bad(n, r->line, "patterns are missing");
	if (!r->action && !n->bad)
		smi_native_bad(n, r->line, "the action is missing");
	if (known && !n->has_outcome)
		r->outcome = known->outcome;
	if (known && !n->has_failure)
		r->failure = known->failure;
	if (r->action && !known && !n->has_outcome)
		smi_native_bad(n, r->line,
			       "the action \"%s\" needs an outcome: failure, "
			       "success or unknown",
			       r->action);
	if (r->kind)
		complete_kind(n);
	else if (r->corr)
		smi_native_bad(n, r->line,
			       "group-by and timespan need a kind here");
}
