/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char dir[64];
static sm_ctx *ctx;
static const char *zone = "UTC0";

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_state.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
}

static void teardown(void)
{
	char cmd[96];

	sm_ctx_unref(ctx);
	if (chdir("/") < 0)
		abort();
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		abort();
}

/* Lines of 10:MM:SS; three of each second are equal. */
static void put(const char *name, int from, int n)
{
	FILE *f = fopen(name, "a");

	ck_assert_ptr_nonnull(f);
	for (int i = from; i < from + n; i++)
		fprintf(f,
			"Aug  4 1%d:%02d:%02d web sshd[411]: Failed password "
			"for root from 203.0.113.9 port %d ssh2\n",
			i / 36000 % 10, i / 600 % 60, i / 10 % 60,
			5000 + i % 10 / 3);
	ck_assert_int_eq(fclose(f), 0);
}

static sm_ruleset *rules; /* instead of the built-in ones */

static sm_log_opts *opts_of(const char *name, const char *state, int follow)
{
	sm_log_opts *o;

	ck_assert_int_eq(sm_log_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_log_opts_set_zone(o, zone), 0);
	/* 2026-08-04T22:00:00Z */
	ck_assert_int_eq(sm_log_opts_set_now(o, INT64_C(1785880800000000000)),
			 0);
	ck_assert_int_eq(sm_log_opts_set_follow(o, follow), 0);
	ck_assert_int_eq(sm_log_opts_add_file(o, name), 0);
	ck_assert_int_eq(sm_log_opts_set_state(o, state), 0);
	if (rules)
		ck_assert_int_eq(sm_log_opts_set_rules(o, rules), 0);
	return o;
}

static int found = -1; /* where findings go */

static int write_finding(const sm_finding *f, const char *id)
{
	char text[96];
	int n = snprintf(text, sizeof(text), "%s %s %llu\n", id,
			 sm_finding_kind(f),
			 (unsigned long long)sm_finding_count(f));

	return write(found, text, (size_t)n) == n ? 0 : -EIO;
}

/* Writes the ids and peers of events, one a line, so that nothing is in a buffer when the
 * process is killed. */
static int write_id(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	const int *fd = user;
	char text[96];
	int n;

	if (sm_record_kind(r) == SM_KIND_NOTICE)
		puts(sm_notice_text(sm_record_notice(r)));
	if (sm_record_kind(r) == SM_KIND_FINDING && found >= 0)
		return write_finding(sm_record_finding(r), sm_record_id(r));
	if (sm_record_kind(r) != SM_KIND_EVENT)
		return 0;
	n = snprintf(text, sizeof(text), "%s %s\n", sm_record_id(r),
		     sm_logevent_source_ip(sm_record_logevent(r)));
	return write(*fd, text, (size_t)n) == n ? 0 : -EIO;
}

static int run(const char *name, const char *state, const char *out)
{
	int fd = open(out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	sm_log_opts *o = opts_of(name, state, 0);
	int r;

	ck_assert_int_ge(fd, 0);
	r = sm_scan_log(ctx, o, write_id, &fd);
	sm_log_opts_free(o);
	close(fd);
	return r;
}

static int lines_of(const char *cmd)
{
	FILE *p = popen(cmd, "r");
	int n = -1;

	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(fscanf(p, "%d", &n), 1);
	pclose(p);
	return n;
}

static void same_ids(const char *unique)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd),
		 "sort %s got >got.s; sort want >want.s; "
		 "cmp got.s want.s",
		 unique);
	ck_assert_int_eq(system(cmd), 0);
}

START_TEST(each_run_tells_what_is_new_with_the_ids_of_one_run)
{
	put("a", 0, 15);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(lines_of("wc -l <got"), 15);
	/* In the middle of a second and of equal lines. */
	put("a", 15, 2);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	put("a", 17, 23);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(run("a", NULL, "want"), 0);
	ck_assert_int_eq(lines_of("sort -u want | wc -l"), 40);
	same_ids("");
}
END_TEST

/* What happens to the log between two runs. */
static const char *const fates[] = {
	"mv a a.1; : >a",
	"mv a a.1; gzip a.1; : >a",
	"cp a a.1; : >a",
	"cp a a.1; gzip a.1; : >a",
	"mv a a.1; cp b a; mv a.1 a.2; mv a a.1; gzip a.2; : >a",
	"mv a a-20260804; xz a-20260804; : >a",
	"mv a a.1",
};

