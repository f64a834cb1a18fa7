/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "fail-alloc.h"
#include "process/crossview.h"
#include "suite.h"
#include "tree.h"

static sm_ctx *ctx;
static const char *top;

static const char mountinfo[] =
	"22 1 0:20 / / rw,relatime - ext4 /dev/root rw\n"
	"23 22 0:5 / /proc rw,nosuid shared:3 master:1 - proc proc rw\n"
	"24 23 0:30 /1 /proc/123 rw - proc proc rw\n"
	"25 23 0:31 /a\\040b\\134 /proc/124/exe rw shared:9 - tmpfs x\\040y "
	"rw\n"
	"26 23 0:32 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw\n"
	"27 23 0:32 / /proc/0123 rw - tmpfs t rw\n"
	"28 23 0:32 / /proc/125x rw - tmpfs t rw\n"
	"29 22 0:32 / /srv/proc/126 rw - tmpfs t rw\n"
	"30 22 0:26 / /sys/fs/cg\\040roup rw - cgroup2 cgroup2 rw,nsdelegate\n"
	"31 22 0:26 / /other rw - cgroup2 cgroup2 rw\n"
	"32 22 0:26 / /broken\n";

START_TEST(mounts_over_processes_are_told_from_others)
{
	SMI_CLEANUP(smi_mounts_free) struct smi_mounts m = { 0 };

	ck_assert(smi_mounts_parse(&m, smi_span_str(mountinfo)));
	ck_assert_uint_eq(m.over.n, 2);
	ck_assert_int_eq(m.over.v[0].pid, 123);
	ck_assert_str_eq(m.over.v[0].what, "/1 (proc proc)");
	ck_assert_int_eq(m.over.v[1].pid, 124);
	ck_assert_str_eq(m.over.v[1].what, "/a b\\ (tmpfs x y)");
	ck_assert_str_eq(m.cgroups, "/sys/fs/cg roup");
	ck_assert(!m.hidepid);
}
END_TEST

START_TEST(the_uppermost_proc_says_whether_it_hides)
{
	static const struct {
		const char *options;
		bool hides;
	} cases[] = {
		{ "rw", false },
		{ "rw,hidepid=invisible", true },
		{ "rw,gid=4,hidepid=2", true },
		{ "rw,hidepid=0", false },
		{ "rw,hidepid=off", false },
	};
	const char below[] = "1 1 0:1 / /proc rw - proc proc rw,hidepid=2\n";

	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		SMI_CLEANUP(smi_mounts_free) struct smi_mounts m = { 0 };
		char text[256];

		snprintf(text, sizeof(text),
			 "%s2 1 0:1 / /proc rw - proc proc %s\n", below,
			 cases[i].options);
		ck_assert(smi_mounts_parse(&m, smi_span_str(text)));
		ck_assert_int_eq(m.hidepid, cases[i].hides);
	}
}
END_TEST

START_TEST(no_more_mounts_than_the_limit_are_kept)
{
	SMI_CLEANUP(smi_mounts_free) struct smi_mounts m = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	for (unsigned i = 1; i <= SMI_MOUNTS_OVER_MAX + 3; i++)
		smi_buf_printf(&b, "1 1 0:1 / /proc/%u rw - tmpfs t rw\n", i);
	ck_assert(smi_mounts_parse(&m, smi_buf_span(&b)));
	ck_assert_uint_eq(m.over.n, SMI_MOUNTS_OVER_MAX);
	ck_assert_uint_eq(m.more, 3);
}
END_TEST

START_TEST(out_of_memory_leaves_no_mounts_behind)
{
	for (int n = 1; n > 0; n++) {
		SMI_CLEANUP(smi_mounts_free) struct smi_mounts m = { 0 };
		bool ok;

		fail_alloc_at(n);
		ok = smi_mounts_parse(&m, smi_span_str(mountinfo));
		if (fail_alloc_count() < n)
			n = -1;
		fail_alloc_off();
		ck_assert_int_eq(ok, n < 0);
	}
}
END_TEST

/* pid_max, highest listed, last given out, forks since the start: up to where. */
static const struct {
	int32_t max, listed, last;
	long forks;
	int32_t top;
} tops[] = {
	{ 4194304, 900, 1000, 1500, 1000 + 32768 },
	{ 32768, 900, 1000, 1500, 32768 },
	{ 4194304, 900, 1000, 5000000, 4194304 },
	/* Somebody has set it back, or it has come around. */
	{ 4194304, 2000000, 1000, 1500, 4194304 },
	{ 4194304, 900, 1000, 0, 4194304 },
};

