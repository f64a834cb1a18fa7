/* SPDX-License-Identifier: MIT */
#include "logsrc/header.h"
#include "suite.h"

static const struct {
	const char *raw, *header, *host, *program;
	int pid;
	const char *message;
} lines[] = {
	/* RFC 3164 as syslogd, rsyslog and busybox write it */
	{ "Aug  4 10:00:01 web sshd[411]: Failed password for root", "rfc3164",
	  "web", "sshd", 411, "Failed password for root" },
	{ "Aug 14 10:00:01 web CRON[1]: (root) CMD (true)", "rfc3164", "web",
	  "CRON", 1, "(root) CMD (true)" },
	{ "Aug  4 10:00:01 web kernel: [ 1.5] eth0: up", "rfc3164", "web",
	  "kernel", 0, "[ 1.5] eth0: up" },
	{ "Aug  4 10:00:01 web postfix/smtpd[12]: connect", "rfc3164", "web",
	  "postfix/smtpd", 12, "connect" },
	{ "Aug  4 10:00:01 web sshd-session[5] text", "rfc3164", "web",
	  "sshd-session", 5, "text" },
	{ "Aug  4 10:00:01 web sudo:   bob : TTY=pts/0", "rfc3164", "web",
	  "sudo", 0, "  bob : TTY=pts/0" },
	{ "<38>Aug  4 10:00:01 web su: x", "rfc3164", "web", "su", 0, "x" },
	{ "Aug  4 10:00:01 web last message repeated 3 times", "rfc3164", "web",
	  "", 0, "last message repeated 3 times" },
	{ "Aug  4 10:00:01 sshd[7]: no host", "rfc3164", "", "sshd", 7,
	  "no host" },
	{ "Aug  4 10:00:01 web auth.info sshd[7]: busybox", "rfc3164", "web",
	  "sshd", 7, "busybox" },
	{ "Aug  4 10:00:01 web <auth.info> sshd[7]: bsd", "rfc3164", "web",
	  "sshd", 7, "bsd" },
	{ "Aug  4 10:00:01 web sshd[7]: [ID 800047 auth.info] sun", "rfc3164",
	  "web", "sshd", 7, "sun" },
	{ "Aug  4 10:00:01 fe80::1 sshd[7]: x", "rfc3164", "fe80::1", "sshd", 7,
	  "x" },
	{ "Aug  4 10:00:01 web app[worker-1]: x", "rfc3164", "web", "app", 0,
	  "x" },
	{ "Aug  4 10:00:01 web app[99999999999]: x", "rfc3164", "web", "app", 0,
	  "x" },
	{ "Aug  4 10:00:01 web Foo::Bar[3]: x", "rfc3164", "web", "Foo::Bar", 3,
	  "x" },
	{ "Aug  4 10:00:01 web app[5]x: y", "rfc3164", "web", "", 0,
	  "app[5]x: y" },
	{ "Aug  4 10:00:01 a[5]b app[6]: y", "rfc3164", "a[5]b", "app", 6,
	  "y" },
	{ "Aug  4 10:00:01 web app[a b]: y", "rfc3164", "web", "", 0,
	  "app[a b]: y" },
	{ "Aug  4 10:00:01 web app[]: y", "rfc3164", "web", "app", 0, "y" },
	{ "Aug  4 10:00:01 web", "rfc3164", "web", "", 0, "" },
	{ "Aug  4 10:00:01 web sshd[7]:", "rfc3164", "web", "sshd", 7, "" },
	{ "Aug 04 2026 10:00:01: fw app: x", "rfc3164", "fw", "app", 0, "x" },
	/* the message of another line quoted is no header */
	{ "Aug  4 10:00:01 web app[7]: sshd[411]: Failed password", "rfc3164",
	  "web", "app", 7, "sshd[411]: Failed password" },
	/* ISO stamps */
	{ "2026-08-04T10:00:01.123456+02:00 web sshd[411]: x", "iso", "web",
	  "sshd", 411, "x" },
	{ "2026-08-04T10:00:01+0000 web sshd[411]: x", "iso", "web", "sshd",
	  411, "x" },
	{ "<13>2026-08-04T10:00:01Z web sshd[411]: x", "iso", "web", "sshd",
	  411, "x" },
	{ "2026-08-04 10:00:01,123 fail2ban.actions        [123]: NOTICE",
	  "iso", "", "", 0, "fail2ban.actions        [123]: NOTICE" },
	{ "2026-08-04 10:00:01 status installed foo:amd64 1.2", "iso", "", "",
	  0, "status installed foo:amd64 1.2" },
	{ "2026-08-04 10:00:01 web sshd[4]: x", "iso", "web", "sshd", 4, "x" },
	{ "Tue 2026-08-04 10:00:01 UTC web sshd[4]: x", "weekday", "web",
	  "sshd", 4, "x" },
	{ "1785837601.123456 web sshd[4]: x", "short-unix", "web", "sshd", 4,
	  "x" },
	{ "@400000006a71b82b1dcd6500 web sshd[4]: x", "tai64n", "web", "sshd",
	  4, "x" },
	/* RFC 5424 */
	{ "<38>1 2026-08-04T10:00:01.5Z web sshd 411 - - Failed", "rfc5424",
	  "web", "sshd", 411, "Failed" },
	{ "<38>1 - - - - - -", "rfc5424", "", "", 0, "" },
	{ "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - "
	  "\xEF\xBB\xBF'su root' failed",
	  "rfc5424", "mymachine.example.com", "su", 0, "'su root' failed" },
	{ "<165>1 2003-10-11T22:14:15.003Z web app 8 ID [a b=\"c \\\" ] d\"]"
	  "[e f=\"g\"] text",
	  "rfc5424", "web", "app", 8, "text" },
	/* web servers */
	{ "203.0.113.9 - - [04/Aug/2026:10:00:01 +0000] \"GET / HTTP/1.1\" 200",
	  "clf", "", "", 0,
	  "203.0.113.9 - - [04/Aug/2026:10:00:01 +0000] \"GET / HTTP/1.1\" "
	  "200" },
	{ "2026/08/04 10:00:01 [error] 123#125: *4 open() failed",
	  "nginx-error", "", "nginx", 123, "*4 open() failed" },
	{ "[Tue Aug 04 10:00:01.5 2026] [core:error] [pid 4:tid 5] "
	  "[client 203.0.113.9:5] AH00126",
	  "apache-error", "", "apache2", 4, "[client 203.0.113.9:5] AH00126" },
	/* no header */
	{ "", NULL, "", "", 0, "" },
	{ "hello world", NULL, "", "", 0, "hello world" },
	{ "Aug 32 10:00:01 web sshd[4]: x", NULL, "", "", 0,
	  "Aug 32 10:00:01 web sshd[4]: x" },
	{ "Aug  4 25:00:01 web sshd[4]: x", NULL, "", "", 0,
	  "Aug  4 25:00:01 web sshd[4]: x" },
	{ "<999>Aug  4 10:00:01 web su: x", NULL, "", "", 0,
	  "<999>Aug  4 10:00:01 web su: x" },
	{ "<38>1 2026-08-04T10:00:01Z web sshd 411 - [a b=\"c text", NULL, "",
	  "", 0, "<38>1 2026-08-04T10:00:01Z web sshd 411 - [a b=\"c text" },
	{ "2026-13-04T10:00:01Z web sshd[4]: x", NULL, "", "", 0,
	  "2026-13-04T10:00:01Z web sshd[4]: x" },
};

