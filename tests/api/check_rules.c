/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static sm_ctx *ctx;
static sm_ruleset *rs;
static char dir[64], path[96];

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_ruleset_new(ctx, &rs), 0);
	snprintf(dir, sizeof(dir), "/tmp/check_rules.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a.yaml", dir);
}

static void teardown(void)
{
	unlink(path);
	rmdir(dir);
	sm_ruleset_unref(rs);
	sm_ctx_unref(ctx);
}

static int add(const char *text)
{
	return sm_ruleset_add_text(rs, "test.yaml", text, strlen(text),
				   SM_RULES_NATIVE);
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

#define GOOD                                                                   \
	"id: mine\ntitle: Mine\nprogram: [app]\naction: mine\n"                \
	"outcome: failure\nseverity: low\n"                                    \
	"patterns: ['^bad (?<user>\\S+) from (?<source_ip>\\S+)$']\n"

START_TEST(null_is_no_crash_anywhere)
{
	sm_ruleset_unref(NULL);
	ck_assert_ptr_null(sm_ruleset_ref(NULL));
	ck_assert_int_eq(sm_ruleset_new(NULL, &rs), -EINVAL);
	ck_assert_int_eq(sm_ruleset_new(ctx, NULL), -EINVAL);
	ck_assert_int_eq(sm_ruleset_add(NULL, "builtin"), -EINVAL);
	ck_assert_int_eq(sm_ruleset_add(rs, NULL), -EINVAL);
	ck_assert_int_eq(sm_ruleset_add_builtin(NULL), -EINVAL);
	ck_assert_int_eq(sm_ruleset_add_path(rs, NULL, 0), -EINVAL);
	ck_assert_int_eq(sm_ruleset_add_text(rs, NULL, "", 0, 0), -EINVAL);
	ck_assert_int_eq(sm_ruleset_freeze(NULL), -EINVAL);
	ck_assert_uint_eq(sm_ruleset_size(NULL), 0);
	ck_assert_str_eq(sm_ruleset_id(NULL, 0), "");
	ck_assert_str_eq(sm_ruleset_title(rs, 0), "");
	ck_assert_str_eq(sm_ruleset_file(rs, 0), "");
	ck_assert_int_eq(sm_ruleset_severity(rs, 0), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(NULL), 0);
	ck_assert_str_eq(sm_ruleset_problem(rs, 0), "");
	ck_assert_str_eq(sm_ruleset_problem_file(rs, 0), "");
	ck_assert_uint_eq(sm_ruleset_problem_line(rs, 0), 0);
	ck_assert_int_eq(sm_ruleset_problem_severity(rs, 0), 0);
	ck_assert_int_eq(sm_ruleset_list(NULL, NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_ruleset_lint(NULL), -EINVAL);
	ck_assert_int_eq(sm_ruleset_explain(NULL, "", 0, NULL, NULL), -EINVAL);
	ck_assert_ptr_null(sm_record_logevent(NULL));
	ck_assert_str_eq(sm_logevent_rule(NULL), "");
	ck_assert_str_eq(sm_logevent_action(NULL), "");
	ck_assert_int_eq(sm_logevent_outcome(NULL), SM_OUTCOME_UNKNOWN);
	ck_assert_int_eq(sm_logevent_failure(NULL), 0);
	ck_assert_str_eq(sm_logevent_source_ip(NULL), "");
	ck_assert_uint_eq(sm_logevent_source_port(NULL), 0);
	ck_assert_str_eq(sm_logevent_source_host(NULL), "");
	ck_assert_str_eq(sm_logevent_user(NULL), "");
	ck_assert_uint_eq(sm_logevent_count(NULL), 0);
}
END_TEST

START_TEST(builtin_rules_load_without_a_problem)
{
	int n = sm_ruleset_add(rs, "builtin");
	size_t i;

	ck_assert_int_gt(n, 100);
	ck_assert_uint_eq(sm_ruleset_size(rs), (size_t)n);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
	for (i = 0; strcmp(sm_ruleset_id(rs, i), "sshd-login-failed"); i++)
		ck_assert_uint_lt(i, (size_t)n);
	ck_assert_str_eq(sm_ruleset_file(rs, i), "");
	ck_assert_int_eq(sm_ruleset_severity(rs, i), SM_SEV_LOW);
	ck_assert_str_ne(sm_ruleset_title(rs, i), "");
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
}
END_TEST

static bool has_rule(const char *id)
{
	for (size_t i = 0; i < sm_ruleset_size(rs); i++)
		if (!strcmp(sm_ruleset_id(rs, i), id))
			return true;
	return false;
}

START_TEST(some_builtin_rules_come_with_what_they_feed)
{
	int n = sm_ruleset_add(rs, "builtin:sshd,nginx");

	ck_assert_int_gt(n, 10);
	ck_assert(has_rule("sshd-login-failed"));
	ck_assert(has_rule("nginx-login-failed"));
	ck_assert(has_rule("brute-force"));
	ck_assert(!has_rule("postfix-login-failed"));
	ck_assert_int_eq(sm_ruleset_add(rs, "builtin:sshd"), 0);
	ck_assert_uint_eq(sm_ruleset_size(rs), (size_t)n);
	ck_assert_int_eq(sm_ruleset_lint(rs), 0);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
}
END_TEST

START_TEST(the_rest_of_the_builtin_rules_joins_some_of_them)
{
	int all = sm_ruleset_add(rs, "builtin:web");

	ck_assert(!has_rule("postfix-login-failed"));
	all += sm_ruleset_add_builtin(rs);
	ck_assert(has_rule("postfix-login-failed"));
	ck_assert_uint_eq(sm_ruleset_size(rs), (size_t)all);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
}
END_TEST

START_TEST(a_frozen_set_refuses_changes_and_outlives_its_context)
{
	ck_assert_int_eq(add(GOOD), 1);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_int_eq(sm_ruleset_add(rs, "builtin"), -EBUSY);
	ck_assert_int_eq(add(GOOD), -EBUSY);
	ck_assert_int_eq(sm_ruleset_add_path(rs, "/", 0), -EBUSY);
	sm_ctx_unref(ctx);
	ctx = NULL;
	ck_assert_str_eq(sm_ruleset_id(rs, 0), "mine");
}
END_TEST

static const struct {
	const char *spec;
	int rc;
	const char *says;
} bad_specs[] = {
	{ "", -EINVAL, "builtin" },
	{ "/nonexistent/rules.yaml", -ENOENT, "/nonexistent/rules.yaml" },
	{ "builtin:", -ENOENT, "\"\": there are accounts, apache" },
	{ "builtin:sshd,none", -ENOENT, "\"none\": there are accounts" },
	{ "fail2ban:", -EINVAL, "NAME[option" },
	{ "fail2ban:../x", -EINVAL, "../x" },
	{ "fail2ban:no-such-filter", -ENOENT, "no-such-filter" },
	{ "sigma:/rules", -ENOTSUP, "sigma" },
	{ "/dev/null", -EINVAL, "/dev/null" },
	{ "/dev/full", -EINVAL, "/dev/full" },
};

START_TEST(a_bad_spec_says_what_is_wrong)
{
	ck_assert_int_eq(sm_ruleset_add(rs, bad_specs[_i].spec),
			 bad_specs[_i].rc);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), bad_specs[_i].says));
}
END_TEST

