/* SPDX-License-Identifier: MIT */
/* Lines whose times are not those of the lines around them. */
#include "correlate-rig.h"
#include "fail-alloc.h"
#include "suite.h"

#define DAY INT64_C(86400)

/* Some that are forged: never two of a time, and fewer than the others. */
static void forge(int64_t time, int key)
{
	static int64_t n;

	for (int i = (int)below(8) - 4; i > 0; i--) {
		int64_t off = (5 + ++n % 900) * DAY;

		feed(0, (struct event){ time + (below(2) ? off : -off), key, 7,
					1 });
	}
}

/* What a run that was ended knows goes on in the next one. */
static void restart(void)
{
	struct smi_buf b = { 0 };

	ck_assert_int_eq(smi_correlator_save(corr, false, &b), 0);
	smi_correlator_free(corr);
	ck_assert_int_eq(smi_correlator_new(rs, NULL, 0, collect, NULL, &corr),
			 0);
	ck_assert_int_eq(smi_correlator_load(corr, smi_buf_span(&b)), 0);
	smi_buf_free(&b);
}

/* n lines of other users in a row, all at one time. */
static void pass(int n, int64_t time)
{
	for (int i = 0; i < n; i++)
		feed(0, (struct event){ time, 5 + i, 0, 1 });
}

START_TEST(forged_times_of_others_change_no_episode)
{
	static struct event e[MAX_EVENTS];

	for (unsigned round = 0; round < 100; round++) {
		size_t n = make_events(e);

		start(rules[_i].text);
		for (size_t i = 0; i < n; i++) {
			feed(0, e[i]);
			if (!below(8))
				restart();
			forge(e[i].time, KEYS);
		}
		ck_assert_int_eq(smi_correlator_flush(corr), 0);
		check_model(&rules[_i], e, n);
		stop();
	}
}
END_TEST

/* Who attacks would hide among them; one try long before is no part of it. */
START_TEST(forged_times_of_the_same_key_change_no_episode)
{
	for (unsigned round = 0; round < 100; round++) {
		size_t n = 5 + below(60);

		start(rules[0].text);
		feed(0, (struct event){ 900, 0, 0, 1 });
		pass(2 * SMI_CLOCK_VOTES, 990);
		for (size_t i = 0; i < n; i++) {
			feed(0,
			     (struct event){ 1000 + (int64_t)i * 15, 0, 0, 1 });
			if (!below(8))
				restart();
			forge(1000 + (int64_t)i * 15, 0);
		}
		ck_assert_int_eq(smi_correlator_flush(corr), 0);
		ck_assert_uint_eq(got.n, 1);
		ck_assert_uint_eq(got.v[0].count, n);
		ck_assert_int_eq(got.v[0].first, 1000);
		stop();
	}
}
END_TEST

static const int64_t leaps[] = { 61, 601, DAY, 365 * DAY };

START_TEST(lines_that_are_too_few_close_nothing_and_a_leap_does)
{
	start(rules[0].text);
	pass(40, 1000);
	for (int i = 0; i < 5; i++)
		feed(0, (struct event){ 1000, 0, 0, 1 });
	pass(SMI_CLOCK_VOTES - 1, 1000 + leaps[_i]);
	feed(0, (struct event){ 1060, 0, 0, 1 });
	ck_assert_uint_eq(got.n, 0);
	pass(SMI_CLOCK_VOTES, 1061 + leaps[_i]);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.v[0].count, 6);
	ck_assert_int_eq(got.v[0].last, 1060);
	stop();
}
END_TEST

START_TEST(events_behind_a_clock_that_leapt_are_counted)
{
	start(rules[0].text);
	for (int i = 0; i < 5; i++)
		feed(0, (struct event){ 1000 + i, 0, 0, 1 });
	ck_assert_uint_eq(smi_correlator_lost(corr)->late, 0);
	for (int i = 0; i < 40; i++)
		smi_corr_clock_see(smi_correlator_clock(corr),
				   (1000000 + i) * SMI_SEC);
	for (int i = 0; i < 7; i++)
		feed(0, (struct event){ 1010 + i, 0, 0, 1 });
	ck_assert_uint_eq(smi_correlator_lost(corr)->late, 7);
}
END_TEST

