/* SPDX-License-Identifier: MIT */
#include "log-told.h"

static const char *const ends[] = { "\n", "\r\n" };

START_TEST(a_brute_force_attack_is_found_whatever_ends_the_lines)
{
	struct told t = { 0 };

	write_log("auth.log", 6, ends[_i]);
	ck_assert_int_eq(scan(&t, "auth.log"), 0);
	ck_assert_int_eq(t.failures, 6);
	ck_assert_int_eq(t.findings, 1);
	ck_assert_str_eq(t.kind, "brute_force");
	ck_assert_str_eq(t.address, "203.0.113.9");
	ck_assert_str_eq(t.user, "root");
	ck_assert_uint_eq(t.count, 6);
	/* 10:00:00 and 10:00:05 */
	ck_assert_int_eq(t.first, INT64_C(1785837600000000000));
	ck_assert_int_eq(t.last, INT64_C(1785837605000000000));
	ck_assert_int_eq(t.coverages, 1);
	ck_assert_int_gt(t.progress, 0);
	ck_assert_int_eq(t.with_line, t.events);
	ck_assert_int_eq(t.lines, 0);
	ck_assert_int_eq(t.notices, 0);
}
END_TEST

START_TEST(a_job_outlives_its_options)
{
	struct told t = { 0 };
	sm_job *job;

	write_log("auth.log", 6, "\n");
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), 0);
	sm_log_opts_free(opts);
	opts = NULL;
	ck_assert_int_eq(sm_job_run(job, take, &t), 0);
	ck_assert_int_eq(t.findings, 1);
	sm_job_free(job);
}
END_TEST

START_TEST(events_lines_and_keywords_are_told_when_asked_for)
{
	struct told t = { 0 };

	write_log("auth.log", 6, "\n");
	ck_assert_int_eq(sm_log_opts_set_events(opts, 0), 0);
	ck_assert_int_eq(sm_log_opts_set_lines(opts, 1), 0);
	ck_assert_int_eq(sm_log_opts_set_keywords(opts, 0), 0);
	ck_assert_int_eq(scan(&t, "auth.log"), 0);
	ck_assert_int_eq(t.events, 0);
	ck_assert_int_eq(t.lines, 7);
	ck_assert_int_eq(t.findings, 1);
}
END_TEST

static int take_templates(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	char *text = user;

	if (sm_event_kind(ev) != SM_EVENT_RECORD ||
	    sm_record_kind(r) != SM_KIND_TEMPLATE)
		return 0;
	snprintf(text + strlen(text), 200, "%s %s %d %d %s\n",
		 sm_record_field_str(r, 2), sm_record_field_str(r, 1),
		 (int)sm_record_field_int(r, 3), (int)sm_record_field_int(r, 4),
		 sm_record_field_str(r, 6));
	return 0;
}

START_TEST(what_no_rule_takes_is_told_by_its_form)
{
	char text[2000] = "";
	FILE *f = fopen("app.log", "w");

	ck_assert_ptr_nonnull(f);
	fputs("Aug  4 10:00:01 web app[7]: started 3 workers in 1.5 s\n"
	      "Aug  4 10:00:02 web app[7]: started 4 workers in 2.5 s\n"
	      "Aug  4 10:00:03 web sshd[7]: Failed password for root from "
	      "203.0.113.9 port 5 ssh2\n"
	      "no header\n",
	      f);
	fclose(f);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "app.log"), 0);
	ck_assert_int_eq(sm_log_opts_set_coverage(opts, 1), 0);
	ck_assert_int_eq(sm_scan_log(ctx, opts, take_templates, text), 0);
	ck_assert_str_eq(text, "program app 2 0 \n"
			       "program  1 0 \n"
			       "program sshd 1 1 \n"
			       "unmatched app 2 0 started <n> workers in "
			       "<n>.<n> s\n"
			       "unparsed  1 0 no header\n");
}
END_TEST

START_TEST(a_threshold_can_be_changed)
{
	struct told t = { 0 };

	write_log("auth.log", 6, "\n");
	ck_assert_int_eq(sm_log_opts_set_threshold(opts, "brute_force", 7, 600),
			 0);
	ck_assert_int_eq(scan(&t, "auth.log"), 0);
	ck_assert_int_eq(t.failures, 6);
	ck_assert_int_eq(t.findings, 0);
}
END_TEST

