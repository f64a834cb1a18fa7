/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#include "nomem.h"

#define HOSTILE "x'); DROP TABLE run; --"

static char dir[64], url[128], path[96], log_path[96];
static sm_ctx *ctx;
static sm_store *s;
static sm_ruleset *rules; /* made once: many runs of a sweep use them */

/* n failed logins of one address, as root and a hostile name in turn. */
static void put_log(int n)
{
	FILE *f = fopen(log_path, "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < n; i++)
		fprintf(f,
			"2026-08-04T10:00:%02d+00:00 web sshd[411]: Failed "
			"password for %s from 203.0.113.9 port 5 ssh2\n",
			i % 60, i % 2 ? HOSTILE : "root");
	ck_assert_int_eq(fclose(f), 0);
}

/* A sweep writes thousands of times: where nothing waits for a disk. */
static const char *where = "/tmp";

static void setup(void)
{
	snprintf(dir, sizeof(dir), "%s/check_store.XXXXXX", where);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/h.db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	snprintf(log_path, sizeof(log_path), "%s/auth.log", dir);
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	put_log(8);
}

static int remove_it(const char *at, const struct stat *st, int type,
		     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(at);
}

static void teardown(void)
{
	sm_store_free(s);
	s = NULL;
	sm_ctx_unref(ctx);
	if (nftw(dir, remove_it, 8, FTW_DEPTH | FTW_PHYS) != 0)
		abort();
}

static void open_store(void)
{
	int r = sm_store_open(ctx, url, &s);

	ck_assert_msg(r == 0, "%s", sm_ctx_errmsg(ctx));
}

static void setup_memory(void)
{
	if (access("/dev/shm", W_OK | X_OK) == 0)
		where = "/dev/shm";
	setup();
}

static int scan(sm_ctx *c, sm_event_fn fn, void *user)
{
	sm_log_opts *o = NULL;
	int r = sm_log_opts_new(c, &o);

	if (r == 0)
		r = sm_log_opts_add_file(o, log_path);
	if (r == 0 && rules)
		r = sm_log_opts_set_rules(o, rules);
	if (r == 0)
		r = sm_scan_log(c, o, fn, user);
	sm_log_opts_free(o);
	return r;
}

static void keep_run(void)
{
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	ck_assert_int_eq(sm_store_flush(s), 0);
}

struct found {
	int n[SM_KIND_CHANGE + 1];
	int64_t run;
};

static int count(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	struct found *f = user;
	int kind = sm_record_kind(rec);

	f->n[kind]++;
	if (kind == SM_KIND_RUN)
		f->run = sm_record_field_int(
			rec, (size_t)sm_kind_field(kind, "run"));
	return 0;
}

static struct found query(int kind)
{
	struct found f = { .run = 0 };

	ck_assert_int_eq(
		sm_store_query(s, kind, SM_TIME_NONE, SM_TIME_NONE, count, &f),
		0);
	return f;
}

static int matches(int by, const char *value, int kind)
{
	struct found f;

	ck_assert_int_eq(sm_store_match(s, by, value), 0);
	f = query(kind);
	ck_assert_int_eq(sm_store_match(s, by, NULL), 0);
	return f.n[kind];
}

START_TEST(the_same_log_twice_adds_no_event)
{
	struct found f;

	open_store();
	keep_run();
	keep_run();
	f = query(0);
	ck_assert_int_eq(f.n[SM_KIND_EVENT], 8);
	ck_assert_int_eq(f.n[SM_KIND_FINDING], 1);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN, "last"), 0);
	f = query(0);
	ck_assert_int_eq(f.n[SM_KIND_SUMMARY], 1);
	ck_assert_int_eq(f.n[SM_KIND_FINDING], 1);
	ck_assert_int_eq(f.n[SM_KIND_EVENT], 0);
}
END_TEST

