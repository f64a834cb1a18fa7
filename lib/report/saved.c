/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "core/event.h"
#include "record/copy.h"
#include "record/from-json.h"
#include "report/report.h"

/* Of one line, and of a document, which is read whole. */
#define LINE_BYTES     ((size_t)16 << 20)
#define DOCUMENT_BYTES ((size_t)256 << 20)
#define CHUNK	       ((size_t)256 << 10)
/* Of all records that are kept in memory, with what leads to each. */
#define KEPT_BYTES   ((uint64_t)512 << 20)
#define RECORD_BYTES 64

struct saved {
	sm_report *report;
	const char *path;
	struct smi_arena arena;
	struct smi_buf buf;
	uint64_t line, records, kept;
	bool ended; /* the last record is a summary */
};

static int fail(const struct saved *s, int rc, const char *what)
{
	sm_ctx *ctx = s->report->ctx;

	if (rc == -ENOMEM)
		return smi_fail_nomem(ctx);
	if (s->line)
		return smi_fail(ctx, rc, "saved report '%s', line %llu: %s",
				s->path, (unsigned long long)s->line, what);
	return smi_fail(ctx, rc, "saved report '%s': %s", s->path, what);
}

/* What a few bytes of text say may take a thousand in memory. */
static int count_kept(struct saved *s, const sm_record *rec)
{
	const sm_report *r = s->report;
	const sm_record *old = smi_report_finding(r, rec);

	if (smi_report_spill(r, rec->kind))
		return 0;
	if (old)
		s->kept -= SMI_MIN(s->kept, smi_rec_size(old) + RECORD_BYTES);
	s->kept += smi_rec_size(rec) + RECORD_BYTES;
	if (s->kept > KEPT_BYTES)
		return fail(s, -E2BIG,
			    "its records take more than 512 MiB of memory");
	return 0;
}

/* A kind of a later version is passed over. */
static int take(struct saved *s, struct smi_span object)
{
	sm_event ev = { .kind = SM_EVENT_RECORD };
	sm_record *rec;
	int r;

	if (object.len > LINE_BYTES)
		return fail(s, -E2BIG, "a record longer than 16 MiB");
	smi_arena_reset(&s->arena);
	r = smi_rec_from_json(&s->arena, object, &rec);
	if (r == -ENOENT)
		return 0;
	if (r == -E2BIG)
		return fail(s, r,
			    "more than 10,000 records or 1,000,000 texts in "
			    "one record");
	if (r < 0)
		return fail(s, r, "no record that sysmon wrote");
	r = count_kept(s, rec);
	if (r < 0)
		return r;
	s->records++;
	s->ended = rec->kind == SM_KIND_SUMMARY;
	ev.rec = rec;
	return sm_report_add(s->report, &ev);
}

/* Each run ends with its summary, one that was interrupted too. */
static int tell_cut(struct saved *s)
{
	int r;

	s->report->cut = true;
	smi_arena_reset(&s->arena);
	r = smi_report_notice(
		s->report, &s->arena,
		"saved report {file} has no summary at its end: "
		"it is not whole",
		"file", smi_utf8_escape_dup(&s->arena, smi_span_str(s->path)));
	s->line = 0;
	return r < 0 ? r
		     : fail(s, 1,
			    "it has no summary at its end: it is not whole");
}

/* Is it {"schema":"sysmon/1", ...? 1, 0, or a version that is not known. */
static int is_document(const struct saved *s, struct smi_span text)
{
	struct smi_json j;
	struct smi_json_value v;
	struct smi_span key;

	smi_json_init(&j, text);
	if (!smi_json_open(&j, '{') || !smi_json_member(&j, &key) ||
	    !smi_span_eq_str(key, "schema") || !smi_json_value(&j, &v))
		return 0;
	return smi_span_eq_str(v.text, "sysmon/1")
		       ? 1
		       : fail(s, -ENOTSUP,
			      "it has another schema than sysmon/1");
}

