/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_PROCFS_H
#define SMI_PROCESS_PROCFS_H

#include "base/span.h"

/*
 * The texts of proc(5), parsed without touching a file. Names and arguments in
 * them are chosen by whoever runs the process.
 */

#define SMI_PF_KTHREAD UINT32_C(0x00200000) /* include/linux/sched.h */

/* /proc/PID/stat */
struct smi_stat {
	int32_t pid, ppid;
	char state;
	struct smi_span name; /* in the text */
	uint32_t flags;
	uint64_t ticks; /* user and system time of all threads */
	uint64_t start; /* ticks since boot */
	uint64_t threads;
	uint64_t rss_pages;
};
bool smi_procfs_stat(struct smi_span text, struct smi_stat *out);

/* /proc/PID/status: what has no line of its own (the memory of a kernel thread)
 * is 0. false when it does not say whose process it is. */
struct smi_status {
	struct smi_span name; /* in the text, still escaped */
	int32_t tgid, ppid;
	char state;
	uint32_t uid, euid;
	uint64_t threads;
	uint64_t rss; /* bytes */
};
bool smi_procfs_status(struct smi_span text, struct smi_status *out);

/* The kernel writes a newline in a name of status as \n, a backslash as \\. Gives
 * the name, in room where it had to be changed. */
#define SMI_NAME_MAX 256
struct smi_span smi_procfs_name(struct smi_span escaped,
				char room[SMI_NAME_MAX]);

/*
 * /proc/PID/cmdline: n arguments, separated by NUL, in text. What is not an
 * argument is cut off: the last NUL, the zeros behind a title that the process
 * wrote over its arguments ("sshd: root [priv]"), an area that holds zeros only.
 */
struct smi_args {
	struct smi_span text;
	size_t n;
};
struct smi_args smi_procfs_args(struct smi_span raw);

/* The number behind key at the beginning of a line: "btime" of /proc/stat,
 * "MemTotal:" of /proc/meminfo. */
bool smi_procfs_number(struct smi_span text, struct smi_span key,
		       uint64_t *out);
/* How many numbers are in the line that begins with key: "NSpid:" of status. */
size_t smi_procfs_count(struct smi_span text, struct smi_span key);
/* Seconds with up to nine decimals, as /proc/uptime begins with, in ns. */
bool smi_procfs_seconds(struct smi_span text, int64_t *ns);

#endif
