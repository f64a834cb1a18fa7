/* SPDX-License-Identifier: MIT */
#include "base/arena.h"
#include "fail-alloc.h"
#include "suite.h"

static struct smi_arena a;

static void setup(void)
{
	a = (struct smi_arena){ 0 };
}

static void teardown(void)
{
	fail_alloc_off();
	smi_arena_free(&a);
}

START_TEST(pieces_are_aligned_and_do_not_overlap)
{
	unsigned char *p[600];
	int bad = 0;

	for (size_t i = 0; i < SMI_COUNT(p); i++) {
		size_t size = i * 7 % 500 + (i % 50 == 0 ? 20000 : 0);

		p[i] = smi_arena_alloc(&a, size);
		ck_assert_ptr_nonnull(p[i]);
		ck_assert_uint_eq((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		memset(p[i], (int)(i % 256), size);
	}
	for (size_t i = 0; i < SMI_COUNT(p); i++) {
		size_t size = i * 7 % 500 + (i % 50 == 0 ? 20000 : 0);

		for (size_t k = 0; k < size; k++)
			bad += p[i][k] != i % 256;
	}
	ck_assert_int_eq(bad, 0);
}
END_TEST

START_TEST(reset_keeps_one_block_of_a_common_size)
{
	size_t size;

	for (int i = 0; i < 100000; i++)
		smi_arena_alloc(&a, 100);
	ck_assert_int_eq(smi_arena_error(&a), 0);
	size = smi_arena_size(&a);
	ck_assert_uint_ge(size, 100000 * 100);
	smi_arena_reset(&a);
	ck_assert_uint_gt(smi_arena_size(&a), 0);
	ck_assert_uint_lt(smi_arena_size(&a), size / 10);

	fail_alloc_from(1);
	ck_assert_ptr_nonnull(smi_arena_alloc(&a, 1000));
}
END_TEST

START_TEST(reset_gives_a_giant_back)
{
	ck_assert_ptr_nonnull(smi_arena_alloc(&a, (size_t)64 << 20));
	smi_arena_reset(&a);
	ck_assert_uint_eq(smi_arena_size(&a), 0);
}
END_TEST

START_TEST(many_large_pieces_waste_little)
{
	for (int i = 0; i < 200; i++)
		ck_assert_ptr_nonnull(smi_arena_alloc(&a, 300000));
	ck_assert_uint_lt(smi_arena_size(&a), 201 * 300100);
}
END_TEST

START_TEST(zeroed_memory_is_zero_after_a_reset)
{
	memset(smi_arena_alloc(&a, 4000), 0xff, 4000);
	smi_arena_reset(&a);
	for (int i = 0; i < 30; i++) {
		const char *p = smi_arena_zalloc(&a, 100);

		for (int k = 0; k < 100; k++)
			ck_assert_int_eq(p[k], 0);
	}
}
END_TEST

START_TEST(a_copy_ends_in_a_nul)
{
	ck_assert_str_eq(smi_arena_strndup(&a, "abcdef", 3), "abc");
	ck_assert_str_eq(smi_arena_strndup(&a, NULL, 0), "");
	ck_assert_int_eq(memcmp(smi_arena_strndup(&a, "a\0b", 3), "a\0b", 4),
			 0);
}
END_TEST

START_TEST(a_failure_stays_until_reset)
{
	ck_assert_ptr_nonnull(smi_arena_alloc(&a, 10));
	fail_alloc_at(1);
	ck_assert_ptr_null(smi_arena_alloc(&a, 100000));
	ck_assert_ptr_null(smi_arena_alloc(&a, 1));
	ck_assert_ptr_null(smi_arena_zalloc(&a, 1));
	ck_assert_ptr_null(smi_arena_strndup(&a, "x", 1));
	ck_assert_int_eq(smi_arena_error(&a), -ENOMEM);
	smi_arena_reset(&a);
	ck_assert_int_eq(smi_arena_error(&a), 0);
	ck_assert_ptr_nonnull(smi_arena_alloc(&a, 100000));
}
END_TEST

START_TEST(sizes_that_cannot_be_are_failures)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 15,
					SIZE_MAX - 16, SIZE_MAX - 40 };

	for (size_t i = 0; i < SMI_COUNT(sizes); i++) {
		smi_arena_reset(&a);
		ck_assert_ptr_null(smi_arena_alloc(&a, sizes[i]));
		ck_assert_int_eq(smi_arena_error(&a), -ENOMEM);
	}
	smi_arena_reset(&a);
	ck_assert_ptr_null(smi_arena_strndup(&a, "", SIZE_MAX));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("arena");
	TCase *tc = tcase_create("arena");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, pieces_are_aligned_and_do_not_overlap);
	tcase_add_test(tc, reset_keeps_one_block_of_a_common_size);
	tcase_add_test(tc, reset_gives_a_giant_back);
	tcase_add_test(tc, many_large_pieces_waste_little);
	tcase_add_test(tc, zeroed_memory_is_zero_after_a_reset);
	tcase_add_test(tc, a_copy_ends_in_a_nul);
	tcase_add_test(tc, a_failure_stays_until_reset);
	tcase_add_test(tc, sizes_that_cannot_be_are_failures);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
