/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fail-alloc.h"
#include "logsrc/lines.h"
#include "logsrc/rotation.h"
#include "suite.h"

struct got {
	char text[256];
	size_t len;
	uint64_t number, offset;
};

/* Feeds s in pieces of size step. */
static size_t cut(struct smi_span s, size_t step, struct got *got, size_t max,
		  uint64_t *skipped)
{
	struct smi_lines l;
	struct smi_span line;
	size_t n = 0;
	uint64_t offset;

	ck_assert_int_eq(smi_lines_init(&l, SMI_LINES_MIN), 0);
	for (;;) {
		while (smi_lines_next(&l, &line, &offset)) {
			ck_assert_uint_lt(n, max);
			got[n].len = line.len;
			got[n].number = l.number;
			got[n].offset = offset;
			if (line.len < sizeof(got[n].text))
				memcpy(got[n].text, line.p, line.len);
			n++;
		}
		if (l.at_end)
			break;

		size_t room;
		char *p = smi_lines_room(&l, &room);

		ck_assert_uint_gt(room, 0);
		room = SMI_MIN(SMI_MIN(room, step), s.len);
		memcpy(p, s.p, room);
		smi_lines_filled(&l, room);
		s = smi_span_skip(s, room);
	}
	*skipped = l.skipped;
	smi_lines_done(&l);
	return n;
}

static const struct {
	struct smi_span text;
	size_t n;
	struct {
		struct smi_span line;
		uint64_t offset;
	} lines[4];
} cases[] = {
	{ .text = SMI_SPAN("") },
	{ SMI_SPAN("\n"), 1, { { SMI_SPAN(""), 0 } } },
	{ SMI_SPAN("a\nb\n"),
	  2,
	  { { SMI_SPAN("a"), 0 }, { SMI_SPAN("b"), 2 } } },
	{ SMI_SPAN("a\nb"), 2, { { SMI_SPAN("a"), 0 }, { SMI_SPAN("b"), 2 } } },
	{ SMI_SPAN("a\r\nb\r\n"),
	  2,
	  { { SMI_SPAN("a"), 0 }, { SMI_SPAN("b"), 3 } } },
	{ SMI_SPAN("a\rb\n\r\nc\r"),
	  3,
	  { { SMI_SPAN("a\rb"), 0 },
	    { SMI_SPAN(""), 4 },
	    { SMI_SPAN("c"), 6 } } },
	{ SMI_SPAN("a\0b\n\xff\xfe\n"),
	  2,
	  { { SMI_SPAN("a\0b"), 0 }, { SMI_SPAN("\xff\xfe"), 4 } } },
	{ SMI_SPAN("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n"),
	  2,
	  { { SMI_SPAN("one"), 3 }, { SMI_SPAN("\xEF\xBB\xBFtwo"), 7 } } },
	{ .text = SMI_SPAN("\xEF\xBB\xBF") },
};

START_TEST(lines_are_cut_alike_whatever_the_size_of_the_reads)
{
	static const size_t steps[] = { 1, 2, 3, 5, 100 };
	struct got got[8];
	uint64_t skipped;

	for (size_t i = 0; i < SMI_COUNT(steps); i++) {
		size_t n = cut(cases[_i].text, steps[i], got, 8, &skipped);

		ck_assert_uint_eq(n, cases[_i].n);
		ck_assert_uint_eq(skipped, 0);
		for (size_t k = 0; k < n; k++) {
			struct smi_span want = cases[_i].lines[k].line;

			ck_assert_uint_eq(got[k].number, k + 1);
			ck_assert_uint_eq(got[k].offset,
					  cases[_i].lines[k].offset);
			ck_assert(smi_span_eq(
				smi_span_of(got[k].text, got[k].len), want));
		}
	}
}
END_TEST

static const struct {
	size_t len;
	const char *end;
	bool kept;
} lengths[] = {
	{ 65535, "\n", true },		{ 65536, "\n", true },
	{ 65536, "\r\n", true },	{ 65537, "\n", false },
	{ 65537, "\r\n", false },	{ 65536, "", true },
	{ 65537, "", false },		{ 3 * 1024 * 1024, "\n", false },
	{ 3 * 1024 * 1024, "", false },
};