START_TEST(values_are_values)
{
	open_store();
	keep_run();
	ck_assert_int_eq(matches(SM_STORE_USER, HOSTILE, SM_KIND_EVENT), 4);
	ck_assert_int_eq(matches(SM_STORE_USER, "' OR 1=1 --", SM_KIND_EVENT),
			 0);
	ck_assert_int_eq(matches(SM_STORE_USER, "root", SM_KIND_EVENT), 4);
	ck_assert_int_eq(
		matches(SM_STORE_ADDRESS, "203.0.113.9", SM_KIND_FINDING), 1);
	ck_assert_int_eq(
		matches(SM_STORE_ADDRESS, "203.0.113.%", SM_KIND_FINDING), 0);
	ck_assert_int_eq(matches(SM_STORE_PROCESS, "sshd", SM_KIND_EVENT), 8);
	ck_assert_int_eq(matches(SM_STORE_PROCESS, "411", SM_KIND_EVENT), 8);
	ck_assert_int_eq(matches(SM_STORE_RULE, "brute-force", SM_KIND_FINDING),
			 1);
	ck_assert_int_eq(matches(SM_STORE_RULE, "brute_force", SM_KIND_FINDING),
			 1);
	ck_assert_int_eq(matches(SM_STORE_PORT, "22", SM_KIND_FINDING), 0);
}
END_TEST

START_TEST(time_bounds_are_from_and_below)
{
	/* 2026-08-04T10:00:02Z and :04Z */
	const int64_t since = INT64_C(1785837602000000000);
	struct found f = { .run = 0 };

	open_store();
	keep_run();
	ck_assert_int_eq(sm_store_query(s, SM_KIND_EVENT, since,
					since + 2 * INT64_C(1000000000), count,
					&f),
			 0);
	ck_assert_int_eq(f.n[SM_KIND_EVENT], 2);
}
END_TEST

START_TEST(what_is_not_there_is_told)
{
	struct found f = { .run = 0 };

	ck_assert_int_eq(sm_store_open_existing(ctx, url, &s), -ENOENT);
	open_store();
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN, "7"), 0);
	ck_assert_int_eq(
		sm_store_query(s, 0, SM_TIME_NONE, SM_TIME_NONE, count, &f),
		-ENOENT);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN, NULL), 0);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_PORT, "http"), 0);
	ck_assert_int_eq(
		sm_store_query(s, 0, SM_TIME_NONE, SM_TIME_NONE, count, &f),
		-EINVAL);
	ck_assert_int_eq(sm_store_match(s, 0, "x"), -EINVAL);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN + 1, "x"), -EINVAL);
	ck_assert_int_eq(
		sm_store_query(s, 99, SM_TIME_NONE, SM_TIME_NONE, count, &f),
		-EINVAL);
	ck_assert_int_eq(sm_store_set_retention(s, -1, 0), -ERANGE);
}
END_TEST

START_TEST(nobody_else_may_read_it)
{
	mode_t mask = umask(0);
	struct stat st;

	open_store();
	umask(mask);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(a_run_that_is_not_ended_is_none)
{
	open_store();
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	sm_store_free(s);
	open_store();
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 0);
	ck_assert_int_eq(query(0).n[SM_KIND_EVENT], 0);
}
END_TEST

/* More than waits in memory. */
START_TEST(a_large_run_is_one_too)
{
	put_log(40000);
	open_store();
	keep_run();
	ck_assert_int_eq(query(SM_KIND_EVENT).n[SM_KIND_EVENT], 40000);
	put_log(40000);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 1);
}
END_TEST

START_TEST(the_oldest_runs_go_and_the_new_one_stays)
{
	struct found f;

	open_store();
	keep_run();
	keep_run();
	ck_assert_int_eq(sm_store_set_retention(s, 1, 0), 0);
	keep_run();
	f = query(SM_KIND_RUN);
	ck_assert_int_eq(f.n[SM_KIND_RUN], 1);
	ck_assert_int_eq(f.run, 3);
	/* its events were the first run's: the next look brings them back */
	ck_assert_int_eq(query(SM_KIND_EVENT).n[SM_KIND_EVENT], 0);
	ck_assert_int_eq(sm_store_set_retention(s, 0, 32 << 10), 0);
	keep_run();
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 1);
	ck_assert_int_eq(query(SM_KIND_EVENT).n[SM_KIND_EVENT], 8);
}
END_TEST

