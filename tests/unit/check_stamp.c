/* SPDX-License-Identifier: MIT */
#include "logsrc/stamp.h"
#include "suite.h"

/* Central Europe: forward on 2026-03-29 at 02:00, back on 2026-10-25 at 03:00. */
#define CET "CET-1CEST,M3.5.0,M10.5.0/3"

static struct smi_tz *zone(const char *text)
{
	struct smi_tz *tz = NULL;

	ck_assert_int_eq(smi_tz_parse_posix(smi_span_str(text), &tz), 0);
	return tz;
}

static int64_t at(const char *rfc3339)
{
	int64_t t = 0;

	ck_assert(smi_time_parse(smi_span_str(rfc3339), &t));
	return t;
}

static int64_t read_one(struct smi_stamp_clock *c, const char *text)
{
	struct smi_stamp s;
	int64_t t = 0;

	ck_assert_uint_gt(smi_stamp_read(c, smi_span_str(text), &s, &t), 0);
	return t;
}

static const struct {
	const char *zone, *now, *stamp, *time;
} cases[] = {
	/* years */
	{ "UTC0", "2026-08-04T12:00:00Z", "Aug  4 10:00:01",
	  "2026-08-04T10:00:01Z" },
	{ "UTC0", "2026-08-04T12:00:00Z", "Aug  4 12:00:00",
	  "2026-08-04T12:00:00Z" },
	{ "UTC0", "2026-08-04T12:00:00Z", "Aug  6 10:00:00",
	  "2025-08-06T10:00:00Z" },
	{ "UTC0", "2026-08-04T12:00:00Z", "Dec 31 23:59:59",
	  "2025-12-31T23:59:59Z" },
	{ "UTC0", "2026-01-01T00:00:05Z", "Dec 31 23:59:59",
	  "2025-12-31T23:59:59Z" },
	/* a day of slack: another clock may be ahead */
	{ "UTC0", "2026-08-04T12:00:00Z", "Aug  5 12:00:00",
	  "2026-08-05T12:00:00Z" },
	{ "UTC0", "2026-08-04T12:00:00Z", "Aug  5 12:00:59",
	  "2026-08-05T12:00:59Z" },
	{ "UTC0", "2026-08-04T12:00:00Z", "Aug  5 12:01:00",
	  "2025-08-05T12:01:00Z" },
	{ "UTC0", "2025-12-31T23:00:00Z", "Jan  1 01:00:00",
	  "2026-01-01T01:00:00Z" },
	/* a day that only leap years have */
	{ "UTC0", "2026-03-01T00:00:00Z", "Feb 29 10:00:00",
	  "2024-02-29T10:00:00Z" },
	{ "UTC0", "2024-02-29T12:00:00Z", "Feb 29 10:00:00",
	  "2024-02-29T10:00:00Z" },
	{ "UTC0", "1903-03-01T00:00:00Z", "Feb 29 10:00:00",
	  "1896-02-29T10:00:00Z" },
	/* zones */
	{ CET, "2026-08-04T12:00:00Z", "Aug  4 10:00:01",
	  "2026-08-04T08:00:01Z" },
	{ CET, "2026-08-04T12:00:00Z", "Jan  4 10:00:01",
	  "2026-01-04T09:00:01Z" },
	{ CET, "2026-08-04T12:00:00Z", "2026-01-04 10:00:01,25",
	  "2026-01-04T09:00:01.25Z" },
	{ CET, "2026-08-04T12:00:00Z", "2026-01-04T10:00:01+0530",
	  "2026-01-04T04:30:01Z" },
	{ CET, "2026-08-04T12:00:00Z", "2026-01-04T10:00:01.123456789-08:00",
	  "2026-01-04T18:00:01.123456789Z" },
	{ CET, "2026-08-04T12:00:00Z", "2026/01/04 10:00:01",
	  "2026-01-04T09:00:01Z" },
	{ "UTC0", "2026-08-04T12:00:00Z", "2026-06-30T23:59:60Z",
	  "2026-07-01T00:00:00Z" },
	/* the hour that does not exist: as if the clock were not yet forward */
	{ CET, "2026-08-04T12:00:00Z", "Mar 29 02:30:00",
	  "2026-03-29T01:30:00Z" },
	{ CET, "2026-08-04T12:00:00Z", "Mar 29 03:00:00",
	  "2026-03-29T01:00:00Z" },
	/* the hour that comes twice: the first, when nothing tells */
	{ CET, "2026-11-04T12:00:00Z", "Oct 25 02:30:00",
	  "2026-10-25T00:30:00Z" },
};

