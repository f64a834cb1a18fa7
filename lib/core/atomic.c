/* SPDX-License-Identifier: MIT */
#include "core/atomic.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 100

static int fail(const struct smi_atomic *a, int err)
{
	return smi_fail(a->ctx, -err, "cannot write '%s': %s", a->path,
			smi_strerror(err));
}

static const struct {
	mode_t type;
	const char *what;
} no_files[] = {
	{ S_IFLNK, "it is a symbolic link, which is not followed: name the "
		   "file that it leads to" },
	{ S_IFDIR, "it is a directory: name a file in it" },
	{ S_IFIFO, "it is a named pipe: write to a descriptor of it, or to "
		   "standard output" },
	{ S_IFSOCK, "it is a socket: write to a descriptor of it" },
	{ S_IFCHR, "it is a device: write to standard output" },
	{ S_IFBLK, "it is a device: name a regular file" },
};

/* /dev/stdout is a link; to say where it leads would not help. */
static int check_target(const struct smi_atomic *a)
{
	struct stat st;

	if (!strncmp(a->path, "/dev/std", 8) ||
	    !strncmp(a->path, "/dev/fd/", 8))
		return smi_fail(a->ctx, -EINVAL,
				"cannot write '%s': it is no regular file: "
				"write to standard output without naming a "
				"file",
				a->path);
	if (fstatat(a->dir, a->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail(a, errno);
	for (size_t i = 0; i < SMI_COUNT(no_files); i++)
		if ((st.st_mode & S_IFMT) == no_files[i].type)
			return smi_fail(a->ctx, -EINVAL,
					"cannot write '%s': %s", a->path,
					no_files[i].what);
	return 0;
}

/* Its name is the last part of path. */
static int begin(struct smi_atomic *a, sm_ctx *ctx, const char *path)
{
	const char *slash;

	*a = SMI_ATOMIC_NONE;
	a->ctx = ctx;
	a->path = smi_strdup(path);
	if (!a->path)
		return smi_fail_nomem(ctx);
	slash = strrchr(a->path, '/');
	a->name = slash ? slash + 1 : a->path;
	if (!*a->name || !strcmp(a->name, ".") || !strcmp(a->name, ".."))
		return smi_fail(a->ctx, -EINVAL,
				"cannot write '%s': it names no file", a->path);
	return 0;
}

static int open_dir(struct smi_atomic *a)
{
	SMI_AUTOFREE char *dir = NULL;
	char *slash = strrchr(a->path, '/');

	dir = slash ? smi_strndup(a->path,
				  SMI_MAX((size_t)(slash - a->path), 1))
		    : smi_strdup(".");
	if (!dir)
		return smi_fail_nomem(a->ctx);
	a->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->dir < 0)
		return smi_fail(a->ctx, -errno,
				"cannot write '%s': directory '%s': %s",
				a->path, dir, smi_strerror(errno));
	return 0;
}

static void draw_name(struct smi_atomic *a)
{
	uint64_t bits = 0;

	if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) < 0)
		bits = (uint64_t)smi_now_mono(a->ctx);
	snprintf(a->temporary, sizeof(a->temporary), ".sysmon-%016llx",
		 (unsigned long long)bits);
}

static void fd_path(int fd, char out[32])
{
	snprintf(out, 32, "/proc/self/fd/%d", fd);
}

/* Without /proc a file without a name could not get one later. */
static bool open_unnamed(struct smi_atomic *a)
{
	char path[32];
	struct stat st;

	a->fd = openat(a->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (a->fd < 0)
		return false;
	fd_path(a->fd, path);
	if (stat(path, &st) == 0)
		return true;
	smi_closep(&a->fd);
	return false;
}

static int open_named(struct smi_atomic *a)
{
	for (int i = 0; i < TRIES; i++) {
		draw_name(a);
		a->fd = openat(a->dir, a->temporary,
			       O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY |
				       O_CLOEXEC,
			       0600);
		if (a->fd >= 0)
			return 0;
		a->temporary[0] = '\0';
		if (errno != EEXIST)
			break;
	}
	return fail(a, errno);
}

/* r is how far it has come. */
static int open_file(struct smi_atomic *a, int r)
{
	if (r == 0)
		r = check_target(a);
	if (r == 0 && !open_unnamed(a))
		r = open_named(a);
	/* the umask may have taken the owner's own bits */
	if (r == 0 && fchmod(a->fd, 0600) < 0)
		r = fail(a, errno);
	if (r < 0)
		smi_atomic_done(a);
	return r;
}

int smi_atomic_open(struct smi_atomic *a, sm_ctx *ctx, const char *path)
{
	int r = begin(a, ctx, path);

	return open_file(a, r == 0 ? open_dir(a) : r);
}

int smi_atomic_open_in(struct smi_atomic *a, sm_ctx *ctx, int dir,
		       const char *path)
{
	int r = begin(a, ctx, path);

	if (r == 0) {
		a->dir = fcntl(dir, F_DUPFD_CLOEXEC, 3);
		r = a->dir < 0 ? fail(a, errno) : 0;
	}
	return open_file(a, r);
}

static int give_name(struct smi_atomic *a)
{
	char path[32];

	fd_path(a->fd, path);
	for (int i = 0; i < TRIES; i++) {
		draw_name(a);
		if (linkat(AT_FDCWD, path, a->dir, a->temporary,
			   AT_SYMLINK_FOLLOW) == 0)
			return 0;
		a->temporary[0] = '\0';
		if (errno != EEXIST)
			break;
	}
	return fail(a, errno);
}

int smi_atomic_flush(struct smi_atomic *a)
{
	return fsync(a->fd) < 0 ? fail(a, errno) : 0;
}

int smi_atomic_link(struct smi_atomic *a)
{
	int r = check_target(a);

	return r == 0 && !*a->temporary ? give_name(a) : r;
}

int smi_atomic_rename(struct smi_atomic *a)
{
	if (renameat(a->dir, a->temporary, a->dir, a->name) < 0)
		return fail(a, errno);
	a->temporary[0] = '\0';
	return 0;
}

/* Some file systems cannot. */
int smi_atomic_sync_dir(const struct smi_atomic *a)
{
	if (fsync(a->dir) < 0 && errno != EINVAL && errno != EROFS)
		return fail(a, errno);
	return 0;
}

int smi_atomic_commit(struct smi_atomic *a)
{
	int r = smi_atomic_flush(a);

	if (r == 0)
		r = smi_atomic_link(a);
	if (r == 0)
		r = smi_atomic_rename(a);
	return r == 0 ? smi_atomic_sync_dir(a) : r;
}

void smi_atomic_done(struct smi_atomic *a)
{
	if (*a->temporary)
		unlinkat(a->dir, a->temporary, 0);
	a->temporary[0] = '\0';
	smi_closep(&a->fd);
	smi_closep(&a->dir);
	free(a->path);
	a->path = NULL;
}
