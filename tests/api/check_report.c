/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	int number;
	const char *name, *suffix;
} formats[] = {
	{ SM_FORMAT_TXT, "txt", "txt" },
	{ SM_FORMAT_CSV, "csv", "csv" },
	{ SM_FORMAT_JSON, "json", "json" },
	{ SM_FORMAT_NDJSON, "ndjson", "ndjson" },
	{ SM_FORMAT_NMAP_XML, "nmap-xml", "xml" },
	{ SM_FORMAT_HTML, "html", "html" },
	{ SM_FORMAT_ECS, "ecs", "ecs" },
	{ SM_FORMAT_MD, "md", "md" },
	{ SM_FORMAT_PROM, "prom", "prom" },
	{ SM_FORMAT_TABLE, "table", "table" },
};

#define BIG 65536
static char page[BIG];
static sm_ctx *ctx;
static sm_report *report;
static sm_report_opts *opts;

static void setup(void)
{
	*page = '\0';
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
	ck_assert_int_eq(sm_report_opts_new(ctx, &opts), 0);
}

static void teardown(void)
{
	/* in the order that would hurt if they did not hold their context */
	sm_ctx_unref(ctx);
	sm_report_opts_free(opts);
	sm_report_free(report);
}

static int keep(const void *data, size_t len, void *user)
{
	char *text = user;
	size_t had = strlen(text);

	ck_assert_uint_gt(len, 0);
	ck_assert_uint_lt(had + len, BIG);
	memcpy(text + had, data, len);
	text[had + len] = '\0';
	return 0;
}

START_TEST(a_format_has_a_name_and_a_suffix)
{
	char path[64];

	ck_assert_int_eq(sm_format_by_name(formats[_i].name),
			 formats[_i].number);
	ck_assert_str_eq(sm_format_name(formats[_i].number), formats[_i].name);
	snprintf(path, sizeof(path), "/x.y/out.%s", formats[_i].suffix);
	ck_assert_int_eq(sm_format_by_path(path), formats[_i].number);
}
END_TEST

START_TEST(what_is_no_format_is_refused)
{
	static const char *const paths[] = { "",	   "out",
					     "out.",	   ".json",
					     "/x/.json",   "out.htm",
					     "x.json/out", "out.nmap-xml" };
	char text[16] = "";

	for (size_t i = 0; i < COUNT(paths); i++)
		ck_assert_int_eq(sm_format_by_path(paths[i]), -ENOENT);
	ck_assert_int_eq(sm_format_by_name("htm"), -ENOENT);
	ck_assert_int_eq(sm_format_by_name("JSON"), -ENOENT);
	ck_assert_int_eq(sm_format_by_name(""), -ENOENT);
	ck_assert_int_eq(sm_format_by_name(NULL), -EINVAL);
	ck_assert_int_eq(sm_format_by_path(NULL), -EINVAL);
	ck_assert_str_eq(sm_format_name(0), "");
	ck_assert_str_eq(sm_format_name(99), "");
	ck_assert_int_eq(sm_report_write(report, 99, NULL, keep, text),
			 -EINVAL);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "99 is no format");
}
END_TEST

START_TEST(an_empty_report_can_be_written)
{
	char *text = page;

	ck_assert_int_eq(
		sm_report_write(report, formats[_i].number, NULL, keep, text),
		0);
	ck_assert_uint_gt(strlen(text), 10);
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
}
END_TEST

START_TEST(an_empty_writer_can_be_finished)
{
	char *text = page;
	sm_writer *w;

	ck_assert_int_eq(
		sm_writer_new(ctx, formats[_i].number, NULL, keep, text, &w),
		0);
	ck_assert_int_eq(sm_writer_finish(w), 0);
	ck_assert_uint_gt(strlen(text), 10);
	ck_assert_int_eq(sm_writer_finish(w), -EINVAL);
	sm_writer_free(w);
}
END_TEST

static int bad_severity(sm_report_opts *o)
{
	return sm_report_opts_set_min_severity(o, 51);
}

static int bad_width(sm_report_opts *o)
{
	return sm_report_opts_set_width(o, 19);
}

static int bad_time(sm_report_opts *o)
{
	return sm_report_opts_set_time(o, SM_TIME_NONE);
}

static int bad_kind(sm_report_opts *o)
{
	return sm_report_opts_set_fields(o, 99, "pid");
}

static int unknown_field(sm_report_opts *o)
{
	return sm_report_opts_set_fields(o, SM_KIND_PROCESS, "pid,nonsense");
}

static int double_field(sm_report_opts *o)
{
	return sm_report_opts_set_fields(o, SM_KIND_PROCESS, "pid,name,pid");
}

