/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "header-rig.h"

#define STAMP "[04/Aug/2026:10:00:01 +0000]"

static const struct {
	const char *raw;
	const char *client, *user, *vhost, *method, *url, *protocol, *referer,
		*agent;
	int status;
	uint64_t bytes;
} lines[] = {
	/* common: Apache's "%h %l %u %t \"%r\" %>s %b" */
	{ "203.0.113.9 - - " STAMP " \"GET /a?b=c HTTP/1.1\" 200 512",
	  "203.0.113.9", "", "", "GET", "/a?b=c", "HTTP/1.1", "", "", 200,
	  512 },
	{ "2001:db8::7 - bob " STAMP " \"POST /x HTTP/2.0\" 304 -",
	  "2001:db8::7", "bob", "", "POST", "/x", "HTTP/2.0", "", "", 304, 0 },
	{ "host.example.org ident bob " STAMP " \"GET / HTTP/1.0\" 404 7",
	  "host.example.org", "bob", "", "GET", "/", "HTTP/1.0", "", "", 404,
	  7 },
	/* combined */
	{ "203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 200 5 "
	  "\"https://example.org/\" \"Mozilla/5.0 (X11; Linux)\"",
	  "203.0.113.9", "", "", "GET", "/", "HTTP/1.1", "https://example.org/",
	  "Mozilla/5.0 (X11; Linux)", 200, 5 },
	{ "203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"",
	  "203.0.113.9", "", "", "GET", "/", "HTTP/1.1", "", "", 200, 5 },
	{ "203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 200 5 \"\" \"curl/8\" "
	  "\"198.51.100.7\" 0.003",
	  "203.0.113.9", "", "", "GET", "/", "HTTP/1.1", "", "curl/8", 200, 5 },
	/* Apache's vhost_combined: "%v:%p %h %l %u %t ..." */
	{ "www.example.org:443 203.0.113.9 - bob " STAMP
	  " \"GET / HTTP/1.1\" 200 5 \"-\" \"curl/8\"",
	  "203.0.113.9", "bob", "www.example.org", "GET", "/", "HTTP/1.1", "",
	  "curl/8", 200, 5 },
	{ "www.example.org 2001:db8::7 - - " STAMP " \"GET / HTTP/1.1\" 200 5",
	  "2001:db8::7", "", "www.example.org", "GET", "/", "HTTP/1.1", "", "",
	  200, 5 },
	{ "[2001:db8::1]:80 2001:db8::7 - - " STAMP " \"GET / HTTP/1.1\" 200 5",
	  "2001:db8::7", "", "[2001:db8::1]", "GET", "/", "HTTP/1.1", "", "",
	  200, 5 },
	{ "www.example.org:80 client.example.net - - " STAMP
	  " \"GET / HTTP/1.1\" 200 5",
	  "client.example.net", "", "www.example.org", "GET", "/", "HTTP/1.1",
	  "", "", 200, 5 },
	/* the name of the host is what the client asked for */
	{ "198.51.100.1 203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 200 5",
	  "203.0.113.9", "", "198.51.100.1", "GET", "/", "HTTP/1.1", "", "",
	  200, 5 },
	{ "- 203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 200 5", "203.0.113.9",
	  "", "", "GET", "/", "HTTP/1.1", "", "", 200, 5 },
	/* forwarders: the last is told by a machine of one's own */
	{ "198.51.100.7, 203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 200 5",
	  "203.0.113.9", "", "", "GET", "/", "HTTP/1.1", "", "", 200, 5 },
	{ "\"198.51.100.7, 203.0.113.9\" - - " STAMP
	  " \"GET / HTTP/1.1\" 200 5",
	  "203.0.113.9", "", "", "GET", "/", "HTTP/1.1", "", "", 200, 5 },
	{ "\"198.51.100.7\" 203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 200 5",
	  "203.0.113.9", "", "198.51.100.7", "GET", "/", "HTTP/1.1", "", "",
	  200, 5 },
	{ "- - - " STAMP " \"GET / HTTP/1.1\" 200 5", "", "", "", "GET", "/",
	  "HTTP/1.1", "", "", 200, 5 },
	/* a user as hostile as the server lets through */
	{ "203.0.113.9 - 198.51.100.1 - - " STAMP " \"GET / HTTP/1.1\" 401 5",
	  "203.0.113.9", "198.51.100.1 - -", "", "GET", "/", "HTTP/1.1", "", "",
	  401, 5 },
	{ "203.0.113.9 - x [01/Jan/2020:00:00:00 +0000] " STAMP
	  " \"GET / HTTP/1.1\" 401 5",
	  "203.0.113.9", "x [01/Jan/2020:00:00:00 +0000]", "", "GET", "/",
	  "HTTP/1.1", "", "", 401, 5 },
	{ "203.0.113.9 - x\\\" 200 \\\" " STAMP " \"GET / HTTP/1.1\" 401 5",
	  "203.0.113.9", "x\\\" 200 \\\"", "", "GET", "/", "HTTP/1.1", "", "",
	  401, 5 },
	{ "203.0.113.9 - \"\" " STAMP " \"GET / HTTP/1.1\" 401 5", NULL, "", "",
	  "", "", "", "", "", 0, 0 },
	/* quotes inside: escaped by Apache, by nginx, by nobody */
	{ "203.0.113.9 - - " STAMP
	  " \"GET /?q=\\\"x\\\" HTTP/1.1\" 200 5 \"-\" \"a \\\"b\\\" c\"",
	  "203.0.113.9", "", "", "GET", "/?q=\\\"x\\\"", "HTTP/1.1", "",
	  "a \\\"b\\\" c", 200, 5 },
	{ "203.0.113.9 - - " STAMP
	  " \"GET /?q=\\x22x\\x5C HTTP/1.1\" 200 5 \"-\" \"a\\x22\"",
	  "203.0.113.9", "", "", "GET", "/?q=\\x22x\\x5C", "HTTP/1.1", "",
	  "a\\x22", 200, 5 },
	{ "203.0.113.9 - - " STAMP
	  " \"GET /?q=\"x\"y HTTP/1.1\" 200 5 \"/?\"a\" \"b \"c\"d\"",
	  "203.0.113.9", "", "", "GET", "/?q=\"x\"y", "HTTP/1.1", "/?\"a",
	  "b \"c\"d", 200, 5 },
	{ "203.0.113.9 - - " STAMP " \"GET /\\\\\" 200 5 \"-\" \"a\\\\\" x",
	  "203.0.113.9", "", "", "GET", "/\\\\", "", "", "a\\\\", 200, 5 },
	/* requests that are none */
	{ "203.0.113.9 - - " STAMP " \"-\" 408 0 \"-\" \"-\"", "203.0.113.9",
	  "", "", "", "", "", "", "", 408, 0 },
	{ "203.0.113.9 - - " STAMP " \"\" 400 0", "203.0.113.9", "", "", "", "",
	  "", "", "", 400, 0 },
	{ "203.0.113.9 - - " STAMP " \"GET /old\" 200 9", "203.0.113.9", "", "",
	  "GET", "/old", "", "", "", 200, 9 },
	{ "203.0.113.9 - - " STAMP " \"GET\" 400 9", "203.0.113.9", "", "",
	  "GET", "", "", "", "", 400, 9 },
	{ "203.0.113.9 - - " STAMP " \"\\x16\\x03\\x01\\x02 \\x01\" 400 9",
	  "203.0.113.9", "", "", "", "\\x16\\x03\\x01\\x02 \\x01", "", "", "",
	  400, 9 },
	{ "203.0.113.9 - - " STAMP " \"${jndi:ldap://x/a}\" 400 9",
	  "203.0.113.9", "", "", "", "${jndi:ldap://x/a}", "", "", "", 400, 9 },
	{ "203.0.113.9 - - " STAMP " \"/no/method HTTP/1.1\" 400 9",
	  "203.0.113.9", "", "", "", "/no/method", "HTTP/1.1", "", "", 400, 9 },
	{ "203.0.113.9 - - " STAMP " \"GET /a b HTTP/1.0 c HTTP/1.1\" 400 9",
	  "203.0.113.9", "", "", "GET", "/a b HTTP/1.0 c", "HTTP/1.1", "", "",
	  400, 9 },
	{ "203.0.113.9 - - " STAMP
	  " \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA /\" 400 9",
	  "203.0.113.9", "", "", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA /", "",
	  "", "", 400, 9 },
	/* numbers that are none */
	{ "203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" - -", "203.0.113.9", "",
	  "", "GET", "/", "HTTP/1.1", "", "", 0, 0 },
	{ "203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 2000 9", "203.0.113.9",
	  "", "", "GET", "/", "HTTP/1.1", "", "", 0, 9 },
	{ "203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 000 -9", "203.0.113.9",
	  "", "", "GET", "/", "HTTP/1.1", "", "", 0, 0 },
	{ "203.0.113.9 - - " STAMP
	  " \"GET / HTTP/1.1\" 200 99999999999999999999999",
	  "203.0.113.9", "", "", "GET", "/", "HTTP/1.1", "", "", 200, 0 },
	/* cut */
	{ "203.0.113.9 - - " STAMP " \"GET /a", "203.0.113.9", "", "", "GET",
	  "/a", "", "", "", 0, 0 },
	{ "203.0.113.9 - - " STAMP " \"", "203.0.113.9", "", "", "", "", "", "",
	  "", 0, 0 },
	{ "203.0.113.9 - - " STAMP " \"GET / HTTP/1.1\" 200 5 \"-\" \"a",
	  "203.0.113.9", "", "", "GET", "/", "HTTP/1.1", "", "a", 200, 5 },
	{ "203.0.113.9 " STAMP " \"GET / HTTP/1.1\" 200 5", "203.0.113.9", "",
	  "", "GET", "/", "HTTP/1.1", "", "", 200, 5 },
	{ " " STAMP " \"GET / HTTP/1.1\" 200 5", "", "", "", "GET", "/",
	  "HTTP/1.1", "", "", 200, 5 },
	/* another text in a web server's log */
	{ "203.0.113.9 - - " STAMP " GET / 200", NULL, "", "", "", "", "", "",
	  "", 0, 0 },
};

