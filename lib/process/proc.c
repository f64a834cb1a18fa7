/* SPDX-License-Identifier: MIT */
#include "process/proc.h"

#include <math.h>
#include <stdlib.h>

#define DEFAULT_INTERVAL_MS 250
#define MAX_INTERVAL_MS	    INT64_C(3600000)

void smi_proc_opts_defaults(struct sm_proc_opts *o)
{
	o->fields = smi_fieldset_default(SM_KIND_PROCESS);
	o->checks = o->important_defaults = true;
	for (size_t i = 0; i < SMI_NLOADS; i++)
		o->thresholds[i] = smi_load_kinds[i].threshold;
	o->interval_ms = DEFAULT_INTERVAL_MS;
	o->threads = 1;
}

SM_EXPORT int sm_proc_opts_new(sm_ctx *ctx, sm_proc_opts **out)
{
	sm_proc_opts *o;

	if (!ctx || !out)
		return -EINVAL;
	o = smi_zalloc(sizeof(*o));
	if (!o)
		return smi_fail_nomem(ctx);
	smi_opts_init(&o->head, ctx);
	smi_proc_opts_defaults(o);
	*out = o;
	return 0;
}

SM_EXPORT void sm_proc_opts_free(sm_proc_opts *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->important.n; i++)
		free(o->important.v[i]);
	smi_vec_free(&o->important);
	free(o->user);
	smi_filter_free(o->filter);
	sm_ruleset_unref(o->rules);
	smi_opts_done(&o->head);
	free(o);
}

