/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#include "nomem.h"

struct told {
	int failures, findings, coverages, templates, notices;
};

static char path[] = "/tmp/check_log_nomem.XXXXXX";

static void setup(void)
{
	FILE *f = fdopen(mkstemp(path), "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 6; i++)
		fprintf(f,
			"Aug  4 10:00:%02d web sshd[411]: Failed password for "
			"root from 203.0.113.9 port 51515 ssh2\n",
			i);
	ck_assert_int_eq(fclose(f), 0);
}

static void teardown(void)
{
	unlink(path);
}

static int take(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	struct told *t = user;

	t->failures += sm_logevent_failure(sm_record_logevent(r));
	t->findings += sm_record_finding(r) != NULL;
	t->coverages += sm_record_coverage(r) != NULL;
	t->templates += sm_record_kind(r) == SM_KIND_TEMPLATE;
	t->notices += sm_record_notice(r) != NULL;
	return SM_CONTINUE;
}

/* As the built-in ones, of which there are too many to load them that often: how
 * they load is tested beside them. */
static const char rules[] = "id: failed\n"
			    "title: t\n"
			    "program: [sshd]\n"
			    "action: login_failed\n"
			    "patterns: ['^Failed password for (?<user>\\S+) "
			    "from (?<source_ip>\\S+) ']\n"
			    "---\n"
			    "id: brute\n"
			    "title: t\n"
			    "kind: brute_force\n"
			    "correlation:\n"
			    "  type: event_count\n"
			    "  actions: [login_failed]\n"
			    "  group-by: [source_ip]\n"
			    "  timespan: 600s\n"
			    "  condition: {gte: 5}\n";

static void scan_once(void *user)
{
	struct told t = { 0 };
	sm_ctx *c = NULL;
	sm_log_opts *o = NULL;
	sm_ruleset *rs = NULL;
	int r = sm_ctx_new(&c), failed;

	if (r == 0)
		r = sm_log_opts_new(c, &o);
	if (r == 0)
		r = sm_ruleset_new(c, &rs);
	if (r == 0)
		r = sm_ruleset_add_text(rs, "t.yaml", rules, sizeof(rules) - 1,
					0);
	if (r > 0)
		r = sm_log_opts_set_rules(o, rs);
	if (r == 0) {
		sm_log_opts_set_zone(o, "UTC0");
		sm_log_opts_set_now(o, INT64_C(1785844800000000000));
		sm_log_opts_set_coverage(o, 1);
		sm_log_opts_add_ignore(o, "192.0.2.1");
		sm_log_opts_set_threshold(o, "brute_force", 5, 600);
		sm_log_opts_set_threads(o, *(const uint32_t *)user);
		sm_log_opts_add_file(o, path);
		sm_log_opts_add_file(o, "/nonexistent/missing.log");
		r = sm_scan_log(c, o, take, &t);
	}
	failed = nomem_pause();
	sm_log_opts_free(o);
	sm_ruleset_unref(rs);
	sm_ctx_unref(c);
	/* Without memory for its machine code a regex works, only slower. */
	if (r != 0 || !failed)
		ck_assert_int_eq(r, failed ? -ENOMEM : 0);
	if (r == 0) {
		ck_assert_int_eq(t.findings, 1);
		ck_assert_int_eq(t.failures, 6);
		ck_assert_int_eq(t.coverages, 1);
		ck_assert_int_ge(t.templates, 1);
		ck_assert_int_eq(t.notices, 1);
	}
}

START_TEST(a_scan_survives_any_failed_allocation)
{
	uint32_t threads = (uint32_t)_i;

	ck_assert_int_gt(nomem_sweep(scan_once, &threads), 50);
}
END_TEST

/* Filters of fail2ban: includes, sessions, a window, ignored lines. */
static char dir[] = "/tmp/check_log_nomem_d.XXXXXX";

static void put(const char *name, const char *text)
{
	char file[96];
	FILE *f;

	snprintf(file, sizeof(file), "%s/%s", dir, name);
	f = fopen(file, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void setup_filters(void)
{
	char sub[96];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(sub, sizeof(sub), "%s/filter.d", dir);
	ck_assert_int_eq(mkdir(sub, 0700), 0);
	put("filter.d/common.conf",
	    "[DEFAULT]\ndatepattern = {^LN-BEG}%%b %%d %%H:%%M:%%S\n"
	    "pre = web d\\[\\d+\\]:\n");
	put("filter.d/d.conf",
	    "[INCLUDES]\nbefore = common.conf\n[Definition]\n"
	    "prefregex = ^ <F-MLFID>%(pre)s</F-MLFID> "
	    "<F-CONTENT>.+</F-CONTENT>$\n"
	    "failregex = ^<F-NOFAIL>peer</F-NOFAIL> <HOST>$\n"
	    "    ^no <F-USER>\\S+</F-USER>$\n"
	    "ignoreregex = nobody$\n");
	put("filter.d/m.conf",
	    "[INCLUDES]\nbefore = common.conf\n[Definition]\n"
	    "maxlines = 4\n"
	    "failregex = ^ web from <HOST><SKIPLINES> web refused$\n");
	put("log", "Aug  4 10:00:01 web d[1]: peer 192.0.2.1\n"
		   "Aug  4 10:00:02 web from 192.0.2.2\n"
		   "Aug  4 10:00:03 web d[1]: no root\n"
		   "Aug  4 10:00:04 web d[1]: no nobody\n"
		   "Aug  4 10:00:05 web refused\n"
		   "Aug  4 10:00:06 web d[1]: no b\xc3\xa9\n");
}

static void teardown_filters(void)
{
	char cmd[96];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd))
		abort();
}

static int load_filters(sm_ruleset *rs)
{
	int r = sm_ruleset_set_fail2ban_dir(rs, dir);

	if (r == 0)
		r = sm_ruleset_add(rs, "fail2ban:d");
	return r < 0 ? r : sm_ruleset_add(rs, "fail2ban:m");
}

static void filter_once(void *user)
{
	char log[64], state[64];
	struct told t = { 0 };
	sm_ctx *c = NULL;
	sm_log_opts *o = NULL;
	sm_ruleset *rs = NULL;
	int r = sm_ctx_new(&c), failed;

	(void)user;
	snprintf(log, sizeof(log), "%s/log", dir);
	snprintf(state, sizeof(state), "%s/state", dir);
	unlink(state);
	if (r == 0)
		r = sm_log_opts_new(c, &o);
	if (r == 0)
		r = sm_ruleset_new(c, &rs);
	if (r == 0)
		r = load_filters(rs);
	if (r > 0)
		r = sm_log_opts_set_rules(o, rs);
	if (r == 0) {
		sm_log_opts_set_zone(o, "UTC0");
		sm_log_opts_set_now(o, INT64_C(1785844800000000000));
		sm_log_opts_set_keywords(o, 0);
		sm_log_opts_set_state(o, state);
		sm_log_opts_add_file(o, log);
		r = sm_scan_log(c, o, take, &t);
	}
	failed = nomem_pause();
	sm_log_opts_free(o);
	sm_ruleset_unref(rs);
	sm_ctx_unref(c);
	if (r != 0 || !failed)
		ck_assert_int_eq(r, failed ? -ENOMEM : 0);
	/* Where the state could not be written, a notice says so. */
	if (r == 0)
		ck_assert_int_eq(t.failures, 3);
}

START_TEST(filters_survive_any_failed_allocation)
{
	ck_assert_int_gt(nomem_sweep(filter_once, NULL), 100);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("log without memory");
	TCase *tc = tcase_create("log");
	SRunner *sr = srunner_create(s);
	int failed;

	(void)argc;
	nomem_preload(argv);
	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_scan_survives_any_failed_allocation, 1, 3);
	suite_add_tcase(s, tc);
	tc = tcase_create("filters");
	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup_filters, teardown_filters);
	tcase_add_test(tc, filters_survive_any_failed_allocation);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
