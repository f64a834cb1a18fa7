/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"
#include "fail-alloc.h"
#include "suite.h"

#define S(lit)                                                                 \
	{                                                                      \
		(lit), sizeof(lit) - 1                                         \
	}

static struct smi_buf b;
static struct smi_arena a;

static void setup(void)
{
	b = (struct smi_buf){ 0 };
	a = (struct smi_arena){ 0 };
}

static void teardown(void)
{
	fail_alloc_off();
	smi_buf_free(&b);
	smi_arena_free(&a);
}

/* One way for all: what the standard's table 3-7 allows. */
static size_t encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 63));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 63));
		out[2] = (char)(0x80 | (cp & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 63));
	out[2] = (char)(0x80 | (cp >> 6 & 63));
	out[3] = (char)(0x80 | (cp & 63));
	return 4;
}

START_TEST(each_character_is_read_and_each_surrogate_is_not)
{
	int bad = 0;

	for (uint32_t cp = 0; cp < 0x110400; cp++) {
		bool is_char = cp < 0x110000 && (cp < 0xd800 || cp > 0xdfff);
		uint32_t got = 0;
		char text[4];
		size_t n = encode(cp, text);

		if (smi_utf8_char(smi_span_of(text, n), &got) !=
			    (is_char ? n : 0) ||
		    (is_char && got != cp))
			bad++;
		if (smi_utf8_char(smi_span_of(text, n - 1), NULL) != 0)
			bad++;
	}
	ck_assert_int_eq(bad, 0);
}
END_TEST

static const struct {
	struct smi_span in;
	const char *out; /* NULL: as it is */
	bool valid;
} texts[] = {
	{ S(""), NULL, true },
	{ S("plain text that is longer than a word of 8 bytes"), NULL, true },
	{ S("~ !\"#$%&'()*+,-./:;<=>?@[]^_`{|}"), NULL, true },
	{ S("Gr\xc3\xbc\xc3\x9f"
	    "e \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80"),
	  NULL, true },
	{ S("\xc2\xa0"), NULL, true },
	{ S("a\nb\tc\r"), "a\\x0ab\\x09c\\x0d", true },
	{ S("\033[2J\033]0;x\007"), "\\x1b[2J\\x1b]0;x\\x07", true },
	{ S("12345678\0"), "12345678\\x00", true },
	{ S("\x7f"), "\\x7f", true },
	{ S("1234567\x7f"), "1234567\\x7f", true },
	{ S("\xc2\x9b"
	    "31m"),
	  "\\xc2\\x9b31m", true },
	{ S("\xc2\x80 \xc2\x9f"), "\\xc2\\x80 \\xc2\\x9f", true },
	{ S("\\"), NULL, true },
	{ S("C:\\temp\\new\\xyz"), NULL, true },
	{ S("a\\x4g \\x"), NULL, true },
	{ S("\\x41"), "\\x5cx41", true },
	{ S("0123456\\xAf"), "0123456\\x5cxAf", true },
	{ S("\\\\x41"), "\\\\x5cx41", true },
	{ S("\xff"), "\\xff", false },
	{ S("\x80"), "\\x80", false },
	{ S("\xc3"), "\\xc3", false },
	{ S("\xc3("), "\\xc3(", false },
	{ S("\xe6\x97"), "\\xe6\\x97", false },
	{ S("\xe6\x97\xe6\x97\xa5"), "\\xe6\\x97\xe6\x97\xa5", false },
	{ S("\xc0\xaf"), "\\xc0\\xaf", false },
	{ S("\xe0\x80\xaf"), "\\xe0\\x80\\xaf", false },
	{ S("\xed\xa0\x80"), "\\xed\\xa0\\x80", false },
	{ S("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", false },
	{ S("\xf5\x80\x80\x80"), "\\xf5\\x80\\x80\\x80", false },
	{ S("12345678\xf0\x9f\x98"), "12345678\\xf0\\x9f\\x98", false },
};

START_TEST(text_for_people_is_escaped_and_no_more_than_that)
{
	const char *want = texts[_i].out ? texts[_i].out : texts[_i].in.p;
	SMI_AUTOFREE char *copy = smi_memdup(texts[_i].in.p, texts[_i].in.len);
	struct smi_span in = smi_span_of(copy, texts[_i].in.len);

	ck_assert_int_eq(smi_utf8_valid(in), texts[_i].valid);
	ck_assert_int_eq(smi_utf8_clean(in), texts[_i].out == NULL);
	smi_utf8_escape(&b, in);
	ck_assert_str_eq(smi_buf_cstr(&b), want);
	ck_assert_str_eq(smi_utf8_escape_dup(&a, in), want);
	ck_assert(smi_utf8_clean(in) || smi_utf8_valid(smi_span_str(want)));
}
END_TEST

static size_t unescape(const char *p, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; n++) {
		char hex[3] = "", *end;

		if (len - i >= 4 && p[i] == '\\' && p[i + 1] == 'x') {
			memcpy(hex, p + i + 2, 2);
			out[n] = (char)strtoul(hex, &end, 16);
			if (end == hex + 2 && hex[0] != ' ' && hex[0] != '+' &&
			    hex[0] != '-') {
				i += 4;
				continue;
			}
		}
		out[n] = p[i++];
	}
	return n;
}

