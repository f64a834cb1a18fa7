/* SPDX-License-Identifier: MIT */
#include "detect/keys.h"

#include <stdlib.h>

#define CAP_FIRST   16
#define SLOTS_FIRST 64

void smi_keys_free(struct smi_keys *k)
{
	free(k->v);
	free(k->seats);
	free(k->slots);
	*k = (struct smi_keys){ .nseats = k->nseats, .pool = k->pool };
}

uint32_t smi_keys_find(const struct smi_keys *k, uint64_t hash)
{
	uint32_t mask = k->nslots - 1;

	if (!k->nslots)
		return SMI_NO_KEY;
	for (uint32_t i = (uint32_t)hash & mask; k->slots[i];
	     i = (i + 1) & mask)
		if (k->v[k->slots[i] - 1].hash == hash)
			return k->slots[i] - 1;
	return SMI_NO_KEY;
}

static void seat_in_slots(struct smi_keys *k, uint32_t key)
{
	uint32_t mask = k->nslots - 1;
	uint32_t i = (uint32_t)k->v[key].hash & mask;

	while (k->slots[i])
		i = (i + 1) & mask;
	k->slots[i] = key + 1;
}

static bool grow_slots(struct smi_keys *k)
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
			seat_in_slots(k, old[i] - 1);
	free(old);
	return true;
}

static bool grow_keys(struct smi_keys *k)
{
	uint32_t cap = k->cap ? k->cap * 2 : CAP_FIRST;
	struct smi_key *v = smi_realloc_array(k->v, cap, sizeof(*v));
	uint32_t *seats;

	if (!v)
		return false;
	k->v = v;
	seats = smi_realloc_array(k->seats, cap, k->nseats * sizeof(*k->seats));
	if (!seats)
		return false;
	k->seats = seats;
	for (uint32_t i = k->cap; i < cap; i++) {
		v[i] = (struct smi_key){ .users = k->free };
		k->free = i + 1;
	}
	k->cap = cap;
	return true;
}

int smi_keys_add(struct smi_keys *k, uint64_t hash, struct smi_span text,
		 uint32_t *out)
{
	char *copy;
	uint32_t i;

	if ((k->n + 1 > k->nslots / 2 && !grow_slots(k)) ||
	    (!k->free && !grow_keys(k)))
		return -ENOMEM;
	copy = smi_pool_alloc(k->pool, text.len, NULL);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text.p, text.len);
	i = k->free - 1;
	k->free = k->v[i].users;
	k->v[i] = (struct smi_key){ hash, copy, (uint32_t)text.len, 0 };
	memset(smi_keys_seat(k, i, 0), 0, k->nseats * sizeof(*k->seats));
	seat_in_slots(k, i);
	k->n++;
	*out = i;
	return 0;
}

static void close_gap(struct smi_keys *k, uint32_t gap)
{
	uint32_t mask = k->nslots - 1;

	for (uint32_t i = (gap + 1) & mask; k->slots[i]; i = (i + 1) & mask) {
		uint32_t home = (uint32_t)k->v[k->slots[i] - 1].hash & mask;

		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		k->slots[gap] = k->slots[i];
		gap = i;
	}
	k->slots[gap] = 0;
}

void smi_keys_remove(struct smi_keys *k, uint32_t key)
{
	uint32_t mask = k->nslots - 1;
	uint32_t i = (uint32_t)k->v[key].hash & mask;

	while (k->slots[i] != key + 1)
		i = (i + 1) & mask;
	close_gap(k, i);
	smi_pool_free(k->pool, k->v[key].text, k->v[key].len);
	k->v[key] = (struct smi_key){ .users = k->free };
	k->free = key + 1;
	k->n--;
}