static struct smi_line split(const char *raw, size_t len)
{
	struct smi_line line = { .raw = smi_span_of(raw, len) };

	smi_header_split(&line);
	return line;
}

static char *text_of(struct smi_span s)
{
	return smi_strndup(s.p, s.len);
}

START_TEST(every_header_is_split_as_its_format_says)
{
	struct smi_line l = split(lines[_i].raw, strlen(lines[_i].raw));
	SMI_AUTOFREE char *host = text_of(l.host);
	SMI_AUTOFREE char *program = text_of(l.program);
	SMI_AUTOFREE char *message = text_of(l.message);

	ck_assert_pstr_eq(l.header, lines[_i].header);
	ck_assert_str_eq(host, lines[_i].host);
	ck_assert_str_eq(program, lines[_i].program);
	ck_assert_int_eq(l.pid, lines[_i].pid);
	ck_assert_str_eq(message, lines[_i].message);
}
END_TEST

START_TEST(without_a_stream_only_stamps_with_year_and_zone_have_a_time)
{
	static const struct {
		const char *raw;
		int64_t time;
	} cases[] = {
		{ "2026-08-04T10:00:01+02:00 web sshd[4]: x",
		  INT64_C(1785830401000000000) },
		{ "<38>1 2026-08-04T10:00:01.25Z web sshd 4 - - x",
		  INT64_C(1785837601250000000) },
		{ "1.1.1.1 - - [04/Aug/2026:10:00:01 -0100] \"GET /\"",
		  INT64_C(1785841201000000000) },
		{ "1785837601.000001 web sshd[4]: x",
		  INT64_C(1785837601000001000) },
		{ "@400000006a71b82b1dcd6500 web sshd[4]: x",
		  INT64_C(1785837601500000000) },
		{ "2026-08-04 10:00:01 web sshd[4]: x", INT64_MIN },
		{ "Aug  4 10:00:01 web sshd[4]: x", INT64_MIN },
		{ "9999-12-31T23:59:59Z web sshd[4]: x", INT64_MIN },
		{ "0001-01-01T00:00:00Z web sshd[4]: x", INT64_MIN },
		{ "no stamp", INT64_MIN },
	};

	for (size_t i = 0; i < SMI_COUNT(cases); i++)
		ck_assert_int_eq(split(cases[i].raw, strlen(cases[i].raw)).time,
				 cases[i].time);
}
END_TEST

