/* SPDX-License-Identifier: MIT */
#include "detect/corr-state.h"

#include "detect/corr-pack.h"

static void add_sum(struct smi_siphash128 *h, const char *text)
{
	smi_siphash128_add(h, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_number(struct smi_siphash128 *h, uint64_t v)
{
	smi_siphash128_add(h, &v, sizeof(v));
}

void smi_corr_sum(const struct smi_correlator *c, uint8_t out[16])
{
	static const struct smi_siphash_key key = { 0 };
	struct smi_siphash128 h;

	smi_siphash128_init(&h, &key);
	for (size_t i = 0; i < c->nrules; i++)
		if (c->rules[i])
			add_sum(&h, c->rules[i]->id);
	for (size_t i = 0; i < c->n; i++) {
		const struct smi_correlation *k = &c->corrs[i].conf;
		const uint64_t v[] = { k->type,
				       (uint64_t)k->span,
				       k->count,
				       k->field,
				       k->once_per,
				       k->max_per_value,
				       k->min_events,
				       k->min_slots,
				       (uint64_t)k->slot,
				       k->share,
				       k->percent,
				       (uint64_t)k->after,
				       k->except,
				       k->then,
				       (uint64_t)k->within,
				       k->prefix4,
				       k->prefix6,
				       k->ngroup_by,
				       k->nitems,
				       (uint64_t)k->cooldown };

		add_sum(&h, c->corrs[i].rule->id);
		for (size_t n = 0; n < SMI_COUNT(v); n++)
			add_number(&h, v[n]);
		for (size_t n = 0; n < k->ngroup_by; n++)
			add_number(&h, k->group_by[n]);
		for (size_t n = 0; n < k->nitems; n++) {
			add_number(&h, k->items[n].actions);
			add_sum(&h, k->items[n].rule);
		}
		add_sum(&h, k->unless);
	}
	smi_siphash128_end(&h, out);
}

struct keeper {
	struct smi_correlator *c;
	struct smi_buf *b;
	SMI_VEC(const char *) files;
	const struct smi_hit *shared[SMI_CORR_SHARED];
	size_t nshared;
	bool last, failed;
};

static void put_file(struct keeper *k, const char *file)
{
	size_t i = k->files.n;

	while (i > 0 && k->files.v[i - 1] != file)
		i--;
	smi_pack_uint(k->b, i);
	if (i)
		return;
	smi_pack_text(k->b, smi_span_str(file));
	k->failed |= !smi_vec_push(&k->files, file);
}

/* 0: none; 1: its bytes follow; else one of those before, + 2. */
static void put_hit(struct keeper *k, const struct smi_hit *h)
{
	struct smi_hit_parts parts;

	for (size_t i = 0;
	     h && i < SMI_MIN(k->nshared, (size_t)SMI_CORR_SHARED); i++)
		if (k->shared[i] == h) {
			smi_pack_uint(k->b, i + 2);
			return;
		}
	smi_pack_uint(k->b, h != NULL);
	if (!h)
		return;
	if (k->nshared < SMI_CORR_SHARED)
		k->shared[k->nshared++] = h;
	smi_hit_parts(h, &parts);
	smi_pack_uint(k->b, parts.rule->index);
	put_file(k, parts.file);
	smi_hit_pack(&k->c->pool, h, k->b);
}

static void put_events(struct keeper *k, const struct smi_key *key)
{
	const struct smi_early *all[UINT8_MAX], *e = &key->first;
	size_t n = key->n;

	/* As they came: the chain has the newest first. */
	all[0] = e;
	for (size_t i = n; i-- > 1; e = all[i])
		all[i] = smi_pool_at(&k->c->pool, e->next);
	for (size_t i = 0; i < n; i++) {
		e = all[i];
		smi_pack_time(k->b, e->time);
		smi_pack_uint(k->b, e->weight);
		smi_pack_uint(k->b, e->rule);
		smi_pack_uint(k->b, (uint64_t)e->values << 2 |
					    (uint64_t)e->thinned << 1 |
					    (uint64_t)e->lasts);
		smi_pack_uint(k->b, e->value[0]);
		smi_pack_uint(k->b, e->value[1]);
		put_hit(k, smi_pool_at(&k->c->pool, e->hit));
	}
}

static void put_window(struct keeper *k, const struct smi_window *w)
{
	smi_pack_uint(k->b, w->n);
	for (uint32_t i = 0; i < w->n; i++) {
		const struct smi_wentry *e = &w->e[w->head + i];

		smi_pack_time(k->b, e->time);
		smi_pack_uint(k->b, e->weight);
		smi_pack_uint(k->b, e->value);
		put_hit(k, e->hit);
	}
	smi_pack_uint(k->b, w->capv);
	smi_pack_uint(k->b, w->nv);
	for (uint32_t i = 0; i < w->nv; i++) {
		smi_pack_uint(k->b, w->v[i].value);
		smi_pack_uint(k->b, w->v[i].weight);
		smi_pack_time(k->b, w->v[i].seen);
		smi_pack_uint(k->b, w->v[i].excepted);
	}
}

/* One that follows the log tells it once more when it closes. */
static uint64_t shown_of(const struct keeper *k, const struct smi_open *o)
{
	const struct smi_corr *corr = &k->c->corrs[o->state->corr];

	if (!k->last || k->c->live)
		return o->shown;
	return smi_episode_is_told(k->c, corr, o) ? smi_episode_weight(o) : 0;
}

static void put_open(struct keeper *k, const struct smi_open *o)
{
	smi_pack_uint(k->b, o != NULL);
	if (!o)
		return;
	smi_pack_time(k->b, o->first);
	smi_pack_time(k->b, o->met);
	smi_pack_time(k->b, o->start);
	smi_pack_uint(k->b, o->count);
	smi_pack_uint(k->b, o->before);
	smi_pack_uint(k->b, shown_of(k, o));
	smi_pack_uint(k->b, (uint64_t)o->told << 1 | (uint64_t)o->then_seen);
	for (size_t i = 0; i < SMI_EVIDENCE_HEAD; i++)
		put_hit(k, i < o->nhead ? o->head[i] : NULL);
	for (size_t i = 0; i < SMI_EVIDENCE_TAIL; i++)
		put_hit(k, i < o->ntail ? o->tail[i] : NULL);
	put_hit(k, o->then);
}

static void put_more(struct keeper *k, const struct smi_corr *corr,
		     const struct smi_more *m)
{
	uint32_t n = m && m->recent ? m->recent->n : 0;

	smi_pack_uint(k->b, m ? 1 + (m->seen != NULL) : 0);
	if (!m)
		return;
	smi_pack_time(k->b, m->quiet);
	for (size_t i = 0; m->seen && i < corr->conf.nitems; i++) {
		smi_pack_uint(k->b, m->seen[i].set);
		smi_pack_time(k->b, m->seen[i].time);
		smi_pack_time(k->b, m->seen[i].start);
		put_hit(k, m->seen[i].hit);
	}
	smi_pack_uint(k->b, n);
	for (uint32_t i = 0; i < SMI_MIN(n, (uint32_t)SMI_RECENT); i++)
		smi_pack_uint(k->b, m->recent->v[i]);
}

static void put_states(struct keeper *k, const struct smi_key *key)
{
	const struct smi_state *st;

	for (uint32_t i = SMI_KEY_STATES(key); i; i = st->next) {
		st = smi_pool_at(&k->c->pool, i);
		smi_pack_uint(k->b, st->corr + 1u);
		smi_pack_uint(k->b, st->any);
		smi_pack_time(k->b, st->last);
		smi_pack_time(k->b, st->covered);
		put_window(k, &st->window);
		put_open(k, st->open);
		put_more(k, &k->c->corrs[st->corr], st->more);
	}
	smi_pack_uint(k->b, 0);
}

static void put_queue(struct keeper *k, const struct smi_key_queue *q)
{
	const struct smi_key *key = smi_keys_at(&k->c->keys, q->oldest);

	for (; key; key = smi_keys_at(&k->c->keys, key->newer)) {
		k->nshared = 0;
		smi_pack_uint(k->b, 1);
		smi_pack_text(k->b, smi_key_span(key));
		smi_buf_add(k->b, &key->hash, sizeof(key->hash));
		smi_pack_uint(k->b, key->mark);
		smi_pack_uint(k->b, key->n);
		if (key->n)
			put_events(k, key);
		else
			put_states(k, key);
	}
}

static void put_clock(struct smi_buf *b, const struct smi_corr_clock *c)
{
	smi_pack_time(b, c->now);
	smi_pack_uint(b, c->later);
	smi_pack_uint(b, c->earlier);
	smi_pack_time(b, c->lead);
	smi_pack_time(b, c->lag);
	for (size_t i = 0; i < SMI_COUNT(c->recent); i++)
		smi_pack_time(b, c->recent[i]);
}

int smi_correlator_save(struct smi_correlator *c, bool last, struct smi_buf *b)
{
	struct keeper k = { .c = c, .b = b, .last = last };
	uint8_t sum[16];

	smi_corr_sum(c, sum);
	smi_pack_uint(b, SMI_CORR_VERSION);
	smi_buf_add(b, sum, sizeof(sum));
	smi_buf_add(b, &c->sip, sizeof(c->sip));
	put_clock(b, &c->clock);
	for (size_t i = 0; i < c->ngroups; i++) {
		smi_pack_uint(b, c->groups[i].clock);
		put_queue(&k, &c->groups[i].many);
		put_queue(&k, &c->groups[i].single);
		smi_pack_uint(b, 0);
	}
	smi_vec_free(&k.files);
	return k.failed || smi_buf_error(b) ? -ENOMEM : 0;
}
