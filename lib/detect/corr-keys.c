/* SPDX-License-Identifier: MIT */
#include "detect/correlator.h"

/* The hits of a list are gone through when so many events have come. */
#define THINNED 4

static int write_key(struct smi_corr_group *g, const struct smi_corr_event *ev)
{
	g->has = smi_key_make(&g->text, g->roles, g->n, ev->line, ev->m,
			      g->bits4, g->bits6);
	return smi_buf_error(&g->text);
}

static bool is_one_value(const struct smi_corr_group *g)
{
	return g->n == 1 && !g->bits4 && !g->bits6;
}

/* A key of one whole value has the hash of the value; its text is written only
 * for a key that is new. */
int smi_corr_key(struct smi_correlator *c, struct smi_corr_group *g,
		 struct smi_corr_event *ev)
{
	int r;

	if (g->serial == c->serial)
		return 0;
	g->admitted = g->has = false;
	g->current = NULL;
	r = smi_corr_sweep(c, g);
	g->serial = c->serial;
	if (r < 0)
		return r;
	if (is_one_value(g)) {
		g->has = smi_corr_value(c, ev, g->roles[0], &g->hash);
	} else {
		r = write_key(g, ev);
		if (g->has)
			g->hash = smi_siphash(&c->sip, g->text.p, g->text.len);
	}
	if (!g->has)
		return r;
	g->hash ^= g->salt;
	g->current = smi_keys_find(&c->keys, g->hash);
	return r;
}

static struct smi_early *early_at(struct smi_correlator *c, uint32_t number)
{
	return smi_pool_at(&c->pool, number);
}

static bool feeds_group(const struct smi_correlator *c,
			const struct smi_feed *f,
			const struct smi_corr_group *g)
{
	const struct smi_corr *k = &c->corrs[f->corr];

	return k->group == g || (k->prefix && k->prefix->group == g);
}

static uint64_t weight_within(struct smi_correlator *c,
			      const struct smi_key *key, int64_t time,
			      int64_t span)
{
	const struct smi_early *e = &key->first;
	uint64_t weight = 0;

	/* The first one points to the last, that to the one before it. */
	for (; e; e = early_at(c, e->next)) {
		if (time - e->time <= span && e->time - time <= span)
			weight += e->weight;
		else if (e != &key->first && e->time < time &&
			 !key->first.unsorted)
			break;
	}
	return weight;
}

/* The event may make a finding of some correlation, with those before it. */
static bool may_find(struct smi_correlator *c, const struct smi_corr_group *g,
		     const struct smi_corr_event *ev)
{
	const struct smi_feeds *feeds = &c->rs->feeds[ev->rule->index];
	const struct smi_key *key = g->current;

	for (size_t i = 0; i < feeds->n; i++) {
		const struct smi_feed *f = &feeds->v[i];
		const struct smi_corr *k = &c->corrs[f->corr];
		uint64_t weight = ev->weight;

		if (f->what != SMI_FEED_COUNT || !feeds_group(c, f, g))
			continue;
		if (key && !key->first.heavy && key->n + weight < k->need)
			continue;
		if (key)
			weight += weight_within(c, key, ev->time, k->conf.span);
		if (weight >= k->need)
			return true;
	}
	return false;
}

/* The values that the correlations of the group ask of an event, in the order of
 * its feeds. How many there are. */
static size_t list_roles(const struct smi_correlator *c,
			 const struct smi_corr_group *g,
			 const struct smi_rule *rule,
			 enum smi_role out[SMI_ROLE_NONE])
{
	const struct smi_feeds *feeds = &c->rs->feeds[rule->index];
	uint32_t seen = 0;
	size_t n = 0;

	for (size_t i = 0; i < feeds->n; i++) {
		const struct smi_correlation *conf =
			&c->corrs[feeds->v[i].corr].conf;
		const enum smi_role roles[] = { conf->field, conf->once_per };

		if (!feeds_group(c, &feeds->v[i], g))
			continue;
		for (size_t k = 0; k < SMI_COUNT(roles); k++) {
			if (roles[k] == SMI_ROLE_NONE || seen >> roles[k] & 1)
				continue;
			seen |= 1u << roles[k];
			out[n++] = roles[k];
		}
	}
	return n;
}

static int64_t span_of(const struct smi_correlator *c,
		       const struct smi_corr_group *g, size_t rule)
{
	const struct smi_feeds *feeds = &c->rs->feeds[rule];
	int64_t span = 0;

	for (size_t i = 0; i < feeds->n; i++)
		if (feeds_group(c, &feeds->v[i], g))
			span = SMI_MAX(span,
				       c->corrs[feeds->v[i].corr].conf.span);
	return span;
}

/* false where it is no event that can be listed. */
static bool write_early(struct smi_correlator *c,
			const struct smi_corr_group *g,
			struct smi_corr_event *ev, struct smi_early *out)
{
	enum smi_role roles[SMI_ROLE_NONE];
	size_t n = list_roles(c, g, ev->rule, roles);

