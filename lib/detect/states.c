/* SPDX-License-Identifier: MIT */
#include "detect/states.h"

struct smi_state *smi_state_add(struct smi_keys *k, struct smi_key *key,
				uint16_t corr)
{
	struct smi_state *st = smi_pool_alloc(k->pool, sizeof(*st), NULL);

	if (!st)
		return NULL;
	*st = (struct smi_state){ .next = SMI_KEY_STATES(key),
				  .corr = corr,
				  .covered = INT64_MIN };
	SMI_KEY_STATES(key) = smi_pool_number(k->pool, st);
	return st;
}

struct smi_state *smi_state_add_aside(struct smi_keys *k, struct smi_state *st)
{
	struct smi_state *a = smi_pool_alloc(k->pool, sizeof(*a), NULL);

	if (!a)
		return NULL;
	*a = (struct smi_state){ .next = st->next,
				 .corr = st->corr,
				 .covered = INT64_MIN };
	st->next = smi_pool_number(k->pool, a);
	st->split = true;
	return a;
}

static void swap_contents(struct smi_state *st, struct smi_state other,
			  uint32_t next, bool split)
{
	*st = other;
	st->next = next;
	st->split = split;
	if (st->open)
		st->open->state = st;
}

void smi_state_swap(struct smi_state *a, struct smi_state *b)
{
	struct smi_state was = *a;

	swap_contents(a, *b, a->next, a->split);
	swap_contents(b, was, b->next, b->split);
}

void smi_state_remove(struct smi_keys *k, struct smi_key *key,
		      struct smi_state *st)
{
	uint32_t number = smi_pool_number(k->pool, st);
	uint32_t *at = &SMI_KEY_STATES(key);
	struct smi_state *before = NULL;

	while (*at != number) {
		before = smi_pool_at(k->pool, *at);
		at = &before->next;
	}
	if (before && before->corr == st->corr)
		before->split = false;
	*at = st->next;
	smi_pool_free(k->pool, st, sizeof(*st));
}

static void set_due(struct smi_open_queue *q)
{
	q->due = q->oldest ? q->oldest->queued : INT64_MAX;
}

void smi_open_push(struct smi_open_queue *q, struct smi_open *o)
{
	o->newer = NULL;
	o->older = q->newest;
	if (q->newest)
		q->newest->newer = o;
	else
		q->oldest = o;
	q->newest = o;
	o->queued = o->state->last;
	set_due(q);
}

void smi_open_pull(struct smi_open_queue *q, struct smi_open *o)
{
	if (o->newer)
		o->newer->older = o->older;
	else
		q->newest = o->older;
	if (o->older)
		o->older->newer = o->newer;
	else
		q->oldest = o->newer;
	set_due(q);
}
