/* SPDX-License-Identifier: MIT */
#include "api/log-opts.h"
#include "api/own-rules.h"
#include "detect/ruleset.h"

static int add_detection(sm_ctx *ctx, const sm_log_opts *o, sm_job *job)
{
	struct smi_detect_log_opts d = {
		.fields = o->fields,
		.events = o->events,
		.keywords = o->keywords,
		.live = o->follow,
		.thresholds = o->thresholds.v,
		.nthresholds = o->thresholds.n,
		.ignore = o->ignore.v,
		.nignore = o->ignore.n,
		.now = o->now,
		.zone = o->zone,
		.plain = o->plain,
		.by_path = o->jails,
	};
	void *stage;
	int r = smi_own_rules(ctx, o->rules, &d.rules);

	if (r < 0)
		return r;
	r = smi_detect_log_new(ctx, &d, &stage);
	sm_ruleset_unref(d.rules);
	if (r < 0)
		return r;
	return smi_job_add_stage(job, &smi_detect_log_ops, stage);
}

static int add_source(sm_ctx *ctx, const sm_log_opts *o, sm_job **job)
{
	struct smi_log_source_opts s = {
		.from = o->from.v,
		.nfrom = o->from.n,
		.since = o->since,
		.until = o->until == SM_TIME_NONE ? INT64_MAX : o->until,
		.now = o->now,
		.zone = o->zone,
		.threads = o->threads,
		.follow = o->follow,
		.state = o->state,
		.lines = o->lines,
		.coverage = o->coverage,
		.fields = o->fields,
	};
	void *src;
	int r;

	if (o->rules) {
		s.journal_fields = o->rules->journal_fields.v;
		s.njournal_fields = o->rules->journal_fields.n;
	}
	r = smi_log_source_new(ctx, &s, &src);

	return r < 0 ? r : smi_job_new(ctx, &smi_log_source_ops, src, job);
}

SM_EXPORT int sm_job_new_log(sm_ctx *ctx, const sm_log_opts *o, sm_job **out)
{
	sm_job *job;
	int r;

	if (!ctx || !out)
		return -EINVAL;
	r = smi_opts_check(o ? &o->head : NULL, ctx);
	if (r < 0)
		return r;
	if (!o || !o->from.n)
		return smi_fail(ctx, -EINVAL, "no log was named");
	r = add_source(ctx, o, &job);
	if (r < 0)
		return smi_rc(r);
	r = add_detection(ctx, o, job);
	if (r < 0) {
		sm_job_free(job);
		return smi_rc(r);
	}
	*out = job;
	return 0;
}

SM_EXPORT int sm_scan_log(sm_ctx *ctx, const sm_log_opts *o, sm_event_fn fn,
			  void *user)
{
	sm_job *job;
	int r = fn ? sm_job_new_log(ctx, o, &job) : -EINVAL;

	return r < 0 ? r : smi_job_verb(job, fn, user);
}
