/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "store-rig.h"

static int matches(int by, const char *value, int kind)
{
	struct found f;

	ck_assert_int_eq(sm_store_match(s, by, value), 0);
	f = query(kind);
	ck_assert_int_eq(sm_store_match(s, by, NULL), 0);
	return f.n[kind];
}

START_TEST(the_same_log_twice_adds_no_event)
{
	struct found f;

	open_store();
	keep_run();
	keep_run();
	f = query(0);
	ck_assert_int_eq(f.n[SM_KIND_EVENT], 8);
	ck_assert_int_eq(f.n[SM_KIND_FINDING], 1);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN, "last"), 0);
	f = query(0);
	ck_assert_int_eq(f.n[SM_KIND_SUMMARY], 1);
	ck_assert_int_eq(f.n[SM_KIND_FINDING], 1);
	ck_assert_int_eq(f.n[SM_KIND_EVENT], 0);
}
END_TEST

/* As a program has it that collects into one report as long as it lives. */
START_TEST(runs_kept_beside_one_report_are_two_runs)
{
	sm_report *report = NULL;

	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
	for (int i = 0; i < 2; i++) {
		open_store();
		keep_run();
		sm_store_free(s);
		s = NULL;
	}
	sm_report_free(report);
	open_store();
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
}
END_TEST

START_TEST(values_are_values)
{
	open_store();
	keep_run();
	ck_assert_int_eq(matches(SM_STORE_USER, HOSTILE, SM_KIND_EVENT), 4);
	ck_assert_int_eq(matches(SM_STORE_USER, "' OR 1=1 --", SM_KIND_EVENT),
			 0);
	ck_assert_int_eq(matches(SM_STORE_USER, "root", SM_KIND_EVENT), 4);
	ck_assert_int_eq(
		matches(SM_STORE_ADDRESS, "203.0.113.9", SM_KIND_FINDING), 1);
	ck_assert_int_eq(
		matches(SM_STORE_ADDRESS, "203.0.113.%", SM_KIND_FINDING), 0);
	ck_assert_int_eq(matches(SM_STORE_PROCESS, "sshd", SM_KIND_EVENT), 8);
	ck_assert_int_eq(matches(SM_STORE_PROCESS, "411", SM_KIND_EVENT), 8);
	ck_assert_int_eq(matches(SM_STORE_RULE, "brute-force", SM_KIND_FINDING),
			 1);
	ck_assert_int_eq(matches(SM_STORE_RULE, "brute_force", SM_KIND_FINDING),
			 1);
	ck_assert_int_eq(matches(SM_STORE_PORT, "22", SM_KIND_FINDING), 0);
}
END_TEST

START_TEST(time_bounds_are_from_and_below)
{
	/* 2026-08-04T10:00:02Z and :04Z */
	const int64_t since = INT64_C(1785837602000000000);
	struct found f = { .run = 0 };

	open_store();
	keep_run();
	ck_assert_int_eq(sm_store_query(s, SM_KIND_EVENT, since,
					since + 2 * INT64_C(1000000000), count,
					&f),
			 0);
	ck_assert_int_eq(f.n[SM_KIND_EVENT], 2);
}
END_TEST

START_TEST(what_is_not_there_is_told)
{
	struct found f = { .run = 0 };

	ck_assert_int_eq(sm_store_open_existing(ctx, url, &s), -ENOENT);
	open_store();
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN, "7"), 0);
	ck_assert_int_eq(
		sm_store_query(s, 0, SM_TIME_NONE, SM_TIME_NONE, count, &f),
		-ENOENT);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN, NULL), 0);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_PORT, "http"), 0);
	ck_assert_int_eq(
		sm_store_query(s, 0, SM_TIME_NONE, SM_TIME_NONE, count, &f),
		-EINVAL);
	ck_assert_int_eq(sm_store_match(s, 0, "x"), -EINVAL);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN + 1, "x"), -EINVAL);
	ck_assert_int_eq(
		sm_store_query(s, 99, SM_TIME_NONE, SM_TIME_NONE, count, &f),
		-EINVAL);
	ck_assert_int_eq(sm_store_set_retention(s, -1, 0), -ERANGE);
}
END_TEST

