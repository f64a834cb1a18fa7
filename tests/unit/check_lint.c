/* SPDX-License-Identifier: MIT */
#include "detect/lint.h"
#include "fail-alloc.h"
#include "logsrc/header.h"
#include "suite.h"

static sm_ctx *ctx;
static sm_ruleset *rs;

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(smi_ruleset_new(ctx, smi_header_split, &rs), 0);
}

static void teardown(void)
{
	fail_alloc_off();
	sm_ruleset_unref(rs);
	sm_ctx_unref(ctx);
}

static const struct {
	const char *pattern;
	bool loose;
} gaps[] = {
	{ "^Failed .* from (?<source_ip>\\S+)", true },
	{ "^Failed .+ from (?<source_ip>\\S+) .*$", true },
	{ "^Failed .* from (?<source_ip>\\S+) port \\d+$", false },
	{ "^Failed .* from (?<source_ip>\\S+) port \\d+\\z", false },
	{ "^Failed \\S+ from (?<source_ip>\\S+)", false },
	/* The first " from " may be the one in a name. */
	{ "^Failed .*? from (?<source_ip>\\S+)", true },
	{ "^Failed .{1,200} from (?<source_ip>\\S+)", true },
	{ "^Failed [.*]+ from (?<source_ip>\\S+)", false },
	{ "^Failed \\.* from (?<source_ip>\\S+)", false },
	{ "^Failed [\\s\\S]* from (?<source_ip>\\S+)", true },
	{ "^Failed (?:\\S+ )*from (?<source_ip>\\S+)", true },
	{ "^Failed [^\"]* from (?<source_ip>\\S+)", false },
	{ "^Failed (?:(?! from ).)* from (?<source_ip>\\S+)", false },
	{ "^Failed (?!.* for )x from (?<source_ip>\\S+)", false },
	{ "^(?<source_ip>\\S+) .* failed", false },
	{ "^Failed .* from", false },
	{ "^(?:a (?<user>.*)|b) from (?<source_ip>\\S+)", true },
	{ "^(?:a (?<user>.*)|b) from (?<source_ip>\\S+)$", false },
	{ "^a (?:.* from (?<source_ip>\\S+)|x)$", false },
	{ "^a (?:.* from (?<source_ip>\\S+)|x) .*$", true },
	{ "^.* from (?<source_ip>\\S+)(?: \\[x\\])?(?:$|!$)", false },
	{ "^.* from (?<source_ip>\\S+)(?:$|!)", true },
	{ "^.* from (?P<source_ip>\\S+)(?: \\S+)*$", true },
};

START_TEST(a_gap_before_the_peer_is_loose_unless_the_end_ties_it)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	struct smi_shape *s;

	ck_assert_int_eq(smi_shape_read(smi_span_str(gaps[_i].pattern), &a, &s),
			 0);
	ck_assert_int_eq(smi_shape_is_loose(s, "source_ip"), gaps[_i].loose);
}
END_TEST

static const struct {
	const char *pattern;
	bool dead;
	uint64_t min;
} shapes[] = {
	{ "", false, 0 },
	{ "abc", false, 3 },
	{ "a^b", true, 0 },
	{ "a*^b", false, 1 },
	{ "$x", true, 0 },
	{ "x$", false, 1 },
	{ "(?:a|b$)c", false, 2 },
	{ "(?:a$|b$)c", true, 0 },
	{ "(?:a$|b$)?c", false, 1 },
	{ "(?:a^|b)c", false, 2 },
	{ "(?=x^)a", false, 1 },
	{ "a{3,}b{2}", false, 5 },
	{ "(?:ab){4}[xyz]+", false, 9 },
	{ "a{,3}", false, 5 },
	{ "[]a]\\x41\\x{42}\\012\\.", false, 5 },
	{ "[[:alpha:]-]\\d\\S", false, 3 },
	{ "(?i)a(?#note)b(?-i:c)", false, 3 },
	{ "(?<n>a)\\1", false, 1 },
};

START_TEST(the_shortest_match_and_none_at_all_are_known)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	struct smi_shape *s;

	ck_assert_int_eq(
		smi_shape_read(smi_span_str(shapes[_i].pattern), &a, &s), 0);
	ck_assert_int_eq(smi_shape_is_dead(s), shapes[_i].dead);
	if (!shapes[_i].dead)
		ck_assert_uint_eq(smi_shape_min(s), shapes[_i].min);
}
END_TEST

static const char *const unread[] = { "(?m)a",	   "(?x)a b", "(?(1)a|b)",
				      "(*COMMIT)", "\\pL",    "(?R)?",
				      "\\Qa\\E",   "(?U)a*" };

