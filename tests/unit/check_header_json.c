/* SPDX-License-Identifier: MIT */
#include "fail-alloc.h"
#include "header-rig.h"

/* 2026-08-04T10:00:01Z; by date(1). */
#define T1	  INT64_C(1785837601000000000)
#define NOT_KNOWN INT64_MIN

static const struct {
	const char *raw, *header, *host, *program;
	int pid;
	const char *message; /* NULL: the whole line */
	int64_t time;
} lines[] = {
	/* Docker's json-file driver */
	{ "{\"log\":\"hello \\u003cb\\u003e\\n\",\"stream\":\"stdout\","
	  "\"time\":\"2026-08-04T10:00:01.123456789Z\"}",
	  "docker-json", "", "", 0, "hello <b>", T1 + 123456789 },
	{ "{\"log\":\"Aug  4 09:00:00 web sshd[411]: Failed\\r\\n\",\"stream\":"
	  "\"stderr\",\"attrs\":{\"a\":\"b\"},\"time\":\"2026-08-04T10:00:"
	  "01Z\"}",
	  "docker-json", "web", "sshd", 411, "Failed", T1 },
	{ "{\"log\":\"{\\\"level\\\":\\\"info\\\",\\\"msg\\\":\\\"a \\\\\\\"b"
	  "\\\\\\\" c\\\"}\\n\",\"stream\":\"stdout\",\"time\":"
	  "\"2026-08-04T10:00:01Z\"}",
	  "docker-json", "", "", 0, "a \"b\" c", T1 },
	/* one inside of another is not opened */
	{ "{\"log\":\"{\\\"log\\\":\\\"x\\\",\\\"stream\\\":\\\"stdout\\\","
	  "\\\"time\\\":\\\"2026-08-04T09:00:00Z\\\"}\\n\",\"stream\":"
	  "\"stdout\",\"time\":\"2026-08-04T10:00:01Z\"}",
	  "docker-json", "", "", 0,
	  "{\"log\":\"x\",\"stream\":\"stdout\",\"time\":"
	  "\"2026-08-04T09:00:00Z\"}",
	  T1 },
	/* journalctl -o json */
	{ "{\"__CURSOR\":\"s=1\",\"__REALTIME_TIMESTAMP\":\"1785837601500000\","
	  "\"_HOSTNAME\":\"web\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_PID\":"
	  "\"411\","
	  "\"_COMM\":\"sshd-session\",\"MESSAGE\":\"Failed password\"}",
	  "journal-json", "web", "sshd", 411, "Failed password",
	  T1 + 500000000 },
	{ "{\"_SOURCE_REALTIME_TIMESTAMP\":\"1785837601000000\","
	  "\"__REALTIME_TIMESTAMP\":\"1785837609000000\",\"_HOSTNAME\":\"web\","
	  "\"_COMM\":\"app\",\"SYSLOG_PID\":\"7\",\"_PID\":\"8\","
	  "\"MESSAGE\":[97,255,98]}",
	  "journal-json", "web", "app", 7,
	  "a\xff"
	  "b",
	  T1 },
	{ "{\"__REALTIME_TIMESTAMP\":\"1785837601000000\",\"MESSAGE\":"
	  "[\"first\",\"second\"],\"SYSLOG_IDENTIFIER\":[\"a\",\"b\"]}",
	  "journal-json", "", "a", 0, "first", T1 },
	{ "{\"__REALTIME_TIMESTAMP\":\"1785837601000000\",\"MESSAGE\":null}",
	  "journal-json", "", "", 0, "", T1 },
	/* what any client of the journal may write does not pass for the host */
	{ "{\"HOSTNAME\":\"evil\",\"hostname\":\"evil\",\"PID\":\"1\","
	  "\"message\":"
	  "\"evil\",\"__REALTIME_TIMESTAMP\":\"1785837601000000\",\"MESSAGE\":"
	  "\"good\",\"_HOSTNAME\":\"web\"}",
	  "journal-json", "web", "", 0, "good", T1 },
	/* applications */
	{ "{\"time\":\"2026-08-04T10:00:01Z\",\"level\":\"INFO\",\"msg\":"
	  "\"up\"}",
	  "json", "", "", 0, "up", T1 },
	{ "{\"level\":\"info\",\"ts\":1785837601.25,\"logger\":\"a\",\"msg\":"
	  "\"up\"}",
	  "json", "", "", 0, "up", T1 + 250000000 },
	{ "{\"name\":\"app\",\"hostname\":\"web\",\"pid\":12,\"level\":30,"
	  "\"msg\":\"up\",\"time\":\"2026-08-04T10:00:01.000Z\",\"v\":0}",
	  "json", "web", "", 12, "up", T1 },
	{ "{\"timestamp\":1785837601123,\"message\":\"ms\"}", "json", "", "", 0,
	  "ms", T1 + 123000000 },
	{ "{\"timestamp\":\"1785837601123456\",\"message\":\"us\"}", "json", "",
	  "", 0, "us", T1 + 123456000 },
	{ "{\"ts\":1785837601123456789,\"event\":\"ns\"}", "json", "", "", 0,
	  "ns", T1 + 123456789 },
	{ "{\"@timestamp\":\"2026-08-04T12:00:01.000+02:00\",\"log.level\":"
	  "\"ERROR\",\"message\":\"ecs\",\"process.pid\":4,\"host.name\":"
	  "\"web\"}",
	  "json", "web", "", 4, "ecs", T1 },
	{ "{\"@timestamp\":\"2026-08-04T10:00:01Z\",\"message\":\"ecs\","
	  "\"process\":{\"pid\":4},\"host\":{\"name\":\"web\"}}",
	  "json", "web", "", 4, "ecs", T1 },
	{ "{\"version\":\"1.1\",\"host\":\"web\",\"short_message\":\"gelf\","
	  "\"timestamp\":1785837601.5,\"level\":1}",
	  "json", "web", "", 0, "gelf", T1 + 500000000 },
	/* rsyslog's usual template */
	{ "{\"timestamp\":\"2026-08-04T10:00:01+00:00\",\"hostname\":\"web\","
	  "\"programname\":\"sshd\",\"procid\":\"411\",\"message\":\"Failed\"}",
	  "json", "web", "sshd", 411, "Failed", T1 },
	{ "{\"msg\":\"no time\"}", "json", "", "", 0, "no time", NOT_KNOWN },
	{ "{\"time\":\"2026-08-04T10:00:01Z\",\"a\":1}", "json", "", "", 0,
	  NULL, T1 },
	{ "{\"time\":\"soon\",\"msg\":\"x\"}", "json", "", "", 0, "x",
	  NOT_KNOWN },
	/* the first of two */
	{ "{\"msg\":\"a\",\"msg\":\"b\",\"Msg\":\"c\",\"msg\":\"\"}", "json",
	  "", "", 0, "a", NOT_KNOWN },
	/* no logs */
	{ "{}", NULL, "", "", 0, NULL, NOT_KNOWN },
	{ "{\"a\":\"b\"}", NULL, "", "", 0, NULL, NOT_KNOWN },
	{ "{\"msg\":\"cut", NULL, "", "", 0, NULL, NOT_KNOWN },
	{ "{\"msg\":\"x\"} y", NULL, "", "", 0, NULL, NOT_KNOWN },
	{ "{\"msg\":{\"a\":\"x\"},\"params\":{\"msg\":\"y\"}}", NULL, "", "", 0,
	  NULL, NOT_KNOWN },
};