START_TEST(ignored_networks_make_no_findings)
{
	struct told t = { 0 };

	write_log("auth.log", 6, "\n");
	ck_assert_int_eq(sm_log_opts_add_ignore(opts, "203.0.113.0/24"), 0);
	ck_assert_int_eq(scan(&t, "auth.log"), 0);
	ck_assert_int_eq(t.findings, 0);
}
END_TEST

static int fields_seen(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	size_t n = sm_kind_nfields(SM_KIND_EVENT);

	if (sm_record_kind(r) != SM_KIND_EVENT)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (sm_record_has_field(r, i))
			strcat(strcat(user,
				      sm_kind_field_name(SM_KIND_EVENT, i)),
			       " ");
	return SM_STOP;
}

START_TEST(events_have_the_chosen_fields)
{
	char names[512] = "";

	write_log("auth.log", 1, "\n");
	ck_assert_int_eq(sm_log_opts_set_fields(opts, "user, time,source_ip"),
			 0);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_scan_log(ctx, opts, fields_seen, names), SM_STOP);
	ck_assert_ptr_nonnull(strstr(names, "time "));
	ck_assert_ptr_nonnull(strstr(names, "source_ip "));
	ck_assert_ptr_nonnull(strstr(names, "user "));
	ck_assert_ptr_null(strstr(names, "message "));
	ck_assert_ptr_null(strstr(names, "program "));
}
END_TEST

START_TEST(the_result_of_a_callback_is_that_of_the_scan)
{
	struct told t = { .stop_after = 2 };

	write_log("auth.log", 6, "\n");
	ck_assert_int_eq(scan(&t, "auth.log"), 42);
	ck_assert_int_eq(t.events, 2);
}
END_TEST

START_TEST(a_named_log_that_is_missing_is_told_beside_the_others)
{
	struct told t = { 0 };

	write_log("auth.log", 6, "\n");
	ck_assert_int_eq(sm_log_opts_add_file(opts, "missing.log"), 0);
	ck_assert_int_eq(scan(&t, "auth.log"), 0);
	ck_assert_int_eq(t.findings, 1);
	ck_assert_int_eq(t.notices, 1);
	ck_assert_int_eq(t.notice_errno, ENOENT);
	ck_assert_str_eq(t.notice, "missing.log cannot be read: No such file "
				   "or directory");
}
END_TEST

START_TEST(a_scan_without_a_log_to_read_fails)
{
	struct told t = { 0 };

	ck_assert_int_eq(sm_scan_log(ctx, opts, take, &t), -EINVAL);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "no log was named");
	ck_assert_int_eq(sm_scan_log(ctx, NULL, take, &t), -EINVAL);
	ck_assert_int_eq(scan(&t, "missing.log"), -ENOENT);
	ck_assert_int_eq(sm_scan_log(ctx, opts, NULL, &t), -EINVAL);
	ck_assert_int_eq(sm_scan_log(NULL, opts, take, &t), -EINVAL);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, NULL), -EINVAL);
}
END_TEST

/* Each gives the error that stays. */
static int bad_path(void)
{
	return sm_log_opts_add_file(opts, "");
}
static int bad_fd(void)
{
	return sm_log_opts_add_fd(opts, -1, "-");
}
static int bad_unit(void)
{
	return sm_log_opts_add_journal(opts, "");
}
static int bad_rules(void)
{
	return sm_log_opts_set_rules(opts, NULL);
}
static int bad_threshold(void)
{
	return sm_log_opts_set_threshold(opts, "brute_force", 0, 600);
}
static int bad_window(void)
{
	return sm_log_opts_set_threshold(opts, "brute_force", 5, 0);
}
static int bad_ignore(void)
{
	return sm_log_opts_add_ignore(opts, "192.0.2.0/33");
}
static int bad_field(void)
{
	return sm_log_opts_set_fields(opts, "time,nothing");
}
static int bad_zone(void)
{
	return sm_log_opts_set_zone(opts, "Nowhere/Nothing");
}
static const struct {
	int (*set)(void);
	int rc;
	const char *text;
} bad[] = {
	{ bad_path, -EINVAL, "no path of a log was given" },
	{ bad_fd, -EINVAL, "-1 is no descriptor to read \"-\" from" },
	{ bad_unit, -EINVAL, "no unit of the journal was given" },
	{ bad_rules, -EINVAL, "no set of rules was given" },
	{ bad_threshold, -ERANGE,
	  "threshold of brute_force: 0 in 600 s, but both are at least 1" },
	{ bad_window, -ERANGE,
	  "threshold of brute_force: 5 in 0 s, but both are at least 1" },
	{ bad_ignore, -EINVAL,
	  "\"192.0.2.0/33\" is no address or prefix (192.0.2.7, 192.0.2.0/24, "
	  "2001:db8::/32)" },
	{ bad_field, -ENOENT, "event records have no field 'nothing'" },
	{ bad_zone, -ENOENT, "\"Nowhere/Nothing\" is no time zone" },
};

