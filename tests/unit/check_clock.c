/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "base/clock.h"
#include "suite.h"

START_TEST(a_day_number_is_that_of_the_c_library)
{
	int bad = 0;

	/* From the year -1000 on, in steps that meet each day of the year */
	for (int64_t days = -1084753; days < 4000000; days += 97) {
		time_t t = (time_t)(days * 86400);
		struct smi_date d = smi_date_from_days(days);
		struct tm tm;

		gmtime_r(&t, &tm);
		if (d.year != tm.tm_year + 1900 || d.month != tm.tm_mon + 1 ||
		    d.day != tm.tm_mday ||
		    smi_date_to_days(d.year, d.month, d.day) != days)
			bad++;
	}
	ck_assert_int_eq(bad, 0);
	ck_assert_int_eq(smi_date_to_days(1970, 1, 1), 0);
	ck_assert_int_eq(smi_date_to_days(2000, 3, 1), 11017);
}
END_TEST

START_TEST(february_has_29_days_in_leap_years)
{
	ck_assert_int_eq(smi_date_month_days(2024, 2), 29);
	ck_assert_int_eq(smi_date_month_days(2026, 2), 28);
	ck_assert_int_eq(smi_date_month_days(2000, 2), 29);
	ck_assert_int_eq(smi_date_month_days(1900, 2), 28);
	ck_assert_int_eq(smi_date_month_days(2026, 12), 31);
	ck_assert_int_eq(smi_date_month_days(2026, 4), 30);
}
END_TEST

static const struct {
	const char *text, *canonical; /* NULL: refused */
	int64_t ns;
} times[] = {
	{ "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0 },
	{ "2026-08-04T10:00:01.5Z", "2026-08-04T10:00:01.5Z",
	  1785837601500000000 },
	{ "1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.52Z",
	  482196050520000000 },
	{ "1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z",
	  851042397000000000 },
	{ "1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.87Z",
	  -1041337172130000000 },
	{ "1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z", 662688000000000000 },
	{ "2026-08-04 10:00:01z", "2026-08-04T10:00:01Z", 1785837601000000000 },
	{ "2026-08-04t10:00:01+05:30", "2026-08-04T04:30:01Z",
	  1785817801000000000 },
	{ "1969-12-31T23:59:59.25-00:00", "1969-12-31T23:59:59.25Z",
	  -750000000 },
	{ "2026-08-04T10:00:01.123456789999Z", "2026-08-04T10:00:01.123456789Z",
	  1785837601123456789 },
	{ "2026-08-04T10:00:01.000Z", "2026-08-04T10:00:01Z",
	  1785837601000000000 },
	{ "2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z",
	  INT64_MAX },
	{ "1677-09-21T00:12:43.145224193Z", "1677-09-21T00:12:43.145224193Z",
	  -INT64_MAX },
	{ "1677-09-21T00:12:43.145224192Z", NULL, 0 }, /* SM_TIME_NONE */
	{ "1677-09-21T00:12:43.145224191Z", NULL, 0 },
	{ "2262-04-11T23:47:16.854775808Z", NULL, 0 },
	{ "9999-12-31T23:59:59Z", NULL, 0 },
	{ "0000-01-01T00:00:00Z", NULL, 0 },
	{ "", NULL, 0 },
	{ "2026-08-04", NULL, 0 },
	{ "2026-08-04T10:00:01", NULL, 0 },
	{ "2026-08-04T10:00Z", NULL, 0 },
	{ "2026-08-04T10:00:01.Z", NULL, 0 },
	{ "2026-08-04T10:00:01,5Z", NULL, 0 },
	{ "2026-08-04T10:00:01Z ", NULL, 0 },
	{ " 2026-08-04T10:00:01Z", NULL, 0 },
	{ "2026-08-04T10:00:01 Z", NULL, 0 },
	{ "2026-08-04T10:00:01+0530", NULL, 0 },
	{ "2026-08-04T10:00:01+24:00", NULL, 0 },
	{ "2026-08-04T10:00:01+05:60", NULL, 0 },
	{ "2026-08-04T24:00:00Z", NULL, 0 },
	{ "2026-08-04T10:60:00Z", NULL, 0 },
	{ "2026-08-04T10:00:61Z", NULL, 0 },
	{ "2026-02-29T10:00:00Z", NULL, 0 },
	{ "2026-13-01T10:00:00Z", NULL, 0 },
	{ "2026-00-01T10:00:00Z", NULL, 0 },
	{ "2026-01-00T10:00:00Z", NULL, 0 },
	{ "2026-04-31T10:00:00Z", NULL, 0 },
	{ "26-04-30T10:00:00Z", NULL, 0 },
	{ "2026/04/30T10:00:00Z", NULL, 0 },
	{ "+026-04-30T10:00:00Z", NULL, 0 },
};

START_TEST(a_time_is_read_and_written_as_rfc_3339)
{
	size_t len = strlen(times[_i].text);
	SMI_AUTOFREE char *copy = smi_memdup(times[_i].text, len);
	char text[SMI_TIME_STRLEN];
	int64_t ns = 4711;

	ck_assert_int_eq(smi_time_parse(smi_span_of(copy, len), &ns),
			 times[_i].canonical != NULL);
	if (!times[_i].canonical) {
		ck_assert_int_eq(ns, 4711);
		return;
	}
	ck_assert_int_eq(ns, times[_i].ns);
	ck_assert_str_eq(smi_time_format(ns, text), times[_i].canonical);
}
END_TEST

START_TEST(no_time_is_the_empty_string)
{
	char text[SMI_TIME_STRLEN] = "x";

	ck_assert_str_eq(smi_time_format(INT64_MIN, text), "");
}
END_TEST

START_TEST(the_system_clock_runs_in_ns)
{
	const struct smi_clock *c = &smi_clock_system;
	int64_t wall = c->wall(c->user), mono = c->mono(c->user);

	ck_assert_int_eq(wall / SMI_SEC / 100, time(NULL) / 100);
	ck_assert_int_le(mono, c->mono(c->user));
	ck_assert_int_ge(mono, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("clock");
	TCase *tc = tcase_create("clock");

	tcase_add_test(tc, a_day_number_is_that_of_the_c_library);
	tcase_add_test(tc, february_has_29_days_in_leap_years);
	tcase_add_loop_test(tc, a_time_is_read_and_written_as_rfc_3339, 0,
			    SMI_COUNT(times));
	tcase_add_test(tc, no_time_is_the_empty_string);
	tcase_add_test(tc, the_system_clock_runs_in_ns);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
