/* SPDX-License-Identifier: MIT */
#include "detect/correlator.h"

/* Evidence gives way to keys while it has more than this, */
#define EVIDENCE_MIN ((size_t)512 << 10)
/* and keys that came once go before the others while there are so many. */
#define SINGLES_MIN 4096
/* In values of one that is awake. */
#define IS_TIDY 1

void smi_corr_queue(struct smi_correlator *c, struct smi_corr_group *g,
		    struct smi_key *key)
{
	uint32_t number = smi_pool_number(&c->pool, key);

	key->mark = g->clock;
	if (key->n == 1) {
		smi_keys_push(&c->keys, &g->single, key);
		g->nsingle++;
		if (!g->strip)
			g->strip = number;
		return;
	}
	if (key->n == 0) {
		SMI_KEY_QUEUED(key) = key->mark;
		key->first.values = 0;
	}
	smi_keys_push(&c->keys, &g->many, key);
	if (!g->untidy)
		g->untidy = number;
}

void smi_corr_unqueue(struct smi_correlator *c, struct smi_corr_group *g,
		      struct smi_key *key)
{
	uint32_t number = smi_pool_number(&c->pool, key);

	if (key->n == 1) {
		if (g->strip == number)
			g->strip = key->newer;
		smi_keys_pull(&c->keys, &g->single, key);
		g->nsingle--;
		return;
	}
	if (g->untidy == number)
		g->untidy = key->newer;
	smi_keys_pull(&c->keys, &g->many, key);
}

void smi_corr_touch(struct smi_correlator *c, struct smi_corr_group *g,
		    struct smi_key *key)
{
	if (key->first.values == IS_TIDY) {
		smi_corr_unqueue(c, g, key);
		smi_corr_queue(c, g, key);
	}
	key->mark = g->clock;
}

/* Somebody may be at work on it. */
static bool is_pinned(const struct smi_correlator *c,
		      const struct smi_corr_group *g, const struct smi_key *key)
{
	return key == g->current && g->serial == c->serial;
}

static void drop_events(struct smi_correlator *c, struct smi_key *key)
{
	uint32_t number = key->first.next;

	smi_hit_unref(&c->pool, smi_pool_at(&c->pool, key->first.hit));
	for (size_t i = key->n; i-- > 1;) {
		struct smi_early *e = smi_pool_at(&c->pool, number);

		number = e->next;
		smi_hit_unref(&c->pool, smi_pool_at(&c->pool, e->hit));
		if (i % 2)
			smi_pool_free(&c->pool, e, 2 * sizeof(*e));
	}
}

static struct smi_state *first_state(const struct smi_correlator *c,
				     const struct smi_key *key)
{
	return smi_pool_at(&c->pool, SMI_KEY_STATES(key));
}

void smi_corr_drop_key(struct smi_correlator *c, struct smi_corr_group *g,
		       struct smi_key *key)
{
	struct smi_state *st;

	smi_corr_unqueue(c, g, key);
	if (key->n)
		drop_events(c, key);
	while (!key->n && (st = first_state(c, key)) != NULL) {
		smi_episode_drop(c, &c->corrs[st->corr], st);
		smi_state_remove(&c->keys, key, st);
	}
	if (g->current == key)
		g->current = NULL;
	smi_keys_remove(&c->keys, key);
}

static int close_key(struct smi_correlator *c, struct smi_corr_group *g,
		     struct smi_key *key)
{
	struct smi_state *st = key->n ? NULL : first_state(c, key);
	int r = 0;

	for (; r == 0 && st; st = smi_pool_at(&c->pool, st->next))
		r = smi_episode_close(c, &c->corrs[st->corr], st);
	smi_corr_drop_key(c, g, key);
	return r;
}

static uint64_t counted(const struct smi_correlator *c,
			const struct smi_key *key)
{
	const struct smi_early *e = &key->first;
	const struct smi_state *st = key->n ? NULL : first_state(c, key);
	uint64_t n = 0;

	for (; key->n && e; e = smi_pool_at(&c->pool, e->next))
		n += e->weight;
	for (; st; st = smi_pool_at(&c->pool, st->next))
		n = SMI_MAX(n, st->window.weight);
	return n;
}

