/* SPDX-License-Identifier: MIT */
#ifndef SYSMON_PROC_H
#define SYSMON_PROC_H
#ifndef SM_INCLUDED_FROM_SYSMON_H
#error "include <sysmon/sysmon.h>"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One process as it was at sm_proc_time(): a record of SM_KIND_PROCESS. It lives
 * as long as its record, is immutable, and may be read by any thread. A getter
 * gives the neutral value for what was not chosen, could not be read or does not
 * exist; sm_record_has_field() tells these from a real 0.
 */
typedef struct sm_proc sm_proc;
/* NULL where the record is another kind. */
const sm_proc *sm_record_proc(const sm_record *rec);
/* Its number and its parent's, in the pid namespace of the /proc that was read. A
 * parent of 0 is the kernel, or a process outside of the namespace. */
int32_t sm_proc_pid(const sm_proc *p);
int32_t sm_proc_ppid(const sm_proc *p);
/* Real and effective user: the numbers of the Uid line of /proc/PID/status. The
 * names are those of /etc/passwd below the sysroot, of getpwuid_r(3) without one;
 * a number that has no name stands for itself. */
uint32_t sm_proc_uid(const sm_proc *p);
uint32_t sm_proc_euid(const sm_proc *p);
const char *sm_proc_user(const sm_proc *p);
const char *sm_proc_euser(const sm_proc *p);
/* The kernel's name of at most 15 bytes (kernel threads: 63); any bytes but NUL
 * are possible, the process chooses them: escaped here, and the len bytes as they
 * are in the raw form. len may be NULL. */
const char *sm_proc_name(const sm_proc *p);
const void *sm_proc_name_raw(const sm_proc *p, size_t *len);
/* The letter of proc_pid_stat(5): 'R', 'S', 'D', 'Z', ...; 0 where unknown. Of a
 * process whose first thread has ended, that of one that lives. */
int sm_proc_state(const sm_proc *p);
/* The path of the running program as the kernel tells it: with " (deleted)" behind
 * it when the file has gone (or is called so). Kernel threads have none. */
const char *sm_proc_exe(const sm_proc *p);
/* The arguments as they are, empty ones too, each escaped; and all of them in one
 * line with a space between two. A process may overwrite them. */
size_t sm_proc_nargs(const sm_proc *p);
const char *sm_proc_arg(const sm_proc *p, size_t i);
const char *sm_proc_cmdline(const sm_proc *p);
/* The len bytes of /proc/PID/cmdline, the NULs included; at most 2 MiB, and
 * 16 MiB for all processes of a list, beyond which 4 KiB of each are kept. */
const void *sm_proc_cmdline_raw(const sm_proc *p, size_t *len);
/* When it began, by the wall clock, in ns since 1970: the same each time it is
 * listed, as long as nobody sets the clock. */
int64_t sm_proc_start(const sm_proc *p);
/* The kernel's boot id. sm_record_id() is made from it, the pid and the start in
 * clock ticks: no two processes have the same. "" when the id was not chosen. */
const char *sm_proc_boot_id(const sm_proc *p);
/* When it was looked at, in ns since 1970. */
int64_t sm_proc_time(const sm_proc *p);
/*
 * Percent of one processor that all its threads together used between two looks:
 * 100 is one core busy, more is possible. A process that was born in between is
 * measured from its start. Taken from the scheduler's nanoseconds; in steps of a
 * clock tick (10 ms) where the /proc that is read is not this system's own.
 */
double sm_proc_cpu_percent(const sm_proc *p);
/* The same from its start until now. */
double sm_proc_cpu_percent_lifetime(const sm_proc *p);
/* Resident memory in percent of what can be used here: MemTotal, or the memory
 * limit of the caller's own cgroup where that is smaller. */
double sm_proc_memory_percent(const sm_proc *p);
/* Resident memory in bytes: VmRSS. */
uint64_t sm_proc_rss_bytes(const sm_proc *p);
/* As the kernel counts: a first thread that has ended before the others is one. */
uint32_t sm_proc_threads(const sm_proc *p);
/* The path below the unified hierarchy, cgroups(7). */
const char *sm_proc_cgroup(const sm_proc *p);
/* The id of the container, taken from the cgroup: Docker, containerd, Podman,
 * CRI-O; the name for LXC and systemd-nspawn. "" outside of containers. */
