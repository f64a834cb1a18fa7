/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/tz.h"
#include "fail-alloc.h"
#include "suite.h"
#include "tree.h"

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

/* s since 1970 of an RFC 3339 time */
static int64_t at(const char *text)
{
	int64_t ns = 0;

	ck_assert_msg(smi_time_parse(smi_span_str(text), &ns), "%s", text);
	return ns / SMI_SEC;
}

static struct smi_tz *posix(const char *text)
{
	struct smi_tz *tz = NULL;

	ck_assert_int_eq(smi_tz_parse_posix(smi_span_str(text), &tz), 0);
	return tz;
}

/* From these times on the offset is that; a second before it is the other.
 * By the laws of these places, which tzdata's comments cite. */
static const struct {
	const char *tz, *time;
	int before, after;
} changes[] = {
	{ BERLIN, "2026-03-29T01:00:00Z", 3600, 7200 },
	{ BERLIN, "2026-10-25T01:00:00Z", 7200, 3600 },
	{ BERLIN, "2000-03-26T01:00:00Z", 3600, 7200 },
	{ BERLIN, "2099-03-29T01:00:00Z", 3600, 7200 },
	/* New York */
	{ "EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -18000, -14400 },
	{ "EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -14400, -18000 },
	{ "EST5EDT", "2026-11-01T06:00:00Z", -14400, -18000 },
	/* Lord Howe: half an hour */
	{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-04-04T15:00:00Z", 39600,
	  37800 },
	{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-10-03T15:30:00Z", 37800,
	  39600 },
	/* Sydney: summer at the turn of the year */
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-04-04T16:00:00Z", 39600,
	  36000 },
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-10-03T16:00:00Z", 36000,
	  39600 },
	/* Dublin: standard time is that of the summer */
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29T01:00:00Z", 0, 3600 },
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-10-25T01:00:00Z", 3600, 0 },
	/* Nuuk: on the eve, at a negative time */
	{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -7200,
	  -3600 },
	{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-10-25T01:00:00Z", -3600,
	  -7200 },
	/* 50 hours after a Thursday begins */
	{ "EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 7200,
	  10800 },
	{ "EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-10-23T23:00:00Z", 10800,
	  7200 },
	/* J60 is 1 March in any year; day 59 of a leap year is 29 February. */
	{ "AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", 0, 3600 },
	{ "AAA0BBB,J60/0,J300/0", "2026-03-01T00:00:00Z", 0, 3600 },
	{ "AAA0BBB,59/0,J300/0", "2024-02-29T00:00:00Z", 0, 3600 },
	{ "AAA0BBB,59/0,J300/0", "2026-03-01T00:00:00Z", 0, 3600 },
};

START_TEST(daylight_saving_begins_and_ends_by_law)
{
	struct smi_tz *tz = posix(changes[_i].tz);
	int64_t t = at(changes[_i].time);

	/* The calendar is the same 400 years on, and back. */
	for (int cycle = -3; cycle <= 5; cycle++) {
		int64_t then = t + cycle * INT64_C(146097) * 86400;

		ck_assert_int_eq(smi_tz_offset(tz, then - 1),
				 changes[_i].before);
		ck_assert_int_eq(smi_tz_offset(tz, then), changes[_i].after);
	}
	smi_tz_free(tz);
}
END_TEST

static const struct {
	const char *tz;
	int offset;
} constant[] = {
	{ "UTC0", 0 },
	{ "<+0330>-3:30", 12600 },
	{ "<-03>3", -10800 },
	{ "LMT-1:02:03", 3723 },
	{ "AAA+24", -86400 },
	/* DST through the whole year, RFC 8536, 3.3.1 */
	{ "XXX3EDT4,0/0,J365/23", -14400 },
};

