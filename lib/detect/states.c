/* SPDX-License-Identifier: MIT */
#include "detect/states.h"

#include <stdlib.h>

#define CAP_FIRST   16
#define SLOTS_FIRST 64

void smi_states_free(struct smi_states *s)
{
	free(s->v);
	free(s->slots);
	*s = (struct smi_states){ 0 };
}

static uint32_t find_slot(const struct smi_states *s, uint64_t hash)
{
	uint32_t mask = s->nslots - 1;
	uint32_t i = (uint32_t)hash & mask;

	while (s->slots[i].state && s->slots[i].hash != hash)
		i = (i + 1) & mask;
	return i;
}

uint32_t smi_states_find(const struct smi_states *s, uint64_t hash)
{
	uint32_t slot;

	if (!s->nslots)
		return SMI_NO_STATE;
	slot = find_slot(s, hash);
	return s->slots[slot].state ? s->slots[slot].state - 1 : SMI_NO_STATE;
}

static bool grow_slots(struct smi_states *s)
{
	uint32_t n = s->nslots ? s->nslots * 2 : SLOTS_FIRST;
	struct smi_slot *slots = smi_zalloc(n * sizeof(*slots));

	if (!slots)
		return false;
	for (uint32_t i = 0; i < s->nslots; i++) {
		uint32_t at = (uint32_t)s->slots[i].hash & (n - 1);

		if (!s->slots[i].state)
			continue;
		while (slots[at].state)
			at = (at + 1) & (n - 1);
		slots[at] = s->slots[i];
	}
	free(s->slots);
	s->slots = slots;
	s->nslots = n;
	return true;
}

static bool grow_states(struct smi_states *s)
{
	uint32_t cap = s->cap ? s->cap * 2 : CAP_FIRST;
	struct smi_state *v = smi_realloc_array(s->v, cap, sizeof(*v));

	if (!v)
		return false;
	s->v = v;
	for (uint32_t i = s->cap; i < cap; i++) {
		v[i] = (struct smi_state){ .older = s->free };
		s->free = i + 1;
	}
	s->cap = cap;
	return true;
}

static void unlink_state(struct smi_states *s, uint32_t i)
{
	struct smi_state *st = &s->v[i];

	if (st->newer)
		s->v[st->newer - 1].older = st->older;
	else
		s->newest = st->older;
	if (st->older)
		s->v[st->older - 1].newer = st->newer;
	else
		s->oldest = st->newer;
}

static void link_newest(struct smi_states *s, uint32_t i)
{
	s->v[i].newer = 0;
	s->v[i].older = s->newest;
	if (s->newest)
		s->v[s->newest - 1].newer = i + 1;
	else
		s->oldest = i + 1;
	s->newest = i + 1;
}

int smi_states_add(struct smi_states *s, uint64_t hash, struct smi_span key,
		   int64_t mark, uint32_t *out)
{
	SMI_AUTOFREE char *copy = smi_memdup(key.p, key.len);
	uint32_t i;

	if (!copy || (s->n + 1 > s->nslots / 2 && !grow_slots(s)) ||
	    (!s->free && !grow_states(s)))
		return -ENOMEM;
	i = s->free - 1;
	s->free = s->v[i].older;
	s->v[i] = (struct smi_state){ .hash = hash,
				      .key = smi_take(&copy),
				      .key_len = (uint32_t)key.len,
				      .mark = mark,
				      .queued = mark,
				      .covered = INT64_MIN,
				      .quiet = INT64_MIN };
	s->slots[find_slot(s, hash)] = (struct smi_slot){ hash, i + 1 };
	link_newest(s, i);
	s->n++;
	*out = i;
	return 0;
}

static void queue_again(struct smi_states *s, uint32_t i)
{
	s->v[i].queued = s->v[i].mark;
	unlink_state(s, i);
	link_newest(s, i);
}

uint32_t smi_states_older(struct smi_states *s, int64_t mark)
{
	while (s->oldest && s->v[s->oldest - 1].queued < mark) {
		uint32_t i = s->oldest - 1;

		if (s->v[i].mark < mark)
			return i;
		queue_again(s, i);
	}
	return SMI_NO_STATE;
}

uint32_t smi_states_oldest(struct smi_states *s)
{
	for (int tries = 0; tries < 16 && s->oldest; tries++) {
		uint32_t i = s->oldest - 1;

		if (s->v[i].mark == s->v[i].queued)
			break;
		queue_again(s, i);
	}
	return s->oldest ? s->oldest - 1 : SMI_NO_STATE;
}

static void close_gap(struct smi_states *s, uint32_t gap)
{
	uint32_t mask = s->nslots - 1;

	for (uint32_t i = (gap + 1) & mask; s->slots[i].state;
	     i = (i + 1) & mask) {
		uint32_t home = (uint32_t)s->slots[i].hash & mask;

		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		s->slots[gap] = s->slots[i];
		gap = i;
	}
	s->slots[gap] = (struct smi_slot){ 0 };
}

void smi_states_remove(struct smi_states *s, uint32_t i)
{
	struct smi_state *st = &s->v[i];

	close_gap(s, find_slot(s, st->hash));
	unlink_state(s, i);
	free(st->key);
	*st = (struct smi_state){ .older = s->free };
	s->free = i + 1;
	s->n--;
}
