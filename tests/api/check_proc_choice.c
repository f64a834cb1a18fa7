/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mute-fs.h"
#include "zoo.h"

START_TEST(filters_choose_by_pid_and_real_user)
{
	const char *kinds[] = { NULL, "not_dumpable", "other_euid", NULL };
	pid_t pids[2];

	enter_zoo(kinds, pids);
	sm_proc_opts_set_pid(opts, getpid());
	list_once(NULL);
	ck_assert_uint_eq(seen.nprocs, 1);
	ck_assert_int_eq(sm_proc_pid(sm_record_proc(seen.procs[0])), getpid());
	ck_assert_uint_eq(seen.nnotices, 0);
	if (geteuid() != 0) {
		puts("SKIP: the filter by user: needs root");
		return;
	}
	sm_proc_opts_set_pid(opts, 0);
	sm_proc_opts_set_user(opts, "nobody");
	list_once("pid");
	ck_assert_ptr_nonnull(record_of(pids[0]));
	ck_assert_ptr_null(record_of(pids[1]));
	ck_assert_ptr_null(record_of(getpid()));
	sm_proc_opts_set_user(opts, "0");
	list_processes();
	ck_assert_ptr_null(record_of(pids[0]));
	ck_assert_ptr_nonnull(record_of(pids[1]));
}
END_TEST

START_TEST(a_pid_that_is_no_process_gives_a_notice_and_no_row)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	sm_proc_opts_set_pid(opts, pid);
	list_once(NULL);
	ck_assert_uint_eq(seen.nprocs, 0);
	ck_assert_uint_eq(seen.nnotices, 1);
	ck_assert_ptr_nonnull(strstr(seen.notices, "no process"));
}
END_TEST

START_TEST(an_unknown_user_is_an_error_with_his_name)
{
	sm_proc_opts_set_user(opts, "no such user");
	ck_assert_int_eq(sm_list_processes(ctx, opts, keep_event, NULL),
			 -ENOENT);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "no user \"no such user\"");
}
END_TEST

static int pid_at(size_t i)
{
	return sm_proc_pid(sm_record_proc(seen.procs[i]));
}

static double key_at(int sort, size_t i)
{
	const sm_proc *p = sm_record_proc(seen.procs[i]);

	switch (sort) {
	case SM_PROC_BY_CPU:
		return -sm_proc_cpu_percent_lifetime(p);
	case SM_PROC_BY_MEMORY:
		return -(double)sm_proc_rss_bytes(p);
	default:
		return 0;
	}
}

static int compare_names(size_t i, size_t k)
{
	size_t a_len, b_len;
	const void *a = sm_proc_name_raw(sm_record_proc(seen.procs[i]), &a_len);
	const void *b = sm_proc_name_raw(sm_record_proc(seen.procs[k]), &b_len);
	int r = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return r ? r : (a_len > b_len) - (a_len < b_len);
}

START_TEST(the_order_is_the_one_asked_for_and_equal_ones_go_by_pid)
{
	sm_proc_opts_set_sort(opts, _i);
	list_once(NULL);
	ck_assert_uint_gt(seen.nprocs, 2);
	for (size_t i = 1; i < seen.nprocs; i++) {
		double a = key_at(_i, i - 1), b = key_at(_i, i);
		int order = 0;

		if (_i == SM_PROC_BY_NAME)
			order = compare_names(i - 1, i);
		ck_assert(a <= b);
		ck_assert_int_le(order, 0);
		if (a == b && order == 0)
			ck_assert_int_lt(pid_at(i - 1), pid_at(i));
	}
}
END_TEST

START_TEST(top_shows_the_first_and_judges_all)
{
	const char *kinds[] = { NULL, "exe_deleted", "exe_memfd", NULL };
	pid_t pids[2];

	enter_zoo(kinds, pids);
	sm_proc_opts_set_top(opts, 1);
	sm_proc_opts_set_sort(opts, _i);
	list_once("pid,rss");
	ck_assert_uint_eq(seen.nprocs, 1);
	ck_assert_ptr_nonnull(finding_of(pids[0], "exe_deleted"));
	ck_assert_ptr_nonnull(finding_of(pids[1], "exe_memfd"));
}
END_TEST

