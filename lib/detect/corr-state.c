/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/corr-pack.h"
#include "detect/correlator.h"

/*
 * What a correlator knows, from one run to the next: a version, the sum of the
 * rules, the key of its hashes, and each key with what it has, the oldest first.
 * It counts only for the rules that it was made with.
 */
#define VERSION	  1
#define MAX_FILES 65536

static void add_sum(struct smi_siphash128 *h, const char *text)
{
	smi_siphash128_add(h, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_number(struct smi_siphash128 *h, uint64_t v)
{
	smi_siphash128_add(h, &v, sizeof(v));
}

static void sum_rules(const struct smi_correlator *c, uint8_t out[16])
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
	}
	smi_siphash128_end(&h, out);
}

/* Hits that one key has more than once are written once. */
#define SHARED 64
struct keeper {
	struct smi_correlator *c;
	struct smi_buf *b;
	SMI_VEC(const char *) files;
	const struct smi_hit *shared[SHARED];
	size_t nshared;
	bool failed;
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

	for (size_t i = 0; h && i < SMI_MIN(k->nshared, (size_t)SHARED); i++)
		if (k->shared[i] == h) {
			smi_pack_uint(k->b, i + 2);
			return;
		}
	smi_pack_uint(k->b, h != NULL);
	if (!h)
		return;
	if (k->nshared < SHARED)
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

int smi_correlator_save(struct smi_correlator *c, struct smi_buf *b)
{
	struct keeper k = { .c = c, .b = b };
	uint8_t sum[16];

	sum_rules(c, sum);
	smi_pack_uint(b, VERSION);
	smi_buf_add(b, sum, sizeof(sum));
	smi_buf_add(b, &c->sip, sizeof(c->sip));
	for (size_t i = 0; i < c->ngroups; i++) {
		smi_pack_time(b, c->groups[i].now);
		put_queue(&k, &c->groups[i].many);
		put_queue(&k, &c->groups[i].single);
		smi_pack_uint(b, 0);
	}
	for (size_t i = 0; i < c->n; i++)
		smi_pack_time(b, c->corrs[i].now);
	smi_vec_free(&k.files);
	return k.failed || smi_buf_error(b) ? -ENOMEM : 0;
}

/* Reading: what is wrong sets in.bad, and nothing that follows counts. */
struct loader {
	struct smi_correlator *c;
	struct smi_unpack in;
	size_t nfiles; /* of c->files, those of this text */
	size_t first;
	struct smi_hit *shared[SHARED];
	size_t nshared;
	int failed;
};

static const char *get_file(struct loader *l)
{
	uint64_t i = smi_unpack_uint(&l->in, l->nfiles);
	struct smi_span text;
	char *copy;

	if (l->in.bad)
		return "";
	if (i)
		return l->c->files.v[l->first + i - 1];
	text = smi_unpack_text(&l->in, 4096);
	l->in.bad |= l->nfiles >= MAX_FILES ||
		     memchr(text.p, '\0', text.len) != NULL;
	if (l->in.bad)
		return "";
	copy = smi_strndup(text.p, text.len);
	if (!copy || !smi_vec_push(&l->c->files, copy)) {
		free(copy);
		l->failed = -ENOMEM;
		l->in.bad = true;
		return "";
	}
	l->nfiles++;
	return copy;
}

static const struct smi_rule *get_rule(struct loader *l)
{
	uint64_t i = smi_unpack_uint(&l->in, l->c->nrules - 1);

	if (!l->c->rules[i])
		l->in.bad = true;
	return l->c->rules[i];
}

/* A reference of its own, or NULL. */
static struct smi_hit *get_hit(struct loader *l)
{
	uint64_t what = smi_unpack_uint(&l->in, l->nshared + 1);
	struct smi_hit_parts parts;
	struct smi_hit *h = NULL;
	int r;

	if (!what || l->in.bad)
		return NULL;
	if (what > 1)
		return smi_hit_ref(l->shared[what - 2]);
	parts.rule = get_rule(l);
	parts.file = get_file(l);
	r = l->in.bad ? 0 : smi_hit_unpack(&l->c->pool, &l->in, &parts, &h);
	if (r == -ENOMEM)
		l->failed = r;
	l->c->lost.evidence += r == -ENOSPC;
	/* It takes its place among the others in any case. */
	if (l->nshared < SHARED)
		l->shared[l->nshared++] = smi_hit_ref(h);
	return h;
}

static void get_event(struct loader *l, struct smi_early *e)
{
	uint64_t bits;

	*e = (struct smi_early){ .time = smi_unpack_time(&l->in) };
	e->weight = (uint32_t)smi_unpack_uint(&l->in, UINT32_MAX);
	e->rule = (uint16_t)smi_unpack_uint(
		&l->in, SMI_MIN(l->c->nrules - 1, (size_t)UINT16_MAX));
	l->in.bad |= !l->c->rules[e->rule];
	bits = smi_unpack_uint(&l->in, 15);
	e->values = bits >> 2;
	e->thinned = bits & 2;
	e->lasts = bits & 1;
	e->value[0] = (uint32_t)smi_unpack_uint(&l->in, UINT32_MAX);
	e->value[1] = (uint32_t)smi_unpack_uint(&l->in, UINT32_MAX);
	e->hit = smi_pool_number(&l->c->pool, get_hit(l));
}

static void get_events(struct loader *l, struct smi_key *key, uint64_t n)
{
	while (n-- > 0 && !l->in.bad) {
		struct smi_early e;

		get_event(l, &e);
		if (smi_corr_list(l->c, key, &e) == 0)
			continue;
		smi_hit_unref(&l->c->pool, smi_pool_at(&l->c->pool, e.hit));
		l->failed = -ENOMEM;
		l->in.bad = true;
	}
}

static void get_values(struct loader *l, struct smi_corr *k,
		       struct smi_window *w)
{
	uint64_t cap =
		smi_unpack_uint(&l->in, k->wconf.values ? UINT32_MAX : 0);
	uint64_t n = smi_unpack_uint(&l->in, cap);

