/* SPDX-License-Identifier: MIT */
#include "scan-sim.h"

static void setup(void)
{
	sim_init();
}

static void teardown(void)
{
	sim_done();
}

/* All ports of 10.0.0.1 over such a path. */
static struct sim_seen run_one(struct sim_path path, const char *ports)
{
	sim.paths[1] = path;
	return sim_run("10.0.0.1", ports);
}

START_TEST(a_clean_path_is_asked_once)
{
	struct sim_seen s =
		run_one((struct sim_path){ .rtt = 50000 }, "1-65535");

	ck_assert_uint_eq(s.open, 655);
	ck_assert_uint_eq(s.closed, 65535 - 655);
	ck_assert_int_eq(s.probes, 65535);
	ck_assert_uint_eq(s.hosts, 1);
	ck_assert_int_eq(s.lost, 0);
	ck_assert(s.srtt_ms >= 0.05 && s.srtt_ms < 5);
}
END_TEST

static const unsigned losses[] = { 10, 30 };

START_TEST(lost_packets_hide_no_port_and_slow_nothing)
{
	struct sim_path path = { .rtt = 100000, .loss = losses[_i] };
	struct sim_seen s = run_one(path, "1-65535");

	ck_assert_uint_eq(s.open, 655);
	ck_assert_uint_eq(s.closed, 65535 - 655);
	/* 65,535 at 4 us are 0.26 s. */
	ck_assert_int_lt(s.end, SMI_SEC);
	/* The network knows what it dropped, and so does the scan. */
	ck_assert_int_eq(s.lost, (int64_t)sim.dropped);
	ck_assert_int_eq(s.resent, (int64_t)sim.dropped);
	ck_assert(s.confidence > 0.99999 && s.confidence <= 1);
}
END_TEST

START_TEST(loss_at_random_does_not_close_the_window_of_a_far_host)
{
	struct sim_path path = { .rtt = 50 * SMI_MSEC, .loss = 30 };
	struct sim_seen s = run_one(path, "1-65535");

	ck_assert_uint_eq(s.filtered, 0);
	ck_assert_int_lt(s.end, 3 * SMI_SEC);
}
END_TEST

START_TEST(a_far_host_takes_two_seconds_also_where_its_answers_come_unevenly)
{
	struct sim_path path = { .rtt = 50 * SMI_MSEC,
				 .jitter = _i * 20 * SMI_MSEC };
	struct sim_seen s = run_one(path, "1-65535");

	ck_assert_uint_eq(s.filtered, 0);
	ck_assert_int_lt(s.end, 2 * SMI_SEC);
}
END_TEST

START_TEST(the_rate_of_a_narrow_link_is_found)
{
	struct sim_path path = { .rtt = 50 * SMI_MSEC,
				 .pps = 5000,
				 .queue = 250 };
	struct sim_seen s = run_one(path, "1-10000");

	ck_assert_uint_eq(s.filtered, 0);
	ck_assert_int_le(s.resent, 1000);
	/* 2.05 s is what the link needs. */
	ck_assert_int_lt(s.end, 3 * SMI_SEC);
}
END_TEST

START_TEST(a_link_that_keeps_no_queue_hides_nothing)
{
	struct sim_path path = { .rtt = 10 * SMI_MSEC,
				 .pps = 5000,
				 .queue = 10 };
	struct sim_seen s = run_one(path, "1-65535");

	ck_assert_uint_eq(s.open, 655);
	ck_assert_uint_eq(s.filtered, 0);
	/* 13.1 s is what the link needs. */
	ck_assert_int_lt(s.end, 15 * SMI_SEC);
	ck_assert_int_le(s.resent, 65535 / 3);
}
END_TEST

/* With few ports, or half of them silent, less tells what was lost. */
static const struct {
	const char *ports;
	unsigned silent;
} limited[] = { { "1-2000", 0 }, { "1-10000", 0 }, { "1-10000", 500 } };

START_TEST(a_host_that_limits_its_refusals_has_no_port_called_filtered)
{
	struct sim_path path = { .rtt = 200000,
				 .rst_pps = 500,
				 .silent = limited[_i].silent };
	struct sim_seen s = run_one(path, limited[_i].ports);
	unsigned ports = s.open + s.closed + s.filtered;

	ck_assert_uint_eq(s.open, ports / 100);
	/* Of the others (0.99 of them) so many do not answer: port * 7919 % 1000
	 * is below silent once for each rest of port by 1000. */
	ck_assert_uint_eq(s.filtered,
			  limited[_i].silent ? ports * 99 / 100 / 2 : 0);
}
END_TEST

START_TEST(filtered_ports_are_no_congestion)
{
	struct sim_path path = { .rtt = 100000, .silent = 980 };
	struct sim_seen s = run_one(path, "1-1000");

	ck_assert_uint_gt(s.filtered, 900);
	ck_assert_uint_eq(s.open, 10);
	/* Three tries of each. */
	ck_assert_int_eq(s.probes, 1000 + 2 * s.filtered);
	ck_assert_int_lt(s.end, 300 * SMI_MSEC);
}
END_TEST

