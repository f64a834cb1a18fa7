/* SPDX-License-Identifier: MIT */
#include "fail-alloc.h"
#include "join-rig.h"

static const char *notice(void)
{
	ck_assert_uint_eq(told.n, 1);
	return sm_notice_text(sm_record_notice(told.v[0]));
}

START_TEST(what_no_rule_asks_for_takes_no_room)
{
	char *big = smi_arena_zalloc(&arena, 100001);

	memset(big, 'x', 100000);
	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {finding: 'severity = critical'}\n"
	      "---\nid: y\ntitle: t\nkind: l\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {finding: 'count > 1'}\n");
	for (int i = 0; i < 200; i++) {
		sm_record *f = finding("a", SM_SEV_LOW, i);

		smi_set_const(f, SMI_FINDING_WHY, big);
		give(f);
	}
	give(finding("a", SM_SEV_CRITICAL, 1000));
	finish();
	/* The mild ones were not asked for. */
	ck_assert_uint_eq(told.n, 0);
	only("k");
}
END_TEST

START_TEST(what_does_not_fit_is_counted_and_the_gravest_stay)
{
	char *big = smi_arena_zalloc(&arena, 100001);

	memset(big, 'x', 100000);
	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {finding: 'severity = critical'}\n"
	      "    b: {finding: 'severity = low'}\n  group-by: [a]\n");
	for (int i = 0; i < 300; i++) {
		sm_record *f = finding(
			"a", i == 250 ? SM_SEV_CRITICAL : SM_SEV_LOW, i);

		smi_set_const(f, SMI_FINDING_WHY, big);
		give(f);
	}
	ck_assert_uint_le(join->used[SM_KIND_FINDING], SMI_JOIN_FINDING_BYTES);
	finish();
	only("k");
	ck_assert_str_eq(notice(), "133 records of the kind finding did not "
				   "fit into the memory of joined findings");
}
END_TEST

START_TEST(too_many_findings_of_a_rule_are_counted)
{
	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {port: ''}\n");
	for (int i = 0; i < SMI_JOIN_GROUPS + 5; i++)
		give(port(i, 0, NULL));
	finish();
	ck_assert_uint_eq(found.n, SMI_JOIN_GROUPS);
	ck_assert_ptr_nonnull(strstr(notice(), "5 more times"));
}
END_TEST

START_TEST(a_rule_that_tries_too_much_is_given_up_and_told)
{
	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {port: ''}\n    b: {port: ''}\n"
	      "    c: {port: ''}\n  where: [c.pid = a.port]\n");
	for (int i = 0; i < 3000; i++)
		give(port(i, 0, NULL));
	finish();
	ck_assert_uint_eq(found.n, 0);
	ck_assert_ptr_nonnull(strstr(
		notice(), "the rule x has too many records to try: some were "
			  "left out after "));
}
END_TEST

START_TEST(it_is_finished_once)
{
	start(WITH_PORTS);
	finish();
	ck_assert_int_eq(sm_join_finish(join, keep, NULL), -EINVAL);
	ck_assert_int_eq(collect(SM_EVENT_RECORD, process(1, "a", 0)), -EINVAL);
	ck_assert_int_eq(sm_join_finish(NULL, keep, NULL), -EINVAL);
	ck_assert_int_eq(sm_join_finish(join, NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_join_collect(NULL, join), -EINVAL);
	sm_join_free(NULL);
}
END_TEST

static int stop(const sm_event *ev, void *user)
{
	(void)ev;
	++*(int *)user;
	return SM_STOP;
}

START_TEST(a_callback_ends_it)
{
	int calls = 0;

	start("id: x\ntitle: t\nkind: k\ncorrelation:\n  type: join\n"
	      "  parts:\n    a: {port: ''}\n");
	give(port(1, 0, NULL));
	give(port(2, 0, NULL));
	ck_assert_int_eq(sm_join_finish(join, stop, &calls), SM_STOP);
	ck_assert_int_eq(calls, 1);
}
END_TEST

static int count(const sm_event *ev, void *user)
{
	*(size_t *)user += sm_event_kind(ev) == SM_EVENT_FINDING;
	return 0;
}

/* All of it but reading rules; how many findings. */
static int whole(sm_record *const *recs, size_t n, size_t *out)
{
	sm_ruleset *rs = join->rs;
	sm_join *j = NULL;
	int r = smi_join_new(ctx, rs, &j);

	*out = 0;
	for (size_t i = 0; r == 0 && i < n; i++) {
		const sm_event ev = { recs[i]->kind == SM_KIND_FINDING
					      ? SM_EVENT_FINDING
					      : SM_EVENT_RECORD,
				      recs[i], 0, 0 };

		r = sm_join_collect(&ev, j);
	}
	if (r == 0)
		r = sm_join_finish(j, count, out);
	sm_join_free(j);
	return r;
}

START_TEST(out_of_memory_is_an_error_at_each_allocation)
{
	size_t n;
	int calls = 1;

	start(NULL);
	sm_record *const recs[] = {
		login("bob"),
		process(7, "bob", 60),
		of_process("exe_deleted", SM_SEV_HIGH, 7),
		of_process("exe_deleted", SM_SEV_HIGH, 9),
		attack("brute_force", SM_SEV_HIGH, "203.0.113.8", NULL, 3),
		port(4444, 7, "0.0.0.0"),
		port(4445, 9, "0.0.0.0"),
		port(22, 5, "0.0.0.0"),
	};

	for (int i = 1; calls >= i - 1; i++) {
		int r;

		if (_i)
			fail_alloc_from(i);
		else
			fail_alloc_at(i);
		r = whole(recs, SMI_COUNT(recs), &n);
		calls = fail_alloc_count();
		fail_alloc_off();
		ck_assert_int_eq(r, i <= calls ? -ENOMEM : 0);
	}
	ck_assert_int_gt(calls, 50);
	ck_assert_int_eq(whole(recs, SMI_COUNT(recs), &n), 0);
	ck_assert_uint_eq(n, 3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bounds of joins");
	TCase *tc = tcase_create("bounds");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_no_rule_asks_for_takes_no_room);
	tcase_add_test(tc, what_does_not_fit_is_counted_and_the_gravest_stay);
	tcase_add_test(tc, too_many_findings_of_a_rule_are_counted);
	tcase_add_test(tc, a_rule_that_tries_too_much_is_given_up_and_told);
	tcase_add_test(tc, it_is_finished_once);
	tcase_add_test(tc, a_callback_ends_it);
	tcase_add_loop_test(tc, out_of_memory_is_an_error_at_each_allocation, 0,
			    2);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
