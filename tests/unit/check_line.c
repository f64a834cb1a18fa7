/* SPDX-License-Identifier: MIT */
#include "record/build.h"
#include "suite.h"

static struct smi_arena arena;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
}

static void teardown(void)
{
	smi_arena_free(&arena);
}

static sm_record *line_record(int kind, unsigned raw)
{
	sm_record *r = smi_rec_new(&arena, kind);

	smi_set_const(r, SMI_LINE_FILE, "auth.log");
	smi_set_int(r, SMI_LINE_NUMBER, 7);
	smi_set_int(r, SMI_LINE_OFFSET, INT64_C(5000000000));
	smi_set_int(r, SMI_LINE_TIME, INT64_C(1785837601500000000));
	smi_set_const(r, SMI_LINE_HOST, "web");
	smi_set_const(r, SMI_LINE_PROGRAM, "sshd");
	smi_set_int(r, SMI_LINE_PID, 411);
	smi_set_text(&arena, r, SMI_LINE_MESSAGE, SMI_SPAN("a\0b\x1b"));
	smi_set_raw(&arena, r, raw, SMI_SPAN("sshd: a\0b\x1b"));
	return r;
}

static const struct {
	int kind;
	unsigned raw;
} kinds[] = { { SM_KIND_LINE, SMI_LINE_RAW },
	      { SM_KIND_EVENT, SMI_EVENT_RAW } };

START_TEST(lines_and_events_tell_of_their_line)
{
	sm_record *r = line_record(kinds[_i].kind, kinds[_i].raw);
	const sm_line *l = sm_record_line(r);
	size_t len = 0;

	ck_assert_ptr_nonnull(l);
	ck_assert_str_eq(sm_line_file(l), "auth.log");
	ck_assert_uint_eq(sm_line_number(l), 7);
	ck_assert_uint_eq(sm_line_offset(l), UINT64_C(5000000000));
	ck_assert_int_eq(sm_line_time(l), INT64_C(1785837601500000000));
	ck_assert_str_eq(sm_line_host(l), "web");
	ck_assert_str_eq(sm_line_program(l), "sshd");
	ck_assert_int_eq(sm_line_pid(l), 411);
	ck_assert_str_eq(sm_line_message(l), "a\\x00b\\x1b");
	ck_assert_mem_eq(sm_line_raw(l, &len), "sshd: a\0b\x1b", 10);
	ck_assert_uint_eq(len, 10);
	ck_assert_ptr_nonnull(sm_line_raw(l, NULL));
}
END_TEST

START_TEST(what_is_no_line_has_neutral_values)
{
	sm_record *empty = smi_rec_new(&arena, SM_KIND_LINE);
	const sm_line *cases[] = { NULL, sm_record_line(empty) };

	ck_assert_ptr_null(sm_record_line(NULL));
	ck_assert_ptr_null(
		sm_record_line(smi_rec_new(&arena, SM_KIND_PROCESS)));
	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		const sm_line *l = cases[i];
		size_t len = 5;

		ck_assert_str_eq(sm_line_file(l), "");
		ck_assert_uint_eq(sm_line_number(l), 0);
		ck_assert_uint_eq(sm_line_offset(l), 0);
		ck_assert_int_eq(sm_line_time(l), SM_TIME_NONE);
		ck_assert_str_eq(sm_line_host(l), "");
		ck_assert_str_eq(sm_line_program(l), "");
		ck_assert_int_eq(sm_line_pid(l), 0);
		ck_assert_str_eq(sm_line_message(l), "");
		ck_assert_ptr_null(sm_line_raw(l, &len));
		ck_assert_uint_eq(len, 0);
	}
}
END_TEST

START_TEST(coverage_tells_what_was_read)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_COVERAGE);
	const sm_coverage *c = sm_record_coverage(r);

	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(sm_coverage_first(c), SM_TIME_NONE);
	ck_assert_int_eq(sm_coverage_last(c), SM_TIME_NONE);
	smi_set_const(r, SMI_COVERAGE_SOURCE, "auth.log");
	smi_set_int(r, SMI_COVERAGE_LINES, 10);
	smi_set_int(r, SMI_COVERAGE_MATCHED, 4);
	smi_set_int(r, SMI_COVERAGE_HARMLESS, 1);
	smi_set_int(r, SMI_COVERAGE_UNPARSED, 3);
	smi_set_int(r, SMI_COVERAGE_SKIPPED, 2);
	smi_set_int(r, SMI_COVERAGE_FIRST, 100);
	smi_set_int(r, SMI_COVERAGE_LAST, 200);
	smi_set_int(r, SMI_COVERAGE_BYTES, 999);
	ck_assert_str_eq(sm_coverage_source(c), "auth.log");
	ck_assert_uint_eq(sm_coverage_lines(c), 10);
	ck_assert_uint_eq(sm_coverage_matched(c), 4);
	ck_assert_uint_eq(sm_coverage_harmless(c), 1);
	ck_assert_uint_eq(sm_coverage_unparsed(c), 3);
	ck_assert_uint_eq(sm_coverage_skipped(c), 2);
	ck_assert_int_eq(sm_coverage_first(c), 100);
	ck_assert_int_eq(sm_coverage_last(c), 200);
	ck_assert_uint_eq(sm_coverage_bytes(c), 999);
	ck_assert_uint_eq(sm_coverage_untimed(c), 0);
	smi_set_int(r, SMI_COVERAGE_UNTIMED, 1);
	smi_set_int(r, SMI_COVERAGE_BACKWARDS, 2);
	smi_set_int(r, SMI_COVERAGE_YEAR_GUESSED, 3);
	smi_set_int(r, SMI_COVERAGE_DATE_GUESSED, 4);
	smi_set_int(r, SMI_COVERAGE_AMBIGUOUS, 5);
	smi_set_int(r, SMI_COVERAGE_NONEXISTENT, 6);
	ck_assert_uint_eq(sm_coverage_untimed(c), 1);
	ck_assert_uint_eq(sm_coverage_backwards(c), 2);
	ck_assert_uint_eq(sm_coverage_year_guessed(c), 3);
	ck_assert_uint_eq(sm_coverage_date_guessed(c), 4);
	ck_assert_uint_eq(sm_coverage_ambiguous(c), 5);
	ck_assert_uint_eq(sm_coverage_nonexistent(c), 6);
}
END_TEST

START_TEST(what_is_no_coverage_has_neutral_values)
{
	ck_assert_ptr_null(sm_record_coverage(NULL));
	ck_assert_ptr_null(
		sm_record_coverage(smi_rec_new(&arena, SM_KIND_LINE)));
	ck_assert_str_eq(sm_coverage_source(NULL), "");
	ck_assert_uint_eq(sm_coverage_lines(NULL), 0);
	ck_assert_uint_eq(sm_coverage_bytes(NULL), 0);
	ck_assert_int_eq(sm_coverage_first(NULL), SM_TIME_NONE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("line");
	TCase *tc = tcase_create("line");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, lines_and_events_tell_of_their_line, 0,
			    SMI_COUNT(kinds));
	tcase_add_test(tc, what_is_no_line_has_neutral_values);
	tcase_add_test(tc, coverage_tells_what_was_read);
	tcase_add_test(tc, what_is_no_coverage_has_neutral_values);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
