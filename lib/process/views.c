/* SPDX-License-Identifier: MIT */
#include "process/views.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process/procfs.h"

/* asm-generic/unistd.h: the same number everywhere; older headers lack them. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

/* Above what pid_max can be, include/linux/threads.h. */
#define NO_PID INT32_MAX

size_t smi_views_names(unsigned set, const char *names[SMI_NVIEWS])
{
	static const char *const all[SMI_NVIEWS] = {
		"getdents64", "readdir",    "open /proc/PID", "tgkill",
		"sched",      "pidfd_open", "cgroup.procs",   "bpf",
	};
	size_t n = 0;

	for (unsigned i = 0; i < SMI_NVIEWS; i++)
		if (set >> i & 1)
			names[n++] = all[i];
	return n;
}

/* A process of somebody else answers with EPERM. */
static bool answers(long r)
{
	return r >= 0 || errno == EPERM;
}

bool smi_view_signal(int32_t pid)
{
	return answers(syscall(SYS_tgkill, pid, pid, 0));
}

bool smi_view_sched(int32_t pid)
{
	return answers(syscall(SYS_sched_getscheduler, pid));
}

int smi_view_pidfd(int32_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd >= 0 ? fd : -errno;
}

bool smi_view_pidfd_lives(int pidfd)
{
	return answers(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
}

unsigned smi_views_usable(void)
{
	int32_t own = getpid();
	SMI_AUTOCLOSE int fd = smi_view_pidfd(own);
	unsigned usable = 0;

	if (smi_view_signal(own) && !smi_view_signal(NO_PID))
		usable |= SMI_VIEW_SIGNAL;
	if (smi_view_sched(own) && !smi_view_sched(NO_PID))
		usable |= SMI_VIEW_SCHED;
	if (fd >= 0 && smi_view_pidfd(NO_PID) == -ESRCH)
		usable |= SMI_VIEW_PIDFD;
	return usable;
}

static bool opens(const struct smi_procdir *d, int32_t pid,
		  struct smi_buf *text, bool *thread)
{
	char path[SMI_PROC_PATH];
	struct smi_status status;
	int r = smi_procdir_read(d, smi_procdir_path(path, pid, pid, "status"),
				 SMI_PROCFILE_MAX, text);

	if (r < 0 || !smi_procfs_status(smi_buf_span(text), false, &status))
		return false;
	*thread = status.tgid != pid;
	return !*thread;
}

unsigned smi_views_look(const struct smi_procdir *d, int32_t pid,
			unsigned usable, struct smi_buf *text)
{
	bool thread = false;
	unsigned seen = 0;

	if (usable & SMI_VIEW_SIGNAL && smi_view_signal(pid))
		seen |= SMI_VIEW_SIGNAL;
	if (usable & SMI_VIEW_PIDFD) {
		SMI_AUTOCLOSE int fd = smi_view_pidfd(pid);

		if (fd >= 0)
			seen |= SMI_VIEW_PIDFD;
	}
	if (opens(d, pid, text, &thread))
		seen |= SMI_VIEW_ENTRY;
	if (usable & SMI_VIEW_SCHED && !thread && smi_view_sched(pid))
		seen |= SMI_VIEW_SCHED;
	return seen;
}

/*
 * Where files have 64-bit offsets, readdir in this source is another symbol: who
 * preloads a filter may have put it in the place of one of the two.
 */
#if defined(__GLIBC__) && defined(__LP64__)
extern struct dirent *plain_readdir(DIR *dir) __asm__("readdir");
#else
#define plain_readdir readdir
#endif

static int list_by(struct dirent *(*next)(DIR *), struct smi_pids *pids)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;
	bool ok = true;
	uint64_t pid;

	if (!dir)
		return -errno;
	while (ok && (e = next(dir)))
		if (e->d_name[0] != '0' &&
		    smi_span_uint(smi_span_str(e->d_name), INT32_MAX, &pid))
			ok = smi_vec_push(&pids->list, (int32_t)pid);
	closedir(dir);
	return ok ? 0 : -ENOMEM;
}

static void keep_common(struct smi_pids *a, const struct smi_pids *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->list.n; i++)
		if (smi_pids_have(b, a->list.v[i]))
			a->list.v[n++] = a->list.v[i];
	a->list.n = n;
}

int smi_view_readdir(struct smi_pids *pids)
{
	/* Volatile: a compiler may take two names for two functions. */
	struct dirent *(*volatile plain)(DIR *) = plain_readdir;
	struct dirent *(*volatile own)(DIR *) = readdir;
	struct smi_pids other = { 0 };
	int r;

	pids->list.n = 0;
	r = list_by(own, pids);
	smi_pids_sort(pids);
	if (r == 0 && plain != own) {
		r = list_by(plain, &other);
		smi_pids_sort(&other);
		if (r == 0)
			keep_common(pids, &other);
	}
	smi_vec_free(&other.list);
	return r;
}
