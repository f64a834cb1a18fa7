/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LOG_RIG_H
#define TESTS_LOG_RIG_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vec.h"
#include "logsrc/log.h"

/*
 * Runs log files through the log source, and keeps what came out as text.
 */
/* What came out of a run, as text: a line a record. */
struct seen {
	struct smi_buf lines, coverage, notices;
	size_t progress;
	uint64_t total;
};

/* Each test has a directory of its own, where it is. */
static char dir[64];
static sm_ctx *ctx;

static inline void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_log.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
}

static inline void teardown(void)
{
	char cmd[96];

	sm_ctx_unref(ctx);
	ck_assert_int_eq(chdir("/"), 0);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static inline void put(const char *name, const void *p, size_t len)
{
	SMI_AUTOCLOSE int fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(smi_write_all(fd, p, len), 0);
}

static inline void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static inline int collect(const sm_event *ev, void *user)
{
	struct seen *s = user;
	const sm_record *r = sm_event_record(ev);
	char time[SMI_TIME_STRLEN], last[SMI_TIME_STRLEN];

	if (sm_event_kind(ev) == SM_EVENT_PROGRESS) {
		ck_assert_uint_le(
			sm_event_done(ev),
			SMI_MAX(sm_event_total(ev), sm_event_done(ev)));
		s->progress++;
		s->total = sm_event_total(ev);
	} else if (sm_record_kind(r) == SM_KIND_NOTICE) {
		smi_buf_printf(&s->notices, "%d %s\n",
			       sm_notice_errno(sm_record_notice(r)),
			       sm_notice_text(sm_record_notice(r)));
	} else if (sm_record_kind(r) == SM_KIND_COVERAGE) {
		int64_t from = SM_TIME_NONE, to = SM_TIME_NONE;

		if (sm_record_has_field(r, SMI_COVERAGE_FIRST)) {
			from = sm_record_field_int(r, SMI_COVERAGE_FIRST);
			to = sm_record_field_int(r, SMI_COVERAGE_LAST);
		}
		smi_buf_printf(
			&s->coverage,
			"%s lines %d matched %d unparsed %d skipped %d "
			"bytes %d %s %s\n",
			sm_record_field_str(r, SMI_COVERAGE_SOURCE),
			(int)sm_record_field_int(r, SMI_COVERAGE_LINES),
			(int)sm_record_field_int(r, SMI_COVERAGE_MATCHED),
			(int)sm_record_field_int(r, SMI_COVERAGE_UNPARSED),
			(int)sm_record_field_int(r, SMI_COVERAGE_SKIPPED),
			(int)sm_record_field_int(r, SMI_COVERAGE_BYTES),
			smi_time_format(from, time), smi_time_format(to, last));
	} else {
		ck_assert_int_eq(sm_record_kind(r), SM_KIND_LINE);
		smi_buf_printf(
			&s->lines, "%s:%d@%d %s %s\n",
			sm_record_field_str(r, SMI_LINE_FILE),
			(int)sm_record_field_int(r, SMI_LINE_NUMBER),
			(int)sm_record_field_int(r, SMI_LINE_OFFSET),
			sm_record_has_field(r, SMI_LINE_TIME)
				? smi_time_format(
					  sm_record_field_int(r, SMI_LINE_TIME),
					  time)
				: "-",
			sm_record_field_str(r, SMI_LINE_MESSAGE));
	}
	return 0;
}

static inline void seen_free(struct seen *s)
{
	smi_buf_free(&s->lines);
	smi_buf_free(&s->coverage);
	smi_buf_free(&s->notices);
}

static inline const char *text_of(struct smi_buf *b)
{
	const char *s = smi_buf_cstr(b);

	return s ? s : "";
}

/* A stage that takes lines with the word "Failed". */
static inline int judge(void *stage, const struct smi_line *line,
			struct smi_out *out)
{
	(void)stage;
	(void)out;
	return line->message.len > 6 &&
	       memmem(line->message.p, line->message.len, "Failed", 6) != NULL;
}

static inline void no_free(void *stage)
{
	(void)stage;
}

static const struct smi_stage_ops judge_ops = { .line = judge,
						.free = no_free };

static inline struct smi_log_source_opts
opts_of(const struct smi_log_from *from, size_t n)
{
	struct smi_log_source_opts o = {
		.from = from,
		.nfrom = n,
		.since = INT64_MIN,
		.until = INT64_MAX,
		.zone = "UTC0",
		.lines = true,
		.fields = smi_fieldset_default(SM_KIND_LINE),
	};

	ck_assert(smi_time_parse(SMI_SPAN("2026-08-04T12:00:00Z"), &o.now));
	return o;
}

static inline int run(const struct smi_log_source_opts *o, struct seen *s)
{
	sm_job *job = NULL;
	void *src;
	int r = smi_log_source_new(ctx, o, &src);

	if (r < 0)
		return r;
	r = smi_job_new(ctx, &smi_log_source_ops, src, &job);
	if (r < 0)
		return r;
	r = smi_job_add_stage(job, &judge_ops, NULL);
	ck_assert_int_eq(r, 0);
	return smi_job_verb(job, collect, s);
}

static inline int run_files(struct seen *s, const char *a, const char *b,
			    const char *c)
{
	struct smi_log_from from[] = { { SMI_LOG_FILE, a, -1 },
				       { SMI_LOG_FILE, b, -1 },
				       { SMI_LOG_FILE, c, -1 } };
	struct smi_log_source_opts o = opts_of(from, c ? 3 : b ? 2 : 1);

	return run(&o, s);
}

#endif
