/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

/* A state that is kept while logs are followed. */
static char dir[64];
static sm_ctx *ctx;
static sm_job *job;
static int nevents, nopen, nclosed, nsuccess;

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_state_follow.XXXXXX");
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

static void sh(const char *cmd)
{
	ck_assert_int_eq(system(cmd), 0);
}

/* brute_force: 5 failures within one second. */
static void start(const char *name, int follow)
{
	sm_log_opts *o;

	nevents = nopen = nclosed = nsuccess = 0;
	ck_assert_int_eq(sm_log_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_log_opts_set_zone(o, "UTC0"), 0);
	ck_assert_int_eq(sm_log_opts_set_follow(o, follow), 0);
	ck_assert_int_eq(sm_log_opts_add_file(o, name), 0);
	ck_assert_int_eq(sm_log_opts_set_state(o, "state"), 0);
	ck_assert_int_eq(sm_log_opts_set_threshold(o, "brute_force", 5, 1), 0);
	ck_assert_int_eq(sm_job_new_log(ctx, o, &job), 0);
	sm_log_opts_free(o);
}

static void count(const sm_event *ev)
{
	const sm_record *r = sm_event_record(ev);
	const sm_finding *f;

	nevents += r && sm_record_kind(r) == SM_KIND_EVENT;
	if (!r || sm_record_kind(r) != SM_KIND_FINDING)
		return;
	f = sm_record_finding(r);
	nsuccess += !strcmp(sm_finding_kind(f), "success_after_failures");
	if (strcmp(sm_finding_kind(f), "brute_force") != 0)
		return;
	nopen += sm_finding_state(f) == SM_FINDING_OPEN;
	nclosed += sm_finding_state(f) == SM_FINDING_CLOSED;
}

/* Until *n is there, or nothing more comes for ms. */
static void drive(const int *n, int ms)
{
	const sm_event *ev;
	int r;

	while ((!n || !*n) && (r = sm_job_next(job, &ev)) != 0) {
		struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };

		if (r == -ECANCELED)
			return;
		ck_assert_msg(r == 1 || r == -EAGAIN, "%s", sm_ctx_errmsg(ctx));
		if (r == 1)
			count(ev);
		else if (poll(&p, 1, ms) == 0)
			return;
	}
}

static void stop(void)
{
	sm_job_cancel(job);
	drive(NULL, 1000);
	sm_job_free(job);
}

START_TEST(what_closed_in_silence_is_not_told_again)
{
	FILE *f = fopen("a", "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 5; i++)
		fprintf(f,
			"2026-08-04T10:00:00Z web sshd[4]: Failed password for "
			"root from 203.0.113.9 port %d ssh2\n",
			i);
	fclose(f);
	start("a", 1);
	drive(&nclosed, 5000);
	stop();
	ck_assert_int_eq(nevents, 5);
	ck_assert_int_eq(nclosed, 1);
	start("a", 0);
	drive(NULL, 1000);
	sm_job_free(job);
	ck_assert_int_eq(nevents + nopen + nclosed, 0);
}
END_TEST

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CONTAINER_LINE(second)                                                 \
	"{\"log\":\"login of eve failed " second                               \
	"\\n\",\"stream\":\"stdout\","                                         \
	"\"time\":\"2026-08-04T10:00:" second "Z\"}\n"

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "a");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(containers_that_turn_up_later_go_on_where_they_were)
{
	const char *log = "c/" ID "/" ID "-json.log";

	sh("mkdir -p c/" ID);
	put(log, CONTAINER_LINE("01"));
	start("c", 0);
	drive(NULL, 1000);
	sm_job_free(job);
	ck_assert_int_eq(nevents, 1);
	sh("mv c away");
	start("c", 1);
	drive(&nevents, 300);
	put("away/" ID "/" ID "-json.log", CONTAINER_LINE("02"));
	sh("mv away c");
	drive(&nevents, 3000);
	stop();
	ck_assert_int_eq(nevents, 1);
}
END_TEST

/* Lines of this moment, and of one that is to come. */
static void put_now(const char *name, int n, int64_t later, const char *text)
{
	FILE *f = fopen(name, "a");
	time_t t = time(NULL) + later;
	char stamp[32];
	struct tm tm;

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(gmtime_r(&t, &tm));
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	for (int i = 0; i < n; i++)
		fprintf(f, "%s web %s port %d ssh2\n", stamp, text, i);
	fclose(f);
}

START_TEST(lines_of_times_to_come_end_nothing_that_is_followed)
{
	put_now("a", 6, 0,
		"sshd[4]: Failed password for root from 203.0.113.9");
	put_now("a", 3, 30L * 86400, "app[5]: later");
	start("a", 1);
	drive(NULL, 1500);
	put_now("a", 1, 0,
		"sshd[4]: Accepted password for root from 203.0.113.9");
	drive(&nsuccess, 3000);
	stop();
	ck_assert_int_ge(nsuccess, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("state_follow");
	TCase *tc = tcase_create("state_follow");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_closed_in_silence_is_not_told_again);
	tcase_add_test(tc, lines_of_times_to_come_end_nothing_that_is_followed);
	tcase_add_test(tc, containers_that_turn_up_later_go_on_where_they_were);
	suite_add_tcase(s, tc);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
