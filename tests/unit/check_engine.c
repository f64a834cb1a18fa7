/* SPDX-License-Identifier: MIT */
#include "detect/builtin-rules.h"
#include "fail-alloc.h"
#include "logins-rig.h"

static void check_rules(void)
{
	for (size_t i = 0; i < sm_ruleset_nproblems(rig.rules); i++)
		fprintf(stderr, "%s:%u: %s\n",
			sm_ruleset_problem_file(rig.rules, i),
			sm_ruleset_problem_line(rig.rules, i),
			sm_ruleset_problem(rig.rules, i));
	ck_assert_uint_eq(sm_ruleset_nproblems(rig.rules), 0);
	ck_assert_int_eq(sm_ruleset_freeze(rig.rules), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rig.rules), 0);
}

START_TEST(builtin_rules_have_no_problem)
{
	ck_assert_uint_gt(sm_ruleset_size(rig.rules), 100);
	check_rules();
}
END_TEST

/* The samples stand in the files only. */
START_TEST(builtin_rules_are_those_of_the_files_and_take_their_samples)
{
	size_t n = sm_ruleset_size(rig.rules), samples = 0;
	char path[4096];
	int loaded;

	sm_ruleset_unref(rig.rules);
	ck_assert_int_eq(smi_ruleset_new(rig.ctx, smi_header_split, &rig.rules),
			 0);
	snprintf(path, sizeof(path), "%s/lib/detect/rules", getenv("srcdir"));
	loaded = sm_ruleset_add_path(rig.rules, path, 0);
	check_rules();
	ck_assert_int_eq(loaded, (int)n);
	for (size_t i = 0; i < n; i++) {
		const struct smi_rule *r = rig.rules->rules.v[i];
		size_t match = 0;

		samples += r->nsamples;
		for (size_t k = 0; k < r->nsamples; k++)
			match += r->samples[k].match;
		if (r->type == SMI_RULE_PATTERN &&
		    (!match || match == r->nsamples))
			ck_abort_msg("%s has no sample of match and nomatch",
				     r->id);
	}
	ck_assert_uint_gt(samples, 300);
}
END_TEST

START_TEST(a_threshold_of_no_kind_is_an_error)
{
	struct smi_threshold t = { "brute_farce", 3, 10 };

	rig.o.thresholds = &t;
	rig.o.nthresholds = 1;
	ck_assert_int_eq(rig_try(&rig, SMI_SPAN("x\n")), -ENOENT);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(rig.ctx), "brute_farce"));
}
END_TEST

START_TEST(names_of_peers_are_kept_and_counted)
{
	for (int i = 0; i < 5; i++)
		fail_login(i, "root", "evil.example.com", 22);
	run();
	ck_assert_str_eq(sm_logevent_source_host(rig_event(&rig, 0)),
			 "evil.example.com");
	ck_assert_str_eq(sm_logevent_source_ip(rig_event(&rig, 0)), "");
	ck_assert_str_eq(sm_finding_subject(rig_kind(&rig, "brute_force")),
			 "evil.example.com");
	ck_assert_str_eq(sm_finding_source_ip(rig_kind(&rig, "brute_force")),
			 "");
}
END_TEST

START_TEST(generic_words_are_one_finding_a_program)
{
	for (int i = 0; i < 4; i++)
		rig_line(&text, i, "app", "connection refused by %d", i);
	rig_line(&text, 5, "db", "disk error");
	rig_line(&text, 6, "db", "done: 0 errors, 0 failed");
	fail_login(7, "root", "203.0.113.9", 22);
	run();
	ck_assert_uint_eq(rig.findings.n, 2);
	ck_assert_str_eq(sm_finding_kind(rig_finding(&rig, 0)), "keyword");
	ck_assert_str_eq(sm_finding_subject(rig_finding(&rig, 0)), "app");
	ck_assert_uint_eq(sm_finding_count(rig_finding(&rig, 0)), 4);
	ck_assert_uint_eq(sm_finding_nevidence(rig_finding(&rig, 0)), 4);
	ck_assert_int_eq(sm_finding_severity(rig_finding(&rig, 0)),
			 SM_SEV_INFO);
	ck_assert_str_eq(sm_finding_subject(rig_finding(&rig, 1)), "db");
	ck_assert_uint_eq(sm_finding_count(rig_finding(&rig, 1)), 1);
	ck_assert_str_eq(sm_logevent_action(rig_event(&rig, 0)), "keyword");
	ck_assert_int_eq(sm_logevent_failure(rig_event(&rig, 0)), 0);
}
END_TEST

