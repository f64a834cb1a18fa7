/* SPDX-License-Identifier: MIT */
#include "detect/literals.h"
#include "fail-alloc.h"
#include "suite.h"

static struct smi_arena arena;

static void teardown(void)
{
	smi_arena_free(&arena);
}

static struct smi_literals *build(const char *const *texts, size_t n)
{
	struct smi_span v[16];
	struct smi_literals *l = NULL;

	for (size_t i = 0; i < n; i++)
		v[i] = smi_span_str(texts[i]);
	ck_assert_int_eq(smi_literals_build(v, n, &arena, &l), 0);
	return l;
}

static uint64_t find(const struct smi_literals *l, const char *text)
{
	uint64_t found = 0;

	smi_literals_find(l, smi_span_str(text), &found);
	return found;
}

/* The example of the paper: he, she, his, hers. */
START_TEST(all_literals_that_a_text_holds_are_found)
{
	static const char *const texts[] = { "he", "she", "his", "hers" };
	const struct smi_literals *l = build(texts, 4);

	ck_assert_uint_eq(find(l, "ushers"), 1 | 2 | 8);
	ck_assert_uint_eq(find(l, "this"), 4);
	ck_assert_uint_eq(find(l, "h"), 0);
	ck_assert_uint_eq(find(l, "he"), 1);
	ck_assert_uint_eq(find(l, "hhhe"), 1);
	ck_assert_uint_eq(find(l, "hehis"), 1 | 4);
	ck_assert_uint_eq(find(l, "her s"), 1);
	ck_assert_uint_eq(find(l, ""), 0);
}
END_TEST

START_TEST(letters_are_alike_in_both_cases_and_other_bytes_are_not)
{
	static const char *const texts[] = { "UNION", "[x]", "\xe9t" };
	const struct smi_literals *l = build(texts, 3);

	ck_assert_uint_eq(find(l, "all uNiOn men"), 1);
	ck_assert_uint_eq(find(l, "{X}"), 0);
	ck_assert_uint_eq(find(l, "[X]"), 2);
	ck_assert_uint_eq(find(l, "\xe9T"), 4);
	ck_assert_uint_eq(find(l, "\xc9t"), 0);
}
END_TEST

START_TEST(one_byte_and_equal_literals_are_found)
{
	static const char *const texts[] = { "`", "ab", "ab", "b", "abab" };
	const struct smi_literals *l = build(texts, 5);

	ck_assert_uint_eq(find(l, "`"), 1);
	ck_assert_uint_eq(find(l, "x`"), 1);
	ck_assert_uint_eq(find(l, "b"), 8);
	ck_assert_uint_eq(find(l, "xab"), 2 | 4 | 8);
	ck_assert_uint_eq(find(l, "aabab"), 2 | 4 | 8 | 16);
}
END_TEST

START_TEST(a_nul_is_a_byte_like_any_other)
{
	const struct smi_span v[] = { { "a\0b", 3 }, { "\0", 1 } };
	struct smi_literals *l = NULL;
	uint64_t found = 0;

	ck_assert_int_eq(smi_literals_build(v, 2, &arena, &l), 0);
	smi_literals_find(l, smi_span_of("xa\0", 3), &found);
	ck_assert_uint_eq(found, 2);
	smi_literals_find(l, smi_span_of("xa\0b", 4), &found);
	ck_assert_uint_eq(found, 3);
}
END_TEST

START_TEST(no_literals_find_nothing)
{
	struct smi_literals *l = build(NULL, 0);

	ck_assert_uint_eq(find(l, "anything"), 0);
}
END_TEST

/* abc...: every literal shares its beginning with the one before it. */
START_TEST(the_bounds_hold_and_their_memory_is_bounded)
{
	static char text[SMI_LITERALS_MAX_BYTES + 1];
	const struct smi_span whole = { text, SMI_LITERALS_MAX_BYTES };
	const struct smi_span over = { text, SMI_LITERALS_MAX_BYTES + 1 };
	struct smi_literals *l = NULL;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7 + i / 256);
	ck_assert_int_eq(smi_literals_build(&over, 1, &arena, &l), -E2BIG);
	ck_assert_ptr_null(l);
	ck_assert_int_eq(smi_literals_build(&whole, 1, &arena, &l), 0);
	ck_assert_uint_le(smi_literals_size(l), (size_t)8 << 20);
}
END_TEST

START_TEST(out_of_memory_is_an_error)
{
	const struct smi_span v[] = { { "one", 3 }, { "two", 3 } };
	struct smi_literals *l = NULL;
	int r = -1;

	for (int n = 1; r < 0; n++) {
		struct smi_arena a = { 0 };

		fail_alloc_at(n);
		r = smi_literals_build(v, 2, &a, &l);
		fail_alloc_off();
		if (r < 0) {
			ck_assert_int_eq(r, -ENOMEM);
			ck_assert_ptr_null(l);
		}
		ck_assert_int_lt(n, 20);
		smi_arena_free(&a);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("literals");
	TCase *tc = tcase_create("literals");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, all_literals_that_a_text_holds_are_found);
	tcase_add_test(tc,
		       letters_are_alike_in_both_cases_and_other_bytes_are_not);
	tcase_add_test(tc, one_byte_and_equal_literals_are_found);
	tcase_add_test(tc, a_nul_is_a_byte_like_any_other);
	tcase_add_test(tc, no_literals_find_nothing);
	tcase_add_test(tc, the_bounds_hold_and_their_memory_is_bounded);
	tcase_add_test(tc, out_of_memory_is_an_error);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