START_TEST(the_numbers_looked_at_are_those_that_may_be_in_use)
{
	char loadavg[64], stat[64];

	snprintf(loadavg, sizeof(loadavg), "0.00 0.01 0.05 1/99 %d\n",
		 tops[_i].last);
	snprintf(stat, sizeof(stat), "cpu 1 2 3\nprocesses %ld\nbtime 5\n",
		 tops[_i].forks);
	ck_assert_int_eq(smi_hidden_top(tops[_i].max, tops[_i].listed,
					smi_span_str(loadavg),
					smi_span_str(stat)),
			 tops[_i].top);
	ck_assert_int_eq(smi_hidden_top(tops[_i].max, 1, smi_span_str("broken"),
					smi_span_str(stat)),
			 tops[_i].max);
}
END_TEST

START_TEST(the_cgroups_of_all_depths_are_read)
{
	SMI_CLEANUP(smi_cgroup_walk_end) struct smi_cgroup_walk w = { 0 };
	struct smi_pids pids = { 0 };
	int r;

	tree_text("cgroup.procs", "1\n0\n2\n");
	tree_text("a/deep/cgroup.procs", "77\n");
	tree_text("b/cgroup.procs", "5\nx\n-1\n99999999999\n");
	tree_link("b/link", "../a");
	ck_assert_int_eq(smi_cgroup_walk_begin(&w, top), 0);
	while ((r = smi_cgroup_walk_next(&w, &pids)) == 1)
		;
	ck_assert_int_eq(r, 0);
	ck_assert_uint_eq(w.seen, 4);
	smi_pids_sort(&pids);
	ck_assert_uint_eq(pids.list.n, 4);
	ck_assert_int_eq(pids.list.v[0], 1);
	ck_assert_int_eq(pids.list.v[2], 5);
	ck_assert_int_eq(pids.list.v[3], 77);
	smi_vec_free(&pids.list);
}
END_TEST

/* Only the first numbers, of which some are in use. */
static int sweep(struct smi_crossview *cv, struct smi_procdir *dir, bool all)
{
	int r = smi_crossview_begin(cv, ctx, dir);

	if (r == 0)
		r = smi_crossview_sweep(cv, ctx, dir, all);
	cv->hidden.top = SMI_MIN(cv->hidden.top, 64);
	while (r == 0 && (r = smi_crossview_step(cv, ctx)) == 1)
		r = 0;
	return r;
}

START_TEST(out_of_memory_in_a_sweep_is_an_error)
{
	for (int n = 1; n > 0; n++) {
		SMI_CLEANUP(smi_crossview_free) struct smi_crossview cv = { 0 };
		SMI_CLEANUP(smi_procdir_close) struct smi_procdir dir;
		int r;

		ck_assert_int_eq(smi_procdir_open(&dir, &ctx->root), 0);
		fail_alloc_at(n);
		r = sweep(&cv, &dir, _i);
		if (fail_alloc_count() < n)
			n = -1;
		fail_alloc_off();
		ck_assert_int_eq(r, n > 0 ? -ENOMEM : 0);
		if (r == 0)
			ck_assert_uint_eq(cv.hidden.found.n, 0);
	}
}
END_TEST

START_TEST(a_number_that_only_a_cgroup_lists_is_no_process)
{
	SMI_CLEANUP(smi_crossview_free) struct smi_crossview cv = { 0 };
	SMI_CLEANUP(smi_procdir_close) struct smi_procdir dir;
	int r;

	/* Listed once and not again: it has ended meanwhile. */
	tree_text("cgroup.procs", "2147483000\n");
	ck_assert_int_eq(smi_procdir_open(&dir, &ctx->root), 0);
	ck_assert_int_eq(smi_crossview_sweep(&cv, ctx, &dir, false), 0);
	cv.hidden.cgroups = top;
	cv.hidden.top = 1;
	while ((r = smi_crossview_step(&cv, ctx)) == 1)
		if (cv.hidden.round > 0)
			tree_text("cgroup.procs", "1\n");
	ck_assert_int_eq(r, 0);
	ck_assert_uint_eq(cv.hidden.found.n, 0);
}
END_TEST

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	top = tree_make();
}

static void teardown(void)
{
	tree_remove();
	sm_ctx_unref(ctx);
}

int main(void)
{
	Suite *s = suite_create("hidden");
	TCase *tc = tcase_create("hidden");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, mounts_over_processes_are_told_from_others);
	tcase_add_test(tc, the_uppermost_proc_says_whether_it_hides);
	tcase_add_test(tc, no_more_mounts_than_the_limit_are_kept);
	tcase_add_test(tc, out_of_memory_leaves_no_mounts_behind);
	tcase_add_loop_test(tc,
			    the_numbers_looked_at_are_those_that_may_be_in_use,
			    0, SMI_COUNT(tops));
	tcase_add_test(tc, the_cgroups_of_all_depths_are_read);
	tcase_add_loop_test(tc, out_of_memory_in_a_sweep_is_an_error, 0, 2);
	tcase_add_test(tc, a_number_that_only_a_cgroup_lists_is_no_process);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
