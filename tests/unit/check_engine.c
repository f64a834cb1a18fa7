/* SPDX-License-Identifier: MIT */
#include "detect-rig.h"
#include "detect/builtin-rules.h"
#include "fail-alloc.h"
#include "suite.h"

static struct rig rig;
static struct smi_buf text;

static void setup(void)
{
	rig_builtin(&rig);
	text = (struct smi_buf){ 0 };
}

static void teardown(void)
{
	smi_buf_free(&text);
	rig_done(&rig);
}

static void fail_login(int seconds, const char *user, const char *ip, int port)
{
	rig_line(&text, seconds, "sshd",
		 "Failed password for %s from %s port %d ssh2", user, ip, port);
}

static void run(void)
{
	ck_assert_ptr_nonnull(smi_buf_cstr(&text));
	rig_run(&rig, text.p);
}

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

START_TEST(five_failures_in_600_seconds_are_a_brute_force)
{
	const sm_finding *f;

	for (int i = 0; i < 5; i++)
		fail_login(i * 150, "root", "203.0.113.9", 4000 + i);
	run();
	f = rig_kind(&rig, "brute_force");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(sm_finding_count(f), 5);
	ck_assert_str_eq(sm_finding_source_ip(f), "203.0.113.9");
	ck_assert_str_eq(sm_finding_subject(f), "203.0.113.9");
	ck_assert_str_eq(sm_finding_title(f),
			 "5 failed logins from 203.0.113.9");
	ck_assert_int_eq(sm_finding_last(f) - sm_finding_first(f),
			 600 * SMI_SEC);
	ck_assert_int_eq(sm_finding_state(f), SM_FINDING_CLOSED);
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_HIGH);
	ck_assert_uint_eq(sm_finding_nevidence(f), 5);
	ck_assert_uint_eq(rig.events.n, 5);
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_record_id(sm_finding_evidence(f, 0)),
			 sm_record_id(rig.events.v[0]));
}
END_TEST

START_TEST(five_failures_in_601_seconds_are_none)
{
	for (int i = 0; i < 5; i++)
		fail_login(i * 150 + (i == 4), "root", "203.0.113.9", 4000);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
}
END_TEST

START_TEST(four_failures_are_none)
{
	for (int i = 0; i < 4; i++)
		fail_login(i, "root", "203.0.113.9", 4000);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
}
END_TEST

START_TEST(a_line_repeated_counts_as_often)
{
	fail_login(0, "root", "203.0.113.9", 4000);
	rig_line(&text, 1, "sshd",
		 "message repeated 5 times: [ Failed password for root from "
		 "203.0.113.9 port 4000 ssh2]");
	run();
	ck_assert_uint_eq(sm_finding_count(rig_kind(&rig, "brute_force")), 6);
	ck_assert_uint_eq(sm_logevent_count(rig_event(&rig, 1)), 5);
}
END_TEST

START_TEST(the_lines_about_one_try_are_one_failure)
{
	for (int i = 0; i < 4; i++) {
		rig_line(&text, i, "sshd",
			 "Invalid user bob from 203.0.113.9 port 400%d", i);
		rig_line(&text, i, "sshd",
			 "pam_unix(sshd:auth): authentication failure; "
			 "logname= uid=0 euid=0 tty=ssh ruser= "
			 "rhost=203.0.113.9 ");
		rig_line(&text, i, "sshd",
			 "error: PAM: Authentication failure for bob from "
			 "203.0.113.9");
		rig_line(&text, i, "sshd",
			 "Failed password for invalid user bob from "
			 "203.0.113.9 port 400%d ssh2",
			 i);
	}
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
	ck_assert_uint_eq(rig.events.n, 16);
	for (size_t i = 0; i < 16; i++)
		ck_assert_int_eq(sm_logevent_failure(rig_event(&rig, i)),
				 i % 4 == 3);
}
END_TEST

START_TEST(other_programs_may_quote_sshd)
{
	for (int i = 0; i < 10; i++)
		rig_line(&text, i, "app",
			 "Failed password for root from 203.0.113.9 port 22 "
			 "ssh2");
	rig.o.keywords = false;
	run();
	ck_assert_uint_eq(rig.events.n + rig.findings.n, 0);
}
END_TEST

START_TEST(addresses_are_canonical)
{
	static const char *const same[] = { "2001:DB8::1", "2001:db8:0::1",
					    "2001:0db8::0001",
					    "2001:db8::1%eth0",
					    "2001:db8:0:0:0:0:0:1" };

	for (int i = 0; i < 5; i++)
		fail_login(i, "root", same[i], 22);
	for (int i = 0; i < 5; i++)
		fail_login(i, "root", i % 2 ? "::ffff:192.0.2.1" : "192.0.2.1",
			   22);
	run();
	ck_assert_uint_eq(rig.findings.n, 2);
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 0)),
			 "192.0.2.1");
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 1)),
			 "2001:db8::1");
}
END_TEST

