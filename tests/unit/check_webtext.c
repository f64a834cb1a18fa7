/* SPDX-License-Identifier: MIT */
#include "detect/webtext.h"
#include "fail-alloc.h"
#include "suite.h"

static const struct {
	const char *raw, *folded;
} cases[] = {
	/* What servers escape in their logs. */
	{ "a\\x22b\\x5Cc\\\"d\\\\e", "a\"b\\c\"d\\e" },
	{ "\\x5Cu0024{X", "${x" },
	/* Percent, once to three times; what is no code stays. */
	{ "%41%62%2e%2E", "ab.." },
	{ "%252e%25252e", ".." },
	{ "%2525252e", "%2e" },
	{ "..%%32%66", "../" },
	{ "100% %zz %4", "100% %zz %4" },
	{ "%u0027%u003Cx", "'<x" },
	/* Plus is a space where it was written, and not where it was meant. */
	{ "a+b%2Bc", "a b+c" },
	{ "a%252Bc", "a+c" },
	/* Overlong forms, and characters taken for ASCII. */
	{ "%c0%ae%c0%af%C1%9C", "./\\" },
	{ "%e0%80%ae%f0%80%80%af", "./" },
	{ "%EF%BC%9Cscript%EF%BC%9E", "<script>" },
	{ "..%u2215%ca%bc", "../'" },
	{ "na%C3%AFve \xe2\x82\xac", "na\xc3\xafve \xe2\x82\xac" },
	{ "\xff\xc0(\xed\xa0\x80", "\xff\xc0(\xed\xa0\x80" },
	/* Entities and escapes of scripts. */
	{ "%26lt;&#x3C;&#60;&gt;&amp;", "<<<>&" },
	{ "java&colon;&Tab;x", "java: x" },
	{ "a=1&lt=5&b;&#;&#x;&#99999999;", "a=1&lt=5&b;&#;&#x;&#99999999;" },
	{ "\\u003c\\x3e\\u12", "<>\\u12" },
	/* Comments of SQL, conditional ones with their text. */
	{ "uni/**/on/* x */select", "uni on select" },
	{ "/*!50000UNION*//*!SELECT*/1", " union select 1" },
	{ "rm /tmp/*;wget", "rm /tmp/*;wget" },
	{ "1/*", "1/*" },
	/* Spaces; a line end remains one. */
	{ "a%09%0b%0C b  c%a0", "a b c\xa0" },
	{ "x%0d%0A id%20%0a", "x\nid\n" },
	{ "a%C2%A0%E3%80%80b%E2%80%8Bc", "a bc" },
	/* NUL hides no end. */
	{ "/etc/passwd%00.png", "/etc/passwd.png" },
	{ "%00", "" },
	{ "", "" },
};

START_TEST(a_text_has_one_spelling)
{
	char out[256];
	struct smi_span raw = smi_span_str(cases[_i].raw);
	size_t n = smi_webtext_fold(raw, true, out);

	ck_assert_uint_le(n, raw.len);
	out[n] = '\0';
	ck_assert_str_eq(out, cases[_i].folded);
}
END_TEST

START_TEST(what_is_plain_stays_but_for_its_case)
{
	static const char text[] = "Mozilla/5.0 (X11; Linux) a+b 100";
	char out[sizeof(text)];

	ck_assert_uint_eq(smi_webtext_fold(SMI_SPAN(text), false, out),
			  sizeof(text) - 1);
	ck_assert_mem_eq(out, "mozilla/5.0 (x11; linux) a+b 100",
			 sizeof(text) - 1);
}
END_TEST

/* Each opening of a comment asks for its end: once, where there is none. */
START_TEST(a_long_hostile_text_takes_linear_time)
{
	enum {
		LEN = 1 << 20
	};
	SMI_AUTOFREE char *raw = smi_alloc(LEN), *out = smi_alloc(LEN);

	ck_assert(raw && out);
	for (size_t i = 0; i < LEN; i++)
		raw[i] = "/*&%"[i % 4];
	ck_assert_uint_eq(smi_webtext_fold(smi_span_of(raw, LEN), true, out),
			  LEN);
}
END_TEST

START_TEST(a_request_has_its_subjects)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf room = { 0 };
	struct smi_web web = { .url = SMI_SPAN("/A+B%2f?Q=a+b?c"),
			       .referer = SMI_SPAN("http://x.example/?q=a+b"),
			       .agent = SMI_SPAN("Bot/1.0 (+http://x)"),
			       .user = SMI_SPAN("") };
	struct smi_webtext t;

	ck_assert(smi_webtext_read(&t, &web, &room));
	ck_assert(smi_span_eq_str(t.of[SMI_SUBJECT_URL], "/a+b/?q=a b?c"));
	ck_assert(smi_span_eq_str(t.of[SMI_SUBJECT_PATH], "/a+b/"));
	ck_assert(smi_span_eq_str(t.of[SMI_SUBJECT_QUERY], "q=a b?c"));
	ck_assert(smi_span_eq_str(t.of[SMI_SUBJECT_REFERER],
				  "http://x.example/?q=a b"));
	ck_assert(smi_span_eq_str(t.of[SMI_SUBJECT_AGENT],
				  "bot/1.0 (+http://x)"));
	ck_assert_uint_eq(t.of[SMI_SUBJECT_USER].len, 0);
}
END_TEST

START_TEST(out_of_memory_is_told)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf room = { 0 };
	struct smi_web web = { .url = SMI_SPAN("/") };
	struct smi_webtext t;

	fail_alloc_at(1);
	ck_assert(!smi_webtext_read(&t, &web, &room));
	fail_alloc_off();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("webtext");
	TCase *tc = tcase_create("webtext");

	tcase_add_loop_test(tc, a_text_has_one_spelling, 0, SMI_COUNT(cases));
	tcase_add_test(tc, what_is_plain_stays_but_for_its_case);
	tcase_add_test(tc, a_long_hostile_text_takes_linear_time);
	tcase_add_test(tc, a_request_has_its_subjects);
	tcase_add_test(tc, out_of_memory_is_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
