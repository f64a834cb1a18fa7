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
		smi_hit_unref(&c->hits, o->tail[0]);
		for (size_t i = 1; i < SMI_EVIDENCE_TAIL; i++)
			o->tail[i - 1] = o->tail[i];
		o->ntail--;
	}
	o->tail[o->ntail++] = hit;
}

int smi_episode_open(struct smi_correlator *c, struct smi_corr *k,
		     struct smi_state *st, int64_t time)
{
	struct smi_open *o = smi_pool_alloc(&c->pool, sizeof(*o), NULL);
	const struct smi_window *w = &st->window;

	if (!o)
		return -ENOMEM;
	*o = (struct smi_open){ .first = INT64_MAX, .met = time };
	for (uint32_t i = 0; i < w->n; i++) {
		const struct smi_wentry *e = &w->e[w->head + i];

		if (!smi_window_counts(w, &k->wconf, e))
			continue;
		o->first = SMI_MIN(o->first, e->time);
		o->count += e->weight;
		smi_episode_add(c, o, e->hit);
	}
	st->open = o;
	if (!k->conf.then)
		smi_window_free(&st->window, &k->wconf);
	return 0;
}

static void release_open(struct smi_correlator *c, struct smi_state *st)
{
	struct smi_open *o = st->open;

	if (!o)
		return;
	for (size_t i = 0; i < o->nhead; i++)
		smi_hit_unref(&c->hits, o->head[i]);
	for (size_t i = 0; i < o->ntail; i++)
		smi_hit_unref(&c->hits, o->tail[i]);
	smi_hit_unref(&c->hits, o->then);
	smi_pool_free(&c->pool, o, sizeof(*o));
	st->open = NULL;
}

void smi_episode_drop(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st)
{
	release_open(c, st);
	smi_window_free(&st->window, &k->wconf);
	for (size_t i = 0; st->seen && i < k->conf.nitems; i++)
		smi_hit_unref(&c->hits, st->seen[i].hit);
	smi_pool_free(&c->pool, st->seen, k->conf.nitems * sizeof(*st->seen));
	smi_pool_free(&c->pool, st->recent, sizeof(*st->recent));
	st->seen = NULL;
	st->recent = NULL;
	st->any = false;
}

static bool is_suppressed(const struct smi_corr *k, const struct smi_state *st)
{
	return st->covered >= st->open->first ||
	       (k->conf.then && !st->open->then_seen);
}

int smi_episode_tell(struct smi_correlator *c, const struct smi_corr *k,
		     const struct smi_state *st, bool open)
{
	const struct smi_open *o = st->open;
	struct smi_hit *all[SMI_EVIDENCE_HEAD + SMI_EVIDENCE_TAIL + 1];
	struct smi_episode e = { .rule = k->rule,
				 .key = smi_keys_text(&k->group->keys, st->key),
				 .open = open,
				 .start = o->told ? o->start : o->first,
				 .first = o->first,
				 .last = st->last,
				 .count = o->count,
				 .before = o->before,
				 .evidence = all,
				 .then = o->then,
				 .threshold = k->conf.count,
				 .window = k->conf.span };

	if (!o->told && is_suppressed(k, st))
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
			 const struct smi_state *st)
{
	struct smi_open *o = st->open;

	if (!o || o->told || is_suppressed(k, st))
		return 0;
	o->told = true;
	o->start = o->first;
	return smi_episode_tell(c, k, st, true);
}

int smi_episode_close(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st)
{
	int r = 0;

	if (st->open) {
		r = smi_episode_tell(c, k, st, false);
		st->quiet = k->conf.cooldown
				    ? st->last + k->conf.span + k->conf.cooldown
				    : INT64_MIN;
	}
	smi_episode_drop(c, k, st);
	return r;
}