START_TEST(what_was_written_before_a_rotation_is_told_after_it)
{
	put("b", 50, 3);
	put("a", 0, 15);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	put("a", 15, 35);
	ck_assert_int_eq(system(fates[_i]), 0);
	put("a", 53, 10);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	put("whole", 0, 50);
	if (_i == 4)
		ck_assert_int_eq(system("cat b >>whole"), 0);
	put("whole", 53, 10);
	ck_assert_int_eq(run("whole", NULL, "want"), 0);
	same_ids("");
}
END_TEST

START_TEST(a_file_that_is_gone_is_told_and_the_new_one_read)
{
	put("a", 0, 15);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(unlink("a"), 0);
	put("a", 20, 5);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(lines_of("sort -u got | wc -l"), 20);
}
END_TEST

START_TEST(a_last_line_without_an_end_is_left_to_the_next_run)
{
	FILE *f;

	put("a", 0, 3);
	f = fopen("a", "a");
	fputs("Aug  4 10:00:01 web sshd[1]: Failed password for root from "
	      "203.0.11",
	      f);
	fclose(f);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	f = fopen("a", "a");
	fputs("3.9 port 5 ssh2\n", f);
	fclose(f);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(run("a", NULL, "want"), 0);
	ck_assert_int_eq(lines_of("wc -l <got"), 4);
	same_ids("");
}
END_TEST

/* The same lines as journalctl -o export writes them; every third has its message as
 * bytes with a length. */