START_TEST(an_access_line_is_split_into_its_parts)
{
	struct smi_line l = split(lines[_i].raw, strlen(lines[_i].raw));

	if (!lines[_i].client) {
		ck_assert_ptr_null(l.web);
		return;
	}
	ck_assert_ptr_nonnull(l.web);
	same("header", smi_span_str(l.header), "clf");
	same("message", l.message, lines[_i].raw);
	same("client", l.web->client, lines[_i].client);
	same("user", l.web->user, lines[_i].user);
	same("vhost", l.web->vhost, lines[_i].vhost);
	same("method", l.web->method, lines[_i].method);
	same("url", l.web->url, lines[_i].url);
	same("protocol", l.web->protocol, lines[_i].protocol);
	same("referer", l.web->referer, lines[_i].referer);
	same("agent", l.web->agent, lines[_i].agent);
	ck_assert_int_eq(l.web->status, lines[_i].status);
	ck_assert_uint_eq(l.web->bytes, lines[_i].bytes);
	/* 2026-08-04T10:00:01Z */
	ck_assert_int_eq(l.time, INT64_C(1785837601000000000));
}
END_TEST

static void inside(struct smi_span part, struct smi_span whole)
{
	ck_assert(!part.len || (part.p >= whole.p &&
				part.p + part.len <= whole.p + whole.len));
}

