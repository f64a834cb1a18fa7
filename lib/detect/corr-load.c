/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/corr-pack.h"
#include "detect/corr-state.h"

/* Reading: what is wrong sets in.bad, and nothing that follows counts. */
#define MAX_FILES 65536
struct loader {
	struct smi_correlator *c;
	struct smi_unpack in;
	size_t nfiles; /* of c->files, those of this text */
	size_t first;
	struct smi_hit *shared[SMI_CORR_SHARED];
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
	if (l->nshared < SMI_CORR_SHARED)
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
	o->shown = smi_unpack_uint(&l->in, UINT64_MAX);
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

/* What is there twice is aside. */
static struct smi_state *add_state(struct loader *l, struct smi_key *key,
				   uint16_t corr)
{
	struct smi_state *st = smi_state_find(&l->c->keys, key, corr);

	l->in.bad |= st && st->split;
	if (l->in.bad)
		return NULL;
	st = st ? smi_state_add_aside(&l->c->keys, st)
		: smi_state_add(&l->c->keys, key, corr);
	if (st)
		return st;
	l->failed = -ENOMEM;
	l->in.bad = true;
	return NULL;
}

static void get_states(struct loader *l, struct smi_corr_group *g,
		       struct smi_key *key)
{
	struct smi_correlator *c = l->c;
	uint64_t i;

	while ((i = smi_unpack_uint(&l->in, c->n)) != 0 && !l->in.bad) {
		struct smi_corr *k = &c->corrs[i - 1];
		struct smi_state *st;

		l->in.bad |= k->group != g;
		st = add_state(l, key, k->index);
		if (!st)
			return;
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

static void get_clock(struct smi_unpack *in, struct smi_corr_clock *c)
{
	c->now = smi_unpack_time(in);
	c->later = (uint32_t)smi_unpack_uint(in, SMI_CLOCK_VOTES - 1);
	c->earlier = (uint32_t)smi_unpack_uint(in, SMI_CLOCK_VOTES - 1);
	c->lead = smi_unpack_time(in);
	c->lag = smi_unpack_time(in);
	for (size_t i = 0; i < SMI_COUNT(c->recent); i++)
		c->recent[i] = smi_unpack_time(in);
	/* Windows are subtracted from it. */
	in->bad |= c->now < SMI_CLOCK_UNSET;
}

static int get_all(struct loader *l)
{
	struct smi_correlator *c = l->c;
	struct smi_span sip;
	uint8_t sum[16];

	if (smi_unpack_uint(&l->in, UINT64_MAX) != SMI_CORR_VERSION)
		return l->in.bad ? -EBADMSG : -ENOTSUP;
	smi_corr_sum(c, sum);
	if (!smi_span_eq(smi_unpack_bytes(&l->in, sizeof(sum)),
			 smi_span_of(sum, sizeof(sum))))
		return l->in.bad ? -EBADMSG : -ENOTSUP;
	sip = smi_unpack_bytes(&l->in, sizeof(c->sip));
	if (l->in.bad)
		return -EBADMSG;
	memcpy(&c->sip, sip.p, sizeof(c->sip));
	get_clock(&l->in, &c->clock);
	for (size_t i = 0; i < c->ngroups && !l->in.bad; i++) {
		struct smi_corr_group *g = &c->groups[i];

		g->salt = smi_siphash_u64(&c->sip, i);
		g->clock = (uint32_t)smi_unpack_uint(&l->in, UINT32_MAX);
		while (!l->in.bad && smi_unpack_uint(&l->in, 1))
			get_key(l, g);
	}
	l->in.bad |= l->in.rest.len != 0;
	if (!l->in.bad && !sort_open(c))
		l->failed = -ENOMEM;
	return l->failed ? l->failed : l->in.bad ? -EBADMSG : 0;
}

static void forget_all(struct smi_correlator *c)
{
	smi_correlator_forget(c);
	smi_corr_clock_init(&c->clock);
	for (size_t i = 0; i < c->ngroups; i++)
		c->groups[i].clock = 0;
}

int smi_correlator_load(struct smi_correlator *c, struct smi_span text)
{
	struct loader l = { .c = c, .in.rest = text, .first = c->files.n };
	int r = get_all(&l);

	if (r < 0)
		forget_all(c);
	return r;
}
