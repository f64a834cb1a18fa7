/* SPDX-License-Identifier: MIT */
#include "snapshot-rig.h"

START_TEST(every_field_is_made_from_the_files_below_the_sysroot)
{
	const sm_proc *p;

	add_process(42, 50000, 25000);
	write_status(42, "web", "1000\t0\t0\t0", 1024);
	tree_file("proc/42/cmdline", "/usr/bin/web\0-v\0", 16);
	write_file(42, "cgroup", "0::/lxc.payload.shop/web.service\n");
	tree_link("proc/42/exe", "/usr/bin/web");
	list(NULL);
	ck_assert_uint_eq(nseen, 1);
	p = proc_of(42);
	ck_assert_int_eq(sm_proc_ppid(p), 1);
	ck_assert_str_eq(sm_proc_name(p), "web");
	ck_assert_str_eq(sm_proc_user(p), "carl");
	ck_assert_str_eq(sm_proc_euser(p), "root");
	ck_assert_int_eq(sm_proc_state(p), 'S');
	ck_assert_uint_eq(sm_proc_rss_bytes(p), 1024 * 1024);
	ck_assert_double_eq(sm_proc_memory_percent(p), 25.0);
	/* 250 s of the 500 s since it began */
	ck_assert_double_eq(sm_proc_cpu_percent_lifetime(p), 50.0);
	ck_assert_int_eq(sm_proc_start(p), (BTIME + 500) * SMI_SEC);
	ck_assert_int_eq(sm_proc_time(p), (BTIME + UP) * SMI_SEC);
	ck_assert_str_eq(sm_proc_exe(p), "/usr/bin/web");
	ck_assert_str_eq(sm_proc_cmdline(p), "/usr/bin/web -v");
	ck_assert_str_eq(sm_proc_cgroup(p), "/lxc.payload.shop/web.service");
	ck_assert_str_eq(sm_proc_container(p), "shop");
	ck_assert_str_eq(sm_proc_boot_id(p), BOOT);
	ck_assert_uint_eq(sm_proc_nunreadable(p), 0);
	ck_assert_uint_eq(nnotices, 0);
}
END_TEST

START_TEST(the_id_depends_on_boot_pid_and_start)
{
	char ids[4][SMI_ID_STRLEN];

	add_process(42, 50000, 0);
	list(NULL);
	memcpy(ids[0], sm_record_id(seen[0]), SMI_ID_STRLEN);
	write_stat(42, "web", 0, 1, 50001, 0);
	list(NULL);
	memcpy(ids[1], sm_record_id(seen[0]), SMI_ID_STRLEN);
	tree_text("proc/sys/kernel/random/boot_id", "0\n");
	list(NULL);
	memcpy(ids[2], sm_record_id(seen[0]), SMI_ID_STRLEN);
	add_process(43, 50001, 0);
	list(NULL);
	memcpy(ids[3], sm_record_id(seen[1]), SMI_ID_STRLEN);
	for (int i = 0; i < 4; i++) {
		ck_assert_uint_eq(strlen(ids[i]), 32);
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(ids[i], ids[k]);
	}
}
END_TEST

static void a_quarter_second_passes(void)
{
	now += 250 * SMI_MSEC;
	/* One core busy, and two. */
	write_stat(42, "web", 0, 1, 100, 5025);
	write_stat(43, "web", 0, 2, 100, 50);
	/* Another process of the same number, half busy since 100 ms. */
	write_stat(44, "web", 0, 1, UP * 100 + 15, 5);
	/* One that was not there, busy for all its 200 ms. */
	add_process(45, UP * 100 + 5, 20);
	tree_text("proc/uptime", "1000.25 1.00\n");
}

START_TEST(cpu_percent_is_the_time_used_between_two_looks)
{
	add_process(42, 100, 5000);
	add_process(43, 100, 0);
	add_process(44, 100, 1);
	sm_proc_opts_set_interval_ms(opts, 250);
	list(a_quarter_second_passes);
	ck_assert_uint_eq(nseen, 4);
	ck_assert_double_eq_tol(sm_proc_cpu_percent(proc_of(42)), 100, 1e-6);
	ck_assert_double_eq_tol(sm_proc_cpu_percent(proc_of(43)), 200, 1e-6);
	ck_assert_double_eq_tol(sm_proc_cpu_percent(proc_of(44)), 50, 1e-6);
	ck_assert_double_eq_tol(sm_proc_cpu_percent(proc_of(45)), 100, 1e-6);
}
END_TEST

