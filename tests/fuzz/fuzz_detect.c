/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/detect.h"
#include "detect/ruleset.h"
#include "fuzz.h"
#include "logsrc/header.h"

/* Log text through the built-in rules and all correlations. */
struct source {
	struct smi_span text;
	uint64_t number;
};

static int start(void *src, struct smi_out *out)
{
	(void)src;
	(void)out;
	return 0;
}

static int step(void *data, struct smi_out *out)
{
	struct source *s = data;
	SMI_CLEANUP(smi_line_room_done) struct smi_line_room room = { 0 };
	struct smi_line line = { .file = "fuzz",
				 .number = ++s->number,
				 .room = &room };
	int r;

	if (!s->text.len)
		return 0;
	line.raw = smi_span_head(s->text, smi_span_find(s->text, '\n'));
	smi_header_split(&line);
	r = smi_out_line(out, &line);
	s->text = smi_span_skip(s->text, line.raw.len + 1);
	return r < 0 ? r : 1;
}

static const struct smi_source_ops ops = {
	.name = "fuzz",
	.start = start,
	.step = step,
	.free = free,
};

static int look(const sm_event *ev, void *user)
{
	const sm_finding *f = sm_record_finding(sm_event_record(ev));

	(void)user;
	if (f &&
	    (!sm_finding_count(f) || sm_finding_first(f) > sm_finding_last(f) ||
	     !sm_finding_title(f)[0] || !sm_finding_subject(f)[0]))
		abort();
	return 0;
}

/* Three failures are enough here, so that short inputs find something. */
static const struct smi_threshold thresholds[] = {
	{ "brute_force", 2, 600 },
	{ "user_enumeration", 2, 600 },
	{ "password_spraying", 2, 600 },
	{ "distributed_brute_force", 2, 600 },
	{ "success_after_failures", 2, 600 },
	{ "slow_brute_force", 3, 86400 },
};

static void run(sm_ctx *ctx, sm_ruleset *rs, struct smi_span text)
{
	struct smi_detect_log_opts o = {
		.rules = rs,
		.events = true,
		.keywords = true,
		.fields = smi_fieldset_default(SM_KIND_EVENT),
		.thresholds = thresholds,
		.nthresholds = SMI_COUNT(thresholds),
	};
	struct source *src = smi_zalloc(sizeof(*src));
	sm_job *job;
	void *stage;

	if (!src || smi_job_new(ctx, &ops, src, &job) < 0)
		abort();
	src->text = text;
	if (smi_detect_log_new(ctx, &o, &stage) < 0 ||
	    smi_job_add_stage(job, &smi_detect_log_ops, stage) < 0 ||
	    sm_job_run(job, look, NULL) != 0)
		abort();
	sm_job_free(job);
}

/* Compiled once: a frozen set does not change. */
static sm_ruleset *builtin(sm_ctx *ctx)
{
	static sm_ruleset *rs;

	if (rs)
		return rs;
	if (smi_ruleset_new(ctx, NULL, &rs) < 0 ||
	    sm_ruleset_add_builtin(rs) < 0 || sm_ruleset_freeze(rs) < 0)
		abort();
	return rs;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sm_ctx *ctx;

	if (sm_ctx_new(&ctx) < 0)
		return 0;
	run(ctx, builtin(ctx), smi_span_of(data, size));
	sm_ctx_unref(ctx);
	return 0;
}
