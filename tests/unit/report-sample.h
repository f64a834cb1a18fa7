/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REPORT_SAMPLE_H
#define TESTS_REPORT_SAMPLE_H

#include "core/ctx.h"
#include "record/build.h"
#include "report/report.h"

/* Made-up records of an invented machine; all of them lie in the arena. */
sm_record *sample_port(struct smi_arena *a, const char *address, int number,
		       const char *state);
sm_record *sample_process(struct smi_arena *a, int pid, const char *name,
			  double cpu);
sm_record *sample_event(struct smi_arena *a, int number, const char *user);
/* Rests on one event. */
sm_record *sample_finding(struct smi_arena *a, const char *id, int severity,
			  const char *title);
sm_record *sample_notice(struct smi_arena *a, const char *text);
sm_record *sample_coverage(struct smi_arena *a, const char *source, int lines);

/* As a job would tell it. */
int sample_tell(sm_event_fn fn, void *user, const sm_record *rec);
/* The first failure of fn. */
int sample_tell_all(struct smi_arena *a, sm_event_fn fn, void *user);

/* Options with a fixed time; a context whose machine is tests/data/golden/root. */
sm_report_opts *sample_opts(sm_ctx *ctx);
sm_ctx *sample_ctx(void);

/* The report in a format: a string that the caller frees. */
char *sample_write(const sm_report *r, int format, const sm_report_opts *o);
/* An sm_write_fn: adds to a struct smi_buf. */
int sample_keep(const void *data, size_t len, void *buf);

#endif
