/* SPDX-License-Identifier: MIT */
#include "detect/check.h"

static const char *const rootkit[] = { "T1014", "T1564" };
static const char *const bind_mount[] = { "T1564.013" };

static bool is_hidden(const sm_record *rec, double threshold,
		      struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return smi_rec_has(rec, SMI_PROC_HIDDEN_FROM);
}

static bool is_mounted_over(const sm_record *rec, double threshold,
			    struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return smi_rec_has(rec, SMI_PROC_MOUNTED_OVER);
}

static const struct smi_check hidden_checks[] = {
	{
		.id = "hidden-process",
		.kind = "hidden_process",
		.severity = SM_SEV_CRITICAL,
		SMI_CHECK_ATTACK(rootkit),
		SMI_CHECK_FIELDS(SMI_PROC_HIDDEN_FROM, SMI_PROC_SEEN_BY,
				 SMI_PROC_EXE),
		.key = SMI_PROC_EXE,
		.fn = is_hidden,
		.title = "Process {pid} is hidden",
		.why = "It is there by {seen_by}; {hidden_from} did not show "
		       "it, each time of several. What does that is a "
		       "rootkit: in the kernel, or where readdir alone is "
		       "concerned a library that is loaded into every "
		       "program.",
		.next_step = "Trust no tool of this system. Look at "
			     "/etc/ld.so.preload and the loaded kernel "
			     "modules, take the machine off the network, and "
			     "keep its disk and memory for analysis.",
	},
	{
		.id = "proc-mount-over",
		.kind = "proc_mount_over",
		.severity = SM_SEV_CRITICAL,
		SMI_CHECK_ATTACK(bind_mount),
		SMI_CHECK_FIELDS(SMI_PROC_MOUNTED_OVER, SMI_PROC_EXE),
		.key = SMI_PROC_EXE,
		.fn = is_mounted_over,
		.title = "Something is mounted over /proc/{pid}",
		.why = "{mounted_over} lies on the directory of process {pid}: "
		       "ps and its like show that, or nothing, in place of "
		       "the process.",
		.next_step = "umount /proc/{pid} shows the process again. Find "
			     "out who mounted it, and what {name} does.",
	},
};
SMI_CHECKS(hidden);
