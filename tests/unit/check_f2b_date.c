/* SPDX-License-Identifier: MIT */
#include "detect/f2b-date.h"
#include "fail-alloc.h"
#include "suite.h"

/* 2026-08-04T10:00:00Z, a Tuesday. */
#define NOW 1785837600

static struct smi_arena arena;
static struct smi_f2b_dates dates;
static struct smi_f2b_detector *detector;
static struct smi_matcher *matcher;
static struct smi_f2b_clock clk;
static struct smi_f2b_stamp stamp;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
	detector = NULL;
	clk = (struct smi_f2b_clock){ NULL, NOW, INT64_MIN };
	ck_assert_int_eq(smi_matcher_new(&matcher), 0);
}

static void teardown(void)
{
	smi_f2b_detector_free(detector);
	smi_f2b_dates_release(&dates);
	smi_matcher_free(matcher);
	smi_arena_free(&arena);
}

static int compile(const char *pattern)
{
	struct smi_regex_error err;

	return smi_f2b_dates_compile(&dates, smi_span_str(pattern), &arena,
				     &err);
}

static void use(const char *pattern)
{
	ck_assert_int_eq(compile(pattern), 0);
	ck_assert_int_eq(smi_f2b_detector_new(&dates, &detector), 0);
}

static void look(const char *line)
{
	ck_assert_int_eq(smi_f2b_detect(detector, matcher, smi_span_str(line),
					&clk, &stamp),
			 0);
}

/* The pattern, the line, what is cut out, and the time as RFC 3339 has it. */
static const struct {
	const char *pattern, *line, *cut, *time;
} known[] = {
	{ "", "2026-08-04 09:00:01,5 x", "2026-08-04 09:00:01,5",
	  "2026-08-04T09:00:01Z" },
	{ "", "2026-08-04T09:00:01+0200 x", "2026-08-04T09:00:01+0200",
	  "2026-08-04T07:00:01Z" },
	{ "", "Aug  4 09:00:01 web x", "Aug  4 09:00:01",
	  "2026-08-04T09:00:01Z" },
	/* Tomorrow may be another zone's today; what is later is last year's. */
	{ "", "Aug  5 09:00:01 web x", "Aug  5 09:00:01",
	  "2026-08-05T09:00:01Z" },
	{ "", "Aug  6 09:00:01 web x", "Aug  6 09:00:01",
	  "2025-08-06T09:00:01Z" },
	{ "", "Feb 29 09:00:01 web x", "Feb 29 09:00:01",
	  "2024-02-29T09:00:01Z" },
	{ "", "192.0.2.1 - - [04/Aug/2026:09:00:01 +0000] x",
	  "04/Aug/2026:09:00:01 +0000", "2026-08-04T09:00:01Z" },
	{ "", "type=X msg=audit(1785837000.123:4): x", "1785837000.123",
	  "2026-08-04T09:50:00.123Z" },
	{ "{^LN-BEG}", "[Tue Aug 04 09:00:01.2 2026] x",
	  "Tue Aug 04 09:00:01.2 2026", "2026-08-04T09:00:01Z" },
	{ "{^LN-BEG}TAI64N", "@400000006a71b0c800000000 x",
	  "@400000006a71b0c800000000", "2026-08-04T09:28:40Z" },
	{ "{^LN-BEG}Epoch", "[1785837000] x", "1785837000",
	  "2026-08-04T09:50:00Z" },
	{ "LEPOCH", "1785837000123 x", "1785837000123",
	  "2026-08-04T09:50:00.123Z" },
	{ "^t={EPOCH}", "t=1785837000 x", "t=1785837000",
	  "2026-08-04T09:50:00Z" },
	{ "^<\\d+>{DATE}", "<38>2026-08-04 09:00:01 x",
	  "<38>2026-08-04 09:00:01", "2026-08-04T09:00:01Z" },
	{ "^[^\\[]*\\[({DATE})", "a [04/Aug/2026:09:00:01 +0000] x",
	  "04/Aug/2026:09:00:01 +0000", "2026-08-04T09:00:01Z" },
	{ "%b %d, %ExY %I:%M:%S %p", "Aug 04, 2026 12:00:01 AM x",
	  "Aug 04, 2026 12:00:01 AM", "2026-08-04T00:00:01Z" },
	{ "%Exd%Exm%Exy %ExH%ExM%ExS", "040826 090001 x", "040826 090001",
	  "2026-08-04T09:00:01Z" },
	{ "%Y %j %H:%M:%S", "2024 366 09:00:01", "2024 366 09:00:01",
	  "2024-12-31T09:00:01Z" },
	{ "%d.%m.%Y %H:%M:%S %Exz", "04.08.2026 09:00:01 EST x",
	  "04.08.2026 09:00:01 EST", "2026-08-04T14:00:01Z" },
	/* A time of day that is to come was yesterday's. */
	{ "{^LN-BEG}%H:%M:%S", "11:00:00 x", "11:00:00",
	  "2026-08-03T11:00:00Z" },
	{ "{^LN-BEG}%H:%M:%S", "09:00:00 x", "09:00:00",
	  "2026-08-04T09:00:00Z" },
};

START_TEST(a_date_is_cut_out_and_read)
{
	char text[SMI_TIME_STRLEN];

	use(known[_i].pattern);
	look(known[_i].line);
	ck_assert(stamp.found);
	if (!smi_span_eq_str(smi_span_of(known[_i].line + stamp.begin,
					 stamp.end - stamp.begin),
			     known[_i].cut))
		ck_abort_msg("%s: cut [%zu, %zu)", known[_i].line, stamp.begin,
			     stamp.end);
	ck_assert_str_eq(smi_time_format(stamp.time, text), known[_i].time);
}
END_TEST

