/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/utf8.h"
#include "report/escape.h"
#include "suite.h"

static const struct {
	struct smi_span in;
	const char *term, *json, *csv;
} cases[] = {
	{ SMI_SPAN(""), "", "\"\"", "" },
	{ SMI_SPAN("plain text"), "plain text", "\"plain text\"",
	  "plain text" },
	{ SMI_SPAN("a\0b"), "a\\x00b", "\"a\\u0000b\"", "a\\x00b" },
	{ SMI_SPAN("\x1b[31m"), "\\x1b[31m", "\"\\u001b[31m\"", "\\x1b[31m" },
	{ SMI_SPAN("a\nb\r"), "a\\x0ab\\x0d", "\"a\\u000ab\\u000d\"",
	  "a\\x0ab\\x0d" },
	{ SMI_SPAN("\x7f"), "\\x7f", "\"\\u007f\"", "\\x7f" },
	/* U+009B is ESC [ in one character */
	{ SMI_SPAN("\xc2\x9b"
		   "31m"),
	  "\\u{9b}31m", "\"\\u009b31m\"", "\\u{9b}31m" },
	/* and so is the byte alone, on an 8-bit terminal */
	{ SMI_SPAN("\x9b"
		   "31m"),
	  "\\x9b31m", "\"\\\\x9b31m\"", "\\x9b31m" },
	{ SMI_SPAN("\xc3\xa9\xe2\x82\xac"), "\xc3\xa9\xe2\x82\xac",
	  "\"\xc3\xa9\xe2\x82\xac\"", "\xc3\xa9\xe2\x82\xac" },
	/* cut, overlong, surrogate, beyond U+10FFFF */
	{ SMI_SPAN("\xe2\x82"), "\\xe2\\x82", "\"\\\\xe2\\\\x82\"",
	  "\\xe2\\x82" },
	{ SMI_SPAN("\xc0\xaf"), "\\xc0\\xaf", "\"\\\\xc0\\\\xaf\"",
	  "\\xc0\\xaf" },
	{ SMI_SPAN("\xed\xa0\x80"), "\\xed\\xa0\\x80",
	  "\"\\\\xed\\\\xa0\\\\x80\"", "\\xed\\xa0\\x80" },
	{ SMI_SPAN("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80",
	  "\"\\\\xf4\\\\x90\\\\x80\\\\x80\"", "\\xf4\\x90\\x80\\x80" },
	/* right-to-left override, its isolate, a zero-width space, a tag */
	{ SMI_SPAN("a\xe2\x80\xae"
		   "b"),
	  "a\\u{202e}b", "\"a\\u202eb\"", "a\\u{202e}b" },
	{ SMI_SPAN("\xe2\x81\xa6"), "\\u{2066}", "\"\\u2066\"", "\\u{2066}" },
	{ SMI_SPAN("\xe2\x80\x8b"), "\\u{200b}", "\"\\u200b\"", "\\u{200b}" },
	{ SMI_SPAN("\xf3\xa0\x81\x81"), "\\u{e0041}", "\"\\udb40\\udc41\"",
	  "\\u{e0041}" },
	/* variation selectors, and a joiner that shows nothing */
	{ SMI_SPAN("a\xef\xb8\x8f\xe1\xa0\x8b\xcd\x8f"),
	  "a\\u{fe0f}\\u{180b}\\u{34f}", "\"a\\ufe0f\\u180b\\u034f\"",
	  "a\\u{fe0f}\\u{180b}\\u{34f}" },
	/* what looks like our own escape */
	{ SMI_SPAN("\\u{202e}\\u{}\\u{g}\\u{1"), "\\x5cu{202e}\\u{}\\u{g}\\u{1",
	  "\"\\\\u{202e}\\\\u{}\\\\u{g}\\\\u{1\"",
	  "\\x5cu{202e}\\u{}\\u{g}\\u{1" },
	{ SMI_SPAN("\xef\xbf\xbf"), "\\u{ffff}", "\"\\uffff\"", "\\u{ffff}" },
	{ SMI_SPAN("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80",
	  "\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80" },
	{ SMI_SPAN("say \"hi\" \\o/"), "say \"hi\" \\o/",
	  "\"say \\\"hi\\\" \\\\o/\"", "\"say \"\"hi\"\" \\o/\"" },
	{ SMI_SPAN("</script><!--"), "</script><!--",
	  "\"\\u003c/script>\\u003c!--\"", "</script><!--" },
	{ SMI_SPAN("a,b"), "a,b", "\"a,b\"", "\"a,b\"" },
	{ SMI_SPAN("a;b"), "a;b", "\"a;b\"", "\"a;b\"" },
	{ SMI_SPAN(" a"), " a", "\" a\"", "\" a\"" },
	{ SMI_SPAN("=cmd()"), "=cmd()", "\"=cmd()\"", "'=cmd()" },
	{ SMI_SPAN("+1+1"), "+1+1", "\"+1+1\"", "'+1+1" },
	{ SMI_SPAN("-2+3"), "-2+3", "\"-2+3\"", "'-2+3" },
	{ SMI_SPAN("@SUM(A1)"), "@SUM(A1)", "\"@SUM(A1)\"", "'@SUM(A1)" },
	{ SMI_SPAN("\t=1"), "\\x09=1", "\"\\u0009=1\"", "'\\x09=1" },
	{ SMI_SPAN("=\"a\""), "=\"a\"", "\"=\\\"a\\\"\"", "\"'=\"\"a\"\"\"" },
	{ SMI_SPAN("'quoted"), "'quoted", "\"'quoted\"", "''quoted" },
	{ SMI_SPAN("\xef\xbc\x9d"
		   "1"),
	  "\xef\xbc\x9d"
	  "1",
	  "\"\xef\xbc\x9d"
	  "1\"",
	  "'\xef\xbc\x9d"
	  "1" },
	{ SMI_SPAN("-12"), "-12", "\"-12\"", "-12" },
	{ SMI_SPAN("-1.5"), "-1.5", "\"-1.5\"", "-1.5" },
	{ SMI_SPAN("-1."), "-1.", "\"-1.\"", "'-1." },
	{ SMI_SPAN("-"), "-", "\"-\"", "'-" },
};

static struct smi_buf buf;

static void setup(void)
{
	buf = (struct smi_buf){ 0 };
}

static void teardown(void)
{
	smi_buf_free(&buf);
}

START_TEST(text_is_inert_on_a_terminal)
{
	smi_esc_term(&buf, cases[_i].in);
	ck_assert_str_eq(smi_buf_cstr(&buf), cases[_i].term);
}
END_TEST

START_TEST(text_is_a_json_string)
{
	smi_esc_json(&buf, cases[_i].in);
	ck_assert_str_eq(smi_buf_cstr(&buf), cases[_i].json);
}
END_TEST

START_TEST(text_is_a_csv_cell_and_no_formula)
{
	smi_esc_csv(&buf, cases[_i].in);
	ck_assert_str_eq(smi_buf_cstr(&buf), cases[_i].csv);
}
END_TEST

static const struct {
	struct smi_span in;
	const char *xml;
} marked[] = {
	{ SMI_SPAN(""), "" },
	{ SMI_SPAN("plain text: \xc3\xa9"), "plain text: \xc3\xa9" },
	{ SMI_SPAN("<a b=\"c\" d='e'>&amp;"),
	  "&#x3c;a b=&#x22;c&#x22; d=&#x27;e&#x27;&#x3e;&#x26;amp;" },
	{ SMI_SPAN("]]>"), "]]&#x3e;" },
	{ SMI_SPAN("-->"), "--&#x3e;" },
	{ SMI_SPAN("a\0b"), "a\\x00b" },
	{ SMI_SPAN("\x1b[31m\x7f"), "\\x1b[31m&#x7f;" },
	/* what XML has comes back to its reader */
	{ SMI_SPAN("a\tb\nc\rd"), "a&#x9;b&#xa;c&#xd;d" },
	{ SMI_SPAN("\xc2\x9b"), "&#x9b;" },
	{ SMI_SPAN("a\xe2\x80\xae"
		   "b"),
	  "a&#x202e;b" },
	{ SMI_SPAN("\xf3\xa0\x81\x81"), "&#xe0041;" },
	/* and what it has not is visible */
	{ SMI_SPAN("\xef\xbf\xbf\xef\xbf\xbe"), "\\u{ffff}\\u{fffe}" },
	{ SMI_SPAN("\xe2\x82<"), "\\xe2\\x82&#x3c;" },
	{ SMI_SPAN("\xed\xa0\x80"), "\\xed\\xa0\\x80" },
};

START_TEST(text_is_xml_without_markup)
{
	smi_esc_xml(&buf, marked[_i].in);
	ck_assert_str_eq(smi_buf_cstr(&buf), marked[_i].xml);
}
END_TEST

START_TEST(text_is_a_label_of_prometheus)
{
	smi_esc_prom(&buf, SMI_SPAN("a\"b\\c{d=}\ne\0\x1b\xc3\xa9\xe2\x80\xae"
				    "f\xff"));
	ck_assert_str_eq(
		smi_buf_cstr(&buf),
		"a\\\"b\\\\c{d=}\\\\x0ae\\\\x00\\\\x1b\xc3\xa9\\\\u{202e}"
		"f\\\\xff");
}
END_TEST

START_TEST(text_is_a_parameter_of_syslog)
{
	smi_esc_syslog(&buf, SMI_SPAN("a\"b\\c]\ne[\0\xc3\xa9\xff"));
	ck_assert_str_eq(smi_buf_cstr(&buf),
			 "a\\\"b\\\\c\\]\\\\x0ae[\\\\x00\xc3\xa9\\\\xff");
}
END_TEST

static const struct {
	struct smi_span in;
	const char *md;
} shown[] = {
	{ SMI_SPAN(""), "" },
	{ SMI_SPAN("plain text - 1.5, 10:00"), "plain text - 1.5, 10:00" },
	{ SMI_SPAN("a|b`c`\\|"), "a\\|b\\`c\\`\\\\\\|" },
	{ SMI_SPAN("*a* _b_ ~c~ $d$"), "\\*a\\* \\_b\\_ \\~c\\~ \\$d\\$" },
	{ SMI_SPAN("![x](http://y)"), "\\!\\[x\\]\\(http\\://y\\)" },
	{ SMI_SPAN("WWW.example.org"), "WWW\\.example.org" },
	{ SMI_SPAN("a@b.c #1"), "a@<!-- -->b.c \\#1" },
	{ SMI_SPAN("<script>&amp;"), "\\<script\\>\\&amp;" },
	{ SMI_SPAN(" a  b "), "&#32;a &#32;b&#32;" },
	{ SMI_SPAN("a\nb\0"), "a\\\\x0ab\\\\x00" },
	{ SMI_SPAN("\x1b[31m"), "\\\\x1b\\[31m" },
	{ SMI_SPAN("a\xe2\x80\xae"
		   "b\xff"),
	  "a\\\\u{202e}b\\\\xff" },
};

START_TEST(text_is_markdown_without_markup)
{
	smi_esc_md(&buf, shown[_i].in);
	ck_assert_str_eq(smi_buf_cstr(&buf), shown[_i].md);
}
END_TEST

static const struct {
	struct smi_span in;
	const char *html;
} displayed[] = {
	{ SMI_SPAN(""), "" },
	{ SMI_SPAN("a b\\x"), "a b\\x" },
	{ SMI_SPAN("<b onx='1'>\"&amp;"),
	  "&#x3c;b onx=&#x27;1&#x27;&#x3e;&#x22;&#x26;amp;" },
	{ SMI_SPAN("a\0\n\x1b"), "a\\x00\\x0a\\x1b" },
	{ SMI_SPAN("\xc3\xa9\xe2\x80\xae\xff"), "\xc3\xa9\\u{202e}\\xff" },
};

START_TEST(text_is_html_without_markup)
{
	smi_esc_html(&buf, displayed[_i].in);
	ck_assert_str_eq(buf.len ? smi_buf_cstr(&buf) : "", displayed[_i].html);
}
END_TEST

/* Each byte after each kind of start, in each escaper. */
START_TEST(no_two_bytes_give_a_control_character_or_bad_utf8)
{
	static void (*const all[])(struct smi_buf *, struct smi_span) = {
		smi_esc_term, smi_esc_json, smi_esc_csv,  smi_esc_xml,
		smi_esc_html, smi_esc_md,   smi_esc_prom, smi_esc_syslog,
	};
	char two[2];
	bool bad = false;

	for (int c = 0; c < 65536; c++) {
		two[0] = (char)(c >> 8);
		two[1] = (char)c;
		for (size_t i = 0; i < SMI_COUNT(all); i++) {
			smi_buf_clear(&buf);
			all[i](&buf, smi_span_of(two, 2));
			bad |= !smi_utf8_valid(smi_buf_span(&buf));
			for (size_t j = 0; j < buf.len; j++)
				bad |= (unsigned char)buf.p[j] < 0x20 ||
				       buf.p[j] == 0x7f;
			if (bad)
				ck_abort_msg("bytes %04x, escaper %zu", c, i);
		}
	}
}
END_TEST

/* A byte alone is looked at by itself, in a long text with fifteen others. */
START_TEST(a_byte_is_the_same_in_json_wherever_it_stands)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf want = { 0 };

	for (size_t k = 0; k < (size_t)256 * 40 * 40; k++) {
		size_t len = k / 256 % 40 + 1, at = k / 256 / 40 % len;
		char c = (char)k, text[40];

		memset(text, 'a', sizeof(text));
		text[at] = c;
		smi_buf_clear(&buf);
		smi_esc_json(&buf, smi_span_of(&c, 1));
		smi_buf_clear(&want);
		smi_buf_char(&want, '"');
		smi_buf_fill(&want, 'a', at);
		smi_buf_add(&want, buf.p + 1, buf.len - 2);
		smi_buf_fill(&want, 'a', len - at - 1);
		smi_buf_char(&want, '"');
		smi_buf_clear(&buf);
		smi_esc_json(&buf, smi_span_of(text, len));
		if (!smi_span_eq(smi_buf_span(&buf), smi_buf_span(&want)))
			ck_abort_msg("byte %02x at %zu of %zu",
				     (unsigned char)c, at, len);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("escape");
	TCase *tc = tcase_create("escape");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, text_is_a_label_of_prometheus);
	tcase_add_test(tc, text_is_a_parameter_of_syslog);
	tcase_add_loop_test(tc, text_is_markdown_without_markup, 0,
			    SMI_COUNT(shown));
	tcase_add_loop_test(tc, text_is_html_without_markup, 0,
			    SMI_COUNT(displayed));
	tcase_add_loop_test(tc, text_is_xml_without_markup, 0,
			    SMI_COUNT(marked));
	tcase_add_loop_test(tc, text_is_inert_on_a_terminal, 0,
			    SMI_COUNT(cases));
	tcase_add_loop_test(tc, text_is_a_json_string, 0, SMI_COUNT(cases));
	tcase_add_loop_test(tc, text_is_a_csv_cell_and_no_formula, 0,
			    SMI_COUNT(cases));
	tcase_add_test(tc, no_two_bytes_give_a_control_character_or_bad_utf8);
	tcase_add_test(tc, a_byte_is_the_same_in_json_wherever_it_stands);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