START_TEST(a_host_or_program_without_an_end_is_part_of_the_message)
{
	static char raw[70000];
	struct smi_line l;

	memset(raw, 'a', sizeof(raw));
	memcpy(raw, "Aug  4 10:00:01 ", 16);
	l = split(raw, sizeof(raw));
	ck_assert_uint_eq(l.host.len, 0);
	ck_assert_uint_eq(l.message.len, sizeof(raw) - 16);

	memcpy(raw + 16, "web ", 4);
	memcpy(raw + 60000, "[1]: x", 6);
	l = split(raw, sizeof(raw));
	ck_assert_uint_eq(l.host.len, 3);
	ck_assert_uint_eq(l.program.len, 0);
	ck_assert_uint_eq(l.message.len, sizeof(raw) - 20);
}
END_TEST

START_TEST(a_line_cut_at_any_byte_is_read_within_its_bounds)
{
	const char *raw = lines[_i].raw;

	for (size_t len = 0; len <= strlen(raw); len++) {
		/* On the heap, so that a byte too far is seen. */
		SMI_AUTOFREE char *copy = smi_memdup(raw, len);
		struct smi_line l = split(copy, len);

		ck_assert_uint_le(l.message.len, len);
	}
}
END_TEST

START_TEST(a_nul_and_bad_utf8_are_bytes_like_others)
{
	static const char raw[] = "Aug  4 10:00:01 w\0b sshd[4]: a\0b\xff\xfe";
	struct smi_line l = split(raw, sizeof(raw) - 1);

	ck_assert_uint_eq(l.host.len, 3);
	ck_assert_mem_eq(l.host.p, "w\0b", 3);
	ck_assert_uint_eq(l.message.len, 5);
	ck_assert_mem_eq(l.message.p, "a\0b\xff\xfe", 5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("header");
	TCase *tc = tcase_create("header");

	tcase_add_loop_test(tc, every_header_is_split_as_its_format_says, 0,
			    SMI_COUNT(lines));
	tcase_add_test(
		tc,
		without_a_stream_only_stamps_with_year_and_zone_have_a_time);
	tcase_add_test(tc,
		       a_host_or_program_without_an_end_is_part_of_the_message);
	tcase_add_loop_test(tc,
			    a_line_cut_at_any_byte_is_read_within_its_bounds, 0,
			    SMI_COUNT(lines));
	tcase_add_test(tc, a_nul_and_bad_utf8_are_bytes_like_others);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
