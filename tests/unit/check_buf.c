/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "fail-alloc.h"
#include "suite.h"

static struct smi_buf b;

static void setup(void)
{
	b = (struct smi_buf){ 0 };
}

static void teardown(void)
{
	fail_alloc_off();
	smi_buf_free(&b);
}

/* Values from the decimal expansion of the double, rounded half to even. */
static const struct {
	double v;
	int digits;
	const char *text;
} reals[] = {
	{ 0, 2, "0" },
	{ -0.0, 2, "0" },
	{ 3.5, 2, "3.5" },
	{ 0.01, 2, "0.01" },
	{ 12, 3, "12" },
	{ 100, 0, "100" },
	{ 0.5, 0, "0" },
	{ 1.5, 0, "2" },
	{ 2.5, 0, "2" },
	{ -2.5, 0, "-2" },
	{ 0.125, 2, "0.12" },
	{ 0.375, 2, "0.38" },
	{ 0.285, 2, "0.28" }, /* 0.28499999999999998 */
	{ 2.675, 2, "2.67" }, /* 2.67499999999999982 */
	{ 1.005, 2, "1" },    /* 1.00499999999999989 */
	{ 99.995, 2, "100" }, /* 99.99500000000000455 */
	{ 999.9999, 2, "1000" },
	{ 999999999.9999, 2, "1000000000" },
	{ 999999999999999999.0, 1, "1000000000000000000" },
	{ -0.001, 2, "0" },
	{ -0.006, 2, "-0.01" },
	{ 0.1, 17, "0.10000000000000001" },
	{ 5e-324, 17, "0" },
	{ 1e22, 2, "10000000000000000000000" },
	{ 2251799813685249.5, 1, "2251799813685249.5" },
	{ 9007199254740993.0, 1, "9007199254740992" },
	{ NAN, 2, "0" },
	{ INFINITY, 2, "0" },
	{ -INFINITY, 2, "0" },
};

START_TEST(a_real_is_correctly_rounded_and_short)
{
	smi_buf_real(&b, reals[_i].v, reals[_i].digits);
	ck_assert_str_eq(smi_buf_cstr(&b), reals[_i].text);
}
END_TEST

static void strip_zeros(char *text)
{
	char *end = text + strlen(text);

	if (!strchr(text, '.'))
		return;
	while (end[-1] == '0')
		*--end = '\0';
	if (end[-1] == '.')
		*--end = '\0';
}

START_TEST(a_real_is_what_the_c_library_prints)
{
	uint64_t x = 88172645463325252;
	char text[512];

	for (int i = 0; i < 20000; i++) {
		double v;
		int digits = i % 10;

		/* xorshift; every third of any size, else a likely one */
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(&v, &x, sizeof(v));
		if (i % 3)
			v = (double)(x >> 20) / (double)(1 << (i % 30));
		if (!isfinite(v))
			continue;
		snprintf(text, sizeof(text), "%.*f", digits, v);
		strip_zeros(text);
		smi_buf_clear(&b);
		smi_buf_real(&b, v, digits);
		if (strcmp(smi_buf_cstr(&b), strcmp(text, "-0") ? text : "0"))
			ck_abort_msg("%s, not %s", b.p, text);
	}
	smi_buf_clear(&b);
	smi_buf_real(&b, 1.7976931348623157e308, 3);
	snprintf(text, sizeof(text), "%.0f", 1.7976931348623157e308);
	ck_assert_str_eq(smi_buf_cstr(&b), text);
}
END_TEST

START_TEST(the_locale_of_the_program_changes_no_number)
{
	static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8",
					     "de_DE", "fr_FR" };

	/* Where none of them is installed, this is the C locale once more. */
	for (size_t i = 0; i < SMI_COUNT(names); i++) {
		if (setlocale(LC_ALL, names[i]))
			break;
	}
	smi_buf_real(&b, 1234567.25, 2);
	smi_buf_char(&b, ' ');
	smi_buf_int(&b, -1234567);
	ck_assert_str_eq(smi_buf_cstr(&b), "1234567.25 -1234567");
}
END_TEST

START_TEST(integers_are_written_to_their_limits)
{
	smi_buf_int(&b, INT64_MIN);
	smi_buf_char(&b, ' ');
	smi_buf_int(&b, INT64_MAX);
	smi_buf_char(&b, ' ');
	smi_buf_uint(&b, UINT64_MAX);
	smi_buf_char(&b, ' ');
	smi_buf_int(&b, 0);
	ck_assert_str_eq(smi_buf_cstr(&b),
			 "-9223372036854775808 9223372036854775807 "
			 "18446744073709551615 0");
}
END_TEST

