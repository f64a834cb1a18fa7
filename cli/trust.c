/* SPDX-License-Identifier: MIT */
#include "trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang.h"

#define LINKS_MAX 40

/* Where a walk along a path is. */
struct walk {
	int fd; /* the directory */
	struct stat st;
	char at[PATH_MAX];   /* its name, without a slash at the end */
	char rest[PATH_MAX]; /* what is still to be walked */
	unsigned links;
	char *why;
	int rc; /* the first thing that was not trusted, 0: none */
};

static int fail(char *why, int rc)
{
	snprintf(why, TRUST_WHY, "%s", strerror(-rc));
	return rc;
}

static bool is_trusted(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

static bool is_open(const struct stat *st)
{
	return st->st_mode & (S_IWGRP | S_IWOTH);
}

/* The walk goes on: whether anything is there at its end matters more. */
static void distrust(struct walk *w, const char *name, const char *what)
{
	if (w->rc)
		return;
	w->rc = -EPERM;
	snprintf(w->why, TRUST_WHY, "'%.280s%s%.60s' %s", w->at,
		 name && *name ? "/"
		 : *w->at      ? ""
			       : "/",
		 name ? name : "", what);
}

static const char *foreign(void)
{
	return tr("belongs to another user");
}

static const char *writable(void)
{
	return tr("can be written by its group or others");
}

/* Whether others can make the entry something else. */
static void judge_dir(struct walk *w, const struct stat *entry)
{
	if (!is_trusted(&w->st))
		distrust(w, NULL, foreign());
	else if (is_open(&w->st) &&
		 !(w->st.st_mode & S_ISVTX && entry && is_trusted(entry)))
		distrust(w, NULL, writable());
}

static void judge_file(struct walk *w, const char *name, const struct stat *st)
{
	if (!is_trusted(st))
		distrust(w, name, foreign());
	else if (is_open(st))
		distrust(w, name, writable());
}

static int enter(struct walk *w, const char *name)
{
	int fd =
		*name == '/'
			? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)
			: openat(w->fd, name,
				 O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	size_t len = strlen(w->at);

	if (fd < 0)
		return -errno;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = fd;
	if (fstat(fd, &w->st) < 0)
		return -errno;
	if (*name == '/')
		w->at[0] = '\0';
	else if (strcmp(name, "..") != 0)
		snprintf(w->at + len, sizeof(w->at) - len, "/%s", name);
	else if (len)
		*strrchr(w->at, '/') = '\0';
	return 0;
}

/* What the link says comes before the rest. */
static int follow(struct walk *w, const char *name, const struct stat *st)
{
	char text[PATH_MAX], joined[PATH_MAX];
	ssize_t n = readlinkat(w->fd, name, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (!is_trusted(st))
		distrust(w, name, foreign());
	if ((size_t)snprintf(joined, sizeof(joined), "%s%s%s", text,
			     *w->rest ? "/" : "", w->rest) >= sizeof(joined))
		return -ENAMETOOLONG;
	memcpy(w->rest, joined, sizeof(joined));
	return text[0] == '/' ? enter(w, "/") : 0;
}

/* A descriptor of the file that ends the walk, which nothing but a slash follows. */
static int finish(struct walk *w, const char *name, const struct stat *st)
{
	struct stat now;
	int fd;

	if (*w->rest)
		return fail(w->why, -ENOTDIR);
	if (!S_ISREG(st->st_mode)) {
		snprintf(w->why, TRUST_WHY, "%s", tr("it is no regular file"));
		return -EINVAL;
	}
	judge_file(w, name, st);
	if (w->rc)
		return w->rc;
	fd = openat(w->fd, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return fail(w->why, -errno);
	if (fstat(fd, &now) < 0 || !S_ISREG(now.st_mode) || !is_trusted(&now) ||
	    is_open(&now)) {
		snprintf(w->why, TRUST_WHY, "%s",
			 tr("it changed while it was opened"));
		close(fd);
		return -EPERM;
	}
	return fd;
}

/* The next word of the path: 1, 0 where there is none, or a negative errno. */
static int next(struct walk *w, char name[NAME_MAX + 1])
{
	const char *p = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(p, "/"), skip = strspn(p + len, "/");

	if (!len || len > NAME_MAX)
		return len ? -ENAMETOOLONG : 0;
	memcpy(name, p, len);
	name[len] = '\0';
	/* A slash at the end says that it is a directory. */
	if (skip && !p[len + skip])
		skip--;
	memmove(w->rest, p + len + skip, strlen(p + len + skip) + 1);
	return 1;
}

static int walk(struct walk *w, bool dir)
{
	char name[NAME_MAX + 1];
	int r;

	while ((r = next(w, name)) > 0) {
		struct stat st;

		if (!strcmp(name, "."))
			continue;
		if (fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return fail(w->why, -errno);
		judge_dir(w, &st);
		if (S_ISLNK(st.st_mode))
			r = follow(w, name, &st);
		else if (S_ISDIR(st.st_mode))
			r = enter(w, name);
		else if (dir)
			r = -ENOTDIR;
		else
			return finish(w, name, &st);
		if (r < 0)
			return fail(w->why, r);
	}
	if (r < 0)
		return fail(w->why, r);
	if (!dir) {
		snprintf(w->why, TRUST_WHY, "%s", tr("it is a directory"));
		return -EISDIR;
	}
	judge_dir(w, NULL);
	if (w->rc)
		return w->rc;
	r = openat(w->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return r < 0 ? fail(w->why, -errno) : r;
}

int trust_open(const char *path, bool dir, char why[TRUST_WHY])
{
	struct walk *w = calloc(1, sizeof(*w));
	char here[PATH_MAX] = "";
	int r = 0;

	if (!w)
		return fail(why, -ENOMEM);
	w->fd = -1;
	w->why = why;
	if (*path != '/' && !getcwd(here, sizeof(here)))
		r = -errno;
	if (r == 0 && (size_t)snprintf(w->rest, sizeof(w->rest), "%s/%s", here,
				       path) >= sizeof(w->rest))
		r = -ENAMETOOLONG;
	if (r == 0)
		r = enter(w, "/");
	r = r < 0 ? fail(why, r) : walk(w, dir);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
	return r;
}

/* As much as there is, and one byte more than may be. */
static int read_all(int fd, size_t max, char **out, size_t *len)
{
	struct stat st;
	size_t size, n = 0;
	char *text;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		return -E2BIG;
	size = (size_t)st.st_size;
	text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	while (n < size) {
		ssize_t got = read(fd, text + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(text);
			return -errno;
		}
		if (!got)
			break;
		n += (size_t)got;
	}
	text[n] = '\0';
	*out = text;
	*len = n;
	return 0;
}

int trust_read(const char *path, size_t max, char **out, size_t *len,
	       char why[TRUST_WHY])
{
	int fd = trust_open(path, false, why), r;

	if (fd < 0)
		return fd;
	r = read_all(fd, max, out, len);
	close(fd);
	if (r == -E2BIG)
		snprintf(why, TRUST_WHY, tr("it is larger than %zu KiB"),
			 max >> 10);
	else if (r < 0)
		fail(why, r);
	return r;
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && name[0] != '.' && !strcmp(name + len - n, suffix);
}

static int add_name(struct trust_names *names, const char *path,
		    const char *name)
{
	char **v;

	if (names->n == TRUST_NAMES)
		return -E2BIG;
	v = reallocarray(names->v, names->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	names->v = v;
	if (asprintf(&v[names->n], "%s/%s", path, name) < 0)
		return -ENOMEM;
	names->n++;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int trust_list(const char *path, const char *suffix, struct trust_names *out,
	       char why[TRUST_WHY])
{
	int fd = trust_open(path, true, why), r = 0;
	struct dirent *e;
	DIR *d;

	if (fd < 0)
		return fd;
	d = fdopendir(fd);
	if (!d) {
		r = -errno;
		close(fd);
		return fail(why, r);
	}
	while (r == 0) {
		errno = 0;
		e = readdir(d);
		if (!e) {
			r = -errno;
			break;
		}
		if (ends_in(e->d_name, suffix))
			r = add_name(out, path, e->d_name);
	}
	closedir(d);
	if (r == -E2BIG)
		snprintf(why, TRUST_WHY, tr("more than %d files are in it"),
			 TRUST_NAMES);
	else if (r < 0)
		fail(why, r);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_bytes);
	return r;
}

void trust_names_free(struct trust_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	*names = (struct trust_names){ NULL, 0 };
}

static int check_all(const char *path, const char *suffix, char why[TRUST_WHY])
{
	struct trust_names names = { NULL, 0 };
	int r = trust_list(path, suffix, &names, why);

	for (size_t i = 0; i < names.n && r == 0; i++) {
		int fd = trust_open(names.v[i], false, why);

		if (fd < 0)
			r = fd;
		else
			close(fd);
	}
	trust_names_free(&names);
	return r;
}

int trust_check(const char *path, char why[TRUST_WHY])
{
	int r = trust_open(path, false, why);

	if (r >= 0)
		close(r);
	if (r != -EISDIR)
		return r < 0 ? r : 0;
	r = check_all(path, ".yaml", why);
	return r < 0 ? r : check_all(path, ".yml", why);
}
