/* SPDX-License-Identifier: MIT */
#include "detect/states.h"

#include <stdlib.h>

#define CAP_FIRST 16

void smi_states_free(struct smi_states *s)
{
	free(s->v);
	*s = (struct smi_states){ .keys = s->keys,
				  .seat = s->seat,
				  .due = INT64_MAX };
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

static void set_due(struct smi_states *s)
{
	s->due = s->oldest ? s->v[s->oldest - 1].queued : INT64_MAX;
}

int smi_states_add(struct smi_states *s, uint32_t key, int64_t mark,
		   uint32_t *out)
{
	uint32_t i;

	if (!s->free && !grow_states(s))
		return -ENOMEM;
	i = s->free - 1;
	s->free = s->v[i].older;
	s->v[i] = (struct smi_state){ .key = key,
				      .mark = mark,
				      .queued = mark,
				      .covered = INT64_MIN,
				      .quiet = INT64_MIN };
	*smi_keys_seat(s->keys, key, s->seat) = i + 1;
	s->keys->v[key].users++;
	link_newest(s, i);
	set_due(s);
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
	while (s->due < mark) {
		uint32_t i = s->oldest - 1;

		if (s->v[i].mark < mark)
			return i;
		queue_again(s, i);
		set_due(s);
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
	set_due(s);
	return s->oldest ? s->oldest - 1 : SMI_NO_STATE;
}

void smi_states_remove(struct smi_states *s, uint32_t i)
{
	struct smi_state *st = &s->v[i];

	*smi_keys_seat(s->keys, st->key, s->seat) = 0;
	if (!--s->keys->v[st->key].users)
		smi_keys_remove(s->keys, st->key);
	unlink_state(s, i);
	*st = (struct smi_state){ .older = s->free };
	s->free = i + 1;
	set_due(s);
	s->n--;
}