static int no_field(sm_report_opts *o)
{
	return sm_report_opts_set_fields(o, SM_KIND_PROCESS, "");
}

static int no_directory(sm_report_opts *o)
{
	return sm_report_opts_set_spill_dir(o, "");
}

static const struct {
	int (*set)(sm_report_opts *o);
	int error;
	const char *says;
} mistakes[] = {
	{ bad_severity, -ERANGE, "51" },
	{ bad_width, -ERANGE, "19" },
	{ bad_time, -ERANGE, "year" },
	{ bad_kind, -EINVAL, "99" },
	{ unknown_field, -ENOENT, "'nonsense'" },
	{ double_field, -EINVAL, "'pid'" },
	{ no_field, -EINVAL, "lacks a name" },
	{ no_directory, -EINVAL, "directory" },
};

START_TEST(a_mistake_in_the_options_is_named_and_stops_every_verb)
{
	char text[16] = "";
	sm_writer *w = NULL;

	ck_assert_int_eq(mistakes[_i].set(opts), mistakes[_i].error);
	ck_assert_msg(strstr(sm_ctx_errmsg(ctx), mistakes[_i].says),
		      "the sentence is: %s", sm_ctx_errmsg(ctx));
	/* a good setter does not mend it */
	sm_report_opts_set_width(opts, 80);
	ck_assert_int_eq(
		sm_report_write(report, SM_FORMAT_JSON, opts, keep, text),
		mistakes[_i].error);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), mistakes[_i].says));
	ck_assert_int_eq(
		sm_writer_new(ctx, SM_FORMAT_JSON, opts, keep, text, &w),
		mistakes[_i].error);
	ck_assert_int_eq(sm_report_write_file(report, SM_FORMAT_JSON, opts,
					      "/tmp/sysmon-check-report.json"),
			 mistakes[_i].error);
	ck_assert_ptr_null(fopen("/tmp/sysmon-check-report.json", "r"));
	ck_assert_ptr_null(w);
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(a_title_of_any_bytes_is_shown_inert)
{
	char *text = page;

	ck_assert_int_eq(
		sm_report_opts_set_title(opts, "\033]0;x\007 \xff </b>"), 0);
	ck_assert_int_eq(
		sm_report_write(report, SM_FORMAT_JSON, opts, keep, text), 0);
	ck_assert_ptr_nonnull(strstr(text,
				     "\"title\":\"\\u001b]0;x\\u0007 \\\\xff "
				     "\\u003c/b>\""));
	*text = '\0';
	ck_assert_int_eq(
		sm_report_write(report, SM_FORMAT_TXT, opts, keep, text), 0);
	ck_assert_ptr_nonnull(strstr(text, "\\x1b]0;x\\x07 \\xff </b>\n==="));
}
END_TEST

