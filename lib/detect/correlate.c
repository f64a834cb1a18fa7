/* SPDX-License-Identifier: MIT */
#include "detect/correlate.h"

#include <stdlib.h>

#include "detect/correlator.h"

#define THIN (SMI_EVIDENCE_HEAD + SMI_EVIDENCE_TAIL)

/* The key of the event may be the one that goes with its last state. */
static int drop_state(struct smi_correlator *c, struct smi_corr *k, uint32_t i)
{
	int r = smi_episode_close(c, k, &k->states.v[i]);
	uint32_t key = k->states.v[i].key;

	smi_states_remove(&k->states, i);
	if (key == k->group->current && !k->group->keys.v[key].text)
		k->group->current = SMI_NO_KEY;
	return r;
}

/* Closes what has had its window without a further event. */
static int sweep(struct smi_correlator *c, struct smi_corr *k)
{
	uint32_t i;
	int r = 0;

	while (r == 0 && (i = smi_states_older(&k->states, k->now - k->keep)) !=
				 SMI_NO_STATE)
		r = drop_state(c, k, i);
	return r;
}

static int write_key(struct smi_corr_group *g, const struct smi_corr_event *ev)
{
	g->has = smi_key_make(&g->text, g->roles, g->n, ev->line, ev->m,
			      g->bits4, g->bits6);
	return smi_buf_error(&g->text);
}

static int add_state(struct smi_correlator *c, struct smi_corr *k,
		     const struct smi_corr_event *ev, uint32_t *i)
{
	struct smi_corr_group *g = k->group;
	int r = 0;

	if (k->states.n >= SMI_MAX_KEYS) {
		r = drop_state(c, k, smi_states_oldest(&k->states));
		c->lost.keys++;
	}
	if (r == 0 && g->current == SMI_NO_KEY)
		r = write_key(g, ev);
	if (r == 0 && g->current == SMI_NO_KEY)
		r = smi_keys_add(&g->keys, g->hash, smi_buf_span(&g->text),
				 &g->current);
	if (r < 0)
		return r;
	r = smi_states_add(&k->states, g->current, k->now, i);
	if (r < 0 && !g->keys.v[g->current].users) {
		smi_keys_remove(&g->keys, g->current);
		g->current = SMI_NO_KEY;
	}
	return r;
}

/* NULL where there is none and make is false. */
static int find_state(struct smi_correlator *c, struct smi_corr *k,
		      const struct smi_corr_event *ev, bool make,
		      struct smi_state **out)
{
	uint32_t i = smi_states_find(&k->states, k->group->current);
	int r = 0;

	*out = NULL;
	if (i == SMI_NO_STATE && make)
		r = add_state(c, k, ev, &i);
	if (r < 0 || i == SMI_NO_STATE)
		return r;
	*out = &k->states.v[i];
	(*out)->mark = k->now;
	return 0;
}

struct smi_hit *smi_corr_hit(struct smi_correlator *c,
			     struct smi_corr_event *ev)
{
	int r;

	if (ev->hit_tried)
		return ev->hit;
	ev->hit_tried = true;
	r = smi_hit_new(&c->hits, ev->line, ev->m, ev->ordinal, &ev->hit);
	c->lost.evidence += r == -ENOSPC;
	ev->no_memory = r == -ENOMEM;
	return ev->hit;
}

/* The hash of a value of the event; many correlations ask for the same one. */
static bool value_of(struct smi_correlator *c, struct smi_corr_event *ev,
		     enum smi_role role, uint64_t *out)
{
	if (!(ev->hashed >> role & 1)) {
		if (!smi_key_value(&c->sip, role, ev->line, ev->m,
				   &ev->values[role]))
			return false;
		ev->hashed |= 1u << role;
	}
	*out = ev->values[role];
	return true;
}

/* The middle of a long window will not be shown: its lines need no memory. */
static void thin_window(struct smi_correlator *c, struct smi_window *w)
{
	struct smi_wentry *e;

	if (w->n <= THIN)
		return;
	e = &w->e[w->head + w->n - 1 - SMI_EVIDENCE_TAIL];
	smi_hit_unref(&c->hits, e->hit);
	e->hit = NULL;
}