START_TEST(an_access_line_cut_at_any_byte_is_read_within_its_bounds)
{
	const char *raw = lines[_i].raw;

	for (size_t len = 0; len <= strlen(raw); len++) {
		/* On the heap, so that a byte too far is seen. */
		SMI_AUTOFREE char *copy = smi_memdup(raw, len);
		struct smi_line l = split(copy, len);

		if (!l.web)
			continue;
		inside(l.web->client, l.raw);
		inside(l.web->user, l.raw);
		inside(l.web->vhost, l.raw);
		inside(l.web->method, l.raw);
		inside(l.web->url, l.raw);
		inside(l.web->protocol, l.raw);
		inside(l.web->referer, l.raw);
		inside(l.web->agent, l.raw);
	}
}
END_TEST

START_TEST(without_room_an_access_line_has_no_parts)
{
	struct smi_line line = { .raw = smi_span_str(lines[0].raw) };

	smi_header_split(&line);
	ck_assert_str_eq(line.header, "clf");
	ck_assert_ptr_null(line.web);
}
END_TEST

START_TEST(a_line_after_an_access_line_has_no_web_parts)
{
	struct smi_line line = { .raw = smi_span_str(lines[0].raw),
				 .room = &room };

	smi_header_split(&line);
	ck_assert_ptr_nonnull(line.web);
	line.raw = SMI_SPAN("hello");
	smi_header_split(&line);
	ck_assert_ptr_null(line.web);
}
END_TEST