/* The value that is next, as it is written. */
static struct smi_span raw_value(struct smi_json *j)
{
	const char *from;

	smi_json_peek(j);
	from = j->p;
	return smi_json_skip(j) ? smi_span_of(from, (size_t)(j->p - from))
				: smi_span_of("", 0);
}

static int take_document(struct saved *s)
{
	struct smi_json j;
	struct smi_span key;
	int r = 0;

	smi_json_init(&j, smi_buf_span(&s->buf));
	smi_json_open(&j, '{');
	while (r == 0 && smi_json_member(&j, &key)) {
		if (smi_span_eq_str(key, "summary")) {
			r = take(s, raw_value(&j));
		} else if (smi_json_peek(&j) != SMI_JSON_ARRAY) {
			smi_json_skip(&j);
		} else {
			smi_json_open(&j, '[');
			while (r == 0 && smi_json_element(&j)) {
				struct smi_span one = raw_value(&j);

				r = j.failed ? 0 : take(s, one);
			}
		}
	}
	if (r == 0 && !smi_json_done(&j))
		r = fail(s, -EBADMSG, "it is no whole JSON document");
	return r;
}

/* Whole lines of what is there; at the end of the file all of it. */
static int take_lines(struct saved *s, bool end)
{
	struct smi_span rest = smi_buf_span(&s->buf), line;
	size_t left;
	int r = 0;

	while (r == 0 && rest.len &&
	       (end || smi_span_find(rest, '\n') < rest.len)) {
		smi_span_split(&rest, '\n', &line);
		s->line++;
		if (smi_span_trim(line).len)
			r = take(s, line);
	}
	left = rest.len;
	if (r == 0 && left > LINE_BYTES) {
		s->line++;
		r = fail(s, -E2BIG, "longer than 16 MiB");
	}
	memmove(s->buf.p, rest.p, left);
	s->buf.len = left;
	return r;
}

static int read_lines(struct saved *s, int fd)
{
	int r = 0;

	while (r == 0) {
		ptrdiff_t n;

		if (!smi_buf_reserve(&s->buf, CHUNK))
			return fail(s, -ENOMEM, "");
		n = smi_read(fd, s->buf.p + s->buf.len, CHUNK);
		if (n < 0)
			return fail(s, (int)n, smi_strerror((int)-n));
		s->buf.len += (size_t)n;
		r = take_lines(s, n == 0);
		if (n == 0)
			break;
	}
	if (r == 0 && !s->records) {
		s->line = 0;
		return fail(s, -EBADMSG, "there is no record in it");
	}
	return r == 0 && !s->ended ? tell_cut(s) : r;
}

static int read_saved(struct saved *s, int fd)
{
	ptrdiff_t n;
	int r;

	if (!smi_buf_reserve(&s->buf, CHUNK))
		return fail(s, -ENOMEM, "");
	n = smi_read(fd, s->buf.p, CHUNK);
	if (n < 0)
		return fail(s, (int)n, smi_strerror((int)-n));
	s->buf.len = (size_t)n;
	r = is_document(s, smi_buf_span(&s->buf));
	if (r <= 0)
		return r < 0 ? r : read_lines(s, fd);
	r = smi_fd_read(fd, DOCUMENT_BYTES, &s->buf);
	if (r < 0)
		return fail(s, r,
			    r == -E2BIG ? "a document over 256 MiB: save it "
					  "as ndjson"
					: smi_strerror(-r));
	return take_document(s);
}

SM_EXPORT int sm_report_add_saved(sm_report *r, const char *path)
{
	struct saved s = { .report = r, .path = path };
	SMI_AUTOCLOSE int fd = -1;
	struct stat st;
	int rc;

	if (!r || !path)
		return -EINVAL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(&s, -errno, smi_strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail(&s, -EINVAL, "it is no regular file");
	rc = read_saved(&s, fd);
	smi_arena_free(&s.arena);
	smi_buf_free(&s.buf);
	return rc;
}
