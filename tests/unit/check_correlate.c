/* SPDX-License-Identifier: MIT */
#include "detect-rig.h"
#include "detect/correlate.h"
#include "suite.h"

/*
 * Random events against a model that knows nothing of windows and tables: it
 * looks at all events of a key for each event.
 */
#define MAX_EVENTS 400
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

static uint32_t below(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % n);
}

static int collect(const struct smi_episode *e, void *user)
{
	struct smi_span rest = e->key;
	struct smi_key_part part;

	(void)user;
	ck_assert(smi_key_next(&rest, &part));
	ck_assert_uint_lt(got.n, MAX_EVENTS);
	got.v[got.n++] = (struct episode){
		.key = (uint8_t)part.bytes.p[part.bytes.len - 1] - 'a',
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

static void start(const char *correlation)
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

static void stop(void)
{
	smi_correlator_free(corr);
	sm_ruleset_unref(rs);
	sm_ctx_unref(ctx);
}

/* rule: 0 a, 1 b, 2 c. The key is a user's name, the value a host. */
static void feed(size_t rule, struct event e)
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
	ck_assert_int_eq(smi_correlator_feed(corr, &line, &m, line.time, 0), 0);
}

static int by_first(const void *a, const void *b)
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
static bool model_met(const struct rule *r, const struct event *e, size_t i,
		      int64_t not_before, int64_t *first, uint64_t *count)
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

static void model_key(const struct rule *r, const struct event *e, size_t n,
		      int key, struct results *out)
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

START_TEST(episodes_equal_those_of_the_model)
{
	static struct event e[MAX_EVENTS];
	static struct results want;

	for (unsigned round = 0; round < 200; round++) {
		const struct rule *r = &rules[_i];
		uint32_t step = 1 + below(40);
		size_t n = 1 + below(MAX_EVENTS);
		int64_t time = 1000000;

		want.n = 0;
		start(r->text);
		for (size_t i = 0; i < n; i++) {
			time += below(step) / 2 + (below(60) ? 0 : 100);
			e[i] = (struct event){ time, (int)below(4),
					       (int)below(6),
					       below(9) ? 1
							: 1 + (int)below(4) };
			feed(0, e[i]);
		}
		ck_assert_int_eq(smi_correlator_flush(corr), 0);
		for (int key = 0; key < 4; key++)
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
		stop();
	}
}
END_TEST

#define TEMPORAL(type)                                                         \
	"  type: " type "\n  actions: [a, b, c]\n  group-by: [user]\n"         \
	"  timespan: 60s\n"

static void play(const char *order, int64_t gap)
{
	for (int64_t i = 0; order[i]; i++)
		feed((size_t)(order[i] - 'a'),
		     (struct event){ 1000 + i * gap, 0, 0, 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
}

static const struct {
	const char *order;
	int64_t gap;
	size_t any, ordered; /* findings */
	uint64_t count;	     /* of the temporal one */
} orders[] = {
	{ "abc", 30, 1, 1, 3 },	 { "cba", 30, 1, 0, 3 },
	{ "abc", 31, 0, 0, 0 },	 { "aabbc", 10, 1, 1, 3 },
	{ "acb", 20, 1, 0, 3 },	 { "ab", 1, 0, 0, 0 },
	{ "acbc", 10, 1, 1, 4 }, { "abcabc", 5, 1, 1, 6 },
	{ "bca", 1, 1, 0, 3 },	 { "aaaaaa", 1, 0, 0, 0 },
};

START_TEST(all_within_the_span_are_temporal)
{
	start(TEMPORAL("temporal"));
	play(orders[_i].order, orders[_i].gap);
	ck_assert_uint_eq(got.n, orders[_i].any);
	if (got.n)
		ck_assert_uint_eq(got.v[0].count, orders[_i].count);
	stop();
}
END_TEST

START_TEST(all_in_order_are_temporal_ordered)
{
	start(TEMPORAL("temporal_ordered"));
	play(orders[_i].order, orders[_i].gap);
	ck_assert_uint_eq(got.n, orders[_i].ordered);
	stop();
}
END_TEST

START_TEST(a_little_disorder_changes_nothing)
{
	static const int times[] = { 10, 40, 20, 60, 50 };

	start(rules[0].text);
	for (size_t i = 0; i < SMI_COUNT(times); i++)
		feed(0, (struct event){ 1000 + times[i], 0, 0, 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_int_eq(got.v[0].first, 1010);
	ck_assert_int_eq(got.v[0].last, 1060);
	ck_assert_uint_eq(got.v[0].count, 5);
	stop();
}
END_TEST

START_TEST(a_clock_that_was_put_back_does_not_blind)
{
	start(rules[0].text);
	for (int i = 0; i < 4; i++)
		feed(0, (struct event){ 900000 + i, 0, 0, 1 });
	for (int i = 0; i < 5; i++)
		feed(0, (struct event){ 1000 + i, 0, 0, 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_int_eq(got.v[0].first, 1000);
	ck_assert_uint_eq(got.v[0].count, 5);
	stop();
}
END_TEST

/* Keys that come once each, also more than there is room for; one comes four times
 * at first, and once at the end. */
START_TEST(a_hundred_thousand_keys_are_exact_and_of_more_those_that_come_again)
{
	const struct smi_lost *lost;
	char user[16];
	struct smi_line line = { .file = "t" };
	struct smi_match m = { .has_user = true, .count = 1 };
	int n = _i ? 300000 : 99999;

	start("  type: event_count\n  actions: [a]\n  group-by: [user]\n"
	      "  timespan: 48h\n  condition: {gte: 5}\n");
	m.rule = rs->rules.v[0];
	for (int i = 0; i < 4; i++)
		feed(0, (struct event){ 1000, 0, 0, 1 });
	for (int i = 0; i < n; i++) {
		snprintf(user, sizeof(user), "%d", i);
		m.user = smi_span_str(user);
		ck_assert_int_eq(smi_correlator_feed(corr, &line, &m,
						     (1001 + i / 10) * SMI_SEC,
						     0),
				 0);
	}
	feed(0, (struct event){ 1001 + n / 10, 0, 0, 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	lost = smi_correlator_lost(corr);
	ck_assert_uint_eq(lost->keys > 0, _i);
	ck_assert_uint_le(lost->keys, _i ? 200001 : 0);
	ck_assert_uint_eq(lost->most, _i);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.v[0].count, 5);
	stop();
}
END_TEST

/* Each of three comes again behind 60,000 that never do. */
START_TEST(whoever_comes_often_is_found_among_many_others)
{
	char user[16];
	struct smi_line line = { .file = "t" };
	struct smi_match m = { .has_user = true, .count = 1 };

	start("  type: event_count\n  actions: [a]\n  group-by: [user]\n"
	      "  timespan: 600s\n  condition: {gte: 5}\n");
	m.rule = rs->rules.v[0];
	/* Three times as many as are exact. */
	for (int i = 0; i < 300000; i++) {
		int64_t time = 1000 + i / 600;

		snprintf(user, sizeof(user), "%d", i);
		m.user = smi_span_str(user);
		if (smi_correlator_feed(corr, &line, &m, time * SMI_SEC, 0))
			ck_abort_msg("event %d is refused", i);
		if (i % 6000 == 0)
			feed(0, (struct event){ time, i / 6000 % 3, 0, 1 });
	}
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(got.v[i].count, i < 2 ? 17 : 16);
	ck_assert_uint_eq(smi_correlator_lost(corr)->most, 1);
	stop();
}
END_TEST

START_TEST(a_window_has_a_limit_that_is_told)
{
	start("  type: value_count\n  actions: [a]\n  group-by: [user]\n"
	      "  field: host\n  timespan: 600s\n  condition: {gte: 2}\n");
	for (int i = 0; i < 2000; i++)
		feed(0, (struct event){ 1000 + i / 10, 0, 0, 1 });
	feed(0, (struct event){ 1201, 0, 1, 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.v[0].count, 1024);
	ck_assert_uint_eq(smi_correlator_lost(corr)->entries, 2001 - 1024);
	stop();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("correlate");
	TCase *tc = tcase_create("episodes");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, episodes_equal_those_of_the_model, 0,
			    SMI_COUNT(rules));
	tcase_add_loop_test(tc, all_within_the_span_are_temporal, 0,
			    SMI_COUNT(orders));
	tcase_add_loop_test(tc, all_in_order_are_temporal_ordered, 0,
			    SMI_COUNT(orders));
	tcase_add_test(tc, a_little_disorder_changes_nothing);
	tcase_add_test(tc, a_clock_that_was_put_back_does_not_blind);
	tcase_add_loop_test(
		tc,
		a_hundred_thousand_keys_are_exact_and_of_more_those_that_come_again,
		0, 2);
	tcase_add_test(tc, whoever_comes_often_is_found_among_many_others);
	tcase_add_test(tc, a_window_has_a_limit_that_is_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