	*out = (struct smi_early){ .time = ev->time,
				   .weight = ev->weight,
				   .rule = (uint16_t)ev->rule->index };
	out->lasts = span_of(c, g, ev->rule->index) == g->span;
	if (n > SMI_COUNT(out->value) || ev->rule->index > UINT16_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t value;

		if (!smi_corr_value(c, ev, roles[i], &value))
			continue;
		out->value[i] = (uint32_t)value;
		out->values = out->values | 1u << i;
	}
	return true;
}

static void read_early(struct smi_correlator *c, const struct smi_corr_group *g,
		       const struct smi_early *e, struct smi_corr_event *ev)
{
	enum smi_role roles[SMI_ROLE_NONE];
	size_t n;

	*ev = (struct smi_corr_event){ .rule = c->rules[e->rule],
				       .time = e->time,
				       .weight = e->weight,
				       .hit = smi_pool_at(&c->pool, e->hit),
				       .hit_tried = true };
	n = list_roles(c, g, ev->rule, roles);
	for (size_t i = 0; i < n; i++) {
		if (!(e->values >> i & 1))
			continue;
		ev->values[roles[i]] = e->value[i];
		ev->hashed |= 1u << roles[i];
	}
}

static int replay(struct smi_correlator *c, struct smi_corr_group *g,
		  struct smi_corr_event *ev)
{
	const struct smi_feeds *feeds = &c->rs->feeds[ev->rule->index];
	int r = 0;

	for (size_t i = 0; r == 0 && i < feeds->n; i++) {
		const struct smi_feed *f = &feeds->v[i];
		struct smi_corr *k = &c->corrs[f->corr];
		bool open;

		if (f->what == SMI_FEED_THEN)
			continue;
		if (k->group == g)
			r = smi_corr_count(c, k, f, ev, &open);
		else if (k->prefix && k->prefix->group == g)
			r = smi_corr_count(c, k->prefix, f, ev, &open);
	}
	return r;
}

/* Takes the events of a sleeping key; the newest comes last. */
static size_t take_events(struct smi_correlator *c, struct smi_key *key,
			  struct smi_early out[SMI_CORR_ASLEEP])
{
	uint32_t number = key->first.next, next;
	size_t n = key->n;

	out[0] = key->first;
	for (size_t i = n; i-- > 1; number = next) {
		out[i] = *early_at(c, number);
		next = out[i].next;
		if (i % 2)
			smi_pool_free(&c->pool, early_at(c, number),
				      2 * sizeof(*out));
	}
	return n;
}

int smi_corr_wake(struct smi_correlator *c, struct smi_corr_group *g)
{
	struct smi_key *key = g->current;
	struct smi_early e[SMI_CORR_ASLEEP];
	struct smi_corr_event ev;
	size_t n;
	int r = 0;

	smi_corr_unqueue(c, g, key);
	n = take_events(c, key, e);
	key->n = 0;
	key->first = (struct smi_early){ 0 };
	smi_corr_queue(c, g, key);
	for (size_t i = 0; i < n; i++) {
		read_early(c, g, &e[i], &ev);
		c->lost.evidence += !ev.hit && !e[i].thinned;
		if (r == 0)
			r = replay(c, g, &ev);
		smi_hit_unref(&c->pool, ev.hit);
	}
	return r;
}

static int make_hit(struct smi_correlator *c, struct smi_corr_event *ev,
		    uint32_t *out)
{
	uint64_t before = c->lost.evidence;

	/* It is lost only if the key wakes. */
	*out = smi_pool_number(&c->pool, smi_hit_ref(smi_corr_hit(c, ev)));
	c->lost.evidence = before;
	return ev->no_memory ? -ENOMEM : 0;
}

/* What a finding would hardly show needs no memory: of those that count for long
 * the first three stay, the last three, and those of shorter windows. */
static void thin(struct smi_correlator *c, const struct smi_corr_group *g,
		 struct smi_key *key)
{
	int64_t recent = c->clock.now - (int64_t)g->tidy * SMI_SEC;
	size_t n = 0, i;

	for (struct smi_early *e = &key->first; e; e = early_at(c, e->next))
		n += e->lasts;
	i = n;
	for (struct smi_early *e = early_at(c, key->first.next); e;
	     e = early_at(c, e->next)) {
		if (!e->lasts || --i + SMI_EVIDENCE_TAIL >= n ||
		    i < SMI_EVIDENCE_HEAD || (g->tidy && e->time >= recent))
			continue;
		smi_hit_unref(&c->pool, smi_pool_at(&c->pool, e->hit));
		e->hit = 0;
		e->thinned = true;
	}
}

