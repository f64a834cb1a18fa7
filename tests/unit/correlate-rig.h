/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CORRELATE_RIG_H
#define TESTS_CORRELATE_RIG_H

#include "detect-rig.h"
#include "detect/corr-clock.h"
#include "detect/correlate.h"

/*
 * Random events against a model that knows nothing of windows and tables: it
 * looks at all events of a key for each event.
 */
#define MAX_EVENTS 400
#define KEYS	   4 /* of others nothing is kept */
struct event {
	int64_t time; /* s */
	int key, value, weight;
};
struct episode {
	int key;
	int64_t first, last;
	uint64_t count;
};
struct results {
	struct episode v[MAX_EVENTS];
	size_t n;
};

static sm_ctx *ctx;
static sm_ruleset *rs;
static struct smi_correlator *corr;
static struct results got;
static uint64_t seed;

static inline uint32_t below(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % n);
}

/* In the order of their times. How many. */
static inline size_t make_events(struct event e[MAX_EVENTS])
{
	uint32_t step = 1 + below(40);
	size_t n = 1 + below(MAX_EVENTS);
	int64_t time = 1000000;

	for (size_t i = 0; i < n; i++) {
		time += below(step) / 2 + (below(60) ? 0 : 100);
		e[i] = (struct event){ time, (int)below(KEYS), (int)below(6),
				       below(9) ? 1 : 1 + (int)below(4) };
	}
	return n;
}

static inline int collect(const struct smi_episode *e, void *user)
{
	struct smi_span rest = e->key;
	struct smi_key_part part;
	int key;

	(void)user;
	ck_assert(smi_key_next(&rest, &part));
	key = (uint8_t)part.bytes.p[part.bytes.len - 1] - 'a';
	if (key >= KEYS)
		return 0;
	ck_assert_uint_lt(got.n, MAX_EVENTS);
	got.v[got.n++] = (struct episode){
		.key = key,
		.first = e->first / SMI_SEC,
		.last = e->last / SMI_SEC,
		.count = e->count,
	};
	return 0;
}

#define SOURCE                                                                 \
	"id: a\ntitle: t\naction: a\noutcome: failure\npatterns: [a]\n---\n"   \
	"id: b\ntitle: t\naction: b\noutcome: success\npatterns: [b]\n---\n"   \
	"id: c\ntitle: t\naction: c\noutcome: success\npatterns: [c]\n---\n"   \
	"id: found\ntitle: t\nkind: found\ncorrelation:\n"

static inline void start(const char *correlation)
{
	struct smi_buf text = { 0 };

	got.n = 0;
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(smi_ruleset_new(ctx, NULL, &rs), 0);
	smi_buf_str(&text, SOURCE);
	smi_buf_str(&text, correlation);
	ck_assert_int_ge(sm_ruleset_add_text(rs, "t", text.p, text.len, 0), 4);
	ck_assert_uint_eq(sm_ruleset_nproblems(rs), 0);
	smi_buf_free(&text);
	ck_assert_int_eq(sm_ruleset_freeze(rs), 0);
	ck_assert_int_eq(smi_correlator_new(rs, NULL, 0, collect, NULL, &corr),
			 0);
}

static inline void stop(void)
{
	smi_correlator_free(corr);
	sm_ruleset_unref(rs);
	sm_ctx_unref(ctx);
}

/* rule: 0 a, 1 b, 2 c. The key is a user's name, the value a host. */
static inline void feed(size_t rule, struct event e)
{
	char user[2] = { (char)('a' + e.key), 0 };
	char host[16];
	struct smi_line line = { .file = "t", .time = e.time * SMI_SEC };
	struct smi_match m = { .rule = rs->rules.v[rule],
			       .user = smi_span_str(user),
			       .has_user = true,
			       .count = (uint64_t)e.weight };

	snprintf(host, sizeof(host), "h%d", e.value);
	line.raw = smi_span_str(host);
	line.message = line.raw;
	line.host = line.raw;
	smi_corr_clock_see(smi_correlator_clock(corr), line.time);
	ck_assert_int_eq(smi_correlator_feed(corr, &line, &m, line.time, 0), 0);
}

