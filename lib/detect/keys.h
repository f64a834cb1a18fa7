/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_KEYS_H
#define SMI_DETECT_KEYS_H

#include "base/span.h"
#include "detect/pool.h"

#define SMI_NO_KEY UINT32_MAX

/*
 * The keys of all correlations that group alike. Each has a seat in each key: the
 * number of its state + 1, 0 for none; a key without any state goes.
 *
 * The hash is keyed and stands for the key: among 100,000 keys two of 64 bits meet
 * once in a billion runs.
 */
struct smi_key {
	uint64_t hash;
	char *text; /* as smi_key_make() gives it */
	uint32_t len;
	uint32_t users; /* seats that are taken; of a free one: the next, + 1 */
};
struct smi_keys {
	struct smi_key *v;
	uint32_t *seats; /* nseats a key */
	uint32_t *slots; /* key + 1 */
	uint32_t nseats, n, cap, nslots, free;
	struct smi_pool *pool; /* of the texts */
};

void smi_keys_free(struct smi_keys *k);
/* SMI_NO_KEY where there is none. */
uint32_t smi_keys_find(const struct smi_keys *k, uint64_t hash);
/* -ENOMEM. It has no user yet. */
int smi_keys_add(struct smi_keys *k, uint64_t hash, struct smi_span text,
		 uint32_t *out);
void smi_keys_remove(struct smi_keys *k, uint32_t key);
static inline uint32_t *smi_keys_seat(const struct smi_keys *k, uint32_t key,
				      uint32_t seat)
{
	return &k->seats[(size_t)key * k->nseats + seat];
}
static inline struct smi_span smi_keys_text(const struct smi_keys *k,
					    uint32_t key)
{
	return smi_span_of(k->v[key].text, k->v[key].len);
}

#endif
