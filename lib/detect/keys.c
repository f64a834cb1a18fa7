/* SPDX-License-Identifier: MIT */
#include "detect/keys.h"

#include <stdlib.h>

#define SLOTS_FIRST 256
/* Numbers of a pool of SMI_POOL_MAX bytes have that many bits. */
#define NUMBER_BITS 20
#define NUMBER_MASK ((1u << NUMBER_BITS) - 1)

void smi_keys_free(struct smi_keys *k)
{
	free(k->slots);
	*k = (struct smi_keys){ .pool = k->pool };
}

static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) & ~NUMBER_MASK;
}

struct smi_key *smi_keys_find(const struct smi_keys *k, uint64_t hash)
{
	uint32_t mask = k->nslots - 1, tag = tag_of(hash), slot;

	if (!k->nslots)
		return NULL;
	for (uint32_t i = (uint32_t)hash & mask; (slot = k->slots[i]) != 0;
	     i = (i + 1) & mask) {
		struct smi_key *key;

		if ((slot & ~NUMBER_MASK) != tag)
			continue;
		key = smi_keys_at(k, slot & NUMBER_MASK);
		if (key->hash == hash)
			return key;
	}
	return NULL;
}

static void seat(struct smi_keys *k, const struct smi_key *key)
{
	uint32_t mask = k->nslots - 1, i = (uint32_t)key->hash & mask;

	while (k->slots[i])
		i = (i + 1) & mask;
	k->slots[i] = smi_pool_number(k->pool, key) | tag_of(key->hash);
}

static bool grow(struct smi_keys *k)
{
	uint32_t n = k->nslots ? k->nslots * 2 : SLOTS_FIRST, was = k->nslots;
	uint32_t *old = k->slots;

	k->slots = smi_zalloc(n * sizeof(*k->slots));
	if (!k->slots) {
		k->slots = old;
		return false;
	}
	k->nslots = n;
	for (uint32_t i = 0; i < was; i++)
		if (old[i])
			seat(k, smi_keys_at(k, old[i] & NUMBER_MASK));
	free(old);
	return true;
}

static size_t size_of(size_t len)
{
	return offsetof(struct smi_key, text) + len;
}

int smi_keys_add(struct smi_keys *k, uint64_t hash, struct smi_span text,
		 struct smi_key **out)
{
	struct smi_key *key;

	if (k->n + 1 > k->nslots / 8 * 7 && !grow(k))
		return -ENOMEM;
	key = smi_pool_alloc(k->pool, size_of(text.len), NULL);
	if (!key)
		return -ENOMEM;
	*key = (struct smi_key){ .hash = hash, .len = (uint16_t)text.len };
	memcpy(key->text, text.p, text.len);
	seat(k, key);
	k->n++;
	*out = key;
	return 0;
}

static void close_gap(struct smi_keys *k, uint32_t gap)
{
	uint32_t mask = k->nslots - 1;

	for (uint32_t i = (gap + 1) & mask; k->slots[i]; i = (i + 1) & mask) {
		const struct smi_key *key =
			smi_keys_at(k, k->slots[i] & NUMBER_MASK);
		uint32_t home = (uint32_t)key->hash & mask;

		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		k->slots[gap] = k->slots[i];
		gap = i;
	}
	k->slots[gap] = 0;
}

void smi_keys_remove(struct smi_keys *k, struct smi_key *key)
{
	uint32_t mask = k->nslots - 1, i = (uint32_t)key->hash & mask;
	uint32_t number = smi_pool_number(k->pool, key);

	while ((k->slots[i] & NUMBER_MASK) != number)
		i = (i + 1) & mask;
	close_gap(k, i);
	smi_pool_free(k->pool, key, size_of(key->len));
	k->n--;
}

void smi_keys_push(struct smi_keys *k, struct smi_key_queue *q,
		   struct smi_key *key)
{
	uint32_t number = smi_pool_number(k->pool, key);

	key->newer = 0;
	key->older = q->newest;
	if (q->newest)
		smi_keys_at(k, q->newest)->newer = number;
	else
		q->oldest = number;
	q->newest = number;
}

void smi_keys_pull(struct smi_keys *k, struct smi_key_queue *q,
		   struct smi_key *key)
{
	if (key->newer)
		smi_keys_at(k, key->newer)->older = key->older;
	else
		q->newest = key->older;
	if (key->older)
		smi_keys_at(k, key->older)->newer = key->newer;
	else
		q->oldest = key->newer;
}
