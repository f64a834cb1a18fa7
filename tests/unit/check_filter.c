/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "fail-alloc.h"
#include "record/build.h"
#include "record/filter.h"
#include "suite.h"

static struct smi_arena arena;

/* nginx of www-data: 60.5 %, 2 GiB, started 2026-08-04T10:00:00Z, arguments "-g",
 * "daemon off;", no container. */
static sm_record *make_process(void)
{
	static const char *const args[] = { "nginx", "-g", "daemon off;" };
	sm_record *r = smi_rec_new(&arena, SM_KIND_PROCESS);

	smi_set_int(r, SMI_PROC_PID, 812);
	smi_set_text(&arena, r, SMI_PROC_NAME, SMI_SPAN("nginx"));
	smi_set_text(&arena, r, SMI_PROC_USER, SMI_SPAN("www-data"));
	smi_set_real(r, SMI_PROC_CPU_PERCENT, 60.5);
	smi_set_int(r, SMI_PROC_RSS, INT64_C(2) << 30);
	smi_set_int(r, SMI_PROC_NICE, -5);
	smi_set_int(r, SMI_PROC_KERNEL_THREAD, 0);
	smi_set_int(r, SMI_PROC_START, INT64_C(1785837600000000000));
	smi_set_strs(&arena, r, SMI_PROC_ARGS, args, SMI_COUNT(args));
	return r;
}

static bool matches(const char *text)
{
	struct smi_filter_error err = { 0, "" };
	struct smi_filter *f = NULL;
	int r = smi_filter_new(SM_KIND_PROCESS, smi_span_str(text), &f, &err);
	bool yes;

	ck_assert_msg(r == 0, "%s: byte %zu: %s", text, err.at, err.why);
	yes = smi_filter_match(f, make_process());
	smi_filter_free(f);
	return yes;
}

static const struct {
	const char *text;
	bool yes;
} conditions[] = {
	{ "pid = 812", true },
	{ "pid==813", false },
	{ "pid != 812", false },
	{ "pid<813", true },
	{ "pid <= 812 and pid >= 812", true },
	{ "pid > 812 or pid < 812", false },
	{ "nice < 0", true },
	{ "nice = -5", true },
	{ "rss >= 2G", true },
	{ "rss > 2G", false },
	{ "rss = 2097152K", true },
	{ "rss = 2048M", true },
	{ "cpu_percent > 60.25", true },
	{ "cpu_percent > 60.75", false },
	{ "cpu_percent > -1.5", true },
	{ "user = www-data", true },
	{ "user = 'www-data'", true },
	{ "user = www", false },
	{ "user ~ www", true },
	{ "user !~ www", false },
	{ "user ~ ''", true },
	{ "args = -g", true },
	{ "args = \"daemon off;\"", true },
	{ "args = daemon", false },
	{ "args ~ off", true },
	{ "start < 2026-08-04T12:00:00+01:00", true },
	{ "start < 2026-08-04T10:00:00Z", false },
	{ "kernel_thread", false },
	{ "not kernel_thread", true },
	{ "kernel_thread = no", true },
	{ "kernel_thread = TRUE", false },
	{ "name", true },
	{ "args", true },
	{ "cpu_percent", true },
	/* What is not known is in no relation, not even "not equal". */
	{ "container", false },
	{ "container = x", false },
	{ "container != x", true },
	{ "container !~ x", true },
	{ "threads < 5", false },
	{ "threads >= 5", false },
	/* "and" binds before "or", "not" before both. */
	{ "pid = 812 or pid = 1 and pid = 2", true },
	{ "(pid = 812 or pid = 1) and pid = 2", false },
	{ "not pid = 1 and pid = 1", false },
	{ "not (pid = 1 and pid = 1)", true },
	{ "!!pid=812", true },
	{ "not not not pid = 812", false },
	{ "pid=812&&user~data||name=x", true },
	{ "  (  pid  =  812  )  ", true },
	{ "((((pid = 812))))", true },
};

START_TEST(a_condition_is_true_of_what_it_says)
{
	ck_assert_msg(matches(conditions[_i].text) == conditions[_i].yes, "%s",
		      conditions[_i].text);
}
END_TEST

START_TEST(a_backslash_keeps_the_next_byte_of_a_quoted_value)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PROCESS);
	struct smi_filter_error err = { 0, "" };
	struct smi_filter *f = NULL;

	smi_set_text(&arena, r, SMI_PROC_CMDLINE,
		     SMI_SPAN("it's a \"b\" \\ c"));
	ck_assert_int_eq(
		smi_filter_new(
			SM_KIND_PROCESS,
			SMI_SPAN("cmdline = 'it\\'s a \"b\" \\\\ c' and "
				 "cmdline = \"it's a \\\"b\\\" \\\\ c\""),
			&f, &err),
		0);
	ck_assert(smi_filter_match(f, r));
	smi_filter_free(f);
}
END_TEST

START_TEST(the_fields_that_it_reads_are_told)
{
	struct smi_fieldset set = { { 0, 0 } }, want = { { 0, 0 } };
	struct smi_filter_error err = { 0, "" };
	struct smi_filter *f = NULL;

	ck_assert_int_eq(smi_filter_new(SM_KIND_PROCESS,
					SMI_SPAN("not (tty or rss > 1) and "
						 "rss < 9 and swap"),
					&f, &err),
			 0);
	smi_filter_fields(f, &set);
	smi_fieldset_add(&want, SMI_PROC_TTY);
	smi_fieldset_add(&want, SMI_PROC_RSS);
	smi_fieldset_add(&want, SMI_PROC_SWAP);
	ck_assert_mem_eq(&set, &want, sizeof(set));
	smi_filter_free(f);
}
END_TEST