START_TEST(nobody_waits_when_nothing_needs_two_looks)
{
	add_process(42, 100, 5000);
	sm_proc_opts_set_interval_ms(opts, 250);
	sm_proc_opts_set_checks(opts, 0);
	sm_proc_opts_set_fields(opts, "pid,name");
	list(NULL);
	ck_assert_uint_eq(nseen, 1);
}
END_TEST

static const struct {
	const char *own, *path, *limit;
	double percent; /* of 1 MiB */
} limits[] = {
	{ "0::/\n", NULL, NULL, 25 },
	{ "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max", "2097152\n", 50 },
	{ "0::/a/b\n", "sys/fs/cgroup/a/memory.max", "2097152\n", 50 },
	{ "0::/\n", "sys/fs/cgroup/memory.max", "2097152\n", 50 },
	{ "0::/a\n", "sys/fs/cgroup/a/memory.max", "max\n", 25 },
	{ "0::/a\n", "sys/fs/cgroup/a/memory.max", "99999999999\n", 25 },
	{ "4:memory:/a\n0::/\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes",
	  "2097152\n", 50 },
};

START_TEST(memory_percent_is_of_what_can_be_used_here)
{
	add_process(42, 100, 0);
	tree_text("proc/self/cgroup", limits[_i].own);
	if (limits[_i].path)
		tree_text(limits[_i].path, limits[_i].limit);
	list(NULL);
	ck_assert_double_eq(sm_proc_memory_percent(proc_of(42)),
			    limits[_i].percent);
}
END_TEST

START_TEST(what_is_refused_is_named_when_it_was_asked_for)
{
	add_process(42, 100, 0);
	/* A link that is none. */
	write_file(42, "exe", "x");
	list(NULL);
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), 1);
	ck_assert_str_eq(sm_proc_unreadable(proc_of(42), 0), "exe");
	ck_assert_uint_eq(nnotices, 1);
	ck_assert_str_eq(notice,
			 geteuid() ? "1 of 1 processes could not be read whole "
				     "(Permission denied): root sees more."
				   : "1 of 1 processes could not be read "
				     "whole, even by root (Permission "
				     "denied).");
	sm_proc_opts_set_fields(opts, "pid,name,unreadable");
	list(NULL);
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), 0);
}
END_TEST

/* Two of its files are refused: one at once, one when it is shown. */
START_TEST(what_is_refused_of_the_shown_ones_counts_once)
{
	add_process(42, 100, 0);
	add_process(43, 100, 0);
	write_file(42, "exe", "x");
	tree_dir("proc/42/smaps_rollup");
	write_file(43, "smaps_rollup", "Pss: 1 kB\n");
	sm_proc_opts_set_top(opts, 2);
	sm_proc_opts_set_fields(opts,
				_i ? "pid,exe,pss,unreadable" : "pid,exe,pss");
	list(NULL);
	ck_assert_uint_eq(nnotices, 1);
	ck_assert_msg(strncmp(notice, "1 of 2 processes ", 17) == 0, "%s",
		      notice);
}
END_TEST

/* Until nothing more comes. */
static void run_until_idle(sm_job *job)
{
	const sm_event *ev;
	int r;

	while ((r = sm_job_next(job, &ev)) == 1 || !is_waiting(job))
		if (r == 1)
			keep(ev);
	ck_assert_int_eq(r, -EAGAIN);
}

static void begin_unreadable(int pid)
{
	add_process(pid, 100, 0);
	write_file(pid, "exe", "x");
	now += SMI_SEC;
}

