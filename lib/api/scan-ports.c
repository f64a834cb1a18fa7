/* SPDX-License-Identifier: MIT */
#include "core/job.h"
#include "detect/detect.h"
#include "portscan/listening.h"
#include "portscan/scan.h"

/* smi_scan_new() or smi_listening_new(). */
typedef int new_source(sm_ctx *ctx, const struct sm_scan_opts *o,
		       struct smi_fieldset needs,
		       const struct smi_source_ops **ops, void **out);

static int add_stage(sm_job *job, sm_ctx *ctx, const struct sm_scan_opts *o)
{
	const struct smi_detect_port_opts judge = {
		.rules = o->rules,
		.ignore = o->ignore.v,
		.nignore = o->ignore.n,
	};
	void *stage;
	int r = smi_detect_port_new(ctx, &judge, &stage);

	return r < 0 ? r : smi_job_add_stage(job, &smi_detect_port_ops, stage);
}

static int new_job(sm_ctx *ctx, const sm_scan_opts *o, new_source *make,
		   sm_job **out)
{
	struct smi_fieldset needs = { { 0 } };
	const struct smi_source_ops *ops;
	bool checks = o && o->checks;
	sm_job *job = NULL;
	void *src;
	int r;

	if (checks)
		needs = smi_detect_port_needs();
	if (checks && o->rules && sm_ruleset_freeze(o->rules) < 0)
		return smi_fail_nomem(ctx);
	r = make(ctx, o, needs, &ops, &src);
	if (r == 0)
		r = smi_job_new(ctx, ops, src, &job);
	if (r == 0 && checks)
		r = add_stage(job, ctx, o);
	if (r < 0) {
		sm_job_free(job);
		return smi_rc(r);
	}
	*out = job;
	return 0;
}

SM_EXPORT int sm_job_new_scan(sm_ctx *ctx, const sm_scan_opts *o, sm_job **out)
{
	return ctx && out ? new_job(ctx, o, smi_scan_new, out) : -EINVAL;
}

SM_EXPORT int sm_scan_ports(sm_ctx *ctx, const sm_scan_opts *o, sm_event_fn fn,
			    void *user)
{
	sm_job *job;
	int r = fn ? sm_job_new_scan(ctx, o, &job) : -EINVAL;

	return r < 0 ? r : smi_job_verb(job, fn, user);
}

SM_EXPORT int sm_job_new_listeners(sm_ctx *ctx, const sm_scan_opts *o,
				   sm_job **out)
{
	sm_scan_opts *own = NULL;
	int r = 0;

	if (!ctx || !out)
		return -EINVAL;
	if (!o)
		r = sm_scan_opts_new(ctx, &own);
	if (r == 0)
		r = new_job(ctx, o ? o : own, smi_listening_new, out);
	sm_scan_opts_free(own);
	return r;
}

SM_EXPORT int sm_list_listeners(sm_ctx *ctx, const sm_scan_opts *o,
				sm_event_fn fn, void *user)
{
	sm_job *job;
	int r = fn ? sm_job_new_listeners(ctx, o, &job) : -EINVAL;

	return r < 0 ? r : smi_job_verb(job, fn, user);
}