START_TEST(equal_lines_have_ids_of_their_own_and_the_same_in_each_run)
{
	char first[2][64];

	for (int i = 0; i < 2; i++)
		fail_login(0, "root", "203.0.113.9", 22);
	run();
	for (int i = 0; i < 2; i++)
		snprintf(first[i], sizeof(first[i]), "%s",
			 sm_record_id(rig.events.v[i]));
	ck_assert_str_ne(first[0], first[1]);
	rig_clear(&rig);
	run();
	for (int i = 0; i < 2; i++)
		ck_assert_str_eq(first[i], sm_record_id(rig.events.v[i]));
}
END_TEST

START_TEST(events_are_made_only_where_wanted)
{
	rig.o.events = false;
	for (int i = 0; i < 5; i++)
		fail_login(i, "root", "203.0.113.9", 22);
	run();
	ck_assert_uint_eq(rig.events.n, 0);
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_uint_eq(sm_finding_nevidence(rig_finding(&rig, 0)), 5);
}
END_TEST

static const char allow_text[] =
	"id: mine\nkind: allow\nkey: %s\nreason: known\nexpires: %s\n";

static void allow(const char *key, const char *expires)
{
	char rule[256];

	snprintf(rule, sizeof(rule), allow_text, key, expires);
	ck_assert_int_eq(sm_ruleset_add_text(rig.rules, "allow.yaml", rule,
					     strlen(rule), SM_RULES_NATIVE),
			 1);
}

START_TEST(an_allow_entry_accepts_its_finding_until_it_expires)
{
	char key[64];

	for (int i = 0; i < 5; i++)
		fail_login(i, "root", "203.0.113.9", 22);
	run();
	snprintf(key, sizeof(key), "%s", sm_finding_key(rig_finding(&rig, 0)));
	rig_done(&rig);
	rig_builtin(&rig);
	allow(key, _i ? "2001-02-03" : "2199-02-03");
	run();
	ck_assert_uint_eq(rig.findings.n, (size_t)_i);
	ck_assert_uint_eq(rig.notices.n, (size_t)_i);
	if (_i)
		ck_assert_ptr_nonnull(strstr(
			sm_notice_text(sm_record_notice(rig.notices.v[0])),
			"2001-02-03"));
}
END_TEST

START_TEST(a_bomb_is_bounded_and_told)
{
	static const char rule[] = "id: bomb\ntitle: t\naction: x\n"
				   "outcome: unknown\n"
				   "patterns: ['^(a+)+$']\n";
	char *bomb = malloc(20001);

	ck_assert_int_eq(sm_ruleset_add_text(rig.rules, "bomb.yaml", rule,
					     strlen(rule), SM_RULES_AUTO),
			 1);
	memset(bomb, 'a', 20000);
	bomb[20000] = '\0';
	rig_line(&text, 0, "app", "%s!", bomb);
	rig_line(&text, 0, "app", "aaa");
	free(bomb);
	run();
	ck_assert_uint_eq(rig.events.n, 1);
	ck_assert_str_eq(sm_logevent_rule(rig_event(&rig, 0)), "bomb");
	ck_assert_uint_eq(rig.notices.n, 1);
	ck_assert_ptr_nonnull(
		strstr(sm_notice_text(sm_record_notice(rig.notices.v[0])),
		       "rule_limit: the rule bomb of bomb.yaml gave up on 1 "
		       "lines, first on line 1"));
}
END_TEST

START_TEST(bad_bytes_do_not_stop_a_match)
{
	struct smi_span user;

	rig_line(&text, 0, "sshd",
		 "Failed password for \xff\xfe\x1b[2Jx from 203.0.113.9 port "
		 "22 ssh2");
	run();
	ck_assert_uint_eq(rig.events.n, 1);
	ck_assert_str_eq(sm_logevent_source_ip(rig_event(&rig, 0)),
			 "203.0.113.9");
	user = smi_span_str(sm_logevent_user(rig_event(&rig, 0)));
	ck_assert(smi_span_eq_str(user, "\\xff\\xfe\\x1b[2Jx"));
}
END_TEST

static void attack_text(void)
{
	break_in(9, 1);
	spray(8, 2);
	for (int i = 0; i < 8; i++)
		probe(2000 + i, i, 4000 + i, 7);
	for (int i = 0; i < 5; i++) {
		char ip[64];

		snprintf(ip, sizeof(ip), "2001:db8:1:2::%x", i + 1);
		fail_login(3000 + i, "root", ip, 22);
	}
	rig_line(&text, 4000, "db", "disk error");
}

