/* SPDX-License-Identifier: MIT */
#include "log-sources.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

/* Whatever the source, any number of threads tells the same. */

/* How many threads can still be started; negative: any number. The library finds
 * this function before the one of the system. */
static int threads_left = -1;

__attribute__((visibility("default"))) int
pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*fn)(void *),
	       void *arg)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		    void *);
	void *found = dlsym(RTLD_NEXT, "pthread_create");

	if (!threads_left)
		return EAGAIN;
	threads_left -= threads_left > 0;
	memcpy(&real, &found, sizeof(real));
	return real(id, attr, fn, arg);
}

struct text {
	char *p;
	size_t len;
};

static int append(const void *data, size_t len, void *user)
{
	struct text *t = user;

	t->p = realloc(t->p, t->len + len + 1);
	ck_assert_ptr_nonnull(t->p);
	memcpy(t->p + t->len, data, len);
	t->len += len;
	t->p[t->len] = '\0';
	return 0;
}

/* The summary has times of the run. */
static void cut_summary(struct text *t)
{
	char *at = strstr(t->p, "{\"type\":\"summary\"");

	ck_assert_ptr_nonnull(at);
	*at = '\0';
	t->len = (size_t)(at - t->p);
}

/* All that is told, as ndjson. */
static struct text tell(const struct sources *s, uint32_t threads)
{
	struct text t = { 0 };
	sm_log_opts *o = new_opts(s, threads);
	sm_report *report;

	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
	ck_assert_int_eq(sm_scan_log(ctx, o, sm_report_collect, report),
			 s->expect);
	ck_assert_int_eq(
		sm_report_write(report, SM_FORMAT_NDJSON, NULL, append, &t), 0);
	sm_report_free(report);
	sm_log_opts_free(o);
	cut_summary(&t);
	return t;
}

/* The text of one thread, which is not empty. */
static struct text compare(const struct sources *s)
{
	static const uint32_t numbers[] = { 2, 4 };
	struct text one = tell(s, 1);

	ck_assert_uint_gt(one.len, 0);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct text t = tell(s, numbers[i]);

		ck_assert_str_eq(one.p, t.p);
		free(t.p);
	}
	return one;
}

static int is_log(const struct dirent *d)
{
	return strstr(d->d_name, ".log") != NULL;
}

/* All attacks one after the other, again and again, into one file. */
static void write_attacks(const char *to, size_t lines)
{
	char path[4096], line[4096];
	struct dirent **names;
	FILE *out = fopen(to, "w");
	size_t n = 0;
	int files;

	snprintf(path, sizeof(path), "%s/tests/data/attacks", getenv("srcdir"));
	files = scandir(path, &names, is_log, alphasort);
	ck_assert_ptr_nonnull(out);
	ck_assert_int_gt(files, 10);
	for (int i = 0; n < lines; i = (i + 1) % files) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/tests/data/attacks/%s",
			 getenv("srcdir"), names[i]->d_name);
		f = fopen(path, "r");
		ck_assert_ptr_nonnull(f);
		for (; fgets(line, sizeof(line), f); n++)
			fputs(line, out);
		fclose(f);
	}
	ck_assert_int_eq(fclose(out), 0);
	while (files--)
		free(names[files]);
	free(names);
}

START_TEST(attacks_are_told_alike_by_any_number_of_threads)
{
	struct sources s = { .files = { "all.log" }, .coverage = 1 };
	struct text t;

	write_attacks("all.log", LINES);
	t = compare(&s);
	ck_assert_ptr_nonnull(strstr(t.p, "\"kind\":\"brute_force\""));
	ck_assert_ptr_nonnull(strstr(t.p, "\"kind\":\"sudo_failures\""));
	ck_assert_ptr_nonnull(strstr(t.p, "\"type\":\"template\""));
	free(t.p);
}
END_TEST

