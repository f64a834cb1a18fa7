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
	/* With more: */
	int32_t session, tty, nice;
	uint64_t minor_faults, major_faults;
	uint32_t policy; /* sched(7) */
	uint32_t cpu;	 /* it ran on last */
};
/* more: the fields behind rss_pages as well. */
bool smi_procfs_stat(struct smi_span text, bool more, struct smi_stat *out);

/* /proc/PID/status: what has no line of its own (the memory of a kernel thread)
 * is 0. false when it does not say whose process it is. */
struct smi_status {
	struct smi_span name; /* in the text, still escaped */
	int32_t tgid, ppid;
	char state;
	uint32_t uid, euid;
	uint64_t threads;
	uint64_t rss; /* bytes */
	/* With more: */
	int32_t tracer;
	uint64_t swap; /* bytes */
	uint64_t cap_eff;
	uint32_t seccomp;
	bool no_new_privs;
	uint32_t gid, egid;
	struct smi_span cpus;		 /* "0-3,5", in the text */
	uint64_t voluntary, involuntary; /* switches of this thread */
};
bool smi_procfs_status(struct smi_span text, bool more, struct smi_status *out);

/* What the kernel calls a policy of sched(7), a mode of seccomp(2), a terminal by
 * its device number; "" where it has no name here. */
const char *smi_procfs_policy(uint32_t policy);
const char *smi_procfs_seccomp(uint32_t mode);
#define SMI_TTY_MAX 24
const char *smi_procfs_tty(int32_t device, char room[SMI_TTY_MAX]);
/* "CAP_CHOWN"; NULL behind the last one, capabilities(7). */
const char *smi_procfs_capability(unsigned number);

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
/* A link to something without a path: "socket:[12]", "net:[4026531840]". */
bool smi_procfs_inode(struct smi_span link, struct smi_span type,
		      uint64_t *out);
/* proc_loadavg(5): the number that was given to a process or thread last. */
bool smi_procfs_last_pid(struct smi_span loadavg, int32_t *out);
/* Seconds with up to nine decimals, as /proc/uptime begins with, in ns. */
bool smi_procfs_seconds(struct smi_span text, int64_t *ns);

#endif
