/* SPDX-License-Identifier: MIT */
#include "base/span.h"
#include "suite.h"

START_TEST(split_gives_what_is_between_separators)
{
	static const struct {
		const char *text;
		size_t n;
		const char *part[4];
	} cases[] = {
		{ "", 0, { NULL } },
		{ "a", 1, { "a" } },
		{ "a,,b", 3, { "a", "", "b" } },
		{ "a,", 1, { "a" } },
		{ ",", 1, { "" } },
		{ ",b", 2, { "", "b" } },
	};

	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		struct smi_span rest = smi_span_str(cases[i].text), tok;
		size_t n = 0;

		while (smi_span_split(&rest, ',', &tok)) {
			ck_assert_uint_lt(n, cases[i].n);
			ck_assert(smi_span_eq_str(tok, cases[i].part[n]));
			n++;
		}
		ck_assert_uint_eq(n, cases[i].n);
	}
}
END_TEST

START_TEST(a_number_is_all_digits_and_at_most_max)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool ok;
		uint64_t v;
	} cases[] = {
		{ "0", 0, true, 0 },
		{ "007", 9, true, 7 },
		{ "65535", 65535, true, 65535 },
		{ "65536", 65535, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
		{ "", UINT64_MAX, false, 0 },
		{ "+1", 9, false, 0 },
		{ "-1", 9, false, 0 },
		{ " 1", 9, false, 0 },
		{ "1x", 9, false, 0 },
	};

	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		uint64_t v = 4711;

		ck_assert_int_eq(smi_span_uint(smi_span_str(cases[i].text),
					       cases[i].max, &v),
				 cases[i].ok);
		ck_assert_uint_eq(v, cases[i].ok ? cases[i].v : 4711);
	}
}
END_TEST

START_TEST(digits_are_counted_up_to_what_is_none)
{
	uint64_t v = 0;

	ck_assert_uint_eq(smi_span_digits(SMI_SPAN("12ab"), &v), 2);
	ck_assert_uint_eq(v, 12);
	ck_assert_uint_eq(smi_span_digits(SMI_SPAN("ab"), &v), 0);
	ck_assert_uint_eq(smi_span_digits(SMI_SPAN("18446744073709551616"), &v),
			  0);
	ck_assert_uint_eq(v, 12);
}
END_TEST

START_TEST(trim_takes_spaces_and_tabs_off_both_ends)
{
	ck_assert(smi_span_eq_str(smi_span_trim(SMI_SPAN(" \ta b\t ")), "a b"));
	ck_assert(smi_span_eq_str(smi_span_trim(SMI_SPAN("a\n")), "a\n"));
	ck_assert_uint_eq(smi_span_trim(SMI_SPAN(" \t ")).len, 0);
	ck_assert_uint_eq(smi_span_trim(SMI_SPAN("")).len, 0);
}
END_TEST

START_TEST(letters_compare_without_case_in_ascii_only)
{
	ck_assert(smi_span_eq_nocase(SMI_SPAN("AbZ9"), SMI_SPAN("aBz9")));
	ck_assert(!smi_span_eq_nocase(SMI_SPAN("ab"), SMI_SPAN("abc")));
	/* 0x20 apart, but no letters */
	ck_assert(!smi_span_eq_nocase(SMI_SPAN("["), SMI_SPAN("{")));
	ck_assert(!smi_span_eq_nocase(SMI_SPAN("@"), SMI_SPAN("`")));
	ck_assert(!smi_span_eq_nocase(SMI_SPAN("\xc3\x84"),
				      SMI_SPAN("\xc3\xa4")));
}
END_TEST

START_TEST(order_is_by_bytes_then_by_length)
{
	ck_assert_int_lt(smi_span_cmp(SMI_SPAN("a"), SMI_SPAN("b")), 0);
	ck_assert_int_lt(smi_span_cmp(SMI_SPAN("a"), SMI_SPAN("ab")), 0);
	ck_assert_int_gt(smi_span_cmp(SMI_SPAN("\xff"), SMI_SPAN("a")), 0);
	ck_assert_int_eq(smi_span_cmp(SMI_SPAN(""), (struct smi_span){ 0 }), 0);
}
END_TEST

START_TEST(a_span_without_bytes_may_be_null)
{
	struct smi_span none = { 0 };

	ck_assert(smi_span_starts(SMI_SPAN("a"), none));
	ck_assert(smi_span_ends(none, SMI_SPAN("")));
	ck_assert(!smi_span_starts(none, SMI_SPAN("a")));
	ck_assert(smi_span_eq(none, smi_span_str(NULL)));
	ck_assert_uint_eq(smi_span_find(none, 'a'), 0);
	ck_assert(smi_span_starts(SMI_SPAN("abc"), SMI_SPAN("ab")));
	ck_assert(smi_span_ends(SMI_SPAN("abc"), SMI_SPAN("bc")));
	ck_assert(!smi_span_ends(SMI_SPAN("abc"), SMI_SPAN("zabc")));
}
END_TEST

START_TEST(cuts_beyond_the_end_stop_there)
{
	struct smi_span s = SMI_SPAN("abc");

	ck_assert_uint_eq(smi_span_skip(s, 9).len, 0);
	ck_assert(smi_span_eq_str(smi_span_skip(s, 1), "bc"));
	ck_assert(smi_span_eq_str(smi_span_head(s, 9), "abc"));
	ck_assert_uint_eq(smi_span_find(s, 'c'), 2);
	ck_assert_uint_eq(smi_span_find(s, 'z'), 3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("span");
	TCase *tc = tcase_create("span");

	tcase_add_test(tc, split_gives_what_is_between_separators);
	tcase_add_test(tc, a_number_is_all_digits_and_at_most_max);
	tcase_add_test(tc, digits_are_counted_up_to_what_is_none);
	tcase_add_test(tc, trim_takes_spaces_and_tabs_off_both_ends);
	tcase_add_test(tc, letters_compare_without_case_in_ascii_only);
	tcase_add_test(tc, order_is_by_bytes_then_by_length);
	tcase_add_test(tc, a_span_without_bytes_may_be_null);
	tcase_add_test(tc, cuts_beyond_the_end_stop_there);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
