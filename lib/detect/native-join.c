/* SPDX-License-Identifier: MIT */
#include "detect/join-rule.h"
#include "detect/native.h"

void smi_join_rule_release(struct smi_join_rule *j)
{
	for (size_t i = 0; j && i < j->nparts; i++)
		for (int k = 1; k <= SMI_NKINDS; k++)
			smi_filter_free(j->parts[i].choices[k].filter);
}

static int find_part(const struct smi_join_rule *j, struct smi_span name)
{
	for (size_t i = 0; i < j->nparts; i++)
		if (smi_span_eq_str(name, j->parts[i].name))
			return (int)i;
	return -ENOENT;
}

static int kind_of(const char *name)
{
	int kind = sm_kind_by_name(name);

	return smi_join_kind(kind) ? kind : -ENOENT;
}

static void read_filter(struct smi_native *n, const struct smi_yaml *v,
			int kind, struct smi_filter **out)
{
	struct smi_filter_error err = { 0 };
	int r;

	if (v->type != SMI_YAML_SCALAR) {
		smi_native_bad(n, v->line,
			       "a condition over the members of one kind must "
			       "stand here, or ''");
		return;
	}
	if (v->len == 0)
		return;
	r = smi_filter_new(kind, smi_span_of(v->text, v->len), out, &err);
	if (r == -ENOMEM)
		n->rc = r;
	else if (r < 0)
		smi_native_bad(n, v->line, "%s", err.why);
}

static void read_choices(struct smi_native *n, const struct smi_yaml *map,
			 struct smi_join_part *p)
{
	if (map->type != SMI_YAML_MAP || !map->child) {
		smi_native_bad(n, map->line,
			       "a part is a map of kinds of records: {process: "
			       "'user = root'}");
		return;
	}
	for (const struct smi_yaml *k = map->child; k; k = k->next->next) {
		int kind = kind_of(k->text);

		if (kind < 0) {
			smi_native_bad(n, k->line,
				       "a part is a port, process, event, "
				       "finding or host, not \"%.40s\"",
				       k->text);
			continue;
		}
		p->choices[kind].is_on = true;
		read_filter(n, k->next, kind, &p->choices[kind].filter);
	}
}

static void read_parts(struct smi_native *n, const struct smi_yaml *map,
		       enum smi_join_need need)
{
	struct smi_join_rule *j = n->rule->join;

	if (map->type != SMI_YAML_MAP) {
		smi_native_bad(n, map->line,
			       "parts are a map: a name, and what it is");
		return;
	}
	for (const struct smi_yaml *k = map->child; k; k = k->next->next) {
		struct smi_join_part *p = &j->parts[j->nparts];

		if (j->nparts == SMI_JOIN_PARTS) {
			smi_native_bad(n, k->line, "more than %d parts",
				       SMI_JOIN_PARTS);
			return;
		}
		if (find_part(j, smi_span_of(k->text, k->len)) >= 0 ||
		    memchr(k->text, '.', k->len))
			smi_native_bad(n, k->line,
				       "the part \"%.40s\" needs a name of its "
				       "own, without a dot",
				       k->text);
		p->name = smi_native_name(n, k, "part");
		if (!p->name)
			return;
		p->need = need;
		j->nparts++;
		read_choices(n, k->next, p);
	}
}

static void read_needed(struct smi_native *n, const struct smi_yaml *v)
{
	read_parts(n, v, SMI_JOIN_NEEDED);
	n->rule->join->nneeded = n->rule->join->nparts;
}

static void read_without(struct smi_native *n, const struct smi_yaml *v)
{
	read_parts(n, v, SMI_JOIN_WITHOUT);
}

static void read_also(struct smi_native *n, const struct smi_yaml *v)
{
	read_parts(n, v, SMI_JOIN_ALSO);
}

static int field_of(int kind, struct smi_span name)
{
	if (kind == SM_KIND_HOST && smi_span_eq_str(name, "answered"))
		return SMI_JOIN_ANSWERED;
	return smi_kind_find(smi_kind(kind), name);
}

/* Whether records of the part can have it. */
static bool find_fields(const struct smi_join_part *p, struct smi_span name,
			struct smi_join_member *m)
{
	bool evidence = p->choices[SM_KIND_FINDING].is_on;
	bool found = false;

	for (int kind = 1; kind <= SMI_NKINDS; kind++) {
		int f = field_of(kind, name);

		m->field[kind] = -1;
		if (f < 0 || (!p->choices[kind].is_on && !evidence))
			continue;
		m->field[kind] = (int16_t)f;
		found = true;
	}
	return found;
}

