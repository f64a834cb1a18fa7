/* SPDX-License-Identifier: MIT */
#include "detect/native.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "record/sentence.h"

#define KIND_WINDOW (600 * SMI_SEC)

static const char *const role_names[] = {
	[SMI_ROLE_SOURCE_IP] = "source_ip",
	[SMI_ROLE_SOURCE_HOST] = "source_host",
	[SMI_ROLE_SOURCE_PORT] = "source_port",
	[SMI_ROLE_USER] = "user",
	[SMI_ROLE_COUNT] = "count",
	[SMI_ROLE_HOST] = "host",
	[SMI_ROLE_PROGRAM] = "program",
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
}

void smi_native_bad(struct smi_native *n, uint32_t line, const char *fmt, ...)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	va_list ap;
	int r;

	n->bad = true;
	va_start(ap, fmt);
	smi_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (!smi_buf_cstr(&text)) {
		n->rc = -ENOMEM;
		return;
	}
	r = smi_ruleset_problem(n->rs, SM_SEV_HIGH, n->file, line, n->rule->id,
				"%s", text.p);
	if (r < 0)
		n->rc = r;
}

void smi_native_read_map(struct smi_native *n, const struct smi_yaml *map,
			 const struct smi_native_key *keys, size_t nkeys,
			 const char *what)
{
	for (const struct smi_yaml *k = map->child; k; k = k->next->next) {
		size_t i = 0;

		while (i < nkeys && strcmp(keys[i].name, k->text) != 0)
			i++;
		if (i < nkeys)
			keys[i].read(n, k->next);
		else
			smi_native_bad(n, k->line,
				       "\"%.60s\" is not a key of %s", k->text,
				       what);
	}
}

static char *keep(struct smi_native *n, const char *p, size_t len)
{
	char *copy = smi_arena_strndup(&n->rs->arena, p, len);

	if (!copy)
		n->rc = -ENOMEM;
	return copy;
}

const char *smi_native_text(struct smi_native *n, const struct smi_yaml *v)
{
	if (v->type != SMI_YAML_SCALAR || v->len == 0) {
		smi_native_bad(n, v->line, "a text must stand here");
		return NULL;
	}
	return keep(n, v->text, v->len);
}

void smi_native_each(struct smi_native *n, const struct smi_yaml *list,
		     void (*fn)(struct smi_native *n,
				const struct smi_yaml *item, void *user),
		     void *user)
{
	const struct smi_yaml *v = list;

	if (list->type == SMI_YAML_SEQ)
		v = list->child;
	if (!v || list->type == SMI_YAML_MAP) {
		smi_native_bad(n, list->line,
			       "a list of texts must stand here");
		return;
	}
	for (; v; v = list->type == SMI_YAML_SEQ ? v->next : NULL) {
		if (v->type == SMI_YAML_SCALAR && v->len)
			fn(n, v, user);
		else
			smi_native_bad(n, v->line, "a text must stand here");
	}
}

