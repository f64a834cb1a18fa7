/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/ruleset.h"
#include "fuzz.h"
#include "logsrc/header.h"

static int count_steps(size_t rule, int taken, const char *text, void *user)
{
	size_t *n = user;

	(void)rule;
	(void)taken;
	*n += strlen(text);
	return 0;
}

static int count_rules(const sm_event *ev, void *user)
{
	size_t *n = user;

	*n += sm_event_record(ev) != NULL;
	return 0;
}

/* A rule file, and behind a NUL a line for its rules. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span all = smi_span_of(data, size);
	struct smi_span text = smi_span_head(all, smi_span_find(all, '\0'));
	struct smi_span line = smi_span_skip(all, text.len + 1);
	size_t steps = 0, listed = 0;
	sm_ruleset *rs;
	sm_ctx *ctx;
	int n;

	if (sm_ctx_new(&ctx) < 0)
		return 0;
	if (smi_ruleset_new(ctx, smi_header_split, &rs) < 0)
		abort();
	n = sm_ruleset_add_text(rs, "fuzz", text.p, text.len, SM_RULES_AUTO);
	if (n >= 0 && (size_t)n != sm_ruleset_size(rs))
		abort();
	if (n >= 0 && sm_ruleset_lint(rs) < 0)
		abort();
	if (n >= 0 && sm_ruleset_freeze(rs) < 0)
		abort();
	sm_ruleset_explain(rs, line.p, line.len, count_steps, &steps);
	sm_ruleset_list(rs, count_rules, &listed);
	if (listed != sm_ruleset_size(rs) + sm_ruleset_nproblems(rs))
		abort();
	sm_ruleset_unref(rs);
	sm_ctx_unref(ctx);
	return 0;
}