#define FILTER "[Definition]\nfailregex = ^ no <HOST>$\n"

START_TEST(a_filter_of_fail2ban_can_be_a_text)
{
	ck_assert_int_eq(sm_ruleset_add_text(rs, "own.conf", FILTER,
					     strlen(FILTER), SM_RULES_AUTO),
			 1);
	ck_assert_str_eq(sm_ruleset_id(rs, 0), "fail2ban-own");
	ck_assert_str_eq(sm_ruleset_file(rs, 0), "own.conf");
	ck_assert_int_eq(sm_ruleset_add_text(rs, "x", "[Definition]\n", 13,
					     SM_RULES_FAIL2BAN),
			 0);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 1);
	ck_assert_str_eq(sm_ruleset_problem_file(rs, 0), "x");
}
END_TEST

START_TEST(filters_come_from_the_directory_that_was_set)
{
	char where[] = "/tmp/check_rules.XXXXXX", file[64];
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(where));
	snprintf(file, sizeof(file), "%s/filter.d", where);
	ck_assert_int_eq(mkdir(file, 0700), 0);
	snprintf(file, sizeof(file), "%s/filter.d/mine.conf", where);
	f = fopen(file, "w");
	ck_assert_ptr_nonnull(f);
	fputs(FILTER, f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(sm_ruleset_set_fail2ban_dir(rs, ""), -EINVAL);
	ck_assert_int_eq(sm_ruleset_set_fail2ban_dir(rs, where), 0);
	ck_assert_int_eq(sm_ruleset_add(rs, "fail2ban:mine"), 1);
	ck_assert_str_eq(sm_ruleset_file(rs, 0), file);
	ck_assert_int_eq(sm_ruleset_add(rs, "fail2ban-jails:"), -ENOENT);
	unlink(file);
	snprintf(file, sizeof(file), "%s/filter.d", where);
	rmdir(file);
	rmdir(where);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_int_eq(sm_ruleset_set_fail2ban_dir(rs, where), -EBUSY);
}
END_TEST

