/* SPDX-License-Identifier: MIT */
#include "core/job.h"
#include "detect/detect.h"
#include "process/proc.h"

/* Who wants no judgement gets none, but for the names that were given. */
static struct smi_detect_proc_opts judge_by(const struct sm_proc_opts *o)
{
	return (struct smi_detect_proc_opts){
		.rules = o->rules,
		.cpu_threshold = o->checks ? o->cpu_threshold : 0,
		.memory_threshold = o->checks ? o->memory_threshold : 0,
		.important = (const char *const *)o->important.v,
		.nimportant = o->important.n,
		.checks = o->checks,
	};
}

static int add_stage(sm_job *job, sm_ctx *ctx,
		     const struct smi_detect_proc_opts *judge)
{
	void *stage = NULL;
	int r;

	if (!judge->checks && judge->nimportant == 0)
		return 0;
	r = smi_detect_proc_new(ctx, judge, &stage);
	return r < 0 ? r : smi_job_add_stage(job, &smi_detect_proc_ops, stage);
}

SM_EXPORT int sm_job_new_proc(sm_ctx *ctx, const sm_proc_opts *o, sm_job **out)
{
	struct sm_proc_opts defaults = { 0 };
	struct smi_detect_proc_opts judge;
	sm_job *job = NULL;
	void *src = NULL;
	int r;

	if (!ctx || !out)
		return -EINVAL;
	r = smi_opts_check(o ? &o->head : NULL, ctx);
	if (r < 0)
		return r;
	if (!o) {
		smi_proc_opts_defaults(&defaults);
		o = &defaults;
	}
	judge = judge_by(o);
	r = o->rules ? sm_ruleset_freeze(o->rules) : 0;
	if (r < 0)
		return smi_fail_nomem(ctx);
	r = smi_proc_source_new(ctx, o, smi_detect_proc_needs(&judge), &src);
	if (r == 0)
		r = smi_job_new(ctx, &smi_proc_source_ops, src, &job);
	if (r == 0)
		r = add_stage(job, ctx, &judge);
	if (r < 0) {
		sm_job_free(job);
		return r;
	}
	*out = job;
	return 0;
}

SM_EXPORT int sm_list_processes(sm_ctx *ctx, const sm_proc_opts *o,
				sm_event_fn fn, void *user)
{
	sm_job *job;
	int r;

	if (!fn)
		return -EINVAL;
	r = sm_job_new_proc(ctx, o, &job);
	return r < 0 ? r : smi_job_verb(job, fn, user);
}