START_TEST(answers_after_three_seconds_are_found)
{
	struct sim_seen s =
		run_one((struct sim_path){ .rtt = 3 * SMI_SEC }, "1-1000");

	ck_assert_uint_eq(s.open, 10);
	ck_assert_uint_eq(s.filtered, 0);
	ck_assert_int_lt(s.end, 5 * SMI_SEC);
}
END_TEST

START_TEST(a_dark_host_is_given_up_in_a_bounded_time)
{
	struct sim_seen s =
		run_one((struct sim_path){ .dark = true }, "1-1000");

	ck_assert_uint_eq(s.filtered, 1000);
	ck_assert(s.confidence >= 0 && s.confidence < 1e-9);
	ck_assert_int_lt(s.end, 5 * SMI_SEC);
}
END_TEST

START_TEST(dark_hosts_do_not_slow_their_neighbours)
{
	struct sim_seen s;
	int64_t last = 0, alone;

	for (unsigned i = 0; i < SIM_HOSTS; i++)
		sim.paths[i].rtt = 200000;
	alone = sim_run("10.0.0.0/25", "1-100").end;
	for (unsigned i = 0; i < SIM_HOSTS; i++)
		sim.paths[i].dark = i % 2;
	s = sim_run("10.0.0.0/24", "1-100");
	ck_assert_uint_eq(s.open, 128);
	for (unsigned i = 0; i < SIM_HOSTS; i += 2)
		last = SMI_MAX(last, s.last[i]);
	/* A new host waits for a place in the window of the dark ones. */
	ck_assert_int_lt(last, alone + SMI_SEC);
}
END_TEST

START_TEST(a_dark_host_that_the_kernel_asks_again_is_asked_once_by_us)
{
	struct sim_seen s;

	sim.asks_again = true;
	s = run_one((struct sim_path){ .dark = true }, "1-100");
	ck_assert_uint_eq(s.filtered, 100);
	ck_assert_int_eq(s.probes, 100);
	/* All of the timeout, in which the kernel has asked three times. */
	ck_assert_int_ge(s.end, 3500 * SMI_MSEC);
	ck_assert_int_lt(s.end, 5 * SMI_SEC);
}
END_TEST

START_TEST(what_the_kernel_asked_again_makes_no_round_trip_longer)
{
	struct sim_path path = { .rtt = 700 * SMI_MSEC, .loss = 50 };
	struct sim_seen s;

	sim.asks_again = true;
	s = run_one(path, "1-1000");
	ck_assert_uint_eq(s.filtered, 0);
	ck_assert_uint_gt(sim.dropped, 50);
	ck_assert(s.srtt_ms >= 700 && s.srtt_ms < 750);
}
END_TEST

/* Its first answer comes when the silent ports are waited for as those of a dark one. */
START_TEST(silent_ports_are_waited_for_shortly_once_their_host_has_answered)
{
	struct sim_path path = { .rtt = 40 * SMI_MSEC, .silent = 500 };
	struct sim_seen s;

	sim.asks_again = true;
	sim.retries = 1;
	s = run_one(path, "1-50");
	ck_assert_uint_gt(s.filtered, 10);
	ck_assert_uint_gt(s.closed, 10);
	/* Three round trips, and until somebody looks. */
	ck_assert_int_lt(s.end, 200 * SMI_MSEC);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scan_sim");
	TCase *tc = tcase_create("scan_sim");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_clean_path_is_asked_once);
	tcase_add_loop_test(tc, lost_packets_hide_no_port_and_slow_nothing, 0,
			    SMI_COUNT(losses));
	tcase_add_test(tc,
		       loss_at_random_does_not_close_the_window_of_a_far_host);
	tcase_add_loop_test(
		tc,
		a_far_host_takes_two_seconds_also_where_its_answers_come_unevenly,
		0, 2);
	tcase_add_test(tc, the_rate_of_a_narrow_link_is_found);
	tcase_add_test(tc, a_link_that_keeps_no_queue_hides_nothing);
	tcase_add_loop_test(
		tc, a_host_that_limits_its_refusals_has_no_port_called_filtered,
		0, SMI_COUNT(limited));
	tcase_add_test(tc, filtered_ports_are_no_congestion);
	tcase_add_test(tc, answers_after_three_seconds_are_found);
	tcase_add_test(tc, a_dark_host_is_given_up_in_a_bounded_time);
	tcase_add_test(tc, dark_hosts_do_not_slow_their_neighbours);
	tcase_add_test(
		tc, a_dark_host_that_the_kernel_asks_again_is_asked_once_by_us);
	tcase_add_test(tc,
		       what_the_kernel_asked_again_makes_no_round_trip_longer);
	tcase_add_test(
		tc,
		silent_ports_are_waited_for_shortly_once_their_host_has_answered);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