const char *sm_proc_container(const sm_proc *p);
/* 1 for a kernel thread: by the kernel's own flag, not by name or parent. */
int sm_proc_kernel_thread(const sm_proc *p);
/* The names of the fields that were asked for and refused: "exe", ... */
size_t sm_proc_nunreadable(const sm_proc *p);
const char *sm_proc_unreadable(const sm_proc *p, size_t i);

/*
 * Options. NULL stands for all defaults. A setter that fails leaves the object
 * unusable on purpose: sm_list_processes() then fails with the same error. What is
 * passed in is copied. Every setter gives 0 or a negative errno: -EINVAL for a NULL
 * argument where none is allowed, -ENOMEM, and what is said beside it.
 */
typedef struct sm_proc_opts sm_proc_opts;
/* All defaults; the caller frees it, at any time after the call that took it. */
int sm_proc_opts_new(sm_ctx *ctx, sm_proc_opts **out);
void sm_proc_opts_free(sm_proc_opts *o);
/* Only this process; a number that is none gives an empty list and a notice.
 * 0: all, the default. -ERANGE below 0. */
int sm_proc_opts_set_pid(sm_proc_opts *o, int32_t pid);
/* Only processes whose real user is this one, by name or number. A name that
 * nobody has is -ENOENT of the call that lists. NULL: all, the default. */
int sm_proc_opts_set_user(sm_proc_opts *o, const char *name_or_uid);
/*
 * Only processes for which the condition is true: "user = www-data and
 * (cpu_percent > 50 or rss >= 1G)". It compares fields by name (those of
 * sm_proc_opts_set_fields(), chosen or not): = != < <= > >= for numbers, times (RFC
 * 3339) and sizes (K, M, G, T: times 1024); = != and ~ !~ (contains) for text and
 * for lists, of which one item has to match; a field alone is true when it is there
 * and neither 0 nor empty. "and", "or", "not", parentheses; values with spaces in
 * quotes. What is compared with an unknown value is false; != and !~ are "not =" and
 * "not ~". NULL: no condition, the default. -ENOENT for a field that there is not,
 * -EINVAL for what cannot be read; the sentence names the byte.
 */
int sm_proc_opts_set_filter(sm_proc_opts *o, const char *expr);
/* 1: judge each process (deleted program, world-writable directory, ...), the
 * default. 0: judge none, by the thresholds below neither; only the important
 * names are looked for. */
int sm_proc_opts_set_checks(sm_proc_opts *o, int on);
/* A set whose allow entries accept findings by their key or by the process; its
 * other rules are for logs. It is referenced, and frozen by the call that lists.
 * NULL: none, the default. */
int sm_proc_opts_set_rules(sm_proc_opts *o, sm_ruleset *rs);
/*
 * A process that must be there: a finding when none runs. It is the kernel's name of
 * the process, or the last part of the path of its program or of its first
 * argument, exactly; zombies and kernel threads do not count, processes that pid
 * and user leave out do. Repeat for more. -EINVAL for "".
 */
int sm_proc_opts_add_important(sm_proc_opts *o, const char *name);
/*
 * 1: where all processes are listed and judged, the daemons that a machine's
 * security rests on are important too, as far as systemd starts them at boot:
 * journald, and of sshd, cron, rsyslog, syslog-ng, auditd, fail2ban, firewalld and
 * common security agents those whose unit is enabled and not masked. The default.
 * 0: only those that were added.
 */