START_TEST(a_stamp_has_the_time_that_its_zone_and_the_clock_give)
{
	struct smi_tz *tz = zone(cases[_i].zone);
	struct smi_stamp_clock c;

	smi_stamp_clock_init(&c, tz, at(cases[_i].now));
	ck_assert_int_eq(read_one(&c, cases[_i].stamp), at(cases[_i].time));
	/* and again, from memory */
	ck_assert_int_eq(read_one(&c, cases[_i].stamp), at(cases[_i].time));
	smi_tz_free(tz);
}
END_TEST

START_TEST(the_hour_that_comes_twice_is_told_apart_by_the_order_of_lines)
{
	static const struct {
		const char *stamp, *time;
	} lines[] = {
		{ "Oct 25 01:59:59", "2026-10-24T23:59:59Z" },
		{ "Oct 25 02:00:00", "2026-10-25T00:00:00Z" },
		{ "Oct 25 02:30:10", "2026-10-25T00:30:10Z" },
		{ "Oct 25 02:30:05",
		  "2026-10-25T00:30:05Z" }, /* out of order */
		{ "Oct 25 02:59:59", "2026-10-25T00:59:59Z" },
		{ "Oct 25 02:00:00", "2026-10-25T01:00:00Z" },
		{ "Oct 25 02:00:01", "2026-10-25T01:00:01Z" },
		{ "Oct 25 02:59:59", "2026-10-25T01:59:59Z" },
		{ "Oct 25 03:00:00", "2026-10-25T02:00:00Z" },
	};
	struct smi_tz *tz = zone(CET);
	struct smi_stamp_clock c;

	smi_stamp_clock_init(&c, tz, at("2026-11-04T12:00:00Z"));
	for (size_t i = 0; i < SMI_COUNT(lines); i++)
		ck_assert_int_eq(read_one(&c, lines[i].stamp),
				 at(lines[i].time));
	smi_tz_free(tz);
}
END_TEST

START_TEST(a_stamp_reads_the_same_whatever_was_read_before_it)
{
	static const char *const stamps[] = {
		"Aug  4 10:00:01",
		"Aug  4 10:00:59",
		"Aug  4 10:01:00",
		"Aug 14 10:00:01",
		"2026-08-04T10:00:01Z",
		"2026-08-04T10:00:02.5Z",
		"2026-08-04T10:00:02.5+02:00",
		"2026-08-04T10:00:02,75+02:00",
		"2026-08-04T10:00:02",
		"2026-08-04 10:00:02",
		"2026-08-04 10:00:02 +0200",
		"2026-08-04T10:00:03+0200",
		"1785837601.5",
		/* about a year before now, and a day after it */
		"Nov  5 12:00:00",
		"Nov  5 12:00:01",
		"Nov  5 12:01:00",
	};
	struct smi_tz *tz = zone("UTC0");
	int64_t now = at("2026-11-04T12:00:00Z");

	for (size_t i = 0; i < SMI_COUNT(stamps); i++)
		for (size_t k = 0; k < SMI_COUNT(stamps); k++) {
			struct smi_stamp_clock fresh, used;

			smi_stamp_clock_init(&fresh, tz, now);
			smi_stamp_clock_init(&used, tz, now);
			read_one(&used, stamps[i]);
			ck_assert_int_eq(read_one(&used, stamps[k]),
					 read_one(&fresh, stamps[k]));
		}
	smi_tz_free(tz);
}
END_TEST

