/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "fail-alloc.h"
#include "record/build.h"
#include "record/sentence.h"

static struct smi_arena arena;

static void setup(void)
{
	arena = (struct smi_arena){ 0 };
}

static void teardown(void)
{
	smi_arena_free(&arena);
}

static const struct {
	const char *text, *filled;
} sentences[] = {
	{ "{count} failed logins from {source_ip}",
	  "5 failed logins from 203.0.113.9" },
	{ "", "" },
	{ "plain", "plain" },
	{ "{{{count}}}", "{5}" },
	{ "{{count}}", "{count}" },
	{ "{nobody}", "?" },
	{ "first {first}", "first 2026-08-04T08:00:01Z" },
	{ "{attack}", "T1110, T1078" },
	{ "{seconds} s", "600 s" },
	{ "broken {count", "broken {count" },
};

START_TEST(placeholders_are_filled_from_arguments_then_fields)
{
	static const char *const attack[] = { "T1110", "T1078" };
	static const char *const args[] = { "seconds", "600" };
	const struct smi_strs list = { 2, args };
	sm_record *r = smi_rec_new(&arena, SM_KIND_FINDING);

	smi_set_int(r, SMI_FINDING_COUNT, 5);
	smi_set_int(r, SMI_FINDING_FIRST, INT64_C(1785830401000000000));
	smi_set_const(r, SMI_FINDING_SOURCE_IP, "203.0.113.9");
	smi_set_strs(&arena, r, SMI_FINDING_ATTACK, attack, 2);
	ck_assert_str_eq(smi_sentence_dup(&arena, sentences[_i].text, &list, r),
			 sentences[_i].filled);
}
END_TEST

START_TEST(a_value_with_braces_is_not_filled_again)
{
	static const char *const args[] = { "user", "{count}" };
	const struct smi_strs list = { 2, args };

	ck_assert_str_eq(smi_sentence_dup(&arena, "by {user}", &list, NULL),
			 "by {count}");
}
END_TEST

START_TEST(bad_templates_are_found_before_they_are_used)
{
	ck_assert_int_eq(smi_sentence_check(SMI_SPAN("{a} and {b} {{}}")), 2);
	ck_assert_int_eq(smi_sentence_check(SMI_SPAN("{a")), -EINVAL);
	ck_assert_int_eq(smi_sentence_check(SMI_SPAN("a}")), -EINVAL);
	ck_assert_int_eq(smi_sentence_check(SMI_SPAN("{}")), -EINVAL);
	ck_assert_int_eq(smi_sentence_check(SMI_SPAN("")), 0);
}
END_TEST

START_TEST(out_of_memory_makes_the_arena_fail)
{
	for (int n = 1; n <= 2; n++) {
		fail_alloc_at(n);
		ck_assert_ptr_null(
			smi_sentence_dup(&arena, "some text", NULL, NULL));
		fail_alloc_off();
		ck_assert_int_eq(smi_arena_error(&arena), -ENOMEM);
		smi_arena_free(&arena);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sentence");
	TCase *tc = tcase_create("sentence");
	SRunner *run = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc,
			    placeholders_are_filled_from_arguments_then_fields,
			    0, SMI_COUNT(sentences));
	tcase_add_test(tc, a_value_with_braces_is_not_filled_again);
	tcase_add_test(tc, bad_templates_are_found_before_they_are_used);
	tcase_add_test(tc, out_of_memory_makes_the_arena_fail);
	suite_add_tcase(s, tc);
	srunner_run_all(run, CK_NORMAL);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
