/* SPDX-License-Identifier: MIT */
#include "detect/check.h"

static const char *const hijacking[] = { "T1496" };
static const char *const exhaustion[] = { "T1499" };

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