START_TEST(a_zone_without_changes_has_one_offset_for_ever)
{
	static const int64_t times[] = { INT64_MIN, -1, 0, 1774746000,
					 INT64_MAX };
	struct smi_tz *tz = posix(constant[_i].tz);
	int bad = 0;

	for (size_t i = 0; i < SMI_COUNT(times); i++)
		ck_assert_int_eq(smi_tz_offset(tz, times[i]),
				 constant[_i].offset);
	for (int64_t t = 0; t < 3 * 366 * 86400; t += 1799)
		bad += smi_tz_offset(tz, t) != constant[_i].offset;
	ck_assert_int_eq(bad, 0);
	smi_tz_free(tz);
}
END_TEST

START_TEST(what_is_no_tz_string_is_refused)
{
	static const char *const bad[] = {
		"",
		"A0",
		"AB0",
		"ABC",
		"<+0>",
		"<AB>1",
		"<ABC1",
		"ABC25",
		"ABC1:60",
		"ABC1:00:60",
		"ABC1 ",
		"ABC1DE",
		"ABC1DEF,",
		"ABC1DEF,M3.2.0",
		"ABC1DEF,M3.2.0,",
		"ABC1DEF,M13.2.0,M11.1.0",
		"ABC1DEF,M0.2.0,M11.1.0",
		"ABC1DEF,M3.6.0,M11.1.0",
		"ABC1DEF,M3.0.0,M11.1.0",
		"ABC1DEF,M3.2.7,M11.1.0",
		"ABC1DEF,M3.2.0,M11.1.0x",
		"ABC1DEF,M3.2.0/168,M11.1.0",
		"ABC1DEF,J0,J5",
		"ABC1DEF,J366,J5",
		"ABC1DEF,366,5",
		"ABC99999999999999999999",
		"Europe/Berlin",
	};
	struct smi_tz *tz = NULL;

	for (size_t i = 0; i < SMI_COUNT(bad); i++)
		ck_assert_msg(smi_tz_parse_posix(smi_span_str(bad[i]), &tz) ==
				      -EINVAL,
			      "%s", bad[i]);
	ck_assert_int_eq(smi_tz_parse_posix(SMI_SPAN("ABC1\0"), &tz), -EINVAL);
	ck_assert_ptr_null(tz);
}
END_TEST

START_TEST(local_time_is_given_back_with_its_doubts)
{
	struct smi_tz *tz = posix(BERLIN);
	int64_t out[2];

	ck_assert_int_eq(smi_tz_local(tz, at("2026-07-01T12:00:00Z"), out), 1);
	ck_assert_int_eq(out[0], at("2026-07-01T10:00:00Z"));

	/* The hour that is skipped */
	ck_assert_int_eq(smi_tz_local(tz, at("2026-03-29T01:59:59Z"), out), 1);
	ck_assert_int_eq(out[0], at("2026-03-29T00:59:59Z"));
	ck_assert_int_eq(smi_tz_local(tz, at("2026-03-29T02:00:00Z"), out), 0);
	ck_assert_int_eq(out[0], at("2026-03-29T01:00:00Z"));
	ck_assert_int_eq(smi_tz_local(tz, at("2026-03-29T02:30:00Z"), out), 0);
	ck_assert_int_eq(out[0], at("2026-03-29T01:30:00Z"));
	ck_assert_int_eq(smi_tz_local(tz, at("2026-03-29T03:00:00Z"), out), 1);
	ck_assert_int_eq(out[0], at("2026-03-29T01:00:00Z"));

	/* The hour that comes twice */
	ck_assert_int_eq(smi_tz_local(tz, at("2026-10-25T01:59:59Z"), out), 1);
	ck_assert_int_eq(smi_tz_local(tz, at("2026-10-25T02:00:00Z"), out), 2);
	ck_assert_int_eq(out[0], at("2026-10-25T00:00:00Z"));
	ck_assert_int_eq(out[1], at("2026-10-25T01:00:00Z"));
	ck_assert_int_eq(smi_tz_local(tz, at("2026-10-25T02:59:59Z"), out), 2);
	ck_assert_int_eq(out[0], at("2026-10-25T00:59:59Z"));
	ck_assert_int_eq(smi_tz_local(tz, at("2026-10-25T03:00:00Z"), out), 1);
	ck_assert_int_eq(out[0], at("2026-10-25T02:00:00Z"));
	smi_tz_free(tz);
}
END_TEST