START_TEST(many_addresses_of_a_prefix_are_its_prefix)
{
	for (int i = 0; i < 5; i++) {
		char ip[64];

		snprintf(ip, sizeof(ip), "2001:db8:1:2::%x", i + 1);
		fail_login(i, "root", ip, 22);
	}
	run();
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 0)),
			 "2001:db8:1:2::/64");
	ck_assert_uint_eq(sm_finding_count(rig_finding(&rig, 0)), 5);
}
END_TEST

START_TEST(an_address_that_suffices_hides_its_prefix)
{
	for (int i = 0; i < 6; i++)
		fail_login(i, "root", "2001:db8:1:2::9", 22);
	for (int i = 0; i < 6; i++)
		fail_login(10 + i, "root",
			   i % 2 ? "2001:db8:1:2::a" : "2001:db8:1:2::b", 22);
	run();
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 0)),
			 "2001:db8:1:2::9");
	ck_assert_uint_eq(sm_finding_count(rig_finding(&rig, 0)), 6);
}
END_TEST

START_TEST(slow_failures_are_found_and_fast_ones_are_not_slow)
{
	for (int i = 0; i < 20; i++)
		fail_login(i * 9000, "root", "203.0.113.9", 22);
	for (int i = 0; i < 25; i++)
		fail_login(180000 + i, "root", "203.0.113.10", 22);
	run();
	ck_assert_uint_eq(rig.findings.n, 2);
	ck_assert_str_eq(
		sm_finding_source_ip(rig_kind(&rig, "slow_brute_force")),
		"203.0.113.9");
	ck_assert_uint_eq(sm_finding_count(rig_kind(&rig, "slow_brute_force")),
			  20);
	ck_assert_str_eq(sm_finding_source_ip(rig_kind(&rig, "brute_force")),
			 "203.0.113.10");
}
END_TEST

static void spread(int addresses, int tries)
{
	for (int i = 0; i < tries; i++) {
		char ip[64];

		snprintf(ip, sizeof(ip), "203.0.113.%d", i % addresses);
		fail_login(i * 10, "root", ip, 22);
	}
}

START_TEST(ten_addresses_with_twenty_failures_are_distributed)
{
	const sm_finding *f;

	spread(10, 20);
	run();
	f = rig_kind(&rig, "distributed_brute_force");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(sm_finding_user(f), "root");
	ck_assert_str_eq(sm_finding_subject(f), "root");
	ck_assert_uint_eq(sm_finding_count(f), 20);
	ck_assert_uint_eq(rig.findings.n, 1);
}
END_TEST

START_TEST(nine_addresses_or_nineteen_failures_are_not)
{
	if (_i)
		spread(10, 19);
	else
		spread(9, 30);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
}
END_TEST

/* Of each try: the line that names the user, the failure, both, or what the end
 * of the connection says. */
static void probe(int seconds, int name, int port, int lines)
{
	if (lines & 1)
		rig_line(&text, seconds, "sshd",
			 "Invalid user u%d from 203.0.113.9 port %d", name,
			 port);
	if (lines & 2)
		rig_line(&text, seconds, "sshd",
			 "Failed password for invalid user u%d from "
			 "203.0.113.9 port %d ssh2",
			 name, port);
	if (lines & 4)
		rig_line(&text, seconds, "sshd",
			 "Connection closed by invalid user u%d 203.0.113.9 "
			 "port %d [preauth]",
			 name, port);
}

START_TEST(eight_unknown_users_are_an_enumeration_however_it_is_logged)
{
	const sm_finding *f;

	for (int i = 0; i < 8; i++)
		probe(i * 85, i, 4000 + i, _i);
	run();
	f = rig_kind(&rig, "user_enumeration");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(sm_finding_count(f), 8);
	ck_assert_str_eq(sm_finding_source_ip(f), "203.0.113.9");
	ck_assert_ptr_null(rig_kind(&rig, "password_spraying"));
}
END_TEST

START_TEST(seven_unknown_users_are_none)
{
	for (int i = 0; i < 14; i++)
		probe(i * 40, i % 7, 4000 + i, _i);
	run();
	ck_assert_ptr_null(rig_kind(&rig, "user_enumeration"));
}
END_TEST

static void spray(int users, int tries)
{
	for (int i = 0; i < users * tries; i++) {
		char user[16];

		snprintf(user, sizeof(user), "user%d", i % users);
		fail_login(i * 20, user, "203.0.113.9", 4000 + i);
	}
}

START_TEST(eight_users_tried_twice_are_sprayed)
{
	const sm_finding *f;

	spray(8, 2);
	run();
	f = rig_kind(&rig, "password_spraying");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(sm_finding_count(f), 16);
}
END_TEST

START_TEST(seven_users_are_not_sprayed)
{
	spray(7, 2);
	run();
	ck_assert_ptr_null(rig_kind(&rig, "password_spraying"));
}
END_TEST

START_TEST(users_tried_three_times_are_not_sprayed)
{
	for (int i = 0; i < 24; i++) {
		char user[16];

		snprintf(user, sizeof(user), "user%d", i / 3);
		fail_login(i * 20, user, "203.0.113.9", 4000 + i);
	}
	run();
	ck_assert_ptr_null(rig_kind(&rig, "password_spraying"));
}
END_TEST

