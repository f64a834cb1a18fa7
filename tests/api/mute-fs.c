/* SPDX-License-Identifier: MIT */
#include "mute-fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "/bin/sleep"
#define NODE	2

/* What the server knows of the program that it hands out. */
static char *bytes;
static size_t size;

static void load(void)
{
	int fd = open(PROGRAM, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		_exit(1);
	size = (size_t)st.st_size;
	bytes = malloc(size);
	if (!bytes || read(fd, bytes, size) != (ssize_t)size)
		_exit(1);
	close(fd);
}

static struct fuse_attr attr_of(uint64_t node)
{
	struct fuse_attr a = { .ino = node, .nlink = 1, .blksize = 4096 };

	a.mode = node == NODE ? S_IFREG | 0755 : S_IFDIR | 0755;
	a.size = node == NODE ? size : 0;
	return a;
}

static void answer(int fd, uint64_t unique, int err, const void *p, size_t len)
{
	struct fuse_out_header h = { .unique = unique, .error = -err };
	static char out[sizeof(h) + (1 << 20)];

	h.len = (uint32_t)(sizeof(h) + (err ? 0 : len));
	memcpy(out, &h, sizeof(h));
	if (!err && len)
		memcpy(out + sizeof(h), p, len);
	if (write(fd, out, h.len) < 0 && errno != ENOENT)
		_exit(1);
}

static void serve_read(int fd, uint64_t unique, const struct fuse_read_in *q)
{
	size_t at = q->offset < size ? q->offset : size;
	size_t n = q->size < size - at ? q->size : size - at;

	answer(fd, unique, 0, bytes + at, n);
}

static void serve_one(int fd, const struct fuse_in_header *h, const void *body)
{
	const struct fuse_init_in *hello = body;
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
				      .minor = hello->minor < 31 ? hello->minor
								 : 31,
				      .max_write = 4096 };
	struct fuse_entry_out entry = { .nodeid = NODE, .attr = attr_of(NODE) };
	struct fuse_attr_out attr = { .attr = attr_of(h->nodeid) };
	struct fuse_open_out open = { .fh = 1 };

	switch (h->opcode) {
	case FUSE_INIT:
		answer(fd, h->unique, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		answer(fd, h->unique, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		answer(fd, h->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		answer(fd, h->unique, 0, &open, sizeof(open));
		break;
	case FUSE_READ:
		serve_read(fd, h->unique, body);
		break;
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
		break;
	case FUSE_RELEASE:
	case FUSE_FLUSH:
		answer(fd, h->unique, 0, NULL, 0);
		break;
	default:
		answer(fd, h->unique, ENOSYS, NULL, 0);
	}
}

static void serve(int fd, int *mute)
{
	static _Alignas(8) char in[(1 << 20)];

	load();
	for (;;) {
		ssize_t n = read(fd, in, sizeof(in));
		const struct fuse_in_header *h;

		if (n < 0 && (errno == EINTR || errno == ENOENT))
			continue;
		if (n < (ssize_t)sizeof(struct fuse_in_header))
			_exit(0);
		h = (const void *)in;
		if (!__atomic_load_n(mute, __ATOMIC_SEQ_CST))
			serve_one(fd, h, in + sizeof(*h));
		else if (h->opcode == FUSE_FLUSH)
			__atomic_store_n(mute + 1, 1, __ATOMIC_SEQ_CST);
	}
}

static int mount_it(const char *dir, uid_t uid, int *fd)
{
	char options[128];

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	*fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return -errno;
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=%u,group_id=%u%s", *fd, uid, uid,
		 uid ? "" : ",allow_other");
	return mount("mute", dir, "fuse.mute", 0, options) < 0 ? -errno : 0;
}

static pid_t run_program(const char *path, uid_t uid)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (!uid || (setresgid(uid, uid, uid) == 0 &&
			     setresuid(uid, uid, uid) == 0))
			execl(path, path, "1000", (char *)NULL);
		(void)!write(ready[1], "x", 1);
		_exit(1);
	}
	close(ready[1]);
	/* The end comes when it runs. */
	if (pid > 0 && read(ready[0], &c, 1) != 0) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(ready[0]);
	return pid;
}

static void wait_for(const int *flag)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	while (!__atomic_load_n(flag, __ATOMIC_SEQ_CST))
		nanosleep(&pause, NULL);
}

/* When exec closes the file, it waits for the server. */
static pid_t run_stuck(const char *path, const int *mute)
{
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		_exit(1);
	wait_for(mute);
	execl(PROGRAM, PROGRAM, "1000", (char *)NULL);
	_exit(1);
}

int mute_fs_start(struct mute_fs *m, const char *dir, uid_t uid)
{
	int fd = -1, r = mount_it(dir, uid, &fd);
	char path[512];

	*m = (struct mute_fs){ .server = -1, .program = -1, .stuck = -1 };
	if (r < 0) {
		printf("SKIP: a file system that does not answer: %s\n",
		       strerror(-r));
		return 0;
	}
	snprintf(path, sizeof(path), "%s/program", dir);
	m->mute = mmap(NULL, 2 * sizeof(*m->mute), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	m->server = fork();
	if (m->server == 0)
		serve(fd, m->mute);
	/* When the server ends, so does the waiting for it. */
	close(fd);
	m->program = run_program(path, uid);
	if (uid)
		return m->program > 0;
	m->stuck = m->program > 0 ? run_stuck(path, m->mute) : -1;
	return m->stuck > 0;
}

void mute_fs_be_mute(struct mute_fs *m)
{
	__atomic_store_n(m->mute, 1, __ATOMIC_SEQ_CST);
	wait_for(m->mute + 1);
}

void mute_fs_end(struct mute_fs *m)
{
	if (m->server > 0) {
		kill(m->server, SIGKILL);
		waitpid(m->server, NULL, 0);
	}
	for (size_t i = 0; i < 2; i++) {
		pid_t pid = i == 0 ? m->program : m->stuck;

		if (pid <= 0)
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}