START_TEST(each_utc_time_is_found_from_its_local_time)
{
	static const char *const zones[] = {
		BERLIN,
		"EST5EDT",
		"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
		"IST-1GMT0,M10.5.0,M3.5.0/1",
		"XXX3EDT4,0/0,J365/23",
		"AAA-24BBB24,J1/-167,J2/167",
	};

	for (size_t i = 0; i < SMI_COUNT(zones); i++) {
		struct smi_tz *tz = posix(zones[i]);
		int bad = 0;

		for (int64_t t = -100000000; t < 2000000000; t += 123457) {
			int64_t local = t + smi_tz_offset(tz, t), out[2];
			int n = smi_tz_local(tz, local, out);

			if (n < 1 || (n == 2 && out[0] >= out[1]) ||
			    (out[0] != t && (n != 2 || out[1] != t)))
				bad++;
		}
		ck_assert_msg(bad == 0, "%s: %d", zones[i], bad);
		smi_tz_free(tz);
	}
}
END_TEST

/* A TZif file with what a test needs; RFC 8536, 3. */
struct tzif {
	uint8_t b[2000];
	size_t len;
};

static void put(struct tzif *f, int64_t v, int bytes)
{
	while (bytes-- > 0)
		f->b[f->len++] = (uint8_t)((uint64_t)v >> (8 * bytes));
}

struct change {
	int64_t t;
	int type;
};

static const int32_t types[] = { 3600, 7200, 0 };

static void put_block(struct tzif *f, int version, int width,
		      const struct change *c, int n, int leaps)
{
	memcpy(f->b + f->len, "TZif", 4);
	f->len += 4;
	put(f, version ? '0' + version : 0, 1);
	for (int i = 0; i < 15 + 4 + 4; i++)
		put(f, 0, 1);
	put(f, leaps, 4);
	put(f, n, 4);
	put(f, SMI_COUNT(types), 4);
	put(f, 4, 4);
	for (int i = 0; i < n; i++)
		put(f, c[i].t, width);
	for (int i = 0; i < n; i++)
		put(f, c[i].type, 1);
	for (size_t i = 0; i < SMI_COUNT(types); i++) {
		put(f, types[i], 4);
		put(f, 0, 2);
	}
	memcpy(f->b + f->len, "XYZ", 4);
	f->len += 4;
	for (int i = 0; i < leaps; i++) {
		put(f, 78796800 + i * INT64_C(15724800) + i, width);
		put(f, i + 1, 4);
	}
}

static const struct change two[] = { { 100000000, 1 }, { 200000000, 0 } };

static struct tzif make_tzif(int version, const char *footer, int leaps)
{
	struct tzif f = { .len = 0 };

	put_block(&f, version, 4, two, 2, leaps);
	if (version >= 2) {
		put_block(&f, version, 8, two, 2, leaps);
		f.b[f.len++] = '\n';
		memcpy(f.b + f.len, footer, strlen(footer));
		f.len += strlen(footer);
		f.b[f.len++] = '\n';
	}
	return f;
}

static int parse(const struct tzif *f, struct smi_tz **out)
{
	/* Exactly as long as it is, so that a byte too far is seen. */
	SMI_AUTOFREE void *copy = smi_memdup(f->b, f->len);

	return smi_tz_parse_tzif(copy, f->len, out);
}