int sm_proc_opts_set_important_defaults(sm_proc_opts *o, int on);
/*
 * The fields to make, by name: "pid,ppid,name"; what order, checks and thresholds
 * need is made too. Files are read only for these. NULL: all that has a getter
 * above, the default. The rest is made only when it is named, and read by
 * sm_record_field_int() and its like:
 *   session, tty, nice, scheduler (sched(7)), minor_faults, major_faults,
 *   swap	    bytes
 *   tracer_pid	    while it is traced
 *   capabilities   the effective ones, capabilities(7)
 *   seccomp	    "none", "strict", "filter"
 *   no_new_privs
 *   depth	    levels below its root, in the order SM_PROC_BY_TREE only
 *   hidden_from, seen_by  the ways to see a hidden process that fail, and the others:
 *		    also without being named, where there is something to say
 *   mounted_over   what lies on its directory in /proc: likewise
 *   event, exit_code, exit_signal, ancestors  see sm_proc_opts_set_follow()
 *   open_files	    how many descriptors it has open
 *   open_files_limit  how many it may have, getrlimit(2): the soft limit of
 *		    RLIMIT_NOFILE; unknown where there is none
 *   listening	    its sockets that take what comes from anybody, each one once:
 *		    "tcp 0.0.0.0:22", "udp [::]:53"; "raw 0.0.0.0:1" (the
 *		    number is the protocol), "packet 0x0003 interface 2" (its
 *		    EtherType, and the interface unless it is all)
 *   connections    those that have a peer: "udp 10.0.0.1:5000 > 10.0.0.53:53",
 *		    "tcp 10.0.0.1:5000 > [2001:db8::1]:443 ESTABLISHED", with the
 *		    states of proc_pid_net(5). An IPv4 peer of an IPv6 socket is
 *		    an IPv4 address. Sockets of the network namespaces of all
 *		    processes so far, and of its own, are known
 *   read_bytes, write_bytes  of disks, or what will be: proc_pid_io(5)
 *   pss	    bytes: a page that n processes share counts one n-th
 *   uss	    bytes that nobody shares: the private lines of
 *		    proc_pid_smaps(5)
 *   cwd, root	    its current and its root directory
 *   exe_device, exe_inode  of its program: "8:1" is major and minor number
 *   exe_deleted    whether no name leads to its program any more, whatever the
 *		    program was called
 *   namespaces	    "net:4026531840" and the like, namespaces(7)
 *   unit, slice    of systemd, as sd_pid_get_unit(3) and sd_pid_get_slice(3)
 *		    tell them
 *   runtime	    of the container: "docker", "containerd", "podman", "cri-o",
 *		    "lxc", "systemd-nspawn"; unknown where the cgroup does not say
 *   gid, egid	    real and effective group
 *   voluntary_switches, involuntary_switches  of its first thread, as the kernel
 *		    counts them
 *   cpu, cpus_allowed  the processor it ran on last, and those it may run on:
 *		    "0-3,5"
 *   oom_score	    0 to 2000; the highest is killed first when memory is out
 *   login_user	    who logged in to start it, whoever it is now: loginuid of
 *		    proc(5); unknown where nobody did
 *   ionice	    class and level of its first thread for disks, ioprio_get(2):
 *		    "none", "idle", "best-effort 4", "realtime 0"; unknown below a
 *		    sysroot
 *   package	    that has its program, of dpkg's database; unknown in containers, where
 *		    there is none, and where another file has its path
 *   read_rate, write_rate  bytes per second of read_bytes and write_bytes between two
 *		    looks, as cpu_percent
 * Kernel threads and zombies have none of open_files to namespaces, of oom_score,
 * login_user and the rates. -ENOENT for a name that is none, -EINVAL for one twice.
 */
int sm_proc_opts_set_fields(sm_proc_opts *o, const char *fields);
/* A finding for a process above so many percent. 80 and 80 by default; 0 is never.
 * -ERANGE for less than 0 and what is no number. */
int sm_proc_opts_set_cpu_threshold(sm_proc_opts *o, double percent);
int sm_proc_opts_set_memory_threshold(sm_proc_opts *o, double percent);
/*
 * The threshold of the finding of a kind: a finding above it, 0 is never. With the
 * defaults: "cpu_hog" and "memory_hog", 80, the two above; "descriptor_hog", 90 percent
 * of the soft limit, of processes with 64 descriptors and more; "thread_hog", 1000
 * threads; "io_hog", 104857600 bytes per second, by default only where lists are made
 * again and again; "zombies", 20 children of one process; "oom_candidate", an oom_score
 * of 1000, of processes that hold 10 percent of the memory and more. -ENOENT for another
 * kind, -ERANGE for less than 0 and what is no number.
 */