	if (l->in.bad || !smi_window_set_values(w, &k->wconf, (uint32_t)cap)) {
		l->in.bad = true;
		return;
	}
	for (uint64_t i = 0; i < n && !l->in.bad; i++) {
		struct smi_wvalue v = { 0 };

		v.value = (uint32_t)smi_unpack_uint(&l->in, UINT32_MAX);
		v.weight = smi_unpack_uint(&l->in, UINT64_MAX);
		v.seen = smi_unpack_time(&l->in);
		v.excepted = smi_unpack_uint(&l->in, 1);
		smi_window_put_value(w, &k->wconf, v);
	}
}

static void get_window(struct loader *l, struct smi_corr *k,
		       struct smi_window *w)
{
	struct smi_wconf plain = k->wconf;
	uint64_t n = smi_unpack_uint(&l->in, k->wconf.max_entries);
	int r = 0;

	plain.values = false;
	for (uint64_t i = 0; i < n && r == 0 && !l->in.bad; i++) {
		struct smi_wentry e = { .time = smi_unpack_time(&l->in) };

		e.weight = (uint32_t)smi_unpack_uint(&l->in, UINT32_MAX);
		e.value = (uint32_t)smi_unpack_uint(&l->in, UINT32_MAX);
		e.hit = get_hit(l);
		if (!l->in.bad)
			r = smi_window_add(w, &plain, e);
		smi_hit_unref(&l->c->pool, e.hit);
	}
	if (r < 0)
		l->failed = r;
	l->in.bad |= r < 0;
	get_values(l, k, w);
}

static void get_open(struct loader *l, struct smi_corr *k, struct smi_key *key,
		     struct smi_state *st)
{
	struct smi_open *o;
	uint64_t bits;

	if (!smi_unpack_uint(&l->in, 1) || l->in.bad)
		return;
	if (smi_episode_open(l->c, k, key, st, &o) < 0) {
		l->failed = -ENOMEM;
		l->in.bad = true;
		return;
	}
	o->first = smi_unpack_time(&l->in);
	o->met = smi_unpack_time(&l->in);
	o->start = smi_unpack_time(&l->in);
	o->count = smi_unpack_uint(&l->in, UINT64_MAX);
	o->before = smi_unpack_uint(&l->in, UINT64_MAX);
	bits = smi_unpack_uint(&l->in, 3);
	o->told = bits & 2;
	o->then_seen = bits & 1;
	for (size_t i = 0; i < SMI_EVIDENCE_HEAD + SMI_EVIDENCE_TAIL; i++) {
		struct smi_hit *h = get_hit(l);

		smi_episode_add(l->c, o, h);
		smi_hit_unref(&l->c->pool, h);
	}
	o->then = get_hit(l);
}

static void get_more(struct loader *l, const struct smi_corr *k,
		     struct smi_state *st)
{
	bool temporal = !k->wconf.max_entries;
	uint64_t what = smi_unpack_uint(&l->in, temporal ? 2 : 1), n;
	struct smi_more *m;

	if (!what || l->in.bad)
		return;
	m = smi_corr_more(l->c, k, st, what == 2,
			  k->conf.once_per != SMI_ROLE_NONE);
	if (!m) {
		l->failed = -ENOMEM;
		l->in.bad = true;
		return;
	}
	m->quiet = smi_unpack_time(&l->in);
	for (size_t i = 0; m->seen && i < k->conf.nitems; i++) {
		m->seen[i].set = smi_unpack_uint(&l->in, 1);
		m->seen[i].time = smi_unpack_time(&l->in);
		m->seen[i].start = smi_unpack_time(&l->in);
		m->seen[i].hit = get_hit(l);
	}
	n = smi_unpack_uint(&l->in, m->recent ? UINT32_MAX : 0);
	if (m->recent)
		m->recent->n = (uint32_t)n;
	for (uint64_t i = 0; i < SMI_MIN(n, (uint64_t)SMI_RECENT); i++)
		m->recent->v[i] = smi_unpack_uint(&l->in, UINT64_MAX);
}

static void get_states(struct loader *l, struct smi_corr_group *g,
		       struct smi_key *key)
{
	struct smi_correlator *c = l->c;
	uint64_t i;