static bool is_met(const struct smi_corr *k, const struct smi_state *st)
{
	const struct smi_window *w = &st->window;

	if (k->conf.type == SMI_CORR_VALUE_COUNT)
		return w->distinct >= k->conf.count &&
		       w->weight >= k->conf.min_events;
	return w->weight >= k->conf.count;
}

static int count_windowed(struct smi_correlator *c, struct smi_corr *k,
			  struct smi_state *st, struct smi_corr_event *ev,
			  uint64_t value)
{
	struct smi_wentry entry = { ev->time, ev->m->count, value,
				    smi_corr_hit(c, ev) };
	int r;

	smi_window_prune(&st->window, &k->wconf, st->last);
	r = smi_window_add(&st->window, &k->wconf, entry);
	if (r < 0)
		return r;
	thin_window(c, &st->window);
	if (!is_met(k, st) || st->last < st->quiet)
		return 0;
	if (st->open)
		st->open->met = st->last;
	else
		r = smi_episode_open(c, k, st, st->last);
	if (r == 0 && k->conf.then)
		smi_window_trim(&st->window, &k->wconf, k->conf.count);
	return r;
}

static int count_open(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st, struct smi_corr_event *ev,
		      uint64_t value)
{
	struct smi_open *o = st->open;

	o->count += ev->m->count;
	o->first = SMI_MIN(o->first, ev->time);
	smi_episode_add(c, o, smi_corr_hit(c, ev));
	return k->conf.then ? count_windowed(c, k, st, ev, value) : 0;
}

/* Which items of a temporal correlation have come, and in which order. */
static bool mark_item(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st, struct smi_corr_event *ev,
		      size_t item)
{
	bool ordered = k->conf.type == SMI_CORR_TEMPORAL_ORDERED;
	struct smi_seen *s = &st->seen[item];
	int64_t start = ev->time;

	if (ordered && item > 0) {
		if (!s[-1].set || ev->time < s[-1].time ||
		    ev->time - s[-1].start > k->conf.span)
			return false;
		start = s[-1].start;
	}
	smi_hit_unref(&c->hits, s->hit);
	*s = (struct smi_seen){ ev->time, start,
				smi_hit_ref(smi_corr_hit(c, ev)), true };
	if (ordered)
		return item + 1 == k->conf.nitems;
	for (size_t i = 0; i < k->conf.nitems; i++)
		if (!st->seen[i].set ||
		    st->last - st->seen[i].time > k->conf.span)
			return false;
	return true;
}

static void *zeroed(struct smi_pool *pool, size_t size)
{
	void *p = smi_pool_alloc(pool, size, NULL);

	return p ? memset(p, 0, size) : NULL;
}

