/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_SIPHASH_H
#define SMI_BASE_SIPHASH_H

#include "base/base.h"

/* SipHash-2-4 (Aumasson and Bernstein, 2012): keyed, so that who chooses the
 * input does not choose the hash. Results do not depend on byte order. */
struct smi_siphash_key {
	uint64_t k0, k1;
};

uint64_t smi_siphash(const struct smi_siphash_key *key, const void *p,
		     size_t len);
/* The same of the 8 bytes of a number, least significant first. */
uint64_t smi_siphash_u64(const struct smi_siphash_key *key, uint64_t word);

/* The 128-bit variant, fed in pieces. */
struct smi_siphash128 {
	uint64_t v[4], tail;
	uint64_t len;
};
void smi_siphash128_init(struct smi_siphash128 *h,
			 const struct smi_siphash_key *key);
void smi_siphash128_add(struct smi_siphash128 *h, const void *p, size_t len);
void smi_siphash128_end(struct smi_siphash128 *h, uint8_t out[16]);

/* A key of random bits for tables: getrandom(2). */
void smi_siphash_random_key(struct smi_siphash_key *key);

#endif