START_TEST(a_file_of_version_1_holds_its_last_offset)
{
	struct tzif f = make_tzif(0, NULL, 0);
	struct smi_tz *tz = NULL;

	ck_assert_int_eq(parse(&f, &tz), 0);
	ck_assert_int_eq(smi_tz_offset(tz, INT64_MIN), 3600);
	ck_assert_int_eq(smi_tz_offset(tz, 99999999), 3600);
	ck_assert_int_eq(smi_tz_offset(tz, 100000000), 7200);
	ck_assert_int_eq(smi_tz_offset(tz, 199999999), 7200);
	ck_assert_int_eq(smi_tz_offset(tz, 200000000), 3600);
	ck_assert_int_eq(smi_tz_offset(tz, INT64_MAX), 3600);
	smi_tz_free(tz);
}
END_TEST

START_TEST(behind_the_last_change_the_footer_rules)
{
	struct tzif f = make_tzif(2, BERLIN, 0);
	struct smi_tz *tz = NULL;
	int64_t t = at("2026-03-29T01:00:00Z");

	ck_assert_int_eq(parse(&f, &tz), 0);
	ck_assert_int_eq(smi_tz_offset(tz, 0), 3600);
	ck_assert_int_eq(smi_tz_offset(tz, 100000000), 7200);
	ck_assert_int_eq(smi_tz_offset(tz, t - 1), 3600);
	ck_assert_int_eq(smi_tz_offset(tz, t), 7200);
	/* In 4026 as in 2026; and not in 1626, which is before the table. */
	t += 5 * INT64_C(146097) * 86400;
	ck_assert_int_eq(smi_tz_offset(tz, t - 1), 3600);
	ck_assert_int_eq(smi_tz_offset(tz, t), 7200);
	t -= 6 * INT64_C(146097) * 86400;
	ck_assert_int_eq(smi_tz_offset(tz, t), 3600);
	smi_tz_free(tz);
}
END_TEST

START_TEST(leap_seconds_are_taken_out_of_the_times)
{
	struct tzif f = make_tzif(2, "", 5);
	struct smi_tz *tz = NULL;

	/* 2 of them were before 100000000, 5 before 200000000. */
	ck_assert_int_eq(parse(&f, &tz), 0);
	ck_assert_int_eq(smi_tz_offset(tz, 100000000 - 3), 3600);
	ck_assert_int_eq(smi_tz_offset(tz, 100000000 - 2), 7200);
	ck_assert_int_eq(smi_tz_offset(tz, 200000000 - 6), 7200);
	ck_assert_int_eq(smi_tz_offset(tz, 200000000 - 5), 3600);
	smi_tz_free(tz);
}
END_TEST

START_TEST(each_cut_of_a_file_is_refused)
{
	struct smi_tz *tz = NULL;

	for (int version = 0; version <= 2; version += 2) {
		struct tzif f = make_tzif(version, BERLIN, 3);

		for (size_t len = f.len; len-- > 0;) {
			f.len = len;
			ck_assert_int_eq(parse(&f, &tz), -EINVAL);
		}
	}
	ck_assert_ptr_null(tz);
}
END_TEST

START_TEST(counts_beyond_the_file_are_refused)
{
	for (size_t field = 20; field < 44; field += 4) {
		static const uint32_t counts[] = { 0x7fffffff, 0xffffffff,
						   0x10000, 0x1000 };

		for (size_t i = 0; i < SMI_COUNT(counts); i++) {
			struct tzif f = make_tzif(0, NULL, 0);
			struct smi_tz *tz = NULL;
			size_t len = f.len;

			f.len = field;
			put(&f, counts[i], 4);
			f.len = len;
			ck_assert_int_eq(parse(&f, &tz), -EINVAL);
		}
	}
}
END_TEST