START_TEST(a_flood_of_logs_takes_no_place_of_findings)
{
	struct found before;

	open_store();
	keep_run();
	before = query(SM_KIND_FINDING);
	ck_assert_int_gt(before.n[SM_KIND_FINDING], 0);
	ck_assert_int_eq(sm_store_set_retention(s, 0, 1 << 20), 0);
	put_log(5000);
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	ck_assert_int_eq(sm_store_flush(s), 1);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx),
				     "log events and lines are not kept"));
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
	ck_assert_int_eq(sm_store_match(s, SM_STORE_RUN, "1"), 0);
	ck_assert_int_eq(query(SM_KIND_FINDING).n[SM_KIND_FINDING],
			 before.n[SM_KIND_FINDING]);
}
END_TEST

START_TEST(two_processes_may_write_one)
{
	sm_store *other = NULL;

	open_store();
	ck_assert_int_eq(sm_store_open(ctx, url, &other), 0);
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	ck_assert_int_eq(scan(ctx, sm_store_collect, other), 0);
	ck_assert_int_eq(sm_store_flush(other), 0);
	ck_assert_int_eq(sm_store_flush(s), 0);
	sm_store_free(other);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
}
END_TEST

START_TEST(a_disk_that_is_full_keeps_what_was_there)
{
	struct rlimit was, small;
	struct stat st;

	open_store();
	keep_run();
	put_log(5000);
	ck_assert_int_eq(scan(ctx, sm_store_collect, s), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = (rlim_t)st.st_size + 100000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(sm_store_flush(s), -EIO);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), path));
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &was), 0);
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 1);
	ck_assert_int_eq(query(SM_KIND_EVENT).n[SM_KIND_EVENT], 8);
	keep_run();
	ck_assert_int_eq(query(SM_KIND_RUN).n[SM_KIND_RUN], 2);
}
END_TEST

static void refused(int rc, const char *why)
{
	sm_store *bad = NULL;
	int r = sm_store_open(ctx, url, &bad);

	ck_assert_msg(r == rc && strstr(sm_ctx_errmsg(ctx), why), "%d: %s", r,
		      sm_ctx_errmsg(ctx));
	ck_assert_ptr_null(bad);
}

START_TEST(what_is_no_safe_file_is_refused)
{
	char link[96];
	FILE *f;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	refused(-EINVAL, "no regular file");
	ck_assert_int_eq(unlink(path), 0);
	snprintf(link, sizeof(link), "%s/elsewhere", dir);
	ck_assert_int_eq(symlink(link, path), 0);
	refused(-EINVAL, "symbolic link");
	ck_assert_int_eq(access(link, F_OK), -1);
	ck_assert_int_eq(unlink(path), 0);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("no database at all, or is it?\n", f);
	ck_assert_int_eq(fclose(f), 0);
	refused(-EBADMSG, "no database");
	ck_assert_int_eq(chmod(path, 0666), 0);
	refused(-EPERM, "others may write");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(chmod(dir, 0777), 0);
	refused(-EPERM, "others may write the directory");
	ck_assert_int_eq(chmod(dir, 0700), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(dir, 65534, 65534), 0);
		refused(-EPERM, "belongs to another user");
	}
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	sm_store *bad = NULL;

	ck_assert_int_eq(sm_store_open(NULL, url, &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, NULL, &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, path, &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, "sqlite:", &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, "sqlite:/", &bad), -EINVAL);
	ck_assert_int_eq(sm_store_open(ctx, "sqlite:/none/x.db", &bad),
			 -ENOENT);
	ck_assert_int_eq(sm_store_collect(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_store_flush(NULL), -EINVAL);
	ck_assert_int_eq(sm_store_match(NULL, SM_STORE_RUN, "1"), -EINVAL);
	ck_assert_int_eq(sm_store_set_retention(NULL, 0, 0), -EINVAL);
	sm_store_free(NULL);
	ck_assert_ptr_null(bad);
}
END_TEST

static void keep_and_read(void *user)
{
	sm_store *store = NULL;
	struct found f = { .run = 0 };
	int r, failed;

	(void)user;
	r = sm_store_open(ctx, url, &store);
	if (r == 0)
		r = scan(ctx, sm_store_collect, store);
	if (r == 0)
		r = sm_store_flush(store);
	if (r == 0)
		r = sm_store_query(store, 0, SM_TIME_NONE, SM_TIME_NONE, count,
				   &f);
	failed = nomem_pause();
	/* the loader has no other word for it */
	ck_assert_msg(r == 0 || (failed && (r == -ENOMEM || r == -ENOTSUP)),
		      "%d: %s", r, sm_ctx_errmsg(ctx));
	if (r == 0) {
		ck_assert_int_eq(f.n[SM_KIND_EVENT], 8);
		ck_assert_int_eq(f.n[SM_KIND_FINDING], 1);
	}
	sm_store_free(store);
	for (size_t i = 0; i < 3; i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s%s", path,
			 i == 0	  ? ""
			 : i == 1 ? "-wal"
				  : "-shm");
		unlink(name);
	}
}