/* The oldest of a queue; those that were touched since go to its end. */
static struct smi_key *oldest_of(struct smi_correlator *c,
				 struct smi_corr_group *g,
				 const struct smi_key_queue *q)
{
	struct smi_key *key = smi_keys_at(&c->keys, q->oldest);

	for (int tries = 0; key && !key->n && tries < 16; tries++) {
		uint32_t mark = key->mark, values = key->first.values;

		if (mark == SMI_KEY_QUEUED(key))
			break;
		smi_corr_unqueue(c, g, key);
		smi_corr_queue(c, g, key);
		key->mark = SMI_KEY_QUEUED(key) = mark;
		key->first.values = values;
		key = smi_keys_at(&c->keys, q->oldest);
	}
	while (key && is_pinned(c, g, key))
		key = smi_keys_at(&c->keys, key->newer);
	return key;
}

static bool strip(struct smi_correlator *c)
{
	struct smi_corr_group *best = NULL;
	struct smi_key *key = NULL;

	for (size_t i = 0; i < c->ngroups; i++) {
		struct smi_corr_group *g = &c->groups[i];
		struct smi_key *k;

		while ((k = smi_keys_at(&c->keys, g->strip)) && !k->first.hit)
			g->strip = k->newer;
		if (!k || (key && k->mark >= key->mark))
			continue;
		key = k;
		best = g;
	}
	if (!key)
		return false;
	smi_hit_unref(&c->pool, smi_pool_at(&c->pool, key->first.hit));
	key->first.hit = 0;
	best->strip = key->newer;
	return true;
}

static struct smi_key *choose(struct smi_correlator *c, bool singles,
			      struct smi_corr_group **out)
{
	struct smi_key *best = NULL;

	for (size_t i = 0; i < c->ngroups; i++) {
		struct smi_corr_group *g = &c->groups[i];
		struct smi_key *key =
			oldest_of(c, g, singles ? &g->single : &g->many);

		if (!key || (best && key->mark >= best->mark))
			continue;
		best = key;
		*out = g;
	}
	return best;
}

static bool evict_key(struct smi_correlator *c, struct smi_corr_group *g,
		      struct smi_key *key)
{
	int r;

	if (!key)
		return false;
	c->lost.keys++;
	c->lost.most = SMI_MAX(c->lost.most, counted(c, key));
	r = close_key(c, g, key);
	if (r < 0)
		c->failed = r;
	return true;
}

static bool evict(struct smi_correlator *c)
{
	struct smi_corr_group *gs = NULL, *gm = NULL;
	struct smi_key *single = choose(c, true, &gs), *many = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->ngroups; i++)
		n += c->groups[i].nsingle;
	if (!single || n < SINGLES_MIN)
		many = choose(c, false, &gm);
	if (many && (!single || many->mark <= single->mark))
		return evict_key(c, gm, many);
	return evict_key(c, gs, single);
}

/* Blocks of other sizes belong to keys that are awake. */
static bool evict_many(struct smi_correlator *c)
{
	struct smi_corr_group *g;
	struct smi_key *key = choose(c, false, &g);

	return key ? evict_key(c, g, key) : evict(c);
}

bool smi_corr_reclaim(void *user, size_t size)
{
	struct smi_correlator *c = user;

	if (size > SMI_POOL_BULK || size <= SMI_POOL_BULK - 16)
		return evict_many(c);
	return (c->pool.hits > EVIDENCE_MIN && strip(c)) || evict(c);
}

struct smi_hit *smi_corr_hit(struct smi_correlator *c,
			     struct smi_corr_event *ev)
{
	int r = -ENOSPC;

	if (ev->hit_tried)
		return ev->hit;
	ev->hit_tried = true;
	if (c->pool.hits < SMI_EVIDENCE_BYTES || strip(c))
		r = smi_hit_new(&c->pool, ev->line, ev->m, ev->ordinal,
				&ev->hit);
	/* A chunk of keys must go before a hit has room. */
	for (int tries = 0; r == -ENOSPC && tries < 256; tries++) {
		if (c->pool.hits > EVIDENCE_MIN ? !strip(c) : !evict(c))
			break;
		r = smi_hit_new(&c->pool, ev->line, ev->m, ev->ordinal,
				&ev->hit);
	}
	c->lost.evidence += r == -ENOSPC;
	ev->no_memory = r == -ENOMEM;
	return ev->hit;
}

