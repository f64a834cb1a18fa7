/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

#include "net.h"

static sm_ctx *ctx;
static char dir[64], path[128];
static uint32_t rate;
static int udp, services;

static void setup(void)
{
	udp = services = 0;
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	/* Where a sync costs nothing, if there is such a place. */
	snprintf(dir, sizeof(dir), "%s/check_scan_resume.XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/state", dir);
}

static void teardown(void)
{
	unlink(path);
	rmdir(dir);
	sm_ctx_unref(ctx);
}

/* What was told in all runs, by the last byte of the address. */
struct seen {
	uint8_t told[64][4096];
	unsigned ports, hosts, twice;
	int64_t closed, open;
	unsigned stop_at; /* ports; 0: not */
	sm_job *job;	  /* to be cancelled then; NULL: it is left */
};

static struct seen seen;

static int64_t count_of(const sm_record *rec, const char *name)
{
	int f = sm_kind_field(SM_KIND_HOST, name);

	return sm_record_field_int(rec, (size_t)f);
}

static int see(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_port *p = sm_record_port(rec);
	unsigned long host;
	const char *dot;

	(void)user;
	if (sm_record_kind(rec) == SM_KIND_HOST) {
		seen.hosts++;
		seen.open += count_of(rec, "open");
		seen.closed += count_of(rec, "closed");
	}
	if (!p)
		return SM_CONTINUE;
	dot = strrchr(sm_port_address(p), '.');
	ck_assert_ptr_nonnull(dot);
	host = strtoul(dot + 1, NULL, 10);
	ck_assert_uint_lt(host, sizeof(seen.told) / sizeof(seen.told[0]));
	seen.twice += seen.told[host][sm_port_number(p)]++ > 0;
	seen.ports++;
	if (!seen.stop_at || seen.ports < seen.stop_at)
		return SM_CONTINUE;
	if (!seen.job)
		return 7;
	sm_job_cancel(seen.job);
	return SM_CONTINUE;
}

struct scan {
	const char *target, *ports;
	uint32_t threads;
	int show;
};

static sm_scan_opts *options(const struct scan *s)
{
	sm_scan_opts *o;

	ck_assert_int_eq(sm_scan_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_scan_opts_add_target(o, s->target), 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(o, s->ports), 0);
	ck_assert_int_eq(sm_scan_opts_set_show(o, s->show), 0);
	ck_assert_int_eq(sm_scan_opts_set_threads(o, s->threads), 0);
	if (rate)
		ck_assert_int_eq(sm_scan_opts_set_rate_pps(o, rate), 0);
	ck_assert_int_eq(sm_scan_opts_set_services(o, services), 0);
	if (udp)
		ck_assert_int_eq(sm_scan_opts_set_protocol(o, SM_SCAN_UDP), 0);
	ck_assert_int_eq(sm_scan_opts_set_resume(o, path), 0);
	return o;
}

/* One run, until so many ports were told in all. */
static int run(const struct scan *s, unsigned stop_at, bool cancel)
{
	sm_scan_opts *o = options(s);
	sm_job *job = NULL;
	int r = sm_job_new_scan(ctx, o, &job);

	seen.stop_at = stop_at;
	seen.job = cancel ? job : NULL;
	if (r == 0)
		r = sm_job_run(job, see, NULL);
	sm_job_free(job);
	sm_scan_opts_free(o);
	return r;
}

static const struct {
	struct scan scan;
	unsigned hosts, ports;
} scans[] = {
	{ { "127.0.0.1", "1-3000", 1, SM_SCAN_SHOW_ALL }, 1, 3000 },
	{ { "127.0.0.1", "1-3000", 3, SM_SCAN_SHOW_ALL }, 1, 3000 },
	{ { "127.0.0.0/26", "1-40", 1, SM_SCAN_SHOW_ALL }, 64, 40 },
	{ { "127.0.0.0/26", "1-40", 2, SM_SCAN_SHOW_ALL }, 64, 40 },
	/* Hosts of which some shares have told their ports, and others have not. */
	{ { "127.0.0.0-4", "1-500", 3, SM_SCAN_SHOW_ALL }, 5, 500 },
};

