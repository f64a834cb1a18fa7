/* SPDX-License-Identifier: MIT */
#include "process/guard-reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/strays.h"

/* asm-generic/unistd.h: the same number everywhere; older headers lack them. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* linux/sched.h, as of Linux 5.3. */
struct clone_call {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
	uint64_t stack, stack_size, tls;
};
#define WITH_PIDFD 0x1000

#define KERNEL_SIGSET ((_NSIG - 1) / 8) /* bytes */
#define END_MS	      20

/*
 * In the reader: a copy of a program that may have had threads, with all their locks
 * as they were. It calls the kernel and nothing else.
 */

static void leave(void)
{
	for (;;)
		syscall(SYS_exit_group, 0);
}

/* What it would keep open: pipes of which somebody waits for the end, sockets. */
static void close_between(unsigned from, unsigned to)
{
	if (from <= to && syscall(SYS_close_range, from, to, 0) < 0)
		leave();
}

static void close_others(int a, int b)
{
	unsigned low = (unsigned)SMI_MIN(a, b), high = (unsigned)SMI_MAX(a, b);

	if (low > 0)
		close_between(0, low - 1);
	close_between(low + 1, high - 1);
	close_between(high + 1, UINT32_MAX);
}

static void answer_read(struct smi_reader_room *q, int dir)
{
	int fd = openat(dir, q->path, SMI_PROCDIR_FLAGS);

	q->len = 0;
	q->r = fd < 0 ? -errno : 0;
	while (q->r == 0) {
		size_t room = q->max + 1 - q->len;
		ssize_t n = read(fd, q->data + q->len, room);

		if (n < 0 && errno == EINTR)
			continue;
		q->r = n < 0 ? -errno : 0;
		q->len += (size_t)SMI_MAX(n, 0);
		if (q->len > q->max) {
			q->len = q->max;
			q->r = -E2BIG;
		}
		if (n <= 0 || smi_procdir_is_end(q->shape, q->data, q->len,
						 (size_t)n, room))
			break;
	}
	if (fd >= 0)
		close(fd);
}

static void answer_link(struct smi_reader_room *q, int dir)
{
	ssize_t n = readlinkat(dir, q->path, q->data, q->max + 1);

	q->r = n < 0 ? -errno : (size_t)n > q->max ? -ENAMETOOLONG : 0;
	q->len = q->r < 0 ? 0 : (size_t)n;
}

static int add_entry(struct smi_reader_room *q, const struct smi_numbers *it,
		     int32_t number)
{
	struct smi_guard_entry e = { .number = number };
	ssize_t n = 0;

	if (q->total > q->max || q->len + sizeof(e) > sizeof(q->data))
		return 0;
	if (q->what == SMI_ASK_LINKS)
		n = readlinkat(it->fd, it->name, e.link, sizeof(e.link));
	if (n < 0 && errno == EACCES)
		return -EACCES;
	if (n > 0 && (size_t)n < sizeof(e.link))
		e.len = (uint32_t)n;
	memcpy(q->data + q->len, &e, sizeof(e));
	q->len += sizeof(e);
	return 0;
}

static void answer_list(struct smi_reader_room *q, int dir)
{
	int fd = openat(dir, q->path, SMI_PROCDIR_DIR_FLAGS);
	struct smi_numbers it;
	int32_t number;

	q->len = 0;
	q->total = 0;
	q->r = fd < 0 ? -errno : 0;
	if (fd < 0)
		return;
	smi_numbers_init(&it, fd, q->what == SMI_ASK_LIST ? DT_DIR : DT_LNK);
	while ((q->r = smi_numbers_next(&it, &number)) == 1) {
		if (q->what == SMI_ASK_LINKS && q->procfs &&
		    q->total >= q->max) {
			q->total += smi_procdir_rest(fd, q->total);
			q->r = 0;
			break;
		}
		q->total++;
		if (q->what != SMI_ASK_COUNT &&
		    (q->r = add_entry(q, &it, number)) < 0)
			break;
	}
	close(fd);
}

