/* SPDX-License-Identifier: MIT */
#include "log-told.h"

/* Until the first event is told: the logs are open then. */
static sm_job *begin(struct told *t)
{
	const sm_event *ev;
	sm_job *job;

	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), 0);
	ck_assert_int_eq(sm_job_next(job, &ev), 1);
	take(ev, t);
	return job;
}

START_TEST(a_log_that_is_rotated_while_it_is_read_is_read_once)
{
	struct told t = { 0 };
	sm_job *job;

	write_log("auth.log.1", 6, "\n");
	write_log("auth.log", 40, "\n");
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log.1"), 0);
	job = begin(&t);
	ck_assert_int_eq(rename("auth.log.1", "auth.log.2"), 0);
	ck_assert_int_eq(rename("auth.log", "auth.log.1"), 0);
	write_log("auth.log", 3, "\n");
	ck_assert_int_eq(sm_job_run(job, take, &t), 0);
	ck_assert_int_eq(t.failures, 46);
	ck_assert_int_eq(t.coverages, 2);
	sm_job_free(job);
}
END_TEST

START_TEST(a_log_that_is_cut_while_it_is_read_ends_there)
{
	struct told t = { 0 };
	sm_job *job;
	FILE *f;

	/* More than one block, so that some is left to be cut. */
	f = fopen("auth.log", "w");
	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 20000; i++)
		fputs("Aug  4 10:00:00 web sshd[1]: Failed password for root "
		      "from 203.0.113.9 port 5 ssh2\n",
		      f);
	fclose(f);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	job = begin(&t);
	ck_assert_int_eq(truncate("auth.log", 0), 0);
	ck_assert_int_eq(sm_job_run(job, take, &t), 0);
	ck_assert_int_gt(t.failures, 100);
	ck_assert_int_lt(t.failures, 20000);
	ck_assert_int_eq(t.coverages, 1);
	/* A part was never seen: that is no clean end. */
	ck_assert_ptr_nonnull(strstr(t.loss, "auth.log was cut while"));
	sm_job_free(job);
}
END_TEST

START_TEST(a_followed_log_tells_more_until_it_is_cancelled)
{
	struct told t = { 0 };
	const sm_event *ev;
	sm_job *job;
	FILE *f;
	int r;

	write_log("auth.log", 2, "\n");
	ck_assert_int_eq(sm_log_opts_set_follow(opts, 1), 0);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), 0);
	while ((r = sm_job_next(job, &ev)) == 1)
		take(ev, &t);
	ck_assert_int_eq(r, -EAGAIN);
	ck_assert_int_eq(t.failures, 2);
	ck_assert_int_eq(t.coverages, 0);
	f = fopen("auth.log", "a");
	fputs("Aug  4 10:31:00 web sshd[1]: Failed password for root from "
	      "203.0.113.9 port 5 ssh2\n",
	      f);
	fclose(f);
	while ((r = sm_job_next(job, &ev)) == 1)
		take(ev, &t);
	ck_assert_int_eq(r, -EAGAIN);
	ck_assert_int_eq(t.failures, 3);
	sm_job_cancel(job);
	ck_assert_int_eq(sm_job_run(job, take, &t), -ECANCELED);
	ck_assert_int_eq(t.coverages, 1);
	sm_job_free(job);
}
END_TEST

static void append(const char *name, const char *minute_second)
{
	FILE *f = fopen(name, "a");

	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"Aug  4 10:%s web sshd[1]: Failed password for root from "
		"203.0.113.9 port 5 ssh2\n",
		minute_second);
	ck_assert_int_eq(fclose(f), 0);
}

struct episode {
	int n, state;
	char id[40];
	uint64_t count;
};

static int take_episode(const sm_event *ev, void *user)
{
	const sm_finding *f = sm_record_finding(sm_event_record(ev));
	struct episode *e = user;

	if (!f)
		return SM_CONTINUE;
	/* All are the same one. */
	if (e->n++)
		ck_assert_str_eq(sm_record_id(sm_event_record(ev)), e->id);
	copy(e->id, sizeof(e->id), sm_record_id(sm_event_record(ev)));
	e->state = sm_finding_state(f);
	e->count = sm_finding_count(f);
	return SM_CONTINUE;
}

static void drain(sm_job *job, struct episode *e)
{
	const sm_event *ev;
	int r;

	while ((r = sm_job_next(job, &ev)) == 1)
		take_episode(ev, e);
	ck_assert_int_eq(r, -EAGAIN);
}

START_TEST(a_followed_attack_is_told_when_it_opens_and_when_it_closes)
{
	struct episode e = { 0 };
	sm_job *job;

	write_log("auth.log", 0, "\n");
	ck_assert_int_eq(sm_log_opts_set_follow(opts, 1), 0);
	ck_assert_int_eq(sm_log_opts_set_threshold(opts, "brute_force", 5, 1),
			 0);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), 0);
	for (int i = 0; i < 4; i++)
		append("auth.log", "40:00");
	drain(job, &e);
	ck_assert_int_eq(e.n, 0);
	append("auth.log", "40:00");
	drain(job, &e);
	ck_assert_int_eq(e.n, 1);
	ck_assert_int_eq(e.state, SM_FINDING_OPEN);
	ck_assert_uint_eq(e.count, 5);
	append("auth.log", "40:01");
	drain(job, &e);
	ck_assert_int_eq(e.n, 1);
	/* Nothing else comes; its window of a second passes. */
	for (int i = 0; i < 20 && e.n == 1; i++) {
		struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };

		ck_assert_int_eq(poll(&p, 1, 10000), 1);
		drain(job, &e);
	}
	ck_assert_int_eq(e.n, 2);
	ck_assert_int_eq(e.state, SM_FINDING_CLOSED);
	ck_assert_uint_eq(e.count, 6);
	sm_job_free(job);
}
END_TEST

START_TEST(a_followed_attack_that_goes_on_is_told_once_more_at_the_end)
{
	struct episode e = { 0 };
	sm_job *job;

	write_log("auth.log", 0, "\n");
	ck_assert_int_eq(sm_log_opts_set_follow(opts, 1), 0);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), 0);
	for (int i = 0; i < 7; i++)
		append("auth.log", "40:00");
	drain(job, &e);
	ck_assert_int_eq(e.n, 1);
	sm_job_cancel(job);
	ck_assert_int_eq(sm_job_run(job, take_episode, &e), -ECANCELED);
	ck_assert_int_eq(e.n, 2);
	ck_assert_int_eq(e.state, SM_FINDING_OPEN);
	ck_assert_uint_eq(e.count, 7);
	sm_job_free(job);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log_growing");
	TCase *tc = tcase_create("growing");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_log_that_is_rotated_while_it_is_read_is_read_once);
	tcase_add_test(tc, a_log_that_is_cut_while_it_is_read_ends_there);
	tcase_add_test(tc, a_followed_log_tells_more_until_it_is_cancelled);
	tcase_add_test(
		tc, a_followed_attack_is_told_when_it_opens_and_when_it_closes);
	tcase_add_test(
		tc,
		a_followed_attack_that_goes_on_is_told_once_more_at_the_end);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
