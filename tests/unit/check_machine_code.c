/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/log-opts.h"
#include "base/buf.h"
#include "suite.h"

/* Hardened systems let no machine code be made at run time: PCRE2 interprets its
 * patterns then, and counts its steps another way. */

static sm_ctx *ctx;

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
}

static void teardown(void)
{
	sm_ctx_unref(ctx);
}

static int is_log(const struct dirent *d)
{
	return strstr(d->d_name, ".log") != NULL;
}

static void add_files(sm_log_opts *o, const char *dir)
{
	char path[4096];
	struct dirent **names;
	int n;

	snprintf(path, sizeof(path), "%s/tests/data/%s", getenv("srcdir"), dir);
	n = scandir(path, &names, is_log, alphasort);
	ck_assert_int_gt(n, 10);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/tests/data/%s/%s",
			 getenv("srcdir"), dir, names[i]->d_name);
		ck_assert_int_eq(sm_log_opts_add_file(o, path), 0);
		free(names[i]);
	}
	free(names);
}

static int append(const void *data, size_t len, void *user)
{
	smi_buf_add(user, data, len);
	return 0;
}

static char *tell(const char *dir, bool plain)
{
	struct smi_buf b = { 0 };
	sm_report *report;
	sm_log_opts *o;
	char *end;

	ck_assert_int_eq(sm_log_opts_new(ctx, &o), 0);
	sm_log_opts_set_zone(o, "UTC0");
	sm_log_opts_set_now(o, INT64_C(1785844800000000000));
	add_files(o, dir);
	o->plain = plain;
	ck_assert_int_eq(sm_report_new(ctx, &report), 0);
	ck_assert_int_eq(sm_scan_log(ctx, o, sm_report_collect, report), 0);
	ck_assert_int_eq(
		sm_report_write(report, SM_FORMAT_NDJSON, NULL, append, &b), 0);
	sm_report_free(report);
	sm_log_opts_free(o);
	ck_assert_ptr_nonnull(smi_buf_cstr(&b));
	/* It has the times of the run. */
	end = strstr(b.p, "{\"type\":\"summary\"");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	return b.p;
}

static const char *const dirs[] = { "attacks", "benign" };

START_TEST(findings_are_the_same_without_machine_code)
{
	char *with = tell(dirs[_i], false), *without = tell(dirs[_i], true);

	ck_assert_ptr_nonnull(strstr(with, "\"type\":\"event\""));
	ck_assert_str_eq(with, without);
	free(with);
	free(without);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("machine code");
	TCase *tc = tcase_create("machine code");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, findings_are_the_same_without_machine_code, 0,
			    SMI_COUNT(dirs));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
