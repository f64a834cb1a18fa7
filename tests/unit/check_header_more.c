/* SPDX-License-Identifier: MIT */
#include "header-rig.h"

/* 2026-08-04T10:00:01Z; by date(1). */
#define T1   INT64_C(1785837601000000000)
#define NONE INT64_MIN

static const struct {
	const char *raw, *header, *host, *program;
	int pid;
	const char *message;
	int64_t time;
} lines[] = {
	/* the kernel */
	{ "6,1234,5678901,-;eth0: link up", "kmsg", "", "kernel", 0,
	  "eth0: link up", NONE },
	{ "30,1234,5678901,-,caller=T1;systemd[1]: Started x", "kmsg", "",
	  "systemd", 1, "Started x", NONE },
	{ "12,1234,5678901,c;no tag here", "kmsg", "", "", 0, "no tag here",
	  NONE },
	{ "30,1234,5678901,-;a: \\x1b[1m\\x5cx\\xzz\\", "kmsg", "", "a", 0,
	  "\x1b[1m\\x\\xzz\\", NONE },
	{ "192,1234,5678901,-;x", NULL, "", "", 0, "192,1234,5678901,-;x",
	  NONE },
	{ "6,1234,-;x", NULL, "", "", 0, "6,1234,-;x", NONE },
	{ "[   12.345678] eth0: link up", "dmesg", "", "kernel", 0,
	  "eth0: link up", NONE },
	{ "[12345.678901][  T77] x", "dmesg", "", "kernel", 0, "x", NONE },
	{ "[12345.6789] x", NULL, "", "", 0, "[12345.6789] x", NONE },
	{ "[Tue Aug  4 10:00:01 2026] eth0: link up", "ctime", "", "", 0,
	  "eth0: link up", NONE },
	/* auditd */
	{ "type=USER_AUTH msg=audit(1785837601.123:456): pid=4", "audit", "",
	  "audit", 0, "type=USER_AUTH msg=audit(1785837601.123:456): pid=4",
	  T1 + 123000000 },
	{ "node=web type=EOE msg=audit(1785837601.000:4): ", "audit", "web",
	  "audit", 0, "node=web type=EOE msg=audit(1785837601.000:4): ", T1 },
	{ "type=EOE msg=audit(1785837601.123): x", NULL, "", "", 0,
	  "type=EOE msg=audit(1785837601.123): x", NONE },
	{ "type=EOE msg=audit(1785837601.123:4", NULL, "", "", 0,
	  "type=EOE msg=audit(1785837601.123:4", NONE },
	{ "type=EOE x msg=audit(1785837601.123:4): x", NULL, "", "", 0,
	  "type=EOE x msg=audit(1785837601.123:4): x", NONE },
	/* containers */
	{ "2026-08-04T12:00:01.5+02:00 stdout F hello", "container", "", "", 0,
	  "hello", T1 + 500000000 },
	{ "2026-08-04T10:00:01Z stderr F Aug  4 09:00:00 web sshd[4]: x",
	  "container", "web", "sshd", 4, "x", T1 },
	{ "2026-08-04T10:00:01Z stdout F {\"msg\":\"a\\tb\",\"pid\":7}",
	  "container", "", "", 7, "a\tb", T1 },
	{ "2026-08-04T10:00:01Z stdout F", "container", "", "", 0, "", T1 },
	{ "2026-08-04T10:00:01Z stdout X hello", "iso", "stdout", "", 0,
	  "X hello", T1 },
	/* brackets */
	{ "[2026-08-04T10:00:01Z] text", "iso", "", "", 0, "text", T1 },
	{ "[2026-08-04T10:00:01.25Z]text", "iso", "", "", 0, "text",
	  T1 + 250000000 },
	{ "[04-Aug-2026 10:00:01 UTC] PHP Warning:  x", "day-month", "", "", 0,
	  "PHP Warning:  x", T1 },
	{ "[1785837601.5] text", "epoch", "", "", 0, "text", T1 + 500000000 },
	{ "[2026-08-04T10:00:01Z x] text", NULL, "", "", 0,
	  "[2026-08-04T10:00:01Z x] text", NONE },
	{ "[info] text", NULL, "", "", 0, "[info] text", NONE },
	/* stamps */
	{ "1785837601 web sshd[4]: x", "epoch", "web", "sshd", 4, "x", T1 },
	{ "1785837601123 web sshd[4]: x", "epoch", "web", "sshd", 4, "x",
	  T1 + 123000000 },
	{ "5551234567 is a number", NULL, "", "", 0, "5551234567 is a number",
	  NONE },
	{ "20260804T100001Z web sshd[4]: x", "iso-basic", "web", "sshd", 4, "x",
	  T1 },
	{ "20260804T120001,5+0200 web sshd[4]: x", "iso-basic", "web", "sshd",
	  4, "x", T1 + 500000000 },
	{ "2026-08-04 12:00:01 +0200 web sshd[4]: x", "iso", "web", "sshd", 4,
	  "x", T1 },
	{ "2026-08-04 12:00:01 +10 points", "iso", "", "", 0, "+10 points",
	  NONE },
	{ "Tue, 04 Aug 2026 10:00:01 +0000 sshd[4]: x", "rfc5322", "", "sshd",
	  4, "x", T1 },
	{ "Tue 2026-08-04 12:00:01 CEST web sshd[4]: x", "weekday", "web",
	  "sshd", 4, "x", NONE },
	{ "04-Aug-2026 10:00:01.123 UTC queries: info", "day-month", "",
	  "queries", 0, "info", T1 + 123000000 },
	{ "04-Aug-2026 10:00:01.123 queries: info", "day-month", "", "queries",
	  0, "info", NONE },
	{ "Aug 4, 2026 6:00:01 PM org.example run", "month-day", "", "", 0,
	  "org.example run", NONE },
	/* and what is none */
	{ "32-Aug-2026 10:00:01 x", NULL, "", "", 0, "32-Aug-2026 10:00:01 x",
	  NONE },
	{ "20261304T100001Z x", NULL, "", "", 0, "20261304T100001Z x", NONE },
	{ "May I 10:00:01", NULL, "", "", 0, "May I 10:00:01", NONE },
};

