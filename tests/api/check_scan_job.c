/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysmon/sysmon.h>
#include <time.h>
#include <unistd.h>

#include "net.h"
#include "scan-rig.h"

START_TEST(what_a_callback_gives_ends_the_scan)
{
	struct seen *s = new_seen();
	int before = net_count_fds();

	s->stop_after = 3;
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, threads[_i]), 0);
	set("127.0.0.1", "1-1000", SM_SCAN_SHOW_ALL);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, see, s), 7);
	ck_assert_uint_eq(s->ports, 3);
	ck_assert_int_eq(net_count_fds(), before);
	free(s);
}
END_TEST

/* 192.0.2.1 (RFC 5737) answers nobody; without a route it is told at once, so
 * these scans are held by their rate. */
static sm_job *slow_job(uint32_t n)
{
	sm_job *job = NULL;

	ck_assert_int_eq(sm_scan_opts_set_threads(opts, n), 0);
	set("127.0.0.1", "1-60000", SM_SCAN_SHOW_OPEN);
	ck_assert_int_eq(sm_scan_opts_set_rate_pps(opts, 10), 0);
	ck_assert_int_eq(sm_job_new_scan(ctx, opts, &job), 0);
	return job;
}

static void *cancel_soon(void *job)
{
	struct timespec t = { .tv_nsec = 20000000 };

	nanosleep(&t, NULL);
	sm_job_cancel(job);
	return NULL;
}

START_TEST(another_thread_can_cancel)
{
	struct seen *s = new_seen();
	sm_job *job = slow_job(threads[_i]);
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, job), 0);
	ck_assert_int_eq(sm_job_run(job, see, s), -ECANCELED);
	pthread_join(thread, NULL);
	sm_job_free(job);
	free(s);
}
END_TEST

static int cancel_at_once(const sm_event *ev, void *user)
{
	(void)ev;
	sm_job_cancel(user);
	return SM_CONTINUE;
}

START_TEST(the_callback_can_cancel)
{
	sm_job *job = slow_job(threads[_i]);

	ck_assert_int_eq(sm_job_run(job, cancel_at_once, job), -ECANCELED);
	sm_job_free(job);
}
END_TEST

/* Events are told until there is nothing but to wait. */
static int go_on(sm_job *job)
{
	const sm_event *ev;
	int r;

	do
		r = sm_job_next(job, &ev);
	while (r == 1);
	return r;
}

START_TEST(a_forked_child_can_only_free)
{
	sm_job *job = slow_job(threads[_i]);
	const sm_event *ev;
	int status;
	pid_t pid;

	ck_assert_int_eq(go_on(job), -EAGAIN);
	pid = fork();
	if (pid == 0) {
		int r = sm_job_next(job, &ev);

		sm_job_free(job);
		_exit(r == -EBUSY ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	/* The parent's goes on. */
	ck_assert_int_eq(go_on(job), -EAGAIN);
	sm_job_free(job);
}
END_TEST

START_TEST(a_rate_is_not_exceeded)
{
	struct seen *s = new_seen();
	struct timespec a, b;
	double took;

	set("127.0.0.1", "1-300", SM_SCAN_SHOW_ALL);
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, threads[_i]), 0);
	ck_assert_int_eq(sm_scan_opts_set_rate_pps(opts, 2000), 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	run(s);
	clock_gettime(CLOCK_MONOTONIC, &b);
	took = (double)(b.tv_sec - a.tv_sec) +
	       (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	ck_assert_uint_eq(s->ports, 300);
	/* 300 probes, and 10 ms of them at once, of each thread one at least:
	 * however slow the machine. */
	ck_assert_double_ge(took, 0.135);
	free(s);
}
END_TEST

/* Some events of a job, not all, so that the other has its turn. */
static bool finished(sm_job *job, struct seen *s)
{
	const sm_event *ev;
	int r = 1;

	for (int i = 0; i < 100 && r == 1; i++) {
		r = sm_job_next(job, &ev);
		if (r == 1)
			see(ev, s);
	}
	ck_assert(r == 0 || r == 1 || r == -EAGAIN);
	return r == 0;
}

START_TEST(two_scans_in_one_loop_do_not_mix)
{
	struct seen *s[2] = { new_seen(), new_seen() };
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	uint16_t port[2] = { 0, 0 };
	int fds[2], left = 2;
	sm_job *job[2];

	fds[0] = net_listen("127.0.0.2", &port[0]);
	fds[1] = net_listen("127.0.0.3", &port[1]);
	ck_assert(fds[0] >= 0 && fds[1] >= 0);
	for (int i = 0; i < 2; i++) {
		if (i) {
			sm_scan_opts_free(opts);
			ck_assert_int_eq(sm_scan_opts_new(ctx, &opts), 0);
		}
		set(i ? "127.0.0.3" : "127.0.0.2", "30000-65535",
		    SM_SCAN_SHOW_ALL);
		ck_assert_int_eq(sm_job_new_scan(ctx, opts, &job[i]), 0);
		p[i].fd = sm_job_fd(job[i]);
	}
	while (left) {
		ck_assert_int_gt(poll(p, 2, 10000), 0);
		for (int i = 0; i < 2; i++) {
			if (!p[i].revents || !finished(job[i], s[i]))
				continue;
			p[i].fd = -1;
			left--;
		}
	}
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(s[i]->ports, 35536);
		ck_assert_int_eq(s[i]->state[port[i]], SM_PORT_OPEN);
		sm_job_free(job[i]);
		close(fds[i]);
		free(s[i]);
	}
}
END_TEST

static void on_alarm(int sig)
{
	(void)sig;
}

START_TEST(a_storm_of_signals_changes_nothing)
{
	struct sigaction act = { .sa_handler = on_alarm };
	struct seen *s = new_seen();
	struct itimerspec often = { { 0, 200000 }, { 0, 200000 } };
	timer_t timer;

	ck_assert_int_eq(sigaction(SIGALRM, &act, NULL), 0);
	ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	ck_assert_int_eq(timer_settime(timer, 0, &often, NULL), 0);
	set("127.0.0.1", "1-5000", SM_SCAN_SHOW_ALL);
	run(s);
	timer_delete(timer);
	ck_assert_uint_eq(s->ports, 5000);
	ck_assert_uint_eq(s->filtered, 0);
	free(s);
}
END_TEST

static Suite *job_suite(void)
{
	Suite *s = suite_create("scan-job");
	TCase *tc = tcase_create("scan-job"), *self = tcase_create("self");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, what_a_callback_gives_ends_the_scan, 0, 3);
	tcase_add_loop_test(tc, another_thread_can_cancel, 0, 3);
	tcase_add_loop_test(tc, the_callback_can_cancel, 0, 3);
	tcase_add_loop_test(tc, a_rate_is_not_exceeded, 0, 3);
	tcase_add_test(tc, two_scans_in_one_loop_do_not_mix);
	tcase_add_test(tc, a_storm_of_signals_changes_nothing);
	/* A child has the memory of threads that it has not, which valgrind tells. */
	tcase_add_loop_test(self, a_forked_child_can_only_free, 0, 3);
	tcase_add_checked_fixture(self, setup, teardown);
	tcase_set_tags(self, "self");
	suite_add_tcase(s, tc);
	suite_add_tcase(s, self);
	return s;
}

int main(void)
{
	SRunner *run_all = srunner_create(job_suite());
	int failed;

	srunner_run_all(run_all, CK_ENV);
	failed = srunner_ntests_failed(run_all);
	srunner_free(run_all);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