START_TEST(what_is_not_read_is_said)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	struct smi_shape *s;

	ck_assert_int_eq(smi_shape_read(smi_span_str(unread[_i]), &a, &s),
			 -ENOTSUP);
}
END_TEST

#define LINE "Aug  4 10:00:01 web app[1]: "
#define RULE(id, pattern, sample)                                              \
	"id: " id "\ntitle: t\nprogram: [app]\naction: login_failed\n"         \
	"patterns: ['" pattern "']\nmatch: ['" LINE sample "']\n"
#define CORR                                                                   \
	"---\nid: c\ntitle: t\nkind: k\ncorrelation:\n"                        \
	"  type: event_count\n  timespan: 60s\n  condition: {gte: 5}\n"

/* Text, and the line and a part of the only remark; NULL: there is none. */
static const struct {
	const char *text;
	uint32_t line;
	const char *says;
} remarks[] = {
	{ RULE("a", "^x$", "x"), 0, NULL },
	{ RULE("a", "x$", "x"), 5, "pattern 1 has no ^" },
	{ RULE("a", "^x(?<ip>y)$", "xy"), 5, "\"ip\" is dropped" },
	{ RULE("a", "^(?<q>x)\\k<q>$", "xx"), 0, NULL },
	{ RULE("a", "^(?:x|x^y)$", "x"), 0, NULL },
	{ RULE("a", "^x.* (?<source_host>\\S+)", "x y"), 5, "source_host" },
	{ "id: a\ntitle: t\nprogram: [app]\naction: login_failed\n"
	  "patterns: ['^x$']\n",
	  1, "no sample of match" },
	{ "id: a\ntitle: t\nprogram: ['app[1]', app]\naction: login_failed\n"
	  "patterns: ['^x$']\nmatch: ['" LINE "x']\n",
	  1, "no syslog line has the program \"app[1]\"" },
	{ "id: a\ntitle: t\nprogram: [app]\naction: login_failed\n"
	  "patterns: ['^x$', '^y^z']\nmatch: ['" LINE "x']\n",
	  5, "pattern 2 can take no line: text must stand" },
	{ "id: a\ntitle: t\nprogram: [app]\naction: login_failed\n"
	  "patterns: ['^x$', '^a{40000}b{40000}$']\nmatch: ['" LINE "x']\n",
	  5, "the 65536 bytes" },
	{ RULE("a", "^x.*$", "xy") "---\n" RULE("b", "^xy$", "xy"), 8,
	  "is taken before by the rule a (line 1 of t.yaml)" },
	{ RULE("a", "^x.*$", "xy") "---\n"
				   "id: b\ntitle: t\nprogram: [app]\n"
				   "action: login_failed\n"
				   "patterns: ['^xy$|^z$']\n"
				   "match: ['" LINE "xy', '" LINE "z']\n",
	  0, NULL },
	{ "id: a\ntitle: t\nprogram: [app]\naction: login_failed\n"
	  "patterns:\n  - '^x$'\n  - '^x$'\nmatch: ['" LINE "x']\n",
	  7, "pattern 2 is the same as the one on line 6" },
	{ RULE("a", "^(a+)+$", "aa"), 5, "repeats \"aa\"" },
	{ RULE("a", "^(a+)+b$", "aaab"), 5, "repeats \"a\"" },
	{ RULE("a", "^(?:a|b)*c x$", "abc x"), 0, NULL },
	{ RULE("a", "^u (?<user>.*) from .* to .*!$", "u x from y to z!"), 5,
	  "gives up on a line of 16384 bytes" },
	{ RULE("a", "^x$", "x") CORR "  actions: [other]\n"
				     "  group-by: [host]\n",
	  8, "nothing feeds the kind k" },
	{ RULE("a", "^x$", "x") CORR "  actions: [login_failed]\n"
				     "  group-by: [host]\n",
	  0, NULL },
	{ RULE("a", "^x$", "x") CORR "  rules: [a]\n  group-by: [user]\n", 8,
	  "captures user, which is its group-by" },
	{ RULE("a", "^(?<source_host>x)$", "x") CORR
	  "  rules: [a]\n  group-by: [source_ip]\n",
	  0, NULL },
	{ RULE("a", "^x$", "x") CORR "  rules: [a]\n  group-by: [host]\n"
				     "  then: {actions: [own], within: 5s}\n",
	  8, "no rule makes the action \"own\", which then" },
	/* The built-in rules make it. */
	{ "id: c\ntitle: t\nkind: k\ncorrelation:\n  type: event_count\n"
	  "  actions: [login_ok]\n  group-by: [user]\n  timespan: 5s\n"
	  "  condition: {gte: 2}\n",
	  0, NULL },
	{ "id: a\ntitle: t\nkind: k\nprogram: [app]\naction: login_failed\n"
	  "group-by: [user]\npatterns: ['^x$']\nmatch: ['" LINE "x']\n",
	  1, "no pattern captures user" },
};