static void put_export(const char *name, int from, int n)
{
	FILE *f = fopen(name, "a");

	ck_assert_ptr_nonnull(f);
	for (int i = from; i < from + n; i++) {
		char message[96];
		int len = snprintf(message, sizeof(message),
				   "Failed password for root from 203.0.113.9 "
				   "port %d ssh2",
				   5000 + i % 10 / 3);
		const char size[8] = { (char)len };

		fprintf(f,
			"__CURSOR=s=0f;i=%x;b=0e;m=2;t=3;x=4\n"
			"__REALTIME_TIMESTAMP=%lld\nSYSLOG_IDENTIFIER=sshd\n"
			"_PID=411\n_HOSTNAME=web\n",
			(unsigned)i + 1, 1785837600000000LL + i / 10 * 1000000);
		if (i % 3) {
			fprintf(f, "MESSAGE=%s\n\n", message);
			continue;
		}
		fputs("MESSAGE\n", f);
		fwrite(size, 1, sizeof(size), f);
		fprintf(f, "%s\n\n", message);
	}
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(an_export_is_read_on_where_it_was)
{
	put_export("a", 0, 15);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(lines_of("wc -l <got"), 15);
	/* In the middle of an entry, of a line and of a value in turn. */
	put_export("b", 15, 3);
	ck_assert_int_eq(system(_i == 0	  ? "head -c 100 b >>a"
				: _i == 1 ? "head -c 45 b >>a"
					  : "head -c -20 b >>a"),
			 0);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(lines_of("wc -l <got"), _i == 2 ? 17 : 15);
	ck_assert_int_eq(system(_i == 0	  ? "tail -c +101 b >>a"
				: _i == 1 ? "tail -c +46 b >>a"
					  : "tail -c 20 b >>a"),
			 0);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(lines_of("wc -l <got"), 18);
	put_export("a", 18, 5);
	ck_assert_int_eq(system("gzip -k a && mv a.gz a.1.gz && : >a"), 0);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	put_export("whole", 0, 23);
	ck_assert_int_eq(run("whole", NULL, "want"), 0);
	ck_assert_int_eq(lines_of("sort -u want | wc -l"), 23);
	same_ids("");
}
END_TEST

static void put_text(const char *name, const char *text)
{
	FILE *f = fopen(name, "a");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(what_kind_of_log_it_is_is_known_in_the_next_run_too)
{
	/* The others begin as lines of syslog and end as those of a web server: only
	 * the first tells what they are. */
	static const char *const lines[] = {
		"Aug  4 10:00:00 web sshd[4]: Failed password for root from "
		"203.0.113.9 port 4 ssh2\n",
#define DOUBTFUL(s)                                                            \
	"Aug  4 10:00:" s " web app[4]: 192.0.2.9 - - "                        \
	"[04/Aug/2026:10:00:" s " +0000] \"GET /?a=%27+UNION+SELECT+1,2-- "    \
	"HTTP/1.1\" 200 5 \"-\" \"x\"\n"
		DOUBTFUL("01"),
		DOUBTFUL("02"),
	};

	for (size_t i = 0; i < COUNT(lines); i++) {
		put_text("a", lines[i]);
		put_text("whole", lines[i]);
		ck_assert_int_eq(run("a", "state", "got"), 0);
	}
	ck_assert_int_eq(run("whole", NULL, "want"), 0);
	ck_assert_int_eq(lines_of("wc -l <want"), 1);
	same_ids("");
}
END_TEST

START_TEST(the_second_pass_of_an_hour_goes_on_in_the_next_run)
{
	/* The clocks went from 03:00 back to 02:00. */
	static const char *const minutes[] = { "50", "10", "20", "40" };

	zone = "CET-1CEST,M3.5.0,M10.5.0/3";
	for (size_t i = 0; i < COUNT(minutes); i++) {
		char line[128];

		snprintf(line, sizeof(line),
			 "Oct 26 02:%s:00 web sshd[4]: Failed password for "
			 "root from 203.0.113.9 port 4 ssh2\n",
			 minutes[i]);
		put_text("a", line);
		put_text("whole", line);
		ck_assert_int_eq(run("a", "state", "got"), 0);
	}
	ck_assert_int_eq(run("whole", NULL, "want"), 0);
	ck_assert_int_eq(lines_of("wc -l <want"), (int)COUNT(minutes));
	same_ids("");
	zone = "UTC0";
}
END_TEST

static const struct {
	const char *make;
	int error;
	const char *says;
} bad[] = {
	{ "echo hello >state", -EINVAL, "no state file of sysmon" },
	{ "mkdir state", -EINVAL, "no state file of sysmon" },
	{ "mkfifo state", -EINVAL, "no state file of sysmon" },
	{ "echo >>state", -EBADMSG, "damaged" },
	{ "head -c -5 state >s && mv s state", -EBADMSG, "damaged" },
	{ "sed '3s/0/1/' state >s && mv s state", -EBADMSG, "damaged" },
	{ "sed '1s/state 1/state 2/' state >s && mv s state", -ENOTSUP,
	  "later version" },
	{ "chmod o+w state", -EPERM, "every user may write it" },
	{ "sed '1s/state 1/state 0/' state >s && mv s state", -EINVAL,
	  "no state file of sysmon" },
};

START_TEST(a_file_that_is_no_state_is_refused_and_left_alone)
{
	sm_log_opts *o;

	put("a", 0, 15);
	if (_i > 2)
		ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(system(bad[_i].make), 0);
	if (_i != 1 && _i != 2)
		ck_assert_int_eq(system("cp state before"), 0);
	ck_assert_int_eq(sm_log_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_log_opts_set_state(o, "state"), bad[_i].error);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), bad[_i].says));
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "'state'"));
	ck_assert_int_eq(sm_scan_log(ctx, o, write_id, NULL), bad[_i].error);
	sm_log_opts_free(o);
	if (_i != 1 && _i != 2)
		ck_assert_int_eq(system("cmp state before"), 0);
}
END_TEST

START_TEST(a_state_that_cannot_be_written_is_told)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	sm_log_opts *o;

	put("a", 0, 15);
	o = opts_of("a", "nowhere/state", 0);
	ck_assert_int_eq(sm_scan_log(ctx, o, write_id, &fd), 0);
	sm_log_opts_free(o);
	close(fd);
}
END_TEST

