/* SPDX-License-Identifier: MIT */
#include "detect/regex.h"
#include "fail-alloc.h"
#include "suite.h"

static struct smi_matcher *m;
static struct smi_regex re;
static struct smi_regex_error err;

static void setup(void)
{
	ck_assert_int_eq(smi_matcher_new(&m), 0);
	re = (struct smi_regex){ 0 };
}

static void teardown(void)
{
	smi_regex_release(&re);
	smi_matcher_free(m);
}

static int match(const char *pattern, struct smi_span s)
{
	smi_regex_release(&re);
	ck_assert_int_eq(smi_regex_compile(smi_span_str(pattern), &re, &err),
			 0);
	return smi_regex_match(&re, m, s);
}

static const struct {
	const char *pattern, *yes, *no;
} cases[] = {
	{ "^abc", "abcd", "xabc" },
	{ "^(?:ab|cd)x", "cdx", "efx" },
	{ "abc", "xxabc", "xxab" },
	{ "(?i)^abc", "ABC", "bbc" },
	{ "^(?i)abc", "Abc", "bbc" },
	{ "a|^b", "xa", "xb" },
	{ "^a|b", "xb", "xa" },
	{ "^ *x", "  x", " y" },
	{ "^[^a]b",
	  "\xff"
	  "b",
	  "ab" },
	{ "^x?y", "y", "z" },
	{ "^$", "", "a" },
	{ "a$", "ba", "a\n" },
	{ "^\\x{e9}", "\xe9", "e" },
	{ "^(?=b)b", "b", "a" },
	/* PCRE2 makes one letter in any case of such a class. */
	{ "^k: (?:[Cc]lient|[Cc]all)", "k: client", "k: flint" },
};

START_TEST(what_is_looked_at_before_does_not_change_the_answer)
{
	ck_assert_int_eq(match(cases[_i].pattern, smi_span_str(cases[_i].yes)),
			 1);
	ck_assert_int_eq(match(cases[_i].pattern, smi_span_str(cases[_i].no)),
			 0);
}
END_TEST

START_TEST(the_first_byte_of_an_anchored_pattern_is_known)
{
	ck_assert_int_eq(match("^Failed", SMI_SPAN("Failed")), 1);
	for (int c = 0; c < 256; c++)
		ck_assert_int_eq(smi_regex_may_begin(&re, (unsigned char)c),
				 c == 'F' || c == 'f');
}
END_TEST

START_TEST(a_nul_is_a_byte_like_others)
{
	ck_assert_int_eq(match("^a.b$", SMI_SPAN("a\0b")), 1);
}
END_TEST

START_TEST(groups_give_their_text)
{
	struct smi_span s = SMI_SPAN("from 203.0.113.9"), got;

	ck_assert_int_eq(match("^from (?<ip>\\S+)(?<none> x)?$", s), 1);
	ck_assert(smi_matcher_group(m, s, smi_regex_group(&re, "ip"), &got));
	ck_assert(smi_span_eq_str(got, "203.0.113.9"));
	ck_assert(!smi_matcher_group(m, s, smi_regex_group(&re, "none"), &got));
	ck_assert(!smi_matcher_group(m, s, smi_regex_group(&re, "what"), &got));
}
END_TEST

static const char *const bad[] = { "(",
				   "(?<a>x)(?<a>y)",
				   "[z-a]",
				   "(*UTF)a",
				   "\\C",
				   "a{70000}",
				   "((((((((((a{900}){900}){"
				   "900}){900}){900}){900}))))" };

START_TEST(a_wrong_pattern_is_told)
{
	ck_assert_int_eq(smi_regex_compile(smi_span_str(bad[_i]), &re, &err),
			 -EBADMSG);
	ck_assert_str_ne(err.text, "");
}
END_TEST

START_TEST(a_bomb_ends_at_its_limit)
{
	char text[5001];

	memset(text, 'a', sizeof(text));
	text[5000] = '!';
	ck_assert_int_eq(match("^(a+)+$", smi_span_of(text, sizeof(text))),
			 -E2BIG);
	ck_assert_int_eq(match("^(a+)+!$", smi_span_of(text, sizeof(text))), 1);
}
END_TEST

static int compile_without(void (*arm)(int), int n, struct smi_span pattern)
{
	int r;

	arm(n);
	r = smi_regex_compile(pattern, &re, &err);
	fail_alloc_off();
	return r;
}

/* PCRE2's compiler of machine code asks for memory again and again; in lazy
 * repeats it does not look whether it got some. */
static void add_large(struct smi_buf *b)
{
	smi_buf_str(b, "^(?<all>");
	for (int i = 0; i < 45; i++)
		smi_buf_str(b, "(?:");
	smi_buf_str(b, "a|[b-q]\\d");
	for (int i = 0; i < 45; i++)
		smi_buf_str(b, ")*?");
	smi_buf_str(b, "z)$");
	ck_assert_int_eq(smi_buf_error(b), 0);
}

START_TEST(no_memory_is_an_error_however_large_the_pattern)
{
	static void (*const arms[])(int) = { fail_alloc_at, fail_alloc_from };
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	int n = 1;

	add_large(&b);
	for (size_t i = 0; i < SMI_COUNT(arms); i++) {
		for (n = 1;; n++) {
			int r = compile_without(arms[i], n, smi_buf_span(&b));

			if (r == 0)
				break;
			ck_assert_int_eq(r, -ENOMEM);
			ck_assert_ptr_null(re.code);
		}
		ck_assert_int_eq(smi_regex_match(&re, m, SMI_SPAN("aab7z")), 1);
		smi_regex_release(&re);
	}
	ck_assert_int_gt(n, 20);
}
END_TEST

static const struct {
	const char *pattern, *literal;
} literals[] = {
	{ "^Failed \\S+ for (?:invalid|illegal) user .* port \\d+$",
	  "Failed " },
	{ "^a+bcd?e$", "bc" },
	{ "ab{2}cd*", "a" },
	{ "ab{x}", "x}" },
	{ "^one|another$", "" },
	{ "(one|another) day", " day" },
	{ "[^]abc]+xy", "xy" },
	{ "\\[preauth\\]", "[preauth]" },
	{ "\\x41bcdef", "" },
	{ "\\Qa.b\\E", "" },
	{ "(?<user>a)\\k<user>", "" },
	{ "(?i)abc", "" },
};

START_TEST(a_literal_is_in_each_match_whatever_the_pattern)
{
	ck_assert_int_eq(smi_regex_compile(smi_span_str(literals[_i].pattern),
					   &re, &err),
			 0);
	ck_assert(smi_span_eq_str(smi_span_of(re.literal, re.literal_len),
				  literals[_i].literal));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("regex");
	TCase *tc = tcase_create("patterns");

	tcase_add_loop_test(tc, a_literal_is_in_each_match_whatever_the_pattern,
			    0, SMI_COUNT(literals));
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc,
			    what_is_looked_at_before_does_not_change_the_answer,
			    0, SMI_COUNT(cases));
	tcase_add_test(tc, the_first_byte_of_an_anchored_pattern_is_known);
	tcase_add_test(tc, a_nul_is_a_byte_like_others);
	tcase_add_test(tc, groups_give_their_text);
	tcase_add_loop_test(tc, a_wrong_pattern_is_told, 0, SMI_COUNT(bad));
	tcase_add_test(tc, a_bomb_ends_at_its_limit);
	tcase_add_test(tc, no_memory_is_an_error_however_large_the_pattern);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