START_TEST(runs_that_are_cancelled_tell_together_what_one_tells)
{
	const struct scan *s = &scans[_i].scan;
	unsigned all = scans[_i].hosts * scans[_i].ports;
	unsigned stops[] = { 1, all / 7, all / 2, all - all / 9, all - 1 };
	struct stat st;

	memset(&seen, 0, sizeof(seen));
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		int r = run(s, stops[i], true);

		/* All may have come before the cancel was seen. */
		if (r == 0)
			break;
		ck_assert_int_eq(r, -ECANCELED);
		ck_assert_int_eq(lstat(path, &st), 0);
		ck_assert_int_eq(st.st_mode & 07777, 0600);
		ck_assert_uint_eq(seen.twice, 0);
	}
	if (lstat(path, &st) == 0)
		ck_assert_int_eq(run(s, 0, false), 0);
	ck_assert_uint_eq(seen.twice, 0);
	ck_assert_uint_eq(seen.ports, all);
	ck_assert_uint_eq(seen.hosts, scans[_i].hosts);
	ck_assert_int_eq(seen.open + seen.closed, all);
	/* A scan that is complete has nothing to go on with. */
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(a_run_that_is_left_alone_tells_again_and_misses_nothing)
{
	const struct scan *s = &scans[_i].scan;
	unsigned all = scans[_i].hosts * scans[_i].ports;

	memset(&seen, 0, sizeof(seen));
	ck_assert_int_eq(run(s, all / 2, false), 7);
	ck_assert_int_eq(run(s, 0, false), 0);
	ck_assert_uint_eq(seen.ports - seen.twice, all);
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

static const struct {
	struct scan scan;
	const char *sentence;
} others[] = {
	{ { "127.0.0.1-2", "1-100", 1, SM_SCAN_SHOW_ALL },
	  "targets are others (1 address then, 2 addresses now)" },
	{ { "127.0.0.2", "1-100", 1, SM_SCAN_SHOW_ALL }, "targets are others" },
	{ { "127.0.0.1", "1-99", 1, SM_SCAN_SHOW_ALL },
	  "ports are others (100 ports then, 99 ports now)" },
	{ { "127.0.0.1", "2-101", 1, SM_SCAN_SHOW_ALL }, "ports are others" },
	{ { "127.0.0.1", "1-100", 1, SM_SCAN_SHOW_OPEN }, "all then" },
};

START_TEST(another_scan_is_refused_by_what_differs)
{
	static const struct scan first = { "127.0.0.1", "1-100", 1,
					   SM_SCAN_SHOW_ALL };

	memset(&seen, 0, sizeof(seen));
	rate = 100; /* not all at once */
	ck_assert_int_eq(run(&first, 1, true), -ECANCELED);
	rate = 0;
	ck_assert_int_eq(run(&others[_i].scan, 0, false), -EINVAL);
	ck_assert_msg(strstr(sm_ctx_errmsg(ctx), others[_i].sentence) != NULL,
		      "%s", sm_ctx_errmsg(ctx));
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), path));
	/* It was not touched. */
	ck_assert_int_eq(run(&first, 0, false), 0);
	ck_assert_uint_eq(seen.ports, 100);
}
END_TEST

/* What else is asked, and what the sentence says then. */
static const struct {
	int udp, services;
	const char *sentence;
} changes[] = {
	{ 1, 0, "protocols are others (tcp then, udp now)" },
	{ 0, 1, "services are others (not asked then, asked now)" },
};

START_TEST(another_protocol_or_services_are_refused)
{
	static const struct scan s = { "127.0.0.1", "1-100", 1,
				       SM_SCAN_SHOW_ALL };

	memset(&seen, 0, sizeof(seen));
	rate = 100;
	ck_assert_int_eq(run(&s, 1, true), -ECANCELED);
	rate = 0;
	udp = changes[_i].udp;
	services = changes[_i].services;
	ck_assert_int_eq(run(&s, 0, false), -EINVAL);
	ck_assert_msg(strstr(sm_ctx_errmsg(ctx), changes[_i].sentence) != NULL,
		      "%s", sm_ctx_errmsg(ctx));
}
END_TEST

