/* SPDX-License-Identifier: MIT */
#include "detect/correlate.h"

#include <stdlib.h>

#include "detect/states.h"

#define MAX_ENTRIES 1024
#define THIN	    (SMI_EVIDENCE_HEAD + SMI_EVIDENCE_TAIL)

/* A way to make keys, shared by the correlations that make them alike. */
struct group {
	const enum smi_role *roles;
	size_t n;
	uint8_t bits4, bits6;
	struct smi_buf key; /* of event number serial */
	uint64_t hash, serial;
	bool has;
};

/* One correlation at work; one with a fallback prefix is two. */
struct corr {
	const struct smi_rule *rule;
	struct smi_correlation conf; /* with thresholds */
	size_t group;
	struct smi_wconf wconf;
	struct smi_states states;
	int64_t now;
	size_t prefix; /* index of the one for prefixes; 0: none */
	const uint16_t *yielders;
	size_t nyielders;
};

struct smi_correlator {
	const sm_ruleset *rs;
	struct corr *corrs; /* those of the set, then those for prefixes */
	size_t n;
	struct group *groups;
	size_t ngroups;
	struct smi_siphash_key sip;
	smi_episode_fn fn;
	void *user;
	struct smi_lost lost;
	size_t hit_bytes;
	uint64_t serial;
};

/* The event that is being counted. */
struct event {
	const struct smi_line *line;
	const struct smi_match *m;
	int64_t time;
	uint32_t ordinal;
	struct smi_hit *hit; /* made when the first one wants it */
	bool hit_tried, no_memory;
};

static void release_open(struct smi_correlator *c, struct smi_state *st)
{
	struct smi_open *o = st->open;

	if (!o)
		return;
	for (size_t i = 0; i < o->nhead; i++)
		smi_hit_unref(o->head[i], &c->hit_bytes);
	for (size_t i = 0; i < o->ntail; i++)
		smi_hit_unref(o->tail[i], &c->hit_bytes);
	smi_hit_unref(o->then, &c->hit_bytes);
	free(o);
	st->open = NULL;
}

/* Back to a state that has seen nothing. */
static void reset_state(struct smi_correlator *c, struct corr *k,
			struct smi_state *st)
{
	release_open(c, st);
	smi_window_free(&st->window, &k->wconf);
	for (size_t i = 0; st->seen && i < k->conf.nitems; i++)
		smi_hit_unref(st->seen[i].hit, &c->hit_bytes);
	free(st->seen);
	free(st->recent);
	st->seen = NULL;
	st->recent = NULL;
	st->any = false;
}

static bool is_suppressed(const struct corr *k, const struct smi_state *st)
{
	return st->covered >= st->open->first ||
	       (k->conf.then && !st->open->then_seen);
}

static int tell(struct smi_correlator *c, const struct corr *k,
		const struct smi_state *st)
{
	const struct smi_open *o = st->open;
	struct smi_hit *all[SMI_EVIDENCE_HEAD + SMI_EVIDENCE_TAIL + 1];
	struct smi_episode e = { .rule = k->rule,
				 .key = smi_span_of(st->key, st->key_len),
				 .first = o->first,
				 .last = st->last,
				 .count = o->count,
				 .before = o->before,
				 .evidence = all,
				 .then = o->then,
				 .threshold = k->conf.count,
				 .window = k->conf.span };

	if (is_suppressed(k, st))
		return 0;
	for (size_t i = 0; i < o->nhead; i++)
		all[e.nevidence++] = o->head[i];
	for (size_t i = 0; i < o->ntail; i++)
		all[e.nevidence++] = o->tail[i];
	if (o->then)
		all[e.nevidence++] = o->then;
	return c->fn(&e, c->user);
}

static int close_state(struct smi_correlator *c, struct corr *k,
		       struct smi_state *st)
{
	int r = 0;

	if (st->open) {
		r = tell(c, k, st);
		st->quiet = k->conf.cooldown
				    ? st->last + k->conf.span + k->conf.cooldown
				    : INT64_MIN;
	}
	reset_state(c, k, st);
	return r;
}

