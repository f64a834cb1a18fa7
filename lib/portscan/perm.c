/* SPDX-License-Identifier: MIT */
#include "portscan/perm.h"

#define ROUNDS 4

void smi_perm_init(struct smi_perm *p, const struct smi_siphash_key *key,
		   uint64_t n)
{
	*p = (struct smi_perm){ .key = *key, .n = n, .half = 1 };
	while (UINT64_C(1) << 2 * p->half < n)
		p->half++;
}

static uint64_t encipher(const struct smi_perm *p, uint64_t x)
{
	uint64_t mask = (UINT64_C(1) << p->half) - 1;
	uint64_t left = x >> p->half, right = x & mask;

	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t word = round << 56 | right;
		uint64_t next = left ^ (smi_siphash_u64(&p->key, word) & mask);

		left = right;
		right = next;
	}
	return left << p->half | right;
}

uint64_t smi_perm_at(const struct smi_perm *p, uint64_t i)
{
	do
		i = encipher(p, i);
	while (i >= p->n);
	return i;
}
