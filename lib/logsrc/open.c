/* SPDX-License-Identifier: MIT */
#include "logsrc/open.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/nls.h"
#include "logsrc/docker.h"
#include "logsrc/found.h"
#include "logsrc/rotation.h"
#include "record/sentence.h"

/* All buffers together, where there are many streams. */
#define BUFFERS ((size_t)8 * 1024 * 1024)

void smi_log_opening_done(struct smi_log_opening *o)
{
	for (size_t i = 0; i < o->readers.n; i++)
		o->readers.v[i]->ops->free(o->readers.v[i]);
	smi_vec_free(&o->readers);
	for (size_t i = 0; i < o->failures.n; i++) {
		free(o->failures.v[i].name);
		free(o->failures.v[i].why);
	}
	smi_vec_free(&o->failures);
}

int smi_log_add_failure(struct smi_log_opening *o, const char *name, int err,
			const char *text, const char *why)
{
	struct smi_log_failure f = { smi_strdup(name), err, text,
				     why ? smi_strdup(why) : NULL };

	if (!f.name || (why && !f.why) || !smi_vec_push(&o->failures, f)) {
		free(f.name);
		free(f.why);
		return -ENOMEM;
	}
	return 0;
}

int smi_log_add_reader(struct smi_log_opening *o, struct smi_reader *r)
{
	for (size_t i = 0; i < o->readers.n; i++) {
		const struct smi_reader *have = o->readers.v[i];

		if ((r->dev || r->ino) && have->dev == r->dev &&
		    have->ino == r->ino) {
			smi_log(o->ctx, SM_LOG_INFO, "log",
				"%s is %s, which is read once", r->shown,
				have->shown);
			r->ops->free(r);
			return 0;
		}
	}
	if (!smi_vec_push(&o->readers, r)) {
		r->ops->free(r);
		return -ENOMEM;
	}
	return 0;
}

/* What a negative errno of opening means, in words. */
static int file_failure(struct smi_log_opening *o, const char *name, int err,
			const char *why)
{
	static const struct {
		int err, shown;
		const char *text;
	} rows[] = {
		{ EISDIR, EISDIR,
		  "{source} is a directory: name the files in it" },
		{ ENODEV, ENODEV,
		  "{source} is a device: a log is a file, a pipe or a "
		  "terminal" },
		{ EMEDIUMTYPE, ENOTSUP,
		  "{source} is compressed with {why}: unpack it first" },
		{ ENOTSUP, ENOTSUP,
		  "{source} is compressed, and cannot be unpacked: {why}" },
	};

	for (size_t i = 0; i < SMI_COUNT(rows); i++)
		if (rows[i].err == err)
			return smi_log_add_failure(o, name, rows[i].shown,
						   rows[i].text, why);
	return smi_log_add_failure(o, name, err,
				   "{source} cannot be read: {errno}", NULL);
}

static int journal_failure(struct smi_log_opening *o, const char *name, int err,
			   const char *why)
{
	if (err == ENOTSUP)
		return smi_log_add_failure(
			o, name, err, "{source} needs libsystemd: {why}", why);
	if (err == ENODATA)
		return smi_log_add_failure(
			o, name, ENOENT,
			"{source} has no entries that can be read", NULL);
	return file_failure(o, name, err, why);
}

/* "journal" and "journal:UNIT" are what the command line calls them. */
static int journal_name(const char *unit, struct smi_buf *name)
{
	smi_buf_str(name, "journal");
	if (unit) {
		smi_buf_char(name, ':');
		smi_buf_str(name, unit);
	}
	return smi_buf_cstr(name) ? 0 : -ENOMEM;
}

static int open_journal(struct smi_log_opening *o, const char *name,
			const char *unit, const char *path)
{
	struct smi_journal_opts jo = { unit,
				       path,
				       o->since,
				       o->until,
				       o->journal_fields,
				       o->njournal_fields };
	struct smi_reader *r;
	char why[256] = "";
	int n;

	n = smi_reader_journal_new(o->ctx, name, &jo, why, sizeof(why), &r);
	if (n == -ENOMEM)
		return n;
	if (!path && n != -ENOTSUP && smi_journal_is_hidden(&o->ctx->root)) {
		int k = smi_log_add_failure(
			o, name, EACCES,
			"the system's part of {source} cannot be read: {errno} "
			"(the group systemd-journal may)",
			NULL);

		if (k < 0 && n >= 0)
			r->ops->free(r);
		if (k < 0 || n < 0)
			return k;
	}
	return n < 0 ? journal_failure(o, name, -n, why)
		     : smi_log_add_reader(o, r);
}

