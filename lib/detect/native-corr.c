/* SPDX-License-Identifier: MIT */
#include "detect/native.h"

#define DEFAULT_WITHIN (600 * SMI_SEC)
#define MAX_SPAN       (INT64_C(366) * 86400 * SMI_SEC)
#define MAX_COUNT      100000

struct smi_correlation *smi_native_corr(struct smi_native *n)
{
	struct smi_correlation *c = n->rule->corr;

	if (c)
		return c;
	c = smi_arena_zalloc(&n->rs->arena, sizeof(*c));
	if (!c) {
		n->rc = -ENOMEM;
		return NULL;
	}
	c->field = SMI_ROLE_NONE;
	c->once_per = SMI_ROLE_NONE;
	n->rule->corr = c;
	return c;
}

static bool is_text(const struct smi_yaml *v)
{
	return v->type == SMI_YAML_SCALAR;
}

static int64_t read_span(struct smi_native *n, const struct smi_yaml *v)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	struct smi_span text = smi_span_of(v->text, is_text(v) ? v->len : 0);
	uint64_t number = 0;
	size_t digits = smi_span_digits(text, &number);

	for (size_t i = 0; digits && i < SMI_COUNT(units); i++) {
		int64_t unit = units[i].seconds * SMI_SEC;

		if (text.len == digits + 1 && text.p[digits] == units[i].unit &&
		    number > 0 && number <= (uint64_t)(MAX_SPAN / unit))
			return (int64_t)number * unit;
	}
	smi_native_bad(n, v->line,
		       "a time span is a number and s, m, h or d (600s), at "
		       "most 366d");
	return 0;
}

static uint64_t read_count(struct smi_native *n, const struct smi_yaml *v)
{
	uint64_t number = 0;

	if (!is_text(v) ||
	    !smi_span_uint(smi_span_of(v->text, v->len), MAX_COUNT, &number) ||
	    number == 0)
		smi_native_bad(n, v->line,
			       "a number from 1 to %d must stand here",
			       MAX_COUNT);
	return number;
}

static enum smi_role read_role(struct smi_native *n, const struct smi_yaml *v)
{
	enum smi_role role = smi_role_by_name(smi_span_of(v->text, v->len));

	if (role == SMI_ROLE_NONE || role == SMI_ROLE_COUNT)
		smi_native_bad(n, v->line,
			       "\"%.40s\" is no field to group by: source_ip, "
			       "source_host, source_port, dest_port, user, "
			       "host, program, url",
			       v->text);
	return role;
}

static void add_group(struct smi_native *n, const struct smi_yaml *item,
		      void *user)
{
	struct smi_correlation *c = user;
	enum smi_role role = read_role(n, item);

	if (c->ngroup_by == SMI_MAX_GROUP_BY)
		smi_native_bad(n, item->line, "group-by has at most %d fields",
			       SMI_MAX_GROUP_BY);
	else
		c->group_by[c->ngroup_by++] = role;
}

void smi_native_group_by(struct smi_native *n, const struct smi_yaml *v)
{
	struct smi_correlation *c = smi_native_corr(n);

	if (c)
		smi_native_each(n, v, add_group, c);
}

void smi_native_timespan(struct smi_native *n, const struct smi_yaml *v)
{
	struct smi_correlation *c = smi_native_corr(n);

	if (c)
		c->span = read_span(n, v);
}

static void read_type(struct smi_native *n, const struct smi_yaml *v)
{
	static const char *const names[] = {
		[SMI_CORR_EVENT_COUNT] = "event_count",
		[SMI_CORR_VALUE_COUNT] = "value_count",
		[SMI_CORR_RATIO] = "ratio",
		[SMI_CORR_SILENCE] = "silence",
		[SMI_CORR_TEMPORAL] = "temporal",
		[SMI_CORR_TEMPORAL_ORDERED] = "temporal_ordered",
	};

	for (size_t i = 0; i < SMI_COUNT(names); i++) {
		if (is_text(v) && strcmp(v->text, names[i]) == 0) {
			n->rule->corr->type = (enum smi_corr_type)i;
			return;
		}
	}
	smi_native_bad(n, v->line,
		       "type is event_count, value_count, ratio, silence, "
		       "temporal, temporal_ordered or join");
}

static void add_item(struct smi_native *n, const struct smi_yaml *v,
		     struct smi_item item)
{
	struct smi_correlation *c = n->rule->corr;

	item.line = v->line;
	if (c->nitems == SMI_MAX_ITEMS)
		smi_native_bad(n, v->line,
			       "at most %d rules or actions in one correlation",
			       SMI_MAX_ITEMS);
	else
		c->items[c->nitems++] = item;
}

static void add_item_action(struct smi_native *n, const struct smi_yaml *v,
			    void *user)
{
	(void)user;
	add_item(n, v, (struct smi_item){ .actions = smi_native_action(n, v) });
}

