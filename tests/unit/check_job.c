/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/job.h"
#include "fail-alloc.h"
#include "record/build.h"

/* A source that counts to n, one record a number, then ends as it is told. */
struct counter {
	int i, n, end;
	bool waits; /* once, for its pipe */
	int pipe[2];
	bool *freed;
};

static int counter_start(void *src, struct smi_out *out)
{
	struct counter *c = src;

	return c->waits ? smi_out_watch(out, c->pipe[0]) : 0;
}

static int counter_step(void *src, struct smi_out *out)
{
	struct counter *c = src;
	sm_record *r;
	char byte;

	if (c->i == c->n)
		return c->end;
	if (c->waits && read(c->pipe[0], &byte, 1) != 1)
		return -EAGAIN;
	r = smi_rec_new(smi_out_arena(out), SM_KIND_PROCESS);
	smi_set_int(r, SMI_PROC_PID, ++c->i);
	return smi_out_record(out, r) < 0 ? -ENOMEM : 1;
}

static void counter_free(void *src)
{
	struct counter *c = src;

	if (c->freed)
		*c->freed = true;
	if (c->waits) {
		close(c->pipe[0]);
		close(c->pipe[1]);
	}
	free(c);
}

static const struct smi_source_ops counter_ops = {
	.name = "counter",
	.start = counter_start,
	.step = counter_step,
	.free = counter_free,
};

/* A stage that makes one finding at the end: how many it saw. */
static int tally_record(void *stage, const sm_record *rec, struct smi_out *out)
{
	(void)rec;
	(void)out;
	++*(int *)stage;
	return 0;
}

static int tally_flush(void *stage, struct smi_out *out)
{
	sm_record *r = smi_rec_new(smi_out_arena(out), SM_KIND_FINDING);

	smi_set_int(r, SMI_FINDING_COUNT, *(int *)stage);
	return smi_out_finding(out, r);
}

static const struct smi_stage_ops tally_ops = {
	.record = tally_record,
	.flush = tally_flush,
	.free = free,
};

static sm_ctx *ctx;

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
}

static void teardown(void)
{
	sm_ctx_unref(ctx);
}

static struct counter *make_counter(int n, int end)
{
	struct counter *c = calloc(1, sizeof(*c));

	c->n = n;
	c->end = end;
	return c;
}

static sm_job *make_job(struct counter *c)
{
	sm_job *job = NULL;

	ck_assert_int_eq(smi_job_new(ctx, &counter_ops, c, &job), 0);
	ck_assert_int_eq(
		smi_job_add_stage(job, &tally_ops, calloc(1, sizeof(int))), 0);
	return job;
}

struct seen {
	int records, findings, tally, stop_at, stop_with;
	sm_job *job;
	int inner;
};

static int note(const sm_event *ev, void *user)
{
	struct seen *s = user;
	const sm_record *r = sm_event_record(ev);

	if (s->job) {
		const sm_event *other;

		s->inner = sm_job_next(s->job, &other);
		sm_job_free(s->job);
	}
	if (sm_event_kind(ev) == SM_EVENT_FINDING) {
		s->findings++;
		s->tally = (int)sm_finding_count(sm_record_finding(r));
		return 0;
	}
	s->records++;
	return s->records == s->stop_at ? s->stop_with : 0;
}

START_TEST(a_job_gives_every_record_and_then_what_the_stages_conclude)
{
	struct seen s = { 0 };
	sm_job *job = make_job(make_counter(1000, 0));

	ck_assert_int_eq(sm_job_run(job, note, &s), 0);
	ck_assert_int_eq(s.records, 1000);
	ck_assert_int_eq(s.findings, 1);
	ck_assert_int_eq(s.tally, 1000);
	sm_job_free(job);
}
END_TEST

START_TEST(a_failure_comes_after_all_that_was_seen)
{
	struct seen s = { 0 };
	sm_job *job = make_job(make_counter(3, -EXDEV));

	smi_fail(ctx, -EIO, "the disk is gone");
	ck_assert_int_eq(sm_job_run(job, note, &s), -EIO);
	ck_assert_int_eq(s.records, 3);
	ck_assert_int_eq(s.findings, 1);
	smi_fail(ctx, -EINVAL, "something else");
	ck_assert_int_eq(sm_job_run(job, note, &s), -EIO);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "the disk is gone");
	sm_job_free(job);
}
END_TEST