START_TEST(the_way_back_from_an_escape_is_clear)
{
	static const char alphabet[] = "\\\\x4f \xc2\x80\xc3\xa9\xff\x1bgz";
	uint64_t x = 1;

	for (int i = 0; i < 100000; i++) {
		char in[24], back[sizeof(in) * 4];
		size_t len = (size_t)i % sizeof(in), n;

		for (size_t k = 0; k < len; k++) {
			x = x * 6364136223846793005 + 1442695040888963407;
			in[k] = alphabet[(x >> 40) % (sizeof(alphabet) - 1)];
		}
		smi_buf_clear(&b);
		smi_utf8_escape(&b, smi_span_of(in, len));
		n = unescape(b.p, b.len, back);
		if (n != len || memcmp(back, in, len) != 0)
			ck_abort_msg("%s", smi_buf_cstr(&b));
		if (!smi_utf8_valid(smi_buf_span(&b)))
			ck_abort_msg("not valid");
	}
}
END_TEST

START_TEST(each_failed_allocation_is_told)
{
	fail_alloc_at(1);
	smi_utf8_escape(&b, SMI_SPAN("\xff"));
	ck_assert_int_eq(smi_buf_error(&b), -ENOMEM);
	fail_alloc_at(1);
	ck_assert_ptr_null(smi_utf8_escape_dup(&a, SMI_SPAN("\xff")));
	smi_arena_reset(&a);
	fail_alloc_at(1);
	ck_assert_ptr_null(smi_utf8_escape_dup(&a, SMI_SPAN("clean")));
}
END_TEST

/* Unicode Standard Annex 11 and the general categories Mn, Me, Cf */
START_TEST(columns_are_those_of_a_terminal)
{
	static const struct {
		uint32_t cp;
		int width;
	} cases[] = {
		{ 'a', 1 },	 { 0xe9, 1 },	{ 0x3b1, 1 },	{ 0x301, 0 },
		{ 0x200b, 0 },	 { 0x202e, 0 }, { 0xad, 1 },	{ 0x1100, 2 },
		{ 0x1160, 0 },	 { 0x3042, 2 }, { 0x65e5, 2 },	{ 0xac00, 2 },
		{ 0xff21, 2 },	 { 0xff71, 1 }, { 0x1f600, 2 }, { 0x20000, 2 },
		{ 0x2fffd, 2 },	 { 0xfe0f, 0 }, { 0x1b, 0 },	{ 0x9b, 0 },
		{ 0x10ffff, 1 },
	};

	for (size_t i = 0; i < SMI_COUNT(cases); i++)
		ck_assert_msg(smi_utf8_width(cases[i].cp) == cases[i].width,
			      "U+%04X", cases[i].cp);
	ck_assert_uint_eq(smi_utf8_columns(SMI_SPAN("a\xe6\x97\xa5\xcc\x81")),
			  3);
	ck_assert_uint_eq(smi_utf8_columns(SMI_SPAN("")), 0);
	ck_assert_uint_eq(smi_utf8_columns(SMI_SPAN("\xff\xe6")), 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("utf8");
	TCase *tc = tcase_create("utf8");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_character_is_read_and_each_surrogate_is_not);
	tcase_add_loop_test(tc,
			    text_for_people_is_escaped_and_no_more_than_that, 0,
			    SMI_COUNT(texts));
	tcase_add_test(tc, the_way_back_from_an_escape_is_clear);
	tcase_add_test(tc, each_failed_allocation_is_told);
	tcase_add_test(tc, columns_are_those_of_a_terminal);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