int sm_proc_opts_set_threshold(sm_proc_opts *o, const char *kind, double value);
/* Milliseconds between the two looks, 250 by default, at most one hour; 0 is one
 * look, no cpu_percent and no rates. There is one look, too, when nothing needs two.
 * -ERANGE outside. */
int sm_proc_opts_set_interval_ms(sm_proc_opts *o, int64_t ms);
/*
 * Lists again every so many milliseconds until the job is cancelled, at most one hour;
 * 0, the default: one list. SM_EVENT_ROUND ends each list. From the second on,
 * cpu_percent is counted from the list before. A finding is told once; one about a
 * threshold and a missing process when it held in three of five lists, and once more,
 * closed, when it held in none of the last five; "important_restarted" is told of an
 * important process that is another one than before. What was left out is told once.
 * Hidden processes are looked for at the beginning and each minute; by
 * SM_PROC_HIDDEN_ALL that holds up a list, where numbers go to four millions by
 * seconds. With an interval of 0, no list has cpu_percent.
 * Not together with sm_proc_opts_set_follow(): -EINVAL of the call that lists. -ERANGE
 * outside.
 */
int sm_proc_opts_set_watch_ms(sm_proc_opts *o, int64_t ms);
/*
 * How many milliseconds one process may hold the list up, at most one hour; 0, the
 * default: as long as it does, which what runs on a file system that no longer answers,
 * keeps its memory locked, or is stuck in exec, can make for ever. With a deadline, all
 * that can block is read by a process that the job starts for that (one for each of its
 * threads: a copy of the caller that runs nothing of it, holds none of its descriptors,
 * and ends without SIGCHLD, unseen by wait(2)), which costs some microseconds a file. Who
 * is late is left with "unreadable" members, is a finding ("process_blocks"), and is left
 * alone for a minute. All processes together may take eight times as long; then each of
 * the rest may take a sixteenth, and all of them again eight times as long, before
 * nothing more of that kind is read. Notices (ETIMEDOUT) count them. Where no such process can be had (it
 * takes Linux 5.9 and a sandbox that allows it) a notice says so, and there is no
 * deadline. What not even a signal ends stays behind until it ends: never more than
 * about sixty processes of one context, and a descriptor for each. -ERANGE outside.
 */
int sm_proc_opts_set_deadline_ms(sm_proc_opts *o, int64_t ms);
enum sm_proc_sort {
	SM_PROC_BY_PID = 0,
	/* The busiest first; by cpu_percent_lifetime when there is one look. */
	SM_PROC_BY_CPU = 1,
	/* The largest first, by resident memory. */
	SM_PROC_BY_MEMORY = 2,
	/* By the bytes of the name. */
	SM_PROC_BY_NAME = 3,
	/* Each behind its parent, the children of one by pid; who has no parent in
	 * the list is a root. The field "depth" is made. */
	SM_PROC_BY_TREE = 4
};
/* The order of the list, SM_PROC_BY_PID by default; equal ones by pid. Any other
 * order keeps the whole list in memory. -EINVAL for another number. */
int sm_proc_opts_set_sort(sm_proc_opts *o, int sort);
/* Only the first n of the order; findings still come from all. 0: all, the
 * default. cmdline, args, pss, uss, listening and connections are then read of
 * these n only, unless the filter or a check needs them of all. */
int sm_proc_opts_set_top(sm_proc_opts *o, uint32_t n);
enum sm_proc_hidden {
	/* The numbers that may have been given out since the system was started, up
	 * to half a second of them; a notice tells where that was not enough. */
	SM_PROC_HIDDEN_AUTO = 0,
	SM_PROC_HIDDEN_OFF = 1,
	/* All numbers there can be, each by two system calls; and what a program in
	 * the kernel (BPF) walks through, where that can be had. */
	SM_PROC_HIDDEN_ALL = 2
};
/*
 * How hard to look for processes that are hidden: from the listing of /proc by the
 * kernel, or by a preloaded readdir(3) in the C library of this process. With checks
 * only, and where neither pid nor user nor filter leaves any out. A hidden process
 * has a record like the others, with "hidden_from" and "seen_by", and a finding.
 * -EINVAL for another number.
 */