/* A process that follows the log until it is killed. */
static pid_t follower(void)
{
	pid_t child = fork();
	sm_log_opts *o;
	int fd;

	ck_assert_int_ge(child, 0);
	if (child)
		return child;
	fd = open("got", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	o = opts_of("a", "state", 1);
	sm_scan_log(ctx, o, write_id, &fd);
	_exit(1);
}

/* As logrotate does, with the file before the last one packed; where it is told to
 * copy, the writer goes on with the same file, which is cut. */
static void rotate(int keep, int copy)
{
	char from[32], to[32];

	for (int i = keep; i > 1; i--) {
		snprintf(from, sizeof(from), "a.%d.gz", i);
		snprintf(to, sizeof(to), "a.%d.gz", i + 1);
		(void)!rename(from, to);
	}
	if (rename("a.1", "a.2") == 0)
		(void)!system("gzip a.2");
	if (copy) {
		ck_assert_int_eq(system("cp a a.1"), 0);
		ck_assert_int_eq(truncate("a", 0), 0);
		return;
	}
	ck_assert_int_eq(rename("a", "a.1"), 0);
	put("a", 0, 0);
}

START_TEST(killed_again_and_again_it_loses_nothing)
{
	int rounds = getenv("SYSMON_LONG_TESTS") ? 50 : 5, n = 10;
	unsigned seed = 1;
	sm_log_opts *o;
	sm_job *job;
	int fd, r;
	const sm_event *ev;

	/* Before there is a state nobody knows of the elders. */
	put("a", 0, 10);
	put("whole", 0, 10);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	for (int i = 0; i < rounds; i++) {
		pid_t child = follower();

		for (int k = 0; k < 4; k++) {
			put("a", n, 400);
			put("whole", n, 400);
			n += 400;
			if (k == i % 4)
				rotate(rounds, _i);
			usleep((useconds_t)rand_r(&seed) % 20000);
		}
		kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, &r, 0), child);
		ck_assert(WIFSIGNALED(r));
	}
	fd = open("got", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	o = opts_of("a", "state", 1);
	ck_assert_int_eq(sm_job_new_log(ctx, o, &job), 0);
	while ((r = sm_job_next(job, &ev)) == 1)
		write_id(ev, &fd);
	ck_assert_int_eq(r, -EAGAIN);
	sm_job_free(job);
	sm_log_opts_free(o);
	close(fd);
	ck_assert_int_eq(run("whole", NULL, "want"), 0);
	ck_assert_int_eq(lines_of("sort -u want | wc -l"), n);
	same_ids("-u");
}
END_TEST

static void find_into(const char *file)
{
	if (found >= 0)
		close(found);
	found = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ck_assert_int_ge(found, 0);
}

/* What was told last with each id is what one run tells. */
static void same_findings(void)
{
	ck_assert_int_eq(run("whole", NULL, "want"), 0);
	ck_assert_int_eq(system("tac found | sort -u -k1,1 >a.f && "
				"sort found.whole >b.f && cmp a.f b.f"),
			 0);
	ck_assert_int_ge(lines_of("wc -l <b.f"), 2);
}

START_TEST(a_finding_goes_on_over_all_restarts)
{
	/* Two episodes, of which no run but the last has five failures. */
	static const int at[] = { 0, 4, 8, 12, 9000, 9004, 9008 };

	find_into("found");
	for (size_t i = 0; i < COUNT(at); i++) {
		put("a", at[i], 2);
		put("whole", at[i], 2);
		ck_assert_int_eq(run("a", "state", "got"), 0);
	}
	find_into("found.whole");
	same_findings();
}
END_TEST

START_TEST(a_finding_that_has_not_gone_on_is_not_told_again)
{
	find_into("found");
	put("a", 0, 6);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(lines_of("grep -c brute_force found"), 1);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(lines_of("grep -c brute_force found"), 1);
	put("a", 6, 1);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(lines_of("grep -c brute_force found"), 2);
	ck_assert_int_eq(lines_of("grep brute_force found | cut -d' ' -f1 | "
				  "sort -u | wc -l"),
			 1);
	/* It closes, and its place is taken by another one. */
	put("a", 9000, 5);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	ck_assert_int_eq(lines_of("grep -c brute_force found"), 3);
}
END_TEST

START_TEST(killed_again_and_again_it_finds_the_same)
{
	int rounds = getenv("SYSMON_LONG_TESTS") ? 50 : 5, n = 0, r;
	unsigned seed = 2;

	put("a", 0, 0);
	find_into("found");
	for (int i = 0; i < rounds; i++) {
		pid_t child = follower();

		for (int k = 0; k < 3; k++) {
			put("a", n * 20, 2);
			put("whole", n * 20, 2);
			n += i % 2 ? 1 : 400;
			usleep((useconds_t)rand_r(&seed) % 20000);
		}
		kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, &r, 0), child);
	}
	ck_assert_int_eq(run("a", "state", "got"), 0);
	find_into("found.whole");
	ck_assert_int_eq(run("whole", NULL, "want"), 0);
	ck_assert_int_eq(system("cut -d' ' -f1,2 found | sort -u >a.f && "
				"cut -d' ' -f1,2 found.whole | sort >b.f && "
				"cmp a.f b.f"),
			 0);
}
END_TEST