static bool read_member(struct smi_native *n, uint32_t line,
			struct smi_span text, struct smi_join_member *m)
{
	const struct smi_join_rule *j = n->rule->join;
	size_t dot = smi_span_find(text, '.');
	struct smi_span name = smi_span_head(text, dot);
	struct smi_span member = smi_span_skip(text, dot + 1);
	int part = find_part(j, name);

	if (part < 0) {
		smi_native_bad(n, line,
			       "\"%.*s\": what stands before the dot is the "
			       "name of a part",
			       (int)SMI_MIN(text.len, (size_t)60), text.p);
		return false;
	}
	m->part = (uint8_t)part;
	if (find_fields(&j->parts[part], member, m))
		return true;
	smi_native_bad(n, line, "no record of the part \"%s\" has a \"%.*s\"",
		       j->parts[part].name,
		       (int)SMI_MIN(member.len, (size_t)60), member.p);
	return false;
}

static const struct {
	const char *name;
	enum smi_join_op op;
} ops[] = {
	{ "=", SMI_JOIN_EQ },
	{ "<", SMI_JOIN_LT },
	{ "<=", SMI_JOIN_LE },
	{ ">", SMI_JOIN_GT },
	{ ">=", SMI_JOIN_GE },
	{ "serves", SMI_JOIN_SERVES },
	{ "reaches", SMI_JOIN_REACHES },
};

static bool read_op(struct smi_span text, enum smi_join_op *out)
{
	for (size_t i = 0; i < SMI_COUNT(ops); i++) {
		if (smi_span_eq_str(text, ops[i].name)) {
			*out = ops[i].op;
			return true;
		}
	}
	return false;
}

static struct smi_span next_word(struct smi_span *rest)
{
	struct smi_span word;

	while (rest->len && rest->p[0] == ' ')
		*rest = smi_span_skip(*rest, 1);
	word = smi_span_head(*rest, smi_span_find(*rest, ' '));
	*rest = smi_span_skip(*rest, word.len);
	return word;
}

/* A port, which is named without a member. */
static bool read_port(struct smi_native *n, uint32_t line, struct smi_span text,
		      struct smi_join_member *m)
{
	const struct smi_join_rule *j = n->rule->join;
	int part = find_part(j, text);

	if (part < 0 || !j->parts[part].choices[SM_KIND_PORT].is_on) {
		smi_native_bad(n, line,
			       "what serves or reaches is a part that is a "
			       "port, without a member");
		return false;
	}
	m->part = (uint8_t)part;
	return true;
}

/* What is compared is known with the last of the parts that it names; two that are
 * not needed are never known at once. */
static bool place_test(struct smi_native *n, uint32_t line,
		       struct smi_join_test *t)
{
	const struct smi_join_rule *j = n->rule->join;
	uint8_t right = t->has_number ? t->left.part : t->right.part;

	t->last = SMI_MAX(t->left.part, right);
	if (t->left.part != right &&
	    SMI_MIN(t->left.part, right) >= j->nneeded) {
		smi_native_bad(n, line,
			       "one of the parts that are compared must be "
			       "among the parts: key");
		return false;
	}
	return true;
}

static void add_test(struct smi_native *n, const struct smi_yaml *v, void *user)
{
	struct smi_join_rule *j = n->rule->join;
	struct smi_join_test t = { 0 };
	struct smi_span rest = smi_span_of(v->text, v->len);
	struct smi_span left = next_word(&rest), op = next_word(&rest);
	struct smi_span right = next_word(&rest), more = next_word(&rest);
	uint64_t number;
	bool ok;

	(void)user;
	if (!read_op(op, &t.op) || !right.len || more.len) {
		smi_native_bad(n, v->line,
			       "PART.MEMBER = PART.MEMBER must stand here, or "
			       "<, <=, >, >=, serves, reaches for the =");
		return;
	}
	if (j->ntests == SMI_JOIN_TESTS) {
		smi_native_bad(n, v->line, "more than %d comparisons",
			       SMI_JOIN_TESTS);
		return;
	}
	ok = t.op >= SMI_JOIN_SERVES ? read_port(n, v->line, left, &t.left)
				     : read_member(n, v->line, left, &t.left);
	if (ok && t.op < SMI_JOIN_SERVES &&
	    smi_span_uint(right, INT64_MAX, &number)) {
		t.has_number = true;
		t.number = (int64_t)number;
	} else if (ok) {
		ok = read_member(n, v->line, right, &t.right);
	}
	if (ok && place_test(n, v->line, &t))
		j->tests[j->ntests++] = t;
}

static void read_where(struct smi_native *n, const struct smi_yaml *v)
{
	smi_native_each(n, v, add_test, NULL);
}