START_TEST(nobody_else_may_read_it)
{
	mode_t mask = umask(0);
	struct stat st;

	open_store();
	umask(mask);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(a_run_that_is_not_ended_is_none)
{
	open_store();
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	sm_store_free(s);
	open_store();
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 0);
	ck_assert_int_eq(query(0).n[SM_KIND_EVENT], 0);
}
END_TEST

/* More than waits in memory. */
START_TEST(a_large_run_is_one_too)
{
	put_log(40000);
	open_store();
	keep_run();
	ck_assert_int_eq(query(SM_KIND_EVENT).n[SM_KIND_EVENT], 40000);
	put_log(40000);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 1);
}
END_TEST

START_TEST(the_oldest_runs_go_and_the_new_one_stays)
{
	struct found f;

	open_store();
	keep_run();
	keep_run();
	ck_assert_int_eq(sm_store_set_retention(s, 1, 0), 0);
	keep_run();
	f = query(SM_KIND_RUN);
	ck_assert_int_eq(f.n[SM_KIND_RUN], 1);
	ck_assert_int_eq(f.run, 3);
	/* its events were the first run's: the next look brings them back */
	ck_assert_int_eq(query(SM_KIND_EVENT).n[SM_KIND_EVENT], 0);
	ck_assert_int_eq(sm_store_set_retention(s, 0, 32 << 10), 0);
	keep_run();
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 1);
	ck_assert_int_eq(query(SM_KIND_EVENT).n[SM_KIND_EVENT], 8);
}
END_TEST

START_TEST(a_flood_of_logs_takes_no_place_of_findings)
{
	struct found before;

	open_store();
	keep_run();
	before = query(SM_KIND_FINDING);
	ck_assert_int_gt(before.n[SM_KIND_FINDING], 0);
	ck_assert_int_eq(sm_store_set_retention(s, 0, 1 << 20), 0);
	put_log(5000);
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	ck_assert_int_eq(sm_store_flush(s), 1);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx),
				     "log events and lines are not kept"));
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN, "1"), 0);
	ck_assert_int_eq(query(SM_KIND_FINDING).n[SM_KIND_FINDING],
			 before.n[SM_KIND_FINDING]);
}
END_TEST

START_TEST(two_processes_may_write_one)
{
	sm_store *other = NULL;

	open_store();
	ck_assert_int_eq(sm_store_open(ctx, url, &other), 0);
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	ck_assert_int_eq(scan(ctx, sm_store_collect, other), 0);
	ck_assert_int_eq(sm_store_flush(other), 0);
	ck_assert_int_eq(sm_store_flush(s), 0);
	sm_store_free(other);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
}
END_TEST

/* Until it ends: what does not fit into memory waits beside the database. */
START_TEST(a_large_run_keeps_no_other_from_writing)
{
	sm_store *other = NULL;

	put_log(40000);
	open_store();
	ck_assert_int_eq(sm_store_open(ctx, url, &other), 0);
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	put_log(8);
	ck_assert_int_eq(scan(ctx, sm_store_collect, other), 0);
	ck_assert_int_eq(sm_store_flush(other), 0);
	ck_assert_int_eq(sm_store_flush(s), 0);
	sm_store_free(other);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
	ck_assert_int_eq(query(SM_KIND_EVENT).n[SM_KIND_EVENT], 40000);
}
END_TEST

START_TEST(a_run_that_does_not_fit_on_the_disk_is_lost_and_told)
{
	struct rlimit was, small;

	open_store();
	keep_run();
	put_log(40000);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = 1000000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), -EIO);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), dir));
	ck_assert_int_eq(sm_store_flush(s), -EIO);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &was), 0);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 1);
	keep_run();
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
}
END_TEST

