/* SPDX-License-Identifier: MIT */
#include "record/filter-node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/nls.h"
#include "record/schema.h"

#define SHOWN 64 /* bytes of the text that a reason repeats */

/* What an OP is made of: all others are these, negated. */
static const struct {
	const char *text;
	uint8_t op;
	bool negated;
} ops[] = {
	{ "==", EQ, false }, { "!=", EQ, true },  { "<=", LE, false },
	{ ">=", GE, false }, { "!~", HAS, true }, { "=", EQ, false },
	{ "<", LT, false },  { ">", GT, false },  { "~", HAS, false },
};

struct parser {
	const struct smi_kind *kind;
	struct smi_filter *f;
	struct smi_filter_error *err;
	struct smi_span text;
	size_t at;
	unsigned depth, terms;
	size_t used; /* of room */
};

static int refuse(struct parser *p, size_t at, int rc, const char *fmt, ...)
	SMI_PRINTF(4, 5);

static int refuse(struct parser *p, size_t at, int rc, const char *fmt, ...)
{
	va_list ap;

	p->err->at = at;
	va_start(ap, fmt);
	vsnprintf(p->err->why, sizeof(p->err->why), smi_trf(fmt), ap);
	va_end(ap);
	return rc;
}

static struct smi_span rest_of(const struct parser *p)
{
	return smi_span_skip(p->text, p->at);
}

/* Whether one of them stands here. */
static bool is_at(const struct parser *p, const char *set)
{
	return p->at < p->text.len && smi_is_one_of(p->text.p[p->at], set);
}

static void skip_space(struct parser *p)
{
	while (is_at(p, " \t\n"))
		p->at++;
}

static bool is_word(char c)
{
	return c && !smi_is_one_of(c, " \t\n()!=<>~&|'\"");
}

static struct smi_span word(const struct parser *p)
{
	struct smi_span rest = rest_of(p);
	size_t n = 0;

	while (n < rest.len && is_word(rest.p[n]))
		n++;
	return smi_span_head(rest, n);
}

/* One of two spellings of a connective stands here, and is taken. */
static bool take(struct parser *p, const char *name, const char *sign)
{
	struct smi_span w, s = smi_span_str(sign);

	skip_space(p);
	w = word(p);
	if (smi_span_eq_str(w, name)) {
		p->at += w.len;
		return true;
	}
	if (!smi_span_starts(rest_of(p), s))
		return false;
	p->at += s.len;
	return true;
}

static uint16_t add(struct parser *p, struct smi_filter_node node)
{
	p->f->nodes[p->f->n] = node;
	return p->f->n++;
}

static bool is_number(unsigned type)
{
	return type == SM_TYPE_INT || type == SM_TYPE_REAL ||
	       type == SM_TYPE_TIME;
}

/* What a field of each type is compared with, for the reason. */
static const char *wanted(unsigned type)
{
	static const char *const names[] = {
		[SM_TYPE_INT] = "a whole number such as 4096 or 4K",
		[SM_TYPE_REAL] = "a number such as 80 or 2.5",
		[SM_TYPE_TIME] = "a time such as 2026-08-04T10:00:00Z",
		[SM_TYPE_BOOL] = "true or false",
	};

	return names[type];
}

/* A quoted text, without its quotes, in the room. */
static int read_quoted(struct parser *p, struct smi_span *out)
{
	size_t begin = p->at;
	char quote = p->text.p[p->at++];
	char *to = p->f->room + p->used;
	size_t n = 0;

	for (; p->at < p->text.len && p->text.p[p->at] != quote; p->at++) {
		if (p->text.p[p->at] == '\\' && p->at + 1 < p->text.len)
			p->at++;
		to[n++] = p->text.p[p->at];
	}
	if (p->at == p->text.len)
		return refuse(p, begin, -EINVAL, "this quote is not closed");
	p->at++;
	p->used += n;
	*out = smi_span_of(to, n);
	return 0;
}

static int read_value(struct parser *p, struct smi_span *out)
{
	struct smi_span w;

	skip_space(p);
	if (is_at(p, "'\""))
		return read_quoted(p, out);
	w = word(p);
	if (w.len == 0)
		return refuse(p, p->at, -EINVAL, "a value is missing here");
	memcpy(p->f->room + p->used, w.p, w.len);
	*out = smi_span_of(p->f->room + p->used, w.len);
	p->used += w.len;
	p->at += w.len;
	return 0;
}

static bool fits(unsigned op, unsigned type)
{
	switch (op) {
	case EQ:
		return true;
	case HAS:
		return type == SM_TYPE_STR || type == SM_TYPE_STRS;
	default:
		return is_number(type);
	}
}

/* The comparison behind a field, where there is one. */
static int read_comparison(struct parser *p, struct smi_filter_node *node,
			   bool *negated)
{
	size_t i = 0, at;
	struct smi_span value = SMI_SPAN("");
	int r;

	skip_space(p);
	at = p->at;
	while (i < SMI_COUNT(ops) &&
	       !smi_span_starts(rest_of(p), smi_span_str(ops[i].text)))
		i++;
	if (i == SMI_COUNT(ops))
		return 0;
	if (!fits(ops[i].op, node->type))
		return refuse(p, at, -EINVAL,
			      "'%s' cannot compare '%s', which is %s",
			      ops[i].text, p->kind->fields[node->field].name,
			      is_number(node->type)	   ? "a number"
			      : node->type == SM_TYPE_BOOL ? "true or false"
							   : "text");
	p->at += strlen(ops[i].text);
	skip_space(p);
	at = p->at;
	r = read_value(p, &value);
	if (r < 0)
		return r;
	if (!smi_filter_set_value(node, value))
		return refuse(p, at, -EINVAL,
			      "'%.*s' is not %s, which '%s' is compared with",
			      (int)SMI_MIN(value.len, SHOWN), value.p,
			      wanted(node->type),
			      p->kind->fields[node->field].name);
	node->op = ops[i].op;
	*negated = ops[i].negated;
	return 0;
}

