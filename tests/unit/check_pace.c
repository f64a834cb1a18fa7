/* SPDX-License-Identifier: MIT */
#include "portscan/pace.h"
#include "suite.h"

START_TEST(the_first_sample_sets_the_round_trip_as_rfc_6298_says)
{
	struct smi_rtt r = { 0 };

	smi_rtt_add(&r, 80 * SMI_MSEC, SMI_SEC);
	ck_assert_int_eq(r.srtt, 80 * SMI_MSEC);
	ck_assert_int_eq(r.rttvar, 40 * SMI_MSEC);
	smi_rtt_add(&r, 160 * SMI_MSEC, SMI_SEC);
	/* rttvar: 3/4 of 40 and 1/4 of 80; srtt: 7/8 of 80 and 1/8 of 160. */
	ck_assert_int_eq(r.rttvar, 50 * SMI_MSEC);
	ck_assert_int_eq(r.srtt, 90 * SMI_MSEC);
}
END_TEST

START_TEST(a_host_that_has_not_answered_is_waited_for_to_the_limit)
{
	struct smi_rtt r = { 0 };

	ck_assert_int_eq(smi_rtt_wait(&r, 0, SMI_SEC), SMI_SEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 3, SMI_SEC), SMI_SEC);
}
END_TEST

START_TEST(a_near_host_is_waited_for_20_ms_and_twice_as_long_each_try)
{
	struct smi_rtt r = { 0 };

	smi_rtt_add(&r, SMI_MSEC, SMI_SEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 0, SMI_SEC), 20 * SMI_MSEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 1, SMI_SEC), 40 * SMI_MSEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 2, SMI_SEC), 80 * SMI_MSEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 9, SMI_SEC), SMI_SEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 0, 10 * SMI_MSEC), 10 * SMI_MSEC);
}
END_TEST

START_TEST(a_far_host_is_waited_for_beyond_its_round_trip)
{
	struct smi_rtt r = { 0 };

	smi_rtt_add(&r, 300 * SMI_MSEC, SMI_SEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 0, 5 * SMI_SEC), 900 * SMI_MSEC);
}
END_TEST

/* 50 answers in each round trip of 50 ms, each 0.4 ms longer than the one before: what
 * is sent now takes 20 ms longer than what was sent one round trip ago. */
START_TEST(a_queue_that_grows_under_thousands_of_probes_is_waited_for)
{
	struct smi_rtt r = { 0 };
	int64_t rtt = 50 * SMI_MSEC, now = SMI_SEC;

	for (int i = 0; i < 200; i++, now += SMI_MSEC)
		smi_rtt_add(&r, rtt, now);
	ck_assert_int_lt(smi_rtt_wait(&r, 0, SMI_SEC), 60 * SMI_MSEC);
	for (int i = 0; i < 50; i++, now += SMI_MSEC)
		smi_rtt_add(&r, rtt += 400000, now);
	ck_assert_int_ge(smi_rtt_wait(&r, 0, SMI_SEC), rtt + 20 * SMI_MSEC);
	ck_assert_int_ge(smi_rtt_flight(&r), rtt + 20 * SMI_MSEC);
	/* It is forgotten when round trips stay what they are. */
	for (int i = 0; i < 400; i++, now += SMI_MSEC)
		smi_rtt_add(&r, rtt, now);
	ck_assert_int_lt(smi_rtt_wait(&r, 0, SMI_SEC), rtt + 12 * SMI_MSEC);
}
END_TEST

START_TEST(the_shortest_round_trip_of_late_is_the_base)
{
	struct smi_rtt r = { 0 };

	smi_rtt_add(&r, 30 * SMI_MSEC, SMI_SEC);
	smi_rtt_add(&r, 10 * SMI_MSEC, SMI_SEC);
	smi_rtt_add(&r, 90 * SMI_MSEC, SMI_SEC);
	ck_assert_int_eq(r.base, 10 * SMI_MSEC);
	/* The way has become longer for good. */
	for (int i = 0; i < 40000; i++)
		smi_rtt_add(&r, 50 * SMI_MSEC, SMI_SEC);
	ck_assert_int_eq(r.base, 50 * SMI_MSEC);
}
END_TEST

/* So many answers, each to a probe sent one round trip before; the window is what
 * holds the scan up. Gives the time of the last one. */
static int64_t answer(struct smi_pace *p, int64_t now, int n, int64_t rtt,
		      int64_t base)
{
	for (int i = 0; i < n; i++) {
		(void)smi_pace_may_send(p, p->window, now);
		now += rtt / n;
		smi_pace_sent(p, now);
		smi_pace_answer(p, now, now - rtt, rtt, base);
	}
	return now;
}

START_TEST(each_answer_opens_the_window_by_one_and_never_beyond_its_cap)
{
	struct smi_pace p;
	int64_t now = SMI_SEC;

	smi_pace_init(&p, 64, 100);
	now = answer(&p, now, 16, 10 * SMI_MSEC, 10 * SMI_MSEC);
	ck_assert_uint_eq(p.window, 80);
	answer(&p, now, 100, 10 * SMI_MSEC, 10 * SMI_MSEC);
	ck_assert_uint_eq(p.window, 100);
	ck_assert(!smi_pace_may_send(&p, 100, now));
	ck_assert(smi_pace_may_send(&p, 99, now));
}
END_TEST

