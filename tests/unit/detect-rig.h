/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DETECT_RIG_H
#define TESTS_DETECT_RIG_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "detect/detect.h"
#include "detect/ruleset.h"
#include "logsrc/header.h"

/*
 * Runs log text through the log stage of a job, and keeps what came out. The
 * stamps of the text tell year and zone.
 */
struct rig {
	sm_ctx *ctx;
	sm_ruleset *rules;
	struct smi_detect_log_opts o;
	SMI_VEC(sm_record *) events;
	SMI_VEC(sm_record *) findings;
	SMI_VEC(sm_record *) notices;
};

struct rig_source {
	struct smi_span text;
	uint64_t number, offset;
};

static inline int rig_start(void *src, struct smi_out *out)
{
	(void)src;
	(void)out;
	return 0;
}

static inline int rig_step(void *data, struct smi_out *out)
{
	struct rig_source *s = data;
	SMI_CLEANUP(smi_line_room_done) struct smi_line_room room = { 0 };
	struct smi_line line = { .file = "test.log",
				 .number = ++s->number,
				 .offset = s->offset,
				 .room = &room };
	size_t n;
	int r;

	if (!s->text.len)
		return 0;
	n = smi_span_find(s->text, '\n');
	line.raw = smi_span_head(s->text, n);
	s->offset += n + 1;
	smi_header_split(&line);
	r = smi_out_line(out, &line);
	s->text = smi_span_skip(s->text, n + 1);
	return r < 0 ? r : 1;
}

static const struct smi_source_ops rig_ops = {
	.name = "rig",
	.start = rig_start,
	.step = rig_step,
	.free = free,
};

static inline int rig_collect(const sm_event *ev, void *user)
{
	struct rig *rig = user;
	sm_record *r = sm_record_ref(sm_event_record(ev));
	bool ok = r != NULL;

	if (ok && sm_event_kind(ev) == SM_EVENT_RECORD)
		ok = smi_vec_push(&rig->events, r);
	else if (ok && sm_event_kind(ev) == SM_EVENT_FINDING)
		ok = smi_vec_push(&rig->findings, r);
	else if (ok)
		ok = smi_vec_push(&rig->notices, r);
	if (!ok)
		sm_record_unref(r);
	return ok ? 0 : -ENOMEM;
}

static inline void rig_init(struct rig *rig)
{
	*rig = (struct rig){ 0 };
	ck_assert_int_eq(sm_ctx_new(&rig->ctx), 0);
	ck_assert_int_eq(
		smi_ruleset_new(rig->ctx, smi_header_split, &rig->rules), 0);
	rig->o.fields = smi_fieldset_default(SM_KIND_EVENT);
	rig->o.events = true;
	rig->o.keywords = true;
}

static inline void rig_builtin(struct rig *rig)
{
	rig_init(rig);
	ck_assert_int_gt(sm_ruleset_add_builtin(rig->rules), 0);
}

/* 0, or what the job failed with. */
static inline int rig_try(struct rig *rig, struct smi_span text)
{
	struct rig_source *src;
	void *stage;
	sm_job *job;
	int r = sm_ruleset_freeze(rig->rules);

	if (r < 0)
		return r;
	rig->o.rules = rig->rules;
	src = smi_zalloc(sizeof(*src));
	if (!src)
		return -ENOMEM;
	src->text = text;
	r = smi_job_new(rig->ctx, &rig_ops, src, &job);
	if (r < 0)
		return r;
	r = smi_detect_log_new(rig->ctx, &rig->o, &stage);
	if (r == 0)
		r = smi_job_add_stage(job, &smi_detect_log_ops, stage);
	if (r == 0)
		r = sm_job_run(job, rig_collect, rig);
	sm_job_free(job);
	return r;
}

static inline void rig_run(struct rig *rig, const char *text)
{
	ck_assert_int_eq(rig_try(rig, smi_span_str(text)), 0);
}

static inline void rig_clear(struct rig *rig)
{
	for (size_t i = 0; i < rig->events.n; i++)
		sm_record_unref(rig->events.v[i]);
	for (size_t i = 0; i < rig->findings.n; i++)
		sm_record_unref(rig->findings.v[i]);
	for (size_t i = 0; i < rig->notices.n; i++)
		sm_record_unref(rig->notices.v[i]);
	smi_vec_free(&rig->events);
	smi_vec_free(&rig->findings);
	smi_vec_free(&rig->notices);
}

static inline void rig_done(struct rig *rig)
{
	rig_clear(rig);
	sm_ruleset_unref(rig->rules);
	sm_ctx_unref(rig->ctx);
}

static inline const sm_finding *rig_finding(const struct rig *rig, size_t i)
{
	return i < rig->findings.n ? sm_record_finding(rig->findings.v[i])
				   : NULL;
}

static inline const sm_logevent *rig_event(const struct rig *rig, size_t i)
{
	return i < rig->events.n ? sm_record_logevent(rig->events.v[i]) : NULL;
}

/* The finding of a kind, which there is once at most. */
static inline const sm_finding *rig_kind(const struct rig *rig,
					 const char *kind)
{
	const sm_finding *found = NULL;

	for (size_t i = 0; i < rig->findings.n; i++) {
		const sm_finding *f = rig_finding(rig, i);

		if (strcmp(sm_finding_kind(f), kind) != 0)
			continue;
		ck_assert_ptr_null(found);
		found = f;
	}
	return found;
}

/* "2026-08-04T10:00:00Z web PROGRAM[7]: " and the time in seconds after. */
static inline void rig_line(struct smi_buf *b, int seconds, const char *program,
			    const char *fmt, ...) SMI_PRINTF(4, 5);
static inline void rig_line(struct smi_buf *b, int seconds, const char *program,
			    const char *fmt, ...)
{
	char stamp[SMI_TIME_STRLEN];
	va_list ap;

	smi_time_format((INT64_C(1785837600) + seconds) * SMI_SEC, stamp);
	smi_buf_printf(b, "%s web %s[7]: ", stamp, program);
	va_start(ap, fmt);
	smi_buf_vprintf(b, fmt, ap);
	va_end(ap);
	smi_buf_char(b, '\n');
}

#endif