	while ((i = smi_unpack_uint(&l->in, c->n)) != 0 && !l->in.bad) {
		struct smi_corr *k = &c->corrs[i - 1];
		struct smi_state *st;

		if (k->group != g || smi_state_find(&c->keys, key, k->index)) {
			l->in.bad = true;
			return;
		}
		st = smi_state_add(&c->keys, key, k->index);
		if (!st) {
			l->failed = -ENOMEM;
			l->in.bad = true;
			return;
		}
		st->any = smi_unpack_uint(&l->in, 1);
		st->last = smi_unpack_time(&l->in);
		st->covered = smi_unpack_time(&l->in);
		get_window(l, k, &st->window);
		get_open(l, k, key, st);
		get_more(l, k, st);
	}
}

static void get_key(struct loader *l, struct smi_corr_group *g)
{
	struct smi_span text = smi_unpack_text(&l->in, SMI_KEY_MAX);
	uint64_t hash = smi_unpack_raw64(&l->in);
	uint32_t mark = (uint32_t)smi_unpack_uint(&l->in, UINT32_MAX);
	uint64_t n = smi_unpack_uint(&l->in, SMI_CORR_ASLEEP);
	struct smi_key *key;

	if (l->in.bad || !smi_key_check(text, g->roles, g->n) ||
	    smi_keys_find(&l->c->keys, hash)) {
		l->in.bad = true;
		return;
	}
	if (smi_keys_add(&l->c->keys, hash, text, &key) < 0) {
		l->failed = -ENOMEM;
		l->in.bad = true;
		return;
	}
	if (n)
		get_events(l, key, n);
	else
		get_states(l, g, key);
	smi_corr_queue(l->c, g, key);
	key->mark = mark;
	if (!key->n)
		SMI_KEY_QUEUED(key) = mark;
	for (size_t i = 0; i < l->nshared; i++)
		smi_hit_unref(&l->c->pool, l->shared[i]);
	l->nshared = 0;
}

static int by_last(const void *a, const void *b)
{
	int64_t x = (*(struct smi_open *const *)a)->state->last;
	int64_t y = (*(struct smi_open *const *)b)->state->last;

	return x < y ? -1 : x > y;
}

/* The queues of episodes are by age. */
static bool sort_open(struct smi_correlator *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct smi_open_queue *q = &c->corrs[i].open;
		SMI_AUTOFREE struct smi_open **all = NULL;
		size_t n = 0;

		for (struct smi_open *o = q->oldest; o; o = o->newer)
			n++;
		all = smi_alloc((n + 1) * sizeof(*all));
		if (!all)
			return false;
		for (size_t k = 0; k < n; k++) {
			all[k] = q->oldest;
			smi_open_pull(q, all[k]);
		}
		if (n)
			qsort(all, n, sizeof(struct smi_open *), by_last);
		for (size_t k = 0; k < n; k++)
			smi_open_push(q, all[k]);
	}
	return true;
}

static int get_all(struct loader *l)
{
	struct smi_correlator *c = l->c;
	struct smi_span sip;
	uint8_t sum[16];

	if (smi_unpack_uint(&l->in, UINT64_MAX) != VERSION)
		return l->in.bad ? -EBADMSG : -ENOTSUP;
	sum_rules(c, sum);
	if (!smi_span_eq(smi_unpack_bytes(&l->in, sizeof(sum)),
			 smi_span_of(sum, sizeof(sum))))
		return l->in.bad ? -EBADMSG : -ENOTSUP;
	sip = smi_unpack_bytes(&l->in, sizeof(c->sip));
	if (l->in.bad)
		return -EBADMSG;
	memcpy(&c->sip, sip.p, sizeof(c->sip));
	for (size_t i = 0; i < c->ngroups && !l->in.bad; i++) {
		struct smi_corr_group *g = &c->groups[i];

		g->salt = smi_siphash_u64(&c->sip, i);
		g->now = smi_unpack_time(&l->in);
		while (!l->in.bad && smi_unpack_uint(&l->in, 1))
			get_key(l, g);
	}
	for (size_t i = 0; i < c->n; i++)
		c->corrs[i].now = smi_unpack_time(&l->in);
	l->in.bad |= l->in.rest.len != 0;
	if (!l->in.bad && !sort_open(c))
		l->failed = -ENOMEM;
	return l->failed ? l->failed : l->in.bad ? -EBADMSG : 0;
}

int smi_correlator_load(struct smi_correlator *c, struct smi_span text)
{
	struct loader l = { .c = c, .in.rest = text, .first = c->files.n };
	int r = get_all(&l);

	if (r < 0)
		smi_correlator_forget(c);
	return r;
}