START_TEST(a_callback_result_stops_the_work_at_once_and_is_returned)
{
	struct seen s = { .stop_at = 2, .stop_with = 42 };
	sm_job *job = make_job(make_counter(10, 0));

	ck_assert_int_eq(sm_job_run(job, note, &s), 42);
	ck_assert_int_eq(s.records, 2);
	sm_job_free(job);
}
END_TEST

START_TEST(a_job_refuses_to_be_used_from_its_own_callback)
{
	struct seen s = { 0 };
	sm_job *job = make_job(make_counter(1, 0));

	s.job = job;
	ck_assert_int_eq(sm_job_run(job, note, &s), 0);
	ck_assert_int_eq(s.inner, -EBUSY);
	sm_job_free(job);
}
END_TEST

static bool readable(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1;
}

START_TEST(the_descriptor_is_readable_only_when_there_is_something_to_do)
{
	struct counter *c = make_counter(1, 0);
	const sm_event *ev;
	sm_job *job;

	c->waits = true;
	ck_assert_int_eq(pipe2(c->pipe, O_CLOEXEC | O_NONBLOCK), 0);
	job = make_job(c);
	ck_assert(readable(sm_job_fd(job), 0));
	ck_assert_int_eq(sm_job_next(job, &ev), -EAGAIN);
	ck_assert(!readable(sm_job_fd(job), 0));
	ck_assert_int_eq(write(c->pipe[1], "x", 1), 1);
	ck_assert(readable(sm_job_fd(job), 0));
	ck_assert_int_eq(sm_job_next(job, &ev), 1);
	ck_assert(readable(sm_job_fd(job), 0));
	ck_assert_int_eq(sm_job_next(job, &ev), 1);
	ck_assert_int_eq(sm_event_kind(ev), SM_EVENT_FINDING);
	ck_assert_int_eq(sm_job_next(job, &ev), 0);
	ck_assert_int_eq(sm_job_next(job, &ev), 0);
	sm_job_free(job);
}
END_TEST

static void *cancel_it(void *job)
{
	sm_job_cancel(job);
	return NULL;
}

START_TEST(cancel_from_another_thread_wakes_a_blocked_run_and_loses_nothing)
{
	struct counter *c = make_counter(1, 0);
	struct seen s = { 0 };
	pthread_t thread;
	sm_job *job;

	c->waits = true;
	ck_assert_int_eq(pipe2(c->pipe, O_CLOEXEC | O_NONBLOCK), 0);
	job = make_job(c);
	ck_assert_int_eq(pthread_create(&thread, NULL, cancel_it, job), 0);
	ck_assert_int_eq(sm_job_run(job, note, &s), -ECANCELED);
	ck_assert_int_eq(s.findings, 1);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(sm_job_run(job, note, &s), -ECANCELED);
	ck_assert_int_eq(s.findings, 1);
	sm_job_free(job);
}
END_TEST

static int cancel_in_callback(const sm_event *ev, void *user)
{
	(void)ev;
	sm_job_cancel(user);
	return 0;
}

START_TEST(cancel_from_the_callback_ends_the_job)
{
	sm_job *job = make_job(make_counter(100000, 0));

	ck_assert_int_eq(sm_job_run(job, cancel_in_callback, job), -ECANCELED);
	sm_job_free(job);
}
END_TEST

