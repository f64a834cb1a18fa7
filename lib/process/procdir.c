/* SPDX-License-Identifier: MIT */
#include "process/procdir.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FIRST_READ ((size_t)4096)

int smi_procdir_open(struct smi_procdir *d, const struct smi_fsroot *root)
{
	struct statfs fs;
	int fd = smi_fsroot_open(root, "/proc", O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	d->fd = fd;
	d->procfs = fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	return 0;
}

void smi_procdir_close(struct smi_procdir *d)
{
	smi_closep(&d->fd);
}

/* sys/mount.h and asm-generic/unistd.h; older headers lack them. */
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif

/* A copy of the mount without those that lie on it: it is nowhere in the tree, and
 * ends with its descriptor. */
int smi_procdir_uncover(struct smi_procdir *d)
{
	SMI_AUTOCLOSE int copy =
		(int)syscall(SYS_open_tree, d->fd, "",
			     AT_EMPTY_PATH | O_CLOEXEC | OPEN_TREE_CLONE);
	int fd = copy < 0 ? copy
			  : openat(copy, ".",
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	smi_procdir_close(d);
	d->fd = fd;
	return 0;
}

static int gone(int err)
{
	return err == ENOENT ? -ESRCH : -err;
}

/* As the kernel writes one. */
static bool is_number(const char *name, uint64_t *out)
{
	return name[0] >= '0' && name[0] <= '9' &&
	       (name[0] != '0' || name[1] == '\0') &&
	       smi_span_uint(smi_span_str(name), INT32_MAX, out);
}

int smi_numbers_next(struct smi_numbers *it, int32_t *out)
{
	for (;;) {
		const struct smi_dent *e;
		int r = smi_dents_next(&it->dents, it->fd, &e);
		uint64_t v;

		if (r <= 0)
			return r < 0 ? gone(-r) : 0;
		if (e->type != it->type && e->type != DT_UNKNOWN)
			continue;
		if (!is_number(e->name, &v))
			continue;
		it->name = e->name;
		*out = (int32_t)v;
		return 1;
	}
}

static int compare_pids(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* procfs lists them in order, other file systems do not. */
void smi_pids_sort(struct smi_pids *pids)
{
	for (size_t i = 1; i < pids->list.n; i++) {
		if (pids->list.v[i - 1] > pids->list.v[i]) {
			qsort(pids->list.v, pids->list.n, sizeof(int32_t),
			      compare_pids);
			return;
		}
	}
}

bool smi_pids_have(const struct smi_pids *pids, int32_t pid)
{
	return pids->list.n > 0 && bsearch(&pid, pids->list.v, pids->list.n,
					   sizeof(int32_t), compare_pids);
}

void smi_pids_unique(struct smi_pids *pids)
{
	size_t n = 0;

	smi_pids_sort(pids);
	for (size_t i = 0; i < pids->list.n; i++)
		if (n == 0 || pids->list.v[n - 1] != pids->list.v[i])
			pids->list.v[n++] = pids->list.v[i];
	pids->list.n = n;
}

/* Only directories: links are never followed. */
static int list_numbers(int fd, struct smi_pids *pids)
{
	struct smi_numbers it;
	int32_t pid;
	int r;

	pids->list.n = 0;
	smi_numbers_init(&it, fd, DT_DIR);
	while ((r = smi_numbers_next(&it, &pid)) == 1)
		if (pid > 0 && !smi_vec_push(&pids->list, pid))
			return -ENOMEM;
	if (r == 0)
		smi_pids_sort(pids);
	return r;
}

int smi_procdir_list(struct smi_procdir *d, struct smi_pids *pids)
{
	if (lseek(d->fd, 0, SEEK_SET) < 0)
		return -errno;
	return list_numbers(d->fd, pids);
}

int smi_procdir_opendir(const struct smi_procdir *d, const char *path)
{
	int fd = openat(d->fd, path, SMI_PROCDIR_DIR_FLAGS);

	return fd < 0 ? gone(errno) : fd;
}

int smi_procdir_openat(int dir, const char *name)
{
	int fd = openat(dir, name, SMI_PROCDIR_FLAGS);

	return fd < 0 ? gone(errno) : fd;
}

int smi_procdir_threads(const struct smi_procdir *d, int32_t pid,
			struct smi_pids *tids)
{
	char path[SMI_PROC_PATH];
	SMI_AUTOCLOSE int fd = smi_procdir_opendir(
		d, smi_procdir_path(path, pid, pid, "task"));

	return fd < 0 ? fd : list_numbers(fd, tids);
}

int smi_procdir_stat_in(const struct smi_procdir *d, const char *root,
			const char *path, struct stat *st)
{
	SMI_AUTOCLOSE int dir =
		openat(d->fd, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct smi_fsroot top = { dir, NULL };
	SMI_AUTOCLOSE int fd =
		dir < 0 ? -errno : smi_fsroot_open(&top, path, O_PATH);

	if (fd < 0)
		return fd;
	return fstat(fd, st) < 0 ? -errno : 0;
}

int smi_procdir_stat_known(const struct smi_procdir *d, const char *path,
			   struct stat *st)
{
	struct statx x;

	if (statx(d->fd, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
		  STATX_BASIC_STATS, &x) != 0)
		return -errno;
	*st = (struct stat){
		.st_mode = x.stx_mode,
		.st_ino = x.stx_ino,
		.st_dev = makedev(x.stx_dev_major, x.stx_dev_minor),
		.st_nlink = x.stx_nlink,
		.st_uid = x.stx_uid,
		.st_ctim = { .tv_sec = x.stx_ctime.tv_sec,
			     .tv_nsec = x.stx_ctime.tv_nsec },
	};
	return 0;
}

uint64_t smi_procdir_rest(int dir, uint64_t n)
{
	struct stat st;

	return fstat(dir, &st) == 0 && (uint64_t)st.st_size > n
		       ? (uint64_t)st.st_size - n
		       : 1;
}

bool smi_procdir_has(const struct smi_procdir *d, int32_t pid)
{
	char path[SMI_PROC_PATH];
	struct stat st;

	return fstatat(d->fd, smi_procdir_path(path, pid, pid, ""), &st,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static char *add_number(char *p, int32_t v)
{
	char digits[12];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	while (n > 0)
		*p++ = digits[--n];
	return p;
}

const char *smi_procdir_path(char path[SMI_PROC_PATH], int32_t pid, int32_t tid,
			     const char *name)
{
	char *p = add_number(path, pid);
	size_t len = strlen(name);

	if (tid != pid) {
		memcpy(p, "/task/", 6);
		p = add_number(p + 6, tid);
	}
	if (len > 0)
		*p++ = '/';
	len = SMI_MIN(len, SMI_PROC_PATH - 1 - (size_t)(p - path));
	memcpy(p, name, len);
	p[len] = '\0';
	return path;
}

/*
 * maps ends in the page of old system calls, where the kernel has it: its address is
 * behind all that a process can have, and no name has a newline that would make one.
 */
static bool is_end_of_maps(struct smi_span text)
{
	static const struct smi_span last = { "ffffffffff600000-", 17 };
	const char *line;

	if (text.len < 2 || text.p[text.len - 1] != '\n')
		return false;
	line = memrchr(text.p, '\n', text.len - 1);
	return smi_span_starts(
		line ? smi_span_skip(text, (size_t)(line - text.p) + 1) : text,
		last);
}

bool smi_procdir_is_end(enum smi_shape shape, const char *p, size_t len,
			size_t n, size_t room)
{
	if (n == 0)
		return true;
	if (shape == SMI_PIECES)
		return is_end_of_maps(smi_span_of(p, len));
	return n < room && (shape == SMI_ONE_PIECE || p[len - 1] == '\0');
}

static int read_all(int fd, size_t max, enum smi_shape shape, struct smi_buf *b)
{
	size_t room = FIRST_READ;

	for (;;) {
		ptrdiff_t n;

		if (!smi_buf_reserve(b, room))
			return -ENOMEM;
		n = smi_read(fd, b->p + b->len, room);
		if (n < 0)
			return gone((int)-n);
		b->len += (size_t)n;
		if (b->len > max) {
			b->len = max;
			return -E2BIG;
		}
		if (smi_procdir_is_end(shape, b->p, b->len, (size_t)n, room))
			return 0;
		room = SMI_MIN(room * 2, max - b->len + 1);
	}
}

int smi_procdir_read_as(const struct smi_procdir *d, const char *path,
			enum smi_shape shape, size_t max, struct smi_buf *b)
{
	SMI_AUTOCLOSE int fd = openat(d->fd, path, SMI_PROCDIR_FLAGS);

	smi_buf_clear(b);
	return fd < 0 ? gone(errno) : read_all(fd, max, shape, b);
}

int smi_procdir_readlink(const struct smi_procdir *d, const char *path,
			 struct smi_buf *b)
{
	ptrdiff_t n;

	smi_buf_clear(b);
	if (!smi_buf_reserve(b, PATH_MAX + 1))
		return -ENOMEM;
	n = readlinkat(d->fd, path, b->p, PATH_MAX + 1);
	if (n < 0)
		return -errno;
	if (n > PATH_MAX)
		return -ENAMETOOLONG;
	b->len = (size_t)n;
	return 0;
}