SM_EXPORT int sm_proc_opts_set_pid(sm_proc_opts *o, int32_t pid)
{
	if (!o)
		return -EINVAL;
	if (pid < 0)
		return smi_opts_fail(
			&o->head, -ERANGE,
			"process %d: a number from 1, or 0 for all", pid);
	o->pid = pid;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_user(sm_proc_opts *o, const char *name_or_uid)
{
	return o ? smi_opts_set_text(&o->head, &o->user, name_or_uid) : -EINVAL;
}

SM_EXPORT int sm_proc_opts_set_filter(sm_proc_opts *o, const char *expr)
{
	struct smi_filter_error err = { 0, "" };
	struct smi_filter *f = NULL;
	int r;

	if (!o)
		return -EINVAL;
	r = expr ? smi_filter_new(SM_KIND_PROCESS, smi_span_str(expr), &f, &err)
		 : 0;
	if (r == -ENOMEM)
		return smi_opts_nomem(&o->head);
	if (r < 0)
		return smi_opts_fail(&o->head, r,
				     "filter '%.80s', byte %zu: %s", expr,
				     err.at + 1, err.why);
	smi_filter_free(o->filter);
	o->filter = f;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_checks(sm_proc_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->checks = on != 0;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_rules(sm_proc_opts *o, sm_ruleset *rs)
{
	if (!o)
		return -EINVAL;
	if (rs)
		sm_ruleset_ref(rs);
	sm_ruleset_unref(o->rules);
	o->rules = rs;
	return 0;
}

SM_EXPORT int sm_proc_opts_add_important(sm_proc_opts *o, const char *name)
{
	char *copy;

	if (!o || !name)
		return -EINVAL;
	if (!name[0])
		return smi_opts_fail(
			&o->head, -EINVAL,
			"the name of an important process must not be empty");
	copy = smi_strdup(name);
	if (!copy || !smi_vec_push(&o->important, copy)) {
		free(copy);
		return smi_opts_nomem(&o->head);
	}
	return 0;
}

SM_EXPORT int sm_proc_opts_set_important_defaults(sm_proc_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->important_defaults = on != 0;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_fields(sm_proc_opts *o, const char *fields)
{
	return o ? smi_opts_set_fields(&o->head, SM_KIND_PROCESS, fields,
				       &o->fields, NULL)
		 : -EINVAL;
}

static int set_threshold(sm_proc_opts *o, enum smi_load load, double value,
			 const char *what)
{
	if (!isfinite(value) || value < 0)
		return smi_opts_fail(&o->head, -ERANGE,
				     "%s threshold %g: %s from 0 (never)", what,
				     value, smi_load_kinds[load].unit);
	o->thresholds[load] = value;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_cpu_threshold(sm_proc_opts *o, double percent)
{
	return o ? set_threshold(o, SMI_LOAD_CPU, percent, "CPU") : -EINVAL;
}

SM_EXPORT int sm_proc_opts_set_memory_threshold(sm_proc_opts *o, double percent)
{
	return o ? set_threshold(o, SMI_LOAD_MEMORY, percent, "memory")
		 : -EINVAL;
}

SM_EXPORT int sm_proc_opts_set_threshold(sm_proc_opts *o, const char *kind,
					 double value)
{
	enum smi_load load;

	if (!o || !kind)
		return -EINVAL;
	load = smi_load_of(smi_span_str(kind));
	if (load == SMI_LOAD_NONE)
		return smi_opts_fail(&o->head, -ENOENT,
				     "no finding '%.80s' has a threshold",
				     kind);
	o->io_is_set |= load == SMI_LOAD_IO;
	return set_threshold(o, load, value, kind);
}

SM_EXPORT int sm_proc_opts_set_interval_ms(sm_proc_opts *o, int64_t ms)
{
	if (!o)
		return -EINVAL;
	if (ms < 0 || ms > MAX_INTERVAL_MS)
		return smi_opts_fail(&o->head, -ERANGE,
				     "interval %lld ms: from 0 to %lld",
				     (long long)ms, (long long)MAX_INTERVAL_MS);
	o->interval_ms = ms;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_watch_ms(sm_proc_opts *o, int64_t ms)
{
	if (!o)
		return -EINVAL;
	if (ms < 0 || ms > MAX_INTERVAL_MS)
		return smi_opts_fail(
			&o->head, -ERANGE,
			"a list every %lld ms: from 1 to %lld, or 0 for one",
			(long long)ms, (long long)MAX_INTERVAL_MS);
	o->watch_ms = ms;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_deadline_ms(sm_proc_opts *o, int64_t ms)
{
	if (!o)
		return -EINVAL;
	if (ms < 0 || ms > MAX_INTERVAL_MS)
		return smi_opts_fail(
			&o->head, -ERANGE,
			"deadline %lld ms: from 1 to %lld, or 0 for none",
			(long long)ms, (long long)MAX_INTERVAL_MS);
	o->deadline_ms = ms;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_sort(sm_proc_opts *o, int sort)
{
	if (!o)
		return -EINVAL;
	if (sort < SM_PROC_BY_PID || sort > SM_PROC_BY_TREE)
		return smi_opts_fail(&o->head, -EINVAL,
				     "no order has the number %d", sort);
	o->sort = sort;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_top(sm_proc_opts *o, uint32_t n)
{
	if (!o)
		return -EINVAL;
	o->top = n;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_hidden(sm_proc_opts *o, int how)
{
	if (!o)
		return -EINVAL;
	if (how < SM_PROC_HIDDEN_AUTO || how > SM_PROC_HIDDEN_ALL)
		return smi_opts_fail(&o->head, -EINVAL,
				     "no way to look for hidden processes has "
				     "the number %d",
				     how);
	o->hidden = how;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_backend(sm_proc_opts *o, int backend)
{
	if (!o)
		return -EINVAL;
	if (backend < SM_PROC_BACKEND_AUTO || backend > SM_PROC_BACKEND_KEPT)
		return smi_opts_fail(&o->head, -EINVAL,
				     "no backend for processes has the number "
				     "%d",
				     backend);
	o->backend = backend;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_follow(sm_proc_opts *o, int on)
{
	if (!o)
		return -EINVAL;
	o->follow = on != 0;
	return 0;
}

SM_EXPORT int sm_proc_opts_set_threads(sm_proc_opts *o, uint32_t n)
{
	return o ? smi_opts_set_threads(&o->head, &o->threads, n) : -EINVAL;
}
