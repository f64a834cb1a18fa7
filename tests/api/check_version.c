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

int main(void)
{
	Suite *s = suite_create("version");
	TCase *tc = tcase_create("version");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_test(tc, loaded_library_is_the_one_compiled_against);
	tcase_add_test(tc, number_and_text_say_the_same);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
