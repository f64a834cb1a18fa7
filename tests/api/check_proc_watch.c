/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

#define ROUND_MS 120
#define ROUNDS	 7

/* Counts rows of one process in each list, and keeps what keep_event() does. */
struct rounds {
	pid_t pid;
	unsigned n;
	unsigned rows[ROUNDS];
	double percent[ROUNDS];
	int64_t time[ROUNDS];
};

static int count_rounds(const sm_event *ev, void *user)
{
	struct rounds *w = user;
	const sm_proc *p = sm_record_proc(sm_event_record(ev));

	if (sm_event_kind(ev) == SM_EVENT_ROUND) {
		ck_assert_ptr_null(sm_event_record(ev));
		return ++w->n == ROUNDS ? SM_STOP : SM_CONTINUE;
	}
	if (p && sm_event_kind(ev) == SM_EVENT_RECORD &&
	    sm_proc_pid(p) == w->pid) {
		w->rows[w->n]++;
		w->percent[w->n] = sm_proc_cpu_percent(p);
		w->time[w->n] = sm_proc_time(p);
	}
	return keep_event(ev, NULL);
}

static struct rounds watch(pid_t pid)
{
	struct rounds w = { .pid = pid };

	forget_list();
	ck_assert_int_eq(sm_proc_opts_set_watch_ms(opts, ROUND_MS), 0);
	ck_assert_int_eq(sm_list_processes(ctx, opts, count_rounds, &w),
			 SM_STOP);
	ck_assert_uint_eq(w.n, ROUNDS);
	return w;
}

/* The lists of one order, and the last row of the one that is made. */
#define LISTS 3
struct ordered {
	int order;
	unsigned lists, rows, own;
	int64_t pid, depth, rss, time;
	double percent;
	char name[64];
	size_t name_len;
};

static int64_t depth_of(const sm_record *r)
{
	return sm_record_field_int(
		r, (size_t)sm_kind_field(SM_KIND_PROCESS, "depth"));
}

/* By bytes, which are shown escaped. */
static int compare_raw_name(const sm_proc *p, const struct ordered *o)
{
	size_t len;
	const void *name = sm_proc_name_raw(p, &len);
	int r = memcmp(name, o->name, len < o->name_len ? len : o->name_len);

	return r ? r : (len > o->name_len) - (len < o->name_len);
}

static bool is_behind(const struct ordered *o, const sm_record *r)
{
	const sm_proc *p = sm_record_proc(r);

	switch (o->order) {
	case SM_PROC_BY_CPU:
		return sm_proc_cpu_percent(p) <= o->percent;
	case SM_PROC_BY_MEMORY:
		return (int64_t)sm_proc_rss_bytes(p) <= o->rss;
	case SM_PROC_BY_NAME:
		return compare_raw_name(p, o) >= 0;
	case SM_PROC_BY_TREE:
		return depth_of(r) <= o->depth + 1;
	default:
		return sm_proc_pid(p) > o->pid;
	}
}

static int check_order(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	const sm_proc *p = sm_record_proc(r);
	struct ordered *o = user;
	const void *name;

	if (sm_event_kind(ev) == SM_EVENT_ROUND) {
		ck_assert_uint_gt(o->rows, 1);
		ck_assert_uint_eq(o->own, 1);
		o->rows = o->own = 0;
		return ++o->lists == LISTS ? SM_STOP : SM_CONTINUE;
	}
	if (!p || sm_event_kind(ev) != SM_EVENT_RECORD)
		return SM_CONTINUE;
	ck_assert_msg(o->rows == 0 || is_behind(o, r),
		      "list %u: %d is behind %d", o->lists, sm_proc_pid(p),
		      (int)o->pid);
	o->rows++;
	o->pid = sm_proc_pid(p);
	o->depth = depth_of(r);
	o->rss = (int64_t)sm_proc_rss_bytes(p);
	o->percent = sm_proc_cpu_percent(p);
	name = sm_proc_name_raw(p, &o->name_len);
	ck_assert_uint_le(o->name_len, sizeof(o->name));
	memcpy(o->name, name, o->name_len);
	if (o->pid == getpid()) {
		o->own++;
		ck_assert_int_gt(sm_proc_time(p), o->time);
		o->time = sm_proc_time(p);
	}
	return SM_CONTINUE;
}

START_TEST(each_list_is_new_and_in_its_order)
{
	struct ordered o = { .order = _i };

	sm_proc_opts_set_sort(opts, _i);
	sm_proc_opts_set_checks(opts, 0);
	sm_proc_opts_set_fields(opts, "pid,cpu_percent,rss,name,time,depth");
	ck_assert_int_eq(sm_proc_opts_set_watch_ms(opts, ROUND_MS), 0);
	ck_assert_int_eq(sm_list_processes(ctx, opts, check_order, &o),
			 SM_STOP);
}
END_TEST

