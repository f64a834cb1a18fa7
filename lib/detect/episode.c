/* SPDX-License-Identifier: MIT */
#include "detect/correlator.h"

void smi_episode_add(struct smi_correlator *c, struct smi_open *o,
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
		smi_hit_unref(&c->pool, o->tail[0]);
		for (size_t i = 1; i < SMI_EVIDENCE_TAIL; i++)
			o->tail[i - 1] = o->tail[i];
		o->ntail--;
	}
	o->tail[o->ntail++] = hit;
}

int smi_episode_open(struct smi_correlator *c, struct smi_corr *k,
		     struct smi_key *key, struct smi_state *st,
		     struct smi_open **out)
{
	struct smi_open *o = smi_pool_alloc(&c->pool, sizeof(*o), NULL);

	if (!o)
		return -ENOMEM;
	*o = (struct smi_open){
		.key = key, .state = st, .first = INT64_MAX, .met = st->last
	};
	st->open = o;
	smi_open_push(&k->open, o);
	*out = o;
	return 0;
}

int smi_episode_of_window(struct smi_correlator *c, struct smi_corr *k,
			  struct smi_key *key, struct smi_state *st)
{
	const struct smi_window *w = &st->window;
	struct smi_open *o;
	int r = smi_episode_open(c, k, key, st, &o);

	if (r < 0)
		return r;
	for (uint32_t i = 0; i < w->n; i++) {
		const struct smi_wentry *e = &w->e[w->head + i];

		if (!smi_window_counts(w, &k->wconf, e))
			continue;
		o->first = SMI_MIN(o->first, e->time);
		o->count += e->weight;
		smi_episode_add(c, o, e->hit);
	}
	if (!k->conf.then)
		smi_window_free(&st->window, &k->wconf);
	return 0;
}

static void release_open(struct smi_correlator *c, struct smi_corr *k,
			 struct smi_state *st)
{
	struct smi_open *o = st->open;

	if (!o)
		return;
	smi_open_pull(&k->open, o);
	for (size_t i = 0; i < o->nhead; i++)
		smi_hit_unref(&c->pool, o->head[i]);
	for (size_t i = 0; i < o->ntail; i++)
		smi_hit_unref(&c->pool, o->tail[i]);
	smi_hit_unref(&c->pool, o->then);
	smi_pool_free(&c->pool, o, sizeof(*o));
	st->open = NULL;
}

static void release_more(struct smi_correlator *c, const struct smi_corr *k,
			 struct smi_state *st)
{
	struct smi_more *m = st->more;

	if (!m)
		return;
	for (size_t i = 0; m->seen && i < k->conf.nitems; i++)
		smi_hit_unref(&c->pool, m->seen[i].hit);
	smi_pool_free(&c->pool, m->seen, k->conf.nitems * sizeof(*m->seen));
	smi_pool_free(&c->pool, m->recent, sizeof(*m->recent));
	smi_pool_free(&c->pool, m, sizeof(*m));
	st->more = NULL;
}

void smi_episode_drop(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st)
{
	release_open(c, k, st);
	smi_window_free(&st->window, &k->wconf);
	release_more(c, k, st);
	st->any = false;
}

/* A silence is told behind the events that it follows. */
static bool is_silent(const struct smi_correlator *c, const struct smi_corr *k,
		      const struct smi_open *o)
{
	int64_t last = o->state->last;

	return last < smi_corr_clock_guess(&c->clock) - k->conf.span &&
	       last - o->first >= k->conf.after;
}

static bool is_suppressed(const struct smi_correlator *c,
			  const struct smi_corr *k, const struct smi_open *o)
{
	return o->state->covered >= o->first ||
	       (k->conf.then && !o->then_seen) ||
	       (k->conf.type == SMI_CORR_SILENCE && !is_silent(c, k, o));
}

bool smi_episode_is_told(const struct smi_correlator *c,
			 const struct smi_corr *k, const struct smi_open *o)
{
	return o->told || !is_suppressed(c, k, o);
}

int smi_episode_tell(struct smi_correlator *c, const struct smi_corr *k,
		     const struct smi_open *o, bool open)
{
	struct smi_hit *all[SMI_EVIDENCE_HEAD + SMI_EVIDENCE_TAIL + 1];
	struct smi_episode e = { .rule = k->rule,
				 .key = smi_key_span(o->key),
				 .open = open,
				 .start = o->told ? o->start : o->first,
				 .first = o->first,
				 .last = o->state->last,
				 .count = o->count,
				 .before = o->before,
				 .pool = &c->pool,
				 .evidence = all,
				 .then = o->then,
				 .threshold = k->conf.count,
				 .window = k->conf.span };

	if (!smi_episode_is_told(c, k, o) || smi_episode_weight(o) == o->shown)
		return 0;
	for (size_t i = 0; i < o->nhead; i++)
		all[e.nevidence++] = o->head[i];
	for (size_t i = 0; i < o->ntail; i++)
		all[e.nevidence++] = o->tail[i];
	if (o->then)
		all[e.nevidence++] = o->then;
	return c->fn(&e, c->user);
}

int smi_episode_announce(struct smi_correlator *c, const struct smi_corr *k,
			 struct smi_open *o)
{
	if (o->told || is_suppressed(c, k, o))
		return 0;
	o->told = true;
	o->start = o->first;
	return smi_episode_tell(c, k, o, true);
}

/* What remains of a state behind an episode. */
static int keep_quiet(struct smi_correlator *c, struct smi_state *st,
		      int64_t until)
{
	struct smi_more *m = smi_pool_alloc(&c->pool, sizeof(*m), NULL);

	if (!m)
		return -ENOMEM;
	*m = (struct smi_more){ .quiet = until };
	st->more = m;
	return 0;
}

int smi_episode_close(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st)
{
	bool was_open = st->open != NULL;
	int64_t quiet = st->more ? st->more->quiet : INT64_MIN;
	int r = 0;

	if (was_open) {
		r = smi_episode_tell(c, k, st->open, false);
		quiet = st->last + k->conf.span + k->conf.cooldown;
	}
	smi_episode_drop(c, k, st);
	if (r == 0 && k->conf.cooldown && quiet > INT64_MIN)
		r = keep_quiet(c, st, quiet);
	return r;
}
