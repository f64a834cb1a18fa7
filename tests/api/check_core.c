/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysmon/sysmon.h>

START_TEST(null_is_no_crash_anywhere)
{
	sm_ctx_unref(NULL);
	ck_assert_ptr_null(sm_ctx_ref(NULL));
	ck_assert_str_eq(sm_ctx_errmsg(NULL), "");
	sm_ctx_set_log(NULL, 1, NULL, NULL);
	ck_assert_int_eq(sm_ctx_new(NULL), -EINVAL);
	ck_assert_int_eq(sm_ctx_set_sysroot(NULL, "/"), -EINVAL);
	sm_job_free(NULL);
	sm_job_cancel(NULL);
	ck_assert_int_eq(sm_job_fd(NULL), -EINVAL);
	ck_assert_int_eq(sm_job_next(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_job_run(NULL, NULL, NULL), -EINVAL);
	sm_record_unref(NULL);
	ck_assert_ptr_null(sm_record_ref(NULL));
	ck_assert_int_eq(sm_event_kind(NULL), 0);
	ck_assert_ptr_null(sm_event_record(NULL));
	ck_assert_uint_eq(sm_event_done(NULL), 0);
	ck_assert_uint_eq(sm_event_total(NULL), 0);
	ck_assert_str_eq(sm_notice_text(NULL), "");
	ck_assert_str_eq(sm_finding_id(NULL), "");
}
END_TEST

START_TEST(contexts_live_as_long_as_somebody_refers_to_them)
{
	sm_ctx *ctx = NULL;

	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_ptr_eq(sm_ctx_ref(ctx), ctx);
	sm_ctx_unref(ctx);
	ck_assert_str_eq(sm_ctx_errmsg(ctx), "");
	sm_ctx_unref(ctx);
}
END_TEST

START_TEST(the_json_names_of_kinds_are_stable)
{
	static const char *const names[] = { "port",	 "process",  "line",
					     "event",	 "finding",  "notice",
					     "coverage", "summary",  "host",
					     "rule",	 "template", "run",
					     "change",	 "ability" };

	for (int kind = SM_KIND_PORT; kind <= SM_KIND_ABILITY; kind++) {
		ck_assert_str_eq(sm_kind_name(kind), names[kind - 1]);
		ck_assert_int_eq(sm_kind_by_name(names[kind - 1]), kind);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("core");
	TCase *tc = tcase_create("core");
	SRunner *run = srunner_create(s);
	int failed;

	tcase_add_test(tc, null_is_no_crash_anywhere);
	tcase_add_test(tc, contexts_live_as_long_as_somebody_refers_to_them);
	tcase_add_test(tc, the_json_names_of_kinds_are_stable);
	suite_add_tcase(s, tc);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
