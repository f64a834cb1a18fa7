/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sysmon/sysmon.h>

#include "detect/f2b-run.h"
#include "detect/ruleset.h"
#include "fuzz.h"
#include "logsrc/header.h"

/* What a filter caught lies in the line or is a value of its own. */
static int take(const struct smi_line *line, const struct smi_match *m,
		void *user)
{
	size_t *n = user;

	if (!m->rule || !m->rule->id[0] || !line->raw.p)
		abort();
	*n += m->user.len + m->source_host.len;
	for (size_t i = 0; i < m->user.len; i++)
		*n += (unsigned char)m->user.p[i];
	return 0;
}

static void run(sm_ruleset *rs, struct smi_span text)
{
	struct smi_limit *limits = calloc(rs->rules.n + 1, sizeof(*limits));
	struct smi_line line = { .file = "fuzz" };
	struct smi_f2b_run *x = NULL;
	size_t n = 0;

	if (!limits || smi_f2b_run_new(rs, NULL, INT64_C(1785837600000000000),
				       false, &x) < 0)
		abort();
	while (x && smi_span_split(&text, '\n', &line.raw)) {
		line.number++;
		smi_header_split(&line);
		if (smi_f2b_line(x, &line, false, limits, take, &n) < 0)
			abort();
	}
	smi_f2b_run_free(x);
	free(limits);
}

/* The text of a filter, and behind a NUL lines for it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span all = smi_span_of(data, size);
	struct smi_span text = smi_span_head(all, smi_span_find(all, '\0'));
	sm_ruleset *rs;
	sm_ctx *ctx;
	int n;

	if (sm_ctx_new(&ctx) < 0)
		return 0;
	if (smi_ruleset_new(ctx, smi_header_split, &rs) < 0)
		abort();
	n = sm_ruleset_add_text(rs, "/nonexistent/fuzz.conf", text.p, text.len,
				SM_RULES_FAIL2BAN);
	if (n == 0 && !sm_ruleset_nproblems(rs))
		abort();
	if (n > 0 && sm_ruleset_freeze(rs) == 0)
		run(rs, smi_span_skip(all, text.len + 1));
	sm_ruleset_unref(rs);
	sm_ctx_unref(ctx);
	return 0;
}
