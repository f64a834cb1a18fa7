/* SPDX-License-Identifier: MIT */
#include "detect/ruleset.h"
#include "detect/yaml.h"
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
	sm_ruleset_unref(rs);
	sm_ctx_unref(ctx);
}

static int add(struct smi_span text)
{
	return sm_ruleset_add_text(rs, "t.yaml", text.p, text.len, 0);
}

#define HEAD  "id: x\ntitle: t\naction: login_failed\n"
#define CORR  "id: x\ntitle: t\nkind: k\ncorrelation:\n"
#define COUNT CORR "  type: event_count\n  actions: [a]\n"
#define TAIL  "  group-by: [user]\n  timespan: 60s\n  condition: {gte: 5}\n"
#define JOIN  CORR "  type: join\n"
#define PARTS "  parts:\n    a: {process: ''}\n    b: {port: ''}\n"
#define LINE  "Aug  4 10:00:01 web app[1]: "

/* Text, the line and a part of the sentence of its problem. */
static const struct {
	const char *text;
	uint32_t line;
	const char *says;
} bad[] = {
	{ "a: b: c\n", 1, "mapping values" },
	{ "id: 'x\n", 2, "unexpected end" },
	{ "id: &a x\n", 1, "anchors" },
	{ "id: x\ntitle: *a\n", 2, "aliases" },
	{ "id: !!str x\n", 1, "tags" },
	{ "id: x\nid: y\n", 2, "\"id\" is here twice" },
	{ "- a\n", 1, "a map of keys" },
	{ "? [a]\n: b\n", 1, "a key must be plain text" },
	{ "id: \"x\\0y\"\n", 1, "NUL" },
	{ "title: t\naction: login_failed\npatterns: [x]\n", 1,
	  "the id is missing" },
	{ "id: a b\ntitle: t\naction: login_failed\npatterns: [x]\n", 1,
	  "the id must be" },
	{ "id: x\naction: login_failed\npatterns: [x]\n", 1,
	  "the title is missing" },
	{ HEAD, 1, "patterns are missing" },
	{ "id: x\ntitle: t\npatterns: [x]\n", 1, "the action is missing" },
	{ HEAD "patterns: [x]\nfoo: 1\n", 5,
	  "\"foo\" is not a key of a pattern rule" },
	{ HEAD "patterns:\n  - x\n  - 'a('\n", 6, "the pattern is wrong at" },
	{ HEAD "patterns: {a: b}\n", 4, "a list of texts" },
	{ HEAD "patterns: []\n", 4, "a list of texts" },
	{ HEAD "patterns: [[x]]\n", 4, "a text must stand here" },
	{ HEAD "severity: big\npatterns: [x]\n", 4, "severity is" },
	{ HEAD "attack: [X1]\npatterns: [x]\n", 4, "ATT&CK" },
	{ HEAD "outcome: bad\npatterns: [x]\n", 4, "outcome is" },
	{ HEAD "failure: yes\npatterns: [x]\n", 4, "true or false" },
	{ HEAD "why: 'a {b'\npatterns: [x]\n", 4, "braces" },
	{ HEAD "why: \"a\\e[2J\"\npatterns: [x]\n", 4, "control characters" },
	{ HEAD "timespan: 60s\npatterns: [x]\n", 1, "need a kind" },
	{ "id: x\ntitle: t\naction: own\npatterns: [x]\n", 1,
	  "needs an outcome" },
	{ HEAD "patterns: [a]\nmatch: ['" LINE "b']\n", 5,
	  "does not take this sample" },
	{ HEAD "patterns: [a]\nnomatch: ['" LINE "a']\n", 5,
	  "takes this sample" },
	{ HEAD "program: [other]\npatterns: [a]\nmatch: ['" LINE "a']\n", 6,
	  "does not take this sample" },
	{ CORR "  actions: [a]\n" TAIL, 5, "the type is missing" },
	{ CORR "  type: sum\n  actions: [a]\n" TAIL, 5, "type is event_count" },
	{ CORR "  type: event_count\n" TAIL, 1, "actions or rules" },
	{ COUNT "  timespan: 60s\n  condition: {gte: 5}\n", 1, "group-by" },
	{ COUNT "  group-by: [user]\n  condition: {gte: 5}\n", 1, "timespan" },
	{ COUNT "  group-by: [user]\n  timespan: 60s\n", 1, "condition" },
	{ COUNT "  group-by: [colour]\n  timespan: 60s\n"
		"  condition: {gte: 5}\n",
	  7, "\"colour\" is no field" },
	{ COUNT "  group-by: [user]\n  timespan: 1w\n  condition: {gte: 5}\n",
	  8, "a time span is" },
	{ COUNT "  group-by: [user]\n  timespan: 0s\n  condition: {gte: 5}\n",
	  8, "a time span is" },
	{ COUNT "  group-by: [user]\n  timespan: 99999999999999999999s\n"
		"  condition: {gte: 5}\n",
	  8, "a time span is" },
	{ COUNT "  group-by: [user]\n  timespan: 1s\n  condition: {lt: 5}\n", 9,
	  "\"lt\" is not a key of a condition" },
	{ COUNT "  group-by: [user]\n  timespan: 1s\n  condition: {gte: 0}\n",
	  9, "a number from 1" },
	{ COUNT "  group-by: [user]\n  timespan: 1s\n"
		"  condition: {gte: 1, gt: 2}\n",
	  9, "a condition is one of" },
	{ COUNT TAIL "  field: user\n", 1, "field is for value_count" },
	{ COUNT TAIL "  max-per-value: 3\n", 1, "for value_count only" },
	{ CORR "  type: value_count\n  actions: [a]\n" TAIL, 1,
	  "value_count needs a field" },
	{ CORR "  type: temporal\n  actions: [a, b]\n" TAIL, 1,
	  "temporal takes no condition" },
	{ COUNT TAIL "  fallback-prefix: {ipv6: 64}\n", 1, "fallback-prefix" },
	{ COUNT TAIL "  fallback-prefix: {ipv6: 129}\n", 10, "1 to 127 bits" },
	{ COUNT TAIL "  then: {within: 5s}\n", 10, "then needs actions" },
	{ CORR "  type: ratio\n  actions: [a]\n" TAIL, 1,
	  "ratio needs a share" },
	{ CORR "  type: ratio\n  actions: [a]\n" TAIL
	       "  share: {actions: [a]}\n",
	  10, "share is {actions" },
	{ CORR "  type: ratio\n  actions: [a]\n" TAIL
	       "  share: {actions: [a], percent: 101}\n",
	  10, "a percentage is 1 to 100" },
	{ CORR "  type: ratio\n  actions: [a]\n" TAIL
	       "  share: {actions: [b], percent: 50}\n",
	  1, "none of those that are counted" },
	{ COUNT TAIL "  share: {actions: [a], percent: 50}\n", 1,
	  "share is for ratio only" },
	{ COUNT TAIL "  after: 1d\n", 1, "after is for silence only" },
	{ CORR "  type: silence\n  actions: [a]\n  group-by: [source_ip]\n"
	       "  timespan: 1h\n  condition: {gte: 2}\n"
	       "  fallback-prefix: {ipv6: 64}\n",
	  1, "silence takes no fallback-prefix" },
	{ COUNT TAIL "  min-slots: 2\n", 1, "need one another" },
	{ COUNT TAIL "  slot: 60s\n", 1, "need one another" },
	{ COUNT TAIL "  min-slots: 5\n  slot: 20s\n", 1,
	  "do not fit into the timespan" },
	{ COUNT TAIL "  min-slots: 2\n  slot: 20s\n"
		     "  then: {actions: [b]}\n",
	  1, "min-slots is for" },
	{ COUNT TAIL "  generate: true\n", 10, "\"generate\" is not a key" },
	{ "id: x\ntitle: t\ncorrelation:\n  type: event_count\n"
	  "  actions: [a]\n" TAIL,
	  1, "the kind is missing" },
	{ JOIN, 1, "it needs parts" },
	{ JOIN "  parts: [a]\n", 6, "parts are a map" },
	{ JOIN "  parts: {a: x}\n", 6, "a part is a map of kinds" },
	{ JOIN "  parts: {a: {line: x}}\n", 6, "not \"line\"" },
	{ JOIN "  parts: {a.b: {port: ''}}\n", 6, "without a dot" },
	{ JOIN "  parts: {a: {port: []}}\n", 6, "a condition over" },
	{ JOIN "  parts: {a: {port: 'uid = 1'}}\n", 6, "uid" },
	{ JOIN PARTS "  actions: [a]\n", 9, "not a key of a join" },
	{ JOIN PARTS "  without: {b: {host: ''}}\n", 9, "of its own" },
	{ JOIN PARTS "  where: [a.pid]\n", 9, "PART.MEMBER = PART.MEMBER" },
	{ JOIN PARTS "  where: [a.pid = b.pid x]\n", 9, "PART.MEMBER" },
	{ JOIN PARTS "  where: [a.pid ~ b.pid]\n", 9, "PART.MEMBER" },
	{ JOIN PARTS "  where: [a.pid = c.pid]\n", 9, "name of a part" },
	{ JOIN PARTS "  where: [a.pid = b.tty]\n", 9, "has a \"tty\"" },
	{ JOIN PARTS "  where: [a serves b.process]\n", 9, "is a port" },
	{ JOIN PARTS "  also: {c: {port: ''}, d: {port: ''}}\n"
		     "  where: [c.pid = d.pid]\n",
	  10, "among the parts" },
	{ JOIN PARTS "  group-by: [c]\n", 9, "\"c\" is none" },
	{ JOIN PARTS "why: '{c.pid}'\n", 1, "name of a part" },
	{ "id: x\ntitle: t\ncorrelation:\n  type: join\n" PARTS, 1,
	  "the kind is missing" },
	{ "id: x\nkind: allow\nreason: r\n", 1, "the key is missing" },
	{ "id: x\nkind: allow\nreason: r\ncheck: traced\n", 1,
	  "beside the check" },
	{ "id: x\nkind: allow\nreason: r\nexe: /x\n", 1, "expires is missing" },
	{ "id: x\nkind: allow\nreason: r\nexe: x\nexpires: 2030-01-01\n", 4,
	  "begins with '/'" },
	{ "id: x\nkind: allow\nexe: /x\nexpires: 2030-01-01\n", 1,
	  "the reason is missing" },
	{ "id: x\nkind: allow\nkey: 3f6c0f1e9a7b42d58c1d2e3f40516273\n"
	  "reason: r\nexe: /x\nexpires: 2030-01-01\n",
	  1, "not both" },
	{ "id: x\nkind: allow\nkey: 12\nreason: r\n", 3, "32 hexadecimal" },
	{ "id: x\nkind: allow\nkey: 3f6c0f1e9a7b42d58c1d2e3f40516273\n", 1,
	  "the reason is missing" },
	{ "id: x\nkind: allow\nkey: 3f6c0f1e9a7b42d58c1d2e3f40516273\n"
	  "reason: r\nexpires: soon\n",
	  5, "expires is a date" },
};