START_TEST(a_line_over_64_KiB_is_passed_over_whole_and_counted)
{
	static const size_t steps[] = { 4096, 100000, 10000000 };
	size_t len = lengths[_i].len, tail = strlen(lengths[_i].end);
	SMI_AUTOFREE char *text = smi_alloc(2 + len + tail + 5);
	struct got got[4];
	uint64_t skipped;

	memcpy(text, "a\n", 2);
	memset(text + 2, 'x', len);
	memcpy(text + 2 + len, lengths[_i].end, tail);
	memcpy(text + 2 + len + tail, "last\n", 5);
	for (size_t i = 0; i < SMI_COUNT(steps); i++) {
		struct smi_span s = { text, 2 + len + tail + (tail ? 5 : 0) };
		size_t n = cut(s, steps[i], got, 4, &skipped);

		ck_assert_uint_eq(skipped, !lengths[_i].kept);
		ck_assert_uint_eq(n, 1 + lengths[_i].kept + (tail > 0));
		ck_assert_uint_eq(got[0].len, 1);
		if (lengths[_i].kept)
			ck_assert_uint_eq(got[1].len, len);
		if (tail) {
			/* It has its own number and place all the same. */
			ck_assert_uint_eq(got[n - 1].number, 3);
			ck_assert_uint_eq(got[n - 1].offset, 2 + len + tail);
			ck_assert_mem_eq(got[n - 1].text, "last", 4);
		}
	}
}
END_TEST

START_TEST(a_buffer_that_gets_no_memory_says_so)
{
	struct smi_lines l;

	fail_alloc_at(1);
	ck_assert_int_eq(smi_lines_init(&l, 1), -ENOMEM);
	fail_alloc_off();
}
END_TEST

static const struct {
	const char *path, *base;
	int64_t order;
	bool packed;
} rotated[] = {
	{ "/var/log/auth.log", "/var/log/auth.log", INT64_MAX, false },
	{ "/var/log/auth.log.1", "/var/log/auth.log", -1, false },
	{ "/var/log/auth.log.12.gz", "/var/log/auth.log", -12, true },
	{ "auth.log.2.Z", "auth.log", -2, true },
	{ "auth.log.3.lz", "auth.log", -3, true },
	{ "secure-20260804", "secure", 20260804, false },
	{ "secure-20260804.xz", "secure", 20260804, true },
	{ "secure-20260804-1785837601", "secure", 1785837601, false },
	{ "secure-2026080410", "secure", 2026080410, false },
	{ "secure-2026-08-04.zst", "secure", 20260804, true },
	{ "secure.2026-08-04", "secure", 20260804, false },
	{ "2026-08-04", "2026-08-04", INT64_MAX, false },
	{ "auth.log.old", "auth.log", -1, false },
	{ "app-1.2", "app-1", -2, false },
	{ "app-7", "app-7", INT64_MAX, false },
	{ "x.20260804", "x.20260804", INT64_MAX, false },
	{ "dir/.1", "dir/.1", INT64_MAX, false },
	{ ".1", ".1", INT64_MAX, false },
	{ "1", "1", INT64_MAX, false },
	{ "", "", INT64_MAX, false },
};

START_TEST(a_rotated_name_has_its_base_and_its_age)
{
	struct smi_rotated r = smi_rotated_parse(rotated[_i].path);
	SMI_AUTOFREE char *base = smi_strndup(r.base.p, r.base.len);

	ck_assert_str_eq(base, rotated[_i].base);
	ck_assert_int_eq(r.order, rotated[_i].order);
	ck_assert_int_eq(r.packed, rotated[_i].packed);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lines");
	TCase *tc = tcase_create("lines");

	tcase_add_loop_test(tc,
			    lines_are_cut_alike_whatever_the_size_of_the_reads,
			    0, SMI_COUNT(cases));
	tcase_add_loop_test(tc,
			    a_line_over_64_KiB_is_passed_over_whole_and_counted,
			    0, SMI_COUNT(lengths));
	tcase_add_test(tc, a_buffer_that_gets_no_memory_says_so);
	tcase_add_loop_test(tc, a_rotated_name_has_its_base_and_its_age, 0,
			    SMI_COUNT(rotated));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
