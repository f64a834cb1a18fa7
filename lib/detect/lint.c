/* SPDX-License-Identifier: MIT */
#include "detect/lint.h"

#include <stdarg.h>
#include <sysmon/sysmon.h>

void smi_lint_say(struct smi_lint *l, const struct smi_rule *r, uint32_t line,
		  const char *fmt, ...)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	va_list ap;
	int rc;

	va_start(ap, fmt);
	smi_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (!smi_buf_cstr(&text)) {
		l->rc = -ENOMEM;
		return;
	}
	rc = smi_ruleset_problem(l->rs, SM_SEV_LOW, r->file, line, r->id, "%s",
				 text.p);
	if (rc < 0)
		l->rc = rc;
}

static void lint_rule(struct smi_lint *l, const struct smi_rule *r)
{
	if (r->type == SMI_RULE_PATTERN) {
		smi_lint_place(l, r);
		for (size_t i = 0; l->rc == 0 && i < r->npatterns; i++)
			smi_lint_text(l, r, i);
	}
	if (l->rc == 0 && r->corr)
		smi_lint_feeds(l, r);
}

static void free_lint(struct smi_lint *l)
{
	smi_matcher_free(l->matcher);
	smi_probe_free(l->probe);
	smi_arena_free(&l->arena);
	smi_arena_free(&l->kept);
	smi_map_free(&l->texts);
}

static int run(struct smi_lint *l)
{
	sm_ruleset *rs = l->rs;
	int r = smi_matcher_new(&l->matcher);

	if (r == 0)
		r = smi_probe_new(&l->probe);
	if (r < 0)
		return r;
	for (size_t i = rs->nlinted; l->rc == 0 && i < rs->rules.n; i++)
		lint_rule(l, rs->rules.v[i]);
	if (l->rc == 0)
		l->rc = smi_ruleset_check_names(rs, rs->nlinted);
	if (l->rc == 0 && l->untried)
		l->rc = smi_ruleset_problem(
			rs, SM_SEV_LOW, rs->rules.v[rs->nlinted]->file, 0, "",
			"what hostile lines cost %zu of the patterns was not "
			"tried: there are too many",
			l->untried);
	return l->rc;
}

SM_EXPORT int sm_ruleset_lint(sm_ruleset *rs)
{
	SMI_CLEANUP(free_lint) struct smi_lint l = { .rs = rs };
	size_t before;
	int r;

	if (!rs)
		return -EINVAL;
	if (rs->frozen)
		return -EBUSY;
	before = rs->problems.n;
	r = run(&l);
	if (r < 0) {
		rs->problems.n = before;
		return smi_fail_nomem(rs->ctx);
	}
	rs->nlinted = rs->rules.n;
	return (int)(rs->problems.n - before);
}