START_TEST(a_window_that_is_not_used_does_not_open)
{
	struct smi_pace p;
	int64_t now = SMI_SEC;

	smi_pace_init(&p, 64, 1000);
	for (int i = 0; i < 100; i++, now += SMI_MSEC)
		smi_pace_answer(&p, now, now - SMI_MSEC, SMI_MSEC, SMI_MSEC);
	ck_assert_uint_eq(p.window, 64);
}
END_TEST

START_TEST(a_queue_that_stays_ends_the_opening_and_half_the_window_is_left)
{
	struct smi_pace p;
	int64_t now = SMI_SEC;
	unsigned before;

	smi_pace_init(&p, 64, 4096);
	now = answer(&p, now, 400, 50 * SMI_MSEC, 50 * SMI_MSEC);
	before = p.window;
	ck_assert_uint_eq(before, 464);
	/* A moment of it may be a machine that stood still. */
	for (int i = 0; i < 20; i++, now += SMI_MSEC)
		smi_pace_answer(&p, now, now - 90 * SMI_MSEC, 90 * SMI_MSEC,
				50 * SMI_MSEC);
	ck_assert(p.opening);
	for (int i = 0; i < 100 && p.opening; i++, now += SMI_MSEC)
		smi_pace_answer(&p, now, now - 90 * SMI_MSEC, 90 * SMI_MSEC,
				50 * SMI_MSEC);
	ck_assert(!p.opening);
	ck_assert_uint_lt(p.window, 300);
	ck_assert_uint_ge(p.window, before / 2);
}
END_TEST

START_TEST(a_window_that_could_not_open_further_keeps_what_fits_without_a_queue)
{
	struct smi_pace p;
	int64_t now = SMI_SEC;

	smi_pace_init(&p, 64, 1000);
	for (int i = 0; i < 8; i++)
		now = answer(&p, now, 1000, 50 * SMI_MSEC, 50 * SMI_MSEC);
	ck_assert_uint_eq(p.window, 1000);
	ck_assert(p.opening);
	/* 1000 in 70 ms are 714 in 50. */
	for (int i = 0; i < 100 && p.opening; i++, now += SMI_MSEC)
		smi_pace_answer(&p, now, now - 70 * SMI_MSEC, 70 * SMI_MSEC,
				50 * SMI_MSEC);
	ck_assert(!p.opening);
	ck_assert_uint_ge(p.window, 710);
	ck_assert_uint_le(p.window, 714);
}
END_TEST

START_TEST(a_far_window_is_spread_over_its_round_trip_and_a_near_one_is_not)
{
	struct smi_pace p;
	struct smi_rtt far = { 0 }, near = { 0 };

	smi_rtt_add(&near, SMI_MSEC, SMI_SEC);
	smi_rtt_add(&far, 100 * SMI_MSEC, SMI_SEC);
	smi_pace_init(&p, 100, 1000);
	smi_pace_smooth(&p, &near);
	for (int i = 0; i < 100; i++)
		smi_pace_sent(&p, SMI_SEC);
	ck_assert(smi_pace_may_send(&p, 99, SMI_SEC));
	/* Twice as fast while it opens: 0.5 ms apart, 2 ms at once. */
	smi_pace_smooth(&p, &far);
	for (int i = 0; i < 5; i++)
		smi_pace_sent(&p, SMI_SEC);
	ck_assert(!smi_pace_may_send(&p, 5, SMI_SEC));
	ck_assert(smi_pace_may_send(&p, 5, SMI_SEC + SMI_MSEC / 2));
	ck_assert_int_eq(p.gap, 0);
}
END_TEST

START_TEST(three_tries_in_a_hundred_lost_close_nothing)
{
	struct smi_pace p;
	int64_t now = SMI_SEC;
	unsigned before;

	smi_pace_init(&p, 64, 1000);
	for (int i = 0; i < 30; i++) {
		now = answer(&p, now, 32, SMI_MSEC, SMI_MSEC);
		before = p.window;
		smi_pace_lost(&p, now, now - SMI_MSEC, 1, 20 * SMI_MSEC);
		ck_assert_uint_ge(p.window, before);
	}
	ck_assert_int_eq(p.gap, 0);
}
END_TEST

START_TEST(half_of_the_tries_lost_close_the_window_once_a_round_and_part_probes)
{
	struct smi_pace p;
	int64_t now = SMI_SEC, sent;

	smi_pace_init(&p, 200, 1000);
	sent = now;
	now = answer(&p, now, 16, 10 * SMI_MSEC, 10 * SMI_MSEC);
	for (int i = 0; i < 16; i++)
		smi_pace_lost(&p, now, now, 1, 20 * SMI_MSEC);
	ck_assert_uint_lt(p.window, 200);
	ck_assert_int_gt(p.gap, 0);
	/* What was on its way before tells of the same loss. */
	for (int i = 0; i < 100; i++)
		smi_pace_lost(&p, now + 1, sent, 1, 20 * SMI_MSEC);
	ck_assert_uint_ge(p.window, 100);
}
END_TEST

