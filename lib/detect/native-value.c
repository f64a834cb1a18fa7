/* SPDX-License-Identifier: MIT */
#include "detect/native.h"

#include "base/utf8.h"
#include "record/sentence.h"

char *smi_native_keep(struct smi_native *n, const char *p, size_t len)
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
	return smi_native_keep(n, v->text, v->len);
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

const char *smi_native_name(struct smi_native *n, const struct smi_yaml *v,
			    const char *what)
{
	if (v->type == SMI_YAML_SCALAR && v->len > 0 && v->len < 64) {
		size_t ok = strspn(v->text,
				   "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

		if (ok == v->len)
			return smi_native_keep(n, v->text, v->len);
	}
	smi_native_bad(n, v->line,
		       "the %s must be 1 to 63 letters, digits, '-', '_', '.'",
		       what);
	return NULL;
}

const char *smi_native_sentence(struct smi_native *n, const struct smi_yaml *v)
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

static void add_text(struct smi_native *n, const struct smi_yaml *item,
		     void *user)
{
	struct smi_native_texts *l = user;
	const char *text = smi_native_keep(n, item->text, item->len);

	if (text && l->n < l->max)
		l->v[l->n++] = text;
}

size_t smi_native_count(const struct smi_yaml *list)
{
	size_t count = 1;

	if (list->type == SMI_YAML_SEQ)
		for (const struct smi_yaml *v = list->child; v; v = v->next)
			count++;
	return count;
}

struct smi_native_texts smi_native_texts(struct smi_native *n,
					 const struct smi_yaml *v)
{
	struct smi_native_texts l = { .max = smi_native_count(v) };

	l.v = smi_arena_alloc(&n->rs->arena, l.max * sizeof(*l.v));
	if (!l.v)
		n->rc = -ENOMEM;
	else
		smi_native_each(n, v, add_text, &l);
	return l;
}
