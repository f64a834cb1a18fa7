/* SPDX-License-Identifier: MIT */
#include "detect/f2b-cover.h"
#include "f2b-rig.h"

START_TEST(a_filter_makes_failures_with_peer_user_and_time)
{
	filter(FILTER(
		"failregex = ^ host no <F-USER>\\S+</F-USER> of <HOST>$"));
	rig_run(&rig, "Aug  4 10:00:01 host no bob of ::ffff:192.0.2.7\n"
		      "Aug  4 10:00:02 host no eve of gate.example\n");
	ck_assert_uint_eq(rig.events.n, 2);
	ck_assert_str_eq(sm_logevent_rule(rig_event(&rig, 0)), "fail2ban-f");
	ck_assert_str_eq(sm_logevent_action(rig_event(&rig, 0)),
			 "login_failed");
	ck_assert_str_eq(sm_logevent_source_ip(rig_event(&rig, 0)),
			 "192.0.2.7");
	ck_assert_str_eq(sm_logevent_user(rig_event(&rig, 0)), "bob");
	ck_assert_int_eq(sm_line_time(sm_record_line(rig.events.v[0])),
			 INT64_C(1785837601) * SMI_SEC);
	/* A name is kept, and nobody is asked for its address. */
	ck_assert_str_eq(sm_logevent_source_ip(rig_event(&rig, 1)), "");
	ck_assert_str_eq(sm_logevent_source_host(rig_event(&rig, 1)),
			 "gate.example");
}
END_TEST

START_TEST(failures_of_filters_count_for_brute_force)
{
	ck_assert_int_gt(sm_ruleset_add_builtin(rig.rules), 0);
	filter(FILTER("failregex = ^ no <HOST>$"));
	rig_run(&rig, "Aug  4 10:00:01 no 192.0.2.7\n"
		      "Aug  4 10:01:02 no 192.0.2.7\n"
		      "Aug  4 10:02:02 no 192.0.2.7\n"
		      "Aug  4 10:03:02 no 192.0.2.7\n"
		      "Aug  4 10:04:02 no 192.0.2.7\n");
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_finding_kind(rig_finding(&rig, 0)), "brute_force");
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 0)),
			 "192.0.2.7");
}
END_TEST

START_TEST(a_line_of_two_rules_is_one_failure)
{
	tree_text("filter.d/g.conf", FILTER("failregex = no <HOST>"));
	filter(FILTER("failregex = ^ no <HOST>$"));
	ck_assert_int_eq(sm_ruleset_add(rig.rules, "fail2ban:g"), 1);
	rig_run(&rig, "Aug  4 10:00:01 no 192.0.2.7\n");
	ck_assert_uint_eq(rig.events.n, 1);
}
END_TEST

START_TEST(lines_of_one_connection_make_one_failure)
{
	filter(SESSION);
	rig_run(&rig, "Aug  4 10:00:01 d[1]: from 192.0.2.1\n"
		      "Aug  4 10:00:02 d[2]: from 192.0.2.2\n"
		      "Aug  4 10:00:03 d[1]: bad user bob\n");
	ck_assert_uint_eq(rig.events.n, 3);
	ck_assert_uint_eq(failures(), 1);
	ck_assert_str_eq(peer(2), "192.0.2.1");
	ck_assert_str_eq(sm_logevent_user(rig_event(&rig, 2)), "bob");
}
END_TEST

START_TEST(a_failure_waits_for_its_address)
{
	filter(SESSION);
	rig_run(&rig, "Aug  4 10:00:01 d[1]: bad user bob\n"
		      "Aug  4 10:00:02 d[1]: from 192.0.2.1\n");
	ck_assert_uint_eq(failures(), 1);
	ck_assert_str_eq(peer(1), "192.0.2.1");
	ck_assert_str_eq(sm_logevent_user(rig_event(&rig, 1)), "bob");
}
END_TEST

START_TEST(the_same_pid_hours_later_is_another_connection)
{
	filter(SESSION);
	rig_run(&rig, "Aug  4 05:00:01 d[1]: from 192.0.2.1\n"
		      "Aug  4 10:00:01 d[1]: bad user bob\n");
	ck_assert_uint_eq(failures(), 0);
}
END_TEST

START_TEST(a_connection_that_ended_is_forgotten)
{
	filter(SESSION);
	rig_run(&rig, "Aug  4 10:00:01 d[1]: from 192.0.2.1\n"
		      "Aug  4 10:00:02 d[1]: end of 192.0.2.1\n"
		      "Aug  4 10:00:03 d[1]: bad user bob\n");
	ck_assert_uint_eq(failures(), 1);
}
END_TEST

