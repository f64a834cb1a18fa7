/* SPDX-License-Identifier: MIT */
#include "core/job.h"
#include "portscan/scan.h"

SM_EXPORT int sm_job_new_scan(sm_ctx *ctx, const sm_scan_opts *o, sm_job **out)
{
	const struct smi_source_ops *ops;
	void *src;
	int r;

	if (!ctx || !out)
		return -EINVAL;
	r = smi_scan_new(ctx, o, &ops, &src);
	if (r == 0)
		r = smi_job_new(ctx, ops, src, out);
	return smi_rc(r);
}

SM_EXPORT int sm_scan_ports(sm_ctx *ctx, const sm_scan_opts *o, sm_event_fn fn,
			    void *user)
{
	sm_job *job;
	int r = fn ? sm_job_new_scan(ctx, o, &job) : -EINVAL;

	return r < 0 ? r : smi_job_verb(job, fn, user);
}