static void add_item_rule(struct smi_native *n, const struct smi_yaml *v,
			  void *user)
{
	(void)user;
	add_item(n, v, (struct smi_item){ .rule = smi_native_text(n, v) });
}

static void read_actions(struct smi_native *n, const struct smi_yaml *v)
{
	smi_native_each(n, v, add_item_action, NULL);
}

static void read_rules(struct smi_native *n, const struct smi_yaml *v)
{
	smi_native_each(n, v, add_item_rule, NULL);
}

static void read_gte(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->count = read_count(n, v);
}

static void read_gt(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->count = read_count(n, v) + 1;
}

static void read_condition(struct smi_native *n, const struct smi_yaml *v)
{
	static const struct smi_native_key keys[] = { { "gte", read_gte },
						      { "gt", read_gt } };

	if (v->type != SMI_YAML_MAP || !v->child || v->child->next->next) {
		smi_native_bad(n, v->line,
			       "a condition is one of {gte: N} and {gt: N}");
		return;
	}
	smi_native_read_map(n, v, keys, SMI_COUNT(keys),
			    "a condition, which knows gte and gt");
}

static void read_field(struct smi_native *n, const struct smi_yaml *v)
{
	const char *text = smi_native_text(n, v);

	if (text)
		n->rule->corr->field = read_role(n, v);
}

static void read_once_per(struct smi_native *n, const struct smi_yaml *v)
{
	const char *text = smi_native_text(n, v);

	if (text)
		n->rule->corr->once_per = read_role(n, v);
}

static void read_unless(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->unless = smi_native_text(n, v);
}

static void read_max_per_value(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->max_per_value = read_count(n, v);
}

static void read_min_events(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->min_events = read_count(n, v);
}

static void read_min_slots(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->min_slots = read_count(n, v);
}

static void read_slot(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->slot = read_span(n, v);
}

static void read_after(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->after = read_span(n, v);
}

static void add_bit(struct smi_native *n, const struct smi_yaml *v, void *user)
{
	uint64_t *bits = user;

	*bits |= smi_native_action(n, v);
}

static void read_except(struct smi_native *n, const struct smi_yaml *v)
{
	smi_native_each(n, v, add_bit, &n->rule->corr->except);
}

static void read_share_actions(struct smi_native *n, const struct smi_yaml *v)
{
	smi_native_each(n, v, add_bit, &n->rule->corr->share);
}

static void read_percent(struct smi_native *n, const struct smi_yaml *v)
{
	uint64_t *out = &n->rule->corr->percent;

	if (!is_text(v) ||
	    !smi_span_uint(smi_span_of(v->text, v->len), 100, out) || !*out)
		smi_native_bad(n, v->line, "a percentage is 1 to 100");
}

static void read_share(struct smi_native *n, const struct smi_yaml *v)
{
	static const struct smi_native_key keys[] = {
		{ "actions", read_share_actions },
		{ "percent", read_percent },
	};

	if (v->type == SMI_YAML_MAP)
		smi_native_read_map(n, v, keys, SMI_COUNT(keys), "share");
	if (!n->bad && (!n->rule->corr->share || !n->rule->corr->percent))
		smi_native_bad(n, v->line,
			       "share is {actions: [...], percent: 80}");
}

static void read_then_actions(struct smi_native *n, const struct smi_yaml *v)
{
	smi_native_each(n, v, add_bit, &n->rule->corr->then);
}

static void read_within(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->within = read_span(n, v);
}

static void read_then(struct smi_native *n, const struct smi_yaml *v)
{
	static const struct smi_native_key keys[] = {
		{ "actions", read_then_actions },
		{ "within", read_within },
	};

	if (v->type != SMI_YAML_MAP) {
		smi_native_bad(n, v->line,
			       "then is {actions: [...], within: 600s}");
		return;
	}
	n->rule->corr->within = DEFAULT_WITHIN;
	smi_native_read_map(n, v, keys, SMI_COUNT(keys), "then");
	if (!n->rule->corr->then && !n->bad)
		smi_native_bad(n, v->line, "then needs actions");
}

static void read_prefix(struct smi_native *n, const struct smi_yaml *v,
			uint64_t max, uint8_t *out)
{
	uint64_t bits = 0;

	if (!is_text(v) ||
	    !smi_span_uint(smi_span_of(v->text, v->len), max, &bits) ||
	    bits == 0)
		smi_native_bad(n, v->line, "a prefix has 1 to %d bits",
			       (int)max);
	*out = (uint8_t)bits;
}

static void read_ipv4(struct smi_native *n, const struct smi_yaml *v)
{
	read_prefix(n, v, 31, &n->rule->corr->prefix4);
}

static void read_ipv6(struct smi_native *n, const struct smi_yaml *v)
{
	read_prefix(n, v, 127, &n->rule->corr->prefix6);
}

static void read_fallback(struct smi_native *n, const struct smi_yaml *v)
{
	static const struct smi_native_key keys[] = { { "ipv4", read_ipv4 },
						      { "ipv6", read_ipv6 } };

	if (v->type == SMI_YAML_MAP)
		smi_native_read_map(n, v, keys, SMI_COUNT(keys),
				    "fallback-prefix");
	else
		smi_native_bad(n, v->line, "fallback-prefix is {ipv6: 64}");
}

