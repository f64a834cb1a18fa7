/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