/* What has no date, or one that is no day. */
static const struct {
	const char *pattern, *line;
	bool found;
} none[] = {
	{ "", "no date at all", false },
	{ "{^LN-BEG}", "x 2026-08-04 09:00:01 x", false },
	{ "", "2026-02-30 09:00:01 x", true },
	{ "{NONE}", "2026-08-04 09:00:01 x", true },
	{ "^WARNING:()**", "WARNING: x", true },
};

START_TEST(what_is_no_date_has_no_time)
{
	use(none[_i].pattern);
	look(none[_i].line);
	ck_assert_int_eq(stamp.found, none[_i].found);
	ck_assert_int_eq(stamp.time, INT64_MIN);
}
END_TEST

START_TEST(a_date_in_the_message_does_not_win_over_the_usual_place)
{
	use("");
	look("x 04/Aug/2026:09:00:01 a");
	look("x 04/Aug/2026:09:00:02 b 2026-01-01 00:00:00");
	ck_assert_uint_eq(stamp.begin, 2);
}
END_TEST

START_TEST(the_hour_that_comes_twice_follows_the_line_before)
{
	struct smi_tz *tz;

	/* In 2025 the clock went back on October 26 at 01:00 UTC. */
	ck_assert_int_eq(
		smi_tz_parse_posix(SMI_SPAN("CET-1CEST,M3.5.0,M10.5.0/3"), &tz),
		0);
	clk.tz = tz;
	use("");
	look("2025-10-26 02:30:00 x");
	ck_assert_int_eq(stamp.time / SMI_SEC, 1761438600);
	look("2025-10-26 02:59:59 x");
	look("2025-10-26 02:30:00 x");
	ck_assert_int_eq(stamp.time / SMI_SEC, 1761438600 + 3600);
	smi_tz_free(tz);
}
END_TEST

/* Lines that begin like the one before, each with a stamp that ends elsewhere. */
static const char *const alike[] = {
	"2026-08-04 09:00:01 web a[7]: x",
	"2026-08-04 09:00:01 web b[812]: y",
	"2026-08-04 09:00:01+0200 web a[7]: x",
	"2026-08-04 09:00:01 +0200 web a[7]: x",
	"2026-08-04 09:00:01,250 web a[7]: x",
	"2026-08-04 09:00:011 web a[7]: x",
	"2026-08-04 09:00:01",
	"2026-08-04 09:00:59 web a[7]: x",
	"2026-08-04 09:00:61 web a[7]: x",
	"2026-08-04 09:00:6",
	"Aug  4 09:00:01 web a[7]: x",
	"Aug  4 09:00:01 2025 web a[7]: x",
	"Aug  4 09:00:01 20256 web a[7]: x",
	"Aug  4 09:00:01.25 web a[7]: x",
	"Aug  4 09:00:01.25 2025 web a[7]: x",
};

/* One pattern, which has nothing to learn. */
static const char *const single[] = {
	"{^LN-BEG}%Y-%m-%d[T ]%H:%M:%S(?:[.,]\\d+)?(?: ?%z)?",
	"^%b %d %H:%M:%S(?:\\.\\d+)?(?: %Y)?(?=\\s)",
};

START_TEST(a_line_is_read_as_if_none_had_begun_alike)
{
	const char *pattern = single[_i];

	for (size_t k = 0; k < SMI_COUNT(alike) * SMI_COUNT(alike); k++) {
		const char *before = alike[k / SMI_COUNT(alike)];
		const char *line = alike[k % SMI_COUNT(alike)];
		struct smi_f2b_stamp alone;

		use(pattern);
		look(line);
		alone = stamp;
		smi_f2b_detector_free(detector);
		ck_assert_int_eq(smi_f2b_detector_new(&dates, &detector), 0);
		look(before);
		look(line);
		if (alone.found != stamp.found || alone.begin != stamp.begin ||
		    alone.end != stamp.end || alone.time != stamp.time)
			ck_abort_msg("\"%s\" behind \"%s\"", line, before);
		smi_f2b_detector_free(detector);
		smi_f2b_dates_release(&dates);
		detector = NULL;
	}
}
END_TEST

static const char *const bad[] = {
	"%Q", "100%", "(%Y", "%U %a", "%c",
};

START_TEST(a_pattern_that_cannot_be_is_refused)
{
	ck_assert_int_eq(compile(bad[_i]), -EBADMSG);
}
END_TEST

START_TEST(out_of_memory_is_an_error)
{
	fail_alloc_at(_i + 1);
	ck_assert_int_eq(compile("{^LN-BEG}\n%Y %m"), -ENOMEM);
	fail_alloc_off();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("f2b-date");
	TCase *tc = tcase_create("dates");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_date_is_cut_out_and_read, 0,
			    (int)SMI_COUNT(known));
	tcase_add_loop_test(tc, what_is_no_date_has_no_time, 0,
			    (int)SMI_COUNT(none));
	tcase_add_test(tc,
		       a_date_in_the_message_does_not_win_over_the_usual_place);
	tcase_add_test(tc, the_hour_that_comes_twice_follows_the_line_before);
	tcase_add_loop_test(tc, a_line_is_read_as_if_none_had_begun_alike, 0,
			    (int)SMI_COUNT(single));
	tcase_add_loop_test(tc, a_pattern_that_cannot_be_is_refused, 0,
			    (int)SMI_COUNT(bad));
	tcase_add_loop_test(tc, out_of_memory_is_an_error, 0, 6);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
