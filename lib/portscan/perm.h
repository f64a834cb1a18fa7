/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_PERM_H
#define SMI_PORTSCAN_PERM_H

#include "base/siphash.h"

/* The numbers below n in an order that no outsider foretells, of which nothing is
 * stored: a Feistel network (Luby and Rackoff, 1988) over the next larger power of
 * four, walked until a number falls below n (Black and Rogaway, 2002). */
struct smi_perm {
	struct smi_siphash_key key;
	uint64_t n;
	unsigned half; /* bits */
};

/* n is 2^60 at most. */
void smi_perm_init(struct smi_perm *p, const struct smi_siphash_key *key,
		   uint64_t n);
/* The i-th of them; i is below n. */
uint64_t smi_perm_at(const struct smi_perm *p, uint64_t i);

#endif
