/* SPDX-License-Identifier: MIT */
#include "detect/check.h"

static const char *const hijacking[] = { "T1496" };
static const char *const exhaustion[] = { "T1499" };
static const char *const encryption[] = { "T1486", "T1499" };

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

/* The limit is read of those that have many only. */
static bool is_descriptor_hog(const sm_record *rec, double threshold,
			      struct smi_verdict *v)
{
	int64_t n = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_OPEN_FILES);
	int64_t limit =
		smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_DESCRIPTORS_LIMIT);

	(void)v;
	return limit > 0 && 100.0 * (double)n > threshold * (double)limit;
}

static bool is_thread_hog(const sm_record *rec, double threshold,
			  struct smi_verdict *v)
{
	(void)v;
	return (double)smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_THREADS) >
	       threshold;
}

static bool is_io_hog(const sm_record *rec, double threshold,
		      struct smi_verdict *v)
{
	int64_t in = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_READ_RATE);
	int64_t out = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_WRITE_RATE);

	(void)v;
	return (double)in + (double)out > threshold;
}

/* The score is read of those that hold much memory only. */
static bool is_oom_candidate(const sm_record *rec, double threshold,
			     struct smi_verdict *v)
{
	(void)v;
	return (double)smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_OOM_NEAR) >
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
		.load = SMI_LOAD_CPU,
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
		.load = SMI_LOAD_MEMORY,
		.fn = is_memory_hog,
		.title = "{name} (pid {pid}) holds {memory_percent} % of the "
			 "memory",
		.why = "It has {rss} bytes resident, {memory_percent} % of "
		       "what can be used here; the threshold is {threshold} %.",
		.next_step = "Find out whether it grows. Give it a limit, or "
			     "restart it before the kernel kills something "
			     "else.",
	},
	{
		.id = "descriptor-hog",
		.kind = "descriptor_hog",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(exhaustion),
		SMI_CHECK_FIELDS(SMI_PROC_OPEN_FILES,
				 SMI_PROC_DESCRIPTORS_LIMIT),
		.key = SMI_PROC_NAME,
		.load = SMI_LOAD_DESCRIPTORS,
		.fn = is_descriptor_hog,
		.title = "{name} (pid {pid}) has nearly all its descriptors "
			 "open",
		.why = "{open_files} of {descriptors_limit} descriptors are "
		       "open, "
		       "more than {threshold} % of its soft limit. At the "
		       "limit it can open no file "
		       "and take no connection.",
		.innocent = "Servers with many clients come near a limit that "
			    "was never raised.",
		.next_step = "Look what they are in /proc/{pid}/fd: a leak, or "
			     "connections that somebody holds open. Raise the "
			     "limit if all of them are needed.",
	},
	{
		.id = "thread-hog",
		.kind = "thread_hog",
		.severity = SM_SEV_LOW,
		SMI_CHECK_ATTACK(exhaustion),
		SMI_CHECK_FIELDS(SMI_PROC_THREADS),
		.key = SMI_PROC_NAME,
		.load = SMI_LOAD_THREADS,
		.fn = is_thread_hog,
		.title = "{name} (pid {pid}) has {threads} threads",
		.why = "The threshold is {threshold}. Each takes a number that "
		       "no other process can have, and memory.",
		.innocent = "Java and databases have a thread for each "
			    "connection.",
		.next_step = "Find out whether their number grows. pids.max of "
			     "its cgroup (TasksMax of its unit) is a limit for "
			     "it.",
	},
	{
		.id = "io-hog",
		.kind = "io_hog",
		.severity = SM_SEV_LOW,
		SMI_CHECK_ATTACK(encryption),
		SMI_CHECK_FIELDS(SMI_PROC_READ_RATE, SMI_PROC_WRITE_RATE),
		.key = SMI_PROC_NAME,
		.load = SMI_LOAD_IO,
		.fn = is_io_hog,
		.title = "{name} (pid {pid}) keeps the disks busy",
		.why = "Between two looks it read {read_rate} and wrote "
		       "{write_rate} bytes per second; the threshold is "
		       "{threshold}.",
		.innocent = "Backups, builds and databases read and write as "
			    "much.",
		.next_step = "Look which files it has open. What reads and "
			     "writes all files of people one after the other "
			     "may be encrypting them.",
	},
	{
		.id = "oom-candidate",
		.kind = "oom_candidate",
		.severity = SM_SEV_LOW,
		SMI_CHECK_ATTACK(exhaustion),
		SMI_CHECK_FIELDS(SMI_PROC_OOM_NEAR, SMI_PROC_MEMORY_PERCENT),
		.key = SMI_PROC_NAME,
		.load = SMI_LOAD_OOM,
		.fn = is_oom_candidate,
		.title = "{name} (pid {pid}) is what the kernel kills when "
			 "memory is out",
		.why = "It holds {memory_percent} % of the memory, and its OOM "
		       "score is {oom_near}; the threshold is {threshold}.",
		.innocent = "Browsers and services give themselves a high "
			    "score so that others stay.",
		.next_step = "Give it a memory limit of its own, or lower "
			     "oom_score_adj of what must not be killed.",
	},
};
SMI_CHECKS(resource);