static const struct {
	const char *text;
	size_t at; /* from 1 */
	int rc;
} refused[] = {
	{ "", 1, -EINVAL },
	{ "   ", 4, -EINVAL },
	{ "pids = 1", 1, -ENOENT },
	{ "pid = 1 and name_raw = x", 13, -ENOENT },
	{ "pid = ", 7, -EINVAL },
	{ "pid = 1 x", 9, -EINVAL },
	{ "pid = 1 and", 12, -EINVAL },
	{ "pid ~ 1", 5, -EINVAL },
	{ "name < x", 6, -EINVAL },
	{ "kernel_thread > no", 15, -EINVAL },
	{ "kernel_thread = maybe", 17, -EINVAL },
	{ "pid = 1x", 7, -EINVAL },
	{ "pid = 1.5", 7, -EINVAL },
	{ "pid = -", 7, -EINVAL },
	{ "pid = 99999999999999999999", 7, -EINVAL },
	{ "rss > 9007199254740992K", 7, -EINVAL },
	{ "cpu_percent > 1.", 15, -EINVAL },
	{ "start > yesterday", 9, -EINVAL },
	{ "name = 'x", 8, -EINVAL },
	{ "name = 'x\\", 8, -EINVAL },
	{ "(pid = 1", 1, -EINVAL },
	{ "pid = 1)", 8, -EINVAL },
	{ "()", 2, -EINVAL },
	{ "= 1", 1, -EINVAL },
};

START_TEST(what_cannot_be_read_is_refused_where_it_stands)
{
	struct smi_filter_error err = { 0, "" };
	struct smi_filter *f = NULL;

	ck_assert_int_eq(smi_filter_new(SM_KIND_PROCESS,
					smi_span_str(refused[_i].text), &f,
					&err),
			 refused[_i].rc);
	ck_assert_msg(err.at + 1 == refused[_i].at, "%s: %zu: %s",
		      refused[_i].text, err.at + 1, err.why);
	ck_assert(err.why[0] != '\0');
}
END_TEST

/* n times head, then the condition, then n times tail. */
static int parse_repeated(const char *head, const char *tail, unsigned n)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_filter_error err = { 0, "" };
	struct smi_filter *f = NULL;
	int r;

	for (unsigned i = 0; i < n; i++)
		smi_buf_str(&text, head);
	smi_buf_str(&text, "pid = 1");
	for (unsigned i = 0; i < n; i++)
		smi_buf_str(&text, tail);
	r = smi_filter_new(SM_KIND_PROCESS, smi_buf_span(&text), &f, &err);
	smi_filter_free(f);
	return r;
}

START_TEST(length_depth_and_number_of_comparisons_have_limits)
{
	ck_assert_int_eq(parse_repeated("(", ")", SMI_FILTER_DEPTH_MAX - 1), 0);
	ck_assert_int_eq(parse_repeated("(", ")", SMI_FILTER_DEPTH_MAX),
			 -EINVAL);
	ck_assert_int_eq(parse_repeated("not (", ")", SMI_FILTER_DEPTH_MAX - 1),
			 0);
	ck_assert_int_eq(
		parse_repeated("pid and ", "", SMI_FILTER_TERMS_MAX - 1), 0);
	ck_assert_int_eq(parse_repeated("pid and ", "", SMI_FILTER_TERMS_MAX),
			 -EINVAL);
	ck_assert_int_eq(parse_repeated(" ", "", SMI_FILTER_MAX - 7), 0);
	ck_assert_int_eq(parse_repeated(" ", "", SMI_FILTER_MAX), -EINVAL);
}
END_TEST

START_TEST(out_of_memory_is_an_error)
{
	struct smi_filter_error err = { 0, "" };
	struct smi_filter *f = NULL;

	for (int n = 1; n <= 2; n++) {
		fail_alloc_at(n);
		ck_assert_int_eq(smi_filter_new(SM_KIND_PROCESS,
						SMI_SPAN("pid = 1"), &f, &err),
				 -ENOMEM);
	}
	fail_alloc_at(3);
	ck_assert_int_eq(
		smi_filter_new(SM_KIND_PROCESS, SMI_SPAN("pid = 1"), &f, &err),
		0);
	fail_alloc_off();
	smi_filter_free(f);
}
END_TEST

static void teardown(void)
{
	smi_arena_free(&arena);
	arena = (struct smi_arena){ 0 };
}

int main(void)
{
	Suite *s = suite_create("filter");
	TCase *t = tcase_create("filter");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, a_condition_is_true_of_what_it_says, 0,
			    SMI_COUNT(conditions));
	tcase_add_test(t, a_backslash_keeps_the_next_byte_of_a_quoted_value);
	tcase_add_test(t, the_fields_that_it_reads_are_told);
	tcase_add_loop_test(t, what_cannot_be_read_is_refused_where_it_stands,
			    0, SMI_COUNT(refused));
	tcase_add_test(t, length_depth_and_number_of_comparisons_have_limits);
	tcase_add_test(t, out_of_memory_is_an_error);
	suite_add_tcase(s, t);
	return suite_run(s);
}