static int drop_state(struct smi_correlator *c, struct corr *k, uint32_t i)
{
	int r = close_state(c, k, &k->states.v[i]);

	smi_states_remove(&k->states, i);
	return r;
}

/* Closes what has had its window without a further event. */
static int sweep(struct smi_correlator *c, struct corr *k)
{
	int64_t keep = SMI_MAX(k->conf.span, k->conf.within) + k->conf.cooldown;
	uint32_t i;
	int r = 0;

	while (r == 0 && (i = smi_states_older(&k->states, k->now - keep)) !=
				 SMI_NO_STATE)
		r = drop_state(c, k, i);
	return r;
}

static int find_state(struct smi_correlator *c, struct corr *k, bool make,
		      struct smi_state **out)
{
	const struct group *g = &c->groups[k->group];
	struct smi_span key = smi_buf_span(&g->key);
	uint32_t i = smi_states_find(&k->states, g->hash);
	int r = 0;

	*out = NULL;
	if (i == SMI_NO_STATE && !make)
		return 0;
	if (i == SMI_NO_STATE && k->states.n >= SMI_MAX_KEYS) {
		r = drop_state(c, k, smi_states_oldest(&k->states));
		c->lost.keys++;
	}
	if (r == 0 && i == SMI_NO_STATE)
		r = smi_states_add(&k->states, g->hash, key, k->now, &i);
	if (r < 0)
		return r;
	*out = &k->states.v[i];
	(*out)->mark = k->now;
	return 0;
}

static struct smi_hit *hit_of(struct smi_correlator *c, struct event *ev)
{
	if (ev->hit_tried)
		return ev->hit;
	ev->hit_tried = true;
	if (c->hit_bytes > SMI_EVIDENCE_BYTES) {
		c->lost.evidence++;
		return NULL;
	}
	ev->hit = smi_hit_new(ev->line, ev->m, ev->ordinal, &c->hit_bytes);
	ev->no_memory = !ev->hit;
	return ev->hit;
}

static void add_evidence(struct smi_correlator *c, struct smi_open *o,
			 struct smi_hit *hit)
{
	if (!hit)
		return;
	smi_hit_ref(hit);
	if (o->nhead < SMI_EVIDENCE_HEAD) {
		o->head[o->nhead++] = hit;
		return;
	}
	if (o->ntail == SMI_EVIDENCE_TAIL) {
		smi_hit_unref(o->tail[0], &c->hit_bytes);
		memmove(o->tail, o->tail + 1,
			(SMI_EVIDENCE_TAIL - 1) * sizeof(*o->tail));
		o->ntail--;
	}
	o->tail[o->ntail++] = hit;
}

/* The middle of a long window will not be shown: its lines need no memory. */
static void thin_window(struct smi_correlator *c, struct smi_window *w)
{
	struct smi_wentry *e;

	if (w->n <= THIN)
		return;
	e = &w->e[w->head + w->n - 1 - SMI_EVIDENCE_TAIL];
	smi_hit_unref(e->hit, &c->hit_bytes);
	e->hit = NULL;
}

static int open_episode(struct smi_correlator *c, struct corr *k,
			struct smi_state *st, int64_t time)
{
	struct smi_open *o = smi_zalloc(sizeof(*o));
	const struct smi_window *w = &st->window;

	if (!o)
		return -ENOMEM;
	o->first = INT64_MAX;
	o->met = time;
	for (uint32_t i = 0; i < w->n; i++) {
		const struct smi_wentry *e = &w->e[w->head + i];

		if (!smi_window_counts(w, &k->wconf, e))
			continue;
		o->first = SMI_MIN(o->first, e->time);
		o->count += e->weight;
		add_evidence(c, o, e->hit);
	}
	st->open = o;
	if (!k->conf.then)
		smi_window_free(&st->window, &k->wconf);
	return 0;
}