START_TEST(a_wrong_document_is_left_out_and_told)
{
	bool told = false;

	ck_assert_int_eq(add(smi_span_str(bad[_i].text)), 0);
	ck_assert_uint_eq(sm_ruleset_size(rs), 0);
	for (size_t i = 0; i < sm_ruleset_nproblems(rs); i++) {
		ck_assert_str_eq(sm_ruleset_problem_file(rs, i), "t.yaml");
		told |= strstr(sm_ruleset_problem(rs, i), bad[_i].says) &&
			sm_ruleset_problem_line(rs, i) == bad[_i].line &&
			sm_ruleset_problem_severity(rs, i) == SM_SEV_HIGH;
	}
	if (!told && sm_ruleset_nproblems(rs))
		ck_abort_msg("%s: line %u: %s", bad[_i].text,
			     sm_ruleset_problem_line(rs, 0),
			     sm_ruleset_problem(rs, 0));
	ck_assert(told);
}
END_TEST

static const char *const good[] = {
	HEAD "patterns: [a]\n",
	HEAD "patterns: a\n",
	HEAD "patterns: [a]\n---\n",
	HEAD "program: app\npatterns: [a]\nmatch: ['" LINE "a']\n"
	     "nomatch: ['" LINE "b', 'a']\n",
	HEAD "program: [app, '-']\npatterns: [a]\nmatch: ['" LINE "a', 'a']\n"
	     "nomatch: ['Aug  4 10:00:01 web other[1]: a']\n",
	HEAD "kind: k\ngroup-by: [host, program]\ntimespan: 5m\n"
	     "patterns: [a]\n",
	"id: x\ntitle: t\naction: own\noutcome: success\nfailure: true\n"
	"counts-as: [login_ok]\npatterns: [a]\n",
	COUNT TAIL "  cooldown: 1d\n  unless: other\n"
		   "  then: {actions: [b], within: 2h}\n",
	CORR "  type: value_count\n  rules: [a]\n" TAIL
	     "  field: host\n  min-events: 3\n  max-per-value: 2\n"
	     "  except-actions: [b]\n  once-per: source_port\n",
	CORR "  type: ratio\n  actions: [a, b]\n" TAIL
	     "  share: {actions: [a], percent: 80}\n",
	CORR "  type: ratio\n  rules: [a, b]\n" TAIL
	     "  share: {actions: [a], percent: 100}\n",
	CORR "  type: silence\n  actions: [a]\n" TAIL "  after: 1d\n",
	CORR "  type: value_count\n  actions: [a]\n" TAIL
	     "  field: host\n  min-slots: 4\n  slot: 20s\n",
	"id: x\nkind: allow\nkey: 3f6c0f1e9a7b42d58c1d2e3f40516273\n"
	"reason: r\nexpires: 2027-03-31T00:00:00Z\n",
};