static inline int by_first(const void *a, const void *b)
{
	const struct episode *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->key - y->key;
}

struct rule {
	const char *text;
	int64_t span;
	uint64_t count, events; /* events: of min-events */
	bool values;
	int cooldown;
};

/* The window that ends with event i meets the condition: its first event. */
static inline bool model_met(const struct rule *r, const struct event *e,
			     size_t i, int64_t not_before, int64_t *first,
			     uint64_t *count)
{
	bool seen[32] = { false };
	uint64_t distinct = 0;

	*count = 0;
	*first = e[i].time;
	for (size_t k = 0; k <= i; k++) {
		if (e[k].key != e[i].key || e[k].time < not_before ||
		    e[k].time < e[i].time - r->span)
			continue;
		*first = SMI_MIN(*first, e[k].time);
		*count += (uint64_t)e[k].weight;
		distinct += !seen[e[k].value];
		seen[e[k].value] = true;
	}
	return r->values ? distinct >= r->count && *count >= r->events
			 : *count >= r->count;
}

static inline void model_key(const struct rule *r, const struct event *e,
			     size_t n, int key, struct results *out)
{
	int64_t last = INT64_MIN / 2, not_before = INT64_MIN, quiet = INT64_MIN;
	struct episode *open = NULL;

	for (size_t i = 0; i < n; i++) {
		int64_t first;
		uint64_t count;

		if (e[i].key != key)
			continue;
		if (e[i].time - last > r->span && open) {
			quiet = r->cooldown ? last + r->span + r->cooldown
					    : INT64_MIN;
			not_before = e[i].time;
			open = NULL;
		}
		last = e[i].time;
		if (open) {
			open->count += (uint64_t)e[i].weight;
			open->last = last;
		} else if (e[i].time >= quiet &&
			   model_met(r, e, i, not_before, &first, &count)) {
			open = &out->v[out->n++];
			*open = (struct episode){ key, first, last, count };
		}
	}
}

static const struct rule rules[] = {
	{ "  type: event_count\n  actions: [a]\n  group-by: [user]\n"
	  "  timespan: 60s\n  condition: {gte: 5}\n",
	  60, 5, 0, false, 0 },
	{ "  type: event_count\n  rules: [a]\n  group-by: [user]\n"
	  "  timespan: 60s\n  condition: {gt: 9}\n  cooldown: 100s\n",
	  60, 10, 0, false, 100 },
	{ "  type: event_count\n  actions: [a]\n  group-by: [user]\n"
	  "  timespan: 1m\n  condition: {gte: 1}\n",
	  60, 1, 0, false, 0 },
	{ "  type: value_count\n  actions: [a]\n  group-by: [user]\n"
	  "  field: host\n  timespan: 60s\n  condition: {gte: 4}\n",
	  60, 4, 0, true, 0 },
	{ "  type: value_count\n  actions: [a]\n  group-by: [user]\n"
	  "  field: host\n  timespan: 60s\n  condition: {gte: 3}\n"
	  "  min-events: 8\n",
	  60, 3, 8, true, 0 },
};

/* What was found is what the model finds. */
static inline void check_model(const struct rule *r, const struct event *e,
			       size_t n)
{
	static struct results want;

	want.n = 0;
	for (int key = 0; key < KEYS; key++)
		model_key(r, e, n, key, &want);
	qsort(want.v, want.n, sizeof(*want.v), by_first);
	qsort(got.v, got.n, sizeof(*got.v), by_first);
	ck_assert_uint_eq(got.n, want.n);
	for (size_t i = 0; i < want.n; i++) {
		ck_assert_int_eq(got.v[i].key, want.v[i].key);
		ck_assert_int_eq(got.v[i].first, want.v[i].first);
		ck_assert_int_eq(got.v[i].last, want.v[i].last);
		ck_assert_uint_eq(got.v[i].count, want.v[i].count);
	}
}

#endif
