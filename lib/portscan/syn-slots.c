/* SPDX-License-Identifier: MIT */
#include "portscan/syn-slots.h"

#include <stdlib.h>

int smi_syn_slots_init(struct smi_syn_slots *l, unsigned n)
{
	l->mask = 4;
	while (l->mask < 2 * n)
		l->mask *= 2;
	l->table = smi_zalloc(l->mask * sizeof(*l->table));
	l->v = smi_zalloc(n * sizeof(*l->v));
	l->mask--;
	return l->table && l->v ? 0 : -ENOMEM;
}

void smi_syn_slots_free(struct smi_syn_slots *l)
{
	free(l->table);
	free(l->v);
}

/* Of a keyed hash any bits do; the lower half is the sequence number. */
static uint32_t home_of(const struct smi_syn_slots *l, uint64_t cookie)
{
	return (uint32_t)(cookie >> 32) & l->mask;
}

void smi_syn_unlist(struct smi_syn_slots *l, struct smi_syn_slot *s)
{
	uint32_t at = home_of(l, s->cookie), next;
	uint32_t id = (uint32_t)(s - l->v) + 1;

	if (!s->out)
		return;
	s->out = false;
	while (l->table[at] != id)
		at = (at + 1) & l->mask;
	l->table[at] = 0;
	/* Those behind it that would have had its place move up. */
	for (next = (at + 1) & l->mask; l->table[next];
	     next = (next + 1) & l->mask) {
		uint32_t home = home_of(l, l->v[l->table[next] - 1].cookie);

		if (((next - home) & l->mask) < ((next - at) & l->mask))
			continue;
		l->table[at] = l->table[next];
		l->table[next] = 0;
		at = next;
	}
}

void smi_syn_list(struct smi_syn_slots *l, struct smi_syn_slot *s)
{
	uint32_t at = home_of(l, s->cookie);

	while (l->table[at])
		at = (at + 1) & l->mask;
	l->table[at] = (uint32_t)(s - l->v) + 1;
	s->out = true;
}

struct smi_syn_slot *smi_syn_find(const struct smi_syn_slots *l,
				  uint64_t cookie)
{
	for (uint32_t at = home_of(l, cookie); l->table[at];
	     at = (at + 1) & l->mask) {
		struct smi_syn_slot *s = &l->v[l->table[at] - 1];

		if (s->cookie == cookie)
			return s;
	}
	return NULL;
}