START_TEST(families_merged_by_time_are_told_alike)
{
	struct sources s = { .files = { "auth.log.1", "auth.log", "secure" },
			     .lines = 1 };
	struct text t;

	write_failures("auth.log.1", 0, 2000);
	write_failures("auth.log", 700, 2000);
	write_failures("secure", 350, 2000);
	t = compare(&s);
	ck_assert_ptr_nonnull(strstr(t.p, "\"file\":\"auth.log.1\""));
	free(t.p);
	/* 00:15:00 of that day */
	s.since = INT64_C(1785801600000000000) + 900 * INT64_C(1000000000);
	t = compare(&s);
	ck_assert_ptr_null(strstr(t.p, "\"time\":\"2026-08-04T00:14:"));
	free(t.p);
}
END_TEST

static int pipe_end = -1;
static pthread_t writer;

/* Lines with pauses, so that some batches are but a few. */
static void *write_pipe(void *arg)
{
	FILE *in = fopen("all.log", "r"), *out = fdopen(*(int *)arg, "w");
	char line[4096];

	for (int i = 0; fgets(line, sizeof(line), in); i++) {
		fputs(line, out);
		if (i % 100 == 0) {
			fflush(out);
			sched_yield();
		}
	}
	fclose(in);
	fclose(out);
	return NULL;
}

static int open_pipe(void)
{
	static int fds[2];

	if (pipe_end >= 0) {
		pthread_join(writer, NULL);
		close(pipe_end);
	}
	ck_assert_int_eq(pipe(fds), 0);
	pipe_end = fds[0];
	ck_assert_int_eq(pthread_create(&writer, NULL, write_pipe, &fds[1]), 0);
	return pipe_end;
}

START_TEST(a_pipe_is_told_alike)
{
	struct sources s = { .open = open_pipe };
	struct text t;

	write_attacks("all.log", LINES / 4);
	t = compare(&s);
	ck_assert_ptr_nonnull(strstr(t.p, "\"kind\":\"brute_force\""));
	free(t.p);
	pthread_join(writer, NULL);
	close(pipe_end);
}
END_TEST

START_TEST(a_packed_log_is_told_alike)
{
	struct sources s = { .files = { "all.log.gz" } };
	struct text t;

	write_attacks("all.log", LINES / 2);
	ck_assert_int_eq(system("gzip all.log"), 0);
	t = compare(&s);
	if (!strstr(t.p, "cannot be unpacked"))
		ck_assert_ptr_nonnull(strstr(t.p, "\"kind\":\"brute_force\""));
	free(t.p);
}
END_TEST

/* What two runs tell one after the other, of a log that is rotated between. */
static struct text tell_twice(uint32_t threads)
{
	struct sources s = { .files = { "auth.log" }, .state = "state" };
	struct text one, two;

	ck_assert_int_eq(system("rm -f state auth.log auth.log.1"), 0);
	write_failures("auth.log", 0, 1001);
	one = tell(&s, threads);
	write_failures("more", 334, 1000);
	ck_assert_int_eq(system("cat more >>auth.log; mv auth.log auth.log.1"),
			 0);
	write_failures("auth.log", 667, 1000);
	two = tell(&s, threads);
	append(two.p, two.len, &one);
	free(two.p);
	return one;
}

START_TEST(what_a_state_goes_on_with_is_told_alike)
{
	struct text one = tell_twice(1), four = tell_twice(4);

	ck_assert_ptr_nonnull(strstr(one.p, "\"kind\":\"brute_force\""));
	ck_assert_ptr_nonnull(strstr(one.p, "\"time\":\"2026-08-04T00:16:39Z"));
	ck_assert_str_eq(one.p, four.p);
	free(one.p);
	free(four.p);
}
END_TEST

struct followed {
	struct text ids; /* of events, and of findings when they open */
	int events;
};

static int follow_one(const sm_event *ev, void *user)
{
	const sm_record *r = sm_event_record(ev);
	struct followed *f = user;
	char line[96];
	int n;

	if (!sm_record_logevent(r) && !sm_record_finding(r))
		return SM_CONTINUE;
	f->events += sm_record_logevent(r) != NULL;
	n = snprintf(line, sizeof(line), "%s %d\n", sm_record_id(r),
		     (int)sm_logevent_count(sm_record_logevent(r)));
	return append(line, (size_t)n, &f->ids);
}