START_TEST(a_run_without_memory_is_an_error_each_time)
{
	int r = -ENOMEM, n = 0, calls = 0;

	attack_text();
	ck_assert_ptr_nonnull(smi_buf_cstr(&text));
	ck_assert_int_eq(sm_ruleset_freeze(rig.rules), 0);
	/* Some memory may be missing without harm: the stack of the JIT. */
	for (; calls >= n; calls = fail_alloc_count()) {
		rig_clear(&rig);
		if (_i)
			fail_alloc_from(++n);
		else
			fail_alloc_at(++n);
		r = rig_try(&rig, smi_buf_span(&text));
		ck_assert(r == 0 || r == -ENOMEM);
	}
	fail_alloc_off();
	ck_assert_int_gt(n, 100);
	ck_assert_int_eq(r, 0);
	ck_assert_ptr_nonnull(rig_kind(&rig, "success_after_failures"));
}
END_TEST

static int load(sm_ruleset *rs, const char *name)
{
	const struct smi_builtin_rules *b = smi_builtin_rules;

	while (strcmp(b->name, name) != 0)
		b++;
	return sm_ruleset_add_text(rs, name, b->text, b->len, 0);
}

START_TEST(loading_without_memory_is_an_error_each_time)
{
	sm_ruleset *rs;
	int r = -ENOMEM, n = 0, calls = 0;

	/* Later rules ask for memory as the first ones did. */
	for (; calls >= n; calls = fail_alloc_count()) {
		rs = NULL;
		n += n < 600 ? 1 : 17;
		if (_i)
			fail_alloc_from(n);
		else
			fail_alloc_at(n);
		r = smi_ruleset_new(rig.ctx, smi_header_split, &rs);
		if (r == 0)
			r = load(rs, "login.yaml");
		if (r >= 0)
			r = load(rs, "correlations.yaml");
		if (r >= 0)
			r = sm_ruleset_freeze(rs);
		sm_ruleset_unref(rs);
		ck_assert(r == 0 || r == -ENOMEM);
	}
	fail_alloc_off();
	ck_assert_int_gt(n, 50);
	ck_assert_int_eq(r, 0);
}
END_TEST

/* The JIT of PCRE2 10.42 crashes without memory on a few kinds of patterns. */
static void compile_without_memory(const char *pattern, size_t len)
{
	struct smi_regex_error err;
	struct smi_regex re;
	int r, n = 0, calls;

	do {
		fail_alloc_at(++n);
		r = smi_regex_compile(smi_span_of(pattern, len), &re, &err);
		if (r == 0) {
			r = smi_regex_jit(&re);
			r = SMI_MIN(r, 0);
			smi_regex_release(&re);
		}
		calls = fail_alloc_count();
		fail_alloc_off();
		ck_assert(r == 0 || r == -ENOMEM);
	} while (calls >= n);
	ck_assert_int_eq(r, 0);
}

START_TEST(no_builtin_pattern_crashes_without_memory)
{
	size_t patterns = 0;

	for (const struct smi_builtin_rules *b = smi_builtin_rules; b->name;
	     b++) {
		const char *p = b->text;

		while ((p = strstr(p, "\n  - '^"))) {
			char pattern[4096];
			size_t n = 0;

			for (p += 6; *p != '\n' && n < sizeof(pattern); p++) {
				if (p[0] == '\'' && p[1] == '\'')
					p++;
				pattern[n++] = *p;
			}
			ck_assert_int_eq(p[-1], '\'');
			compile_without_memory(pattern, n - 1);
			patterns++;
		}
	}
	ck_assert_uint_gt(patterns, 200);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("engine");
	TCase *tc = tcase_create("findings");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, builtin_rules_have_no_problem);
	tcase_add_test(
		tc,
		builtin_rules_are_those_of_the_files_and_take_their_samples);
	tcase_add_test(tc, a_threshold_of_no_kind_is_an_error);
	tcase_add_test(tc, names_of_peers_are_kept_and_counted);
	tcase_add_test(tc, generic_words_are_one_finding_a_program);
	tcase_add_test(
		tc, equal_lines_have_ids_of_their_own_and_the_same_in_each_run);
	tcase_add_test(tc, events_are_made_only_where_wanted);
	tcase_add_loop_test(
		tc, an_allow_entry_accepts_its_finding_until_it_expires, 0, 2);
	tcase_add_test(tc, a_bomb_is_bounded_and_told);
	tcase_add_test(tc, bad_bytes_do_not_stop_a_match);
	tcase_add_loop_test(tc, a_run_without_memory_is_an_error_each_time, 0,
			    2);
	tcase_add_loop_test(tc, loading_without_memory_is_an_error_each_time, 0,
			    2);
	tcase_add_test(tc, no_builtin_pattern_crashes_without_memory);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
