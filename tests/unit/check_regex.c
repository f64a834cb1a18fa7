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
		ck_assert_int_eq(smi_gate_may_begin(&re.gate, (unsigned char)c),
				 c == 'F');
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
	if (r == 0)
		r = smi_regex_jit(&re);
	fail_alloc_off();
	return SMI_MIN(r, 0);
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
			smi_regex_release(&re);
		}
		ck_assert_int_eq(smi_regex_match(&re, m, SMI_SPAN("aab7z")), 1);
		smi_regex_release(&re);
	}
	ck_assert_int_gt(n, 20);
}
END_TEST

static const struct {
	const char *pattern, *may, *cannot;
} begins[] = {
	{ "^ab(?:c|de)f", "abdef", "abdcf" },
	{ "^(?:error: )?PAM: .*", "PAM: x", "PQM: x" },
	{ "^(?:error: )?PAM: .*", "error: P", "erase: P" },
	{ "^a{2,3}b", "aaab", "aac" },
	{ "^(?i)ab", "AB", "Ac" },
	{ "^a.b", "a\nb", "a\nc" },
	{ "^\\bab", "ab", "ac" },
	{ "^(a)\\1c", "aac", "b" },
	{ "^a(?#b)c", "ac", "ab" },
	{ "^a|^bc", "axx", "cxx" },
	{ "^(?:(?:(?:(?:a?){9}){9}){9}){9}b", "aab", "c" },
};

/* By halves of bytes, so that not all others are told apart. */
static bool may_begin(const struct smi_gate *g, struct smi_span s)
{
	for (size_t i = 0; i < SMI_MIN(s.len, (size_t)SMI_GATE_BEGIN); i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!(g->begin[i].low >> (c & 15) & 1) ||
		    !(g->begin[i].high >> (c >> 4) & 1))
			return false;
	}
	return true;
}

START_TEST(the_first_bytes_of_all_matches_are_known)
{
	struct smi_span may = smi_span_str(begins[_i].may);
	struct smi_span cannot = smi_span_str(begins[_i].cannot);

	match(begins[_i].pattern, may);
	ck_assert(may_begin(&re.gate, may));
	/* The last one is more than the walk has time for. */
	ck_assert_int_eq(may_begin(&re.gate, cannot),
			 _i + 1 == SMI_COUNT(begins));
}
END_TEST

START_TEST(one_text_of_a_branch_is_in_each_match)
{
	struct smi_span yes = SMI_SPAN("x ACCEPT IN=eth0");
	struct smi_span no = SMI_SPAN("x BLOCK IN=eth0");

	match("^[^=]*(?:A(?:LLOW|CCEPT)|PASS)[^=]*IN=", yes);
	ck_assert_uint_eq(re.gate.nany, 3);
	ck_assert(smi_gate_passes(&re.gate, yes));
	ck_assert(!smi_gate_passes(&re.gate, no));
	/* A branch may have none. */
	match("^x (?:ACCEPT|[A-Z]+) IN=", no);
	ck_assert(smi_gate_passes(&re.gate, no));
}
END_TEST

START_TEST(machine_code_is_made_for_the_first_line_that_passes)
{
	ck_assert_int_eq(match("^a+b$", SMI_SPAN("xaab")), 0);
	ck_assert_int_eq(atomic_load(re.jit), 0);
	ck_assert_int_eq(smi_regex_match(&re, m, SMI_SPAN("aab")), 1);
	ck_assert_int_ne(atomic_load(re.jit), 0);
	ck_assert_int_eq(smi_regex_match(&re, m, SMI_SPAN("aab")), 1);
}
END_TEST

static const struct {
	const char *pattern, *literal;
} literals[] = {
	{ "^Failed \\S+ for (?:invalid|illegal) user .* port \\d+$",
	  "Failed " },
	{ "^a+bcd?e$", "bc" },
	{ "ab{2}cd*", "ab" },
	{ "ab{x}", "ab{x}" },
	{ "^one|another$", "" },
	{ "(one|another) day", " day" },
	{ "[^]abc]+xy", "xy" },
	{ "\\[preauth\\]", "[preauth]" },
	{ "\\x41bcdef", "Abcdef" },
	{ "^(?>[a-z]+ (?:by )?COMMAND=x(?= ))-", "COMMAND=x" },
	{ "\\x41bc\\Rdef", "" },
	{ "\\Qa.b\\E", "" },
	{ "(?<user>a)\\k<user>", "" },
	{ "(?i)abc", "" },
};

START_TEST(a_literal_is_in_each_match_whatever_the_pattern)
{
	ck_assert_int_eq(smi_regex_compile(smi_span_str(literals[_i].pattern),
					   &re, &err),
			 0);
	ck_assert(smi_span_eq_str(smi_gate_text(&re.gate, re.gate.text),
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
	tcase_add_loop_test(tc, the_first_bytes_of_all_matches_are_known, 0,
			    SMI_COUNT(begins));
	tcase_add_test(tc, one_text_of_a_branch_is_in_each_match);
	tcase_add_test(tc, machine_code_is_made_for_the_first_line_that_passes);
	tcase_add_test(tc, a_nul_is_a_byte_like_others);
	tcase_add_test(tc, groups_give_their_text);
	tcase_add_loop_test(tc, a_wrong_pattern_is_told, 0, SMI_COUNT(bad));
	tcase_add_test(tc, a_bomb_ends_at_its_limit);
	tcase_add_test(tc, no_memory_is_an_error_however_large_the_pattern);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