static int add(const char *text)
{
	return sm_ruleset_add_text(rs, "t.yaml", text, strlen(text), 0);
}

static bool is_said(const char *says, uint32_t line)
{
	bool said = false;

	for (size_t i = 0; i < sm_ruleset_nproblems(rs); i++) {
		ck_assert_int_eq(sm_ruleset_problem_severity(rs, i),
				 SM_SEV_LOW);
		ck_assert_str_eq(sm_ruleset_problem_file(rs, i), "t.yaml");
		said |= strstr(sm_ruleset_problem(rs, i), says) &&
			sm_ruleset_problem_line(rs, i) == line;
	}
	return said;
}

START_TEST(what_is_hardly_meant_is_remarked)
{
	const char *says = remarks[_i].says;
	size_t n;

	ck_assert_int_ge(add(remarks[_i].text), 1);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
	ck_assert_int_ge(sm_ruleset_lint(rs), 0);
	n = sm_ruleset_nproblems(rs);
	if (n && (!says || !is_said(says, remarks[_i].line)))
		ck_abort_msg("%s: line %u: %s", remarks[_i].text,
			     sm_ruleset_problem_line(rs, 0),
			     sm_ruleset_problem(rs, 0));
	ck_assert_int_eq(n > 0, says != NULL);
	ck_assert_int_eq(sm_ruleset_lint(rs), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), n);
}
END_TEST

START_TEST(a_name_that_is_not_there_is_remarked_once)
{
	add(CORR "  rules: [gone]\n  group-by: [host]\n");
	ck_assert_int_eq(sm_ruleset_lint(rs), 2);
	ck_assert(is_said("the rule \"gone\" is not in this set", 9));
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 2);
	ck_assert_int_eq(sm_ruleset_lint(rs), -EBUSY);
}
END_TEST

START_TEST(no_memory_is_an_error_and_adds_nothing)
{
	int r = -ENOMEM;

	add(RULE("b", "x.*(?<q>a)$", "xa") CORR
	    "  actions: [other]\n  group-by: [host]\n");
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
	for (int n = 1; r == -ENOMEM; n++) {
		fail_alloc_at(n);
		r = sm_ruleset_lint(rs);
		fail_alloc_off();
		if (r == -ENOMEM)
			ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
	}
	ck_assert_int_eq(r, (int)sm_ruleset_nproblems(rs));
	ck_assert_int_ge(r, 3);
}
END_TEST

static int hear(size_t rule, int taken, const char *text, void *user)
{
	bool *near = user;

	(void)rule;
	(void)taken;
	*near |= strstr(text, "fits up to \"bad eve from \"") != NULL;
	return 0;
}

START_TEST(no_memory_is_an_error_of_an_explanation)
{
	struct smi_span line = SMI_SPAN(LINE "bad eve from there");
	bool near = false;
	int r = -ENOMEM;

	add(RULE("a", "^bad (?<user>.*) from (?<source_ip>\\d+)$",
		 "bad eve from 1"));
	for (int n = 1; r == -ENOMEM; n++) {
		near = false;
		fail_alloc_at(n);
		r = sm_ruleset_explain(rs, line.p, line.len, hear, &near);
		fail_alloc_off();
	}
	ck_assert_int_eq(r, 0);
	ck_assert(near);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lint");
	TCase *tc = tcase_create("lint");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
		tc, a_gap_before_the_peer_is_loose_unless_the_end_ties_it, 0,
		SMI_COUNT(gaps));
	tcase_add_loop_test(tc, the_shortest_match_and_none_at_all_are_known, 0,
			    SMI_COUNT(shapes));
	tcase_add_loop_test(tc, what_is_not_read_is_said, 0, SMI_COUNT(unread));
	tcase_add_loop_test(tc, what_is_hardly_meant_is_remarked, 0,
			    SMI_COUNT(remarks));
	tcase_add_test(tc, a_name_that_is_not_there_is_remarked_once);
	tcase_add_test(tc, no_memory_is_an_error_and_adds_nothing);
	tcase_add_test(tc, no_memory_is_an_error_of_an_explanation);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
