/* SPDX-License-Identifier: MIT */
#include "detect/check-look.h"

static const char *const masquerade_name[] = { "T1036.004", "T1036.011" };
static const char *const masquerade_daemon[] = { "T1036.005", "T1036.011" };
static const char *const overwritten_args[] = { "T1036.011" };

/* As kernel threads begin their names: kthread_create() in the kernel's sources.
 * Words that a program may have for a name are left out. */
static const char *const kernel_names[] = {
	"kworker",     "ksoftirqd",	  "kthreadd",
	"migration/",  "cpuhp/",	  "idle_inject/",
	"rcu_",	       "rcuop/",	  "rcuos/",
	"rcuog/",      "kswapd",	  "kcompactd",
	"khugepaged",  "kdevtmpfs",	  "kauditd",
	"khungtaskd",  "oom_reaper",	  "kintegrityd",
	"kblockd",     "kthrotld",	  "kpsmoused",
	"jbd2/",       "ext4-rsv-conver", "xfsaild",
	"scsi_eh_",    "scsi_tmf_",	  "irq/",
	"watchdogd",   "mm_percpu_wq",	  "pool_workqueue",
	"edac-poller", "ipv6_addrconf",
};

static bool is_kernel_name(struct smi_span s)
{
	return smi_span_starts_one(s, kernel_names, SMI_COUNT(kernel_names));
}

/* What stands between brackets that are all of s; empty where they are not. */
static struct smi_span between_brackets(struct smi_span s)
{
	if (s.len < 3 || s.p[0] != '[' || s.p[s.len - 1] != ']')
		return SMI_SPAN("");
	return smi_span_of(s.p + 1, s.len - 2);
}

/* "[kworker]" is; the titles of servers, "[celeryd: a@b:MainProcess]", are not. */
static bool is_plain_word(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}
	return s.len > 0;
}

/*
 * By the kernel's own flag: parents and brackets are anybody's. Without a program
 * and arguments it is a helper of the kernel that has yet to become one.
 */
static bool poses_as_kernel_thread(const sm_record *rec, double threshold,
				   struct smi_verdict *v)
{
	struct smi_span name = smi_span_str(sm_proc_name(sm_record_proc(rec)));
	struct smi_strs args = smi_look_args(rec);
	struct smi_span title =
		between_brackets(smi_span_str(args.n ? args.v[0] : ""));

	(void)threshold;
	if (!smi_rec_has(rec, SMI_PROC_KERNEL_THREAD) || !smi_look_lives(rec) ||
	    (args.n == 0 && !smi_rec_has(rec, SMI_PROC_EXE)))
		return false;
	if (is_kernel_name(title) || is_kernel_name(name)) {
		v->detail = is_kernel_name(title) ? title : name;
		return true;
	}
	v->detail = title;
	v->severity = SM_SEV_MEDIUM;
	return is_plain_word(title) && args.n == 1;
}

/*
 * Daemons that intruders like to be taken for, and what else their program is called
 * where that does not begin with the same name.
 */
static const struct {
	const char *name, *also[4];
} daemons[] = {
	{ "sshd", { NULL } },
	{ "cron", { NULL } },
	{ "crond", { "cron" } },
	{ "atd", { NULL } },
	{ "systemd", { "init" } },
	{ "systemd-journald", { NULL } },
	{ "systemd-logind", { "elogind" } },
	{ "systemd-udevd", { "udevadm" } },
	{ "systemd-resolved", { NULL } },
	{ "systemd-networkd", { NULL } },
	{ "systemd-timesyncd", { NULL } },
	{ "udevd", { "systemd-udevd", "udevadm", "eudev" } },
	{ "dbus-daemon", { "dbus-broker" } },
	{ "rsyslogd", { NULL } },
	{ "syslogd", { "rsyslogd", "syslog-ng", "inetutils-syslogd" } },
	{ "auditd", { NULL } },
	{ "agetty", { "getty" } },
	{ "polkitd", { NULL } },
	{ "NetworkManager", { NULL } },
	{ "wpa_supplicant", { NULL } },
	{ "dhclient", { NULL } },
	{ "chronyd", { NULL } },
	{ "ntpd", { "ntpsec", "openntpd" } },
	{ "nginx", { "angie", "openresty" } },
	{ "apache2", { "httpd" } },
	{ "httpd", { "apache2" } },
	{ "mysqld", { "mariadbd" } },
	{ "mariadbd", { "mysqld" } },
	{ "postgres", { "postmaster", "edb-postgres" } },
	{ "redis-server", { "valkey-server", "redis-check-rdb" } },
	{ "dockerd", { NULL } },
	{ "containerd", { NULL } },
	{ "kubelet", { "k3s", "rke2", "hyperkube" } },
	{ "snapd", { NULL } },
};

