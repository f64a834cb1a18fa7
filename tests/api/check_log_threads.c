/* SPDX-License-Identifier: MIT */
#include "log-told.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>

#define LINES 5000 /* some batches of them */

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

struct sources {
	const char *files[4];
	int (*open)(void); /* a descriptor, or NULL */
	sm_ruleset *rules;
	int64_t since;
	int lines, coverage, expect;
};

static void add_sources(sm_log_opts *o, const struct sources *s)
{
	for (size_t i = 0; i < COUNT(s->files) && s->files[i]; i++)
		ck_assert_int_eq(sm_log_opts_add_file(o, s->files[i]), 0);
	if (s->open)
		ck_assert_int_eq(sm_log_opts_add_fd(o, s->open(), "-"), 0);
	if (s->rules)
		ck_assert_int_eq(sm_log_opts_set_rules(o, s->rules), 0);
	if (s->since)
		ck_assert_int_eq(sm_log_opts_set_since(o, s->since), 0);
	ck_assert_int_eq(sm_log_opts_set_lines(o, s->lines), 0);
	ck_assert_int_eq(sm_log_opts_set_coverage(o, s->coverage), 0);
}

static sm_log_opts *new_opts(const struct sources *s, uint32_t threads)
{
	sm_log_opts *o;

	ck_assert_int_eq(sm_log_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_log_opts_set_zone(o, "UTC0"), 0);
	ck_assert_int_eq(sm_log_opts_set_now(o, INT64_C(1785844800000000000)),
			 0);
	ck_assert_int_eq(sm_log_opts_set_threads(o, threads), 0);
	add_sources(o, s);
	return o;
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

/* Failures of ever other users, from second first on. */
static void write_failures(const char *to, int first, int lines)
{
	FILE *out = fopen(to, "w");

	ck_assert_ptr_nonnull(out);
	for (int i = 0; i < lines; i++) {
		int s = first + i / 3;

		fprintf(out,
			"Aug  4 %02d:%02d:%02d web sshd[%d]: Failed password "
			"for u%d from 203.0.113.%d port 51515 ssh2\n",
			s / 3600, s / 60 % 60, s % 60, 400 + i, i % 37, i % 7);
		if (i % 5 == 0)
			fputs("no stamp, error\n", out);
	}
	ck_assert_int_eq(fclose(out), 0);
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

static const sm_event *next_event(sm_job *job)
{
	const sm_event *ev = NULL;
	int r;

	while ((r = sm_job_next(job, &ev)) == -EAGAIN)
		;
	return r == 1 ? ev : NULL;
}

static sm_job *start(const struct sources *s, uint32_t threads)
{
	sm_log_opts *o = new_opts(s, threads);
	sm_job *job;

	ck_assert_int_eq(sm_job_new_log(ctx, o, &job), 0);
	sm_log_opts_free(o);
	return job;
}

/* Signals that each of the other threads blocks; how many there are. */
static int other_threads(uint64_t *blocked)
{
	struct dirent **names;
	int n = scandir("/proc/self/task", &names, NULL, alphasort), others = 0;

	*blocked = UINT64_MAX;
	for (int i = 0; i < n; i++) {
		char path[300], line[256];
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status",
			 names[i]->d_name);
		f = atoi(names[i]->d_name) && atoi(names[i]->d_name) != getpid()
			    ? fopen(path, "r")
			    : NULL;
		others += f != NULL;
		while (f && fgets(line, sizeof(line), f))
			if (!strncmp(line, "SigBlk:", 7))
				*blocked &= strtoull(line + 7, NULL, 16);
		if (f)
			fclose(f);
		free(names[i]);
	}
	free(names);
	return others;
}

START_TEST(threads_are_as_many_as_asked_for_and_take_no_signal)
{
	struct sources s = { .files = { "auth.log" } };
	uint64_t blocked;
	int before = other_threads(&blocked);
	sm_job *job;

	write_failures("auth.log", 0, LINES);
	job = start(&s, 1);
	ck_assert_ptr_nonnull(next_event(job));
	ck_assert_int_eq(other_threads(&blocked), before);
	sm_job_free(job);
	job = start(&s, 4);
	ck_assert_int_eq(other_threads(&blocked), before);
	ck_assert_ptr_nonnull(next_event(job));
	ck_assert_int_eq(other_threads(&blocked), before + 3);
	if (!before) {
		ck_assert_uint_ne(blocked >> (SIGINT - 1) & 1, 0);
		ck_assert_uint_ne(blocked >> (SIGTERM - 1) & 1, 0);
		ck_assert_uint_ne(blocked >> (SIGUSR1 - 1) & 1, 0);
	}
	sm_job_free(job);
	ck_assert_int_eq(other_threads(&blocked), before);
}
END_TEST

START_TEST(a_job_can_be_freed_and_cancelled_at_any_moment)
{
	struct sources s = { .files = { "auth.log" } };
	uint64_t ignored;
	int before = other_threads(&ignored);

	write_failures("auth.log", 0, LINES);
	for (int events = 0; events < 2000; events += 1 + events / 2) {
		struct told t = { .stop_after = events };
		sm_job *job = start(&s, 3);

		if (events)
			ck_assert_int_eq(sm_job_run(job, take, &t), 42);
		sm_job_free(job);
		job = start(&s, 3);
		if (events)
			ck_assert_int_eq(sm_job_run(job, take, &t), 42);
		sm_job_cancel(job);
		t = (struct told){ 0 };
		ck_assert_int_eq(sm_job_run(job, take, &t), -ECANCELED);
		ck_assert_int_eq(t.coverages, events != 0);
		sm_job_free(job);
	}
	ck_assert_int_eq(other_threads(&ignored), before);
}
END_TEST

START_TEST(a_forked_child_can_free_a_job_with_threads)
{
	struct sources s = { .files = { "auth.log" } };
	struct told t = { 0 };
	int failures = 0;
	sm_job *job;

	write_failures("auth.log", 0, LINES);
	job = start(&s, 4);
	for (int i = 0; i < 20; i++) {
		pid_t child;
		int status;

		ck_assert_ptr_nonnull(next_event(job));
		failures++;
		child = fork();
		if (!child) {
			const sm_event *ev;

			alarm(20);
			if (sm_job_next(job, &ev) != -EBUSY)
				_exit(1);
			sm_job_free(job);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(sm_job_run(job, take, &t), 0);
	ck_assert_int_gt(t.failures, LINES - failures - 1);
	sm_job_free(job);
}
END_TEST

START_TEST(numbers_of_threads_that_make_no_sense_are_refused)
{
	sm_job *job;

	ck_assert_int_eq(sm_log_opts_set_threads(NULL, 2), -EINVAL);
	ck_assert_int_eq(sm_log_opts_set_threads(opts, 1), 0);
	ck_assert_int_eq(sm_log_opts_set_threads(opts, 64), 0);
	ck_assert_int_eq(sm_log_opts_set_threads(opts, _i ? 65 : 0), -ERANGE);
	ck_assert_int_eq(sm_log_opts_add_file(opts, "auth.log"), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, opts, &job), -ERANGE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log threads");
	TCase *tc = tcase_create("log threads"), *self = tcase_create("self");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_checked_fixture(self, setup, teardown);
	tcase_set_tags(self, "self");
	tcase_set_timeout(tc, 60);
	tcase_set_timeout(self, 60);
	tcase_add_test(tc, attacks_are_told_alike_by_any_number_of_threads);
	tcase_add_test(tc, families_merged_by_time_are_told_alike);
	tcase_add_test(tc, a_pipe_is_told_alike);
	tcase_add_test(tc, rules_that_give_up_are_told_with_their_first_line);
	tcase_add_test(tc, a_job_can_be_freed_and_cancelled_at_any_moment);
	tcase_add_test(tc, a_forked_child_can_free_a_job_with_threads);
	tcase_add_loop_test(
		tc, numbers_of_threads_that_make_no_sense_are_refused, 0, 2);
	tcase_add_test(self,
		       threads_are_as_many_as_asked_for_and_take_no_signal);
	suite_add_tcase(s, tc);
	suite_add_tcase(s, self);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
