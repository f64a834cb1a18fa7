/* SPDX-License-Identifier: MIT */
#include "scan-sim.h"

/* Silence of UDP ports, of hosts that limit how often they tell of closed ones. */

static void setup(void)
{
	sim_init();
	sim.datagrams = true;
	sim.open_every = 50;
}

static void teardown(void)
{
	sim_done();
}

static struct sim_seen run_one(struct sim_path path, const char *ports)
{
	sim.paths[1] = path;
	return sim_run("10.0.0.1", ports);
}

static unsigned count_silent(unsigned last)
{
	unsigned n = 0;

	for (unsigned p = 1; p <= last; p++)
		n += sim_is_silent(&sim.paths[1], (uint16_t)p);
	return n;
}

static void is_exact(const struct sim_seen *s, unsigned last)
{
	ck_assert_uint_eq(s->wrong, 0);
	ck_assert_uint_eq(s->filtered, 0);
	ck_assert_uint_eq(s->open, last / sim.open_every);
	ck_assert_uint_eq(s->silent, count_silent(last));
	ck_assert_uint_eq(s->open + s->closed + s->silent, last);
	ck_assert_str_eq(s->notice, "");
}

/* Linux, each who asks: six at once, then one a second. By all: 50 at once, 1000 a
 * second in steps of 20 ms. A system that has 200 a second; a router, one in 500 ms. */
static const struct limit {
	unsigned bucket, last;
	int64_t refill, step;
	unsigned silent;
	int probes; /* at most so many a port */
} limits[] = {
	{ 6, 60, SMI_SEC, SMI_MSEC, 0, 4 },
	{ 6, 60, SMI_SEC, SMI_MSEC, 500, 10 },
	{ 6, 400, SMI_SEC, SMI_MSEC, 900, 10 },
	{ 50, 3000, SMI_MSEC, 20 * SMI_MSEC, 0, 6 },
	{ 50, 3000, SMI_MSEC, 20 * SMI_MSEC, 300, 10 },
	{ 200, 2000, 5 * SMI_MSEC, SMI_SEC, 0, 8 },
	{ 200, 2000, 5 * SMI_MSEC, SMI_SEC, 300, 10 },
	{ 1, 60, 500 * SMI_MSEC, 500 * SMI_MSEC, 0, 6 },
	{ 1, 60, 500 * SMI_MSEC, 500 * SMI_MSEC, 300, 10 },
};

START_TEST(a_limit_of_messages_makes_no_closed_port_silent)
{
	const struct limit *x = &limits[_i];
	struct sim_path path = { .rtt = 200000,
				 .bucket = x->bucket,
				 .refill = x->refill,
				 .step = x->step,
				 .silent = x->silent };
	char ports[32];
	struct sim_seen s;
	int64_t least;

	snprintf(ports, sizeof(ports), "1-%u", x->last);
	s = run_one(path, ports);
	is_exact(&s, x->last);
	ck_assert_int_le(s.probes, (int64_t)x->probes * x->last);
	/* Not much longer than the messages themselves need. */
	least = (s.closed - SMI_MIN(x->bucket, s.closed)) * x->refill;
	ck_assert_int_le(s.end, 2 * least + 10 * SMI_SEC);
}
END_TEST

START_TEST(without_a_limit_each_closed_port_is_asked_once)
{
	struct sim_seen s =
		run_one((struct sim_path){ .rtt = 50000 }, "1-65535");

	is_exact(&s, 65535);
	ck_assert_int_le(s.probes, 65535 + 100);
	ck_assert_int_eq(s.lost, 0);
}
END_TEST

START_TEST(silent_ports_are_asked_three_times)
{
	struct sim_path path = { .rtt = 50000, .silent = 800 };
	struct sim_seen s = run_one(path, "1-2000");

	is_exact(&s, 2000);
	ck_assert_int_ge(s.probes, 3 * s.silent);
	ck_assert_int_le(s.probes, 4 * 2000);
}
END_TEST

START_TEST(lost_datagrams_make_no_closed_port_silent)
{
	struct sim_path path = { .rtt = 100000, .loss = 20, .silent = 300 };
	struct sim_seen s = run_one(path, "1-5000");

	is_exact(&s, 5000);
	ck_assert_int_gt(s.lost, 0);
}
END_TEST

START_TEST(a_host_that_tells_nothing_is_waited_for_once)
{
	struct sim_path path = { .rtt = 100000, .dark = true };
	struct sim_seen s = run_one(path, "1-1000");

	ck_assert_uint_eq(s.silent, 1000);
	ck_assert_int_le(s.probes, 4000);
	ck_assert_int_le(s.end, 8 * SMI_SEC);
}
END_TEST

START_TEST(few_slots_are_enough)
{
	struct sim_path path = { .rtt = 200000,
				 .bucket = 6,
				 .refill = SMI_SEC / 10,
				 .step = SMI_MSEC,
				 .silent = 500 };
	struct sim_seen s;

	sim.inflight = 3;
	s = run_one(path, "1-60");
	is_exact(&s, 60);
}
END_TEST

START_TEST(retries_end_the_search_and_a_notice_tells_so)
{
	struct sim_path path = {
		.rtt = 200000, .bucket = 6, .refill = SMI_SEC, .step = SMI_MSEC
	};
	struct sim_seen s;

	sim.retries = 1;
	s = run_one(path, "1-60");
	ck_assert_uint_gt(s.wrong, 0);
	ck_assert_uint_eq(s.closed + s.wrong + s.open, 60);
	ck_assert_msg(strstr(s.notice, "may be closed") != NULL, "%s",
		      s.notice);
}
END_TEST

START_TEST(patience_ends_the_search_and_a_notice_tells_of_how_many_ports)
{
	struct sim_path path = { .rtt = 200000,
				 .bucket = 1,
				 .refill = 20 * SMI_SEC,
				 .step = SMI_MSEC };
	struct sim_seen s = run_one(path, "1-300");

	ck_assert_uint_gt(s.wrong, 0);
	ck_assert_uint_gt(s.closed, 0);
	ck_assert_uint_eq(s.closed + s.wrong + s.open, 300);
	ck_assert_int_ge(s.end, 1800 * SMI_SEC);
	ck_assert_msg(strstr(s.notice, "may be closed") != NULL, "%s",
		      s.notice);
	ck_assert_uint_eq(strtoul(s.notice, NULL, 10), s.wrong);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("udp-sim");
	TCase *tc = tcase_create("limits");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, a_limit_of_messages_makes_no_closed_port_silent,
			    0, SMI_COUNT(limits));
	tcase_add_test(tc, without_a_limit_each_closed_port_is_asked_once);
	tcase_add_test(tc, silent_ports_are_asked_three_times);
	tcase_add_test(tc, lost_datagrams_make_no_closed_port_silent);
	tcase_add_test(tc, a_host_that_tells_nothing_is_waited_for_once);
	tcase_add_test(tc, few_slots_are_enough);
	tcase_add_test(tc, retries_end_the_search_and_a_notice_tells_so);
	tcase_add_test(
		tc,
		patience_ends_the_search_and_a_notice_tells_of_how_many_ports);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