START_TEST(a_file_that_contradicts_itself_is_refused)
{
	static const struct {
		size_t at;
		int64_t v;
		int bytes;
	} cases[] = {
		{ 0, 'X', 1 },	      /* magic */
		{ 36, 0, 4 },	      /* no type */
		{ 44, 300000000, 4 }, /* times in no order */
		{ 48, 100000000, 4 }, /* the same time twice */
		{ 52, 3, 1 },	      /* a type that is not there */
		{ 54, INT32_MIN, 4 }, /* an offset of years */
		{ 54, 604801, 4 },
	};

	for (size_t i = 0; i < SMI_COUNT(cases); i++) {
		struct tzif f = make_tzif(0, NULL, 0);
		struct smi_tz *tz = NULL;
		size_t len = f.len;

		f.len = cases[i].at;
		put(&f, cases[i].v, cases[i].bytes);
		f.len = len;
		ck_assert_msg(parse(&f, &tz) == -EINVAL, "case %zu", i);
	}
	for (int i = 0; i < 2; i++) {
		struct tzif f = make_tzif(2, i ? "nonsense" : "CET-1\n", 0);
		struct smi_tz *tz = NULL;

		if (i == 0)
			f.b[f.len - 8] = 'x'; /* the newline before it */
		ck_assert_int_eq(parse(&f, &tz), -EINVAL);
	}
}
END_TEST

START_TEST(a_file_with_any_byte_changed_is_safe_to_use)
{
	const struct tzif good = make_tzif(2, BERLIN, 3);

	for (size_t i = 0; i < good.len; i++) {
		static const uint8_t bytes[] = { 0, 1, 0x7f, 0x80, 0xff };

		for (size_t k = 0; k < SMI_COUNT(bytes); k++) {
			struct tzif f = good;
			struct smi_tz *tz = NULL;
			int64_t out[2];
			int r;

			f.b[i] = bytes[k];
			r = parse(&f, &tz);
			if (r != 0 && r != -EINVAL)
				ck_abort_msg("%d", r);
			if (r < 0)
				continue;
			for (int64_t t = INT64_MIN / 4 * 3, n = 0; n < 7;
			     t += INT64_MAX / 4, n++) {
				int32_t offset = smi_tz_offset(tz, t);

				if (offset > 604800 || offset < -604800)
					ck_abort_msg("offset %d", offset);
				smi_tz_local(tz, t, out);
			}
			smi_tz_free(tz);
		}
	}
}
END_TEST

static struct smi_fsroot root = { -1, NULL };

static void setup(void)
{
	struct tzif berlin = make_tzif(2, BERLIN, 0);

	ck_assert_int_eq(smi_fsroot_init(&root, tree_make()), 0);
	tree_file("usr/share/zoneinfo/Europe/Berlin", berlin.b, berlin.len);
	tree_text("usr/share/zoneinfo/zone.tab", "# no zone\n");
	tree_fifo("usr/share/zoneinfo/Fifo");
}

static void teardown(void)
{
	fail_alloc_off();
	smi_fsroot_done(&root);
	tree_remove();
}

/* Gives the offset in the summer of 2026, or the error. */
static int summer(const char *text)
{
	struct smi_tz *tz = NULL;
	int r = smi_tz_open(&root, text, &tz);

	if (r < 0)
		ck_assert_ptr_null(tz);
	else
		r = smi_tz_offset(tz, at("2026-07-01T00:00:00Z"));
	smi_tz_free(tz);
	return r;
}

START_TEST(tz_names_a_file_or_is_a_rule)
{
	static const struct {
		const char *text;
		int result;
	} cases[] = {
		{ "", 0 },
		{ ":", 0 },
		{ "Europe/Berlin", 7200 },
		{ ":Europe/Berlin", 7200 },
		{ "right/Europe/Berlin", 7200 },
		{ "/usr/share/zoneinfo/Europe/Berlin", 7200 },
		{ BERLIN, 7200 },
		{ ":" BERLIN, 7200 },
		{ "<+0330>-3:30", 12600 },
		{ "EST5EDT", -14400 },
		{ "UTC", 0 },
		{ "Etc/UTC", 0 },
		{ "Europe", -ENOENT },
		{ "Europe/Nowhere", -ENOENT },
		{ "Europe/Berlin/x", -ENOENT },
		{ "zone.tab", -ENOENT },
		{ "Fifo", -ENOENT },
		{ "/etc/passwd", -EINVAL },
		{ ":/etc/passwd", -EINVAL },
		{ "//usr/share/zoneinfo/Europe/Berlin", -EINVAL },
		{ "/usr/share/zoneinfo/", -EINVAL },
		{ "/usr/share/zoneinfo/../x", -EINVAL },
		{ "..", -EINVAL },
		{ "../zoneinfo/Europe/Berlin", -EINVAL },
		{ "Europe/../Europe/Berlin", -EINVAL },
	};

	for (size_t i = 0; i < SMI_COUNT(cases); i++)
		ck_assert_msg(summer(cases[i].text) == cases[i].result,
			      "\"%s\": %d", cases[i].text,
			      summer(cases[i].text));
}
END_TEST

