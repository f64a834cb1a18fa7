/* SPDX-License-Identifier: MIT */
#include "core/statefile.h"
#include "portscan/scan-threads.h"
#include "portscan/udp-payload.h"
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
	ck_assert_int_ge(s.probes, 60);
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

/* Of a limit of 300 a second one got 100, the other 200. */
START_TEST(a_host_of_two_shares_tells_at_the_rate_of_both)
{
	static const int64_t gaps[][3] = {
		{ SMI_SEC / 100, SMI_SEC / 200, SMI_SEC / 300 },
		{ 0, SMI_SEC, SMI_SEC },
		{ SMI_SEC, 0, SMI_SEC },
		{ 0, 0, 0 },
		{ 3600 * SMI_SEC, 3600 * SMI_SEC, 1800 * SMI_SEC },
	};
	static struct smi_scan_host to, from;

	to.limit.gap = gaps[_i][0];
	from.limit.gap = gaps[_i][1];
	smi_scan_host_add(&to, &from);
	ck_assert_int_le(llabs(to.limit.gap - gaps[_i][2]), 1);
}
END_TEST

START_TEST(no_socket_has_a_port_that_is_asked_by_default)
{
	struct smi_ports known = { 0 };

	(void)run_one((struct sim_path){ .rtt = 50000 }, NULL);
	smi_udp_ports(&known);
	ck_assert_uint_eq(sim.avoided.n, known.n);
	ck_assert_mem_eq(sim.avoided.w, known.w, sizeof(known.w));
}
END_TEST

/* The sentence why a scan of that file does not go on, "" where it does. */
static void go_on(const char *path, char *why, size_t size)
{
	const struct smi_fieldset needs = { 0 };
	const struct smi_source_ops *ops;
	const sm_event *ev;
	sm_scan_opts *o;
	sm_ctx *ctx;
	sm_job *job;
	void *scan;

	sim.n = 0;
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ctx->clock = &sim_clock;
	ck_assert_int_eq(sm_scan_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_scan_opts_add_target(o, "10.0.0.1"), 0);
	ck_assert_int_eq(sm_scan_opts_set_protocol(o, SM_SCAN_UDP), 0);
	ck_assert_int_eq(sm_scan_opts_set_resume(o, path), 0);
	o->engine = &sim_datagrams;
	why[0] = '\0';
	if (smi_scan_new(ctx, o, needs, &ops, &scan) < 0) {
		snprintf(why, size, "%s", sm_ctx_errmsg(ctx));
	} else {
		ck_assert_int_eq(smi_job_new(ctx, ops, scan, &job), 0);
		/* Its beginning writes the file. */
		(void)sm_job_next(job, &ev);
		sm_job_free(job);
		ck_assert_int_eq(access(path, F_OK), 0);
	}
	sm_scan_opts_free(o);
	sm_ctx_unref(ctx);
}

/* Of the fact about the order its name becomes another one, or a digit of it. */
static void change_order(const char *path, size_t at)
{
	struct smi_buf text = { 0 }, b = { 0 };
	struct smi_statefile f;
	struct smi_span part;
	sm_ctx *ctx;
	char *line;

	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(smi_statefile_load(&f, ctx, path), 0);
	part = smi_statefile_part(&f, "scan");
	smi_buf_span_add(&text, part);
	line = memmem(text.p, text.len, "is order ", 9);
	ck_assert_ptr_nonnull(line);
	line[at] = line[at] == '0' ? '1' : '0';
	smi_statefile_begin(&b);
	smi_statefile_add(&b, "scan", smi_buf_span(&text));
	ck_assert_int_eq(smi_statefile_save(&f, &b), 0);
	smi_buf_free(&b);
	smi_buf_free(&text);
	smi_statefile_done(&f);
	sm_ctx_unref(ctx);
}

START_TEST(a_file_of_a_version_with_another_order_is_refused)
{
	static const size_t at[] = { 3, 9 };
	char path[] = "/tmp/check_udp_sim.XXXXXX", why[512];
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	unlink(path);
	sim.paths[1] = (struct sim_path){ .rtt = 50000 };
	go_on(path, why, sizeof(why));
	ck_assert_str_eq(why, "");
	go_on(path, why, sizeof(why));
	ck_assert_str_eq(why, "");
	change_order(path, at[_i]);
	go_on(path, why, sizeof(why));
	ck_assert_msg(strstr(why, "another version wrote it") != NULL, "%s",
		      why);
	unlink(path);
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
	tcase_add_loop_test(tc, a_host_of_two_shares_tells_at_the_rate_of_both,
			    0, 5);
	tcase_add_test(tc, no_socket_has_a_port_that_is_asked_by_default);
	tcase_add_loop_test(
		tc, a_file_of_a_version_with_another_order_is_refused, 0, 2);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