START_TEST(only_the_chosen_fields_are_made)
{
	sm_proc_opts_set_checks(opts, 0);
	list_once("pid,rss");
	for (size_t f = 0; f < sm_kind_nfields(SM_KIND_PROCESS); f++) {
		const char *name = sm_kind_field_name(SM_KIND_PROCESS, f);
		int chosen =
			strcmp(name, "pid") == 0 || strcmp(name, "rss") == 0;

		ck_assert_int_eq(sm_record_has_field(record_of(getpid()), f),
				 chosen);
	}
}
END_TEST

START_TEST(a_condition_chooses_by_fields_that_need_not_be_shown)
{
	char expr[64];

	snprintf(expr, sizeof(expr), "pid = %d and state", getpid());
	ck_assert_int_eq(sm_proc_opts_set_filter(opts, expr), 0);
	list_once("ppid");
	ck_assert_uint_eq(seen.nprocs, 1);
	ck_assert_int_eq(sm_proc_ppid(sm_record_proc(seen.procs[0])),
			 getppid());
	snprintf(expr, sizeof(expr), "pid != %d", getpid());
	sm_proc_opts_set_filter(opts, expr);
	list_once("pid");
	ck_assert_ptr_null(record_of(getpid()));
	ck_assert_ptr_nonnull(record_of(getppid()));
	sm_proc_opts_set_filter(opts, NULL);
	list_once("pid");
	ck_assert_ptr_nonnull(record_of(getpid()));
}
END_TEST

START_TEST(a_condition_chooses_what_is_judged_and_counted)
{
	const char *kinds[] = { NULL, "exe_deleted", "plain", NULL };
	pid_t pids[2];
	char expr[64];

	enter_zoo(kinds, pids);
	snprintf(expr, sizeof(expr), "pid != %d", (int)pids[0]);
	sm_proc_opts_set_filter(opts, expr);
	sm_proc_opts_set_sort(opts, SM_PROC_BY_MEMORY);
	sm_proc_opts_set_top(opts, MAX_RECORDS);
	sm_proc_opts_add_important(opts, "zoo plain");
	list_once("pid");
	ck_assert_ptr_null(record_of(pids[0]));
	ck_assert_ptr_null(finding_of(pids[0], "exe_deleted"));
	snprintf(expr, sizeof(expr), "pid = %d", (int)pids[0]);
	sm_proc_opts_set_filter(opts, expr);
	list_once("pid");
	ck_assert_uint_eq(seen.nprocs, 1);
	ck_assert_ptr_nonnull(finding_of(pids[0], "exe_deleted"));
	ck_assert_ptr_null(finding_of(0, "important_missing"));
}
END_TEST

static int set_bad(sm_proc_opts *o, int i)
{
	switch (i) {
	case 0:
		return sm_proc_opts_set_pid(o, -1);
	case 1:
		return sm_proc_opts_set_interval_ms(o, -1);
	case 2:
		return sm_proc_opts_set_interval_ms(o, 3600001);
	case 3:
		return sm_proc_opts_set_cpu_threshold(o, -0.5);
	case 4:
		return sm_proc_opts_set_memory_threshold(o, NAN);
	case 5:
		return sm_proc_opts_set_sort(o, 5);
	case 6:
		return sm_proc_opts_set_fields(o, "pid,no_such");
	case 7:
		return sm_proc_opts_set_fields(o, "pid,pid");
	case 8:
		return sm_proc_opts_add_important(o, "");
	case 9:
		return sm_proc_opts_set_filter(o, "colour = red");
	case 10:
		return sm_proc_opts_set_hidden(o, 3);
	case 11:
		return sm_proc_opts_set_threshold(o, "noise_hog", 1);
	case 12:
		return sm_proc_opts_set_threshold(o, "io_hog", -1);
	default:
		return sm_proc_opts_set_filter(o, "pid = one");
	}
}