START_TEST(formatted_text_of_any_length_is_added_whole)
{
	char text[1000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t len = 0; len < sizeof(text); len += 7) {
		smi_buf_clear(&b);
		smi_buf_str(&b, "<");
		smi_buf_printf(&b, "%.*s|%d", (int)len, text, 42);
		ck_assert_uint_eq(b.len, 1 + len + 3);
		ck_assert_int_eq(memcmp(b.p + 1, text, len), 0);
		ck_assert_str_eq(smi_buf_cstr(&b) + 1 + len, "|42");
	}
}
END_TEST

START_TEST(bytes_of_all_sorts_are_added_as_they_are)
{
	smi_buf_add(&b, "a\0b", 3);
	smi_buf_span_add(&b, SMI_SPAN("c"));
	smi_buf_fill(&b, '-', 3);
	smi_buf_fill(&b, '-', 0);
	smi_buf_add(&b, NULL, 0);
	ck_assert(smi_span_eq(smi_buf_span(&b), SMI_SPAN("a\0bc---")));
	ck_assert_uint_eq(b.len, 7);
	ck_assert_ptr_nonnull(smi_buf_cstr(&b));
	ck_assert_uint_eq(b.len, 7);
}
END_TEST

START_TEST(a_failure_stays_until_the_buffer_is_cleared)
{
	smi_buf_str(&b, "kept");
	fail_alloc_at(1);
	smi_buf_fill(&b, 'x', 1000);
	smi_buf_str(&b, "not added though memory is back");
	ck_assert_int_eq(smi_buf_error(&b), -ENOMEM);
	ck_assert(smi_span_eq_str(smi_buf_span(&b), "kept"));
	ck_assert_ptr_null(smi_buf_cstr(&b));
	smi_buf_clear(&b);
	ck_assert_int_eq(smi_buf_error(&b), 0);
	smi_buf_str(&b, "again");
	ck_assert_str_eq(smi_buf_cstr(&b), "again");
}
END_TEST

static void write_all_ways(void)
{
	smi_buf_printf(&b, "%100d", 1);
	smi_buf_fill(&b, 'x', 200);
	smi_buf_real(&b, 1e300, 2);
	smi_buf_fill(&b, 'y', 2000);
	smi_buf_int(&b, 7);
}

START_TEST(each_failed_allocation_is_told)
{
	for (int n = 1;; n++) {
		bool hit;

		smi_buf_free(&b);
		fail_alloc_at(n);
		write_all_ways();
		hit = fail_alloc_count() >= n;
		fail_alloc_off();
		ck_assert_int_eq(smi_buf_error(&b), hit ? -ENOMEM : 0);
		if (!hit)
			break;
		ck_assert_int_lt(n, 100);
	}
}
END_TEST

START_TEST(a_length_that_cannot_be_is_a_failure)
{
	smi_buf_str(&b, "x");
	ck_assert(!smi_buf_reserve(&b, SIZE_MAX));
	ck_assert_int_eq(smi_buf_error(&b), -ENOMEM);
	smi_buf_clear(&b);
	ck_assert(!smi_buf_reserve(&b, (size_t)PTRDIFF_MAX + 1));
}
END_TEST

START_TEST(an_empty_buffer_is_the_empty_string)
{
	ck_assert_ptr_nonnull(smi_buf_span(&b).p);
	ck_assert_uint_eq(smi_buf_span(&b).len, 0);
	ck_assert_str_eq(smi_buf_cstr(&b), "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("buf");
	TCase *tc = tcase_create("buf");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_real_is_correctly_rounded_and_short, 0,
			    SMI_COUNT(reals));
	tcase_add_test(tc, a_real_is_what_the_c_library_prints);
	tcase_add_test(tc, the_locale_of_the_program_changes_no_number);
	tcase_add_test(tc, integers_are_written_to_their_limits);
	tcase_add_test(tc, formatted_text_of_any_length_is_added_whole);
	tcase_add_test(tc, bytes_of_all_sorts_are_added_as_they_are);
	tcase_add_test(tc, a_failure_stays_until_the_buffer_is_cleared);
	tcase_add_test(tc, each_failed_allocation_is_told);
	tcase_add_test(tc, a_length_that_cannot_be_is_a_failure);
	tcase_add_test(tc, an_empty_buffer_is_the_empty_string);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
