/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/map.h"
#include "base/vec.h"
#include "fail-alloc.h"
#include "suite.h"

static struct smi_map m;

static void setup(void)
{
	m = (struct smi_map){ 0 };
}

static void teardown(void)
{
	fail_alloc_off();
	smi_map_free(&m);
}

static void *value_of(size_t i)
{
	return (void *)(uintptr_t)(i + 1);
}

static struct smi_span key_of(char text[32], size_t i)
{
	return smi_span_of(text, (size_t)sprintf(text, "key %zu", i));
}

/* A plain array says what the map has to say. */
START_TEST(a_map_keeps_what_was_put_and_not_removed)
{
	static void *model[2000];
	size_t n = 0;
	uint64_t x = 1;
	char text[32];
	int bad = 0;

	memset(model, 0, sizeof(model));
	for (int step = 0; step < 200000; step++) {
		size_t i;

		x = x * 6364136223846793005 + 1442695040888963407;
		/* It grows, shrinks to nothing, and grows again. */
		i = (size_t)(x >> 33) % SMI_COUNT(model);
		if ((x >> 20) % 100 < (step / 50000 % 2 ? 10 : 80)) {
			bad += !smi_map_put(&m, key_of(text, i),
					    value_of((size_t)step));
			n += !model[i];
			model[i] = value_of((size_t)step);
		} else {
			bad += smi_map_remove(&m, key_of(text, i)) != model[i];
			n -= model[i] != NULL;
			model[i] = NULL;
		}
		bad += m.n != n;
		i = (size_t)(x >> 40) % SMI_COUNT(model);
		bad += smi_map_get(&m, key_of(text, i)) != model[i];
	}
	ck_assert_int_eq(bad, 0);
	for (size_t i = 0; i < SMI_COUNT(model); i++)
		ck_assert_ptr_eq(smi_map_get(&m, key_of(text, i)), model[i]);
}
END_TEST

START_TEST(a_walk_meets_each_entry_once)
{
	bool met[500] = { false };
	struct smi_map_entry e;
	size_t i = 0, n = 0;
	char text[32];

	for (size_t k = 0; k < SMI_COUNT(met); k++)
		ck_assert(smi_map_put(&m, key_of(text, k), value_of(k)));
	while (smi_map_next(&m, &i, &e)) {
		size_t k = (uintptr_t)e.value - 1;

		ck_assert_uint_lt(k, SMI_COUNT(met));
		ck_assert(smi_span_eq(e.key, key_of(text, k)));
		ck_assert(!met[k]);
		met[k] = true;
		n++;
	}
	ck_assert_uint_eq(n, SMI_COUNT(met));
}
END_TEST

START_TEST(keys_are_bytes_and_are_copied)
{
	char text[] = "ab";

	ck_assert(smi_map_put(&m, smi_span_str(text), value_of(1)));
	text[0] = 'x';
	ck_assert_ptr_eq(smi_map_get(&m, SMI_SPAN("ab")), value_of(1));
	ck_assert(smi_map_put(&m, SMI_SPAN("ab\0"), value_of(2)));
	ck_assert(smi_map_put(&m, SMI_SPAN(""), value_of(3)));
	ck_assert_ptr_eq(smi_map_get(&m, SMI_SPAN("ab")), value_of(1));
	ck_assert_ptr_eq(smi_map_get(&m, SMI_SPAN("ab\0")), value_of(2));
	ck_assert_ptr_eq(smi_map_get(&m, (struct smi_span){ 0 }), value_of(3));
	ck_assert_uint_eq(m.n, 3);
}
END_TEST

START_TEST(an_empty_map_has_nothing)
{
	struct smi_map_entry e;
	size_t i = 0;

	ck_assert_ptr_null(smi_map_get(&m, SMI_SPAN("a")));
	ck_assert_ptr_null(smi_map_remove(&m, SMI_SPAN("a")));
	ck_assert(!smi_map_next(&m, &i, &e));
}
END_TEST

START_TEST(two_maps_hash_differently)
{
	struct smi_map other = { 0 };

	ck_assert(smi_map_put(&m, SMI_SPAN("a"), value_of(1)));
	ck_assert(smi_map_put(&other, SMI_SPAN("a"), value_of(1)));
	ck_assert(m.sip.k0 != other.sip.k0 || m.sip.k1 != other.sip.k1);
	smi_map_free(&other);
}
END_TEST

START_TEST(a_failed_put_changes_nothing)
{
	size_t puts = 0;
	char text[32];

	/* Every put is tried with each of its allocations failing. */
	for (size_t i = 0; i < 200; i++) {
		for (int n = 1;; n++) {
			bool ok;

			fail_alloc_at(n);
			ok = smi_map_put(&m, key_of(text, i), value_of(i));
			ck_assert_int_eq(ok, fail_alloc_count() < n);
			if (ok)
				break;
			ck_assert_uint_eq(m.n, puts);
			ck_assert_ptr_null(smi_map_get(&m, key_of(text, i)));
		}
		puts++;
	}
	for (size_t i = 0; i < puts; i++)
		ck_assert_ptr_eq(smi_map_get(&m, key_of(text, i)), value_of(i));
}
END_TEST

START_TEST(an_array_grows_and_keeps_its_elements)
{
	SMI_VEC(int) v = { 0 };

	for (int i = 0; i < 1000; i++)
		ck_assert(smi_vec_push(&v, i));
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(v.v[i], i);
	fail_alloc_from(1);
	while (v.n < v.cap)
		ck_assert(smi_vec_push(&v, 7));
	ck_assert(!smi_vec_push(&v, 8));
	ck_assert_uint_eq(v.n, v.cap);
	ck_assert_int_eq(v.v[999], 999);
	fail_alloc_off();
	ck_assert(!smi_vec_reserve(&v, SIZE_MAX / sizeof(int) + 1));
	ck_assert(smi_vec_reserve(&v, 100000));
	ck_assert_uint_ge(v.cap, 100000);
	smi_vec_free(&v);
	ck_assert_uint_eq(v.n, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("map");
	TCase *tc = tcase_create("map");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_map_keeps_what_was_put_and_not_removed);
	tcase_add_test(tc, a_walk_meets_each_entry_once);
	tcase_add_test(tc, keys_are_bytes_and_are_copied);
	tcase_add_test(tc, an_empty_map_has_nothing);
	tcase_add_test(tc, two_maps_hash_differently);
	tcase_add_test(tc, a_failed_put_changes_nothing);
	suite_add_tcase(s, tc);

	tc = tcase_create("vec");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_array_grows_and_keeps_its_elements);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