START_TEST(a_format_that_is_none_is_not_supported)
{
	ck_assert_int_eq(sm_ruleset_add_text(rs, "x", "", 0, 77), -ENOTSUP);
	ck_assert_int_eq(sm_ruleset_add_path(rs, "/", 77), -ENOTSUP);
}
END_TEST

START_TEST(a_fifo_does_not_hold_us_up)
{
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(sm_ruleset_add(rs, path), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), path));
}
END_TEST

START_TEST(lint_remarks_on_what_is_hardly_meant)
{
	ck_assert_int_eq(add("id: a\ntitle: t\nprogram: [app]\n"
			     "action: login_failed\npatterns: ['x(?<y>z)']\n"),
			 1);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
	ck_assert_int_eq(sm_ruleset_lint(rs), 3);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 3);
	ck_assert_int_eq(sm_ruleset_problem_severity(rs, 0), SM_SEV_LOW);
	ck_assert_int_eq(sm_ruleset_lint(rs), 0);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_int_eq(sm_ruleset_lint(rs), -EBUSY);
}
END_TEST

START_TEST(files_and_directories_are_read)
{
	write_file(GOOD "---\nid: other\ntitle: t\naction: login_failed\n"
			"patterns: [x]\n");
	ck_assert_int_eq(sm_ruleset_add(rs, _i ? dir : path), 2);
	ck_assert_str_eq(sm_ruleset_file(rs, 1), path);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
}
END_TEST

START_TEST(a_file_that_all_may_write_is_remarked)
{
	write_file(GOOD);
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(sm_ruleset_add(rs, path), 1);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 1);
	ck_assert_int_eq(sm_ruleset_problem_severity(rs, 0), SM_SEV_LOW);
}
END_TEST

START_TEST(a_wrong_rule_is_left_out_with_file_and_line)
{
	ck_assert_int_eq(add("id: a\ntitle: t\naction: login_failed\n"
			     "patterns:\n  - '('\n---\n" GOOD
			     "---\nid: b\ntitle: t\nactoin: x\n"
			     "action: login_failed\npatterns: [x]\n"),
			 1);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 2);
	ck_assert_str_eq(sm_ruleset_problem_file(rs, 0), "test.yaml");
	ck_assert_uint_eq(sm_ruleset_problem_line(rs, 0), 5);
	ck_assert_int_eq(sm_ruleset_problem_severity(rs, 0), SM_SEV_HIGH);
	ck_assert_ptr_nonnull(strstr(sm_ruleset_problem(rs, 0), "pattern"));
	ck_assert_uint_eq(sm_ruleset_problem_line(rs, 1), 17);
	ck_assert_ptr_nonnull(strstr(sm_ruleset_problem(rs, 1), "actoin"));
	ck_assert_str_eq(sm_ruleset_id(rs, 0), "mine");
}
END_TEST

struct seen {
	int ok, error;
	char reason[256];
};

static int see(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	int status = sm_kind_field(SM_KIND_RULE, "status");
	int reason = sm_kind_field(SM_KIND_RULE, "reason");
	struct seen *s = user;

	ck_assert_int_eq(sm_event_kind(ev), SM_EVENT_RECORD);
	ck_assert_int_eq(sm_record_kind(r), SM_KIND_RULE);
	if (strcmp(sm_record_field_str(r, (size_t)status), "ok") == 0)
		s->ok++;
	else
		s->error++;
	snprintf(s->reason, sizeof(s->reason), "%s",
		 sm_record_field_str(r, (size_t)reason));
	return 0;
}

static int stop(const sm_event *ev, void *user)
{
	(void)ev;
	(void)user;
	return 42;
}

