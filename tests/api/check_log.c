/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What a scan told. */
struct told {
	int events, lines, failures, findings, coverages, notices, progress;
	int with_line;
	char kind[64], address[64], user[64], notice[512];
	uint64_t count;
	int64_t first, last;
	char loss[512]; /* the last notice with an errno */
	int notice_errno, stop_after;
};

static char dir[64];
static sm_ctx *ctx;
static sm_log_opts *opts;

static void setup(void)
{
	strcpy(dir, "/tmp/check_log.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_log_opts_new(ctx, &opts), 0);
	ck_assert_int_eq(sm_log_opts_set_zone(opts, "UTC0"), 0);
	/* 2026-08-04T12:00:00Z */
	ck_assert_int_eq(
		sm_log_opts_set_now(opts, INT64_C(1785844800000000000)), 0);
}

static void teardown(void)
{
	char cmd[96];

	sm_log_opts_free(opts);
	sm_ctx_unref(ctx);
	if (chdir("/") < 0)
		abort();
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		abort();
}

static void write_log(const char *name, int failures, const char *end)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < failures; i++)
		fprintf(f,
			"Aug  4 10:00:%02d web sshd[411]: Failed password for "
			"root from 203.0.113.9 port 51515 ssh2%s",
			i, end);
	fprintf(f, "Aug  4 10:30:00 web app[7]: all is well%s", end);
	ck_assert_int_eq(fclose(f), 0);
}

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

static void take_finding(struct told *t, const sm_finding *f)
{
	t->findings++;
	t->count = sm_finding_count(f);
	t->first = sm_finding_first(f);
	t->last = sm_finding_last(f);
	copy(t->kind, sizeof(t->kind), sm_finding_kind(f));
	copy(t->address, sizeof(t->address), sm_finding_source_ip(f));
}

static void take_event(struct told *t, const sm_record *r)
{
	const sm_logevent *e = sm_record_logevent(r);

	t->events++;
	if (strcmp(sm_logevent_action(e), "login_failed") == 0)
		t->failures += (int)sm_logevent_count(e);
	copy(t->user, sizeof(t->user), sm_logevent_user(e));
	t->with_line += sm_record_line(r) != NULL;
}

static int take(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	struct told *t = user;

	switch (sm_record_kind(r)) {
	case SM_KIND_EVENT:
		take_event(t, r);
		break;
	case SM_KIND_LINE:
		t->lines++;
		break;
	case SM_KIND_FINDING:
		take_finding(t, sm_record_finding(r));
		break;
	case SM_KIND_COVERAGE:
		t->coverages++;
		break;
	case SM_KIND_NOTICE:
		t->notices++;
		t->notice_errno = sm_notice_errno(sm_record_notice(r));
		copy(t->notice, sizeof(t->notice),
		     sm_notice_text(sm_record_notice(r)));
		if (t->notice_errno)
			copy(t->loss, sizeof(t->loss), t->notice);
		break;
	default:
		t->progress += sm_event_kind(ev) == SM_EVENT_PROGRESS;
	}
	return t->stop_after && t->events >= t->stop_after ? 42 : SM_CONTINUE;
}

static int scan(struct told *t, const char *name)
{
	*t = (struct told){ .stop_after = t->stop_after };
	if (name)
		ck_assert_int_eq(sm_log_opts_add_file(opts, name), 0);
	return sm_scan_log(ctx, opts, take, t);
}

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
	write_text("jail.conf", "[DEFAULT]\nenabled = true\nfilter = own\n"
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

/* Until the first event is told: the logs are open then. */
static sm_job *begin(struct told *t)
{
	const sm_event *ev;
	sm_job *job;

	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), 0);
	ck_assert_int_eq(sm_job_next(job, &ev), 1);
	take(ev, t);
	return job;
}

START_TEST(a_log_that_is_rotated_while_it_is_read_is_read_once)
{
	struct told t = { 0 };
	sm_job *job;

	write_log("auth.log.1", 6, "\n");
	write_log("auth.log", 40, "\n");
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log.1"), 0);
	job = begin(&t);
	ck_assert_int_eq(rename("auth.log.1", "auth.log.2"), 0);
	ck_assert_int_eq(rename("auth.log", "auth.log.1"), 0);
	write_log("auth.log", 3, "\n");
	ck_assert_int_eq(sm_job_run(job, take, &t), 0);
	ck_assert_int_eq(t.failures, 46);
	ck_assert_int_eq(t.coverages, 2);
	sm_job_free(job);
}
END_TEST

START_TEST(a_log_that_is_cut_while_it_is_read_ends_there)
{
	struct told t = { 0 };
	sm_job *job;
	FILE *f;

	/* More than one block, so that some is left to be cut. */
	f = fopen("auth.log", "w");
	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 20000; i++)
		fputs("Aug  4 10:00:00 web sshd[1]: Failed password for root "
		      "from 203.0.113.9 port 5 ssh2\n",
		      f);
	fclose(f);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	job = begin(&t);
	ck_assert_int_eq(truncate("auth.log", 0), 0);
	ck_assert_int_eq(sm_job_run(job, take, &t), 0);
	ck_assert_int_gt(t.failures, 100);
	ck_assert_int_lt(t.failures, 20000);
	ck_assert_int_eq(t.coverages, 1);
	/* A part was never seen: that is no clean end. */
	ck_assert_ptr_nonnull(strstr(t.loss, "auth.log was cut while"));
	sm_job_free(job);
}
END_TEST