static const struct {
	int rc;
	const char *word;
} bad[] = {
	{ -ERANGE, "-1" },
	{ -ERANGE, "-1" },
	{ -ERANGE, "3600001" },
	{ -ERANGE, "-0.5" },
	{ -ERANGE, "nan" },
	{ -EINVAL, "5" },
	{ -ENOENT, "'no_such'" },
	{ -EINVAL, "'pid'" },
	{ -EINVAL, "empty" },
	{ -ENOENT, "'colour'" },
	{ -EINVAL, "number 3" },
	{ -ENOENT, "'noise_hog'" },
	{ -ERANGE, "bytes per second" },
	{ -EINVAL, "byte 7" },
};

START_TEST(a_bad_option_names_the_value_and_poisons_the_options)
{
	ck_assert_int_eq(set_bad(opts, _i), bad[_i].rc);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), bad[_i].word));
	ck_assert_int_eq(sm_list_processes(ctx, opts, keep_event, NULL),
			 bad[_i].rc);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), bad[_i].word));
	ck_assert_uint_eq(seen.nprocs, 0);
}
END_TEST

START_TEST(null_is_the_neutral_value_and_a_bad_argument)
{
	size_t len = 1;

	ck_assert_int_eq(sm_proc_pid(NULL), 0);
	ck_assert_str_eq(sm_proc_name(NULL), "");
	ck_assert_str_eq(sm_proc_arg(NULL, 0), "");
	ck_assert_int_eq(sm_proc_start(NULL), SM_TIME_NONE);
	(void)sm_proc_name_raw(NULL, &len);
	ck_assert_uint_eq(len, 0);
	ck_assert_ptr_null(sm_record_proc(NULL));
	ck_assert_int_eq(sm_proc_opts_new(NULL, &opts), -EINVAL);
	ck_assert_int_eq(sm_proc_opts_set_top(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_proc_opts_set_hidden(NULL, 0), -EINVAL);
	ck_assert_int_eq(sm_list_processes(NULL, NULL, keep_event, NULL),
			 -EINVAL);
	ck_assert_int_eq(sm_list_processes(ctx, NULL, NULL, NULL), -EINVAL);
	sm_proc_opts_free(NULL);
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_test(tc, filters_choose_by_pid_and_real_user);
	tcase_add_test(tc, a_pid_that_is_no_process_gives_a_notice_and_no_row);
	tcase_add_test(tc, an_unknown_user_is_an_error_with_his_name);
	tcase_add_loop_test(
		tc, the_order_is_the_one_asked_for_and_equal_ones_go_by_pid, 0,
		4);
	tcase_add_loop_test(tc, top_shows_the_first_and_judges_all, 0, 4);
	tcase_add_test(tc,
		       a_condition_chooses_by_fields_that_need_not_be_shown);
	tcase_add_test(tc, a_condition_chooses_what_is_judged_and_counted);
	tcase_add_test(tc, only_the_chosen_fields_are_made);
	tcase_add_loop_test(
		tc, a_bad_option_names_the_value_and_poisons_the_options, 0,
		sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, null_is_the_neutral_value_and_a_bad_argument);
}

static size_t inode_field(void)
{
	return (size_t)sm_kind_field(SM_KIND_PROCESS, "exe_inode");
}

static bool is_unreadable(const sm_proc *p, const char *field)
{
	for (size_t i = 0; i < sm_proc_nunreadable(p); i++)
		if (strcmp(sm_proc_unreadable(p, i), field) == 0)
			return true;
	return false;
}

/* Its name and arguments are told without waiting for it. */
static void see_stuck(const struct mute_fs *m)
{
	static const char *const missing[] = {
		"start",      "exe",	    "cwd", "root",
		"namespaces", "read_bytes", "pss", "connections",
	};
	const sm_finding *f = finding_of(m->stuck, "process_blocks");
	const sm_proc *p = proc_of(m->stuck);

	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		ck_assert_msg(is_unreadable(p, missing[i]), "%s", missing[i]);
	ck_assert_int_eq(sm_proc_ppid(p), getpid());
	ck_assert_ptr_nonnull(sm_proc_cmdline(p));
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_HIGH);
}