START_TEST(a_right_document_is_taken)
{
	ck_assert_int_eq(add(smi_span_str(good[_i])), 1);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
}
END_TEST

START_TEST(an_id_is_taken_once)
{
	ck_assert_int_eq(add(SMI_SPAN(HEAD "patterns: [a]\n---\n" HEAD
					   "patterns: [b]\n")),
			 1);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 1);
	ck_assert_ptr_nonnull(strstr(sm_ruleset_problem(rs, 0), "is taken by"));
}
END_TEST

START_TEST(a_loose_pattern_is_taken_with_a_remark)
{
	ck_assert_int_eq(add(SMI_SPAN(HEAD "patterns: ['.* (?<source_ip>\\S+)"
					   "']\n")),
			 1);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 1);
	ck_assert_int_eq(sm_ruleset_problem_severity(rs, 0), SM_SEV_LOW);
}
END_TEST

START_TEST(names_that_nobody_has_are_remarked_at_the_end)
{
	ck_assert_int_eq(add(SMI_SPAN(CORR "  type: event_count\n"
					   "  rules: [nobody]\n" TAIL
					   "  unless: nothing\n")),
			 1);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 2);
}
END_TEST

START_TEST(a_join_steps_back_for_one_before_it_only)
{
	ck_assert_int_eq(add(SMI_SPAN(JOIN PARTS "  unless: k\n")), 1);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 1);
	ck_assert_str_eq(sm_ruleset_problem(rs, 0),
			 "a join before it of the kind \"k\" is not in this "
			 "set of rules");
}
END_TEST