START_TEST(windows_of_other_rules_begin_anew)
{
	sm_log_opts *o;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	find_into("found");
	put("a", 0, 4);
	ck_assert_int_eq(run("a", "state", "got"), 0);
	put("a", 4, 1);
	o = opts_of("a", "state", 0);
	ck_assert_int_eq(sm_log_opts_set_threshold(o, "brute_force", 5, 60), 0);
	ck_assert_int_eq(sm_scan_log(ctx, o, write_id, &fd), 0);
	sm_log_opts_free(o);
	close(fd);
	ck_assert_int_eq(lines_of("wc -l <found"), 0);
}
END_TEST

static void add_filter(const char *file, const char *text)
{
	ck_assert_int_eq(sm_ruleset_add_text(rules, file, text, strlen(text),
					     SM_RULES_FAIL2BAN),
			 1);
}

static void use_filters(void)
{
	ck_assert_int_eq(sm_ruleset_new(ctx, &rules), 0);
	add_filter("/nonexistent/d.conf",
		   "[Definition]\n"
		   "failregex = ^ web <F-MLFID>d\\[\\d+\\]</F-MLFID>: "
		   "<F-NOFAIL>peer</F-NOFAIL> <HOST>$\n"
		   "    ^ web <F-MLFID>d\\[\\d+\\]</F-MLFID>: no "
		   "<F-USER>\\S+</F-USER>$\n");
	add_filter("/nonexistent/m.conf",
		   "[Definition]\nmaxlines = 4\n"
		   "failregex = ^ web m: from <HOST><SKIPLINES> web m: refused "
		   "at last$\n");
}

/* What says who it was stands before what says that it failed, and a failure before
 * its address. */
static const char *const sayings[] = {
	"d[1]: peer 192.0.2.1",
	"m: from 203.0.113.9",
	"d[2]: peer 192.0.2.2",
	"d[1]: no root",
	"other",
	"m: refused at last",
	"d[2]: no admin",
	"d[3]: no root",
	"d[3]: peer 192.0.2.3",
	"m: from 203.0.113.10",
	"m: refused at last",
	"d[2]: no other",
};

static void say(const char *name, size_t i)
{
	FILE *f = fopen(name, "a");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "Aug  4 10:00:%02d web %s\n", (int)i / 3, sayings[i]);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(filters_go_on_over_all_restarts)
{
	use_filters();
	put("a", 0, 0);
	for (size_t i = 0; i < COUNT(sayings); i++) {
		say("a", i);
		say("whole", i);
		ck_assert_int_eq(run("a", "state", "got"), 0);
	}
	ck_assert_int_eq(run("whole", NULL, "want"), 0);
	/* Two of windows, and the seven lines of connections. */
	ck_assert_int_eq(lines_of("wc -l <want"), 2 + 7);
	same_ids("");
	sm_ruleset_unref(rules);
	rules = NULL;
}
END_TEST

int main(void)
{
	Suite *s = suite_create("state");
	TCase *tc = tcase_create("state");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, each_run_tells_what_is_new_with_the_ids_of_one_run);
	tcase_add_loop_test(tc,
			    what_was_written_before_a_rotation_is_told_after_it,
			    0, COUNT(fates));
	tcase_add_test(tc, a_file_that_is_gone_is_told_and_the_new_one_read);
	tcase_add_test(tc, a_last_line_without_an_end_is_left_to_the_next_run);
	tcase_add_loop_test(tc, an_export_is_read_on_where_it_was, 0, 3);
	tcase_add_test(tc, what_kind_of_log_it_is_is_known_in_the_next_run_too);
	tcase_add_test(tc, the_second_pass_of_an_hour_goes_on_in_the_next_run);
	tcase_add_loop_test(tc,
			    a_file_that_is_no_state_is_refused_and_left_alone,
			    0, COUNT(bad));
	tcase_add_test(tc, a_state_that_cannot_be_written_is_told);
	tcase_add_loop_test(tc, killed_again_and_again_it_loses_nothing, 0, 2);
	tcase_add_test(tc, a_finding_goes_on_over_all_restarts);
	tcase_add_test(tc, a_finding_that_has_not_gone_on_is_not_told_again);
	tcase_add_test(tc, killed_again_and_again_it_finds_the_same);
	tcase_add_test(tc, windows_of_other_rules_begin_anew);
	tcase_add_test(tc, filters_go_on_over_all_restarts);
	suite_add_tcase(s, tc);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