START_TEST(a_forked_child_may_only_free_and_the_parent_goes_on)
{
	sm_job *job = make_job(make_counter(500, 0));
	struct seen s = { 0 };
	const sm_event *ev;
	int status;
	pid_t pid;

	ck_assert_int_eq(sm_job_next(job, &ev), 1);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		bool busy = sm_job_next(job, &ev) == -EBUSY &&
			    sm_job_run(job, note, &s) == -EBUSY;

		sm_job_cancel(job);
		sm_job_free(job);
		_exit(busy ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(sm_job_run(job, note, &s), 0);
	ck_assert_int_eq(s.records, 499);
	sm_job_free(job);
}
END_TEST

/* Sets an alarm, sleeps until it goes off, and ends. */
struct sleeper {
	int steps;
	int64_t until;
};

static int sleeper_start(void *src, struct smi_out *out)
{
	struct sleeper *s = src;

	s->until = smi_now_mono(smi_out_ctx(out)) + 20 * SMI_MSEC;
	return smi_out_alarm(out, s->until);
}

static int sleeper_step(void *src, struct smi_out *out)
{
	struct sleeper *s = src;

	s->steps++;
	return smi_now_mono(smi_out_ctx(out)) < s->until ? -EAGAIN : 0;
}

static const struct smi_source_ops sleeper_ops = {
	.name = "sleeper",
	.start = sleeper_start,
	.step = sleeper_step,
	.free = free,
};

START_TEST(an_alarm_wakes_the_job_without_spinning)
{
	struct sleeper *sleeper = calloc(1, sizeof(*sleeper));
	struct seen s = { 0 };
	sm_job *job;

	ck_assert_int_eq(smi_job_new(ctx, &sleeper_ops, sleeper, &job), 0);
	ck_assert_int_eq(sm_job_run(job, note, &s), 0);
	ck_assert_int_le(sleeper->steps, 4);
	sm_job_free(job);
}
END_TEST

/* Tells one notice and ends. */
static int notice_step(void *src, struct smi_out *out)
{
	static const char *const args[] = { "lines", "3" };

	(void)src;
	return smi_out_notice(out, ENOENT, "/var/log/\x1b[2J",
			      "{source}: {lines} lines left out: {errno}", args,
			      2);
}

static const struct smi_source_ops notice_ops = {
	.name = "notice",
	.start = counter_start,
	.step = notice_step,
	.free = counter_free,
};

START_TEST(a_notice_has_its_sentence_filled_in_and_nothing_raw)
{
	const sm_event *ev;
	const sm_notice *n;
	sm_job *job;

	ck_assert_int_eq(
		smi_job_new(ctx, &notice_ops, make_counter(0, 0), &job), 0);
	ck_assert_int_eq(sm_job_next(job, &ev), 1);
	ck_assert_int_eq(sm_event_kind(ev), SM_EVENT_NOTICE);
	n = sm_record_notice(sm_event_record(ev));
	ck_assert_str_eq(sm_notice_text(n),
			 "/var/log/\\x1b[2J: 3 lines left out: "
			 "No such file or directory");
	ck_assert_str_eq(sm_notice_source(n), "/var/log/\\x1b[2J");
	ck_assert_int_eq(sm_notice_errno(n), ENOENT);
	sm_job_free(job);
}
END_TEST

static int run_all(void)
{
	struct seen s = { 0 };
	sm_job *job = NULL;
	int *stage, r;

	r = smi_job_new(ctx, &counter_ops, make_counter(300, 0), &job);
	if (r < 0)
		return r;
	stage = calloc(1, sizeof(*stage));
	r = smi_job_add_stage(job, &tally_ops, stage);
	if (r == 0)
		r = sm_job_run(job, note, &s);
	if (r == 0)
		ck_assert_int_eq(s.records, 300);
	sm_job_free(job);
	return r;
}

START_TEST(out_of_memory_anywhere_is_an_error_and_the_job_can_be_freed)
{
	for (int n = 1;; n++) {
		int r;

		if (_i)
			fail_alloc_from(n);
		else
			fail_alloc_at(n);
		r = run_all();
		fail_alloc_off();
		if (r == 0) {
			ck_assert_int_gt(n, 3);
			return;
		}
		ck_assert_int_eq(r, -ENOMEM);
		ck_assert_str_eq(sm_ctx_errmsg(ctx), "not enough memory");
	}
}
END_TEST

START_TEST(the_source_is_freed_with_the_job_even_if_it_never_ran)
{
	struct counter *c = make_counter(1, 0);
	bool freed = false;

	c->freed = &freed;
	sm_job_free(make_job(c));
	ck_assert(freed);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("job");
	TCase *tc = tcase_create("job");
	SRunner *run = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc, a_job_gives_every_record_and_then_what_the_stages_conclude);
	tcase_add_test(tc, a_failure_comes_after_all_that_was_seen);
	tcase_add_test(
		tc, a_callback_result_stops_the_work_at_once_and_is_returned);
	tcase_add_test(tc, a_job_refuses_to_be_used_from_its_own_callback);
	tcase_add_test(
		tc,
		the_descriptor_is_readable_only_when_there_is_something_to_do);
	tcase_add_test(
		tc,
		cancel_from_another_thread_wakes_a_blocked_run_and_loses_nothing);
	tcase_add_test(tc, cancel_from_the_callback_ends_the_job);
	tcase_add_test(tc, a_forked_child_may_only_free_and_the_parent_goes_on);
	tcase_add_test(tc, an_alarm_wakes_the_job_without_spinning);
	tcase_add_test(tc, a_notice_has_its_sentence_filled_in_and_nothing_raw);
	tcase_add_loop_test(
		tc, out_of_memory_anywhere_is_an_error_and_the_job_can_be_freed,
		0, 2);
	tcase_add_test(tc,
		       the_source_is_freed_with_the_job_even_if_it_never_ran);
	suite_add_tcase(s, tc);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