START_TEST(what_is_no_stamp_is_none)
{
	static const char *const bad[] = {
		"",
		"Aug",
		"Aug  4",
		"Aug  4 10:00",
		"Aug  0 10:00:01",
		"Feb 30 10:00:01",
		"Foo  4 10:00:01",
		"Aug  4 24:00:01",
		"Aug  4 10:60:01",
		"Aug  4 10:00:61",
		"2026-02-29T10:00:01Z",
		"2026-00-01T10:00:01Z",
		"2026-08-04X10:00:01Z",
		"202-08-04T10:00:01Z",
		"12345.5",
		"1785837601",
		"@400000006a71b96b1dcd65",
		"@ffffffffffffffffffffffff",
	};
	struct smi_stamp s;

	for (size_t i = 0; i < SMI_COUNT(bad); i++)
		ck_assert_msg(smi_stamp_scan(smi_span_str(bad[i]), &s) == 0,
			      "%s", bad[i]);
}
END_TEST

START_TEST(a_date_of_numbers_is_read_as_the_lines_above_had_it)
{
	struct smi_tz *tz = zone("UTC0");
	struct smi_stamp_clock c;

	smi_stamp_clock_init(&c, tz, at("2026-11-04T12:00:00Z"));
	/* Nothing tells: month first, and a doubt. */
	ck_assert_int_eq(read_one(&c, "08/04/2026 10:00:01"),
			 at("2026-08-04T10:00:01Z"));
	ck_assert_uint_eq(c.doubt.order, 1);
	ck_assert_int_eq(read_one(&c, "13/04/2026 10:00:01"),
			 at("2026-04-13T10:00:01Z"));
	ck_assert_int_eq(read_one(&c, "08/04/2026 10:00:01"),
			 at("2026-04-08T10:00:01Z"));
	ck_assert_int_eq(read_one(&c, "04/13/26-10:00:01.5"),
			 at("2026-04-13T10:00:01.5Z"));
	ck_assert_int_eq(read_one(&c, "08/04/26 10:00:01"),
			 at("2026-08-04T10:00:01Z"));
	/* Dots are written by those who have the day first. */
	ck_assert_int_eq(read_one(&c, "08.04.2026 10:00:01"),
			 at("2026-04-08T10:00:01Z"));
	ck_assert_uint_eq(c.doubt.order, 1);
	smi_tz_free(tz);
}
END_TEST

START_TEST(what_is_in_doubt_is_counted)
{
	struct smi_tz *tz = zone(CET);
	struct smi_stamp_clock c;

	smi_stamp_clock_init(&c, tz, at("2026-11-04T12:00:00Z"));
	read_one(&c, "2026-03-29 01:59:59");
	read_one(&c, "2026-08-04T10:00:01Z");
	ck_assert_uint_eq(c.doubt.year + c.doubt.ambiguous +
				  c.doubt.nonexistent + c.doubt.order,
			  0);
	read_one(&c, "2026-03-29 02:00:00");
	read_one(&c, "2026-03-29 02:00:01");
	ck_assert_uint_eq(c.doubt.nonexistent, 2);
	read_one(&c, "2026-03-29 03:00:00");
	ck_assert_uint_eq(c.doubt.nonexistent, 2);
	read_one(&c, "2026-10-25 02:00:00");
	read_one(&c, "2026-10-25 02:00:01");
	read_one(&c, "2026-10-25 03:00:00");
	ck_assert_uint_eq(c.doubt.ambiguous, 2);
	/* Also those that are read from memory. */
	read_one(&c, "Aug  4 10:00:01");
	read_one(&c, "Aug  4 10:00:02");
	read_one(&c, "Aug  4 10:00:03");
	read_one(&c, "2026-08-04 10:00:03");
	ck_assert_uint_eq(c.doubt.year, 3);
	smi_tz_free(tz);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stamp");
	TCase *tc = tcase_create("stamp");

	tcase_add_loop_test(
		tc, a_stamp_has_the_time_that_its_zone_and_the_clock_give, 0,
		SMI_COUNT(cases));
	tcase_add_test(
		tc,
		the_hour_that_comes_twice_is_told_apart_by_the_order_of_lines);
	tcase_add_test(tc, a_stamp_reads_the_same_whatever_was_read_before_it);
	tcase_add_test(tc, what_is_no_stamp_is_none);
	tcase_add_test(tc, a_date_of_numbers_is_read_as_the_lines_above_had_it);
	tcase_add_test(tc, what_is_in_doubt_is_counted);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
