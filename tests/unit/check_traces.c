/* SPDX-License-Identifier: MIT */
/* The findings about what is no login, at their thresholds and next to them. */
#include "logins-rig.h"

#define SYN "WINDOW=64240 RES=0x00 SYN URGP=0 "

static void packet(int seconds, const char *ip, const char *rest)
{
	rig_line(&text, seconds, "kernel",
		 "[ 8123.4] [UFW BLOCK] IN=eth0 OUT= MAC= SRC=%s "
		 "DST=198.51.100.1 LEN=60 TTL=50 ID=1 DF %s",
		 ip, rest);
}

static void tcp(int seconds, const char *ip, int port, const char *flags)
{
	char rest[160];

	snprintf(rest, sizeof(rest), "PROTO=TCP SPT=443 DPT=%d %s", port,
		 flags);
	packet(seconds, ip, rest);
}

START_TEST(ten_ports_within_600_seconds_are_a_port_scan)
{
	const sm_finding *f;

	for (int i = 0; i < 10; i++)
		tcp(i * 66 + (i == 9 ? 6 : 0), "203.0.113.9", 20 + i, SYN);
	run();
	f = rig_kind(&rig, "port_scan");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(sm_finding_source_ip(f), "203.0.113.9");
	ck_assert_uint_eq(sm_finding_count(f), 10);
	ck_assert_uint_eq(rig.findings.n, 1);
}
END_TEST

START_TEST(nine_ports_or_ten_in_601_seconds_are_none)
{
	for (int i = 0; i < (_i ? 10 : 30); i++)
		tcp(i * (_i ? 66 : 10) + (_i && i == 9 ? 7 : 0), "203.0.113.9",
		    20 + (_i ? i : i % 9), SYN);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
}
END_TEST

static const char *const answers[] = {
	"WINDOW=501 RES=0x00 ACK URGP=0 ",
	"WINDOW=501 RES=0x00 ACK FIN URGP=0 ",
	"WINDOW=64240 RES=0x00 ACK SYN URGP=0 ",
	"WINDOW=0 RES=0x00 RST URGP=0 ",
	"WINDOW=0 RES=0x00 ACK RST URGP=0 ",
};

START_TEST(answers_to_many_ports_of_ours_are_no_scan)
{
	for (int i = 0; i < 50; i++)
		tcp(i, "203.0.113.9", 40000 + i, answers[_i]);
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
	ck_assert_uint_eq(rig.events.n, 50);
}
END_TEST

/* A datagram has no sender that can be believed, and a router that tells of our own
 * packets is no scanner. */
START_TEST(datagrams_and_errors_are_no_scan)
{
	for (int i = 0; i < 50; i++) {
		char rest[200];

		snprintf(rest, sizeof(rest), "PROTO=UDP SPT=53 DPT=%d LEN=40",
			 40000 + i);
		packet(i, "203.0.113.9", rest);
		snprintf(rest, sizeof(rest),
			 "PROTO=ICMP TYPE=3 CODE=1 [SRC=198.51.100.1 "
			 "DST=192.0.2.1 LEN=60 TTL=64 ID=1 DF PROTO=TCP "
			 "SPT=50000 DPT=%d " SYN "] ",
			 20 + i);
		packet(i, "203.0.113.10", rest);
	}
	run();
	ck_assert_uint_eq(rig.findings.n, 0);
	ck_assert_uint_eq(rig.events.n, 100);
}
END_TEST

START_TEST(a_prefix_that_scans_with_many_addresses_is_found)
{
	char ip[64];

	for (int i = 0; i < 10; i++) {
		snprintf(ip, sizeof(ip), "2001:db8:1:2::%x", 1 + i);
		tcp(i, ip, 20 + i, SYN);
	}
	run();
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_finding_source_ip(rig_kind(&rig, "port_scan")),
			 "2001:db8:1:2::/64");
}
END_TEST

