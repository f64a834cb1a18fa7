/* SPDX-License-Identifier: MIT */
#include <sysmon/sysmon.h>

#include "base/utf8.h"
#include "detect/builtin-rules.h"
#include "detect/ruleset.h"

/* What the rules of the others feed: it goes with each of them. */
#define CORRELATIONS "correlations"
#define SUFFIX	     ".yaml"

static struct smi_span name_of(const struct smi_builtin_rules *b)
{
	struct smi_span name = smi_span_str(b->name);

	return smi_span_head(name, name.len - (sizeof(SUFFIX) - 1));
}

/* What is in the set already is not added again. */
static int load(sm_ruleset *rs, size_t i)
{
	const struct smi_builtin_rules *b = &smi_builtin_rules[i];
	uint64_t bit = UINT64_C(1) << i;
	int n;

	if (rs->builtin & bit)
		return 0;
	n = smi_native_load(rs, "", smi_span_of(b->text, b->len));
	if (n == -ENOMEM)
		return smi_fail_nomem(rs->ctx);
	rs->builtin |= n < 0 ? 0 : bit;
	return n;
}

static int add(int total, int n)
{
	return n < 0 ? n : total + n;
}

static int unknown(sm_ruleset *rs, struct smi_span name)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf names = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf shown = { 0 };

	for (const struct smi_builtin_rules *b = smi_builtin_rules; b->name;
	     b++) {
		if (names.len)
			smi_buf_str(&names, ", ");
		smi_buf_span_add(&names, name_of(b));
	}
	smi_utf8_escape(&shown, name);
	if (!smi_buf_cstr(&names) || !smi_buf_cstr(&shown))
		return smi_fail_nomem(rs->ctx);
	return smi_fail(rs->ctx, -ENOENT,
			"no built-in rules are called \"%s\": there are %s",
			shown.p, names.p);
}

static bool find(struct smi_span name, size_t *out)
{
	size_t i = 0;

	while (smi_builtin_rules[i].name &&
	       !smi_span_eq(name_of(&smi_builtin_rules[i]), name))
		i++;
	*out = i;
	return smi_builtin_rules[i].name != NULL;
}

/* The first of a list, without the comma behind it. */
static struct smi_span pop(struct smi_span *names)
{
	struct smi_span name =
		smi_span_head(*names, smi_span_find(*names, ','));

	*names = smi_span_skip(*names, name.len + 1);
	return name;
}

/* All of them are there before the first is added. */
static int check(sm_ruleset *rs, struct smi_span names)
{
	size_t i;

	do {
		struct smi_span name = pop(&names);

		if (!find(name, &i))
			return unknown(rs, name);
	} while (names.len);
	return 0;
}

int smi_ruleset_add_builtin(sm_ruleset *rs, struct smi_span names)
{
	int total = check(rs, names);
	size_t i;

	while (total >= 0 && names.len)
		if (find(pop(&names), &i))
			total = add(total, load(rs, i));
	if (total >= 0 && find(SMI_SPAN(CORRELATIONS), &i))
		total = add(total, load(rs, i));
	return total;
}

bool smi_ruleset_is_part(const sm_ruleset *rs, const struct smi_rule *rule)
{
	size_t n = 0;

	while (smi_builtin_rules[n].name)
		n++;
	return !rule->file[0] && rs->builtin != (UINT64_C(1) << n) - 1;
}

SM_EXPORT int sm_ruleset_add_builtin(sm_ruleset *rs)
{
	int total = smi_ruleset_check_open(rs);

	for (size_t i = 0; total >= 0 && smi_builtin_rules[i].name; i++)
		total = add(total, load(rs, i));
	return total;
}
