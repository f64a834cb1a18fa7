/* SPDX-License-Identifier: MIT */
#include "log-sources.h"

#include <dirent.h>
#include <signal.h>

static const sm_event *next_event(sm_job *job)
{
	const sm_event *ev = NULL;
	int r;

	while ((r = sm_job_next(job, &ev)) == -EAGAIN)
		;
	return r == 1 ? ev : NULL;
}

static sm_job *start(const struct sources *s, uint32_t threads)
{
	sm_log_opts *o = new_opts(s, threads);
	sm_job *job;

	ck_assert_int_eq(sm_job_new_log(ctx, o, &job), 0);
	sm_log_opts_free(o);
	return job;
}

/* Signals that each of the other threads blocks; how many there are. */
static int other_threads(uint64_t *blocked)
{
	struct dirent **names;
	int n = scandir("/proc/self/task", &names, NULL, alphasort), others = 0;

	*blocked = UINT64_MAX;
	for (int i = 0; i < n; i++) {
		char path[300], line[256];
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status",
			 names[i]->d_name);
		f = atoi(names[i]->d_name) && atoi(names[i]->d_name) != getpid()
			    ? fopen(path, "r")
			    : NULL;
		others += f != NULL;
		while (f && fgets(line, sizeof(line), f))
			if (!strncmp(line, "SigBlk:", 7))
				*blocked &= strtoull(line + 7, NULL, 16);
		if (f)
			fclose(f);
		free(names[i]);
	}
	free(names);
	return others;
}

START_TEST(threads_are_as_many_as_asked_for_and_take_no_signal)
{
	struct sources s = { .files = { "auth.log" } };
	uint64_t blocked;
	int before = other_threads(&blocked);
	sm_job *job;

	write_failures("auth.log", 0, LINES);
	job = start(&s, 1);
	ck_assert_ptr_nonnull(next_event(job));
	ck_assert_int_eq(other_threads(&blocked), before);
	sm_job_free(job);
	job = start(&s, 4);
	ck_assert_int_eq(other_threads(&blocked), before);
	ck_assert_ptr_nonnull(next_event(job));
	ck_assert_int_eq(other_threads(&blocked), before + 3);
	if (!before) {
		ck_assert_uint_ne(blocked >> (SIGINT - 1) & 1, 0);
		ck_assert_uint_ne(blocked >> (SIGTERM - 1) & 1, 0);
		ck_assert_uint_ne(blocked >> (SIGUSR1 - 1) & 1, 0);
	}
	sm_job_free(job);
	ck_assert_int_eq(other_threads(&blocked), before);
}
END_TEST

START_TEST(a_job_can_be_freed_and_cancelled_at_any_moment)
{
	struct sources s = { .files = { "auth.log" } };
	uint64_t ignored;
	int before = other_threads(&ignored);

	write_failures("auth.log", 0, LINES);
	for (int events = 0; events < 2000; events += 1 + events / 2) {
		struct told t = { .stop_after = events };
		sm_job *job = start(&s, 3);

		if (events)
			ck_assert_int_eq(sm_job_run(job, take, &t), 42);
		sm_job_free(job);
		job = start(&s, 3);
		if (events)
			ck_assert_int_eq(sm_job_run(job, take, &t), 42);
		sm_job_cancel(job);
		t = (struct told){ 0 };
		ck_assert_int_eq(sm_job_run(job, take, &t), -ECANCELED);
		ck_assert_int_eq(t.coverages, events != 0);
		sm_job_free(job);
	}
	ck_assert_int_eq(other_threads(&ignored), before);
}
END_TEST

START_TEST(a_forked_child_can_free_a_job_with_threads)
{
	struct sources s = { .files = { "auth.log" } };
	struct told t = { 0 };
	int failures = 0;
	sm_job *job;

	write_failures("auth.log", 0, LINES);
	job = start(&s, 4);
	for (int i = 0; i < 20; i++) {
		pid_t child;
		int status;

		ck_assert_ptr_nonnull(next_event(job));
		failures++;
		child = fork();
		if (!child) {
			const sm_event *ev;

			alarm(20);
			if (sm_job_next(job, &ev) != -EBUSY)
				_exit(1);
			sm_job_free(job);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(sm_job_run(job, take, &t), 0);
	ck_assert_int_gt(t.failures, LINES - failures - 1);
	sm_job_free(job);
}
END_TEST

START_TEST(numbers_of_threads_that_make_no_sense_are_refused)
{
	sm_job *job;

	ck_assert_int_eq(sm_log_opts_set_threads(NULL, 2), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_threads(opts, 1), 0);
	ck_assert_int_eq(sm_log_opts_set_threads(opts, 64), 0);
	ck_assert_int_eq(sm_log_opts_set_threads(opts, _i ? 65 : 0), -ERANGE);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), -ERANGE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log threads");
	TCase *tc = tcase_create("log threads"), *self = tcase_create("self");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_checked_fixture(self, setup, teardown);
	tcase_set_tags(self, "self");
	tcase_set_timeout(tc, 60);
	tcase_set_timeout(self, 60);
	tcase_add_test(tc, a_job_can_be_freed_and_cancelled_at_any_moment);
	tcase_add_test(tc, a_forked_child_can_free_a_job_with_threads);
	tcase_add_loop_test(
		tc, numbers_of_threads_that_make_no_sense_are_refused, 0, 2);
	tcase_add_test(self,
		       threads_are_as_many_as_asked_for_and_take_no_signal);
	suite_add_tcase(s, tc);
	suite_add_tcase(s, self);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
