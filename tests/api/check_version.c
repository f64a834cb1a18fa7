/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <sysmon/sysmon.h>

START_TEST(loaded_library_is_the_one_compiled_against)
{
	ck_assert_uint_eq(sm_version(), SM_VERSION);
	ck_assert_str_eq(sm_version_string(), SM_VERSION_STRING);
}
END_TEST

START_TEST(number_and_text_say_the_same)
{
	char text[32];
	uint32_t v = sm_version();

	snprintf(text, sizeof(text), "%u.%u.%u", v / 1000000, v / 1000 % 1000,
		 v % 1000);
	ck_assert_str_eq(text, sm_version_string());
}
END_TEST

START_TEST(asking_for_any_feature_number_is_safe)
{
	int n = 0;

	for (int f = 1; sm_feature_name(f); f++, n++)
		ck_assert(sm_has_feature(f) == 0 || sm_has_feature(f) == 1);
	ck_assert_int_ge(n, SM_FEATURE_BZIP2);
	ck_assert_int_eq(sm_has_feature(0), 0);
	ck_assert_int_eq(sm_has_feature(-1), 0);
	ck_assert_int_eq(sm_has_feature(1000), 0);
	ck_assert_ptr_null(sm_feature_name(0));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("version");
	TCase *tc = tcase_create("version");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_test(tc, loaded_library_is_the_one_compiled_against);
	tcase_add_test(tc, number_and_text_say_the_same);
	tcase_add_test(tc, asking_for_any_feature_number_is_safe);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