static bool is_met(const struct corr *k, const struct smi_state *st)
{
	const struct smi_window *w = &st->window;

	if (k->conf.type == SMI_CORR_VALUE_COUNT)
		return w->distinct >= k->conf.count &&
		       w->weight >= k->conf.min_events;
	return w->weight >= k->conf.count;
}

static int count_windowed(struct smi_correlator *c, struct corr *k,
			  struct smi_state *st, struct event *ev,
			  uint64_t value)
{
	struct smi_wentry entry = { ev->time, ev->m->count, value,
				    hit_of(c, ev) };
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
		r = open_episode(c, k, st, st->last);
	if (r == 0 && k->conf.then)
		smi_window_trim(&st->window, &k->wconf, k->conf.count);
	return r;
}

static int count_open(struct smi_correlator *c, struct corr *k,
		      struct smi_state *st, struct event *ev, uint64_t value)
{
	struct smi_open *o = st->open;

	o->count += ev->m->count;
	o->first = SMI_MIN(o->first, ev->time);
	add_evidence(c, o, hit_of(c, ev));
	return k->conf.then ? count_windowed(c, k, st, ev, value) : 0;
}

/* Which items of a temporal correlation have come, and in which order. */
static bool mark_item(struct smi_correlator *c, struct corr *k,
		      struct smi_state *st, struct event *ev, size_t item)
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
	smi_hit_unref(s->hit, &c->hit_bytes);
	*s = (struct smi_seen){ ev->time, start, smi_hit_ref(hit_of(c, ev)),
				true };
	if (ordered)
		return item + 1 == k->conf.nitems;
	for (size_t i = 0; i < k->conf.nitems; i++)
		if (!st->seen[i].set ||
		    st->last - st->seen[i].time > k->conf.span)
			return false;
	return true;
}

static int count_temporal(struct smi_correlator *c, struct corr *k,
			  struct smi_state *st, struct event *ev, size_t item)
{
	struct smi_open *o;