START_TEST(a_scan_of_udp_goes_on)
{
	struct scan s = { "127.0.0.1", "1-300", 1, SM_SCAN_SHOW_ALL };

	udp = 1;
	rate = 2000;
	memset(&seen, 0, sizeof(seen));
	ck_assert_int_eq(run(&s, 100, true), -ECANCELED);
	ck_assert_int_eq(run(&s, 0, false), 0);
	ck_assert_uint_eq(seen.ports, 300);
	ck_assert_uint_eq(seen.twice, 0);
}
END_TEST

START_TEST(threads_may_be_more_or_less_than_before)
{
	struct scan s = { "127.0.0.1", "1-600", 4, SM_SCAN_SHOW_ALL };

	rate = 2000;
	memset(&seen, 0, sizeof(seen));
	ck_assert_int_eq(run(&s, 100, true), -ECANCELED);
	s.threads = 1;
	ck_assert_int_eq(run(&s, 400, true), -ECANCELED);
	s.threads = 7;
	ck_assert_int_eq(run(&s, 0, false), 0);
	ck_assert_uint_eq(seen.ports, 600);
	ck_assert_uint_eq(seen.twice, 0);
}
END_TEST

static const struct {
	const char *text;
	int result;
} bad_files[] = {
	{ "hello\n", -EINVAL },
	{ "sysmon-state 1 0123456789abcdef\nscan 4\nkey \n", -EBADMSG },
	{ "sysmon-state 9 0123456789abcdef\n", -ENOTSUP },
};

START_TEST(a_file_that_is_no_state_is_refused_and_stays)
{
	static const struct scan s = { "127.0.0.1", "1-10", 1, 0 };
	char text[128] = "";
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(bad_files[_i].text, f);
	fclose(f);
	memset(&seen, 0, sizeof(seen));
	ck_assert_int_eq(run(&s, 0, false), bad_files[_i].result);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), path));
	ck_assert_uint_eq(seen.hosts, 0);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fread(text, 1, sizeof(text) - 1, f),
			  strlen(bad_files[_i].text));
	fclose(f);
	ck_assert_str_eq(text, bad_files[_i].text);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_an_error)
{
	static const struct scan s = { "127.0.0.1", "1-10", 1, 0 };

	snprintf(path, sizeof(path), "%s/none/state", dir);
	memset(&seen, 0, sizeof(seen));
	ck_assert_int_eq(run(&s, 0, false), -ENOENT);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), path));
	snprintf(path, sizeof(path), "%s/link", dir);
	ck_assert_int_eq(symlink("elsewhere", path), 0);
	ck_assert_int_lt(run(&s, 0, false), 0);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), path));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scan-resume");
	TCase *tc = tcase_create("scan-resume");
	SRunner *all;
	int failed;

#define COUNT(a) (int)(sizeof(a) / sizeof((a)[0]))
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(
		tc, runs_that_are_cancelled_tell_together_what_one_tells, 0,
		COUNT(scans));
	tcase_add_loop_test(
		tc, a_run_that_is_left_alone_tells_again_and_misses_nothing, 0,
		COUNT(scans));
	tcase_add_loop_test(tc, another_scan_is_refused_by_what_differs, 0,
			    COUNT(others));
	tcase_add_loop_test(tc, another_protocol_or_services_are_refused, 0,
			    COUNT(changes));
	tcase_add_test(tc, a_scan_of_udp_goes_on);
	tcase_add_test(tc, threads_may_be_more_or_less_than_before);
	tcase_add_loop_test(tc, a_file_that_is_no_state_is_refused_and_stays, 0,
			    COUNT(bad_files));
	tcase_add_test(tc, a_file_that_cannot_be_written_is_an_error);
	suite_add_tcase(s, tc);
	all = srunner_create(s);
	srunner_run_all(all, CK_ENV);
	failed = srunner_ntests_failed(all);
	srunner_free(all);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
