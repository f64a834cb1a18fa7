/* SPDX-License-Identifier: MIT */
#include "base/map.h"

/* Linear probing; a removal moves the followers back, so there are no graves. */
#define CAP_FIRST 16

void smi_map_free(struct smi_map *m)
{
	for (size_t i = 0; i < m->cap; i++)
		free((void *)(uintptr_t)m->slots[i].key.p);
	free(m->slots);
	*m = (struct smi_map){ 0 };
}

/* The slot of the key, or the free one where it belongs. */
static struct smi_map_entry *find(const struct smi_map *m, struct smi_span key,
				  uint64_t hash)
{
	size_t mask = m->cap - 1;
	size_t i = hash & mask;

	while (m->slots[i].key.p &&
	       (m->slots[i].hash != hash || !smi_span_eq(m->slots[i].key, key)))
		i = (i + 1) & mask;
	return &m->slots[i];
}

void *smi_map_get(const struct smi_map *m, struct smi_span key)
{
	if (m->n == 0)
		return NULL;
	return find(m, key, smi_siphash(&m->sip, key.p, key.len))->value;
}

static bool grow(struct smi_map *m)
{
	size_t cap = m->cap ? m->cap * 2 : CAP_FIRST;
	struct smi_map_entry *slots;

	if (cap > SIZE_MAX / sizeof(*slots))
		return false;
	slots = smi_zalloc(cap * sizeof(*slots));
	if (!slots)
		return false;
	if (m->cap == 0)
		smi_siphash_random_key(&m->sip);
	for (size_t i = 0; i < m->cap; i++) {
		size_t at = m->slots[i].hash & (cap - 1);

		if (!m->slots[i].key.p)
			continue;
		while (slots[at].key.p)
			at = (at + 1) & (cap - 1);
		slots[at] = m->slots[i];
	}
	free(m->slots);
	m->slots = slots;
	m->cap = cap;
	return true;
}

bool smi_map_put(struct smi_map *m, struct smi_span key, void *value)
{
	struct smi_map_entry *e;
	uint64_t hash;
	char *copy;

	if (m->n + 1 > m->cap - m->cap / 4 && !grow(m))
		return false;
	hash = smi_siphash(&m->sip, key.p, key.len);
	e = find(m, key, hash);
	if (e->key.p) {
		e->value = value;
		return true;
	}
	copy = smi_memdup(key.p, key.len);
	if (!copy)
		return false;
	*e = (struct smi_map_entry){ hash, { copy, key.len }, value };
	m->n++;
	return true;
}

static void close_gap(struct smi_map *m, size_t gap)
{
	size_t mask = m->cap - 1;

	for (size_t i = (gap + 1) & mask; m->slots[i].key.p;
	     i = (i + 1) & mask) {
		size_t home = m->slots[i].hash & mask;

		/* It may move when its home is not between the gap and it. */
		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		m->slots[gap] = m->slots[i];
		gap = i;
	}
	m->slots[gap] = (struct smi_map_entry){ 0 };
}

void *smi_map_remove(struct smi_map *m, struct smi_span key)
{
	struct smi_map_entry *e;
	void *value;

	if (m->n == 0)
		return NULL;
	e = find(m, key, smi_siphash(&m->sip, key.p, key.len));
	if (!e->key.p)
		return NULL;
	value = e->value;
	free((void *)(uintptr_t)e->key.p);
	close_gap(m, (size_t)(e - m->slots));
	m->n--;
	return value;
}

bool smi_map_next(const struct smi_map *m, size_t *i, struct smi_map_entry *out)
{
	while (*i < m->cap) {
		const struct smi_map_entry *e = &m->slots[(*i)++];

		if (e->key.p) {
			*out = *e;
			return true;
		}
	}
	return false;
}
