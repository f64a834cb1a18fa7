/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomic.h"
#include "core/rights.h"
#include "report/format.h"

/*
 * The files of a report in a directory: those of the sections, and the summary behind
 * them. Their names change one after the other; the summary's is the mark of a whole
 * set, so it goes before the others change and comes back when they have.
 */
#define NFILES	(SMI_NSECTIONS + 1)
#define SUMMARY SMI_NSECTIONS

struct set {
	sm_ctx *ctx;
	char *path; /* without slashes at its end */
	int dir;
	bool made; /* the directory, by us; it is empty */
	struct smi_atomic file[NFILES];
	size_t n; /* open ones */
};

static void free_set(struct set *s)
{
	for (size_t i = 0; i < s->n; i++)
		smi_atomic_done(&s->file[i]);
	smi_closep(&s->dir);
	if (s->made)
		rmdir(s->path);
	free(s->path);
}

static int fail(const struct set *s, int err)
{
	return smi_fail(s->ctx, -err, "cannot write directory '%s': %s",
			s->path, smi_strerror(err));
}

/* Without what says at the end that it is a directory: a link would be followed. */
static size_t bare_len(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && (path[len - 1] == '/' ||
			   (path[len - 1] == '.' && path[len - 2] == '/')))
		len--;
	return len;
}

/* What root writes is read as root's word. */
static int check_rights(const struct set *s)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (fstat(s->dir, &st) < 0)
		return fail(s, errno);
	if (!smi_others_may_write(&st))
		return 0;
	return smi_fail(s->ctx, -EPERM,
			"cannot write directory '%s': others than its owner "
			"may write it: take that right away, or name a new "
			"directory",
			s->path);
}

static int open_dir(struct set *s, const char *path)
{
	struct stat st;

	s->path = smi_strndup(path, bare_len(path));
	if (!s->path)
		return smi_fail_nomem(s->ctx);
	s->made = mkdir(s->path, 0700) == 0;
	if (!s->made && errno != EEXIST)
		return fail(s, errno);
	if (lstat(s->path, &st) == 0 && S_ISLNK(st.st_mode))
		return smi_fail(s->ctx, -EINVAL,
				"cannot write directory '%s': it is a symbolic "
				"link, which is not followed: name the "
				"directory that it leads to",
				s->path);
	s->dir = open(s->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* the umask may have taken the owner's own bits */
	if (s->dir < 0 || (s->made && fchmod(s->dir, 0700) < 0))
		return fail(s, errno);
	return s->made ? 0 : check_rights(s);
}

static int file_kind(size_t i)
{
	return i == SUMMARY ? SM_KIND_SUMMARY : smi_sections[i].kind;
}

static int open_file(struct set *s, size_t i, const struct smi_format *format)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf path = { 0 };
	int r;

	smi_buf_printf(&path, "%s%s%s.%s", s->path,
		       s->path[strlen(s->path) - 1] == '/' ? "" : "/",
		       i == SUMMARY ? "summary" : smi_sections[i].name,
		       format->name);
	if (smi_buf_error(&path))
		return smi_fail_nomem(s->ctx);
	r = smi_atomic_open_in(&s->file[i], s->ctx, s->dir,
			       smi_buf_cstr(&path));
	s->n += r == 0;
	return r;
}

static int write_file(struct set *s, size_t i, const sm_report *report,
		      const struct smi_format *format,
		      const struct smi_style *style)
{
	struct smi_fd_out out = { s->ctx, s->file[i].fd, s->file[i].path };
	struct smi_style one = *style;
	int r;

	one.only = file_kind(i);
	r = smi_report_write(report, format, &one, smi_fd_write, &out);
	return r ? r : smi_atomic_flush(&s->file[i]);
}

static int remove_mark(const struct smi_atomic *mark, const struct set *s)
{
	if (unlinkat(mark->dir, mark->name, 0) == 0)
		return smi_atomic_sync_dir(mark);
	return errno == ENOENT ? 0 : fail(s, errno);
}

static int commit(struct set *s)
{
	struct smi_atomic *mark = &s->file[SUMMARY];
	int r = 0;

	for (size_t i = 0; r == 0 && i < NFILES; i++)
		r = smi_atomic_link(&s->file[i]);
	if (r == 0)
		r = remove_mark(mark, s);
	for (size_t i = 0; r == 0 && i < SUMMARY; i++) {
		r = smi_atomic_rename(&s->file[i]);
		s->made = s->made && r < 0;
	}
	if (r == 0)
		r = smi_atomic_sync_dir(mark);
	if (r == 0)
		r = smi_atomic_rename(mark);
	return r == 0 ? smi_atomic_sync_dir(mark) : r;
}

SM_EXPORT int sm_report_write_dir(const sm_report *r, int format,
				  const sm_report_opts *o, const char *path)
{
	SMI_CLEANUP(smi_style_done) struct smi_style style = { 0 };
	SMI_CLEANUP(free_set) struct set s = { .dir = -1 };
	const struct smi_format *f;
	int rc;

	if (!r || !path)
		return -EINVAL;
	s.ctx = r->ctx;
	if (!*path)
		return smi_fail(s.ctx, -EINVAL,
				"cannot write '': it names no directory");
	f = smi_format_find(r->ctx, format);
	if (!f)
		return -EINVAL;
	if (!f->sections)
		return smi_fail(s.ctx, -EINVAL,
				"cannot write directory '%s': only csv is "
				"written as one file of each kind, %s is not",
				path, f->name);
	rc = smi_style_init(&style, r->ctx, o);
	if (rc == 0)
		rc = open_dir(&s, path);
	for (size_t i = 0; rc == 0 && i < NFILES; i++)
		rc = open_file(&s, i, f);
	for (size_t i = 0; rc == 0 && i < NFILES; i++)
		rc = write_file(&s, i, r, f, &style);
	return rc ? rc : commit(&s);
}
