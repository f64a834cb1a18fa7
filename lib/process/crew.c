/* SPDX-License-Identifier: MIT */
#include "process/crew.h"

#include <stdlib.h>

#include "core/workers.h"

#define BATCH 128 /* processes */

struct item {
	sm_record *rec;
	int r; /* of smi_snapshot_take() */
	bool whole;
	struct smi_tally tally; /* what it took */
};

struct batch {
	size_t from, n;
	struct item items[BATCH];
	struct smi_arena arena;
};

/* What a thread works with. */
struct hand {
	struct smi_snapshot snap;
	struct smi_arena arena; /* of what is kept */
};

struct smi_crew {
	struct smi_crew_opts o;
	struct smi_workers *workers;
	struct hand *hands; /* one a thread */
	struct batch *batches;
	void **parts;
	size_t nparts;
	size_t next; /* of the list, to be filled */
	struct batch *batch;
	size_t at; /* in it */
};

static bool fill(void *user, void *part)
{
	struct smi_crew *c = user;
	struct batch *b = part;
	size_t left = c->o.pids->list.n - c->next;

	b->from = c->next;
	b->n = SMI_MIN(left, BATCH);
	c->next += b->n;
	return c->next < c->o.pids->list.n;
}

static void take_one(struct smi_crew *c, struct hand *h, struct smi_arena *a,
		     int32_t pid, struct item *item)
{
	struct smi_tally before = h->snap.tally;

	item->r = smi_snapshot_take(&h->snap, a, pid,
				    smi_cpu_find(c->o.looks, pid), &item->rec);
	if (item->r >= 0 && smi_arena_error(a))
		item->r = -ENOMEM;
	item->whole = smi_tally_since(&h->snap.tally, &before, &item->tally);
}

static void work(void *user, void *part, size_t thread)
{
	struct smi_crew *c = user;
	struct hand *h = &c->hands[thread];
	struct batch *b = part;
	struct smi_arena *a = c->o.keep ? &h->arena : &b->arena;

	smi_arena_reset(&b->arena);
	smi_tally_share(&h->snap.tally);
	for (size_t i = 0; i < b->n; i++)
		take_one(c, h, a, c->o.pids->list.v[b->from + i], &b->items[i]);
}

static const struct smi_workers_ops workers_ops = {
	.fill = fill,
	.work = work,
};

void smi_crew_free(struct smi_crew *c)
{
	if (!c || !smi_workers_free(c->workers))
		return;
	for (size_t i = 0; c->hands && i < c->o.threads; i++) {
		smi_snapshot_free(&c->hands[i].snap);
		smi_arena_free(&c->hands[i].arena);
	}
	for (size_t i = 0; c->batches && i < c->nparts; i++)
		smi_arena_free(&c->batches[i].arena);
	free(c->hands);
	free(c->batches);
	free(c->parts);
	free(c);
}

static int make_hands(struct smi_crew *c)
{
	int r = 0;

	c->hands = smi_zalloc(c->o.threads * sizeof(*c->hands));
	for (size_t i = 0; c->hands && i < c->o.threads; i++)
		c->hands[i].snap.is_copy = true;
	for (size_t i = 0; c->hands && r == 0 && i < c->o.threads; i++)
		r = smi_snapshot_copy(c->o.snap, &c->hands[i].snap);
	return c->hands ? r : -ENOMEM;
}

static int make_batches(struct smi_crew *c)
{
	c->nparts = SMI_WORKERS_PARTS(c->o.threads);
	c->batches = smi_zalloc(c->nparts * sizeof(*c->batches));
	c->parts = smi_zalloc(c->nparts * sizeof(*c->parts));
	if (!c->batches || !c->parts)
		return -ENOMEM;
	for (size_t i = 0; i < c->nparts; i++)
		c->parts[i] = &c->batches[i];
	return 0;
}

static int start(struct smi_crew *c)
{
	struct smi_workers_opts w = {
		.ops = &workers_ops,
		.user = c,
		.threads = c->o.threads,
	};
	int r = make_hands(c);

	if (r == 0)
		r = make_batches(c);
	w.parts = c->parts;
	w.nparts = c->nparts;
	return r < 0 ? r : smi_workers_new(&w, &c->workers);
}

int smi_crew_new(const struct smi_crew_opts *o, struct smi_crew **out)
{
	struct smi_crew *c;
	int r;

	*out = NULL;
	if (o->threads < 2 || o->pids->list.n <= BATCH)
		return 0;
	c = smi_zalloc(sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->o = *o;
	r = start(c);
	if (r == 0 && smi_workers_n(c->workers) > 1) {
		smi_workers_go(c->workers);
		*out = c;
		return 0;
	}
	smi_crew_free(c);
	return r;
}

static struct item *next_item(struct smi_crew *c)
{
	if (!c->batch) {
		c->batch = smi_workers_take(c->workers);
		c->at = 0;
	}
	return &c->batch->items[c->at++];
}

int smi_crew_take(struct smi_crew *c, struct smi_snapshot *owner,
		  struct smi_arena *a, int32_t pid, sm_record **out)
{
	const struct item *item = next_item(c);

	if (item->r < 0)
		return item->r;
	if (!item->whole || !smi_tally_add(&owner->tally, &item->tally))
		return smi_snapshot_take(owner, a, pid,
					 smi_cpu_find(c->o.looks, pid), out);
	*out = item->rec;
	return item->r;
}

bool smi_crew_is_spent(const struct smi_crew *c)
{
	return c->batch && c->at == c->batch->n;
}

void smi_crew_turn(struct smi_crew *c)
{
	if (!smi_crew_is_spent(c))
		return;
	c->batch = NULL;
	smi_workers_give_back(c->workers);
}