/* The event counts for nothing any more. */
static bool is_past(const struct smi_correlator *c,
		    const struct smi_corr_group *g, const struct smi_early *e)
{
	return e->time <
	       c->clock.now - (e->lasts ? g->span : span_of(c, g, e->rule));
}

bool smi_corr_is_past(const struct smi_correlator *c,
		      const struct smi_corr_group *g, const struct smi_key *key)
{
	const struct smi_early *e = &key->first;

	for (; e; e = smi_pool_at(&c->pool, e->next))
		if (!is_past(c, g, e))
			return false;
	return true;
}

/* e comes to the list. */
static void note_list(struct smi_correlator *c, struct smi_key *key,
		      const struct smi_early *e)
{
	struct smi_early *first = &key->first;
	const struct smi_early *last =
		first->next ? early_at(c, first->next) : first;

	first->heavy |= e->weight > 1;
	first->differs |= e->lasts != first->lasts;
	first->unsorted |= e->time < last->time;
}

/* Whether any event of a sleeping key counts for nothing any more. */
static bool has_past(struct smi_correlator *c, const struct smi_corr_group *g,
		     const struct smi_key *key)
{
	const struct smi_early *e = &key->first;

	if (e->lasts && !e->differs && !e->unsorted)
		return is_past(c, g, e);
	for (; e; e = early_at(c, e->next))
		if (is_past(c, g, e))
			return true;
	return false;
}

int smi_corr_list(struct smi_correlator *c, struct smi_key *key,
		  const struct smi_early *e)
{
	struct smi_early *at;

	if (key->n == 0) {
		key->first = *e;
		key->first.next = 0;
		key->first.unsorted = key->first.differs = false;
		key->first.heavy = e->weight > 1;
		key->n = 1;
		return 0;
	}
	note_list(c, key, e);
	at = key->n % 2 ? smi_pool_alloc(&c->pool, 2 * sizeof(*at), NULL)
			: early_at(c, key->first.next) + 1;
	if (!at)
		return -ENOMEM;
	*at = *e;
	at->next = key->first.next;
	key->first.next = smi_pool_number(&c->pool, at);
	key->n++;
	return 0;
}

int smi_corr_drop_past(struct smi_correlator *c, const struct smi_corr_group *g,
		       struct smi_key *key)
{
	struct smi_early all[SMI_CORR_ASLEEP];
	size_t n;
	int r = 0;

	if (!has_past(c, g, key))
		return 0;
	n = take_events(c, key, all);
	key->n = 0;
	key->first.next = 0;
	for (size_t i = 0; i < n; i++) {
		if (r == 0 && !is_past(c, g, &all[i]))
			r = smi_corr_list(c, key, &all[i]);
		else
			smi_hit_unref(&c->pool,
				      smi_pool_at(&c->pool, all[i].hit));
	}
	return r;
}

static int list_more(struct smi_correlator *c, struct smi_corr_group *g,
		     struct smi_corr_event *ev, struct smi_early *e)
{
	struct smi_key *key = g->current;
	int r = make_hit(c, ev, &e->hit);

	if (r < 0)
		return r;
	smi_corr_unqueue(c, g, key);
	if (key->n % 2)
		r = smi_corr_drop_past(c, g, key);
	if (r == 0)
		r = smi_corr_list(c, key, e);
	if (r < 0)
		smi_hit_unref(&c->pool, smi_pool_at(&c->pool, e->hit));
	else if (key->n % THINNED == 0)
		thin(c, g, key);
	smi_corr_queue(c, g, key);
	return r;
}

static int add_key(struct smi_correlator *c, struct smi_corr_group *g,
		   struct smi_corr_event *ev, struct smi_early *e)
{
	struct smi_key *key;
	int r = is_one_value(g) ? write_key(g, ev) : 0;

	if (r == 0 && e)
		r = make_hit(c, ev, &e->hit);
	if (r == 0)
		r = smi_keys_add(&c->keys, g->hash, smi_buf_span(&g->text),
				 &key);
	if (r < 0) {
		if (e)
			smi_hit_unref(&c->pool, smi_pool_at(&c->pool, e->hit));
		return r;
	}
	if (e)
		r = smi_corr_list(c, key, e);
	g->current = key;
	smi_corr_queue(c, g, key);
	return r;
}

int smi_corr_admit(struct smi_correlator *c, struct smi_corr_group *g,
		   struct smi_corr_event *ev)
{
	struct smi_key *key = g->current;
	struct smi_early e;
	bool asleep;

	g->admitted = true;
	if (key && !key->n) {
		smi_corr_touch(c, g, key);
		return 0;
	}
	asleep = (!key || key->n < SMI_CORR_ASLEEP) &&
		 write_early(c, g, ev, &e) && !may_find(c, g, ev);
	if (!key)
		return add_key(c, g, ev, asleep ? &e : NULL);
	return asleep ? list_more(c, g, ev, &e) : smi_corr_wake(c, g);
}