START_TEST(who_was_let_in_is_no_failure)
{
	filter(SESSION);
	rig_run(&rig, "Aug  4 10:00:01 d[1]: from 192.0.2.1\n"
		      "Aug  4 10:00:02 d[1]: in bob\n");
	ck_assert_uint_eq(failures(), 0);
	ck_assert_str_eq(sm_logevent_action(rig_event(&rig, 1)), "login_ok");
	ck_assert_str_eq(peer(1), "192.0.2.1");
}
END_TEST

START_TEST(lines_are_joined_over_others)
{
	filter(FILTER("maxlines = 3\n"
		      "failregex = ^ c(?P<id>\\d+) from <HOST>$<SKIPLINES>"
		      "^ c(?P=id) bad$\n"));
	rig_run(&rig, "Aug  4 10:00:01 c1 from 192.0.2.1\n"
		      "Aug  4 10:00:02 c2 from 192.0.2.2\n"
		      "Aug  4 10:00:03 c1 bad\n"
		      "Aug  4 10:00:04 c2 bad\n"
		      "Aug  4 10:00:05 c1 bad\n");
	ck_assert_uint_eq(failures(), 2);
	ck_assert_str_eq(peer(0), "192.0.2.1");
	ck_assert_str_eq(peer(1), "192.0.2.2");
}
END_TEST

START_TEST(bytes_that_are_no_utf8_hide_nothing)
{
	filter(FILTER("failregex = ^ no <F-USER>\\S+</F-USER> <HOST>$"));
	rig_run(&rig, "Aug  4 10:00:01 no b\xff\xfeob 192.0.2.1\n");
	ck_assert_uint_eq(failures(), 1);
}
END_TEST

START_TEST(letters_of_other_scripts_are_words)
{
	filter(FILTER("failregex = ^ no \\w{3} <HOST>$"));
	rig_run(&rig,
		"Aug  4 10:00:01 no \xc3\xa4\xc3\xb6\xc3\xbc 192.0.2.1\n");
	ck_assert_uint_eq(failures(), 1);
}
END_TEST

/* What Python's re makes of these, in front of an address. */
static const struct {
	const char *pattern, *line;
	bool match;
} python[] = {
	{ "(?P<x>ab)(?P=x) <HOST>$", "abab 192.0.2.1", true },
	/* A line has its LF, and \Z is behind it. */
	{ "^ a <HOST>\\Z", "a 192.0.2.1", false },
	{ "^ a <HOST>\\s\\Z", "a 192.0.2.1", true },
	{ "^ a{,2}b <HOST>$", "aab 192.0.2.1", true },
	{ "^ a{,2}b <HOST>$", "aaab 192.0.2.1", false },
	{ "^ [[]x[]] <HOST>$", "[x] 192.0.2.1", true },
	{ "(?iu)^ ABC <HOST>$", "abc 192.0.2.1", true },
	{ "^ ((?i)A)b <HOST>$", "ab 192.0.2.1", true },
	{ "^ ((?i)A)b <HOST>$", "aB 192.0.2.1", false },
	{ "^ a.c <HOST>$", "abc 192.0.2.1", true },
	{ "^ (?P<n>a)?(?(n)b|c) <HOST>$", "c 192.0.2.1", true },
	{ "^ x <ADDR>$", "x [2001:db8::1]", true },
	{ "^ x <ADDR>$", "x host.example", false },
	{ "^ x <SUBNET>$", "x 192.0.2.0/24", true },
	{ "^ x <IP4>:<F-PORT/>$", "x 192.0.2.1:22", true },
	{ "^ x <DNS>$", "x host.example", true },
};

START_TEST(patterns_mean_what_python_means)
{
	struct smi_buf b = { 0 };

	smi_buf_printf(&b, FILTER("failregex = %s\n"), python[_i].pattern);
	filter(smi_buf_cstr(&b));
	smi_buf_clear(&b);
	smi_buf_printf(&b, "Aug  4 10:00:01 %s\n", python[_i].line);
	rig_run(&rig, smi_buf_cstr(&b));
	ck_assert_uint_eq(failures(), python[_i].match);
	smi_buf_free(&b);
}
END_TEST

