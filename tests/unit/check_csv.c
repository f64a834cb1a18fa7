/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "report-sample.h"
#include "suite.h"

static struct smi_arena arena;
static sm_ctx *ctx;
static sm_report *report;
static sm_report_opts *opts;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
	ctx = sample_ctx();
	opts = sample_opts(ctx);
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
	ck_assert_int_eq(sample_tell_all(&arena, sm_report_collect, report), 0);
}

static void teardown(void)
{
	sm_report_opts_free(opts);
	sm_report_free(report);
	sm_ctx_unref(ctx);
	smi_arena_free(&arena);
}

static void choose(int kind, const char *fields)
{
	ck_assert_int_eq(sm_report_opts_set_fields(opts, kind, fields), 0);
}

static void is(const char *expected)
{
	char *text = sample_write(report, SM_FORMAT_CSV, opts);

	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(chosen_members_are_the_only_columns_in_their_order)
{
	choose(SM_KIND_PROCESS, "threads,name,rss");
	is("section,threads,name,rss\r\n"
	   "process,1,sshd,5242880\r\n"
	   "process,1,miner,5242880\r\n");
}
END_TEST

START_TEST(a_chosen_kind_keeps_a_row_that_has_nothing_in_the_columns)
{
	choose(SM_KIND_PORT, "process");
	is("section,process\r\n"
	   "port,sshd\r\n"
	   "port,\r\n"
	   "port,\r\n"
	   "port,\r\n");
}
END_TEST

START_TEST(another_kind_is_a_row_where_it_has_a_chosen_member)
{
	choose(SM_KIND_FINDING, "severity,title,source_ip");
	is("section,severity,title,source_ip\r\n"
	   "event,,,203.0.113.9\r\n"
	   "event,,,203.0.113.9\r\n"
	   "event,,,203.0.113.9\r\n"
	   "finding,high,12 failed logins from 203.0.113.9,203.0.113.9\r\n"
	   "finding,medium,4242 uses 100 % CPU,203.0.113.9\r\n");
}
END_TEST

START_TEST(members_chosen_of_two_kinds_are_columns_of_each_alone)
{
	choose(SM_KIND_PROCESS, "threads,name");
	choose(SM_KIND_COVERAGE, "source,matched");
	is("section,threads,name,source,matched\r\n"
	   "process,1,sshd,,\r\n"
	   "process,1,miner,,\r\n"
	   "notice,,,/var/log/secure,\r\n"
	   "coverage,,,/var/log/auth.log,3\r\n");
}
END_TEST

START_TEST(a_writer_has_the_same_columns_as_a_report)
{
	struct smi_buf b = { 0 };
	sm_writer *w;

	choose(SM_KIND_PROCESS, "threads,name");
	ck_assert_int_eq(
		sm_writer_new(ctx, SM_FORMAT_CSV, opts, sample_keep, &b, &w),
		0);
	ck_assert_int_eq(sample_tell_all(&arena, sm_writer_collect, w), 0);
	ck_assert_int_eq(sm_writer_finish(w), 0);
	ck_assert_str_eq(smi_buf_cstr(&b), "section,threads,name\r\n"
					   "process,1,sshd\r\n"
					   "process,1,miner\r\n");
	sm_writer_free(w);
	smi_buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("csv");
	TCase *tc = tcase_create("csv");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, chosen_members_are_the_only_columns_in_their_order);
	tcase_add_test(
		tc, a_chosen_kind_keeps_a_row_that_has_nothing_in_the_columns);
	tcase_add_test(tc, another_kind_is_a_row_where_it_has_a_chosen_member);
	tcase_add_test(tc,
		       members_chosen_of_two_kinds_are_columns_of_each_alone);
	tcase_add_test(tc, a_writer_has_the_same_columns_as_a_report);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
