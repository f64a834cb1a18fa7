/* SPDX-License-Identifier: MIT */
#include "detect/window.h"

#define MAX_VALUES   1024
#define MAX_EXCEPTED 256

static bool qualifies(const struct smi_wvalue *v, const struct smi_wconf *c)
{
	return v->weight && !v->excepted &&
	       (!c->max_per_value || v->weight <= c->max_per_value);
}

static struct smi_wvalue *find_value(const struct smi_window *w, uint32_t value)
{
	for (uint32_t i = 0; i < w->nv; i++)
		if (w->v[i].value == value)
			return &w->v[i];
	return NULL;
}

static void change_weight(struct smi_window *w, const struct smi_wconf *c,
			  struct smi_wvalue *v, uint64_t weight)
{
	w->distinct -= qualifies(v, c);
	v->weight = weight;
	w->distinct += qualifies(v, c);
}

/* Excepted values stay for a span, the others while they are in the window. */
static void drop_stale(struct smi_window *w, const struct smi_wconf *c,
		       int64_t now)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < w->nv; i++) {
		const struct smi_wvalue *v = &w->v[i];

		if (v->weight || (v->excepted && now - v->seen <= c->span))
			w->v[kept++] = *v;
	}
	w->nv = kept;
}

static void pop_oldest(struct smi_window *w, const struct smi_wconf *c)
{
	struct smi_wentry *e = &w->e[w->head++];
	struct smi_wvalue *v = c->values ? find_value(w, e->value) : NULL;

	w->n--;
	w->weight -= e->weight;
	if (c->flags && e->value)
		w->flagged -= e->weight;
	if (v)
		change_weight(w, c, v,
			      v->weight - SMI_MIN(v->weight, e->weight));
	if (v && !v->weight && !v->excepted)
		*v = w->v[--w->nv];
	smi_hit_unref(c->pool, e->hit);
	if (w->n == 0)
		w->head = 0;
}

void smi_window_free(struct smi_window *w, const struct smi_wconf *c)
{
	for (uint32_t i = 0; i < w->n; i++)
		smi_hit_unref(c->pool, w->e[w->head + i].hit);
	smi_pool_free(c->pool, w->e, w->cap * sizeof(*w->e));
	smi_pool_free(c->pool, w->v, w->capv * sizeof(*w->v));
	*w = (struct smi_window){ 0 };
}

void smi_window_prune(struct smi_window *w, const struct smi_wconf *c,
		      int64_t now)
{
	while (w->n && now - w->e[w->head].time > c->span)
		pop_oldest(w, c);
}

void smi_window_trim(struct smi_window *w, const struct smi_wconf *c,
		     uint64_t need)
{
	while (w->n && w->weight - w->e[w->head].weight >= need)
		pop_oldest(w, c);
}

static int make_room(struct smi_window *w, const struct smi_wconf *c)
{
	struct smi_wentry *e;
	uint32_t cap;

	if (w->n == c->max_entries) {
		pop_oldest(w, c);
		++*c->cut;
	}
	if (w->head + w->n < w->cap)
		return 0;
	if (w->head) {
		memmove(w->e, w->e + w->head, w->n * sizeof(*w->e));
		w->head = 0;
		return 0;
	}
	cap = w->cap ? w->cap * 2 : 2;
	e = smi_pool_resize(c->pool, w->e, w->cap * sizeof(*e),
			    cap * sizeof(*e));
	if (!e)
		return -ENOMEM;
	w->e = e;
	w->cap = cap;
	return 0;
}

static int value_of(struct smi_window *w, const struct smi_wconf *c,
		    uint32_t value, int64_t now, struct smi_wvalue **out)
{
	struct smi_wvalue *v = find_value(w, value);
	uint32_t cap = w->capv ? w->capv * 2 : 2;

	if (!v && w->nv == w->capv)
		drop_stale(w, c, now);
	if (!v && w->nv == w->capv && w->nv >= MAX_VALUES + c->max_entries) {
		++*c->cut;
		*out = NULL;
		return 0;
	}
	if (!v && w->nv == w->capv) {
		v = smi_pool_resize(c->pool, w->v, w->capv * sizeof(*v),
				    cap * sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->v = v;
		w->capv = cap;
		v = NULL;
	}
	if (!v) {
		v = &w->v[w->nv++];
		*v = (struct smi_wvalue){ .value = value };
	}
	v->seen = SMI_MAX(v->seen, now);
	*out = v;
	return 0;
}

int smi_window_add(struct smi_window *w, const struct smi_wconf *c,
		   struct smi_wentry entry)
{
	struct smi_wvalue *v = NULL;
	uint32_t at;
	int r = make_room(w, c);

	if (r == 0 && c->values)
		r = value_of(w, c, entry.value, entry.time, &v);
	if (r < 0)
		return r;
	at = w->head + w->n;
	while (at > w->head && w->e[at - 1].time > entry.time) {
		w->e[at] = w->e[at - 1];
		at--;
	}
	w->e[at] = entry;
	smi_hit_ref(entry.hit);
	w->n++;
	w->weight += entry.weight;
	if (c->flags && entry.value)
		w->flagged += entry.weight;
	if (v)
		change_weight(w, c, v, v->weight + entry.weight);
	return 0;
}

/* A long list of unknown users is nothing to remember: who fails as one of them
 * is told apart by the failure itself. */
static void drop_oldest_excepted(struct smi_window *w)
{
	struct smi_wvalue *oldest = NULL;

	for (uint32_t i = 0; i < w->nv; i++) {
		struct smi_wvalue *v = &w->v[i];

		if (v->excepted && !v->weight &&
		    (!oldest || v->seen < oldest->seen))
			oldest = v;
	}
	if (oldest)
		*oldest = w->v[--w->nv];
}

int smi_window_except(struct smi_window *w, const struct smi_wconf *c,
		      uint32_t value, int64_t now)
{
	struct smi_wvalue *v;
	int r;

	if (w->nv >= MAX_EXCEPTED)
		drop_oldest_excepted(w);
	r = value_of(w, c, value, now, &v);

	if (r < 0 || !v)
		return r;
	w->distinct -= qualifies(v, c);
	v->excepted = true;
	return 0;
}

bool smi_window_counts(const struct smi_window *w, const struct smi_wconf *c,
		       const struct smi_wentry *e)
{
	const struct smi_wvalue *v = c->values ? find_value(w, e->value) : NULL;

	return !c->values || (v && qualifies(v, c));
}

bool smi_window_has_slots(const struct smi_window *w, int64_t slot,
			  uint64_t want)
{
	int64_t end = INT64_MIN;

	for (uint32_t i = 0; i < w->n && want; i++) {
		int64_t time = w->e[w->head + i].time;

		if (i && time < end)
			continue;
		end = time - time % slot + slot;
		want--;
	}
	return want == 0;
}

bool smi_window_set_values(struct smi_window *w, const struct smi_wconf *c,
			   uint32_t cap)
{
	if (!cap)
		return true;
	if (w->capv || (cap & (cap - 1)) ||
	    cap / 2 >= MAX_VALUES + c->max_entries)
		return false;
	w->v = smi_pool_alloc(c->pool, cap * sizeof(*w->v), NULL);
	w->capv = w->v ? cap : 0;
	return w->v != NULL;
}

void smi_window_put_value(struct smi_window *w, const struct smi_wconf *c,
			  struct smi_wvalue v)
{
	if (w->nv == w->capv || find_value(w, v.value))
		return;
	w->v[w->nv++] = v;
	w->distinct += qualifies(&v, c);
}