/* A pattern, and texts of which each line that it takes has one. */
static const struct {
	const char *pattern, *texts;
} musts[] = {
	{ "^Failed \\S+ for (?:invalid user )?x", "failed " },
	{ "^(?:abc|d)efghij", "efghij" },
	{ "^abcdef|b", "" },
	{ "^abcdef|bcdefg", "abcdef bcdefg" },
	{ "(?P<x>longer text)?shorter", "shorter" },
	{ "(?P<x>longer text)shorter", "longer text" },
	{ "USER (?:not here|[nN]ot found|is (?:away|asleep))", "" },
	{ "USER (?:not here|[nN]ot found|is (?:all away|asleep))",
	  "not here ot found all away asleep" },
	{ "xxxx\\[y\\]z*", "xxxx[y]" },
	{ "abcdef+cd{2,3}e", "abcdef" },
	{ "(?x)abc def", "" },
	{ "(?!never ever)always", "always" },
	{ "[^]abc]defghi", "defghi" },
};

START_TEST(what_a_line_must_have_is_found_in_the_pattern)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_f2b_cover c;

	ck_assert_int_eq(
		smi_f2b_cover_find(smi_span_str(musts[_i].pattern), &a, &c), 0);
	for (size_t i = 0; i < c.n; i++) {
		smi_buf_str(&b, i ? " " : "");
		smi_buf_span_add(&b, c.v[i]);
	}
	ck_assert_str_eq(smi_buf_cstr(&b), musts[_i].texts);
}
END_TEST

/* Words as short as they get, and longer ones, wherever they stand in a line. */
START_TEST(a_word_is_found_at_any_place)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	filter(FILTER("failregex = \\$abcd~ by <HOST>$\n"
		      "            Refused Twice by <HOST>$\n"));
	for (int pad = 0; pad < 20; pad++) {
		smi_buf_printf(&b, "Aug  4 10:00:%02d %*s$abcd~ by 192.0.2.1\n",
			       pad, pad, "");
		smi_buf_printf(&b, "Aug  4 10:00:%02d %*sREFUSED twice by x\n",
			       pad, pad, "");
		smi_buf_printf(&b,
			       "Aug  4 10:00:%02d %*srefused twice by 192.0.2.1"
			       "\n",
			       pad, pad, "");
		smi_buf_printf(&b,
			       "Aug  4 10:00:%02d %*sRefused Twice by 192.0.2.1"
			       "\n",
			       pad, pad, "");
	}
	rig_run(&rig, smi_buf_cstr(&b));
	ck_assert_uint_eq(failures(), 40);
}
END_TEST

/* Only the last line has the word that makes the filter look. */
static const struct {
	int between;
	size_t failures;
} late[] = { { 0, 1 }, { 1, 1 }, { 2, 0 } };

START_TEST(a_word_in_the_last_line_brings_back_those_before_it)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	filter(FILTER(
		"maxlines = 3\n"
		"failregex = ^ x of <HOST><SKIPLINES> refused at last$\n"));
	for (int round = 0; round < 2; round++) {
		smi_buf_printf(&b, "Aug  4 10:0%d:01 x of 203.0.113.9\n",
			       round);
		for (int i = 0; i < late[_i].between; i++)
			smi_buf_printf(&b, "Aug  4 10:0%d:02 y\n", round);
		smi_buf_printf(&b, "Aug  4 10:0%d:03 refused at last\n", round);
	}
	rig_run(&rig, smi_buf_cstr(&b));
	ck_assert_uint_eq(failures(), 2 * late[_i].failures);
}
END_TEST

START_TEST(a_filter_sees_lines_with_and_without_its_program)
{
	filter(FILTER(
		"failregex = ^ web (?:d(?:\\[\\d+\\])?: )?no way <HOST>$"));
	rig_run(&rig, "Aug  4 10:00:01 web d[1]: no way 192.0.2.1\n"
		      "Aug  4 10:00:01 web e[1]: no way 192.0.2.2\n"
		      "Aug  4 10:00:01 web no way 192.0.2.3\n"
		      "Aug  4 10:00:01 web d[2]: no way 192.0.2.4\n");
	ck_assert_uint_eq(failures(), 3);
}
END_TEST

/* What is told apart by a prefregex, of lines that begin alike. */
static const struct {
	const char *pref;
	size_t failures;
} prefixes[] = {
	{ "^ web d\\[\\d+\\]: (?:x )?<F-CONTENT>.+</F-CONTENT>$", 6 },
	{ "^ web d\\[\\d+\\]: (?!noth)(?:x )?<F-CONTENT>.+</F-CONTENT>$", 5 },
	{ "^ web d\\[[19]\\d\\]: (?:x )?<F-CONTENT>.+</F-CONTENT>$", 4 },
	{ "^ web d\\[\\d+\\]: x <F-CONTENT>.+</F-CONTENT>$", 1 },
	{ "^ web d\\[\\d+\\]: <F-CONTENT>.+</F-CONTENT>$", 5 },
	{ "^ web d\\[\\d+\\]: (?:x )?<F-CONTENT>no.+</F-CONTENT>$", 6 },
	{ "^ web d\\[\\d+\\]: (?:x )?(?=.* 192)<F-CONTENT>.+</F-CONTENT>$", 5 },
};