/* They are asleep, in a queue by age. */
START_TEST(one_line_does_not_make_keys_forget)
{
	struct smi_line line = { .file = "t", .time = 1000 * SMI_SEC };
	struct smi_match m = { .has_user = true, .count = 1 };
	char user[24];

	start(rules[0].text);
	m.rule = rs->rules.v[0];
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 100; i++) {
			snprintf(user, sizeof(user), "user%da", i);
			m.user = smi_span_str(user);
			smi_corr_clock_see(smi_correlator_clock(corr),
					   line.time);
			ck_assert_int_eq(smi_correlator_feed(corr, &line, &m,
							     line.time, 0),
					 0);
		}
		feed(0, (struct event){ 1000 + leaps[_i], 0, 0, 1 });
		feed(0, (struct event){ 1000 - leaps[_i], 0, 0, 1 });
	}
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_ge(got.n, 100);
	stop();
}
END_TEST

/* The first five lines after it are of the attack, before the leap is believed. */
START_TEST(an_attack_that_begins_with_a_leap_is_one)
{
	start(rules[0].text);
	pass(40, 1000);
	for (int i = 0; i < 50; i++)
		feed(0, (struct event){ 1000 + leaps[_i], 0, 0, 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.v[0].count, 50);
	stop();
}
END_TEST

/* A login tells of both times; the second one opened nothing. */
START_TEST(what_follows_is_looked_for_at_its_own_time)
{
	start("  type: event_count\n  actions: [a]\n  group-by: [user]\n"
	      "  timespan: 60s\n  condition: {gte: 5}\n"
	      "  then: {actions: [b], within: 60s}\n");
	pass(40, 1000);
	for (int i = 0; i < 5; i++)
		feed(0, (struct event){ 1000, 0, 0, 1 });
	feed(0, (struct event){ 1000 + DAY, 0, 0, 1 });
	feed(1, (struct event){ 1001, 0, 0, 1 });
	ck_assert_int_eq(smi_correlator_flush(corr), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.v[0].count, 5);
	stop();
}
END_TEST

/* 0 or -ENOMEM, as all calls together. */
static int try_all(void)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	int r = smi_correlator_new(rs, NULL, 0, collect, NULL, &corr);

	for (int i = 0; r == 0 && i < 60; i++) {
		char user[2] = { (char)('a' + i % 3), 0 };
		struct smi_line line = { .file = "t" };
		struct smi_match m = { .rule = rs->rules.v[0],
				       .user = smi_span_str(user),
				       .has_user = true,
				       .count = 1 };

		line.raw = line.message = line.host = SMI_SPAN("h");
		line.time = (1000 + i % 4 * DAY) * SMI_SEC;
		smi_corr_clock_see(smi_correlator_clock(corr), line.time);
		r = smi_correlator_feed(corr, &line, &m, line.time, 0);
	}
	if (r == 0)
		r = smi_correlator_save(corr, false, &b);
	smi_correlator_free(corr);
	corr = NULL;
	if (r == 0)
		r = smi_correlator_new(rs, NULL, 0, collect, NULL, &corr);
	if (r == 0)
		r = smi_correlator_load(corr, smi_buf_span(&b));
	return r == 0 ? smi_correlator_flush(corr) : r;
}

START_TEST(windows_of_two_times_without_memory_are_an_error_each_time)
{
	int r = -ENOMEM, n = 0, calls = 0;

	start(rules[_i].text);
	while (calls >= n) {
		smi_correlator_free(corr);
		corr = NULL;
		got.n = 0;
		fail_alloc_at(++n);
		r = try_all();
		calls = fail_alloc_count();
		fail_alloc_off();
		ck_assert(r == 0 || r == -ENOMEM);
	}
	ck_assert_int_gt(n, 5);
	ck_assert_int_eq(r, 0);
	stop();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("corr_time");
	TCase *tc = tcase_create("corr_time");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, forged_times_of_others_change_no_episode, 0,
			    SMI_COUNT(rules));
	tcase_add_test(tc, forged_times_of_the_same_key_change_no_episode);
	tcase_add_loop_test(
		tc, lines_that_are_too_few_close_nothing_and_a_leap_does, 0,
		SMI_COUNT(leaps));
	tcase_add_test(tc, events_behind_a_clock_that_leapt_are_counted);
	tcase_add_loop_test(tc, one_line_does_not_make_keys_forget, 0,
			    SMI_COUNT(leaps));
	tcase_add_loop_test(tc, an_attack_that_begins_with_a_leap_is_one, 0,
			    SMI_COUNT(leaps));
	tcase_add_test(tc, what_follows_is_looked_for_at_its_own_time);
	tcase_add_loop_test(
		tc, windows_of_two_times_without_memory_are_an_error_each_time,
		0, SMI_COUNT(rules));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