static void read_cooldown(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->corr->cooldown = read_span(n, v);
}

static const struct smi_native_key keys[] = {
	{ "type", read_type },
	{ "actions", read_actions },
	{ "rules", read_rules },
	{ "group-by", smi_native_group_by },
	{ "timespan", smi_native_timespan },
	{ "condition", read_condition },
	{ "field", read_field },
	{ "once-per", read_once_per },
	{ "unless", read_unless },
	{ "max-per-value", read_max_per_value },
	{ "min-events", read_min_events },
	{ "min-slots", read_min_slots },
	{ "slot", read_slot },
	{ "share", read_share },
	{ "after", read_after },
	{ "except-actions", read_except },
	{ "then", read_then },
	{ "fallback-prefix", read_fallback },
	{ "cooldown", read_cooldown },
};

void smi_native_correlation(struct smi_native *n, const struct smi_yaml *v)
{
	if (v->type != SMI_YAML_MAP) {
		smi_native_bad(n, v->line, "a correlation is a map of keys");
		return;
	}
	if (!smi_native_corr(n))
		return;
	if (!smi_yaml_get(v, "type"))
		smi_native_bad(n, v->line, "the type is missing");
	smi_native_read_map(n, v, keys, SMI_COUNT(keys), "a correlation");
}

/* So many slots cannot be begun within the timespan. */
static bool is_too_long(const struct smi_correlation *c)
{
	return c->slot && c->min_slots > (uint64_t)(c->span / c->slot) + 1;
}

/* None of the actions that are counted is one of the share. */
static bool shares_nothing(const struct smi_correlation *c)
{
	uint64_t all = 0;

	for (size_t i = 0; i < c->nitems; i++)
		all |= c->items[i].actions ? c->items[i].actions : UINT64_MAX;
	return c->share && !(c->share & all);
}

struct check {
	bool wrong;
	const char *text;
};

static void check_all(struct smi_native *n, const struct check *checks,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (checks[i].wrong)
			smi_native_bad(n, n->rule->line, "%s", checks[i].text);
}

static void check_newer_types(struct smi_native *n)
{
	const struct smi_correlation *c = n->rule->corr;
	bool ratio = c->type == SMI_CORR_RATIO;
	bool silence = c->type == SMI_CORR_SILENCE;
	bool slots = c->type <= SMI_CORR_VALUE_COUNT && !c->then;
	const struct check checks[] = {
		{ ratio && !c->share,
		  "ratio needs a share ({actions: [...], percent: 80})" },
		{ !ratio && c->share, "share is for ratio only" },
		{ shares_nothing(c), "the actions of share are none of those "
				     "that are counted" },
		{ !silence && c->after, "after is for silence only" },
		{ silence && (c->prefix4 || c->prefix6),
		  "silence takes no fallback-prefix" },
		{ !c->min_slots != !c->slot,
		  "min-slots and slot need one another" },
		{ !slots && c->min_slots,
		  "min-slots is for event_count without then, and for "
		  "value_count" },
		{ is_too_long(c),
		  "min-slots of that length do not fit into the timespan" },
	};

	check_all(n, checks, SMI_COUNT(checks));
}

/* Key, and the types of correlation that know it. */
void smi_native_check_correlation(struct smi_native *n)
{
	const struct smi_correlation *c = n->rule->corr;
	bool counts = c->type < SMI_CORR_TEMPORAL;
	bool values = c->type == SMI_CORR_VALUE_COUNT;
	const struct check checks[] = {
		{ !c->nitems, "it needs actions or rules" },
		{ !c->ngroup_by, "it needs group-by" },
		{ !c->span, "it needs a timespan" },
		{ counts && !c->count, "it needs a condition ({gte: 5})" },
		{ !counts && c->count, "temporal takes no condition" },
		{ !counts && c->nitems < 2,
		  "temporal needs two rules or actions at least" },
		{ values && c->field == SMI_ROLE_NONE,
		  "value_count needs a field" },
		{ !values && c->field != SMI_ROLE_NONE,
		  "field is for value_count only" },
		{ !values && (c->max_per_value || c->min_events || c->except),
		  "max-per-value, min-events and except-actions are for "
		  "value_count only" },
		{ !values && c->once_per != SMI_ROLE_NONE,
		  "once-per is for value_count only" },
		{ c->then && c->type != SMI_CORR_EVENT_COUNT,
		  "then is for event_count only" },
		{ (c->prefix4 || c->prefix6) &&
			  (c->ngroup_by != 1 ||
			   c->group_by[0] != SMI_ROLE_SOURCE_IP || c->then),
		  "fallback-prefix needs group-by: [source_ip], and no then" },
	};

	check_all(n, checks, SMI_COUNT(checks));
	check_newer_types(n);
}
