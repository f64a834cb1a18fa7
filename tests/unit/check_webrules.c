/* SPDX-License-Identifier: MIT */
#include "detect-rig.h"
#include "fail-alloc.h"
#include "suite.h"

static struct rig rig;

static void setup(void)
{
	rig_init(&rig);
}

static void teardown(void)
{
	rig_done(&rig);
}

static int add(const char *text)
{
	return sm_ruleset_add_text(rig.rules, "t.yaml", text, strlen(text), 0);
}

#define RULE(id, rest)                                                         \
	"id: " id "\ntitle: t\naction: own\noutcome: unknown\n" rest "\n---\n"
#define LINE(client, request, status, referer, agent)                          \
	client " - - [04/Aug/2026:10:00:01 +0000] \"" request "\" " status     \
	       " 5 \"" referer "\" \"" agent "\"\n"

static void expect_rule(const char *line, const char *id)
{
	rig_run(&rig, line);
	if (!id) {
		ck_assert_uint_eq(rig.events.n, 0);
		return;
	}
	ck_assert_uint_eq(rig.events.n, 1);
	ck_assert_str_eq(sm_logevent_rule(rig_event(&rig, 0)), id);
}

/* The rules of the test below, and what each of them takes. */
#define RULES                                                                  \
	RULE("agent", "subject: agent\nliterals: [bad/]")                      \
	RULE("path", "subject: path\npatterns: ['^/secret$']")                 \
	RULE("query", "subject: query\npatterns: ['^x=1 2$']")                 \
	RULE("any", "subject: [referer, user]\nliterals: [nope]\n"             \
		    "patterns: ['nope\\d']")                                   \
	RULE("post", "method: [POST, PUT]\nstatus: [401, 403]\n"               \
		     "patterns: ['^/login']")                                  \
	RULE("message", "patterns: ['GET /raw%41 ']")
static const struct {
	const char *line, *rule;
} cases[] = {
	{ LINE("192.0.2.1", "GET / HTTP/1.1", "200", "-", "BaD/1.0"), "agent" },
	{ LINE("192.0.2.1", "GET /bad/ HTTP/1.1", "200", "/bad/", "x"), NULL },
	{ LINE("192.0.2.1", "GET /%73ecret?q HTTP/1.1", "200", "-", "-"),
	  "path" },
	{ LINE("192.0.2.1", "GET /a/secret HTTP/1.1", "200", "-", "-"), NULL },
	{ LINE("192.0.2.1", "GET /?x=1+2 HTTP/1.1", "200", "-", "-"), "query" },
	{ LINE("192.0.2.1", "GET /x=1+2 HTTP/1.1", "200", "-", "-"), NULL },
	{ LINE("192.0.2.1", "GET / HTTP/1.1", "200", "http://a/Nope1", "-"),
	  "any" },
	{ LINE("192.0.2.1", "GET / HTTP/1.1", "200", "http://a/nope", "-"),
	  NULL },
	{ LINE("192.0.2.1", "GET /nope1 HTTP/1.1", "200", "-", "nope1"), NULL },
	{ LINE("192.0.2.1", "PUT /login HTTP/1.1", "403", "-", "-"), "post" },
	{ LINE("192.0.2.1", "GET /login HTTP/1.1", "403", "-", "-"), NULL },
	{ LINE("192.0.2.1", "POST /login HTTP/1.1", "200", "-", "-"), NULL },
	/* A rule without these keys has the line as it is. */
	{ LINE("192.0.2.1", "GET /raw%41 HTTP/1.1", "200", "-", "-"),
	  "message" },
	/* Rules on access lines leave others alone. */
	{ "2026-08-04T10:00:00Z web app[7]: GET /secret bad/ nope1\n", NULL },
};

START_TEST(a_rule_looks_at_the_parts_it_names)
{
	ck_assert_int_eq(add(RULES), 6);
	rig.o.keywords = false;
	expect_rule(cases[_i].line, cases[_i].rule);
}
END_TEST

START_TEST(the_address_is_the_clients_and_none_that_it_wrote)
{
	ck_assert_int_eq(add(RULE("a", "subject: agent\nliterals: [evil]\n"
				       "kind: web_probe")),
			 1);
	rig_run(&rig,
		LINE("203.0.113.9", "GET /?from=198.51.100.1 HTTP/1.1", "200",
		     "http://198.51.100.2/", "evil 198.51.100.3 - - [04"));
	ck_assert_str_eq(sm_logevent_source_ip(rig_event(&rig, 0)),
			 "203.0.113.9");
	ck_assert_str_eq(sm_finding_source_ip(rig_kind(&rig, "web_probe")),
			 "203.0.113.9");
}
END_TEST