static void answer(struct smi_reader_room *q, int dir)
{
	const struct smi_procdir d = { .fd = dir };

	switch (q->what) {
	case SMI_ASK_LINK:
		answer_link(q, dir);
		return;
	case SMI_ASK_STAT:
		q->r = fstatat(dir, q->path, &q->st, AT_NO_AUTOMOUNT) < 0
			       ? -errno
			       : 0;
		return;
	case SMI_ASK_STAT_KNOWN:
		q->r = smi_procdir_stat_known(&d, q->path, &q->st);
		return;
	case SMI_ASK_STAT_IN:
		q->r = smi_procdir_stat_in(
			&d, q->path, q->path + strlen(q->path) + 1, &q->st);
		return;
	case SMI_ASK_TABLES:
		q->r = smi_tables_find(&d, q->path, q->tid, &q->tables);
		return;
	case SMI_ASK_LIST:
	case SMI_ASK_COUNT:
	case SMI_ASK_LINKS:
		answer_list(q, dir);
		return;
	default:
		answer_read(q, dir);
	}
}

static void serve(struct smi_reader_room *q, int sock, int dir)
{
	char one;

	close_others(sock, dir);
	/* When its owner has gone, nobody has the other end. */
	while (recv(sock, &one, 1, 0) == 1) {
		answer(q, dir);
		if (send(sock, &one, 1, MSG_NOSIGNAL) != 1)
			break;
	}
	leave();
}

/* In the program. */

static long make_process(int *pidfd)
{
	struct clone_call call = {
		.flags = WITH_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		/* Without a signal it troubles no program that waits for its
		 * own children. */
		.exit_signal = 0,
	};

	return syscall(SYS_clone3, &call, sizeof(call));
}

/* No handler of the program runs in its copy. */
static int start_quietly(struct smi_reader *r, int sock, int dir)
{
	unsigned char all[KERNEL_SIGSET], before[KERNEL_SIGSET];
	long pid;
	int err;

	memset(all, 0xff, sizeof(all));
	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, all, before, sizeof(all)) <
	    0)
		return -errno;
	pid = make_process(&r->pidfd);
	err = errno;
	if (pid == 0)
		serve(r->room, sock, dir);
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, before, NULL,
		      sizeof(all));
	return pid < 0 ? -err : 0;
}

static int make_room(struct smi_reader *r)
{
	void *p = mmap(NULL, sizeof(*r->room), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	r->room = p;
	return 0;
}

static void forget(struct smi_reader *r)
{
	smi_closep(&r->sock);
	smi_closep(&r->pidfd);
	if (r->room)
		munmap(r->room, sizeof(*r->room));
	*r = SMI_READER_NONE;
}

int smi_reader_start(struct smi_reader *r, const struct smi_procdir *d)
{
	int pair[2], err;

	*r = SMI_READER_NONE;
	/* Closes nothing: whether there is such a call. */
	if (syscall(SYS_close_range, UINT32_MAX, UINT32_MAX, 0) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	r->sock = pair[0];
	r->owner = getpid();
	err = make_room(r);
	if (err == 0)
		err = start_quietly(r, pair[1], d->fd);
	close(pair[1]);
	if (err < 0)
		forget(r);
	return err;
}

static int64_t now(void)
{
	return smi_clock_system.mono(NULL);
}

int smi_reader_ask(struct smi_reader *r, int64_t ns)
{
	struct timeval t = { .tv_sec = ns / SMI_SEC,
			     .tv_usec = ns % SMI_SEC / 1000 };
	int64_t until = now() + ns;
	char one = 0;
	ssize_t n;

	if (t.tv_sec == 0 && t.tv_usec == 0)
		t.tv_usec = 1;
	if (setsockopt(r->sock, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) < 0 ||
	    send(r->sock, &one, 1, MSG_NOSIGNAL) != 1)
		return -ETIMEDOUT;
	do
		n = recv(r->sock, &one, 1, 0);
	while (n < 0 && errno == EINTR && now() < until);
	return n == 1 ? 0 : -ETIMEDOUT;
}

int smi_reader_end(struct smi_reader *r)
{
	struct pollfd p = { .fd = r->pidfd, .events = POLLIN };
	int pidfd = -1;

	/* In a fork of its owner it is somebody else's. */
	if (r->pidfd >= 0 && r->owner == getpid()) {
		(void)syscall(SYS_pidfd_send_signal, r->pidfd, SIGKILL, NULL,
			      0);
		(void)poll(&p, 1, END_MS);
		if (!smi_stray_is_gone(r->pidfd)) {
			pidfd = r->pidfd;
			r->pidfd = -1;
		}
	}
	forget(r);
	return pidfd;
}