/* A log that will come, where its directory is there. */
static int open_coming(struct smi_log_opening *o, const char *path,
		       struct smi_reader **out)
{
	const char *slash = strrchr(path, '/');
	SMI_AUTOFREE char *dir =
		slash ? smi_strndup(path, (size_t)(slash - path) + 1)
		      : smi_strdup(".");
	SMI_AUTOCLOSE int fd = -1;
	int n;

	if (!dir)
		return -ENOMEM;
	fd = smi_fsroot_open(&o->ctx->root, dir, O_PATH | O_DIRECTORY);
	if (fd < 0 || (slash && !slash[1]))
		return -ENOENT;
	n = smi_out_notice(o->out, 0, path,
			   "{source} is not there yet: it is waited for", NULL,
			   0);
	return n < 0 ? n : smi_reader_coming_new(path, out);
}

/* A directory: 1 when it is one of Docker's and its logs have been added. */
static int open_docker(struct smi_log_opening *o, const char *path)
{
	SMI_CLEANUP(smi_paths_free) struct smi_paths logs = { 0 };
	int n = smi_docker_list(&o->ctx->root, path, &logs);

	if (n < 0)
		return n;
	for (size_t i = 0; i < logs.v.n; i++) {
		struct smi_log_from one = { SMI_LOG_FILE, logs.v.v[i], -1 };

		n = smi_log_open(o, &one);
		if (n < 0)
			return n;
	}
	return logs.v.n ? 1 : -EISDIR;
}

/* The name of the log without its directory, which can be called in many ways: it
 * holds the id of its container, which no other has. */
static struct smi_span container_log(const char *path)
{
	const char *slash = strrchr(path, '/');

	return smi_rotated_parse(slash ? slash + 1 : path).base;
}

static bool is_read(const struct smi_merge *m, const char *path)
{
	struct smi_span log = container_log(path);

	for (size_t i = 0; i < m->streams.n; i++) {
		const struct smi_reader *r = m->streams.v[i].readers.v[0];

		if (smi_span_eq(container_log(r->name), log))
			return true;
	}
	return false;
}

int smi_log_open_new(struct smi_log_opening *o, const struct smi_merge *m,
		     const char *dir)
{
	SMI_CLEANUP(smi_paths_free) struct smi_paths logs = { 0 };
	int n = smi_docker_list(&o->ctx->root, dir, &logs);

	for (size_t i = 0; n >= 0 && i < logs.v.n; i++) {
		struct smi_log_from one = { SMI_LOG_FILE, logs.v.v[i], -1 };

		if (!is_read(m, logs.v.v[i]))
			n = smi_log_open(o, &one);
	}
	return n == -ENOMEM ? n : 0;
}

int smi_log_open(struct smi_log_opening *o, const struct smi_log_from *from)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf name = { 0 };
	struct smi_reader *r;
	char why[256] = "";
	int n;

	switch (from->what) {
	case SMI_LOG_FOUND:
		return smi_log_find(o);
	case SMI_LOG_JOURNAL:
		n = journal_name(from->name, &name);
		return n < 0 ? n : open_journal(o, name.p, from->name, NULL);
	case SMI_LOG_FD:
		n = smi_reader_fd_new(from->fd, from->name, why, sizeof(why),
				      &r);
		break;
	default:
		if (smi_journal_is_path(&o->ctx->root, from->name))
			return open_journal(o, from->name, NULL, from->name);
		n = smi_kmsg_is_path(&o->ctx->root, from->name)
			    ? smi_reader_kmsg_new(o->ctx, from->name, &r)
			    : smi_reader_file_new(o->ctx, from->name, why,
						  sizeof(why), &r);
		if (n == -ENOENT && o->follow)
			n = open_coming(o, from->name, &r);
		if (n == -EISDIR)
			n = open_docker(o, from->name);
		if (n == 1)
			return 0;
	}
	if (n == -ENOMEM)
		return n;
	return n < 0 ? file_failure(o, from->name, -n, why)
		     : smi_log_add_reader(o, r);
}

/* The errno of a call for what cannot be a log at all. */
static int failure_rc(int err)
{
	return err == EISDIR || err == ENODEV ? -EINVAL : -err;
}

static int fail_with(sm_ctx *ctx, const struct smi_log_failure *f)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	const char *pairs[] = { "source", f->name,
				"errno",  smi_strerror(f->err),
				"why",	  f->why ? f->why : "" };
	struct smi_strs args = { SMI_COUNT(pairs), pairs };

	smi_sentence_fill(&b, smi_tr(f->text), &args, NULL);
	if (!smi_buf_cstr(&b))
		return smi_fail_nomem(ctx);
	return smi_fail(ctx, failure_rc(f->err), "%s", b.p);
}