START_TEST(the_first_rule_takes_the_line_among_many)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	for (int i = 0; i < 150; i++)
		smi_buf_printf(&text,
			       RULE("r%d", "subject: url\nliterals: [w%03d-]\n"
					   "patterns: ['w%03d-']"),
			       i, i, i);
	ck_assert_int_eq(add(smi_buf_cstr(&text)), 150);
	rig_run(&rig, LINE("192.0.2.1", "GET /w149-w077-w130- HTTP/1.1", "200",
			   "-", "-") LINE("192.0.2.1", "GET /W149- HTTP/1.1",
					  "200", "-", "-"));
	ck_assert_uint_eq(rig.events.n, 2);
	ck_assert_str_eq(sm_logevent_rule(rig_event(&rig, 0)), "r77");
	ck_assert_str_eq(sm_logevent_rule(rig_event(&rig, 1)), "r149");
}
END_TEST

START_TEST(too_many_literals_are_an_error)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	smi_buf_str(&text, RULE("a", "literals: ["));
	text.len -= 5;
	for (int i = 0; i < 1200; i++)
		smi_buf_printf(&text, "a%06d, ", i);
	smi_buf_str(&text, "z]\n");
	ck_assert_int_eq(add(smi_buf_cstr(&text)), 1);
	ck_assert_int_eq(sm_ruleset_freeze(rig.rules), -E2BIG);
}
END_TEST

static const struct {
	const char *text, *says;
} bad[] = {
	{ RULE("a", "subject: body\nliterals: [x]"), "a subject is url" },
	{ RULE("a", "status: [20]\nliterals: [x]"), "from 100 to 999" },
	{ RULE("a", "status: [1, 2, x]\nliterals: [x]"), "from 100 to 999" },
	{ RULE("a", "literals: [\"a\\0\"]"), "NUL" },
	{ RULE("a", "subject: url"), "patterns are missing" },
	{ RULE("a", "subject: url\nprogram: nginx\npatterns: [x]"),
	  "has no program" },
	{ RULE("a", "subject: url\npatterns: ['(?<user>x)']"),
	  "captures nothing" },
};

START_TEST(a_bad_rule_is_refused_with_the_reason)
{
	ck_assert_int_eq(add(bad[_i].text), 0);
	ck_assert_uint_ge(sm_ruleset_nproblems(rig.rules), 1);
	ck_assert_ptr_nonnull(
		strstr(sm_ruleset_problem(rig.rules, 0), bad[_i].says));
}
END_TEST

static int note_text(size_t rule, int taken, const char *text, void *user)
{
	struct smi_buf *b = user;

	(void)rule;
	smi_buf_printf(b, "%d %s\n", taken, text);
	return 0;
}

START_TEST(an_explanation_shows_the_decoded_request)
{
	static const char line[] =
		"192.0.2.1 - - [04/Aug/2026:10:00:01 +0000] \"GET "
		"/%2541?x=%3C HTTP/1.1\" 404 5 \"-\" \"Mozilla\"";
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };

	ck_assert_int_eq(add(RULE("one", "literals: [nothing]")
				     RULE("two", "patterns: ['^/a\\?x=<$']\n"
						 "subject: url")),
			 2);
	ck_assert_int_eq(sm_ruleset_explain(rig.rules, line, sizeof(line) - 1,
					    note_text, &b),
			 0);
	ck_assert_ptr_nonnull(smi_buf_cstr(&b));
	ck_assert_ptr_nonnull(strstr(b.p, "client \"192.0.2.1\""));
	ck_assert_ptr_nonnull(strstr(b.p, "url \"/a?x=<\""));
	ck_assert_ptr_nonnull(strstr(b.p, "0 one: no pattern fits"));
	ck_assert_ptr_nonnull(strstr(b.p, "1 two: takes the line"));
}
END_TEST

START_TEST(out_of_memory_is_an_error)
{
	static const struct smi_span line = {
		LINE("192.0.2.1", "GET /secret HTTP/1.1", "200", "-", "-"), 79
	};
	int r = -1;

	for (int n = 1; r < 0; n++) {
		ck_assert_int_lt(n, 1000);
		fail_alloc_off();
		rig_done(&rig);
		rig_init(&rig);
		ck_assert_int_eq(add(RULES), 6);
		fail_alloc_at(n);
		r = rig_try(&rig, line);
		fail_alloc_off();
		if (r < 0)
			ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_uint_eq(rig.events.n, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("webrules");
	TCase *tc = tcase_create("webrules");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_rule_looks_at_the_parts_it_names, 0,
			    SMI_COUNT(cases));
	tcase_add_test(tc, the_address_is_the_clients_and_none_that_it_wrote);
	tcase_add_test(tc, the_first_rule_takes_the_line_among_many);
	tcase_add_test(tc, too_many_literals_are_an_error);
	tcase_add_loop_test(tc, a_bad_rule_is_refused_with_the_reason, 0,
			    SMI_COUNT(bad));
	tcase_add_test(tc, an_explanation_shows_the_decoded_request);
	tcase_add_test(tc, out_of_memory_is_an_error);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
