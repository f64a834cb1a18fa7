/* SPDX-License-Identifier: MIT */
#include "nomem.h"
#include "store-rig.h"

static void setup_memory(void)
{
	if (access("/dev/shm", W_OK | X_OK) == 0)
		where = "/dev/shm";
	setup();
}

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
	/* It is cut. */
	if (r == 1)
		r = sm_report_compare(now, before);
	failed = nomem_pause();
	ck_assert_msg(r == 0 || (failed && r == -ENOMEM), "%d: %s", r,
		      sm_ctx_errmsg(ctx));
	if (r == 0)
		ck_assert_uint_eq(sm_report_size(now, SM_KIND_CHANGE), 2);
	if (r == 0)
		ck_assert_uint_eq(sm_report_size(now, SM_KIND_NOTICE), 1);
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
	static const char end[] = "{\"type\":\"summary\"}\n";
	char text[500];

	snprintf(a, sizeof(a), "%s/a.ndjson", dir);
	snprintf(b, sizeof(b), "%s/b.ndjson", dir);
	snprintf(text, sizeof(text), "%s%s1}\n%s2}\n%s", host, port, port, end);
	put(a, text);
	snprintf(text, sizeof(text), "%s%s2}\n%s3}\n", host, port, port);
	put(b, text);
	ck_assert_int_gt(nomem_sweep(compare_saved, (void *)(uintptr_t)files),
			 10);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("store without memory");
	TCase *nomem = tcase_create("nomem");
	SRunner *run;
	int failed;

	(void)argc;
	if (!sm_has_feature(SM_FEATURE_SQLITE)) {
		puts("SKIP: history: no SQLite here");
		return 77;
	}
	nomem_preload(argv);
	tcase_add_checked_fixture(nomem, setup_memory, teardown);
	tcase_set_timeout(nomem, 600);
	tcase_add_test(nomem, a_history_survives_any_failed_allocation);
	tcase_add_test(nomem, a_comparison_survives_any_failed_allocation);
	suite_add_tcase(suite, nomem);
	run = srunner_create(suite);
	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
