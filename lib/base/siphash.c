/* SPDX-License-Identifier: MIT */
#include "base/siphash.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#ifndef GRND_INSECURE
#define GRND_INSECURE 0x0004
#endif

static inline uint64_t rotl(uint64_t v, int n)
{
	return v << n | v >> (64 - n);
}

static inline uint64_t load_le64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static inline void compress(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

static inline uint64_t finish(uint64_t v[4])
{
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static inline void start(uint64_t v[4], const struct smi_siphash_key *key)
{
	v[0] = key->k0 ^ UINT64_C(0x736f6d6570736575);
	v[1] = key->k1 ^ UINT64_C(0x646f72616e646f6d);
	v[2] = key->k0 ^ UINT64_C(0x6c7967656e657261);
	v[3] = key->k1 ^ UINT64_C(0x7465646279746573);
}

uint64_t smi_siphash(const struct smi_siphash_key *key, const void *p,
		     size_t len)
{
	const uint8_t *at = p;
	uint64_t v[4], last = (uint64_t)len << 56;
	size_t rest = len % 8;

	start(v, key);
	for (size_t i = 0; i < len / 8; i++, at += 8)
		compress(v, load_le64(at));
	for (size_t i = 0; i < rest; i++)
		last |= (uint64_t)at[i] << (8 * i);
	compress(v, last);
	v[2] ^= 0xff;
	return finish(v);
}

uint64_t smi_siphash_u64(const struct smi_siphash_key *key, uint64_t word)
{
	uint64_t v[4];

	start(v, key);
	compress(v, word);
	compress(v, UINT64_C(8) << 56);
	v[2] ^= 0xff;
	return finish(v);
}

void smi_siphash128_init(struct smi_siphash128 *h,
			 const struct smi_siphash_key *key)
{
	start(h->v, key);
	h->v[1] ^= 0xee;
	h->tail = 0;
	h->len = 0;
}

/* The bytes that fill no word yet are the low ones of tail. */
void smi_siphash128_add(struct smi_siphash128 *h, const void *p, size_t len)
{
	const uint8_t *at = p;
	unsigned have = h->len % 8 * 8;

	h->len += len;
	for (; len >= 8; len -= 8, at += 8) {
		uint64_t word = load_le64(at);

		compress(h->v, h->tail | word << have);
		h->tail = have ? word >> (64 - have) : 0;
	}
	for (; len > 0; len--, at++) {
		h->tail |= (uint64_t)*at << have;
		have += 8;
		if (have == 64) {
			compress(h->v, h->tail);
			h->tail = 0;
			have = 0;
		}
	}
}

void smi_siphash128_end(struct smi_siphash128 *h, uint8_t out[16])
{
	uint64_t half;

	compress(h->v, h->tail | h->len << 56);
	h->v[2] ^= 0xee;
	half = finish(h->v);
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(half >> (8 * i));
	h->v[1] ^= 0xdd;
	half = finish(h->v);
	for (int i = 0; i < 8; i++)
		out[8 + i] = (uint8_t)(half >> (8 * i));
}

void smi_siphash_random_key(struct smi_siphash_key *key)
{
	struct timespec now;

	if (getrandom(key, sizeof(*key), GRND_NONBLOCK) == sizeof(*key) ||
	    getrandom(key, sizeof(*key), GRND_INSECURE) == sizeof(*key))
		return;
	/* No random device in this sandbox: what an outsider cannot see. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	key->k0 = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
	key->k1 = (uint64_t)(uintptr_t)key ^ (uint64_t)getpid() << 40;
}