static void break_in(int failures, int wait)
{
	for (int i = 0; i < failures; i++)
		fail_login(i, "admin", "203.0.113.9", 22);
	rig_line(&text, failures - 1 + wait, "sshd-session",
		 "Accepted password for deploy from 203.0.113.9 port 22 ssh2");
}

START_TEST(a_login_after_five_failures_is_critical)
{
	const sm_finding *f;

	break_in(5, 600);
	run();
	f = rig_kind(&rig, "success_after_failures");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_CRITICAL);
	ck_assert_str_eq(sm_finding_user(f), "deploy");
	ck_assert_str_eq(sm_finding_title(f),
			 "203.0.113.9 logged in as deploy after 5 failures");
	ck_assert_uint_eq(sm_finding_count(f), 5);
	ck_assert_int_eq(sm_finding_last(f) - sm_finding_first(f),
			 604 * SMI_SEC);
}
END_TEST

START_TEST(a_late_login_or_one_after_four_failures_is_none)
{
	if (_i)
		break_in(5, 601);
	else
		break_in(4, 1);
	run();
	ck_assert_ptr_null(rig_kind(&rig, "success_after_failures"));
}
END_TEST

START_TEST(three_wrong_sudo_passwords_are_a_finding)
{
	const sm_finding *f;

	rig_line(&text, 0, "sudo",
		 "     bob : 3 incorrect password attempts ; TTY=pts/0 ; "
		 "PWD=/ ; USER=root ; COMMAND=/usr/bin/id");
	for (int i = 0; i < 2; i++)
		rig_line(
			&text, i, "sudo",
			"     eve : 1 incorrect password attempt ; TTY=pts/0 ; "
			"PWD=/ ; USER=root ; COMMAND=/usr/bin/id");
	run();
	f = rig_kind(&rig, "sudo_failures");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(sm_finding_user(f), "bob");
	ck_assert_uint_eq(sm_finding_count(f), 3);
}
END_TEST

START_TEST(ignored_addresses_make_no_finding)
{
	struct smi_prefix own;

	ck_assert(smi_prefix_parse(SMI_SPAN("203.0.113.0/24"), &own));
	rig.o.ignore = &own;
	rig.o.nignore = 1;
	break_in(9, 1);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
	ck_assert_uint_eq(rig.events.n, 10);
}
END_TEST

START_TEST(thresholds_replace_count_and_window)
{
	struct smi_threshold t = { "brute_force", 3, 10 };

	rig.o.thresholds = &t;
	rig.o.nthresholds = 1;
	for (int i = 0; i < 3; i++)
		fail_login(i * 5, "root", "203.0.113.9", 22);
	for (int i = 0; i < 3; i++)
		fail_login(20 + i * 6, "root", "203.0.113.10", 22);
	run();
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_finding_source_ip(rig_finding(&rig, 0)),
			 "203.0.113.9");
	ck_assert_ptr_nonnull(strstr(sm_finding_why(rig_finding(&rig, 0)),
				     "At least 3 failed logins from one "
				     "address within 10 s"));
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
	ck_assert_int_gt(n, 100);
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
		calls = fail_alloc_count();
		fail_alloc_off();
		ck_assert(r == 0 || r == -ENOMEM);
		if (r == 0)
			smi_regex_release(&re);
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
	tcase_add_test(tc, five_failures_in_600_seconds_are_a_brute_force);
	tcase_add_test(tc, five_failures_in_601_seconds_are_none);
	tcase_add_test(tc, four_failures_are_none);
	tcase_add_test(tc, a_line_repeated_counts_as_often);
	tcase_add_test(tc, the_lines_about_one_try_are_one_failure);
	tcase_add_test(tc, other_programs_may_quote_sshd);
	tcase_add_test(tc, addresses_are_canonical);
	tcase_add_test(tc, many_addresses_of_a_prefix_are_its_prefix);
	tcase_add_test(tc, an_address_that_suffices_hides_its_prefix);
	tcase_add_test(tc, slow_failures_are_found_and_fast_ones_are_not_slow);
	tcase_add_test(tc, ten_addresses_with_twenty_failures_are_distributed);
	tcase_add_loop_test(tc, nine_addresses_or_nineteen_failures_are_not, 0,
			    2);
	tcase_add_loop_test(
		tc, eight_unknown_users_are_an_enumeration_however_it_is_logged,
		1, 8);
	tcase_add_loop_test(tc, seven_unknown_users_are_none, 1, 8);
	tcase_add_test(tc, eight_users_tried_twice_are_sprayed);
	tcase_add_test(tc, seven_users_are_not_sprayed);
	tcase_add_test(tc, users_tried_three_times_are_not_sprayed);
	tcase_add_test(tc, a_login_after_five_failures_is_critical);
	tcase_add_loop_test(tc, a_late_login_or_one_after_four_failures_is_none,
			    0, 2);
	tcase_add_test(tc, three_wrong_sudo_passwords_are_a_finding);
	tcase_add_test(tc, ignored_addresses_make_no_finding);
	tcase_add_test(tc, thresholds_replace_count_and_window);
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