START_TEST(a_json_line_is_split_as_its_writer_means_it)
{
	struct smi_line l = split(lines[_i].raw, strlen(lines[_i].raw));

	ck_assert_pstr_eq(l.header, lines[_i].header);
	same("host", l.host, lines[_i].host);
	same("program", l.program, lines[_i].program);
	ck_assert_int_eq(l.pid, lines[_i].pid);
	same("message", l.message,
	     lines[_i].message ? lines[_i].message : lines[_i].raw);
	ck_assert_int_eq(l.time, lines[_i].time);
	ck_assert_ptr_null(l.web);
}
END_TEST

START_TEST(a_json_line_cut_at_any_byte_is_read_within_its_bounds)
{
	const char *raw = lines[_i].raw;

	for (size_t len = 0; len <= strlen(raw); len++) {
		/* On the heap, so that a byte too far is seen. */
		SMI_AUTOFREE char *copy = smi_memdup(raw, len);

		ck_assert_uint_le(split(copy, len).message.len, len);
	}
}
END_TEST

static const struct {
	const char *raw, *client, *user, *vhost, *method, *url, *protocol,
		*referer, *agent;
	int status;
	uint64_t bytes;
} webs[] = {
	/* Caddy: who asks chooses how headers are spelt, and how many there are */
	{ "{\"ts\":1785837601,\"request\":{\"remote_ip\":\"203.0.113.9\","
	  "\"method\":\"GET\",\"uri\":\"/\",\"headers\":{\"U-ser-Agent\":"
	  "[\"x\"],\"Referer\":[\"a\",\"b\\n\"],\"User-Agent\":[\"y\","
	  "\"${jndi:\"]}},\"status\":200}",
	  "203.0.113.9", "", "", "GET", "/", "", "a, b\n", "x, y, ${jndi:", 200,
	  0 },
	/* nginx, as its users write log_format escape=json */
	{ "{\"time_iso8601\":\"2026-08-04T10:00:01+00:00\",\"remote_addr\":"
	  "\"203.0.113.9\",\"remote_user\":\"\",\"request\":\"GET "
	  "/a?b=\\\"c\\\" "
	  "HTTP/1.1\",\"status\": \"200\",\"body_bytes_sent\":\"512\","
	  "\"http_referer\":\"-\",\"http_user_agent\":\"curl/8\","
	  "\"http_x_forwarded_for\":\"198.51.100.7\"}",
	  "203.0.113.9", "", "", "GET", "/a?b=\"c\"", "HTTP/1.1", "", "curl/8",
	  200, 512 },
	{ "{\"msec\":\"1785837601.000\",\"remote_addr\":\"2001:db8::7\","
	  "\"remote_user\":\"bob\",\"host\":\"www.example.org\","
	  "\"request_method\":\"POST\",\"request_uri\":\"/x?y\",\"uri\":\"/x\","
	  "\"server_protocol\":\"HTTP/2.0\",\"status\":404,\"bytes_sent\":7}",
	  "2001:db8::7", "bob", "www.example.org", "POST", "/x?y", "HTTP/2.0",
	  "", "", 404, 7 },
	{ "{\"time_local\":\"04/Aug/2026:10:00:01 +0000\",\"remote_addr\":"
	  "\"203.0.113.9\",\"request\":\"\",\"request_method\":\"GET\","
	  "\"request_uri\":\"/\",\"status\":\"000\"}",
	  "203.0.113.9", "", "", "GET", "/", "", "", "", 0, 0 },
	/* Caddy 2 */
	{ "{\"level\":\"info\",\"ts\":1785837601,\"logger\":\"http.log."
	  "access\","
	  "\"msg\":\"handled "
	  "request\",\"request\":{\"remote_ip\":\"192.0.2.1\","
	  "\"remote_port\":\"5123\",\"client_ip\":\"203.0.113.9\",\"proto\":"
	  "\"HTTP/2.0\",\"method\":\"GET\",\"host\":\"www.example.org:8443\","
	  "\"uri\":\"/a\",\"headers\":{\"User-Agent\":[\"curl/8\",\"x\"],"
	  "\"Referer\":[\"https://example.org/\"],\"Status\":[\"999\"],"
	  "\"Uri\":[\"/evil\"]},\"tls\":{\"version\":772}},\"bytes_read\":0,"
	  "\"user_id\":\"bob\",\"duration\":0.001,\"size\":512,\"status\":200,"
	  "\"resp_headers\":{\"Server\":[\"Caddy\"]}}",
	  "203.0.113.9", "bob", "www.example.org", "GET", "/a", "HTTP/2.0",
	  "https://example.org/", "curl/8, x", 200, 512 },
	{ "{\"ts\":1785837601,\"request\":{\"remote_addr\":\"[2001:db8::7]:"
	  "5123\","
	  "\"method\":\"GET\",\"uri\":\"/a\"},\"status\":200}",
	  "2001:db8::7", "", "", "GET", "/a", "", "", "", 200, 0 },
	/* Traefik */
	{ "{\"ClientAddr\":\"203.0.113.9:5123\",\"ClientHost\":\"203.0.113.9\","
	  "\"ClientPort\":\"5123\",\"ClientUsername\":\"-\","
	  "\"DownstreamContentSize\":19,\"DownstreamStatus\":404,\"Duration\":"
	  "9,"
	  "\"OriginStatus\":200,\"RequestAddr\":\"www.example.org:80\","
	  "\"RequestHost\":\"www.example.org\",\"RequestMethod\":\"GET\","
	  "\"RequestPath\":\"/a?b\",\"RequestPort\":\"80\",\"RequestProtocol\":"
	  "\"HTTP/1.1\",\"StartUTC\":\"2026-08-04T10:00:00.9Z\",\"level\":"
	  "\"info\",\"msg\":\"\",\"request_User-Agent\":\"curl/8\",\"time\":"
	  "\"2026-08-04T10:00:01Z\"}",
	  "203.0.113.9", "", "www.example.org", "GET", "/a?b", "HTTP/1.1", "",
	  "curl/8", 404, 19 },
	{ "{\"ClientAddr\":\"203.0.113.9:5123\",\"RequestMethod\":\"GET\","
	  "\"RequestPath\":\"/\",\"StartUTC\":\"2026-08-04T10:00:01Z\"}",
	  "203.0.113.9", "", "", "GET", "/", "", "", "", 0, 0 },
	/* ECS */
	{ "{\"@timestamp\":\"2026-08-04T10:00:01Z\",\"source\":{\"ip\":"
	  "\"203.0.113.9\"},\"http\":{\"request\":{\"method\":\"GET\"},"
	  "\"response\":{\"status_code\":200,\"body\":{\"bytes\":5}}},\"url\":"
	  "{\"original\":\"/a\",\"domain\":\"www.example.org\"},\"user_agent\":"
	  "{\"original\":\"curl/8\"},\"user\":{\"name\":\"bob\"}}",
	  "203.0.113.9", "bob", "www.example.org", "GET", "/a", "", "",
	  "curl/8", 200, 5 },
	/* a container's web server, in both its forms */
	{ "{\"log\":\"203.0.113.9 - bob [04/Aug/2026:09:59:00 +0000] \\\"GET "
	  "/a\\\\x22 HTTP/1.1\\\" 200 5 \\\"-\\\" "
	  "\\\"curl/8\\\"\\n\",\"stream\":"
	  "\"stdout\",\"time\":\"2026-08-04T10:00:01Z\"}",
	  "203.0.113.9", "bob", "", "GET", "/a\\x22", "HTTP/1.1", "", "curl/8",
	  200, 5 },
	{ "{\"log\":\"{\\\"remote_addr\\\":\\\"203.0.113.9\\\",\\\"request\\\":"
	  "\\\"GET /\\\\u0061 HTTP/1.1\\\",\\\"status\\\":200}\\n\",\"stream\":"
	  "\"stdout\",\"time\":\"2026-08-04T10:00:01Z\"}",
	  "203.0.113.9", "", "", "GET", "/a", "HTTP/1.1", "", "", 200, 0 },
	/* and through the journal */
	{ "{\"__REALTIME_TIMESTAMP\":\"1785837601000000\",\"SYSLOG_"
	  "IDENTIFIER\":"
	  "\"nginx\",\"MESSAGE\":\"203.0.113.9 - - [04/Aug/2026:09:59:00 "
	  "+0000] "
	  "\\\"GET /a HTTP/1.1\\\" 200 5\"}",
	  "203.0.113.9", "", "", "GET", "/a", "HTTP/1.1", "", "", 200, 5 },
};