START_TEST(what_is_left_out_is_told_while_following_too)
{
	const sm_event *ev;
	bool told = false;
	sm_job *job;

	add_process(42, 100, 0);
	sm_proc_opts_set_follow(opts, 1);
	ck_assert_int_eq(sm_job_new_proc(ctx, opts, &job), 0);
	run_until_idle(job);
	ck_assert_uint_eq(nnotices, 1);
	ck_assert_ptr_null(strstr(notice, "read whole"));
	begin_unreadable(43);
	run_until_idle(job);
	ck_assert_uint_eq(nnotices, 2);
	ck_assert_ptr_nonnull(strstr(notice, "1 of 1 processes"));
	/* Not for each of many. */
	begin_unreadable(44);
	run_until_idle(job);
	begin_unreadable(45);
	run_until_idle(job);
	ck_assert_uint_eq(nnotices, 2);
	now += 60 * SMI_SEC;
	add_process(46, 100, 0);
	run_until_idle(job);
	ck_assert_uint_eq(nnotices, 3);
	ck_assert_ptr_nonnull(strstr(notice, "2 of 3 processes"));
	/* And at the end. */
	begin_unreadable(47);
	run_until_idle(job);
	ck_assert_uint_eq(nnotices, 3);
	sm_job_cancel(job);
	while (sm_job_next(job, &ev) == 1) {
		keep(ev);
		told |= strstr(notice, "1 of 1 processes") != NULL;
	}
	ck_assert(told);
	sm_job_free(job);
}
END_TEST

START_TEST(kernel_threads_are_told_by_their_flag)
{
	add_process(42, 100, 0);
	add_process(43, 100, 0);
	write_stat(42, "kworker/0:1", 0x00200040, 1, 100, 0);
	write_stat(43, "[kworker/0:2]", 0, 1, 100, 0);
	write_file(42, "exe", "x");
	list(NULL);
	ck_assert(sm_proc_kernel_thread(proc_of(42)));
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), 0);
	ck_assert(!sm_proc_kernel_thread(proc_of(43)));
}
END_TEST

START_TEST(what_only_looks_like_a_process_is_left_out)
{
	add_process(42, 100, 0);
	tree_dir("proc/7");
	tree_text("proc/8", "a file\n");
	tree_link("proc/9", "42");
	tree_text("proc/4294967338/stat", "");
	tree_text("proc/042/stat", "");
	tree_text("proc/4x/stat", "");
	list(NULL);
	ck_assert_uint_eq(nseen, 1);
	ck_assert_int_eq(sm_proc_pid(proc_of(42)), 42);
}
END_TEST

START_TEST(no_link_of_the_tree_is_followed_out_of_it)
{
	add_process(42, 100, 0);
	tree_text("secret", "s3cret\n");
	unlink("proc/42/cmdline");
	tree_link("proc/42/task", "../..");
	tree_link("proc/43/stat", "../42/stat");
	tree_link("proc/43/status", "../42/status");
	tree_link("proc/43/cmdline", "../../secret");
	list(NULL);
	ck_assert_str_eq(sm_proc_cmdline(proc_of(43)), "");
	ck_assert_str_eq(sm_proc_name(proc_of(43)), "");
	ck_assert_uint_gt(sm_proc_nunreadable(proc_of(43)), 5);
}
END_TEST

START_TEST(a_fifo_in_the_place_of_a_file_stops_nobody)
{
	write_stat(42, "web", 0, 1, 100, 0);
	write_status(42, "web", "0\t0\t0\t0", 1);
	tree_fifo("proc/42/cmdline");
	tree_fifo("proc/42/cgroup");
	list(NULL);
	ck_assert_str_eq(sm_proc_name(proc_of(42)), "web");
	ck_assert_str_eq(sm_proc_cmdline(proc_of(42)), "");
}
END_TEST

/* Each look at the clock takes longer; at one of them, somebody else has the number. */
static int looks_left;

static int64_t slow_mono(void *user)
{
	(void)user;
	if (looks_left-- == 0) {
		write_stat(42, "new", 0, 1, 200, 0);
		write_status(42, "new", "1000\t1000\t1000\t1000", 1024);
		write_file(42, "cmdline", "new");
	}
	return now += 5 * SMI_MSEC;
}

static const struct smi_clock slow_clock = { wall, slow_mono, NULL };