START_TEST(a_history_survives_any_failed_allocation)
{
	ck_assert_int_eq(sm_ruleset_new(ctx, &rules), 0);
	ck_assert_int_gt(sm_ruleset_add(rules, "builtin"), 0);
	ck_assert_int_eq(sm_ruleset_freeze(rules), 0);
	ck_assert_int_gt(nomem_sweep(keep_and_read, NULL), 100);
	sm_ruleset_unref(rules);
	rules = NULL;
}
END_TEST

static void compare_saved(void *user)
{
	const char *const *files = user;
	sm_report *now = NULL, *before = NULL;
	int r = sm_report_new(ctx, &now), failed;

	if (r == 0)
		r = sm_report_new(ctx, &before);
	if (r == 0)
		r = sm_report_add_saved(now, files[0]);
	if (r == 0)
		r = sm_report_add_saved(before, files[1]);
	if (r == 0)
		r = sm_report_compare(now, before);
	failed = nomem_pause();
	ck_assert_msg(r == 0 || (failed && r == -ENOMEM), "%d: %s", r,
		      sm_ctx_errmsg(ctx));
	if (r == 0)
		ck_assert_uint_eq(sm_report_size(now, SM_KIND_CHANGE), 2);
	sm_report_free(now);
	sm_report_free(before);
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(a_comparison_survives_any_failed_allocation)
{
	char a[96], b[96];
	const char *const files[] = { a, b };
	static const char host[] = "{\"type\":\"host\",\"address\":\"::1\"}\n";
	static const char port[] = "{\"type\":\"port\",\"address\":\"::1\","
				   "\"protocol\":\"tcp\",\"state\":\"open\","
				   "\"port\":";
	char text[500];

	snprintf(a, sizeof(a), "%s/a.ndjson", dir);
	snprintf(b, sizeof(b), "%s/b.ndjson", dir);
	snprintf(text, sizeof(text), "%s%s1}\n%s2}\n", host, port, port);
	put(a, text);
	snprintf(text, sizeof(text), "%s%s2}\n%s3}\n", host, port, port);
	put(b, text);
	ck_assert_int_gt(nomem_sweep(compare_saved, (void *)(uintptr_t)files),
			 10);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("store");
	TCase *tc = tcase_create("history"), *nomem = tcase_create("nomem");
	SRunner *run;
	int failed;

	(void)argc;
	if (!sm_has_feature(SM_FEATURE_SQLITE)) {
		puts("SKIP: history: no SQLite here");
		return 77;
	}
	nomem_preload(argv);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_checked_fixture(nomem, setup_memory, teardown);
	tcase_set_timeout(tc, 120);
	tcase_set_timeout(nomem, 600);
	tcase_add_test(tc, the_same_log_twice_adds_no_event);
	tcase_add_test(tc, values_are_values);
	tcase_add_test(tc, time_bounds_are_from_and_below);
	tcase_add_test(tc, what_is_not_there_is_told);
	tcase_add_test(tc, nobody_else_may_read_it);
	tcase_add_test(tc, a_run_that_is_not_ended_is_none);
	tcase_add_test(tc, a_large_run_is_one_too);
	tcase_add_test(tc, the_oldest_runs_go_and_the_new_one_stays);
	tcase_add_test(tc, a_flood_of_logs_takes_no_place_of_findings);
	tcase_add_test(tc, two_processes_may_write_one);
	tcase_add_test(tc, a_disk_that_is_full_keeps_what_was_there);
	tcase_add_test(tc, what_is_no_safe_file_is_refused);
	tcase_add_test(tc, bad_arguments_are_refused);
	tcase_add_test(nomem, a_history_survives_any_failed_allocation);
	tcase_add_test(nomem, a_comparison_survives_any_failed_allocation);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, nomem);
	run = srunner_create(suite);
	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