static int count_temporal(struct smi_correlator *c, struct smi_corr *k,
			  struct smi_state *st, struct smi_corr_event *ev,
			  size_t item)
{
	struct smi_open *o;

	if (!st->seen)
		st->seen = zeroed(&c->pool, k->conf.nitems * sizeof(*st->seen));
	if (!st->seen)
		return -ENOMEM;
	if (!mark_item(c, k, st, ev, item) || st->last < st->quiet)
		return 0;
	o = zeroed(&c->pool, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->first = INT64_MAX;
	o->met = st->last;
	for (size_t i = 0; i < k->conf.nitems; i++) {
		o->first = SMI_MIN(o->first, st->seen[i].time);
		o->count++;
		smi_episode_add(c, o, st->seen[i].hit);
	}
	if (k->conf.type == SMI_CORR_TEMPORAL_ORDERED)
		o->first = st->seen[k->conf.nitems - 1].start;
	st->open = o;
	return 0;
}

/* The same value of field and of once-per was counted a moment ago. */
static int was_counted(struct smi_correlator *c, struct smi_corr *k,
		       struct smi_state *st, struct smi_corr_event *ev,
		       uint64_t value)
{
	struct smi_recent *q;
	uint64_t once;

	if (k->conf.once_per == SMI_ROLE_NONE ||
	    !value_of(c, ev, k->conf.once_per, &once))
		return 0;
	if (!st->recent)
		st->recent = zeroed(&c->pool, sizeof(*st->recent));
	q = st->recent;
	if (!q)
		return -ENOMEM;
	once = once * 31 + value;
	for (uint32_t i = 0; i < SMI_MIN(q->n, (uint32_t)SMI_RECENT); i++)
		if (q->v[i] == once)
			return 1;
	q->v[q->n++ % SMI_RECENT] = once;
	return 0;
}

static int count(struct smi_correlator *c, struct smi_corr *k,
		 struct smi_state *st, struct smi_corr_event *ev, size_t item)
{
	int64_t gap = st->any ? ev->time - st->last : 0;
	uint64_t value = 0;
	int r = 0;

	if (gap > k->conf.span || gap < -k->conf.span)
		r = smi_episode_close(c, k, st);
	if (r < 0)
		return r;
	if (k->conf.field != SMI_ROLE_NONE &&
	    !value_of(c, ev, k->conf.field, &value))
		return 0;
	st->last = st->any ? SMI_MAX(st->last, ev->time) : ev->time;
	st->any = true;
	r = was_counted(c, k, st, ev, value);
	if (r)
		return SMI_MIN(r, 0);
	if (st->open)
		return count_open(c, k, st, ev, value);
	if (k->wconf.max_entries)
		return count_windowed(c, k, st, ev, value);
	return count_temporal(c, k, st, ev, item);
}

static int except(struct smi_correlator *c, struct smi_corr *k,
		  struct smi_state *st, struct smi_corr_event *ev)
{
	uint64_t value;

	if (!value_of(c, ev, k->conf.field, &value) || st->open)
		return 0;
	return smi_window_except(&st->window, &k->wconf, value, ev->time);
}

static void then(struct smi_correlator *c, struct smi_corr *k,
		 struct smi_state *st, struct smi_corr_event *ev)
{
	struct smi_open *o = st->open;

	if (!o || o->then_seen || ev->time < o->met ||
	    ev->time - o->met > k->conf.within)
		return;
	o->then_seen = true;
	o->before = o->count;
	o->then = smi_hit_ref(smi_corr_hit(c, ev));
	st->last = SMI_MAX(st->last, ev->time);
}

/* A key of one whole value has the hash of the value; its text is written only
 * for a state that is new. */
static int make_key(struct smi_correlator *c, struct smi_corr_group *g,
		    struct smi_corr_event *ev)
{
	int r = 0;

	if (g->serial == c->serial)
		return 0;
	g->serial = c->serial;
	g->current = SMI_NO_KEY;
	if (g->n == 1 && !g->bits4 && !g->bits6) {
		g->has = value_of(c, ev, g->roles[0], &g->hash);
	} else {
		r = write_key(g, ev);
		if (g->has)
			g->hash = smi_siphash(&c->sip, g->text.p, g->text.len);
	}
	if (g->has)
		g->current = smi_keys_find(&g->keys, g->hash);
	return r;
}

/* k has spoken for this key: those that yield to it, and its prefix, keep still. */
static int cover(struct smi_correlator *c, struct smi_corr *k,
		 struct smi_corr_event *ev)
{
	struct smi_state *st = NULL;
	int r = make_key(c, k->group, ev);

	if (r == 0 && k->group->has)
		r = find_state(c, k, ev, false, &st);
	if (st)
		st->covered = SMI_MAX(st->covered, ev->time);
	return r;
}

static int feed_one(struct smi_correlator *c, struct smi_corr *k,
		    const struct smi_feed *f, struct smi_corr_event *ev,
		    bool *is_open)
{
	struct smi_state *st;
	int r = make_key(c, k->group, ev);

	*is_open = false;
	if (r < 0 || !k->group->has)
		return r;
	k->now = ev->time < k->now - k->conf.span ? ev->time
						  : SMI_MAX(k->now, ev->time);
	if (k->states.due < k->now - k->keep)
		r = sweep(c, k);
	if (r == 0)
		r = find_state(c, k, ev, f->what != SMI_FEED_THEN, &st);
	if (r < 0 || !st)
		return r;
	if (f->what == SMI_FEED_COUNT)
		r = count(c, k, st, ev, f->item);
	else if (f->what == SMI_FEED_EXCEPT)
		r = except(c, k, st, ev);
	else
		then(c, k, st, ev);
	*is_open = st->open != NULL;
	return r;
}

static int announce(struct smi_correlator *c, const struct smi_corr *k)
{
	uint32_t i = smi_states_find(&k->states, k->group->current);

	return i == SMI_NO_STATE ? 0
				 : smi_episode_announce(c, k, &k->states.v[i]);
}

static int feed(struct smi_correlator *c, const struct smi_feed *f,
		struct smi_corr_event *ev)
{
	struct smi_corr *k = &c->corrs[f->corr];
	bool open, wide = false;
	int r = feed_one(c, k, f, ev, &open);

	if (r == 0 && k->prefix)
		r = feed_one(c, k->prefix, f, ev, &wide);
	if (r == 0 && open && k->prefix)
		r = cover(c, k->prefix, ev);
	for (size_t i = 0; r == 0 && open && i < k->nyielders; i++)
		r = cover(c, &c->corrs[k->yielders[i]], ev);
	if (r == 0 && open && c->live)
		r = announce(c, k);
	if (r == 0 && wide && c->live)
		r = announce(c, k->prefix);
	return r;
}

int smi_correlator_feed(struct smi_correlator *c, const struct smi_line *line,
			const struct smi_match *m, int64_t time,
			uint32_t ordinal)
{
	const struct smi_feeds *feeds = &c->rs->feeds[m->rule->index];
	struct smi_corr_event ev;
	int r = 0;

	ev.line = line;
	ev.m = m;
	ev.time = time;
	ev.ordinal = ordinal;
	ev.hit = NULL;
	ev.hit_tried = ev.no_memory = false;
	ev.hashed = 0;
	c->serial++;
	for (size_t i = 0; r == 0 && i < feeds->n; i++)
		r = feed(c, &feeds->v[i], &ev);
	smi_hit_unref(&c->hits, ev.hit);
	return r < 0 ? r : ev.no_memory ? -ENOMEM : 0;
}

struct pending {
	struct smi_corr *k;
	struct smi_state *st;
};

static int by_first(const void *a, const void *b)
{
	const struct pending *x = a, *y = b;
	int64_t fx = x->st->open->first, fy = y->st->open->first;

	if (fx != fy)
		return fx < fy ? -1 : 1;
	if (x->k != y->k)
		return x->k < y->k ? -1 : 1;
	return smi_span_cmp(smi_keys_text(&x->k->group->keys, x->st->key),
			    smi_keys_text(&y->k->group->keys, y->st->key));
}

static size_t list_open(struct smi_correlator *c, struct pending *out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct smi_states *s = &c->corrs[i].states;

		for (uint32_t k = 0; k < s->cap; k++) {
			if (!s->v[k].open)
				continue;
			if (out)
				out[n] = (struct pending){ &c->corrs[i],
							   &s->v[k] };
			n++;
		}
	}
	return n;
}

void smi_correlator_set_live(struct smi_correlator *c)
{
	c->live = true;
}

int smi_correlator_tick(struct smi_correlator *c, int64_t time)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n; i++) {
		struct smi_corr *k = &c->corrs[i];
		uint32_t old;

		while (r == 0 &&
		       (old = smi_states_older(&k->states, time - k->keep)) !=
			       SMI_NO_STATE)
			r = drop_state(c, k, old);
	}
	return r;
}

int smi_correlator_flush(struct smi_correlator *c)
{
	size_t n = list_open(c, NULL);
	SMI_AUTOFREE struct pending *all = smi_alloc((n + 1) * sizeof(*all));
	int r = 0;

	if (!all)
		return -ENOMEM;
	list_open(c, all);
	qsort(all, n, sizeof(*all), by_first);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = smi_episode_tell(c, all[i].k, all[i].st, c->live);
	for (size_t i = 0; i < n; i++)
		smi_episode_drop(c, all[i].k, all[i].st);
	return r;
}

const struct smi_lost *smi_correlator_lost(const struct smi_correlator *c)
{
	return &c->lost;
}
