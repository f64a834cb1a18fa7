/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_RANDOM_H
#define SMI_PORTSCAN_RANDOM_H

#include "base/siphash.h"

/* Numbers that no outsider foretells: source ports, the order of probes. */
struct smi_random {
	struct smi_siphash_key key;
	uint64_t counter;
};

static inline void smi_random_init(struct smi_random *r)
{
	smi_siphash_random_key(&r->key);
	r->counter = 0;
}

/* Below n, which is not 0 (the bias of n / 2^32 does not matter here). */
static inline uint32_t smi_random_below(struct smi_random *r, uint32_t n)
{
	uint64_t h;

	r->counter++;
	h = smi_siphash(&r->key, &r->counter, sizeof(r->counter));
	return (uint32_t)((uint64_t)(uint32_t)h * n >> 32);
}

#endif