START_TEST(a_web_servers_json_line_has_the_parts_of_an_access_line)
{
	struct smi_line l = split(webs[_i].raw, strlen(webs[_i].raw));

	ck_assert_ptr_nonnull(l.web);
	same("client", l.web->client, webs[_i].client);
	same("user", l.web->user, webs[_i].user);
	same("vhost", l.web->vhost, webs[_i].vhost);
	same("method", l.web->method, webs[_i].method);
	same("url", l.web->url, webs[_i].url);
	same("protocol", l.web->protocol, webs[_i].protocol);
	same("referer", l.web->referer, webs[_i].referer);
	same("agent", l.web->agent, webs[_i].agent);
	ck_assert_int_eq(l.web->status, webs[_i].status);
	ck_assert_uint_eq(l.web->bytes, webs[_i].bytes);
	ck_assert_int_eq(l.time, T1);
}
END_TEST

START_TEST(the_rest_of_a_long_container_line_has_no_header)
{
	static const char *const parts[] = {
		"{\"log\":\"aaaa\",\"stream\":\"stdout\",\"time\":"
		"\"2026-08-04T10:00:01Z\"}",
		"{\"log\":\"other\\n\",\"stream\":\"stderr\",\"time\":"
		"\"2026-08-04T10:00:01Z\"}",
		"{\"log\":\"Aug  4 10:00:01 web sshd[4]: x\",\"stream\":"
		"\"stdout\",\"time\":\"2026-08-04T10:00:01Z\"}",
		"{\"log\":\"Aug  4 10:00:01 web sshd[4]: x\\n\",\"stream\":"
		"\"stdout\",\"time\":\"2026-08-04T10:00:01Z\"}",
		"{\"log\":\"Aug  4 10:00:01 web sshd[4]: x\\n\",\"stream\":"
		"\"stdout\",\"time\":\"2026-08-04T10:00:01Z\"}",
	};
	static const char *const programs[] = { "", "", "", "", "sshd" };

	for (size_t i = 0; i < SMI_COUNT(parts); i++)
		same("program", split(parts[i], strlen(parts[i])).program,
		     programs[i]);
}
END_TEST

START_TEST(memory_that_is_out_shows_in_the_room)
{
	fail_alloc_at(1);
	ck_assert_ptr_null(split(lines[0].raw, strlen(lines[0].raw)).header);
	fail_alloc_off();
	ck_assert_int_eq(smi_buf_error(&room.text), -ENOMEM);
	ck_assert_ptr_nonnull(split(lines[0].raw, strlen(lines[0].raw)).header);
	ck_assert_int_eq(smi_buf_error(&room.text), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("header_json");
	TCase *tc = tcase_create("header_json");

	tcase_add_checked_fixture(tc, NULL, header_done);
	tcase_add_loop_test(tc, a_json_line_is_split_as_its_writer_means_it, 0,
			    SMI_COUNT(lines));
	tcase_add_loop_test(
		tc, a_json_line_cut_at_any_byte_is_read_within_its_bounds, 0,
		SMI_COUNT(lines));
	tcase_add_loop_test(
		tc, a_web_servers_json_line_has_the_parts_of_an_access_line, 0,
		SMI_COUNT(webs));
	tcase_add_test(tc, the_rest_of_a_long_container_line_has_no_header);
	tcase_add_test(tc, memory_that_is_out_shows_in_the_room);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
