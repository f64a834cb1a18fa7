/* SPDX-License-Identifier: MIT */
#include "correlate-rig.h"
#include "suite.h"

START_TEST(episodes_equal_those_of_the_model)
{
	static struct event e[MAX_EVENTS];

	for (unsigned round = 0; round < 200; round++) {
		size_t n = make_events(e);

		start(rules[_i].text);
		for (size_t i = 0; i < n; i++)
			feed(0, e[i]);
		ck_assert_int_eq(smi_correlator_flush(corr), 0);
		check_model(&rules[_i], e, n);
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
		line.time = (1001 + i / 10) * SMI_SEC;
		smi_corr_clock_see(smi_correlator_clock(corr), line.time);
		ck_assert_int_eq(
			smi_correlator_feed(corr, &line, &m, line.time, 0), 0);
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
		smi_corr_clock_see(smi_correlator_clock(corr), time * SMI_SEC);
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

static const struct {
	int wait, good,
		failed; /* wait s, so many that went well, then failures */
	uint64_t count; /* 0: no finding */
} ratios[] = {
	{ 1, 0, 9, 0 },	   { 1, 0, 10, 10 },  { 1, 2, 8, 10 },
	{ 1, 3, 8, 0 },	   { 1, 3, 12, 15 },  { 1, 10, 2, 0 },
	{ 60, 2, 10, 12 }, { 61, 2, 10, 10 },
};

/* At least 10 events of which 80 % failed. */
START_TEST(a_ratio_counts_events_and_asks_what_part_of_them_failed)
{
	int64_t time = 1000;

	start("  type: ratio\n  actions: [a, b]\n  group-by: [user]\n"
	      "  timespan: 60s\n  condition: {gte: 10}\n"
	      "  share: {actions: [a], percent: 80}\n");
	for (int i = 0; i < ratios[_i].good; i++)
		feed(1, (struct event){ time, 0, 0, 1 });
	time += ratios[_i].wait;
	for (int i = 0; i < ratios[_i].failed; i++)
		feed(0, (struct event){ time, 0, 0, 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, ratios[_i].count > 0);
	if (got.n)
		ck_assert_uint_eq(got.v[0].count, ratios[_i].count);
	stop();
}
END_TEST

static const struct {
	int time[4], value[4];
	bool found;
} slots[] = {
	{ { 0, 20, 40, 41 }, { 1, 2, 3, 3 }, true },
	{ { 0, 1, 2, 3 }, { 1, 2, 3, 4 }, false },
	{ { 0, 19, 40, 59 }, { 1, 2, 3, 4 }, false },
	{ { 0, 19, 40, 60 }, { 1, 2, 3, 4 }, true },
	{ { 0, 20, 40, 60 }, { 1, 2, 2, 1 }, false },
	{ { 0, 20, 40, 60 }, { 1, 2, 2, 3 }, true },
	{ { 0, 20, 21, 61 }, { 1, 2, 2, 3 }, false },
};

/* Three hosts, and lines in three of the pieces of 20 s. */
START_TEST(values_may_have_to_come_over_some_time)
{
	start("  type: value_count\n  actions: [a]\n  group-by: [user]\n"
	      "  field: host\n  timespan: 60s\n  condition: {gte: 3}\n"
	      "  min-slots: 3\n  slot: 20s\n");
	for (size_t i = 0; i < 4; i++)
		feed(0, (struct event){ 1000 + slots[_i].time[i], 0,
					slots[_i].value[i], 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, slots[_i].found);
	stop();
}
END_TEST

static const struct {
	int spoke;  /* lines, one in 10 s */
	int others; /* lines of others, so many s behind the last one */
	int wait;
	size_t told, at_end;
} silences[] = {
	{ 5, 3, 61, 0, 1 },   { 5, 2, 61, 0, 0 },    { 5, 3, 60, 0, 0 },
	{ 4, 40, 61, 0, 0 },  { 5, 40, 61, 1, 1 },   { 5, 40, 60, 0, 0 },
	{ 9, 40, 700, 1, 1 }, { 3, 40, 1000, 0, 0 },
};

/* At least 5 lines within 60 s and for 40 s, and then none for 60 s. */
START_TEST(who_spoke_and_stopped_is_silent_by_the_lines_of_others)
{
	int n = silences[_i].spoke;

	start("  type: silence\n  actions: [a]\n  group-by: [user]\n"
	      "  timespan: 60s\n  condition: {gte: 5}\n  after: 40s\n");
	for (int i = 0; i < n; i++)
		feed(0, (struct event){ 1000 + i * 10, 0, 0, 1 });
	for (int i = 0; i < silences[_i].others; i++)
		feed(0, (struct event){ 1000 + (n - 1) * 10 + silences[_i].wait,
					KEYS, 0, 1 });
	ck_assert_uint_eq(got.n, silences[_i].told);
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, silences[_i].at_end);
	if (got.n) {
		ck_assert_uint_eq(got.v[0].count, (uint64_t)n);
		ck_assert_int_eq(got.v[0].last, 1000 + (n - 1) * 10);
	}
	stop();
}
END_TEST

START_TEST(who_speaks_again_in_time_is_not_silent_and_later_was)
{
	start("  type: silence\n  actions: [a]\n  group-by: [user]\n"
	      "  timespan: 60s\n  condition: {gte: 5}\n");
	for (int i = 0; i < 20; i++) {
		feed(0, (struct event){ 1000 + i * 60, 0, 0, 5 });
		for (int k = 0; k < 20; k++)
			feed(0, (struct event){ 1000 + i * 60, KEYS, 0, 1 });
	}
	ck_assert_uint_eq(got.n, 0);
	feed(0, (struct event){ 1000 + 19 * 60 + 61, 0, 0, 1 });
	for (int k = 0; k < 20; k++)
		feed(0, (struct event){ 1000 + 19 * 60 + 61, KEYS, 0, 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.v[0].count, 100);
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
	tcase_add_loop_test(
		tc, a_ratio_counts_events_and_asks_what_part_of_them_failed, 0,
		SMI_COUNT(ratios));
	tcase_add_loop_test(tc, values_may_have_to_come_over_some_time, 0,
			    SMI_COUNT(slots));
	tcase_add_loop_test(
		tc, who_spoke_and_stopped_is_silent_by_the_lines_of_others, 0,
		SMI_COUNT(silences));
	tcase_add_test(tc,
		       who_speaks_again_in_time_is_not_silent_and_later_was);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