START_TEST(no_row_is_of_two_processes_that_had_one_number)
{
	int64_t ticks;

	add_process(42, 100, 0);
	write_file(42, "cmdline", "web");
	ctx->clock = &slow_clock;
	sm_proc_opts_set_fields(opts, "pid,name,start,cmdline,cgroup,"
				      "cpu_percent_lifetime");
	looks_left = _i;
	list(NULL);
	ck_assert_uint_eq(nseen, 1);
	ck_assert_str_eq(sm_proc_cmdline(proc_of(42)),
			 sm_proc_name(proc_of(42)));
	ticks = (sm_proc_start(proc_of(42)) - BTIME * SMI_SEC) /
		(10 * SMI_MSEC);
	ck_assert_int_eq(ticks, strcmp(sm_proc_name(proc_of(42)), "new") == 0
					? 200
					: 100);
}
END_TEST

START_TEST(a_command_line_over_the_limit_is_cut_and_named)
{
	size_t len = SMI_CMDLINE_MAX + 1000;
	char *text = malloc(len);
	bool named = false;

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', len);
	add_process(42, 100, 0);
	tree_file("proc/42/cmdline", text, len);
	free(text);
	list(NULL);
	ck_assert_uint_eq(strlen(sm_proc_cmdline(proc_of(42))),
			  SMI_CMDLINE_MAX);
	for (size_t i = 0; i < sm_proc_nunreadable(proc_of(42)); i++)
		named |= strcmp(sm_proc_unreadable(proc_of(42), i),
				"cmdline") == 0;
	ck_assert(named);
	ck_assert_uint_eq(nnotices, 1);
	ck_assert_ptr_nonnull(strstr(notice, "longer than 2 MiB"));
}
END_TEST

START_TEST(all_command_lines_together_have_a_limit)
{
	/* An argument has a weight of its own. */
	size_t size = SMI_CMDLINE_MAX - SMI_ARG_WEIGHT;
	size_t whole = SMI_CMDLINES_MAX / SMI_CMDLINE_MAX, n = whole + 3;
	char *text = calloc(1, size);
	char path[64];

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', size - 1);
	for (size_t i = 0; i < n; i++) {
		add_process(100 + (int)i, 100, 0);
		snprintf(path, sizeof(path), "proc/%zu/cmdline", 100 + i);
		tree_file(path, text, size);
	}
	free(text);
	list(NULL);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(
			strlen(sm_proc_cmdline(proc_of(100 + (int)i))),
			i < whole ? size - 1 : SMI_CMDLINE_MIN);
	ck_assert_ptr_nonnull(strstr(notice, "3 command lines"));
}
END_TEST

START_TEST(a_command_line_at_the_limit_is_whole)
{
	char *text = calloc(1, SMI_CMDLINE_MAX);

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', SMI_CMDLINE_MAX - 1);
	add_process(42, 100, 0);
	tree_file("proc/42/cmdline", text, SMI_CMDLINE_MAX);
	free(text);
	list(NULL);
	ck_assert_uint_eq(strlen(sm_proc_cmdline(proc_of(42))),
			  SMI_CMDLINE_MAX - 1);
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), 0);
	ck_assert_uint_eq(nnotices, 0);
}
END_TEST

START_TEST(a_thread_that_lives_speaks_for_the_first_one)
{
	add_process(42, 100, 0);
	write_file(42, "stat",
		   "42 (web) Z 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 100 0 "
		   "0 0\n");
	write_status(42, "web", "1000\t1000\t1000\t1000", 0);
	tree_text("proc/42/task/42/stat",
		  "42 (web) Z 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 100 0 "
		  "0 0\n");
	tree_text("proc/42/task/50/stat",
		  "50 (worker) D 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 200 "
		  "0 9 0\n");
	tree_text("proc/42/task/50/status",
		  "Name:\tworker\nState:\tD (x)\nTgid:\t42\nPPid:\t1\n"
		  "Uid:\t0\t0\t0\t0\nVmRSS:\t36 kB\n");
	tree_file("proc/42/task/50/cmdline", "web\0", 4);
	tree_link("proc/42/task/50/exe", "/usr/bin/web");
	list(NULL);
	ck_assert_str_eq(sm_proc_name(proc_of(42)), "web");
	ck_assert_int_eq(sm_proc_state(proc_of(42)), 'D');
	ck_assert_uint_eq(sm_proc_uid(proc_of(42)), 1000);
	ck_assert_uint_eq(sm_proc_rss_bytes(proc_of(42)), 36 * 1024);
	ck_assert_str_eq(sm_proc_cmdline(proc_of(42)), "web");
	ck_assert_str_eq(sm_proc_exe(proc_of(42)), "/usr/bin/web");
}
END_TEST

