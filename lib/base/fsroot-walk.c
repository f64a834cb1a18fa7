/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsroot.h"

#define DEPTH_MAX 64
#define LINKS_MAX 40 /* as path_resolution(7) */

struct walk {
	int dirs[DEPTH_MAX]; /* dirs[0] is the root and stays the caller's */
	size_t depth;
	int links;
	char rest[2 * PATH_MAX];
};

static void close_dirs(struct walk *w)
{
	while (w->depth > 0)
		close(w->dirs[w->depth--]);
}

/* The next component to name, which has NAME_MAX + 1 bytes. 0: there is none. */
static int next_name(struct walk *w, char *name)
{
	size_t skip = strspn(w->rest, "/");
	size_t len = strcspn(w->rest + skip, "/");

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, w->rest + skip, len);
	name[len] = '\0';
	memmove(w->rest, w->rest + skip + len,
		strlen(w->rest + skip + len) + 1);
	return len > 0;
}

/* What the link fd points to goes before the rest of the way. */
static int follow(struct walk *w, int fd)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof(target));
	size_t len, rest = strlen(w->rest);

	if (n < 0)
		return -errno;
	len = (size_t)n;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (len == sizeof(target) || len + rest >= sizeof(w->rest))
		return -ENAMETOOLONG;
	if (len > 0 && target[0] == '/')
		close_dirs(w);
	memmove(w->rest + len, w->rest, rest + 1);
	memcpy(w->rest, target, len);
	return 0;
}

/* One step down. A descriptor where the way ends here, or -EAGAIN. */
static int step(struct walk *w, const char *name, int flags)
{
	SMI_AUTOCLOSE int fd = -1;
	bool last = w->rest[0] == '\0';
	int dir = w->dirs[w->depth], r;
	struct stat st;

	fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (S_ISLNK(st.st_mode) && !(last && (flags & O_NOFOLLOW))) {
		r = follow(w, fd);
		return r < 0 ? r : -EAGAIN;
	}
	if (last) {
		r = openat(dir, name, flags | O_NOFOLLOW);
		return r < 0 ? -errno : r;
	}
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (w->depth + 1 == DEPTH_MAX)
		return -ENAMETOOLONG;
	w->dirs[++w->depth] = fd;
	fd = -1;
	return -EAGAIN;
}

int smi_fsroot_walk(int root, const char *path, int flags)
{
	SMI_CLEANUP(close_dirs) struct walk w = { .dirs = { root } };
	char name[NAME_MAX + 1];
	int r;

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!path[0])
		return -ENOENT;
	memcpy(w.rest, path, strlen(path) + 1);
	flags |= O_CLOEXEC;
	while ((r = next_name(&w, name)) > 0) {
		if (!strcmp(name, "."))
			continue;
		if (!strcmp(name, "..")) {
			if (w.depth > 0)
				close(w.dirs[w.depth--]);
			continue;
		}
		r = step(&w, name, flags);
		if (r != -EAGAIN)
			return r;
	}
	if (r < 0)
		return r;
	r = openat(w.dirs[w.depth], ".", flags);
	return r < 0 ? -errno : r;
}
