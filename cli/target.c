/* SPDX-License-Identifier: MIT */
#include "target.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without what says at the end that it is a directory. */
static size_t bare_len(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && (path[len - 1] == '/' ||
			   (path[len - 1] == '.' && path[len - 2] == '/')))
		len--;
	return len;
}

bool target_is_dir(const char *path)
{
	return *path && path[strlen(path) - 1] == '/';
}

bool target_parent(const char *path, char *out, size_t size)
{
	const char *slash = memrchr(path, '/', bare_len(path));
	size_t len = slash ? (size_t)(slash - path) : 1;

	if (slash == path)
		len = 1;
	if (len >= size)
		return false;
	memcpy(out, slash ? path : ".", len);
	out[len] = '\0';
	return true;
}

static const char *refuse_dir(const char *dir, const char *missing,
			      const char *other, const char *closed)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return errno == ENOENT ? missing : strerror(errno);
	if (!S_ISDIR(st.st_mode))
		return other;
	return access(dir, W_OK | X_OK) < 0 ? closed : NULL;
}

static const char *refuse_parent(const char *path)
{
	char dir[PATH_MAX];

	if (!target_parent(path, dir, sizeof(dir)))
		return strerror(ENAMETOOLONG);
	return refuse_dir(dir, "its directory does not exist",
			  "its directory is no directory",
			  "its directory cannot be written");
}

/* As in sm_report_write_dir(), before the work. */
static bool is_open_to_others(const struct stat *st)
{
	return geteuid() == 0 && (st->st_mode & S_IWOTH ||
				  (st->st_mode & S_IWGRP && st->st_gid != 0));
}

/* One that is missing is made. */
static const char *refuse_set(const char *path)
{
	size_t len = bare_len(path);
	char dir[PATH_MAX];
	struct stat st;

	if (len >= sizeof(dir))
		return strerror(ENAMETOOLONG);
	memcpy(dir, path, len);
	dir[len] = '\0';
	if (lstat(dir, &st) < 0)
		return errno == ENOENT ? refuse_parent(path) : strerror(errno);
	if (S_ISLNK(st.st_mode))
		return "a symbolic link; name the directory itself";
	if (S_ISDIR(st.st_mode) && is_open_to_others(&st))
		return "others than its owner may write the directory; take "
		       "that right away, or name a new one";
	return refuse_dir(dir, NULL,
			  "no directory; a slash at the end names "
			  "one",
			  "the directory cannot be written");
}

const char *target_refuse(const char *path)
{
	struct stat st;

	if (target_is_dir(path))
		return refuse_set(path);
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? refuse_parent(path) : strerror(errno);
	if (S_ISLNK(st.st_mode))
		return "a symbolic link; name the file itself";
	if (S_ISDIR(st.st_mode))
		return "a directory; name a file in it, or add a slash for "
		       "csv files";
	if (!S_ISREG(st.st_mode))
		return "no regular file; -o - writes to standard output";
	return refuse_parent(path);
}

static bool is_same(const struct stat *st, const char *path)
{
	struct stat other;

	return !stat(path, &other) && st->st_dev == other.st_dev &&
	       st->st_ino == other.st_ino;
}

/* Also of files that are to be made. */
static bool is_same_place(const char *path, const char *file)
{
	const char *a = strrchr(path, '/'), *b = strrchr(file, '/');
	char dir[PATH_MAX], other[PATH_MAX];
	struct stat st;

	return !strcmp(a ? a + 1 : path, b ? b + 1 : file) &&
	       target_parent(path, dir, sizeof(dir)) &&
	       target_parent(file, other, sizeof(other)) && !stat(dir, &st) &&
	       is_same(&st, other);
}

/* Whether a csv file lies there: it may have the name of one that is written. */
static bool is_csv_in(const struct stat *dir, const char *file)
{
	const char *dot = strrchr(file, '.');
	char parent[PATH_MAX];

	return dot && !strcmp(dot, ".csv") &&
	       target_parent(file, parent, sizeof(parent)) &&
	       is_same(dir, parent);
}

bool target_is_one_of(const char *path, const char *const *files,
		      unsigned nfiles)
{
	bool is_dir = target_is_dir(path);
	struct stat st;
	bool is_there = stat(path, &st) == 0;

	for (unsigned i = 0; i < nfiles; i++)
		if ((is_there && is_same(&st, files[i])) ||
		    (is_there && is_dir && is_csv_in(&st, files[i])) ||
		    (!is_dir && is_same_place(path, files[i])))
			return true;
	return false;
}
