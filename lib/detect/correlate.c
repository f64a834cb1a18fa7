/* SPDX-License-Identifier: MIT */
#include "detect/correlate.h"

#include <stdlib.h>

#include "detect/correlator.h"

#define THIN (SMI_EVIDENCE_HEAD + SMI_EVIDENCE_TAIL)
/* Episodes that one call of flush tells. */
#define FLUSHED 128

/* Closes what has had its window without a further event. */
static int close_older(struct smi_correlator *c, struct smi_corr *k,
		       int64_t time)
{
	int r = 0;

	while (r == 0 && k->open.due < time) {
		struct smi_open *o = k->open.oldest;

		if (o->state->last < time) {
			r = smi_episode_close(c, k, o->state);
		} else {
			smi_open_pull(&k->open, o);
			smi_open_push(&k->open, o);
		}
	}
	return r;
}

bool smi_corr_value(struct smi_correlator *c, struct smi_corr_event *ev,
		    enum smi_role role, uint64_t *out)
{
	if (!(ev->hashed >> role & 1)) {
		if (!ev->line || !smi_key_value(&c->sip, role, ev->line, ev->m,
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
	smi_hit_unref(&c->pool, e->hit);
	e->hit = NULL;
}

static bool is_met(const struct smi_corr *k, const struct smi_state *st)
{
	const struct smi_window *w = &st->window;

	const struct smi_correlation *conf = &k->conf;

	if (conf->type == SMI_CORR_VALUE_COUNT) {
		if (w->distinct < conf->count || w->weight < conf->min_events)
			return false;
	} else if (w->weight < conf->count) {
		return false;
	}
	if (conf->type == SMI_CORR_RATIO)
		return w->flagged * 100 >= w->weight * conf->percent;
	return !conf->min_slots ||
	       smi_window_has_slots(w, conf->slot, conf->min_slots);
}

/* From the last event of an episode on. */
static bool is_quiet(const struct smi_corr *k, const struct smi_state *st)
{
	int64_t quiet = st->more ? st->more->quiet : INT64_MIN;

	return st->last < quiet &&
	       st->last >= quiet - k->conf.span - k->conf.cooldown;
}

static int count_windowed(struct smi_correlator *c, struct smi_corr *k,
			  struct smi_state *st, struct smi_corr_event *ev,
			  uint32_t value)
{
	struct smi_wentry entry = { ev->time, ev->weight, value,
				    smi_corr_hit(c, ev) };
	int r;

	smi_window_prune(&st->window, &k->wconf, st->last);
	r = smi_window_add(&st->window, &k->wconf, entry);
	if (r < 0)
		return r;
	thin_window(c, &st->window);
	if (!is_met(k, st) || is_quiet(k, st))
		return 0;
	if (st->open)
		st->open->met = st->last;
	else
		r = smi_episode_of_window(c, k, k->group->current, st);
	if (r == 0 && k->conf.then)
		smi_window_trim(&st->window, &k->wconf, k->conf.count);
	return r;
}

static int count_open(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st, struct smi_corr_event *ev,
		      uint32_t value)
{
	struct smi_open *o = st->open;

	o->count += ev->weight;
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
	struct smi_seen *seen = st->more->seen, *s = &seen[item];
	int64_t start = ev->time;

	if (ordered && item > 0) {
		if (!s[-1].set || ev->time < s[-1].time ||
		    ev->time - s[-1].start > k->conf.span)
			return false;
		start = s[-1].start;
	}
	smi_hit_unref(&c->pool, s->hit);
	*s = (struct smi_seen){ ev->time, start,
				smi_hit_ref(smi_corr_hit(c, ev)), true };
	if (ordered)
		return item + 1 == k->conf.nitems;
	for (size_t i = 0; i < k->conf.nitems; i++)
		if (!seen[i].set || st->last - seen[i].time > k->conf.span)
			return false;
	return true;
}

static void *zeroed(struct smi_pool *pool, size_t size)
{
	void *p = smi_pool_alloc(pool, size, NULL);

	return p ? memset(p, 0, size) : NULL;
}

struct smi_more *smi_corr_more(struct smi_correlator *c,
			       const struct smi_corr *k, struct smi_state *st,
			       bool seen, bool recent)
{
	struct smi_more *m = st->more;

	if (!m) {
		m = st->more = zeroed(&c->pool, sizeof(*m));
		if (!m)
			return NULL;
		m->quiet = INT64_MIN;
	}
	if (seen && !m->seen)
		m->seen = zeroed(&c->pool, k->conf.nitems * sizeof(*m->seen));
	if (recent && !m->recent)
		m->recent = zeroed(&c->pool, sizeof(*m->recent));
	return (seen && !m->seen) || (recent && !m->recent) ? NULL : m;
}

static int count_temporal(struct smi_correlator *c, struct smi_corr *k,
			  struct smi_state *st, struct smi_corr_event *ev,
			  size_t item)
{
	struct smi_more *m = smi_corr_more(c, k, st, true, false);
	struct smi_open *o;
	int r;

	if (!m)
		return -ENOMEM;
	if (!mark_item(c, k, st, ev, item) || is_quiet(k, st))
		return 0;
	r = smi_episode_open(c, k, k->group->current, st, &o);
	if (r < 0)
		return r;
	for (size_t i = 0; i < k->conf.nitems; i++) {
		o->first = SMI_MIN(o->first, m->seen[i].time);
		o->count++;
		smi_episode_add(c, o, m->seen[i].hit);
	}
	if (k->conf.type == SMI_CORR_TEMPORAL_ORDERED)
		o->first = m->seen[k->conf.nitems - 1].start;
	return 0;
}

/* The same value of field and of once-per was counted a moment ago. */
static int was_counted(struct smi_correlator *c, struct smi_corr *k,
		       struct smi_state *st, struct smi_corr_event *ev,
		       uint32_t value)
{
	struct smi_more *m;
	struct smi_recent *q;
	uint64_t once;

	if (k->conf.once_per == SMI_ROLE_NONE ||
	    !smi_corr_value(c, ev, k->conf.once_per, &once))
		return 0;
	m = smi_corr_more(c, k, st, false, true);
	if (!m)
		return -ENOMEM;
	q = m->recent;
	once = once << 32 | value;
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
		r = smi_corr_part(c, k, st, ev->time);
	if (r < 0)
		return r;
	if (k->conf.field != SMI_ROLE_NONE &&
	    !smi_corr_value(c, ev, k->conf.field, &value))
		return 0;
	if (k->conf.share)
		value = (ev->rule->actions & k->conf.share) != 0;
	st->last = st->any ? SMI_MAX(st->last, ev->time) : ev->time;
	st->any = true;
	r = was_counted(c, k, st, ev, (uint32_t)value);
	if (r)
		return SMI_MIN(r, 0);
	if (st->open)
		return count_open(c, k, st, ev, (uint32_t)value);
	if (k->wconf.max_entries)
		return count_windowed(c, k, st, ev, (uint32_t)value);
	return count_temporal(c, k, st, ev, item);
}

static int except(struct smi_correlator *c, struct smi_corr *k,
		  struct smi_state *st, struct smi_corr_event *ev)
{
	uint64_t value;

	if (!smi_corr_value(c, ev, k->conf.field, &value) || st->open)
		return 0;
	return smi_window_except(&st->window, &k->wconf, (uint32_t)value,
				 ev->time);
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

/* k has spoken for this key: those that yield to it, and its prefix, keep still. */
static int cover(struct smi_correlator *c, struct smi_corr *k,
		 struct smi_corr_event *ev)
{
	struct smi_corr_group *g = k->group;
	struct smi_state *st = NULL;
	int r = smi_corr_key(c, g, ev);

	if (r == 0 && g->current && !smi_corr_is_awake(g))
		r = smi_corr_wake(c, g);
	if (r == 0 && g->current)
		st = smi_state_find(&c->keys, g->current, k->index);
	if (st && st->split)
		smi_corr_near(c, st, ev->time);
	if (st)
		st->covered = SMI_MAX(st->covered, ev->time);
	return r;
}

int smi_corr_count(struct smi_correlator *c, struct smi_corr *k,
		   const struct smi_feed *f, struct smi_corr_event *ev,
		   bool *is_open)
{
	struct smi_key *key = k->group->current;
	struct smi_state *st = smi_state_find(&c->keys, key, k->index);
	int r = 0;

	if (!st && f->what == SMI_FEED_THEN)
		return 0;
	if (!st)
		st = smi_state_add(&c->keys, key, k->index);
	if (!st)
		return -ENOMEM;
	if (st->split)
		smi_corr_near(c, st, ev->time);
	if (f->what == SMI_FEED_COUNT)
		r = count(c, k, st, ev, f->item);
	else if (f->what == SMI_FEED_EXCEPT)
		r = except(c, k, st, ev);
	else
		then(c, k, st, ev);
	*is_open = st->open != NULL;
	return r;
}

static int feed_one(struct smi_correlator *c, struct smi_corr *k,
		    const struct smi_feed *f, struct smi_corr_event *ev,
		    bool *is_open)
{
	struct smi_corr_group *g = k->group;
	uint64_t value;
	int r;

	*is_open = false;
	/* What counts for nothing needs no key. */
	if (k->conf.field != SMI_ROLE_NONE && f->what == SMI_FEED_COUNT &&
	    !smi_corr_value(c, ev, k->conf.field, &value))
		return 0;
	r = smi_corr_key(c, g, ev);
	if (r < 0 || !g->has)
		return r;
	if (k->open.due < c->clock.now - k->keep)
		r = close_older(c, k, c->clock.now - k->keep);
	if (r == 0 && f->what != SMI_FEED_THEN && !g->admitted)
		r = smi_corr_admit(c, g, ev);
	if (r < 0 || !smi_corr_is_awake(g))
		return r;
	return smi_corr_count(c, k, f, ev, is_open);
}

static int announce(struct smi_correlator *c, const struct smi_corr *k)
{
	const struct smi_key *key = k->group->current;
	struct smi_state *st = smi_state_find(&c->keys, key, k->index);

	return st && st->open ? smi_episode_announce(c, k, st->open) : 0;
}

/* NULL: the address of the event has no prefix that counts. */
static struct smi_corr *prefix_for(const struct smi_corr *k,
				   const struct smi_corr_event *ev)
{
	uint8_t family = ev->m->ip.family;

	if (!k->prefix || !family)
		return NULL;
	return (family == 4 ? k->conf.prefix4 : k->conf.prefix6) ? k->prefix
								 : NULL;
}

static int feed(struct smi_correlator *c, const struct smi_feed *f,
		struct smi_corr_event *ev)
{
	struct smi_corr *k = &c->corrs[f->corr];
	struct smi_corr *prefix = prefix_for(k, ev);
	bool open, wide = false;
	int r = feed_one(c, k, f, ev, &open);

	if (r == 0 && prefix)
		r = feed_one(c, prefix, f, ev, &wide);
	if (r == 0 && open && prefix)
		r = cover(c, prefix, ev);
	for (size_t i = 0; r == 0 && open && i < k->nyielders; i++)
		r = cover(c, &c->corrs[k->yielders[i]], ev);
	if (r == 0 && open && c->live)
		r = announce(c, k);
	if (r == 0 && wide && c->live)
		r = announce(c, prefix);
	return r;
}

int smi_correlator_feed(struct smi_correlator *c, const struct smi_line *line,
			const struct smi_match *m, int64_t time,
			uint32_t ordinal)
{
	const struct smi_feeds *feeds = &c->rs->feeds[m->rule->index];
	struct smi_corr_event ev;
	int r = 0;

	ev.rule = m->rule;
	ev.line = line;
	ev.m = m;
	ev.time = time;
	ev.weight = (uint32_t)m->count;
	ev.ordinal = ordinal;
	ev.hit = NULL;
	ev.hit_tried = ev.no_memory = false;
	ev.hashed = 0;
	c->serial++;
	if (time < c->clock.now - SMI_CLOCK_NEAR)
		smi_corr_note_late(c, feeds, time);
	for (size_t i = 0; r == 0 && i < feeds->n; i++)
		r = feed(c, &feeds->v[i], &ev);
	smi_hit_unref(&c->pool, ev.hit);
	if (r == 0)
		r = c->failed;
	return r < 0 ? r : ev.no_memory ? -ENOMEM : 0;
}

static int by_first(const void *a, const void *b)
{
	const struct smi_open *x = *(struct smi_open *const *)a;
	const struct smi_open *y = *(struct smi_open *const *)b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->state->corr != y->state->corr)
		return x->state->corr < y->state->corr ? -1 : 1;
	return smi_span_cmp(smi_key_span(x->key), smi_key_span(y->key));
}

static size_t list_open(struct smi_correlator *c, struct smi_open **out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct smi_open *o = c->corrs[i].open.oldest;

		for (; o; o = o->newer, n++)
			if (out)
				out[n] = o;
	}
	return n;
}

void smi_correlator_set_live(struct smi_correlator *c)
{
	c->live = true;
}

struct smi_corr_clock *smi_correlator_clock(struct smi_correlator *c)
{
	return &c->clock;
}

int smi_correlator_tick(struct smi_correlator *c, int64_t time)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n; i++)
		r = close_older(c, &c->corrs[i], time - c->corrs[i].keep);
	return r;
}

int smi_correlator_flush(struct smi_correlator *c)
{
	size_t end;
	int r = 0;

	if (!c->pending) {
		c->npending = list_open(c, NULL);
		c->pending = smi_alloc((c->npending + 1) * sizeof(*c->pending));
		if (!c->pending)
			return -ENOMEM;
		list_open(c, c->pending);
		qsort(c->pending, c->npending, sizeof(*c->pending), by_first);
	}
	end = SMI_MIN(c->npending, c->ntold + FLUSHED);
	while (r == 0 && c->ntold < end) {
		struct smi_open *o = c->pending[c->ntold++];
		struct smi_corr *k = &c->corrs[o->state->corr];

		r = smi_episode_tell(c, k, o, c->live);
		smi_episode_drop(c, k, o->state);
	}
	return r < 0 ? r : c->ntold < c->npending;
}

const struct smi_lost *smi_correlator_lost(const struct smi_correlator *c)
{
	return &c->lost;
}