static void miss(int seconds, int page)
{
	smi_buf_printf(&text,
		       "203.0.113.9 - - [04/Aug/2026:10:%02d:%02d +0000] "
		       "\"GET /p%d HTTP/1.1\" 404 196 \"-\" \"Mozilla/5.0\"\n",
		       seconds / 60, seconds % 60, page);
}

static const struct {
	int misses, pages, gap;
	bool found;
} storms[] = {
	{ 20, 10, 3, true },  { 19, 19, 3, false }, { 20, 9, 3, false },
	{ 500, 1, 1, false }, { 20, 20, 4, false },
};

/* Who asks again and again for one page that is gone scans nothing. */
START_TEST(twenty_misses_of_ten_pages_in_a_minute_are_a_scan)
{
	for (int i = 0; i < storms[_i].misses; i++)
		miss(i * storms[_i].gap, i % storms[_i].pages);
	run();
	ck_assert_uint_eq(rig.findings.n, storms[_i].found);
	if (storms[_i].found)
		ck_assert_uint_eq(sm_finding_count(rig_kind(&rig, "web_scan")),
				  20);
}
END_TEST

#define HOUR 3600

/* cron each hour for so long, then others for so long. */
static void go_silent(int hours, int wait)
{
	for (int i = 0; i <= hours; i++) {
		rig_line(&text, i * HOUR, "CRON",
			 "(root) CMD (cd / && run-parts /etc/cron.hourly)");
		rig_line(&text, i * HOUR + 1, "systemd", "Started something.");
	}
	for (int i = 0; i < 5; i++)
		rig_line(&text, hours * HOUR + wait + i, "systemd",
			 "Started something.");
	run();
}

START_TEST(a_log_without_the_jobs_of_cron_is_silent)
{
	const sm_finding *f;

	go_silent(24, 3 * HOUR + 1);
	f = rig_kind(&rig, "log_silent");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(sm_finding_subject(f), "web");
	ck_assert_uint_eq(sm_finding_count(f), 25);
	ck_assert_int_eq(sm_finding_last(f) - sm_finding_first(f),
			 24 * HOUR * SMI_SEC);
	ck_assert_uint_eq(rig.findings.n, 1);
}
END_TEST

START_TEST(a_log_that_is_young_or_waits_for_three_hours_is_not)
{
	if (_i)
		go_silent(23, 9 * HOUR);
	else
		go_silent(48, 3 * HOUR - 2);
	ck_assert_uint_eq(rig.findings.n, 0);
}
END_TEST

START_TEST(a_clock_that_was_set_is_told)
{
	rig_line(&text, 0, "chronyd", "Forward time jump detected!");
	rig_line(&text, 1, "chronyd",
		 "System clock was stepped by 3600.000012 seconds");
	run();
	ck_assert_uint_eq(rig.findings.n, 1);
	ck_assert_str_eq(sm_finding_kind(rig_finding(&rig, 0)), "clock_jump");
	ck_assert_int_eq(sm_finding_severity(rig_finding(&rig, 0)),
			 SM_SEV_INFO);
	ck_assert_uint_eq(sm_finding_count(rig_finding(&rig, 0)), 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("traces");
	TCase *tc = tcase_create("traces");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, ten_ports_within_600_seconds_are_a_port_scan);
	tcase_add_loop_test(tc, nine_ports_or_ten_in_601_seconds_are_none, 0,
			    2);
	tcase_add_loop_test(tc, answers_to_many_ports_of_ours_are_no_scan, 0,
			    SMI_COUNT(answers));
	tcase_add_test(tc, datagrams_and_errors_are_no_scan);
	tcase_add_test(tc, a_prefix_that_scans_with_many_addresses_is_found);
	tcase_add_loop_test(tc,
			    twenty_misses_of_ten_pages_in_a_minute_are_a_scan,
			    0, SMI_COUNT(storms));
	tcase_add_test(tc, a_log_without_the_jobs_of_cron_is_silent);
	tcase_add_loop_test(
		tc, a_log_that_is_young_or_waits_for_three_hours_is_not, 0, 2);
	tcase_add_test(tc, a_clock_that_was_set_is_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
