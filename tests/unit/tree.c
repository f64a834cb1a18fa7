/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[4096];

const char *tree_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/sysmon-test-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(top));
	return top;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void tree_remove(void)
{
	if (top[0])
		nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	top[0] = '\0';
}

static void make_dirs(char *full)
{
	for (char *at = full + strlen(top) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(full, 0777);
		*at = '/';
	}
}

static const char *full_path(const char *path)
{
	static char full[8192];

	snprintf(full, sizeof(full), "%s/%s", top, path);
	make_dirs(full);
	return full;
}

void tree_dir(const char *path)
{
	ck_assert_int_eq(mkdir(full_path(path), 0777), 0);
}

void tree_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(full_path(path), O_WRONLY | O_CREAT | O_TRUNC, 0666);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

void tree_text(const char *path, const char *text)
{
	tree_file(path, text, strlen(text));
}

void tree_link(const char *path, const char *target)
{
	ck_assert_int_eq(symlink(target, full_path(path)), 0);
}

void tree_fifo(const char *path)
{
	ck_assert_int_eq(mkfifo(full_path(path), 0666), 0);
}

int tree_open(const char *path)
{
	int fd = open(full_path(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}