/* Until there were so many events in all. */
static void follow_until(sm_job *job, struct followed *f, int events)
{
	while (f->events < events) {
		struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };
		const sm_event *ev;
		int r = sm_job_next(job, &ev);

		if (r == 1)
			follow_one(ev, f);
		else
			ck_assert_int_eq(r, -EAGAIN);
		if (r != 1)
			ck_assert_int_eq(poll(&p, 1, 20000), 1);
	}
}

static struct text follow(uint32_t threads)
{
	struct sources s = { .files = { "auth.log" } };
	struct followed f = { 0 };
	sm_log_opts *o = new_opts(&s, threads);
	sm_job *job;

	ck_assert_int_eq(sm_log_opts_set_keywords(o, 0), 0);
	ck_assert_int_eq(sm_log_opts_set_follow(o, 1), 0);
	ck_assert_int_eq(system("rm -f auth.log auth.log.1"), 0);
	write_failures("auth.log", 0, 1000);
	ck_assert_int_eq(sm_job_new_log(ctx, o, &job), 0);
	follow_until(job, &f, 1000);
	write_failures("more", 334, 1000);
	ck_assert_int_eq(system("cat more >>auth.log; mv auth.log auth.log.1"),
			 0);
	write_failures("auth.log", 667, 1000);
	follow_until(job, &f, 3000);
	sm_job_cancel(job);
	ck_assert_int_eq(sm_job_run(job, follow_one, &f), -ECANCELED);
	ck_assert_int_eq(f.events, 3000);
	sm_job_free(job);
	sm_log_opts_free(o);
	return f.ids;
}

START_TEST(a_followed_log_is_told_alike)
{
	struct text one = follow(1), four = follow(4);

	ck_assert_str_eq(one.p, four.p);
	free(one.p);
	free(four.p);
}
END_TEST

#define REMOTE "/lib/systemd/systemd-journal-remote"

