/* SPDX-License-Identifier: MIT */
#include "detect/native.h"

#include <stdarg.h>
#include <stdlib.h>

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

static bool read_value(struct smi_native *n, const struct smi_yaml *k,
		       const struct smi_native_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (strcmp(keys->v[i].name, k->text) == 0) {
			keys->v[i].read(n, k->next);
			return true;
		}
	}
	return false;
}

static void bad_key(struct smi_native *n, const struct smi_yaml *k,
		    const char *what)
{
	smi_native_bad(n, k->line, "\"%.60s\" is not a key of %s", k->text,
		       what);
}

void smi_native_read_map(struct smi_native *n, const struct smi_yaml *map,
			 const struct smi_native_key *keys, size_t nkeys,
			 const char *what)
{
	const struct smi_native_keys all = { keys, nkeys };

	for (const struct smi_yaml *k = map->child; k; k = k->next->next)
		if (!read_value(n, k, &all))
			bad_key(n, k, what);
}

/* It was taken before all others, so that their problems can name it. */
static void read_id(struct smi_native *n, const struct smi_yaml *v)
{
	(void)n;
	(void)v;
}

static void read_kind(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->kind = smi_native_name(n, v, "kind");
}

static void read_title(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->title = smi_native_sentence(n, v);
}

static void read_why(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->why = smi_native_sentence(n, v);
}

static void read_next_step(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->next_step = smi_native_sentence(n, v);
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

static void read_attack(struct smi_native *n, const struct smi_yaml *v)
{
	struct smi_native_texts l = smi_native_texts(n, v);

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

static void read_key(struct smi_native *n, const struct smi_yaml *v)
{
	if (v->type != SMI_YAML_SCALAR || v->len != SMI_ID_STRLEN - 1 ||
	    strspn(v->text, "0123456789abcdef") != v->len)
		smi_native_bad(n, v->line,
			       "the key is a finding's: 32 hexadecimal digits");
	else
		n->rule->key = smi_native_keep(n, v->text, v->len);
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

/* What pattern rules and correlations share. */
static const struct smi_native_key rule_keys[] = {
	{ "id", read_id },
	{ "title", read_title },
	{ "kind", read_kind },
	{ "severity", read_severity },
	{ "attack", read_attack },
	{ "why", read_why },
	{ "next_step", read_next_step },
};

static const struct smi_native_keys shared = { rule_keys,
					       SMI_COUNT(rule_keys) };

static const struct smi_native_key correlation_key[] = {
	{ "correlation", smi_native_correlation },
};

static const struct smi_native_keys correlation_keys = { correlation_key, 1 };

static const struct smi_native_key allow_key[] = {
	{ "id", read_id },	   { "title", read_title },
	{ "kind", read_kind },	   { "key", read_key },
	{ "reason", read_reason }, { "expires", read_expires },
};

static const struct smi_native_keys allow_keys = { allow_key,
						   SMI_COUNT(allow_key) };

static const struct document {
	const char *name;
	const struct smi_native_keys *keys[2];
} documents[] = {
	[SMI_RULE_PATTERN] = { "a pattern rule",
			       { &shared, &smi_native_pattern_keys } },
	[SMI_RULE_CORRELATION] = { "a correlation",
				   { &shared, &correlation_keys } },
	[SMI_RULE_JOIN] = { "a correlation",
			    { &shared, &smi_native_join_keys } },
	[SMI_RULE_ALLOW] = { "an allow entry",
			     { &allow_keys, &smi_native_allow_keys } },
};

static void read_document(struct smi_native *n, const struct smi_yaml *doc,
			  const struct document *d)
{
	for (const struct smi_yaml *k = doc->child; k; k = k->next->next) {
		if (!read_value(n, k, d->keys[0]) &&
		    !(d->keys[1] && read_value(n, k, d->keys[1])))
			bad_key(n, k, d->name);
	}
}

static enum smi_rule_type type_of(const struct smi_yaml *doc)
{
	const struct smi_yaml *kind = smi_yaml_get(doc, "kind");

	if (smi_native_is_join(doc))
		return SMI_RULE_JOIN;
	if (smi_yaml_get(doc, "correlation"))
		return SMI_RULE_CORRELATION;
	if (kind && kind->type == SMI_YAML_SCALAR &&
	    strcmp(kind->text, "allow") == 0)
		return SMI_RULE_ALLOW;
	return SMI_RULE_PATTERN;
}

static void complete(struct smi_native *n)
{
	struct smi_rule *r = n->rule;

	if (!r->id[0] && !n->bad)
		smi_native_bad(n, r->line, "the id is missing");
	if (!r->title && r->type != SMI_RULE_ALLOW)
		smi_native_bad(n, r->line, "the title is missing");
	if (r->type == SMI_RULE_PATTERN)
		smi_native_check_pattern(n);
	if ((r->type == SMI_RULE_CORRELATION || r->type == SMI_RULE_JOIN) &&
	    !r->kind)
		smi_native_bad(n, r->line, "the kind is missing");
	if (r->type == SMI_RULE_CORRELATION && !n->bad)
		smi_native_check_correlation(n);
	if (r->type == SMI_RULE_JOIN)
		smi_native_check_join(n);
	if (r->type == SMI_RULE_ALLOW)
		smi_native_check_allow(n);
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
	const char *name = id ? smi_native_name(n, id, "id") : NULL;

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
	read_document(n, doc, &documents[r->type]);
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