int sm_proc_opts_set_hidden(sm_proc_opts *o, int how);
/*
 * 1: after the list, what processes start and how they end, until cancelled; 0, the
 * default: the list alone. Each event is a record of the process with "event" (the
 * members are those of set_fields):
 *   fork   a new process, still with its parent's program: what its parent had
 *   exec   it runs a program: all members that were chosen, as it begins; checks too
 *   exit   it has ended: exit_code, or exit_signal
 * and "ancestors", the parent first ("bash(900)", "sshd(812)"): as they were, also
 * where they have ended since. "time" is when it happened. Threads have no events.
 * What is known of a program that ends at once depends on the way: a notice at the
 * beginning names it, its source is "bpf" (all arguments are known; root, or
 * CAP_BPF and CAP_PERFMON, not in a container), "connector" (not in a container;
 * before Linux 6.6 with CAP_NET_ADMIN) or "polling" (no fork, no exit status; what is new is an exec). "unreadable" names what
 * was gone. Events that were lost are counted in notices. filter, pid and user choose
 * among the events; order and top are for the list.
 */
int sm_proc_opts_set_follow(sm_proc_opts *o, int on);

enum sm_proc_backend {
	SM_PROC_BACKEND_AUTO = 0,
	/* The files of /proc. */
	SM_PROC_BACKEND_PROCFS = 1,
	/* A program in the kernel lists the processes (BPF); what it does not tell is
	 * read from /proc. It takes root, or CAP_BPF and CAP_PERFMON, and Linux 5.19
	 * or newer with BTF. */
	SM_PROC_BACKEND_BPF = 2,
	/* The files of /proc, and one of each process is kept open for the next list
	 * of a watch: at most half of the descriptors that the program may have
	 * (RLIMIT_NOFILE, which is not changed), and 16,384; each takes about 5 KiB
	 * of the kernel's memory. What has no room is opened each time. */
	SM_PROC_BACKEND_KEPT = 3
};
/*
 * Where the list comes from; the rows are the same. SM_PROC_BACKEND_AUTO, the
 * default, takes BPF for many processes and for a watch where the kernel allows it;
 * for a watch else what was kept; else /proc. One that is named and cannot be had
 * makes a notice, and /proc is read; which one is in force is told in a record of
 * SM_KIND_SUMMARY, member "process_backend". -EINVAL for another number.
 */
int sm_proc_opts_set_backend(sm_proc_opts *o, int backend);
/*
 * How many threads read what is said of the processes, the caller's with them: the
 * job starts n - 1, with all signals blocked, when there are many processes to be
 * read, and joins them when they are read or it is freed. What it tells, and in
 * which order, does not depend on n; callbacks run on the caller's thread alone. Where
 * fewer can be had it works with those. Memory grows by about 200 KiB a thread. A
 * program that forks meanwhile: see sm_job_free(). -ERANGE beyond 1 to 64. Default:
 * 1, and no thread is started.
 */
int sm_proc_opts_set_threads(sm_proc_opts *o, uint32_t n);

/*
 * One list of the processes and the findings about them, as events to fn. o may be
 * NULL. Processes that end while they are read are left out; what the caller may
 * not see makes "unreadable" members and one notice.
 * 0: complete. Otherwise fn's non-zero result, or a negative errno: -ENOENT (no
 * /proc, no such user), -EACCES, -EINVAL (options that exclude each other),
 * -ECANCELED (sm_job_cancel()), -ENOMEM, -EIO.
 */
int sm_list_processes(sm_ctx *ctx, const sm_proc_opts *o, sm_event_fn fn,
		      void *user);
/* The same as a job, which the caller drives and frees; o may be freed at once. */
int sm_job_new_proc(sm_ctx *ctx, const sm_proc_opts *o, sm_job **out);

#ifdef __cplusplus
}
#endif

#endif