START_TEST(nesting_has_a_limit)
{
	char text[2000];

	memset(text, '[', sizeof(text));
	ck_assert_int_eq(add(smi_span_of(text, sizeof(text))), 0);
	ck_assert_ptr_nonnull(
		strstr(sm_ruleset_problem(rs, 0), "nested deeper"));
}
END_TEST

START_TEST(values_have_a_limit)
{
	size_t n = SMI_YAML_MAX_NODES + 10;
	char *text = malloc(n * 2 + 1);

	ck_assert_ptr_nonnull(text);
	text[0] = '[';
	for (size_t i = 0; i < n; i++)
		memcpy(text + 1 + 2 * i, "a,", 2);
	ck_assert_int_eq(add(smi_span_of(text, n * 2 + 1)), 0);
	ck_assert_ptr_nonnull(strstr(sm_ruleset_problem(rs, 0), "more than"));
	free(text);
}
END_TEST

static void add_many(struct smi_buf *b, const char *begin, const char *item,
		     size_t n)
{
	smi_buf_str(b, begin);
	while (n--)
		smi_buf_str(b, item);
	ck_assert_ptr_nonnull(smi_buf_cstr(b));
}

START_TEST(samples_have_a_limit_that_is_told_once)
{
	struct smi_buf b = { 0 };

	add_many(&b, HEAD "patterns: [a]\nmatch:\n", "  - '" LINE "a'\n",
		 SMI_MAX_SAMPLES + _i);
	ck_assert_int_eq(add(smi_buf_span(&b)), !_i);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), _i > 0);
	if (_i)
		ck_assert_ptr_nonnull(strstr(sm_ruleset_problem(rs, 0),
					     "at most 100 samples"));
	smi_buf_free(&b);
}
END_TEST

START_TEST(patterns_have_a_limit_that_is_told_once)
{
	struct smi_buf b = { 0 };

	if (_i)
		rs->npatterns = SMI_MAX_PATTERNS - 2;
	else
		rs->pattern_bytes = SMI_MAX_PATTERN_BYTES - 1;
	add_many(&b, HEAD "patterns:\n", "  - abc\n", 5);
	ck_assert_int_eq(add(smi_buf_span(&b)), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 1);
	ck_assert_uint_eq(sm_ruleset_problem_line(rs, 0), _i ? 7 : 6);
	ck_assert_ptr_nonnull(
		strstr(sm_ruleset_problem(rs, 0), "20000 patterns and 64 MiB"));
	smi_buf_free(&b);
}
END_TEST

START_TEST(a_file_has_a_limit)
{
	size_t n = SMI_YAML_MAX_BYTES + 1;
	char *text = calloc(1, n);

	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(add(smi_span_of(text, n)), -E2BIG);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("native");
	TCase *tc = tcase_create("documents");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_wrong_document_is_left_out_and_told, 0,
			    SMI_COUNT(bad));
	tcase_add_loop_test(tc, a_right_document_is_taken, 0, SMI_COUNT(good));
	tcase_add_test(tc, an_id_is_taken_once);
	tcase_add_test(tc, a_loose_pattern_is_taken_with_a_remark);
	tcase_add_test(tc, names_that_nobody_has_are_remarked_at_the_end);
	tcase_add_test(tc, a_join_steps_back_for_one_before_it_only);
	tcase_add_test(tc, nesting_has_a_limit);
	tcase_add_test(tc, values_have_a_limit);
	tcase_add_loop_test(tc, samples_have_a_limit_that_is_told_once, 0, 3);
	tcase_add_loop_test(tc, patterns_have_a_limit_that_is_told_once, 0, 2);
	tcase_add_test(tc, a_file_has_a_limit);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