START_TEST(silence_opens_the_window_to_256_and_no_further)
{
	struct smi_pace p;

	smi_pace_init(&p, 64, 4096);
	(void)smi_pace_may_send(&p, 64, SMI_SEC);
	for (int i = 0; i < 100; i++)
		smi_pace_silent(&p);
	ck_assert_uint_eq(p.window, 64);
	/* Where somebody answers, the rest is filtered. */
	smi_pace_answer(&p, SMI_SEC + 1, SMI_SEC, 1, 1);
	for (int i = 0; i < 1000; i++) {
		(void)smi_pace_may_send(&p, p.window, SMI_SEC);
		smi_pace_silent(&p);
	}
	ck_assert_uint_eq(p.window, 256);
}
END_TEST

START_TEST(a_small_cap_holds_from_the_beginning)
{
	struct smi_pace p;
	int64_t now = SMI_SEC;

	smi_pace_init(&p, 64, 8);
	ck_assert_uint_eq(p.window, 8);
	for (int i = 0; i < 30; i++) {
		now = answer(&p, now, 8, SMI_MSEC, SMI_MSEC);
		ck_assert_uint_eq(p.window, 8);
	}
	/* Losses close it, and not to nothing. */
	for (int i = 0; i < 1000; i++)
		smi_pace_lost(&p, now + i, now + i, 1, SMI_MSEC);
	ck_assert_uint_eq(p.window, 4);
	/* What comes through opens it again. */
	now += 10 * SMI_SEC;
	for (int i = 0; i < 300; i++) {
		now = answer(&p, now, p.window, SMI_MSEC, SMI_MSEC);
		ck_assert_uint_le(p.window, 8);
	}
	ck_assert_uint_eq(p.window, 8);
}
END_TEST

/* Wilson (1927) with z = 1.645: 0 of n is z2 / (n + z2); 5 of 100 are 0.098 by the
 * formula. */
START_TEST(the_loss_bound_is_wilsons)
{
	ck_assert_double_eq_tol(smi_loss_bound(0, 20), 2.7057 / 22.7057, 1e-4);
	ck_assert_double_eq_tol(smi_loss_bound(5, 100), 0.0986, 1e-3);
	ck_assert_double_eq_tol(smi_loss_bound(60000, 1000000), 0.06, 5e-4);
	ck_assert_double_eq_tol(smi_loss_bound(0, 0), 1, 1e-9);
}
END_TEST

START_TEST(tries_follow_the_loss_until_a_miss_is_one_in_a_million)
{
	/* 0.02^n * 65535 < 1e-6: n = 7 (0.02^6 * 65535 is 4.2e-6). */
	ck_assert_uint_eq(smi_loss_tries(0.02, 65535, 3, 12), 7);
	ck_assert_uint_eq(smi_loss_tries(0.0001, 1, 3, 12), 3);
	ck_assert_uint_eq(smi_loss_tries(0.9, 65535, 3, 12), 12);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pace");
	TCase *tc = tcase_create("pace");

	tcase_add_test(tc,
		       the_first_sample_sets_the_round_trip_as_rfc_6298_says);
	tcase_add_test(tc,
		       a_host_that_has_not_answered_is_waited_for_to_the_limit);
	tcase_add_test(
		tc, a_near_host_is_waited_for_20_ms_and_twice_as_long_each_try);
	tcase_add_test(tc, a_far_host_is_waited_for_beyond_its_round_trip);
	tcase_add_test(
		tc, a_queue_that_grows_under_thousands_of_probes_is_waited_for);
	tcase_add_test(tc, the_shortest_round_trip_of_late_is_the_base);
	tcase_add_test(
		tc,
		each_answer_opens_the_window_by_one_and_never_beyond_its_cap);
	tcase_add_test(tc, a_window_that_is_not_used_does_not_open);
	tcase_add_test(
		tc,
		a_queue_that_stays_ends_the_opening_and_half_the_window_is_left);
	tcase_add_test(
		tc,
		a_window_that_could_not_open_further_keeps_what_fits_without_a_queue);
	tcase_add_test(
		tc,
		a_far_window_is_spread_over_its_round_trip_and_a_near_one_is_not);
	tcase_add_test(tc, three_tries_in_a_hundred_lost_close_nothing);
	tcase_add_test(
		tc,
		half_of_the_tries_lost_close_the_window_once_a_round_and_part_probes);
	tcase_add_test(tc, silence_opens_the_window_to_256_and_no_further);
	tcase_add_test(tc, a_small_cap_holds_from_the_beginning);
	tcase_add_test(tc, the_loss_bound_is_wilsons);
	tcase_add_test(tc,
		       tries_follow_the_loss_until_a_miss_is_one_in_a_million);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