START_TEST(a_long_user_or_url_hides_nothing)
{
	static const char start[] = "203.0.113.9 - ",
			  middle[] = " " STAMP " \"GET /",
			  end[] = " HTTP/1.1\" 401 5";
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_line l;

	smi_buf_str(&b, start);
	smi_buf_fill(&b, '[', 8000);
	smi_buf_str(&b, middle);
	smi_buf_fill(&b, '\\', 8000);
	smi_buf_fill(&b, 'a', 8000);
	smi_buf_str(&b, end);
	l = split(b.p, b.len);
	ck_assert_ptr_nonnull(l.web);
	same("client", l.web->client, "203.0.113.9");
	ck_assert_uint_eq(l.web->user.len, 8000);
	ck_assert_uint_eq(l.web->url.len, 16001);
	ck_assert_int_eq(l.web->status, 401);
}
END_TEST

#define REQUEST STAMP " \"GET /x HTTP/1.1\" 200 5 \"-\" \"sqlmap/1.7\""

/* Where the client chooses the first word: the name of the host, or a forwarder. */
START_TEST(no_first_word_hides_an_access_line)
{
	static const char *const words[] = {
		"{",
		"<x",
		"<38>",
		"1785837601",
		"[1785837601]",
		"[",
		"@4000000037c219bf2ef02e94",
		"2026-08-04T10:00:01Z",
		"2026-08-04T10:00:01Z,",
		"{,",
		"www.example.org",
	};
	char raw[256];
	struct smi_line l;

	snprintf(raw, sizeof(raw), "%s 198.51.100.7 - - " REQUEST, words[_i]);
	l = split(raw, strlen(raw));
	ck_assert_str_eq(l.header, "clf");
	same("program", l.program, "");
	ck_assert_int_eq(l.time, INT64_C(1785837601000000000));
	ck_assert_ptr_nonnull(l.web);
	same("client", l.web->client, "198.51.100.7");
	same("agent", l.web->agent, "sqlmap/1.7");
}
END_TEST

/* A forwarder may be many words, and so may be a name in another log. */
static const char *const doubtful[] = {
	"Aug  4 09:00:01 web sshd[411]: Accepted password for root from "
	"203.0.113.66 port 51515 ssh2: x, 198.51.100.7 - - " REQUEST,
	"[Tue Aug 04 09:00:01.5 2026] [auth_digest:error] [pid 4] [client "
	"203.0.113.66:1] AH01794: user admin: password mismatch: /, "
	"198.51.100.7 - - " REQUEST,
	"2026/08/04 09:00:01 [error] 1#1: *4 x, 198.51.100.7 - - " REQUEST,
	"2026-08-04T09:00:01Z web app: x 198.51.100.7 - - " REQUEST,
};