static void write_journal(void)
{
	FILE *f = fopen("export", "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 1500; i++)
		fprintf(f,
			"__REALTIME_TIMESTAMP=%lld\n__MONOTONIC_TIMESTAMP=%d\n"
			"_BOOT_ID=0123456789abcdef0123456789abcdef\n"
			"_HOSTNAME=web\nSYSLOG_IDENTIFIER=sshd\n_PID=%d\n"
			"MESSAGE=Failed password for u%d from 203.0.113.%d "
			"port "
			"5 ssh2\n\n",
			1785801600000000LL + i / 3 * 1000000, i + 1000, i + 400,
			i % 37, i % 7);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(a_journal_is_told_alike)
{
	struct sources s = { .files = { "x.journal" } };
	struct text t;

	write_journal();
	if (access(REMOTE, X_OK) < 0 ||
	    system(REMOTE " --output=x.journal export >remote 2>&1") != 0) {
		puts("SKIP: log alike: a journal: none can be written");
		return;
	}
	if (!sm_has_feature(SM_FEATURE_JOURNALD)) {
		puts("SKIP: log alike: a journal: built without it");
		return;
	}
	t = compare(&s);
	ck_assert_ptr_nonnull(strstr(t.p, "\"kind\":\"brute_force\""));
	free(t.p);
}
END_TEST

static const char costly[] = "id: costly\n"
			     "title: t\n"
			     "program: [app]\n"
			     "action: login_failed\n"
			     "patterns: ['^x(a|aa)+$']\n";

START_TEST(rules_that_give_up_are_told_with_their_first_line)
{
	struct sources s = { .files = { "app.log" } };
	FILE *f = fopen("app.log", "w");
	struct text t;

	ck_assert_ptr_nonnull(f);
	for (int i = 1; i <= LINES; i++)
		fprintf(f, "Aug  4 10:00:01 web app[7]: x%s\n",
			i % 600 ? "aaaaab"
				: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	fclose(f);
	ck_assert_int_eq(sm_ruleset_new(ctx, &s.rules), 0);
	ck_assert_int_eq(sm_ruleset_add_text(s.rules, "t.yaml", costly,
					     sizeof(costly) - 1, 0),
			 1);
	t = compare(&s);
	ck_assert_ptr_nonnull(
		strstr(t.p, "gave up on 8 lines, first on line 600"));
	free(t.p);
	sm_ruleset_unref(s.rules);
}
END_TEST

static void add_filter(sm_ruleset *rs, const char *file, const char *text)
{
	ck_assert_int_eq(sm_ruleset_add_text(rs, file, text, strlen(text),
					     SM_RULES_FAIL2BAN),
			 1);
}

/* Sessions and windows that lie in more than one batch, and words between them. */
START_TEST(filters_are_told_alike_by_any_number_of_threads)
{
	struct sources s = { .files = { "d.log" }, .keywords = 1 };
	FILE *f = fopen("d.log", "w");
	struct text t;

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < LINES; i++) {
		fprintf(f, "Aug  4 10:%02d:%02d web ", i / 60 % 60, i % 60);
		if (i % 3)
			fprintf(f, "d[%d]: %s%d\n", 100 + i / 3 % 40,
				i % 3 == 1 ? "peer 192.0.2." : "no u", i % 50);
		else if (i % 2)
			fprintf(f, "m: error %d refused\n", i);
		else
			fprintf(f, "m: %s 198.51.100.%d\n",
				i % 4 ? "at" : "from", i % 200);
	}
	fclose(f);
	ck_assert_int_eq(sm_ruleset_new(ctx, &s.rules), 0);
	add_filter(s.rules, "/nonexistent/d.conf",
		   "[Definition]\n"
		   "failregex = ^ web <F-MLFID>d\\[\\d+\\]</F-MLFID>: "
		   "<F-NOFAIL>peer</F-NOFAIL> <HOST>$\n"
		   "    ^ web <F-MLFID>d\\[\\d+\\]</F-MLFID>: no "
		   "<F-USER>\\S+</F-USER>$\n");
	add_filter(s.rules, "/nonexistent/m.conf",
		   "[Definition]\nmaxlines = 8\n"
		   "failregex = ^ web m: from <HOST><SKIPLINES> web m: "
		   "error \\d+ refused$\n");
	t = compare(&s);
	ck_assert_ptr_nonnull(strstr(t.p, "\"rule\":\"fail2ban-d\""));
	ck_assert_ptr_nonnull(strstr(t.p, "\"source_ip\":\"198.51.100."));
	ck_assert_ptr_nonnull(strstr(t.p, "\"action\":\"keyword\""));
	free(t.p);
	sm_ruleset_unref(s.rules);
}
END_TEST

START_TEST(threads_that_cannot_be_started_change_nothing)
{
	struct sources s = { .files = { "all.log" }, .coverage = 1 };
	struct text one, t;

	write_attacks("all.log", LINES);
	one = tell(&s, 1);
	threads_left = _i;
	t = tell(&s, 4);
	ck_assert_int_eq(threads_left, 0);
	threads_left = -1;
	ck_assert_str_eq(one.p, t.p);
	free(one.p);
	free(t.p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log alike");
	TCase *tc = tcase_create("log alike");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, attacks_are_told_alike_by_any_number_of_threads);
	tcase_add_test(tc, families_merged_by_time_are_told_alike);
	tcase_add_test(tc, a_pipe_is_told_alike);
	tcase_add_test(tc, a_packed_log_is_told_alike);
	tcase_add_test(tc, what_a_state_goes_on_with_is_told_alike);
	tcase_add_test(tc, a_followed_log_is_told_alike);
	tcase_add_test(tc, a_journal_is_told_alike);
	tcase_add_test(tc, rules_that_give_up_are_told_with_their_first_line);
	tcase_add_test(tc, filters_are_told_alike_by_any_number_of_threads);
	tcase_add_loop_test(tc, threads_that_cannot_be_started_change_nothing,
			    0, 3);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