static bool fits(struct smi_span program, size_t i)
{
	const char *const *also = daemons[i].also;
	size_t n = 0;

	while (n < SMI_COUNT(daemons[i].also) && also[n])
		n++;
	return smi_span_starts(program, smi_span_str(daemons[i].name)) ||
	       smi_span_starts_one(program, also, n);
}

/* The word that a title or a path ends its first word with: "sshd" of
 * "/usr/sbin/sshd", "sshd: root@pts/0", "-sshd". */
static struct smi_span title_name(struct smi_span title)
{
	title = smi_span_head(title, smi_span_find(title, ' '));
	title = smi_span_head(title, smi_span_find(title, ':'));
	title = smi_span_skip(title, title.len > 0 && title.p[0] == '-');
	return smi_program_name(title);
}

static bool is_disguised(struct smi_span name, struct smi_span program)
{
	for (size_t i = 0; i < SMI_COUNT(daemons); i++)
		if (smi_span_eq_str(name, daemons[i].name))
			return !fits(program, i);
	return false;
}

/* A script's name is that of its file, while its program is the interpreter's. */
static bool poses_as_daemon(const sm_record *rec, double threshold,
			    struct smi_verdict *v)
{
	const unsigned any = SMI_PROGRAM_MANY | SMI_PROGRAM_RUNTIME |
			     SMI_PROGRAM_DEBUGGER | SMI_PROGRAM_JIT;
	const sm_proc *p = sm_record_proc(rec);
	struct smi_span exe = smi_look_exe(rec);
	unsigned class = smi_program_class(exe);

	(void)threshold;
	if (exe.len == 0 || !smi_look_lives(rec) ||
	    (class & any && !(class & SMI_PROGRAM_SCRIPTS)))
		return false;
	v->detail = title_name(smi_span_str(sm_proc_arg(p, 0)));
	if (!is_disguised(v->detail, smi_program_name(exe))) {
		v->detail = smi_span_str(sm_proc_name(p));
		if (class & SMI_PROGRAM_SCRIPTS ||
		    !is_disguised(v->detail, smi_program_name(exe)))
			return false;
	}
	if (smi_look_in_system_dir(exe) && !smi_look_exe_is_memfd(rec))
		v->severity = SM_SEV_MEDIUM;
	return true;
}

static bool are_args_wiped(const sm_record *rec, double threshold,
			   struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return smi_rec_has(rec, SMI_PROC_ARGS_WIPED) &&
	       smi_rec_has(rec, SMI_PROC_EXE) && smi_look_lives(rec);
}

static const struct smi_check identity_checks[] = {
	{
		.id = "kernel-thread-name",
		.kind = "kernel_thread_name",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(masquerade_name),
		SMI_CHECK_FIELDS(SMI_PROC_EXE, SMI_PROC_ARGS,
				 SMI_PROC_KERNEL_THREAD, SMI_PROC_STATE),
		.key = SMI_PROC_EXE,
		.fn = poses_as_kernel_thread,
		.title = "{name} (pid {pid}) poses as a kernel thread",
		.why = "It calls itself \"{detail}\", but has a program and "
		       "arguments of its own, and not the kernel's mark of a "
		       "kernel thread.",
		.innocent = "Some servers write titles in brackets, but none "
			    "with the names of the kernel's.",
		.next_step = "Look at /proc/{pid}/exe: that is what really "
			     "runs. Keep a copy before you stop it.",
	},
	{
		.id = "daemon-name",
		.kind = "daemon_name",
		.severity = SM_SEV_HIGH,
		SMI_CHECK_ATTACK(masquerade_daemon),
		SMI_CHECK_FIELDS(SMI_PROC_EXE, SMI_PROC_EXE_NLINK,
				 SMI_PROC_ARGS, SMI_PROC_STATE,
				 SMI_PROC_KERNEL_THREAD),
		.key = SMI_PROC_EXE,
		.fn = poses_as_daemon,
		.title = "{name} (pid {pid}) poses as {detail}",
		.why = "It calls itself {detail}, but its program is {exe}.",
		.innocent = "A wrapper, or another maker's program under the "
			    "known name, looks the same.",
		.next_step = "Find out which package {exe} belongs to and who "
			     "started it.",
	},
	{
		.id = "args-wiped",
		.kind = "args_wiped",
		.severity = SM_SEV_MEDIUM,
		SMI_CHECK_ATTACK(overwritten_args),
		SMI_CHECK_FIELDS(SMI_PROC_ARGS_WIPED, SMI_PROC_EXE,
				 SMI_PROC_STATE, SMI_PROC_KERNEL_THREAD),
		.key = SMI_PROC_EXE,
		.fn = are_args_wiped,
		.title = "{name} (pid {pid}) has wiped its arguments",
		.why = "Where its arguments were there are only zeros; it "
		       "runs {exe}.",
		.innocent = "A program that hides a password from lists may "
			    "overwrite too much.",
		.next_step = "Look at its program, its parent and its open "
			     "files.",
	},
};
SMI_CHECKS(identity);