START_TEST(a_bad_option_stays_until_the_scan_fails_with_it)
{
	struct told t = { 0 };

	write_log("auth.log", 6, "\n");
	ck_assert_int_eq(bad[_i].set(), bad[_i].rc);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), bad[_i].text);
	ck_assert_int_eq(scan(&t, "auth.log"), bad[_i].rc);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), bad[_i].text);
	ck_assert_int_eq(t.events + t.coverages, 0);
}
END_TEST

START_TEST(options_without_an_object_are_refused)
{
	ck_assert_int_eq(sm_log_opts_new(NULL, &opts), -EINVAL);
	ck_assert_int_eq(sm_log_opts_new(ctx, NULL), -EINVAL);
	sm_log_opts_free(NULL);
	ck_assert_int_eq(sm_log_opts_add_file(NULL, "x"), -EINVAL);
	ck_assert_int_eq(sm_log_opts_add_fd(NULL, 0, "x"), -EINVAL);
	ck_assert_int_eq(sm_log_opts_add_journal(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_log_opts_add_found(NULL), -EINVAL);
	ck_assert_int_eq(sm_log_opts_add_jail_logs(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_rules(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_keywords(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_threshold(NULL, "x", 1, 1), -EINVAL);
	ck_assert_int_eq(sm_log_opts_add_ignore(NULL, "::1"), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_fields(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_since(NULL, 0), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_until(NULL, 0), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_now(NULL, 0), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_zone(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_follow(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_state(NULL, "x"), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_events(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_lines(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_coverage(NULL, 1), -EINVAL);
}
END_TEST

static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(jails_of_fail2ban_read_their_own_logs)
{
	struct told t = { 0 };
	sm_ruleset *rs;

	ck_assert_int_eq(mkdir("filter.d", 0700), 0);
	write_text("filter.d/own.conf", "[Definition]\n"
					"failregex = ^ web no <HOST>$\n");
	write_text("jail.conf",
		   "[DEFAULT]\nenabled = true\nignoreself = no\nfilter = own\n"
		   "maxretry = 2\nfindtime = 1m\n"
		   "[a]\nlogpath = a*.log\n"
		   "[b]\nlogpath = b.log\nmaxretry = 3\n");
	write_text("a1.log", "Aug  4 10:00:01 web no 192.0.2.1\n"
			     "Aug  4 10:00:31 web no 192.0.2.1\n");
	write_text("b.log", "Aug  4 10:00:02 web no 192.0.2.1\n");
	ck_assert_int_eq(sm_ruleset_new(ctx, &rs), 0);
	ck_assert_int_eq(sm_ruleset_set_fail2ban_dir(rs, "."), 0);
	ck_assert_int_eq(sm_ruleset_add(rs, "fail2ban-jails:"), 4);
	ck_assert_int_eq(sm_log_opts_add_jail_logs(opts, rs), 0);
	ck_assert_int_eq(sm_log_opts_set_rules(opts, rs), 0);
	ck_assert_int_eq(scan(&t, NULL), 0);
	ck_assert_int_eq(t.failures, 3);
	ck_assert_int_eq(t.coverages, 2);
	ck_assert_int_eq(t.findings, 1);
	ck_assert_uint_eq(t.count, 2);
	sm_ruleset_unref(rs);
}
END_TEST

START_TEST(rules_without_a_jail_have_no_logs)
{
	sm_ruleset *rs;

	ck_assert_int_eq(sm_ruleset_new(ctx, &rs), 0);
	ck_assert_int_eq(sm_log_opts_add_jail_logs(opts, rs), -ENOENT);
	sm_ruleset_unref(rs);
}
END_TEST

START_TEST(a_span_of_time_leaves_the_rest_out)
{
	struct told t = { 0 };

	write_log("auth.log", 6, "\n");
	/* 10:00:01 to 10:00:03 */
	sm_log_opts_set_since(opts, INT64_C(1785837601000000000));
	sm_log_opts_set_until(opts, INT64_C(1785837603000000000));
	ck_assert_int_eq(scan(&t, "auth.log"), 0);
	ck_assert_int_eq(t.failures, 3);
	ck_assert_int_eq(t.findings, 0);
}
END_TEST

/* In a child: status 0 when the scan went well. */
static int in_child(void (*prepare)(void), const char *name, uint64_t findings)
{
	struct told t = { 0 };
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prepare();
		sm_log_opts_add_file(opts, name);
		_exit(sm_scan_log(ctx, opts, take, &t) != 0 ||
		      (uint64_t)t.findings != findings);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static void refuse_sockets_and_processes(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_execve, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog prog = { COUNT(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		_exit(0);
}

START_TEST(a_log_scan_opens_no_socket_and_starts_no_process)
{
	FILE *f = fopen("auth.log", "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 6; i++)
		fprintf(f,
			"Aug  4 10:00:%02d web sshd[411]: Failed password for "
			"root from peer.example.com port 5 ssh2\n"
			"Aug  4 10:00:%02d web sshd[411]: Failed password for "
			"root from 203.0.113.9 port 5 ssh2\n",
			i, i);
	fclose(f);
	ck_assert_int_eq(in_child(refuse_sockets_and_processes, "auth.log", 2),
			 0);
}
END_TEST

static void limit_memory(void)
{
	struct rlimit l = { 96 << 20, 96 << 20 };

	setrlimit(RLIMIT_AS, &l);
}

START_TEST(a_line_of_a_gigabyte_takes_no_more_memory_than_others)
{
	FILE *f;

	write_log("auth.log", 6, "\n");
	f = fopen("auth.log", "a");
	ck_assert_ptr_nonnull(f);
	/* A hole reads as zeros. */
	ck_assert_int_eq(fseeko(f, (off_t)1 << 30, SEEK_SET), 0);
	fputs("\nAug  4 11:00:00 web app[7]: the end\n", f);
	fclose(f);
	ck_assert_int_eq(in_child(limit_memory, "auth.log", 1), 0);
}
END_TEST

/* Neither ASan nor valgrind (CK_FORK=no) leave a small address space to a child,
 * or its system calls alone. */
static int children_can_be_confined(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return 0;
#else
	const char *fork = getenv("CK_FORK");

	return !fork || strcmp(fork, "no") != 0;
#endif
}

int main(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("log");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
		tc, a_brute_force_attack_is_found_whatever_ends_the_lines, 0,
		COUNT(ends));
	tcase_add_test(tc, a_job_outlives_its_options);
	tcase_add_test(tc, events_lines_and_keywords_are_told_when_asked_for);
	tcase_add_test(tc, what_no_rule_takes_is_told_by_its_form);
	tcase_add_test(tc, a_threshold_can_be_changed);
	tcase_add_test(tc, ignored_networks_make_no_findings);
	tcase_add_test(tc, events_have_the_chosen_fields);
	tcase_add_test(tc, the_result_of_a_callback_is_that_of_the_scan);
	tcase_add_test(tc,
		       a_named_log_that_is_missing_is_told_beside_the_others);
	tcase_add_test(tc, a_scan_without_a_log_to_read_fails);
	tcase_add_loop_test(tc, a_bad_option_stays_until_the_scan_fails_with_it,
			    0, COUNT(bad));
	tcase_add_test(tc, options_without_an_object_are_refused);
	tcase_add_test(tc, jails_of_fail2ban_read_their_own_logs);
	tcase_add_test(tc, rules_without_a_jail_have_no_logs);
	tcase_add_test(tc, a_span_of_time_leaves_the_rest_out);
	if (children_can_be_confined()) {
		tcase_add_test(
			tc, a_log_scan_opens_no_socket_and_starts_no_process);
		tcase_add_test(
			tc,
			a_line_of_a_gigabyte_takes_no_more_memory_than_others);
	}
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