START_TEST(a_disk_that_is_full_keeps_what_was_there)
{
	struct rlimit was, small;
	struct stat st;

	open_store();
	keep_run();
	put_log(5000);
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = (rlim_t)st.st_size + 100000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(sm_store_flush(s), -EIO);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), path));
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &was), 0);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 1);
	ck_assert_int_eq(query(SM_KIND_EVENT).n[SM_KIND_EVENT], 8);
	keep_run();
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
}
END_TEST

static void refused(int rc, const char *why)
{
	sm_store *bad = NULL;
	int r = sm_store_open(ctx, url, &bad);

	ck_assert_msg(r == rc && strstr(sm_ctx_errmsg(ctx), why), "%d: %s", r,
		      sm_ctx_errmsg(ctx));
	ck_assert_ptr_null(bad);
}

START_TEST(what_is_no_safe_file_is_refused)
{
	char link[96];
	FILE *f;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	refused(-EINVAL, "no regular file");
	ck_assert_int_eq(unlink(path), 0);
	snprintf(link, sizeof(link), "%s/elsewhere", dir);
	ck_assert_int_eq(symlink(link, path), 0);
	refused(-EINVAL, "symbolic link");
	ck_assert_int_eq(access(link, F_OK), -1);
	ck_assert_int_eq(unlink(path), 0);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("no database at all, or is it?\n", f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, 0604), 0);
	refused(-EPERM, "every user may read");
	ck_assert_int_eq(chmod(path, 0600), 0);
	refused(-EBADMSG, "no database");
	ck_assert_int_eq(chmod(path, 0666), 0);
	refused(-EPERM, "others may write");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(chmod(dir, 0777), 0);
	refused(-EPERM, "others may write the directory");
	ck_assert_int_eq(chmod(dir, 0700), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(dir, 65534, 65534), 0);
		refused(-EPERM, "belongs to another user");
	}
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	sm_store *bad = NULL;

	ck_assert_int_eq(sm_store_open(NULL, url, &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, NULL, &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, path, &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, "sqlite:", &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, "sqlite:/", &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, "sqlite:/none/x.db", &bad),
			 -ENOENT);
	ck_assert_int_eq(sm_store_collect(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_store_flush(NULL), -EINVAL);
	ck_assert_int_eq(sm_store_match(NULL, SM_STORE_RUN, "1"), -EINVAL);
	ck_assert_int_eq(sm_store_set_retention(NULL, 0, 0), -EINVAL);
	sm_store_free(NULL);
	ck_assert_ptr_null(bad);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store");
	TCase *tc = tcase_create("history");
	SRunner *run;
	int failed;

	if (!sm_has_feature(SM_FEATURE_SQLITE)) {
		puts("SKIP: history: no SQLite here");
		return 77;
	}
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, the_same_log_twice_adds_no_event);
	tcase_add_test(tc, runs_kept_beside_one_report_are_two_runs);
	tcase_add_test(tc, values_are_values);
	tcase_add_test(tc, time_bounds_are_from_and_below);
	tcase_add_test(tc, what_is_not_there_is_told);
	tcase_add_test(tc, nobody_else_may_read_it);
	tcase_add_test(tc, a_run_that_is_not_ended_is_none);
	tcase_add_test(tc, a_large_run_is_one_too);
	tcase_add_test(tc, the_oldest_runs_go_and_the_new_one_stays);
	tcase_add_test(tc, a_flood_of_logs_takes_no_place_of_findings);
	tcase_add_test(tc, two_processes_may_write_one);
	tcase_add_test(tc, a_large_run_keeps_no_other_from_writing);
	tcase_add_test(tc,
		       a_run_that_does_not_fit_on_the_disk_is_lost_and_told);
	tcase_add_test(tc, a_disk_that_is_full_keeps_what_was_there);
	tcase_add_test(tc, what_is_no_safe_file_is_refused);
	tcase_add_test(tc, bad_arguments_are_refused);
	suite_add_tcase(suite, tc);
	run = srunner_create(suite);
	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