static void list_beside(const struct mute_fs *m)
{
	const sm_finding *f;

	list_once("pid,ppid,name,start,exe,cmdline,cwd,root,namespaces,"
		  "read_bytes,pss,connections,exe_inode,unreadable");
	see_stuck(m);
	ck_assert_str_eq(sm_proc_name(proc_of(m->program)), "program");
	ck_assert(is_unreadable(proc_of(m->program), "exe_inode"));
	ck_assert(!sm_record_has_field(record_of(m->program), inode_field()));
	f = finding_of(m->program, "process_blocks");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_MEDIUM);
	ck_assert_ptr_null(finding_of(getpid(), "process_blocks"));
	ck_assert_ptr_nonnull(strstr(seen.notices, "before the deadline"));
}

START_TEST(a_program_on_a_file_system_that_is_mute_does_not_stop_the_list)
{
	char dir[] = "/tmp/sysmon-mute-XXXXXX";
	struct mute_fs m;
	bool ok;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ok = mute_fs_start(&m, dir, 0);
	if (ok) {
		sm_proc_opts_set_deadline_ms(opts, 60000);
		list_once("pid,exe_inode");
		ck_assert(sm_record_has_field(record_of(m.program),
					      inode_field()));
		mute_fs_be_mute(&m);
		sm_proc_opts_set_deadline_ms(opts, 100);
		list_beside(&m);
		sm_proc_opts_set_threads(opts, 2);
		list_beside(&m);
	}
	mute_fs_end(&m);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}
END_TEST

START_TEST(a_program_that_even_root_may_not_look_at_is_told)
{
	char dir[] = "/tmp/sysmon-mute-XXXXXX";
	struct mute_fs m;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	if (mute_fs_start(&m, dir, NOBODY)) {
		list_once("pid,exe,exe_inode,unreadable");
		ck_assert(!sm_record_has_field(record_of(m.program),
					       inode_field()));
		ck_assert(is_unreadable(proc_of(m.program), "exe_inode"));
		ck_assert(!is_unreadable(proc_of(m.program), "exe"));
		ck_assert_ptr_nonnull(strstr(seen.notices, "even by root"));
	}
	mute_fs_end(&m);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}
END_TEST

START_TEST(a_deadline_is_up_to_an_hour)
{
	ck_assert_int_eq(sm_proc_opts_set_deadline_ms(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_proc_opts_set_deadline_ms(opts, 3600000), 0);
	ck_assert_int_eq(sm_proc_opts_set_deadline_ms(opts, -1), -ERANGE);
	ck_assert_str_eq(sm_ctx_errmsg(ctx),
			 "deadline -1 ms: from 1 to 3600000, or 0 for none");
	ck_assert_int_eq(sm_list_processes(ctx, opts, keep_event, NULL),
			 -ERANGE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc-choice");
	TCase *tc = tcase_create("proc-choice");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup_list, teardown_list);
	tcase_set_timeout(tc, 60);
	add_tests(tc);
	tcase_add_test(tc, a_deadline_is_up_to_an_hour);
	suite_add_tcase(s, tc);
	tc = tcase_create("deadline");
	tcase_set_tags(tc, "self");
	tcase_add_checked_fixture(tc, setup_list, teardown_list);
	tcase_add_test(
		tc,
		a_program_on_a_file_system_that_is_mute_does_not_stop_the_list);
	tcase_add_test(tc, a_program_that_even_root_may_not_look_at_is_told);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