START_TEST(a_prefregex_looks_at_each_line)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	smi_buf_printf(&b,
		       FILTER("prefregex = %s\n"
			      "failregex = ^no(?:thing)? <HOST>$\n"),
		       prefixes[_i].pref);
	filter(smi_buf_cstr(&b));
	rig_run(&rig, "Aug  4 10:00:01 web d[11]: no 192.0.2.1\n"
		      "Aug  4 10:00:02 web d[12]: no 192.0.2.2\n"
		      "Aug  4 10:00:03 web d[22]: no 192.0.2.3\n"
		      "Aug  4 10:00:04 web d[13]: x no 192.0.2.4\n"
		      "Aug  4 10:00:05 web d[10]: nothing 192.0.2.5\n"
		      "Aug  4 10:00:06 web d[124]: no 198.51.100.6\n");
	ck_assert_uint_eq(failures(), prefixes[_i].failures);
}
END_TEST

START_TEST(what_an_ignoreregex_takes_is_no_failure)
{
	filter(FILTER("failregex = ^ no <HOST>$\n"
		      "ignoreregex = 192\\.0\\.2\\.9$\n"));
	rig_run(&rig, "Aug  4 10:00:01 no 192.0.2.1\n"
		      "Aug  4 10:00:02 no 192.0.2.9\n");
	ck_assert_uint_eq(failures(), 1);
}
END_TEST

/* Where a regex can be one that never ends. */
static const char *const bombs[] = {
	"failregex = ^ (?:a|aa)+y <HOST>$",
	"prefregex = ^ (?:a|aa)+y <F-CONTENT>.+</F-CONTENT>$\n"
	"failregex = ^<HOST>$",
	"failregex = a+!y <HOST>$\nignoreregex = (?:a|aa)+y",
	"failregex = y <HOST>$\ndatepattern = (?:a|aa)+y %%Y",
};

START_TEST(a_bomb_is_given_up_and_told)
{
	struct smi_buf b = { 0 };

	smi_buf_printf(&b, FILTER("%s\n"), bombs[_i]);
	filter(smi_buf_cstr(&b));
	smi_buf_clear(&b);
	smi_buf_str(&b, "Aug  4 10:00:01 ");
	smi_buf_fill(&b, 'a', 5000);
	smi_buf_str(&b, "!y 192.0.2.1\n");
	rig_run(&rig, smi_buf_cstr(&b));
	smi_buf_free(&b);
	ck_assert_uint_eq(rig.notices.n, 1);
	ck_assert_ptr_nonnull(
		strstr(sm_notice_text(sm_record_notice(rig.notices.v[0])),
		       "fail2ban-f"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fail2ban");
	TCase *tc = tcase_create("filters");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_filter_makes_failures_with_peer_user_and_time);
	tcase_add_test(tc, failures_of_filters_count_for_brute_force);
	tcase_add_test(tc, a_line_of_two_rules_is_one_failure);
	tcase_add_test(tc, lines_of_one_connection_make_one_failure);
	tcase_add_test(tc, a_failure_waits_for_its_address);
	tcase_add_test(tc, the_same_pid_hours_later_is_another_connection);
	tcase_add_test(tc, a_connection_that_ended_is_forgotten);
	tcase_add_test(tc, who_was_let_in_is_no_failure);
	tcase_add_test(tc, lines_are_joined_over_others);
	tcase_add_test(tc, bytes_that_are_no_utf8_hide_nothing);
	tcase_add_test(tc, letters_of_other_scripts_are_words);
	tcase_add_loop_test(tc, patterns_mean_what_python_means, 0,
			    (int)SMI_COUNT(python));
	tcase_add_test(tc, a_word_is_found_at_any_place);
	tcase_add_loop_test(tc,
			    a_word_in_the_last_line_brings_back_those_before_it,
			    0, SMI_COUNT(late));
	tcase_add_loop_test(tc, what_a_line_must_have_is_found_in_the_pattern,
			    0, (int)SMI_COUNT(musts));
	tcase_add_test(tc, a_filter_sees_lines_with_and_without_its_program);
	tcase_add_loop_test(tc, a_prefregex_looks_at_each_line, 0,
			    (int)SMI_COUNT(prefixes));
	tcase_add_test(tc, what_an_ignoreregex_takes_is_no_failure);
	tcase_add_loop_test(tc, a_bomb_is_given_up_and_told, 0,
			    (int)SMI_COUNT(bombs));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