static void add_group(struct smi_native *n, const struct smi_yaml *v,
		      void *user)
{
	struct smi_join_rule *j = n->rule->join;
	int part = find_part(j, smi_span_of(v->text, v->len));

	(void)user;
	if (part < 0 || (size_t)part >= j->nneeded)
		smi_native_bad(n, v->line,
			       "group-by names parts, and \"%.40s\" is none "
			       "that is needed",
			       v->text);
	else
		j->group_by |= 1u << part;
}

static void read_group_by(struct smi_native *n, const struct smi_yaml *v)
{
	smi_native_each(n, v, add_group, NULL);
}

static void read_unless(struct smi_native *n, const struct smi_yaml *v)
{
	n->rule->join->unless = smi_native_name(n, v, "kind");
}

static void read_type(struct smi_native *n, const struct smi_yaml *v)
{
	(void)n;
	(void)v;
}

/* Read in this order, wherever they stand: later ones name what is in the earlier. */
static const struct smi_native_key keys[] = {
	{ "type", read_type },	     { "parts", read_needed },
	{ "without", read_without }, { "also", read_also },
	{ "where", read_where },     { "group-by", read_group_by },
	{ "unless", read_unless },
};

static bool is_key(const char *name)
{
	for (size_t i = 0; i < SMI_COUNT(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return true;
	return false;
}

bool smi_native_is_join(const struct smi_yaml *doc)
{
	const struct smi_yaml *corr = smi_yaml_get(doc, "correlation");
	const struct smi_yaml *type = corr && corr->type == SMI_YAML_MAP
					      ? smi_yaml_get(corr, "type")
					      : NULL;

	return type && type->type == SMI_YAML_SCALAR &&
	       strcmp(type->text, "join") == 0;
}

static void read_join(struct smi_native *n, const struct smi_yaml *map)
{
	n->rule->join = smi_arena_zalloc(&n->rs->arena, sizeof(*n->rule->join));
	if (!n->rule->join) {
		n->rc = -ENOMEM;
		return;
	}
	for (const struct smi_yaml *k = map->child; k; k = k->next->next)
		if (!is_key(k->text))
			smi_native_bad(n, k->line,
				       "\"%.60s\" is not a key of a join",
				       k->text);
	for (size_t i = 0; i < SMI_COUNT(keys); i++) {
		const struct smi_yaml *v = smi_yaml_get(map, keys[i].name);

		if (v && n->rc == 0)
			keys[i].read(n, v);
	}
}

static const struct smi_native_key join_key[] = {
	{ "correlation", read_join },
};

const struct smi_native_keys smi_native_join_keys = { join_key, 1 };

static void add_shown(struct smi_native *n, struct smi_span name)
{
	struct smi_join_rule *j = n->rule->join;
	size_t dot = smi_span_find(name, '.');
	struct smi_join_shown s = { 0 };
	int part;

	if (dot == name.len || n->rc < 0)
		return;
	if (j->nshown == SMI_JOIN_SHOWN) {
		smi_native_bad(n, n->rule->line,
			       "the sentences name more than %d members",
			       SMI_JOIN_SHOWN);
		return;
	}
	s.counts = smi_span_eq_str(smi_span_skip(name, dot + 1), "records");
	part = find_part(j, smi_span_head(name, dot));
	if (s.counts && part >= 0)
		s.member.part = (uint8_t)part;
	else if (!read_member(n, n->rule->line, name, &s.member))
		return;
	s.name = smi_native_keep(n, name.p, name.len);
	if (s.name)
		j->shown[j->nshown++] = s;
}

/* Braces are in order: the sentence was looked at when it was read. */
static void read_names(struct smi_native *n, const char *sentence)
{
	const char *p = sentence ? strchr(sentence, '{') : NULL;

	while (p) {
		const char *end = strchr(p, '}');

		if (p[1] == '{') {
			p = strchr(p + 2, '{');
			continue;
		}
		if (!end)
			return;
		add_shown(n, smi_span_of(p + 1, (size_t)(end - p - 1)));
		p = strchr(end, '{');
	}
}

void smi_native_check_join(struct smi_native *n)
{
	const struct smi_rule *r = n->rule;
	struct smi_join_rule *j = r->join;

	if (n->bad || n->rc < 0)
		return;
	if (j->nneeded == 0)
		smi_native_bad(n, r->line, "it needs parts");
	if (j->group_by == 0)
		j->group_by = (1u << j->nneeded) - 1;
	read_names(n, r->title);
	read_names(n, r->why);
	read_names(n, r->next_step);
}