	if (!st->seen)
		st->seen = smi_zalloc(k->conf.nitems * sizeof(*st->seen));
	if (!st->seen)
		return -ENOMEM;
	if (!mark_item(c, k, st, ev, item) || st->last < st->quiet)
		return 0;
	o = smi_zalloc(sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->first = INT64_MAX;
	o->met = st->last;
	for (size_t i = 0; i < k->conf.nitems; i++) {
		o->first = SMI_MIN(o->first, st->seen[i].time);
		o->count++;
		add_evidence(c, o, st->seen[i].hit);
	}
	if (k->conf.type == SMI_CORR_TEMPORAL_ORDERED)
		o->first = st->seen[k->conf.nitems - 1].start;
	st->open = o;
	return 0;
}

/* The same value of field and of once-per was counted a moment ago. */
static int was_counted(struct smi_correlator *c, struct corr *k,
		       struct smi_state *st, const struct event *ev,
		       uint64_t value)
{
	struct smi_recent *q;
	uint64_t once;

	if (k->conf.once_per == SMI_ROLE_NONE ||
	    !smi_key_value(&c->sip, k->conf.once_per, ev->line, ev->m, &once))
		return 0;
	if (!st->recent)
		st->recent = smi_zalloc(sizeof(*st->recent));
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

static int count(struct smi_correlator *c, struct corr *k, struct smi_state *st,
		 struct event *ev, size_t item)
{
	int64_t gap = st->any ? ev->time - st->last : 0;
	uint64_t value = 0;
	int r = 0;

	if (gap > k->conf.span || gap < -k->conf.span)
		r = close_state(c, k, st);
	if (r < 0)
		return r;
	if (k->conf.field != SMI_ROLE_NONE &&
	    !smi_key_value(&c->sip, k->conf.field, ev->line, ev->m, &value))
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

static int except(struct smi_correlator *c, struct corr *k,
		  struct smi_state *st, const struct event *ev)
{
	uint64_t value;

	if (!smi_key_value(&c->sip, k->conf.field, ev->line, ev->m, &value) ||
	    st->open)
		return 0;
	return smi_window_except(&st->window, &k->wconf, value, ev->time);
}

static void then(struct smi_correlator *c, struct corr *k, struct smi_state *st,
		 struct event *ev)
{
	struct smi_open *o = st->open;

	if (!o || o->then_seen || ev->time < o->met ||
	    ev->time - o->met > k->conf.within)
		return;
	o->then_seen = true;
	o->before = o->count;
	o->then = smi_hit_ref(hit_of(c, ev));
	st->last = SMI_MAX(st->last, ev->time);
}

static bool make_key(struct smi_correlator *c, struct group *g,
		     const struct event *ev)
{
	if (g->serial == c->serial)
		return g->has;
	g->serial = c->serial;
	g->has = smi_key_make(&g->key, g->roles, g->n, ev->line, ev->m,
			      g->bits4, g->bits6) &&
		 !smi_buf_error(&g->key);
	if (g->has)
		g->hash = smi_siphash(&c->sip, g->key.p, g->key.len);
	return g->has;
}

/* st speaks for this key: those that yield to it, and its prefix, keep still. */
static int cover(struct smi_correlator *c, struct corr *k, size_t other,
		 int64_t time)
{
	struct corr *y = &c->corrs[other];
	struct smi_state *st = NULL;
	int r = 0;

	(void)k;
	if (c->groups[y->group].has)
		r = find_state(c, y, false, &st);
	if (st)
		st->covered = SMI_MAX(st->covered, time);
	return r;
}

static int feed_one(struct smi_correlator *c, struct corr *k,
		    const struct smi_feed *f, struct event *ev, bool *is_open)
{
	struct smi_state *st;
	int r;

	*is_open = false;
	if (!make_key(c, &c->groups[k->group], ev))
		return smi_buf_error(&c->groups[k->group].key);
	k->now = ev->time < k->now - k->conf.span ? ev->time
						  : SMI_MAX(k->now, ev->time);
	r = sweep(c, k);
	if (r == 0)
		r = find_state(c, k, f->what != SMI_FEED_THEN, &st);
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

static int feed(struct smi_correlator *c, const struct smi_feed *f,
		struct event *ev)
{
	struct corr *k = &c->corrs[f->corr];
	bool open, wide;
	int r = feed_one(c, k, f, ev, &open);

	if (r == 0 && k->prefix)
		r = feed_one(c, &c->corrs[k->prefix], f, ev, &wide);
	if (r == 0 && open && k->prefix)
		r = cover(c, k, k->prefix, ev->time);
	for (size_t i = 0; r == 0 && open && i < k->nyielders; i++) {
		make_key(c, &c->groups[c->corrs[k->yielders[i]].group], ev);
		r = cover(c, k, k->yielders[i], ev->time);
	}
	return r;
}

int smi_correlator_feed(struct smi_correlator *c, const struct smi_line *line,
			const struct smi_match *m, int64_t time,
			uint32_t ordinal)
{
	const struct smi_feeds *feeds = &c->rs->feeds[m->rule->index];
	struct event ev = { line, m, time, ordinal, NULL, false, false };
	int r = 0;

	c->serial++;
	for (size_t i = 0; r == 0 && i < feeds->n; i++)
		r = feed(c, &feeds->v[i], &ev);
	smi_hit_unref(ev.hit, &c->hit_bytes);
	return r < 0 ? r : ev.no_memory ? -ENOMEM : 0;
}

struct pending {
	struct corr *k;
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
	return smi_span_cmp(smi_span_of(x->st->key, x->st->key_len),
			    smi_span_of(y->st->key, y->st->key_len));
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
		r = tell(c, all[i].k, all[i].st);
	for (size_t i = 0; i < n; i++)
		reset_state(c, all[i].k, all[i].st);
	return r;
}

const struct smi_lost *smi_correlator_lost(const struct smi_correlator *c)
{
	return &c->lost;
}

static void corr_done(struct smi_correlator *c, struct corr *k)
{
	uint32_t i;

	while ((i = smi_states_oldest(&k->states)) != SMI_NO_STATE) {
		reset_state(c, k, &k->states.v[i]);
		smi_states_remove(&k->states, i);
	}
	smi_states_free(&k->states);
}

void smi_correlator_free(struct smi_correlator *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		corr_done(c, &c->corrs[i]);
	for (size_t i = 0; i < c->ngroups; i++)
		smi_buf_free(&c->groups[i].key);
	free(c->corrs);
	free(c->groups);
	free(c);
}

static void free_correlator(struct smi_correlator **c)
{
	smi_correlator_free(*c);
}

static size_t group_for(struct smi_correlator *c, const struct corr *k,
			uint8_t bits4, uint8_t bits6)
{
	const struct smi_correlation *conf = k->rule->corr;
	size_t i = 0;

	for (; i < c->ngroups; i++) {
		const struct group *g = &c->groups[i];

		if (g->n == conf->ngroup_by && g->bits4 == bits4 &&
		    g->bits6 == bits6 &&
		    memcmp(g->roles, conf->group_by,
			   g->n * sizeof(*g->roles)) == 0)
			return i;
	}
	c->groups[c->ngroups++] = (struct group){ .roles = conf->group_by,
						  .n = conf->ngroup_by,
						  .bits4 = bits4,
						  .bits6 = bits6 };
	return i;
}

static void set_up(struct smi_correlator *c, struct corr *k,
		   const struct smi_rule *rule, const struct smi_threshold *t,
		   size_t n)
{
	bool temporal = rule->corr->type >= SMI_CORR_TEMPORAL;

	k->rule = rule;
	k->conf = *rule->corr;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(t[i].kind, rule->kind) != 0)
			continue;
		k->conf.count = t[i].count;
		k->conf.span = (int64_t)t[i].seconds * SMI_SEC;
	}
	k->wconf = (struct smi_wconf){
		.span = k->conf.span,
		.max_per_value = k->conf.max_per_value,
		.max_entries = temporal ? 0
					: (uint32_t)SMI_MAX(k->conf.count + 1,
							    MAX_ENTRIES),
		.values = k->conf.type == SMI_CORR_VALUE_COUNT,
		.hit_bytes = &c->hit_bytes,
		.cut = &c->lost.entries,
	};
	k->now = INT64_MIN / 2;
}

int smi_correlator_new(const sm_ruleset *rs, const struct smi_threshold *t,
		       size_t n, smi_episode_fn fn, void *user,
		       struct smi_correlator **out)
{
	SMI_CLEANUP(free_correlator)
	struct smi_correlator *c = smi_zalloc(sizeof(*c));
	size_t max = rs->ncorrs * 2 + 1;

	if (!c)
		return -ENOMEM;
	c->rs = rs;
	c->fn = fn;
	c->user = user;
	smi_siphash_random_key(&c->sip);
	c->corrs = smi_zalloc(max * sizeof(*c->corrs));
	c->groups = smi_zalloc(max * sizeof(*c->groups));
	if (!c->corrs || !c->groups)
		return -ENOMEM;
	c->n = rs->ncorrs;
	for (size_t i = 0; i < rs->ncorrs; i++) {
		const struct smi_rule *rule = rs->corrs[i].rule;
		struct corr *k = &c->corrs[i];

		set_up(c, k, rule, t, n);
		k->group = group_for(c, k, 0, 0);
		k->yielders = rs->corrs[i].yielders;
		k->nyielders = rs->corrs[i].nyielders;
		if (!k->conf.prefix4 && !k->conf.prefix6)
			continue;
		k->prefix = c->n++;
		set_up(c, &c->corrs[k->prefix], rule, t, n);
		c->corrs[k->prefix].group =
			group_for(c, k, k->conf.prefix4, k->conf.prefix6);
	}
	*out = smi_take(&c);
	return 0;
}
