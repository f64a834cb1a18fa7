/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FOLLOW_RIG_H
#define TESTS_FOLLOW_RIG_H

#include <poll.h>

#include "log-rig.h"

/* A job that follows logs of the test's directory. */
static sm_job *job;
static struct seen seen;

static inline void follow_files(const char *a, const char *b)
{
	struct smi_log_from from[] = { { SMI_LOG_FILE, a, -1 },
				       { SMI_LOG_FILE, b, -1 } };
	struct smi_log_source_opts o = opts_of(from, b ? 2 : 1);
	void *src;

	o.follow = true;
	if (smi_log_source_new(ctx, &o, &src) == 0)
		(void)smi_job_new(ctx, &smi_log_source_ops, src, &job);
}

static inline void follow_setup(void)
{
	setup();
	seen = (struct seen){ 0 };
	job = NULL;
}

static inline void follow_teardown(void)
{
	sm_job_free(job);
	seen_free(&seen);
	teardown();
}

/* Whether the job's descriptor says that there is something to do. */
static inline bool wakes(int ms)
{
	struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

/* All that there is until the job waits; gives how it ended. */
static inline int go_on(void)
{
	const sm_event *ev;
	int r;

	while ((r = sm_job_next(job, &ev)) == 1)
		collect(ev, &seen);
	return r;
}

/* The messages alone, each with a space. */
static inline const char *messages(void)
{
	static struct smi_buf b;
	struct smi_span rest = smi_buf_span(&seen.lines), line;

	smi_buf_clear(&b);
	while (smi_span_split(&rest, '\n', &line)) {
		for (int i = 0; i < 2; i++)
			line = smi_span_skip(line,
					     smi_span_find(line, ' ') + 1);
		smi_buf_span_add(&b, line);
		smi_buf_char(&b, ' ');
	}
	return text_of(&b);
}

/* Woken by what was just done, the job has exactly this to tell in all. */
static inline void gives(const char *want)
{
	ck_assert(wakes(5000));
	ck_assert_int_eq(go_on(), -EAGAIN);
	ck_assert_str_eq(messages(), want);
}

static inline void stop(const char *want)
{
	sm_job_cancel(job);
	ck_assert_int_eq(go_on(), -ECANCELED);
	ck_assert_str_eq(messages(), want);
}

#define LINE(text) "Aug  4 10:00:01 web a: " text

#endif