static int read_term(struct parser *p, uint16_t *out)
{
	struct smi_filter_node node = { .kind = TERM, .op = IS_SET };
	struct smi_span name = word(p);
	bool negated = false;
	int f, r;

	if (name.len == 0)
		return refuse(p, p->at, -EINVAL,
			      "the name of a field is missing here");
	f = smi_kind_find(p->kind, name);
	if (f < 0) {
		const char *near = smi_fields_near(p->kind, name);

		return refuse(p, p->at, f,
			      "%s records have no field '%.*s'%s%s%s",
			      p->kind->name, (int)SMI_MIN(name.len, SHOWN),
			      name.p, near ? "; did you mean '" : "",
			      near ? near : "", near ? "'?" : "");
	}
	if (p->terms++ == SMI_FILTER_TERMS_MAX)
		return refuse(p, p->at, -EINVAL, "more than %d comparisons",
			      SMI_FILTER_TERMS_MAX);
	node.field = (uint8_t)f;
	node.type = p->kind->fields[f].type;
	p->at += name.len;
	r = read_comparison(p, &node, &negated);
	if (r < 0)
		return r;
	*out = add(p, node);
	if (negated)
		*out = add(p, (struct smi_filter_node){ .kind = NOT,
							.left = *out });
	return 0;
}

static int read_or(struct parser *p, uint16_t *out);

static int read_group(struct parser *p, uint16_t *out)
{
	size_t at = p->at;
	int r;

	p->at++;
	r = read_or(p, out);
	if (r < 0)
		return r;
	skip_space(p);
	if (!is_at(p, ")"))
		return p->at == p->text.len
			       ? refuse(p, at, -EINVAL,
					"this '(' is not closed")
			       : refuse(p, p->at, -EINVAL,
					"'and', 'or' or ')' is missing here");
	p->at++;
	return 0;
}

static int read_not(struct parser *p, uint16_t *out)
{
	bool negated = false;
	int r;

	while (take(p, "not", "!"))
		negated = !negated;
	r = is_at(p, "(") ? read_group(p, out) : read_term(p, out);
	if (r == 0 && negated)
		*out = add(p, (struct smi_filter_node){ .kind = NOT,
							.left = *out });
	return r;
}

static int read_and(struct parser *p, uint16_t *out)
{
	int r = read_not(p, out);

	while (r == 0 && take(p, "and", "&&")) {
		uint16_t right = 0;

		r = read_not(p, &right);
		if (r == 0)
			*out = add(p,
				   (struct smi_filter_node){ .kind = AND,
							     .left = *out,
							     .right = right });
	}
	return r;
}

static int read_or(struct parser *p, uint16_t *out)
{
	int r;

	if (++p->depth > SMI_FILTER_DEPTH_MAX)
		return refuse(p, p->at, -EINVAL, "more than %d parentheses",
			      SMI_FILTER_DEPTH_MAX - 1);
	r = read_and(p, out);
	while (r == 0 && take(p, "or", "||")) {
		uint16_t right = 0;

		r = read_and(p, &right);
		if (r == 0)
			*out = add(p,
				   (struct smi_filter_node){ .kind = OR,
							     .left = *out,
							     .right = right });
	}
	p->depth--;
	return r;
}

static int read_all(struct parser *p)
{
	int r = read_or(p, &p->f->root);

	skip_space(p);
	if (r == 0 && p->at < p->text.len)
		return refuse(p, p->at, -EINVAL,
			      "'and' or 'or' is missing here");
	return r;
}

int smi_filter_new(int kind, struct smi_span text, struct smi_filter **out,
		   struct smi_filter_error *err)
{
	struct parser p = { .kind = smi_kind(kind), .err = err, .text = text };
	int r;

	if (!p.kind)
		return refuse(&p, 0, -EINVAL, "%d is no kind of record", kind);
	if (text.len > SMI_FILTER_MAX)
		return refuse(&p, 0, -EINVAL, "it is longer than %d bytes",
			      SMI_FILTER_MAX);
	/* No node without a byte that asks for it. */
	p.f = smi_zalloc(sizeof(*p.f) + text.len * sizeof(*p.f->nodes));
	if (!p.f)
		return -ENOMEM;
	p.f->refs = 1;
	p.f->room = smi_zalloc(text.len + 1);
	r = p.f->room ? read_all(&p) : -ENOMEM;
	if (r < 0) {
		smi_filter_free(p.f);
		return r;
	}
	*out = p.f;
	return 0;
}

struct smi_filter *smi_filter_ref(struct smi_filter *f)
{
	f->refs++;
	return f;
}

void smi_filter_free(struct smi_filter *f)
{
	if (!f || --f->refs > 0)
		return;
	free(f->room);
	free(f);
}

void smi_filter_fields(const struct smi_filter *f, struct smi_fieldset *set)
{
	for (unsigned i = 0; i < f->n; i++)
		if (f->nodes[i].kind == TERM)
			smi_fieldset_add(set, f->nodes[i].field);
}