START_TEST(every_header_is_split_as_its_format_says)
{
	struct smi_line l = split(lines[_i].raw, strlen(lines[_i].raw));

	ck_assert_pstr_eq(l.header, lines[_i].header);
	same("host", l.host, lines[_i].host);
	same("program", l.program, lines[_i].program);
	ck_assert_int_eq(l.pid, lines[_i].pid);
	same("message", l.message, lines[_i].message);
	ck_assert_int_eq(l.time, lines[_i].time);
}
END_TEST

START_TEST(the_host_of_the_line_before_changes_nothing)
{
	static const struct {
		const char *raw, *host, *program;
		int pid;
	} two[] = {
		{ "Aug  4 10:00:01 web sshd[4]: x", "web", "sshd", 4 },
		{ "Aug  4 10:00:01 web sshd[4]: x", "web", "sshd", 4 },
		{ "Aug  4 10:00:01 web2 sshd[4]: x", "web2", "sshd", 4 },
		{ "Aug  4 10:00:01 web", "web", "", 0 },
		{ "Aug  4 10:00:01 web ", "web", "", 0 },
		{ "Aug  4 10:00:01 web: x", "", "web", 0 },
		{ "Aug  4 10:00:01 web auth.info su[5]: x", "web", "su", 5 },
		{ "Aug  4 10:00:01 web kernel: x", "web", "kernel", 0 },
		{ "Aug  4 10:00:01 web a:b[6]: x", "web", "a:b", 6 },
		{ "Aug  4 10:00:01 web a[9999999999]: x", "web", "a", 0 },
		{ "Aug  4 10:00:01 web a[7]:x", "web", "a", 7 },
		{ "2026-08-04 10:00:01 web x", "", "", 0 },
	};
	struct smi_stamp_clock clock;

	smi_stamp_clock_init(&clock, NULL, T1);
	for (size_t i = 0; i < SMI_COUNT(two); i++) {
		struct smi_line l = { .raw = smi_span_str(two[i].raw),
				      .room = &room };

		smi_header_scan(&l, &clock);
		same("host", l.host, two[i].host);
		same("program", l.program, two[i].program);
		ck_assert_int_eq(l.pid, two[i].pid);
	}
}
END_TEST

START_TEST(a_line_cut_at_any_byte_is_read_within_its_bounds)
{
	const char *raw = lines[_i].raw;

	for (size_t len = 0; len <= strlen(raw); len++) {
		/* On the heap, so that a byte too far is seen. */
		SMI_AUTOFREE char *copy = smi_memdup(raw, len);

		ck_assert_uint_le(split(copy, len).message.len, len);
	}
}
END_TEST

START_TEST(the_rest_of_a_long_container_line_has_no_header)
{
	static const char *const parts[] = {
		"2026-08-04T10:00:01Z stdout P aaaa",
		"2026-08-04T10:00:01Z stderr F other",
		"2026-08-04T10:00:01Z stdout F Aug  4 10:00:01 web sshd[4]: x",
		"2026-08-04T10:00:01Z stdout F Aug  4 10:00:01 web sshd[4]: x",
	};
	static const char *const programs[] = { "", "", "", "sshd" };

	for (size_t i = 0; i < SMI_COUNT(parts); i++)
		same("program", split(parts[i], strlen(parts[i])).program,
		     programs[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("header_more");
	TCase *tc = tcase_create("header_more");

	tcase_add_checked_fixture(tc, NULL, header_done);
	tcase_add_loop_test(tc, every_header_is_split_as_its_format_says, 0,
			    SMI_COUNT(lines));
	tcase_add_loop_test(tc,
			    a_line_cut_at_any_byte_is_read_within_its_bounds, 0,
			    SMI_COUNT(lines));
	tcase_add_test(tc, the_host_of_the_line_before_changes_nothing);
	tcase_add_test(tc, the_rest_of_a_long_container_line_has_no_header);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
