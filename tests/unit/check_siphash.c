/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/siphash.h"
#include "siphash-vectors.h"
#include "suite.h"

static const struct smi_siphash_key key = { 0x0706050403020100,
					    0x0f0e0d0c0b0a0908 };

static void message(uint8_t *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		m[i] = (uint8_t)i;
}

START_TEST(the_64_bit_hash_is_that_of_its_authors)
{
	char text[17] = "";
	uint8_t m[64];
	uint64_t h;

	message(m, sizeof(m));
	h = smi_siphash(&key, m, (size_t)_i);
	for (int i = 0; i < 8; i++)
		sprintf(text + 2 * i, "%02x", (unsigned)(h >> (8 * i) & 0xff));
	ck_assert_str_eq(text, sip64[_i]);
}
END_TEST

/* In two pieces, cut everywhere, and byte by byte. */
START_TEST(the_128_bit_hash_is_that_of_its_authors)
{
	size_t n = (size_t)_i;
	uint8_t m[64], out[16];
	char text[33] = "";

	message(m, sizeof(m));
	for (size_t cut = 0; cut <= n + 1; cut++) {
		struct smi_siphash128 h;

		smi_siphash128_init(&h, &key);
		if (cut <= n) {
			smi_siphash128_add(&h, m, cut);
			smi_siphash128_add(&h, m + cut, n - cut);
		} else {
			for (size_t i = 0; i < n; i++)
				smi_siphash128_add(&h, m + i, 1);
		}
		smi_siphash128_end(&h, out);
		for (int i = 0; i < 16; i++)
			sprintf(text + 2 * i, "%02x", (unsigned)out[i]);
		ck_assert_str_eq(text, sip128[_i]);
	}
}
END_TEST

START_TEST(the_place_of_the_bytes_does_not_matter)
{
	uint8_t m[64 + 8];
	uint64_t want;

	message(m, 64);
	want = smi_siphash(&key, m, 63);
	for (size_t shift = 1; shift < 8; shift++) {
		message(m + shift, 64);
		ck_assert_uint_eq(smi_siphash(&key, m + shift, 63), want);
	}
}
END_TEST

START_TEST(random_keys_differ)
{
	struct smi_siphash_key a = { 0 }, b = { 0 };

	smi_siphash_random_key(&a);
	smi_siphash_random_key(&b);
	ck_assert(a.k0 != b.k0);
	ck_assert(a.k1 != b.k1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("siphash");
	TCase *tc = tcase_create("siphash");

	tcase_add_loop_test(tc, the_64_bit_hash_is_that_of_its_authors, 0, 64);
	tcase_add_loop_test(tc, the_128_bit_hash_is_that_of_its_authors, 0, 64);
	tcase_add_test(tc, the_place_of_the_bytes_does_not_matter);
	tcase_add_test(tc, random_keys_differ);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
