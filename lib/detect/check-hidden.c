/* SPDX-License-Identifier: MIT */
#include "detect/check.h"

static const char *const rootkit[] = { "T1014", "T1564" };
static const char *const bind_mount[] = { "T1564.013" };
static const char *const blocking[] = { "T1499", "T1564" };

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

static bool blocks(const sm_record *rec, double threshold,
		   struct smi_verdict *v)
{
	int64_t which = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_BLOCKS);

	(void)threshold;
	v->detail =
		which > 1 ? SMI_SPAN("Nearly nothing") : SMI_SPAN("Not all");
	if (which > 1)
		v->severity = SM_SEV_HIGH;
	return which > 0;
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
	{
		.id = "process-blocks",
		.kind = "process_blocks",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(blocking),
		SMI_CHECK_FIELDS(SMI_PROC_BLOCKS, SMI_PROC_NAME),
		.key = SMI_PROC_NAME,
		.fn = blocks,
		.title =
			"{name} (pid {pid}) keeps those waiting who look at it",
		.why = "{detail} of it could be read before the deadline: the "
		       "kernel waits for a lock that it holds, or for a file "
		       "system that does not answer. ps and its like, which "
		       "have no deadline, stop there for ever and show nobody; "
		       "what was not read, no other check has seen.",
		.innocent = "So does what runs on a network drive whose server "
			    "has gone, and a machine that is short of memory.",
		.next_step =
			"Look in /proc/{pid}/status, cmdline and mountinfo, "
			"which do not wait, for what it is and which FUSE "
			"or network mounts it has. Kill the server of that "
			"mount, or write to abort in "
			"/sys/fs/fuse/connections.",
	},
};
SMI_CHECKS(hidden);