START_TEST(a_thread_is_no_process)
{
	add_process(42, 100, 0);
	/* /proc/TID can be opened, but is not listed. */
	add_process(50, 100, 0);
	write_file(50, "status",
		   "Name:\tx\nState:\tS (x)\nTgid:\t42\nPPid:\t1\n"
		   "Uid:\t0\t0\t0\t0\n");
	sm_proc_opts_set_pid(opts, 50);
	list(NULL);
	ck_assert_uint_eq(nseen, 0);
	ck_assert_str_eq(notice, "There is no process 50.");
	sm_proc_opts_set_pid(opts, 42);
	list(NULL);
	ck_assert_uint_eq(nseen, 1);
}
END_TEST

START_TEST(without_proc_there_is_an_error_that_names_it)
{
	sm_job *job;
	const sm_event *ev;
	char want[4200];
	const char *top;

	tree_remove();
	top = tree_make();
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, top), 0);
	snprintf(want, sizeof(want),
		 "cannot read %s/proc: No such file or directory", top);
	ck_assert_int_eq(sm_job_new_proc(ctx, opts, &job), 0);
	ck_assert_int_eq(sm_job_next(job, &ev), -ENOENT);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), want);
	sm_job_free(job);
}
END_TEST

START_TEST(facts_that_are_not_there_leave_their_fields_unknown)
{
	tree_remove();
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, tree_make()), 0);
	write_stat(42, "web", 0, 1, 100, 5);
	write_status(42, "web", "1000\t1000\t1000\t1000", 1024);
	list(NULL);
	ck_assert_uint_eq(nseen, 1);
	ck_assert_str_eq(sm_record_id(seen[0]), "");
	ck_assert(!smi_rec_has(seen[0], SMI_PROC_START));
	ck_assert(!smi_rec_has(seen[0], SMI_PROC_CPU_PERCENT_LIFETIME));
	ck_assert(!smi_rec_has(seen[0], SMI_PROC_MEMORY_PERCENT));
	ck_assert(!smi_rec_has(seen[0], SMI_PROC_CGROUP));
	ck_assert_str_eq(sm_proc_user(proc_of(42)), "1000");
	ck_assert_uint_eq(sm_proc_nunreadable(proc_of(42)), 0);
	ck_assert_uint_eq(nnotices, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("snapshot");
	TCase *tc = tcase_create("snapshot");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc,
		       every_field_is_made_from_the_files_below_the_sysroot);
	tcase_add_test(tc, the_id_depends_on_boot_pid_and_start);
	tcase_add_test(tc, cpu_percent_is_the_time_used_between_two_looks);
	tcase_add_test(tc, nobody_waits_when_nothing_needs_two_looks);
	tcase_add_loop_test(tc, memory_percent_is_of_what_can_be_used_here, 0,
			    SMI_COUNT(limits));
	tcase_add_test(tc, what_is_refused_is_named_when_it_was_asked_for);
	tcase_add_loop_test(tc, what_is_refused_of_the_shown_ones_counts_once,
			    0, 2);
	tcase_add_test(tc, what_is_left_out_is_told_while_following_too);
	tcase_add_test(tc, kernel_threads_are_told_by_their_flag);
	tcase_add_test(tc, what_only_looks_like_a_process_is_left_out);
	tcase_add_test(tc, no_link_of_the_tree_is_followed_out_of_it);
	tcase_add_test(tc, a_fifo_in_the_place_of_a_file_stops_nobody);
	tcase_add_loop_test(tc, no_row_is_of_two_processes_that_had_one_number,
			    0, 16);
	tcase_add_test(tc, a_command_line_over_the_limit_is_cut_and_named);
	tcase_add_test(tc, all_command_lines_together_have_a_limit);
	tcase_add_test(tc, a_command_line_at_the_limit_is_whole);
	tcase_add_test(tc, a_thread_that_lives_speaks_for_the_first_one);
	tcase_add_test(tc, a_thread_is_no_process);
	tcase_add_test(tc, without_proc_there_is_an_error_that_names_it);
	tcase_add_test(tc, facts_that_are_not_there_leave_their_fields_unknown);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
