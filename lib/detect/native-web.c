/* SPDX-License-Identifier: MIT */
#include "detect/native.h"
#include "detect/webtext.h"

#define MAX_LITERAL 255

static const char *const subject_names[] = {
	[SMI_SUBJECT_URL] = "url",     [SMI_SUBJECT_PATH] = "path",
	[SMI_SUBJECT_QUERY] = "query", [SMI_SUBJECT_REFERER] = "referer",
	[SMI_SUBJECT_AGENT] = "agent", [SMI_SUBJECT_USER] = "user",
};

/* What the rule asks of access lines; NULL when memory is out. */
static struct smi_web_rule *web_of(struct smi_native *n)
{
	struct smi_rule *r = n->rule;

	if (!r->web)
		r->web = smi_arena_zalloc(&n->rs->arena, sizeof(*r->web));
	if (!r->web)
		n->rc = -ENOMEM;
	return r->web;
}

static void add_subject(struct smi_native *n, const struct smi_yaml *item,
			void *user)
{
	struct smi_web_rule *web = user;

	for (unsigned i = 0; i < SMI_NSUBJECTS; i++) {
		if (strcmp(item->text, subject_names[i]) == 0) {
			web->subjects |= 1u << i;
			return;
		}
	}
	smi_native_bad(n, item->line,
		       "a subject is url, path, query, referer, agent or user, "
		       "not \"%.40s\"",
		       item->text);
}

void smi_native_subject(struct smi_native *n, const struct smi_yaml *v)
{
	struct smi_web_rule *web = web_of(n);

	if (web)
		smi_native_each(n, v, add_subject, web);
}

static const char *const *read_texts(struct smi_native *n,
				     const struct smi_yaml *v, size_t *count)
{
	struct smi_native_texts l = smi_native_texts(n, v);

	*count = l.n;
	return l.v;
}

static void check_literal(struct smi_native *n, const struct smi_yaml *item,
			  void *user)
{
	(void)user;
	if (item->len > MAX_LITERAL || memchr(item->text, '\0', item->len))
		smi_native_bad(n, item->line,
			       "a literal is 1 to %d bytes without NUL",
			       MAX_LITERAL);
}

void smi_native_literals(struct smi_native *n, const struct smi_yaml *v)
{
	struct smi_web_rule *web = web_of(n);

	if (!web)
		return;
	web->literals = read_texts(n, v, &web->nliterals);
	smi_native_each(n, v, check_literal, NULL);
}

void smi_native_method(struct smi_native *n, const struct smi_yaml *v)
{
	struct smi_web_rule *web = web_of(n);

	if (web)
		web->methods = read_texts(n, v, &web->nmethods);
}

static void add_status(struct smi_native *n, const struct smi_yaml *item,
		       void *user)
{
	struct smi_web_rule *web = user;
	struct smi_span s = smi_span_of(item->text, item->len);
	uint64_t code = 0;

	if (!smi_span_uint(s, 999, &code) || code < 100)
		smi_native_bad(n, item->line,
			       "a status is a number from 100 to 999, not "
			       "\"%.40s\"",
			       item->text);
	else if (web->nstatus == SMI_MAX_STATUS)
		smi_native_bad(n, item->line,
			       "a rule asks for at most %d statuses",
			       SMI_MAX_STATUS);
	else
		web->status[web->nstatus++] = (uint16_t)code;
}

void smi_native_status(struct smi_native *n, const struct smi_yaml *v)
{
	struct smi_web_rule *web = web_of(n);

	if (web)
		smi_native_each(n, v, add_status, web);
}

void smi_native_check_web(struct smi_native *n)
{
	struct smi_rule *r = n->rule;

	if (!r->web)
		return;
	if (!r->web->subjects)
		r->web->subjects = 1u << SMI_SUBJECT_URL;
	if (r->nprograms)
		smi_native_bad(n, r->line,
			       "a rule on access lines has no program: leave "
			       "out either program or subject, literals, "
			       "method and status");
	for (size_t i = 0; i < r->npatterns; i++)
		for (unsigned k = 0; k < SMI_NCAPTURES; k++)
			if (r->patterns[i].group[k] >= 0) {
				smi_native_bad(
					n, r->patterns[i].line,
					"a rule on access lines captures "
					"nothing: its address is the "
					"client's");
				break;
			}
}