/* Names that scripts and bits stand for: letters, digits, - and _. */
static const char *read_name(struct smi_native *n, const struct smi_yaml *v,
			     const char *what)
{
	if (v->type == SMI_YAML_SCALAR && v->len > 0 && v->len < 64) {
		size_t ok = strspn(v->text,
				   "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

		if (ok == v->len)
			return keep(n, v->text, v->len);
	}
	smi_native_bad(n, v->line,
		       "the %s must be 1 to 63 letters, digits, '-', '_', '.'",
		       what);
	return NULL;
}

/* It was taken before all others, so that their problems can name it. */
static void read_id(struct smi_native *n, const struct smi_yaml *v)
{
	(void)n;
	(void)v;
}

static void read_kind(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->kind = read_name(n, v, "kind");
}

static const char *read_sentence(struct smi_native *n, const struct smi_yaml *v)
{
	const char *text = smi_native_text(n, v);

	if (text && !smi_utf8_clean(smi_span_str(text)))
		smi_native_bad(n, v->line,
			       "control characters are not allowed here");
	if (text && smi_sentence_check(smi_span_str(text)) < 0)
		smi_native_bad(n, v->line,
			       "braces must be {name}, or {{ and }}");
	return text;
}

static void read_title(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->title = read_sentence(n, v);
}

static void read_why(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->why = read_sentence(n, v);
}

static void read_next_step(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->next_step = read_sentence(n, v);
}

static void read_severity(struct smi_native *n, const struct smi_yaml *v)
{
	int severity = v->type == SMI_YAML_SCALAR ? sm_severity_by_name(v->text)
						  : -ENOENT;

	if (severity < 0)
		smi_native_bad(
			n, v->line,
			"severity is info, low, medium, high or critical");
	else
		n->rule->severity = severity;
}

struct text_list {
	const char **v;
	size_t n, max;
};

static void add_text(struct smi_native *n, const struct smi_yaml *item,
		     void *user)
{
	struct text_list *l = user;
	const char *text = keep(n, item->text, item->len);

	if (text && l->n < l->max)
		l->v[l->n++] = text;
}

static size_t count_items(const struct smi_yaml *list)
{
	size_t count = 1;

	if (list->type == SMI_YAML_SEQ)
		for (const struct smi_yaml *v = list->child; v; v = v->next)
			count++;
	return count;
}

static struct text_list read_texts(struct smi_native *n,
				   const struct smi_yaml *v)
{
	struct text_list l = { .max = count_items(v) };

	l.v = smi_arena_alloc(&n->rs->arena, l.max * sizeof(*l.v));
	if (!l.v)
		n->rc = -ENOMEM;
	else
		smi_native_each(n, v, add_text, &l);
	return l;
}

static void read_attack(struct smi_native *n, const struct smi_yaml *v)
{
	struct text_list l = read_texts(n, v);

	n->rule->attack = l.v;
	n->rule->nattack = l.n;
	for (size_t i = 0; i < l.n; i++) {
		size_t ok = strspn(l.v[i], "T0123456789.");

		if (l.v[i][0] != 'T' || l.v[i][ok])
			smi_native_bad(n, v->line,
				       "\"%.40s\" is no ATT&CK technique "
				       "(T1110.001)",
				       l.v[i]);
	}
}

static void read_program(struct smi_native *n, const struct smi_yaml *v)
{
	struct text_list l = read_texts(n, v);

	n->rule->programs = l.v;
	n->rule->nprograms = l.n;
}

uint64_t smi_native_action(struct smi_native *n, const struct smi_yaml *item)
{
	const char *name = read_name(n, item, "action");
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
	n->rule->action = read_name(n, v, "action");
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
	n->rule->npatterns++;
	if (smi_regex_loose_before(text, "source_ip") &&
	    smi_ruleset_problem(n->rs, SM_SEV_LOW, n->file, item->line,
				n->rule->id,
				"a greedy .* or .+ before source_ip, and what "
				"follows is not tied to the end of the line "
				"by $: who writes the line may choose the "
				"address") < 0)
		n->rc = -ENOMEM;
}

static void read_patterns(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->patterns = smi_arena_zalloc(
		&n->rs->arena, count_items(v) * sizeof(*n->rule->patterns));
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
	text = keep(n, item->text, item->len);
	if (text)
		r->samples[r->nsamples++] = (struct smi_sample){
			{ text, item->len }, item->line, *match
		};
}

static void read_samples(struct smi_native *n, const struct smi_yaml *v,
			 bool match)
{
	struct smi_rule *r = n->rule;
	size_t room = r->nsamples + count_items(v);
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

static void read_key(struct smi_native *n, const struct smi_yaml *v)
{
	if (v->type != SMI_YAML_SCALAR || v->len != SMI_ID_STRLEN - 1 ||
	    strspn(v->text, "0123456789abcdef") != v->len)
		smi_native_bad(n, v->line,
			       "the key is a finding's: 32 hexadecimal digits");
	else
		n->rule->key = keep(n, v->text, v->len);
}

static void read_reason(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->reason = smi_native_text(n, v);
}

/* A date ends with its day, in UTC. */
static void read_expires(struct smi_native *n, const struct smi_yaml *v)
{
	char text[64];
	bool ok = v->type == SMI_YAML_SCALAR && v->len < 40;

	if (ok && v->len == 10) {
		memcpy(text, v->text, 10);
		memcpy(text + 10, "T23:59:59Z", 11);
		ok = smi_time_parse(smi_span_str(text), &n->rule->expires);
	} else if (ok) {
		ok = smi_time_parse(smi_span_of(v->text, v->len),
				    &n->rule->expires);
	}
	if (!ok)
		smi_native_bad(n, v->line,
			       "expires is a date (2027-03-31) or an RFC 3339 "
			       "time");
}

static const struct smi_native_key pattern_keys[] = {
	{ "id", read_id },
	{ "title", read_title },
	{ "kind", read_kind },
	{ "program", read_program },
	{ "action", read_action },
	{ "counts-as", read_counts_as },
	{ "outcome", read_outcome },
	{ "failure", read_failure },
	{ "severity", read_severity },
	{ "attack", read_attack },
	{ "patterns", read_patterns },
	{ "group-by", smi_native_group_by },
	{ "timespan", smi_native_timespan },
	{ "why", read_why },
	{ "next_step", read_next_step },
	{ "match", read_match },
	{ "nomatch", read_nomatch },
};

static const struct smi_native_key correlation_keys[] = {
	{ "id", read_id },	   { "title", read_title },
	{ "kind", read_kind },	   { "severity", read_severity },
	{ "attack", read_attack }, { "correlation", smi_native_correlation },
	{ "why", read_why },	   { "next_step", read_next_step },
};

static const struct smi_native_key allow_keys[] = {
	{ "id", read_id },	   { "title", read_title },
	{ "kind", read_kind },	   { "key", read_key },
	{ "reason", read_reason }, { "expires", read_expires },
};

static const struct {
	const char *name;
	const struct smi_native_key *keys;
	size_t n;
} documents[] = {
	[SMI_RULE_PATTERN] = { "a pattern rule", pattern_keys,
			       SMI_COUNT(pattern_keys) },
	[SMI_RULE_CORRELATION] = { "a correlation", correlation_keys,
				   SMI_COUNT(correlation_keys) },
	[SMI_RULE_ALLOW] = { "an allow entry", allow_keys,
			     SMI_COUNT(allow_keys) },
};

static enum smi_rule_type type_of(const struct smi_yaml *doc)
{
	const struct smi_yaml *kind = smi_yaml_get(doc, "kind");

	if (smi_yaml_get(doc, "correlation"))
		return SMI_RULE_CORRELATION;
	if (kind && kind->type == SMI_YAML_SCALAR &&
	    strcmp(kind->text, "allow") == 0)
		return SMI_RULE_ALLOW;
	return SMI_RULE_PATTERN;
}

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
	if (captures(n->rule, SMI_ROLE_SOURCE_IP))
		role = SMI_ROLE_SOURCE_IP;
	else if (captures(n->rule, SMI_ROLE_USER))
		role = SMI_ROLE_USER;
	if (!c->ngroup_by)
		c->group_by[c->ngroup_by++] = role;
}

static void complete_pattern(struct smi_native *n)
{
	struct smi_rule *r = n->rule;
	const struct smi_action *known =
		r->action ? smi_action_by_name(r->action) : NULL;

	if (!r->npatterns && !n->bad)
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

static void complete(struct smi_native *n)
{
	struct smi_rule *r = n->rule;

	if (!r->id[0] && !n->bad)
		smi_native_bad(n, r->line, "the id is missing");
	if (!r->title && r->type != SMI_RULE_ALLOW)
		smi_native_bad(n, r->line, "the title is missing");
	if (r->type == SMI_RULE_PATTERN)
		complete_pattern(n);
	if (r->type == SMI_RULE_CORRELATION && !r->kind)
		smi_native_bad(n, r->line, "the kind is missing");
	if (r->type == SMI_RULE_CORRELATION && !n->bad)
		smi_native_check_correlation(n);
	if (r->type == SMI_RULE_ALLOW && !r->key && !n->bad)
		smi_native_bad(n, r->line, "the key is missing");
	if (r->type == SMI_RULE_ALLOW && !r->reason && !n->bad)
		smi_native_bad(n, r->line, "the reason is missing");
	if (!r->title)
		r->title = r->reason ? r->reason : "";
	if (!r->why)
		r->why = "";
	if (!r->next_step)
		r->next_step = "";
}

static void read_id_first(struct smi_native *n, const struct smi_yaml *doc)
{
	const struct smi_yaml *id = smi_yaml_get(doc, "id");
	const char *name = id ? read_name(n, id, "id") : NULL;

	if (name)
		n->rule->id = name;
}

static int read_rule(struct smi_native *n, const struct smi_yaml *doc)
{
	struct smi_rule *r = smi_arena_zalloc(&n->rs->arena, sizeof(*r));

	if (!r)
		return -ENOMEM;
	n->rule = r;
	r->file = n->file;
	r->line = doc->line;
	r->severity = SM_SEV_INFO;
	r->expires = INT64_MAX;
	r->id = "";
	if (doc->type != SMI_YAML_MAP) {
		smi_native_bad(n, doc->line, "a rule is a map of keys");
		return n->rc;
	}
	r->type = type_of(doc);
	read_id_first(n, doc);
	smi_native_read_map(n, doc, documents[r->type].keys,
			    documents[r->type].n, documents[r->type].name);
	if (n->rc == 0)
		complete(n);
	if (n->rc == 0 && !n->bad)
		n->rc = smi_ruleset_take(n->rs, r);
	if (n->rc < 0 || n->bad)
		smi_rule_release(r);
	return n->rc == -EBADMSG ? 0 : n->rc < 0 ? n->rc : !n->bad;
}

/* A document of nothing, as behind a last "---". */
static bool is_empty(const struct smi_yaml *doc)
{
	return doc->type == SMI_YAML_SCALAR && doc->len == 0;
}

int smi_native_load(sm_ruleset *rs, const char *file, struct smi_span text)
{
	SMI_CLEANUP(smi_yaml_closep) struct smi_yaml_reader *y = NULL;
	SMI_CLEANUP(smi_arena_free) struct smi_arena nodes = { 0 };
	struct smi_yaml_error err = { 0 };
	struct smi_yaml *doc;
	int taken = 0;
	int r = smi_yaml_open(text, &nodes, &y);

	if (r < 0)
		return r;
	while ((r = smi_yaml_next(y, &doc, &err)) == 1) {
		struct smi_native n = { .rs = rs, .file = file };

		r = is_empty(doc) ? 0 : read_rule(&n, doc);
		if (r < 0)
			return r;
		taken += r;
		smi_arena_reset(&nodes);
	}
	if (r == -EBADMSG)
		r = smi_ruleset_problem(rs, SM_SEV_HIGH, file, err.line, "",
					"%s", err.text);
	return r < 0 ? r : taken;
}