int smi_log_tell_failure(const struct smi_log_opening *o, size_t i)
{
	const struct smi_log_failure *f = &o->failures.v[i];
	const char *args[] = { "why", f->why ? f->why : "" };

	return smi_out_notice(o->out, f->err, f->name, f->text, args, 2);
}

int smi_log_tell_failures(const struct smi_log_opening *o)
{
	for (size_t i = 0; i < o->failures.n; i++) {
		int r = smi_log_tell_failure(o, i);

		if (r < 0)
			return r;
	}
	if (!o->readers.n && o->failures.n)
		return fail_with(o->ctx, &o->failures.v[0]);
	return 0;
}

/* The stream of r's family, NULL when it has none yet. */
static struct smi_stream *family_of(struct smi_merge *m,
				    const struct smi_reader *r)
{
	struct smi_rotated mine = smi_rotated_parse(r->name);

	for (size_t i = 0; r->is_file && i < m->streams.n; i++) {
		struct smi_stream *s = &m->streams.v[i];
		const struct smi_reader *first = s->readers.v[0];

		if (first->is_file &&
		    smi_span_eq(smi_rotated_parse(first->name).base, mine.base))
			return s;
	}
	return NULL;
}

static bool insert(struct smi_stream *s, struct smi_reader *r)
{
	int64_t order = smi_rotated_parse(r->name).order;
	size_t i;

	if (!smi_vec_push(&s->readers, r))
		return false;
	for (i = s->readers.n - 1; i > 0; i--) {
		struct smi_reader *before = s->readers.v[i - 1];

		if (smi_rotated_parse(before->name).order <= order)
			break;
		s->readers.v[i] = before;
	}
	s->readers.v[i] = r;
	return true;
}

/* The plain file of which the ith reader is the packed twin; n when there is none. */
static size_t twin_of(const struct smi_stream *s, size_t i, enum smi_twin *how)
{
	struct smi_rotated mine = smi_rotated_parse(s->readers.v[i]->name);

	for (size_t k = 0; mine.packed && k < s->readers.n; k++) {
		const struct smi_reader *other = s->readers.v[k];
		struct smi_rotated its = smi_rotated_parse(other->name);

		if (its.order != mine.order || its.packed)
			continue;
		*how = smi_reader_file_twin(s->readers.v[i], other);
		if (*how != SMI_TWIN_NONE)
			return k;
	}
	return s->readers.n;
}

/* While logrotate packs a file it has both, and the plain one is whole. One that is
 * shorter was cut, and must not hide the rest. */
static int drop_twins(struct smi_log_opening *o, struct smi_stream *s)
{
	for (size_t i = 0; i < s->readers.n; i++) {
		enum smi_twin how = SMI_TWIN_NONE;
		size_t k = twin_of(s, i, &how), out = i;
		int n = 0;

		if (k == s->readers.n)
			continue;
		if (how == SMI_TWIN_LONGER) {
			out = k;
			n = smi_out_notice(
				o->out, 0, s->readers.v[k]->name,
				"{source} is shorter than its packed "
				"twin, which is read instead of it",
				NULL, 0);
		} else {
			smi_log(o->ctx, SM_LOG_INFO, "log",
				"%s is %s once more, which is read",
				s->readers.v[i]->shown, s->readers.v[k]->shown);
		}
		if (n < 0)
			return n;
		s->readers.v[out]->ops->free(s->readers.v[out]);
		memmove(&s->readers.v[out], &s->readers.v[out + 1],
			(--s->readers.n - out) * sizeof(*s->readers.v));
		i -= out <= i;
	}
	return 0;
}

int smi_log_group(struct smi_log_opening *o, struct smi_merge *m)
{
	size_t buffer;

	while (o->readers.n) {
		struct smi_reader *r = o->readers.v[0];
		struct smi_stream *s = family_of(m, r);

		if (!s)
			s = smi_merge_add(m);
		if (!s || !insert(s, r))
			return -ENOMEM;
		memmove(o->readers.v, o->readers.v + 1,
			--o->readers.n * sizeof(*o->readers.v));
	}
	for (size_t i = 0; i < m->streams.n; i++)
		if (drop_twins(o, &m->streams.v[i]) < 0)
			return -ENOMEM;
	buffer = BUFFERS / SMI_MAX(m->streams.n, (size_t)1);
	buffer = SMI_MIN(SMI_MAX(buffer, SMI_LINES_MIN), SMI_LINES_CAP);
	for (size_t i = 0; i < m->streams.n; i++)
		for (size_t k = 0; k < m->streams.v[i].readers.n; k++)
			m->streams.v[i].readers.v[k]->buffer = buffer;
	return 0;
}
