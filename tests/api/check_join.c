/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#include "nomem.h"

static sm_ctx *ctx;

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
}

static void teardown(void)
{
	sm_ctx_unref(ctx);
}

/* Logs alone, so that each run sees the same. */
static const char rule[] = "id: guessed\n"
			   "title: '{user.source_ip} after {many.source_ip}'\n"
			   "kind: guessed\n"
			   "correlation:\n"
			   "  type: join\n"
			   "  parts:\n"
			   "    many: {finding: 'kind = brute_force'}\n"
			   "    user: {event: 'action = login_ok'}\n"
			   "  where:\n"
			   "    - user.source_ip = many.source_ip\n";

static sm_ruleset *rules_of(const char *text)
{
	sm_ruleset *rs;

	ck_assert_int_eq(sm_ruleset_new(ctx, &rs), 0);
	ck_assert_int_gt(sm_ruleset_add_builtin(rs), 0);
	ck_assert_int_eq(sm_ruleset_add_text(rs, "t", text, strlen(text),
					     SM_RULES_NATIVE),
			 1);
	return rs;
}

static int fd_of_log(void)
{
	char name[] = "/tmp/check_join.XXXXXX";
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	unlink(name);
	for (int i = 0; i < 7; i++)
		dprintf(fd,
			"2026-08-04T10:00:%02d+00:00 web sshd[411]: %s "
			"password for bob from 203.0.113.9 port 51515 ssh2\n",
			i, i < 6 ? "Failed" : "Accepted");
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static int scan(sm_event_fn fn, void *user)
{
	sm_log_opts *o;
	int fd = fd_of_log(), r;

	ck_assert_int_eq(sm_log_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_log_opts_add_fd(o, fd, "log"), 0);
	r = sm_scan_log(ctx, o, fn, user);
	sm_log_opts_free(o);
	close(fd);
	return r;
}

START_TEST(jobs_feed_it_and_a_report_takes_what_it_finds)
{
	sm_ruleset *rs = rules_of(rule);
	sm_report *report;
	const sm_finding *f;
	sm_join *j;

	ck_assert_int_eq(sm_join_new(ctx, rs, &j), 0);
	/* It is frozen now. */
	ck_assert_int_eq(sm_ruleset_add_builtin(rs), -EBUSY);
	sm_ruleset_unref(rs);
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
	ck_assert_int_eq(scan(sm_join_collect, j), 0);
	ck_assert_int_eq(scan(sm_join_collect, j), 0);
	ck_assert_int_eq(sm_join_finish(j, sm_report_collect, report), 0);
	sm_join_free(j);
	ck_assert_uint_eq(sm_report_size(report, SM_KIND_FINDING), 1);
	f = sm_record_finding(sm_report_at(report, SM_KIND_FINDING, 0));
	ck_assert_str_eq(sm_finding_kind(f), "guessed");
	ck_assert_str_eq(sm_finding_title(f), "203.0.113.9 after 203.0.113.9");
	sm_report_free(report);
}
END_TEST

START_TEST(a_join_without_a_set_is_finished_once)
{
	sm_report *report;
	sm_join *j;

	ck_assert_int_eq(sm_join_new(ctx, NULL, &j), 0);
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
	ck_assert_int_eq(scan(sm_join_collect, j), 0);
	ck_assert_int_eq(sm_join_finish(j, sm_report_collect, report), 0);
	ck_assert_uint_eq(sm_report_size(report, SM_KIND_FINDING), 0);
	ck_assert_int_eq(sm_join_finish(j, sm_report_collect, report), -EINVAL);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "the join is finished already");
	sm_join_free(j);
	sm_report_free(report);
}
END_TEST

START_TEST(missing_arguments_are_errors)
{
	sm_join *j = NULL;

	ck_assert_int_eq(sm_join_new(NULL, NULL, &j), -EINVAL);
	ck_assert_int_eq(sm_join_new(ctx, NULL, NULL), -EINVAL);
	ck_assert_ptr_null(j);
	ck_assert_int_eq(sm_join_collect(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_join_finish(NULL, sm_report_collect, NULL),
			 -EINVAL);
	sm_join_free(NULL);
}
END_TEST

static int count(const sm_event *ev, void *user)
{
	*(size_t *)user += sm_event_kind(ev) == SM_EVENT_FINDING;
	return 0;
}

struct work {
	sm_ruleset *rs;
	int fd;
};

static void join_once(void *user)
{
	const struct work *w = user;
	sm_join *j = NULL;
	int r, failed;
	sm_log_opts *o = NULL;
	size_t n = 0;

	r = sm_join_new(ctx, w->rs, &j);
	if (r == 0)
		r = sm_log_opts_new(ctx, &o);
	if (r == 0)
		r = sm_log_opts_add_fd(o, w->fd, "log");
	/* Once made, not for each failure. */
	if (r == 0)
		r = sm_log_opts_set_rules(o, w->rs);
	lseek(w->fd, 0, SEEK_SET);
	if (r == 0)
		r = sm_scan_log(ctx, o, sm_join_collect, j);
	if (r == 0)
		r = sm_join_finish(j, count, &n);
	failed = nomem_pause();
	sm_log_opts_free(o);
	sm_join_free(j);
	if (r == 0)
		ck_assert_uint_eq(n, 1);
	else
		ck_assert_int_eq(r, failed ? -ENOMEM : 0);
}

START_TEST(it_survives_any_failed_allocation)
{
	struct work w = { rules_of(rule), fd_of_log() };

	ck_assert_int_eq(sm_ruleset_freeze(w.rs), 0);
	ck_assert_int_gt(nomem_sweep(join_once, &w), 20);
	sm_ruleset_unref(w.rs);
	close(w.fd);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("join");
	TCase *tc = tcase_create("join");
	SRunner *run;
	int failed;

	(void)argc;
	nomem_preload(argv);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, jobs_feed_it_and_a_report_takes_what_it_finds);
	tcase_add_test(tc, a_join_without_a_set_is_finished_once);
	tcase_add_test(tc, missing_arguments_are_errors);
	tcase_add_test(tc, it_survives_any_failed_allocation);
	suite_add_tcase(s, tc);
	run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