START_TEST(a_followed_log_tells_more_until_it_is_cancelled)
{
	struct told t = { 0 };
	const sm_event *ev;
	sm_job *job;
	FILE *f;
	int r;

	write_log("auth.log", 2, "\n");
	ck_assert_int_eq(sm_log_opts_set_follow(opts, 1), 0);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), 0);
	while ((r = sm_job_next(job, &ev)) == 1)
		take(ev, &t);
	ck_assert_int_eq(r, -EAGAIN);
	ck_assert_int_eq(t.failures, 2);
	ck_assert_int_eq(t.coverages, 0);
	f = fopen("auth.log", "a");
	fputs("Aug  4 10:31:00 web sshd[1]: Failed password for root from "
	      "203.0.113.9 port 5 ssh2\n",
	      f);
	fclose(f);
	while ((r = sm_job_next(job, &ev)) == 1)
		take(ev, &t);
	ck_assert_int_eq(r, -EAGAIN);
	ck_assert_int_eq(t.failures, 3);
	sm_job_cancel(job);
	ck_assert_int_eq(sm_job_run(job, take, &t), -ECANCELED);
	ck_assert_int_eq(t.coverages, 1);
	sm_job_free(job);
}
END_TEST

static void append(const char *name, const char *minute_second)
{
	FILE *f = fopen(name, "a");

	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"Aug  4 10:%s web sshd[1]: Failed password for root from "
		"203.0.113.9 port 5 ssh2\n",
		minute_second);
	ck_assert_int_eq(fclose(f), 0);
}

struct episode {
	int n, state;
	char id[40];
	uint64_t count;
};

static int take_episode(const sm_event *ev, void *user)
{
	const sm_finding *f = sm_record_finding(sm_event_record(ev));
	struct episode *e = user;

	if (!f)
		return SM_CONTINUE;
	/* All are the same one. */
	if (e->n++)
		ck_assert_str_eq(sm_record_id(sm_event_record(ev)), e->id);
	copy(e->id, sizeof(e->id), sm_record_id(sm_event_record(ev)));
	e->state = sm_finding_state(f);
	e->count = sm_finding_count(f);
	return SM_CONTINUE;
}

static void drain(sm_job *job, struct episode *e)
{
	const sm_event *ev;
	int r;

	while ((r = sm_job_next(job, &ev)) == 1)
		take_episode(ev, e);
	ck_assert_int_eq(r, -EAGAIN);
}

START_TEST(a_followed_attack_is_told_when_it_opens_and_when_it_closes)
{
	struct episode e = { 0 };
	sm_job *job;

	write_log("auth.log", 0, "\n");
	ck_assert_int_eq(sm_log_opts_set_follow(opts, 1), 0);
	ck_assert_int_eq(sm_log_opts_set_threshold(opts, "brute_force", 5, 1),
			 0);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), 0);
	for (int i = 0; i < 4; i++)
		append("auth.log", "40:00");
	drain(job, &e);
	ck_assert_int_eq(e.n, 0);
	append("auth.log", "40:00");
	drain(job, &e);
	ck_assert_int_eq(e.n, 1);
	ck_assert_int_eq(e.state, SM_FINDING_OPEN);
	ck_assert_uint_eq(e.count, 5);
	append("auth.log", "40:01");
	drain(job, &e);
	ck_assert_int_eq(e.n, 1);
	/* Nothing else comes; its window of a second passes. */
	for (int i = 0; i < 20 && e.n == 1; i++) {
		struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };

		ck_assert_int_eq(poll(&p, 1, 10000), 1);
		drain(job, &e);
	}
	ck_assert_int_eq(e.n, 2);
	ck_assert_int_eq(e.state, SM_FINDING_CLOSED);
	ck_assert_uint_eq(e.count, 6);
	sm_job_free(job);
}
END_TEST

START_TEST(a_followed_attack_that_goes_on_is_told_once_more_at_the_end)
{
	struct episode e = { 0 };
	sm_job *job;

	write_log("auth.log", 0, "\n");
	ck_assert_int_eq(sm_log_opts_set_follow(opts, 1), 0);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), 0);
	for (int i = 0; i < 7; i++)
		append("auth.log", "40:00");
	drain(job, &e);
	ck_assert_int_eq(e.n, 1);
	sm_job_cancel(job);
	ck_assert_int_eq(sm_job_run(job, take_episode, &e), -ECANCELED);
	ck_assert_int_eq(e.n, 2);
	ck_assert_int_eq(e.state, SM_FINDING_OPEN);
	ck_assert_uint_eq(e.count, 7);
	sm_job_free(job);
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
	tcase_add_test(tc, a_log_that_is_rotated_while_it_is_read_is_read_once);
	tcase_add_test(tc, a_log_that_is_cut_while_it_is_read_ends_there);
	tcase_add_test(tc, a_followed_log_tells_more_until_it_is_cancelled);
	tcase_add_test(
		tc, a_followed_attack_is_told_when_it_opens_and_when_it_closes);
	tcase_add_test(
		tc,
		a_followed_attack_that_goes_on_is_told_once_more_at_the_end);
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