static struct smi_line split_doubtful(int i, const char *before)
{
	header_done();
	if (before)
		split(before, strlen(before));
	return split(doubtful[i], strlen(doubtful[i]));
}

START_TEST(a_line_of_two_forms_is_what_the_lines_before_were)
{
	struct smi_line l;

	l = split_doubtful(_i, lines[0].raw);
	ck_assert_str_eq(l.header, "clf");
	same("program", l.program, "");
	ck_assert_ptr_nonnull(l.web);
	same("client", l.web->client, "198.51.100.7");
	same("agent", l.web->agent, "sqlmap/1.7");
	l = split_doubtful(_i, "Aug  4 09:00:01 web sshd[1]: x");
	ck_assert_uint_ne(l.program.len, 0);
	ck_assert_ptr_null(l.web);
}
END_TEST

START_TEST(a_first_line_of_two_forms_passes_for_neither)
{
	struct smi_line l = split_doubtful(_i, NULL);

	ck_assert_uint_ne(l.program.len, 0);
	ck_assert_ptr_nonnull(l.web);
	same("client", l.web->client, "198.51.100.7");
}
END_TEST

/* A user that somebody tried, and what sshd says behind it. */
START_TEST(a_request_in_a_name_is_none)
{
	static const char *const raw[] = {
		"Aug  4 10:00:01 web sshd[411]: Invalid user 198.51.100.7 - "
		"- " REQUEST " from 203.0.113.9 port 4242",
		"Aug  4 10:00:01 web sshd[411]: Invalid user 198.51.100.7 - "
		"- " STAMP
		" \"GET / HTTP/1.1\" 200 5 from 203.0.113.9 port 4242",
		"Aug  4 10:00:01 web sshd[411]: Invalid user 198.51.100.7 - "
		"- " STAMP
		" \"GET / HTTP/1.1\" 200 5 \"- from 203.0.113.9 port 4",
	};

	for (size_t i = 0; i < SMI_COUNT(raw); i++) {
		struct smi_line l = split(raw[i], strlen(raw[i]));

		same("program", l.program, "sshd");
		ck_assert_ptr_null(l.web);
	}
}
END_TEST

START_TEST(of_two_addresses_that_may_be_chosen_none_is_the_client)
{
	static const char raw[] = "Aug  4 09:00:01 web x: 203.0.113.66 - x "
				  "198.51.100.7 - - " REQUEST;
	struct smi_line l = split(raw, strlen(raw));

	ck_assert_ptr_nonnull(l.web);
	same("client", l.web->client, "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("web");
	TCase *tc = tcase_create("web");

	tcase_add_checked_fixture(tc, NULL, header_done);
	tcase_add_loop_test(tc, an_access_line_is_split_into_its_parts, 0,
			    SMI_COUNT(lines));
	tcase_add_loop_test(
		tc, an_access_line_cut_at_any_byte_is_read_within_its_bounds, 0,
		SMI_COUNT(lines));
	tcase_add_test(tc, without_room_an_access_line_has_no_parts);
	tcase_add_test(tc, a_line_after_an_access_line_has_no_web_parts);
	tcase_add_test(tc, a_long_user_or_url_hides_nothing);
	tcase_add_loop_test(tc, no_first_word_hides_an_access_line, 0, 11);
	tcase_add_loop_test(tc,
			    a_line_of_two_forms_is_what_the_lines_before_were,
			    0, SMI_COUNT(doubtful));
	tcase_add_loop_test(tc, a_first_line_of_two_forms_passes_for_neither, 0,
			    SMI_COUNT(doubtful));
	tcase_add_test(tc, a_request_in_a_name_is_none);
	tcase_add_test(tc,
		       of_two_addresses_that_may_be_chosen_none_is_the_client);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
