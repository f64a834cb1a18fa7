/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sysmon/sysmon.h>

#include "nomem.h"

static int outcomes[2];

static void two_allocations(void *user)
{
	void *a = malloc(10), *b = a ? realloc(NULL, 20) : NULL;

	(void)user;
	nomem_pause();
	outcomes[b != NULL]++;
	free(a);
	free(b);
}

START_TEST(each_allocation_fails_in_turn)
{
	ck_assert_int_eq(nomem_sweep(two_allocations, NULL), 2);
	/* First and second, once and for good; then nothing, twice. */
	ck_assert_int_eq(outcomes[0], 4);
	ck_assert_int_eq(outcomes[1], 2);
}
END_TEST

static void make_context(void *user)
{
	sm_ctx *ctx = NULL;
	int r = sm_ctx_new(&ctx), failed = nomem_pause();

	(void)user;
	ck_assert_int_eq(r, failed ? -ENOMEM : 0);
	ck_assert_int_eq(ctx == NULL, failed);
	sm_ctx_unref(ctx);
}

START_TEST(context_survives_any_failed_allocation)
{
	ck_assert_int_ge(nomem_sweep(make_context, NULL), 1);
}
END_TEST

static int drop(const void *data, size_t len, void *user)
{
	(void)data;
	*(size_t *)user += len;
	return 0;
}

/* An empty report in every format, and a writer. */
static int write_all(sm_ctx *ctx, sm_report **r, sm_report_opts **o)
{
	static const int formats[] = { SM_FORMAT_TXT,	   SM_FORMAT_CSV,
				       SM_FORMAT_JSON,	   SM_FORMAT_NDJSON,
				       SM_FORMAT_NMAP_XML, SM_FORMAT_MD,
				       SM_FORMAT_ECS,	   SM_FORMAT_HTML,
				       SM_FORMAT_PROM,	   SM_FORMAT_TABLE };
	size_t len = 0;
	int rc = sm_report_new(ctx, r);

	if (rc == 0)
		rc = sm_report_opts_new(ctx, o);
	if (rc == 0)
		rc = sm_report_opts_set_title(*o, "title");
	for (size_t i = 0; rc == 0 && i < sizeof(formats) / sizeof(*formats);
	     i++) {
		sm_writer *w = NULL;

		rc = sm_report_write(*r, formats[i], *o, drop, &len);
		if (rc == 0)
			rc = sm_writer_new(ctx, formats[i], *o, drop, &len, &w);
		if (rc == 0)
			rc = sm_writer_finish(w);
		sm_writer_free(w);
	}
	return rc;
}

static void write_report(void *user)
{
	sm_report_opts *o = NULL;
	sm_report *r = NULL;
	int rc = write_all(user, &r, &o), failed = nomem_pause();

	ck_assert_int_eq(rc, failed ? -ENOMEM : 0);
	sm_report_opts_free(o);
	sm_report_free(r);
}

START_TEST(report_survives_any_failed_allocation)
{
	sm_ctx *ctx = NULL;

	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_ge(nomem_sweep(write_report, ctx), 10);
	sm_ctx_unref(ctx);
}
END_TEST

static const char *to; /* a server */

static void write_syslog(void *user)
{
	sm_writer *w = NULL;
	int rc = sm_writer_new_syslog(user, NULL, to, &w), failed;

	if (rc == 0)
		rc = sm_writer_finish(w);
	failed = nomem_pause();
	ck_assert_int_eq(rc, failed ? -ENOMEM : 0);
	sm_writer_free(w);
}

START_TEST(syslog_survives_any_failed_allocation)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char target[sizeof(at.sun_path) + 8];
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	sm_ctx *ctx = NULL;

	ck_assert_int_ge(fd, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "/tmp/check_nomem.%d",
		 (int)getpid());
	unlink(at.sun_path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	snprintf(target, sizeof(target), "unix:%s", at.sun_path);
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	to = target;
	ck_assert_int_ge(nomem_sweep(write_syslog, ctx), 4);
	sm_ctx_unref(ctx);
	unlink(at.sun_path);
	close(fd);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("nomem");
	TCase *tc = tcase_create("nomem");
	SRunner *sr = srunner_create(s);
	int failed;

	(void)argc;
	nomem_preload(argv);
	tcase_add_test(tc, each_allocation_fails_in_turn);
	tcase_add_test(tc, context_survives_any_failed_allocation);
	tcase_add_test(tc, report_survives_any_failed_allocation);
	tcase_add_test(tc, syslog_survives_any_failed_allocation);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
