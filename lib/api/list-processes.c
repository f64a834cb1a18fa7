/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "core/job.h"
#include "detect/detect.h"
#include "process/proc.h"
#include "process/services.h"

typedef SMI_VEC(const char *) names_vec;

/* Where not all are seen, only those that were named are looked for. */
static bool wants_defaults(const struct sm_proc_opts *o)
{
	return o->important_defaults && o->checks && o->pid == 0 && !o->user &&
	       !o->filter;
}

static bool is_named(const struct sm_proc_opts *o, const char *name)
{
	for (size_t i = 0; i < o->important.n; i++)
		if (strcmp(o->important.v[i], name) == 0)
			return true;
	return false;
}

static bool gather_important(const struct sm_proc_opts *o,
			     const struct smi_fsroot *root, names_vec *out)
{
	const char *defaults[SMI_SERVICES_MAX];
	size_t n = wants_defaults(o) ? smi_services_find(root, defaults) : 0;
	bool ok = true;

	for (size_t i = 0; ok && i < o->important.n; i++)
		ok = smi_vec_push(out, o->important.v[i]);
	for (size_t i = 0; ok && i < n; i++)
		if (!is_named(o, defaults[i]))
			ok = smi_vec_push(out, defaults[i]);
	return ok;
}

/* Who wants no judgement gets none, but for the names that were given. */
static struct smi_detect_proc_opts judge_by(const struct sm_proc_opts *o,
					    const names_vec *important)
{
	struct smi_detect_proc_opts judge = {
		.rules = o->rules,
		.important = important->v,
		.nimportant = important->n,
		.checks = o->checks,
		.watch = o->watch_ms > 0,
	};

	if (!o->checks)
		return judge;
	memcpy(judge.thresholds, o->thresholds, sizeof(judge.thresholds));
	/* For a single list each process would be read twice for it. */
	if (!judge.watch && !o->io_is_set)
		judge.thresholds[SMI_LOAD_IO] = 0;
	return judge;
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

static int make_job(sm_ctx *ctx, const struct sm_proc_opts *o,
		    const struct smi_detect_proc_opts *judge, sm_job **out)
{
	sm_job *job = NULL;
	void *src = NULL;
	int r;

	r = smi_proc_source_new(ctx, o, smi_detect_proc_needs(judge), &src);
	if (r == 0)
		r = smi_job_new(ctx, &smi_proc_source_ops, src, &job);
	if (r == 0)
		r = add_stage(job, ctx, judge);
	if (r < 0) {
		sm_job_free(job);
		return r;
	}
	*out = job;
	return 0;
}

SM_EXPORT int sm_job_new_proc(sm_ctx *ctx, const sm_proc_opts *o, sm_job **out)
{
	struct sm_proc_opts defaults = { 0 };
	struct smi_detect_proc_opts judge;
	names_vec important = { 0 };
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
	if (o->follow && o->watch_ms > 0)
		return smi_fail(ctx, -EINVAL,
				"processes are followed or listed again and "
				"again, not both");
	r = o->rules ? sm_ruleset_freeze(o->rules) : 0;
	if (r == 0 && !gather_important(o, &ctx->root, &important))
		r = -ENOMEM;
	if (r < 0) {
		smi_vec_free(&important);
		return smi_fail_nomem(ctx);
	}
	judge = judge_by(o, &important);
	r = make_job(ctx, o, &judge, out);
	smi_vec_free(&important);
	return r;
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