START_TEST(a_name_longer_than_a_path_is_no_zone)
{
	char text[10000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(summer(text), -ENOENT);
}
END_TEST

START_TEST(without_localtime_it_is_utc)
{
	ck_assert_int_eq(summer(NULL), 0);
	tree_link("etc/localtime", "/usr/share/zoneinfo/Europe/Gone");
	ck_assert_int_eq(summer(NULL), 0);
}
END_TEST

START_TEST(localtime_may_link_to_a_zone_below_the_root)
{
	tree_link("etc/localtime", "/usr/share/zoneinfo/Europe/Berlin");
	ck_assert_int_eq(summer(NULL), 7200);
	ck_assert_int_eq(summer(":/etc/localtime"), 7200);
}
END_TEST

START_TEST(a_broken_localtime_is_an_error)
{
	tree_text("etc/localtime", "TZif");
	ck_assert_int_eq(summer(NULL), -EINVAL);
}
END_TEST

START_TEST(each_failed_allocation_is_told)
{
	static const char *const names[] = { NULL, "Europe/Berlin", BERLIN, "",
					     "UTC" };

	tree_link("etc/localtime", "/usr/share/zoneinfo/Europe/Berlin");
	for (size_t i = 0; i < SMI_COUNT(names); i++) {
		int want = summer(names[i]);

		for (int n = 1;; n++) {
			int r;
			bool hit;

			fail_alloc_at(n);
			r = summer(names[i]);
			hit = fail_alloc_count() >= n;
			fail_alloc_off();
			ck_assert_int_eq(r, hit ? -ENOMEM : want);
			if (!hit)
				break;
			ck_assert_int_lt(n, 50);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tz");
	TCase *tc = tcase_create("rule");

	tcase_add_loop_test(tc, daylight_saving_begins_and_ends_by_law, 0,
			    SMI_COUNT(changes));
	tcase_add_loop_test(tc, a_zone_without_changes_has_one_offset_for_ever,
			    0, SMI_COUNT(constant));
	tcase_add_test(tc, what_is_no_tz_string_is_refused);
	tcase_add_test(tc, local_time_is_given_back_with_its_doubts);
	tcase_add_test(tc, each_utc_time_is_found_from_its_local_time);
	suite_add_tcase(s, tc);

	tc = tcase_create("file");
	tcase_add_test(tc, a_file_of_version_1_holds_its_last_offset);
	tcase_add_test(tc, behind_the_last_change_the_footer_rules);
	tcase_add_test(tc, leap_seconds_are_taken_out_of_the_times);
	tcase_add_test(tc, each_cut_of_a_file_is_refused);
	tcase_add_test(tc, counts_beyond_the_file_are_refused);
	tcase_add_test(tc, a_file_that_contradicts_itself_is_refused);
	tcase_add_test(tc, a_file_with_any_byte_changed_is_safe_to_use);
	suite_add_tcase(s, tc);

	tc = tcase_create("open");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, tz_names_a_file_or_is_a_rule);
	tcase_add_test(tc, a_name_longer_than_a_path_is_no_zone);
	tcase_add_test(tc, without_localtime_it_is_utc);
	tcase_add_test(tc, localtime_may_link_to_a_zone_below_the_root);
	tcase_add_test(tc, a_broken_localtime_is_an_error);
	tcase_add_test(tc, each_failed_allocation_is_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