START_TEST(null_is_an_error_and_no_crash)
{
	char text[16] = "";

	ck_assert_int_eq(sm_report_new(NULL, &report), -EINVAL);
	ck_assert_int_eq(sm_report_new(ctx, NULL), -EINVAL);
	ck_assert_int_eq(sm_report_add(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_report_add(report, NULL), -EINVAL);
	ck_assert_int_eq(sm_report_collect(NULL, report), -EINVAL);
	ck_assert_int_eq(sm_report_set_spill_dir(NULL, "/tmp"), -EINVAL);
	ck_assert_int_eq(sm_report_set_spill_dir(report, ""), -EINVAL);
	ck_assert_int_eq(sm_report_set_spill_dir(report, NULL), 0);
	ck_assert_uint_eq(sm_report_size(NULL, SM_KIND_PORT), 0);
	ck_assert_uint_eq(sm_report_size(report, 99), 0);
	ck_assert_ptr_null(sm_report_at(NULL, SM_KIND_PORT, 0));
	ck_assert_ptr_null(sm_report_at(report, SM_KIND_PORT, 0));
	ck_assert_ptr_null(sm_report_at(report, -1, 0));
	ck_assert_int_eq(sm_report_worst(NULL), 0);
	ck_assert_int_eq(sm_report_worst(report), 0);
	ck_assert_int_eq(
		sm_report_write(NULL, SM_FORMAT_JSON, NULL, keep, text),
		-EINVAL);
	ck_assert_int_eq(
		sm_report_write(report, SM_FORMAT_JSON, NULL, NULL, NULL),
		-EINVAL);
	ck_assert_int_eq(sm_report_write_fd(report, SM_FORMAT_JSON, NULL, -1),
			 -EINVAL);
	ck_assert_int_eq(
		sm_report_write_file(report, SM_FORMAT_JSON, NULL, NULL),
		-EINVAL);
	ck_assert_int_eq(sm_report_write_dir(report, SM_FORMAT_CSV, NULL, NULL),
			 -EINVAL);
	ck_assert_int_eq(sm_report_write_dir(NULL, SM_FORMAT_CSV, NULL, "x"),
			 -EINVAL);
	ck_assert_int_eq(sm_writer_collect(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_writer_finish(NULL), -EINVAL);
	sm_writer_free(NULL);
	sm_report_free(NULL);
	sm_report_opts_free(NULL);
	ck_assert_int_eq(sm_report_opts_new(ctx, NULL), -EINVAL);
	ck_assert_int_eq(sm_report_opts_new(NULL, &opts), -EINVAL);
	ck_assert_int_eq(sm_report_opts_set_title(NULL, "x"), -EINVAL);
	ck_assert_int_eq(sm_report_opts_set_min_severity(NULL, 10), -EINVAL);
	ck_assert_int_eq(sm_report_opts_set_fields(NULL, 1, "id"), -EINVAL);
	ck_assert_int_eq(sm_report_opts_set_color(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_report_opts_set_time(NULL, 0), -EINVAL);
	ck_assert_int_eq(sm_report_opts_set_width(NULL, 80), -EINVAL);
	ck_assert_int_eq(sm_report_opts_set_spill_dir(NULL, "/"), -EINVAL);
}
END_TEST

START_TEST(a_verb_tells_a_report_and_a_writer_the_same)
{
	char pid[64], *whole = calloc(1, BIG), *stream = calloc(1, BIG);
	sm_proc_opts *only_me;
	sm_writer *w;

	ck_assert_ptr_nonnull(whole);
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(sm_proc_opts_new(ctx, &only_me), 0);
	ck_assert_int_eq(sm_proc_opts_set_pid(only_me, getpid()), 0);
	ck_assert_int_eq(sm_proc_opts_set_interval_ms(only_me, 0), 0);
	ck_assert_int_eq(sm_proc_opts_set_fields(only_me, "pid,ppid,start"), 0);
	ck_assert_int_eq(sm_proc_opts_set_checks(only_me, 0), 0);
	ck_assert_int_eq(sm_report_opts_set_time(opts, 0), 0);
	ck_assert_int_eq(sm_report_opts_set_fields(opts, SM_KIND_PROCESS,
						   "pid,ppid,start"),
			 0);
	ck_assert_int_eq(
		sm_writer_new(ctx, SM_FORMAT_NDJSON, opts, keep, stream, &w),
		0);
	ck_assert_int_eq(sm_list_processes(ctx, only_me, sm_writer_collect, w),
			 0);
	ck_assert_int_eq(sm_writer_finish(w), 0);
	ck_assert_int_eq(
		sm_list_processes(ctx, only_me, sm_report_collect, report), 0);
	ck_assert_uint_eq(sm_report_size(report, SM_KIND_PROCESS), 1);
	ck_assert_int_eq(
		sm_record_kind(sm_report_at(report, SM_KIND_PROCESS, 0)),
		SM_KIND_PROCESS);
	ck_assert_int_eq(
		sm_report_write(report, SM_FORMAT_NDJSON, opts, keep, whole),
		0);
	ck_assert_str_eq(whole, stream);
	snprintf(pid, sizeof(pid), "\"pid\":%d,\"ppid\":%d,\"start\":\"20",
		 (int)getpid(), (int)getppid());
	ck_assert_ptr_nonnull(strstr(whole, pid));
	ck_assert_ptr_nonnull(strstr(whole, "\"processes\":1,"));
	ck_assert_ptr_null(strstr(whole, "cmdline"));
	sm_writer_free(w);
	sm_proc_opts_free(only_me);
	free(whole);
	free(stream);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("report");
	TCase *tc = tcase_create("report");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_format_has_a_name_and_a_suffix, 0,
			    COUNT(formats));
	tcase_add_test(tc, what_is_no_format_is_refused);
	tcase_add_loop_test(tc, an_empty_report_can_be_written, 0,
			    COUNT(formats));
	tcase_add_loop_test(tc, an_empty_writer_can_be_finished, 0,
			    COUNT(formats));
	tcase_add_loop_test(
		tc, a_mistake_in_the_options_is_named_and_stops_every_verb, 0,
		COUNT(mistakes));
	tcase_add_test(tc, a_title_of_any_bytes_is_shown_inert);
	tcase_add_test(tc, null_is_an_error_and_no_crash);
	tcase_add_test(tc, a_verb_tells_a_report_and_a_writer_the_same);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