START_TEST(top_counts_in_each_list)
{
	struct rounds w;

	sm_proc_opts_set_top(opts, 1);
	sm_proc_opts_set_checks(opts, 0);
	sm_proc_opts_set_fields(opts, "pid");
	w = watch(1);
	for (unsigned i = 0; i < ROUNDS; i++)
		ck_assert_uint_eq(w.rows[i], 1);
	ck_assert_uint_eq(seen.nprocs, ROUNDS);
}
END_TEST

static int64_t used_ns(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	ck_assert_int_eq(clock_getcpuclockid(pid, &clock), 0);
	ck_assert_int_eq(clock_gettime(clock, &ts), 0);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* The lists together are right where each of them is: the mean of the rates between
 * lists, each weighed by its time, is what was used in all. */
START_TEST(cpu_percent_is_counted_from_the_list_before)
{
	pid_t pid = enter_one("burner");
	int64_t before = used_ns(pid), used;
	struct rounds w;
	double sum = 0;

	sm_proc_opts_set_checks(opts, 0);
	sm_proc_opts_set_pid(opts, pid);
	sm_proc_opts_set_interval_ms(opts, 20);
	w = watch(pid);
	used = used_ns(pid) - before;
	for (unsigned i = 1; i < ROUNDS; i++)
		sum += w.percent[i] / 100 * (double)(w.time[i] - w.time[i - 1]);
	ck_assert_double_gt(sum, 0);
	/* The first list and what lies around are 20 ms and a little. */
	ck_assert_double_le(sum, 1.02 * (double)used);
	ck_assert_double_ge(sum + 0.3e9, (double)used * 0.98);
}
END_TEST

START_TEST(a_finding_is_told_in_one_list_only)
{
	pid_t pid = enter_one("exe_deleted");
	unsigned told = 0;

	sm_proc_opts_set_pid(opts, pid);
	sm_proc_opts_set_interval_ms(opts, 0);
	watch(pid);
	for (size_t i = 0; i < seen.nfindings; i++) {
		const sm_finding *f = sm_record_finding(seen.findings[i]);

		told += strcmp(sm_finding_kind(f), "exe_deleted") == 0;
	}
	ck_assert_uint_eq(told, 1);
}
END_TEST

/* Counted down to the third list; what becomes of it is in the fourth and fifth. */
static int end_the_zoo(const sm_event *ev, void *user)
{
	int r = count_rounds(ev, user);
	struct rounds *w = user;

	if (sm_event_kind(ev) == SM_EVENT_ROUND && w->n == 3)
		kill(w->pid, SIGKILL);
	return r;
}

START_TEST(who_has_ended_is_in_no_later_list)
{
	struct rounds w = { .pid = enter_one("plain") };

	sm_proc_opts_set_fields(opts, "pid,state,time");
	sm_proc_opts_set_filter(opts, "state != Z");
	sm_proc_opts_set_watch_ms(opts, ROUND_MS);
	ck_assert_int_eq(sm_list_processes(ctx, opts, end_the_zoo, &w),
			 SM_STOP);
	ck_assert_uint_eq(w.rows[2], 1);
	ck_assert_uint_eq(w.rows[4] + w.rows[5] + w.rows[6], 0);
}
END_TEST

START_TEST(an_interval_outside_of_an_hour_is_refused)
{
	ck_assert_int_eq(sm_proc_opts_set_watch_ms(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_proc_opts_set_watch_ms(opts, -1), -ERANGE);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "-1"));
	ck_assert_int_eq(sm_proc_opts_set_watch_ms(opts, 3600001), -ERANGE);
	ck_assert_int_eq(sm_list_processes(ctx, opts, keep_event, NULL),
			 -ERANGE);
}
END_TEST

START_TEST(a_list_is_followed_or_made_anew_and_not_both)
{
	sm_proc_opts_set_watch_ms(opts, 100);
	sm_proc_opts_set_follow(opts, 1);
	ck_assert_int_eq(sm_list_processes(ctx, opts, keep_event, NULL),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "not both"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc-watch");
	TCase *tc = tcase_create("proc-watch");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup_list, teardown_list);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, each_list_is_new_and_in_its_order,
			    SM_PROC_BY_PID, SM_PROC_BY_TREE + 1);
	tcase_add_test(tc, top_counts_in_each_list);
	tcase_add_test(tc, cpu_percent_is_counted_from_the_list_before);
	tcase_add_test(tc, a_finding_is_told_in_one_list_only);
	tcase_add_test(tc, who_has_ended_is_in_no_later_list);
	tcase_add_test(tc, an_interval_outside_of_an_hour_is_refused);
	tcase_add_test(tc, a_list_is_followed_or_made_anew_and_not_both);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
