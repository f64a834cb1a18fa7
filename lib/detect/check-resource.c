/* SPDX-License-Identifier: MIT */
#include "detect/check.h"

static const char *const hijacking[] = { "T1496" };
static const char *const exhaustion[] = { "T1499" };
static const char *const service_stop[] = { "T1489", "T1562.001" };

static double cpu_threshold(const struct smi_detect_proc_opts *o)
{
	return o->cpu_threshold;
}

static double memory_threshold(const struct smi_detect_proc_opts *o)
{
	return o->memory_threshold;
}

static bool is_cpu_hog(const sm_record *rec, double threshold,
		       struct smi_verdict *v)
{
	(void)v;
	return smi_rec_real(rec, SM_KIND_PROCESS, SMI_PROC_CPU_PERCENT) >
	       threshold;
}

static bool is_memory_hog(const sm_record *rec, double threshold,
			  struct smi_verdict *v)
{
	(void)v;
	return smi_rec_real(rec, SM_KIND_PROCESS, SMI_PROC_MEMORY_PERCENT) >
	       threshold;
}

static const struct smi_check resource_checks[] = {
	{
		.id = "cpu-hog",
		.kind = "cpu_hog",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(hijacking),
		SMI_CHECK_FIELDS(SMI_PROC_CPU_PERCENT),
		.key = SMI_PROC_NAME,
		.threshold = cpu_threshold,
		.fn = is_cpu_hog,
		.title = "{name} (pid {pid}) uses {cpu_percent} % of a "
			 "processor",
		.why = "Between two looks it used {cpu_percent} % of one "
		       "processor; the threshold is {threshold} %.",
		.next_step = "Look at its command line, parent and user. If "
			     "{user} does not know it, stop it and keep its "
			     "program for analysis.",
	},
	{
		.id = "memory-hog",
		.kind = "memory_hog",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(exhaustion),
		SMI_CHECK_FIELDS(SMI_PROC_MEMORY_PERCENT, SMI_PROC_RSS),
		.key = SMI_PROC_NAME,
		.threshold = memory_threshold,
		.fn = is_memory_hog,
		.title = "{name} (pid {pid}) holds {memory_percent} % of the "
			 "memory",
		.why = "It has {rss} bytes resident, {memory_percent} % of "
		       "what can be used here; the threshold is {threshold} %.",
		.next_step = "Find out whether it grows. Give it a limit, or "
			     "restart it before the kernel kills something "
			     "else.",
	},
};
SMI_CHECKS(resource);

const struct smi_check smi_check_missing = {
	.id = "important-missing",
	.kind = "important_missing",
	.severity = SM_SEV_HIGH,
	SMI_CHECK_ATTACK(service_stop),
	SMI_CHECK_FIELDS(SMI_PROC_EXE, SMI_PROC_ARGS, SMI_PROC_STATE,
			 SMI_PROC_KERNEL_THREAD),
	.title = "{name} does not run",
	.why = "No process has {name} for its name, its program or its first "
	       "argument; zombies and kernel threads do not count.",
	.next_step = "Start it again, and find out from the logs who or what "
		     "stopped it.",
};

/* The last part of a path, without what the kernel adds when it is deleted. */
static bool has_basename(struct smi_span path, const char *name)
{
	static const struct smi_span deleted = { " (deleted)", 10 };
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;
	struct smi_span base =
		slash ? smi_span_skip(path, (size_t)(slash - path.p) + 1)
		      : path;

	return smi_span_eq_str(base, name) ||
	       (smi_span_ends(base, deleted) &&
		smi_span_eq_str(smi_span_head(base, base.len - deleted.len),
				name));
}

bool smi_check_has_name(const sm_record *rec, const char *name)
{
	const sm_proc *p = sm_record_proc(rec);

	if (sm_proc_state(p) == 'Z' || sm_proc_kernel_thread(p))
		return false;
	return smi_span_eq_str(
		       smi_rec_raw(rec, SM_KIND_PROCESS, SMI_PROC_NAME_RAW),
		       name) ||
	       has_basename(smi_span_str(sm_proc_exe(p)), name) ||
	       has_basename(smi_span_str(sm_proc_arg(p, 0)), name);
}
