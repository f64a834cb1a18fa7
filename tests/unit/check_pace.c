/* SPDX-License-Identifier: MIT */
#include "portscan/pace.h"
#include "suite.h"

START_TEST(the_first_sample_sets_the_round_trip_as_rfc_6298_says)
{
	struct smi_rtt r = { 0, 0 };

	smi_rtt_add(&r, 80 * SMI_MSEC);
	ck_assert_int_eq(r.srtt, 80 * SMI_MSEC);
	ck_assert_int_eq(r.rttvar, 40 * SMI_MSEC);
	smi_rtt_add(&r, 160 * SMI_MSEC);
	/* rttvar: 3/4 of 40 and 1/4 of 80; srtt: 7/8 of 80 and 1/8 of 160. */
	ck_assert_int_eq(r.rttvar, 50 * SMI_MSEC);
	ck_assert_int_eq(r.srtt, 90 * SMI_MSEC);
}
END_TEST

START_TEST(a_host_that_has_not_answered_is_waited_for_to_the_limit)
{
	struct smi_rtt r = { 0, 0 };

	ck_assert_int_eq(smi_rtt_wait(&r, 0, SMI_SEC), SMI_SEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 3, SMI_SEC), SMI_SEC);
}
END_TEST

START_TEST(a_near_host_is_waited_for_longer_with_each_try)
{
	struct smi_rtt r = { 0, 0 };

	smi_rtt_add(&r, SMI_MSEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 0, SMI_SEC), 100 * SMI_MSEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 1, SMI_SEC), 200 * SMI_MSEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 2, SMI_SEC), 400 * SMI_MSEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 9, SMI_SEC), SMI_SEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 0, 50 * SMI_MSEC), 50 * SMI_MSEC);
}
END_TEST

START_TEST(a_far_host_is_waited_for_beyond_its_round_trip)
{
	struct smi_rtt r = { 0, 0 };

	smi_rtt_add(&r, 300 * SMI_MSEC);
	ck_assert_int_eq(smi_rtt_wait(&r, 0, 5 * SMI_SEC), 900 * SMI_MSEC);
}
END_TEST

START_TEST(the_window_grows_once_a_round_trip_and_never_beyond_its_cap)
{
	struct smi_pace p;
	int64_t now = SMI_SEC;

	smi_pace_init(&p, 100);
	ck_assert_uint_eq(p.window, 64);
	smi_pace_stalled(&p, now);
	ck_assert_uint_eq(p.window, 80);
	smi_pace_stalled(&p, now + 1);
	ck_assert_uint_eq(p.window, 80);
	for (int i = 0; i < 100; i++)
		smi_pace_stalled(&p, now += SMI_SEC);
	ck_assert_uint_eq(p.window, 100);
}
END_TEST

START_TEST(a_loss_halves_the_window_once_and_ends_the_fast_growth)
{
	struct smi_pace p;
	int64_t now = SMI_SEC;

	smi_pace_init(&p, 1000);
	for (int i = 0; i < 5; i++)
		smi_pace_stalled(&p, now += SMI_SEC);
	ck_assert_uint_eq(p.window, 195); /* 64 80 100 125 156 195 */
	smi_pace_lost(&p, now);
	ck_assert_uint_eq(p.window, 97);
	smi_pace_lost(&p, now + 1);
	ck_assert_uint_eq(p.window, 97);
	smi_pace_stalled(&p, now + SMI_SEC);
	ck_assert_uint_eq(p.window, 113);
	for (int i = 0; i < 10; i++)
		smi_pace_lost(&p, now += SMI_SEC);
	ck_assert_uint_eq(p.window, 64);
}
END_TEST

START_TEST(a_probe_is_on_its_way_for_some_round_trips)
{
	struct smi_rtt r = { 0, 0 };

	ck_assert_int_eq(smi_rtt_flight(&r), 50 * SMI_MSEC);
	smi_rtt_add(&r, SMI_MSEC);
	ck_assert_int_eq(smi_rtt_flight(&r), 20 * SMI_MSEC);
	r = (struct smi_rtt){ 0, 0 };
	smi_rtt_add(&r, 30 * SMI_MSEC);
	ck_assert_int_eq(smi_rtt_flight(&r), 90 * SMI_MSEC);
	r = (struct smi_rtt){ 0, 0 };
	smi_rtt_add(&r, 3 * SMI_SEC);
	ck_assert_int_eq(smi_rtt_flight(&r), 200 * SMI_MSEC);
}
END_TEST

START_TEST(silence_opens_the_window_to_256_and_answers_beyond)
{
	struct smi_pace p;
	int64_t now = SMI_SEC;

	smi_pace_init(&p, 4096);
	for (int i = 0; i < 100; i++)
		smi_pace_stalled(&p, now += SMI_SEC);
	ck_assert_uint_ge(p.window, 256);
	ck_assert_uint_le(p.window, 320);
	for (int i = 0; i < 100; i++) {
		smi_pace_answer(&p, SMI_MSEC);
		smi_pace_stalled(&p, now += SMI_SEC);
	}
	ck_assert_uint_ge(p.window, 256 + 100 * 16);
}
END_TEST

START_TEST(a_small_cap_holds_from_the_beginning)
{
	struct smi_pace p;

	smi_pace_init(&p, 4);
	ck_assert_uint_eq(p.window, 4);
	smi_pace_lost(&p, SMI_SEC);
	ck_assert_uint_eq(p.window, 4);
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
	tcase_add_test(tc, a_near_host_is_waited_for_longer_with_each_try);
	tcase_add_test(tc, a_far_host_is_waited_for_beyond_its_round_trip);
	tcase_add_test(
		tc,
		the_window_grows_once_a_round_trip_and_never_beyond_its_cap);
	tcase_add_test(tc,
		       a_loss_halves_the_window_once_and_ends_the_fast_growth);
	tcase_add_test(tc, a_probe_is_on_its_way_for_some_round_trips);
	tcase_add_test(tc, silence_opens_the_window_to_256_and_answers_beyond);
	tcase_add_test(tc, a_small_cap_holds_from_the_beginning);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