START_TEST(a_list_has_good_and_bad)
{
	struct seen s = { 0 };

	add(GOOD "---\nid: b\ntitle: t\nseverity: huge\n"
		 "action: login_failed\npatterns: [x]\n");
	ck_assert_int_eq(sm_ruleset_list(rs, see, &s), 0);
	ck_assert_int_eq(s.ok, 1);
	ck_assert_int_eq(s.error, 1);
	ck_assert_ptr_nonnull(strstr(s.reason, "severity"));
	ck_assert_int_eq(sm_ruleset_list(rs, stop, NULL), 42);
}
END_TEST

struct steps {
	int n, taken;
	char taker[256];
};

static int step(size_t rule, int taken, const char *text, void *user)
{
	struct steps *s = user;

	s->n++;
	if (taken) {
		s->taken++;
		ck_assert_uint_eq(rule, 0);
		snprintf(s->taker, sizeof(s->taker), "%s", text);
	}
	return 0;
}

static int halt(size_t rule, int taken, const char *text, void *user)
{
	(void)rule;
	(void)taken;
	(void)text;
	(void)user;
	return 7;
}

START_TEST(explain_tells_each_step)
{
	static const char line[] = "2026-08-04T10:00:01Z web app[7]: bad "
				   "\x1b[2Jeve from 203.0.113.9";
	struct steps s = { 0 };

	add(GOOD);
	ck_assert_int_eq(sm_ruleset_explain(rs, line, strlen(line), step, &s),
			 0);
	ck_assert_int_ge(s.n, 3);
	ck_assert_int_eq(s.taken, 1);
	ck_assert_ptr_nonnull(strstr(s.taker, "203.0.113.9"));
	ck_assert_ptr_nonnull(strstr(s.taker, "\\x1b[2Jeve"));
	ck_assert_ptr_null(strchr(s.taker, 0x1b));
	s = (struct steps){ 0 };
	ck_assert_int_eq(sm_ruleset_explain(rs, "bad", 3, step, &s), 0);
	ck_assert_int_eq(s.taken, 0);
	ck_assert_int_eq(sm_ruleset_explain(rs, line, strlen(line), halt, NULL),
			 7);
}
END_TEST

static void *use(void *set)
{
	struct steps s = { 0 };
	static const char line[] =
		"2026-08-04T10:00:01Z web app[7]: bad eve from 203.0.113.9";

	for (int i = 0; i < 100; i++) {
		sm_ruleset *mine = sm_ruleset_ref(set);

		if (sm_ruleset_explain(mine, line, strlen(line), step, &s) < 0)
			return set;
		sm_ruleset_unref(mine);
	}
	return s.taken == 100 ? NULL : set;
}

START_TEST(a_frozen_set_is_shared_by_threads)
{
	pthread_t t[4];
	void *result;

	add(GOOD);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	for (size_t i = 0; i < COUNT(t); i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, use, rs), 0);
	for (size_t i = 0; i < COUNT(t); i++) {
		pthread_join(t[i], &result);
		ck_assert_ptr_null(result);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rules");
	TCase *tc = tcase_create("sets");
	SRunner *run;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, null_is_no_crash_anywhere);
	tcase_add_test(tc, builtin_rules_load_without_a_problem);
	tcase_add_test(tc, some_builtin_rules_come_with_what_they_feed);
	tcase_add_test(tc, the_rest_of_the_builtin_rules_joins_some_of_them);
	tcase_add_test(tc,
		       a_frozen_set_refuses_changes_and_outlives_its_context);
	tcase_add_loop_test(tc, a_bad_spec_says_what_is_wrong, 0,
			    (int)COUNT(bad_specs));
	tcase_add_test(tc, a_filter_of_fail2ban_can_be_a_text);
	tcase_add_test(tc, filters_come_from_the_directory_that_was_set);
	tcase_add_test(tc, a_format_that_is_none_is_not_supported);
	tcase_add_test(tc, a_fifo_does_not_hold_us_up);
	tcase_add_test(tc, lint_remarks_on_what_is_hardly_meant);
	tcase_add_loop_test(tc, files_and_directories_are_read, 0, 2);
	tcase_add_test(tc, a_file_that_all_may_write_is_remarked);
	tcase_add_test(tc, a_wrong_rule_is_left_out_with_file_and_line);
	tcase_add_test(tc, a_list_has_good_and_bad);
	tcase_add_test(tc, explain_tells_each_step);
	tcase_add_test(tc, a_frozen_set_is_shared_by_threads);
	suite_add_tcase(s, tc);
	run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