/* It has had its window. */
static bool is_done(const struct smi_correlator *c, const struct smi_state *st)
{
	int64_t since = c->clock.now - c->corrs[st->corr].keep;

	return (st->any ? st->last : st->covered) < since;
}

static int tidy_key(struct smi_correlator *c, struct smi_corr_group *g,
		    struct smi_key *key)
{
	struct smi_state *st = first_state(c, key), *next;
	int r = 0;

	for (; r == 0 && st; st = next) {
		struct smi_corr *k = &c->corrs[st->corr];

		next = smi_pool_at(&c->pool, st->next);
		if (!is_done(c, st))
			continue;
		r = smi_episode_close(c, k, st);
		smi_state_remove(&c->keys, key, st);
	}
	key->first.values = IS_TIDY;
	return r;
}

/* It stays where it is in the queue, unless another one is its place. */
static int tidy_asleep(struct smi_correlator *c, struct smi_corr_group *g,
		       struct smi_key *key)
{
	uint32_t mark = key->mark;
	uint8_t n = key->n;
	int r = smi_corr_drop_past(c, g, key);
	uint8_t left = key->n;

	if (left > 1)
		return r;
	key->n = n;
	smi_corr_unqueue(c, g, key);
	key->n = left;
	if (left) {
		smi_corr_queue(c, g, key);
		key->mark = mark;
	} else {
		smi_keys_remove(&c->keys, key);
	}
	return r;
}

static int tidy(struct smi_correlator *c, struct smi_corr_group *g)
{
	struct smi_key *key;
	int r = 0;

	while (r == 0 && (key = smi_keys_at(&c->keys, g->untidy)) != NULL) {
		uint32_t mark = key->mark;
		uint32_t queued = key->n ? mark : SMI_KEY_QUEUED(key);

		if (queued + (uint64_t)g->tidy >= g->clock)
			break;
		g->untidy = key->newer;
		if (key->n) {
			r = tidy_asleep(c, g, key);
			continue;
		}
		if (mark + (uint64_t)g->tidy >= g->clock) {
			smi_corr_unqueue(c, g, key);
			smi_corr_queue(c, g, key);
			key->mark = SMI_KEY_QUEUED(key) = mark;
			continue;
		}
		r = tidy_key(c, g, key);
		if (!first_state(c, key))
			smi_corr_drop_key(c, g, key);
	}
	return r;
}

/* A mark is the time of the log when the key was touched, which may have been behind
 * that of its line. */
static bool is_stale(struct smi_correlator *c, const struct smi_corr_group *g,
		     const struct smi_key *key)
{
	const struct smi_state *st;

	if (key->n)
		return smi_corr_is_past(c, g, key);
	for (st = first_state(c, key); st; st = smi_pool_at(&c->pool, st->next))
		if (!is_done(c, st))
			return false;
	return true;
}

static int expire(struct smi_correlator *c, struct smi_corr_group *g,
		  const struct smi_key_queue *q)
{
	int r = 0;

	while (r == 0) {
		struct smi_key *key = oldest_of(c, g, q);

		if (!key || key->mark + (uint64_t)g->keep >= g->clock)
			break;
		if (is_stale(c, g, key)) {
			r = close_key(c, g, key);
			continue;
		}
		smi_corr_unqueue(c, g, key);
		smi_corr_queue(c, g, key);
	}
	return r;
}

int smi_corr_sweep(struct smi_correlator *c, struct smi_corr_group *g)
{
	int64_t s = SMI_MIN(SMI_MAX(c->clock.now / SMI_SEC, 0),
			    (int64_t)UINT32_MAX);
	int r;

	if (s == g->clock)
		return 0;
	g->clock = (uint32_t)s;
	r = expire(c, g, &g->single);
	if (r == 0)
		r = expire(c, g, &g->many);
	return r == 0 && g->tidy ? tidy(c, g) : r;
}
