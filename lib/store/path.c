/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/rights.h"
#include "store/store.h"

#ifdef SMI_WITH_SQLITE

static int refuse(sm_ctx *ctx, int rc, const char *path, const char *why)
{
	return smi_fail(ctx, rc, "history '%s': %s", path, why);
}

/* Who may write a directory can put another file there, or a journal beside it that is
 * then written into the database. */
static int check_dir(sm_ctx *ctx, const char *path, const char *dir, bool last)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return refuse(ctx, -errno, path, smi_strerror(errno));
	if (!smi_is_ours(&st))
		return smi_fail(ctx, -EPERM,
				"history '%s': the directory '%s' belongs to "
				"another user",
				path, dir);
	if (smi_others_may_write(&st) && (last || !(st.st_mode & S_ISVTX)))
		return smi_fail(ctx, -EPERM,
				"history '%s': others may write the directory "
				"'%s'",
				path, dir);
	return 0;
}

/* What root writes is as safe as the weakest directory on the way. */
static int check_way(sm_ctx *ctx, const char *path, char *dir)
{
	int r = check_dir(ctx, path, dir, true);

	for (char *p = dir + 1; r == 0 && geteuid() == 0 && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		r = check_dir(ctx, path, dir, false);
		*p = '/';
	}
	return r;
}

/* Whatever the umask is. */
static int make_file(const char *real)
{
	if (mknod(real, S_IFREG | 0600, 0) < 0)
		return errno == EEXIST ? 0 : -1;
	return chmod(real, 0600);
}

/* Without a descriptor of its own: closing that would take the locks away that SQLite has
 * on the same file in this process (fcntl(2)). */
static int check_file(sm_ctx *ctx, const char *path, const char *real,
		      bool make)
{
	struct stat st;

	if (lstat(real, &st) < 0 && errno == ENOENT && make &&
	    make_file(real) < 0)
		return refuse(ctx, -errno, path, smi_strerror(errno));
	if (lstat(real, &st) < 0)
		return refuse(ctx, -errno, path, smi_strerror(errno));
	if (S_ISLNK(st.st_mode))
		return refuse(ctx, -EINVAL, path,
			      "it is a symbolic link, which is not followed: "
			      "name the file that it leads to");
	if (!S_ISREG(st.st_mode))
		return refuse(ctx, -EINVAL, path, "it is no regular file");
	if (!smi_is_ours(&st) || smi_others_may_write(&st))
		return refuse(ctx, -EPERM, path,
			      "it belongs to another user, or others may write "
			      "it");
	if (make && st.st_mode & S_IROTH)
		return refuse(ctx, -EPERM, path,
			      "every user may read what is kept there: give it "
			      "the mode 0600");
	return 0;
}

/* What a journal of SQLite ends with that names another one: with that, a database that
 * was brought here would have a file removed that has nothing to do with it. */
static bool names_another(const char *journal)
{
	static const unsigned char magic[] = { 0xd9, 0xd5, 0x05, 0xf9,
					       0x20, 0xa1, 0x63, 0xd7 };
	unsigned char end[sizeof(magic)];
	SMI_CLEANUP(smi_closep)
	int fd = open(journal, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 &&
	       st.st_size >= (off_t)sizeof(end) &&
	       pread(fd, end, sizeof(end), st.st_size - (off_t)sizeof(end)) ==
		       (ssize_t)sizeof(end) &&
	       memcmp(end, magic, sizeof(end)) == 0;
}

/* SQLite takes what lies beside a database for its own. */
static int check_beside(sm_ctx *ctx, const char *path, const char *real)
{
	static const char *const ends[] = { "-journal", "-wal", "-shm" };
	SMI_CLEANUP(smi_buf_free) struct smi_buf name = { 0 };
	struct stat st;

	for (size_t i = 0; i < SMI_COUNT(ends); i++) {
		smi_buf_clear(&name);
		smi_buf_printf(&name, "%s%s", real, ends[i]);
		if (!smi_buf_cstr(&name))
			return smi_fail_nomem(ctx);
		if (lstat(name.p, &st) < 0)
			continue;
		if (!S_ISREG(st.st_mode) || !smi_is_ours(&st) ||
		    smi_others_may_write(&st))
			return smi_fail(
				ctx, -EPERM,
				"history '%s': '%s' beside it is no "
				"regular file, belongs to another user, "
				"or others may write it",
				path, name.p);
		if (i == 0 && names_another(name.p))
			return smi_fail(ctx, -EBADMSG,
					"history '%s': '%s' beside it is no "
					"journal of a history",
					path, name.p);
	}
	return 0;
}

int smi_store_path(sm_ctx *ctx, const char *path, bool make, char **out)
{
	SMI_AUTOFREE char *dir = NULL, *real = NULL;
	SMI_CLEANUP(smi_buf_free) struct smi_buf full = { 0 };
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	int r;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return refuse(ctx, -EINVAL, path, "it names no file");
	dir = slash ? smi_strndup(path, SMI_MAX((size_t)(slash - path), 1))
		    : smi_strdup(".");
	if (!dir)
		return smi_fail_nomem(ctx);
	real = realpath(dir, NULL);
	if (!real)
		return errno == ENOMEM
			       ? smi_fail_nomem(ctx)
			       : smi_fail(ctx, -errno,
					  "history '%s': directory '%s': %s",
					  path, dir, smi_strerror(errno));
	r = check_way(ctx, path, real);
	if (r < 0)
		return r;
	smi_buf_printf(&full, "%s/%s", strcmp(real, "/") != 0 ? real : "",
		       name);
	if (!smi_buf_cstr(&full))
		return smi_fail_nomem(ctx);
	r = check_file(ctx, path, full.p, make);
	if (r == 0)
		r = check_beside(ctx, path, full.p);
	if (r < 0)
		return r;
	*out = smi_strdup(full.p);
	return *out ? 0 : smi_fail_nomem(ctx);
}

#endif
