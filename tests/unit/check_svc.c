/* SPDX-License-Identifier: MIT */
#include "fail-alloc.h"
#include "svc-rig.h"

/* Of these the prober of the tests knows what they say. */
static enum smi_match line_of(struct smi_span reply, bool end,
			      const char *begin, struct smi_service_id *id,
			      const char *service)
{
	struct smi_span want = smi_span_str(begin);
	size_t n = smi_span_find(reply, '\n');

	if (!smi_span_starts(smi_span_head(want, reply.len),
			     smi_span_head(reply, want.len)))
		return SMI_MATCH_NO;
	if (n == reply.len)
		return end ? SMI_MATCH_NO : SMI_MATCH_MORE;
	id->service = service;
	id->product =
		smi_span_head(smi_span_skip(reply, want.len), n - want.len);
	return SMI_MATCH_YES;
}

static enum smi_match match_more(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	enum smi_match m = line_of(reply, end, "=", id, NULL);

	if (m == SMI_MATCH_YES) {
		id->version = id->product;
		id->product = smi_span_of(NULL, 0);
	}
	return m;
}

static const struct smi_question more = {
	.name = "more",
	.request = { "VERSION\n", 8 },
	.match = match_more,
};

static enum smi_match match_pong(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	enum smi_match m = line_of(reply, end, "PONG", id, "pong");

	if (m == SMI_MATCH_YES) {
		id->next = &more;
		id->open = true;
	}
	return m;
}

static enum smi_match match_http(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	return line_of(reply, end, "HTTP/", id, "http");
}

static uint16_t ping_ports[] = { 0, 0 };
static const struct smi_question questions[] = {
	{ .name = "http",
	  .request = { "GET / HTTP/1.0\r\n\r\n", 18 },
	  .everywhere = true,
	  .match = match_http },
	{ .name = "ping",
	  .request = { "PING\n", 5 },
	  .ports = ping_ports,
	  .everywhere = true,
	  .match = match_pong },
};

static enum smi_match match_any(const struct smi_question *q,
				struct smi_span reply, bool end,
				struct smi_service_id *id)
{
	enum smi_match m = q ? q->match(reply, end, id) : SMI_MATCH_NO;

	return m == SMI_MATCH_NO ? line_of(reply, end, "SSH-2.0-", id, "ssh")
				 : m;
}

/* The same, of which each answer takes a time to understand. */
static int64_t price, nmatched;

static enum smi_match match_dear(const struct smi_question *q,
				 struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	if (smi_span_starts(reply, SMI_SPAN("SSH-2.0-"))) {
		computed += price;
		nmatched++;
	}
	return match_any(q, reply, end, id);
}

static struct smi_svc_opts opts;

static void setup(void)
{
	opts = (struct smi_svc_opts){ .parallel = SERVERS,
				      .timeout = 10 * SMI_SEC,
				      .max_reply = 4096,
				      .clock = &rig_clock,
				      .questions = questions,
				      .nquestions = SMI_COUNT(questions),
				      .match = match_any };
	ping_ports[0] = 0;
	computed = price = nmatched = 0;
}

static void ask(const uint16_t *ports, int n)
{
	int fds = count_fds();

	ck_assert_int_eq(ask_ports(&opts, ports, n), 0);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(told[i].times, 1);
	ck_assert_int_eq(count_fds(), fds);
}

static void talk_ssh(int conn)
{
	say(conn, "SSH-2.0-Example_1.0\r\n");
	wait_for_end(conn);
}

static void talk_http(int conn)
{
	char text[256];

	hear(conn, text, sizeof(text));
	say(conn, strncmp(text, "GET / ", 6) ? "what?\n" : "HTTP/1.0 a\n");
}

static void talk_silent(int conn)
{
	wait_for_end(conn);
}

static void talk_slow(int conn)
{
	static const char text[] = "SSH-2.0-";
	size_t i = 0;

	while (write(conn, i < 8 ? text + i : "x", 1) == 1) {
		i++;
		usleep(10000);
	}
}

static void talk_endless(int conn)
{
	static char much[65536];

	memset(much, 'x', sizeof(much));
	while (write(conn, much, sizeof(much)) > 0)
		;
}

static void talk_hang_up(int conn)
{
	(void)conn;
}

static void talk_hostile(int conn)
{
	say(conn, "SSH-2.0-\x1b[31m\"<&\xff\xfe\\x41\r\n");
	wait_for_end(conn);
}

START_TEST(a_service_that_speaks_first_is_known_by_its_greeting)
{
	uint16_t port = serve(talk_ssh);

	ask(&port, 1);
	ck_assert_str_eq(told[0].service, "ssh");
	ck_assert_str_eq(told[0].product, "Example_1.0\\x0d");
	ck_assert_int_eq(memcmp(told[0].banner, "SSH-2.0-Example_1.0\r\n", 21),
			 0);
	ck_assert_uint_eq(told[0].banner_len, 21);
	ck_assert(told[0].asked && told[0].spoke && !told[0].tls);
}
END_TEST

START_TEST(a_service_that_waits_is_asked)
{
	uint16_t port = serve(talk_http);

	ask(&port, 1);
	ck_assert_str_eq(told[0].service, "http");
	ck_assert_str_eq(told[0].info, "");
}
END_TEST

START_TEST(who_is_silent_or_slow_ends_in_time)
{
	uint16_t ports[] = { serve(talk_silent), serve(talk_slow) };

	opts.timeout = 200 * SMI_MSEC;
	ask(ports, 2);
	ck_assert(told[0].asked && !told[0].spoke);
	ck_assert_str_eq(told[0].service, "");
	ck_assert_str_eq(told[1].service, "");
}
END_TEST

START_TEST(nobody_waits_for_who_is_silent_slow_or_endless)
{
	uint16_t ports[] = { serve(talk_silent), serve(talk_slow),
			     serve(talk_endless), serve(talk_ssh),
			     serve(talk_http) };
	struct smi_svc *s = NULL;

	ck_assert_int_eq(smi_svc_new(&opts, &s), 0);
	ck_assert_int_eq(start(s, ports, 5), 0);
	ck_assert_int_eq(run(s, 3), 0);
	ck_assert(!told[0].times && !told[1].times);
	ck_assert(told[2].spoke);
	ck_assert_uint_eq(told[2].banner_len, SMI_SVC_BANNER);
	ck_assert_str_eq(told[3].service, "ssh");
	ck_assert_str_eq(told[4].service, "http");
	smi_svc_free(s);
}
END_TEST

START_TEST(who_hangs_up_at_once_is_said_to)
{
	uint16_t port = serve(talk_hang_up);

	ask(&port, 1);
	ck_assert_str_eq(told[0].service, "");
	ck_assert_str_eq(told[0].info, "closes the connection at once");
	ck_assert(!told[0].spoke);
}
END_TEST

START_TEST(hostile_bytes_are_text_that_is_safe_and_a_banner_as_it_came)
{
	uint16_t port = serve(talk_hostile);

	ask(&port, 1);
	ck_assert_str_eq(told[0].product,
			 "\\x1b[31m\"<&\\xff\\xfe\\x5cx41\\x0d");
	ck_assert_int_eq(told[0].banner[8], '\x1b');
}
END_TEST

/* Answers PING, and VERSION on the same connection or on another one. */
static void talk_pong(int conn)
{
	char text[64];

	hear(conn, text, sizeof(text));
	say(conn, strcmp(text, "PING\n") ? "-\n" : "PONG!\n");
	if (strcmp(text, "PING\n") != 0)
		return;
	hear(conn, text, sizeof(text));
	say(conn, strcmp(text, "VERSION\n") ? "-\n" : "=7\n");
}

static void talk_pong_once(int conn)
{
	char text[64];

	hear(conn, text, sizeof(text));
	say(conn, !strcmp(text, "PING\n")      ? "PONG!\n"
		  : !strcmp(text, "VERSION\n") ? "=8\n"
					       : "-\n");
}

START_TEST(an_answer_leads_to_a_question_that_tells_more)
{
	uint16_t ports[] = { serve(talk_pong), serve(talk_pong_once) };

	ask(ports, 2);
	for (int i = 0; i < 2; i++) {
		ck_assert_str_eq(told[i].service, "pong");
		ck_assert_str_eq(told[i].product, "!");
		ck_assert_str_eq(told[i].version, i ? "8" : "7");
		ck_assert(told[i].anyone);
		/* Not the answer to the second question. */
		ck_assert_int_eq(told[i].banner[0], 'P');
	}
}
END_TEST

static void talk_first(int conn)
{
	char text[64];

	hear(conn, text, sizeof(text));
	say(conn, "SSH-2.0-");
	say(conn, text);
	wait_for_end(conn);
}

START_TEST(what_a_port_is_known_for_is_asked_first)
{
	uint16_t port = serve(talk_first);

	ping_ports[0] = port;
	ask(&port, 1);
	ck_assert_str_eq(told[0].product, "PING");
}
END_TEST

/* Answers when the others have been understood. */
static void talk_http_later(int conn)
{
	usleep(200000);
	talk_http(conn);
}

START_TEST(what_others_cost_is_not_of_the_time_of_a_port)
{
	uint16_t ports[] = { serve(talk_http_later), serve(talk_ssh),
			     serve(talk_ssh), serve(talk_ssh) };

	opts.match = match_dear;
	price = opts.timeout;
	ask(ports, 4);
	ck_assert_int_eq(nmatched, 3);
	ck_assert_str_eq(told[0].service, "http");
	ck_assert(told[0].asked && !told[0].late);
}
END_TEST

START_TEST(a_port_for_which_others_left_no_time_was_not_asked)
{
	uint16_t ports[] = { serve(talk_silent), serve(talk_ssh) };

	opts.match = match_dear;
	price = opts.timeout * 10;
	ask(ports, 2);
	ck_assert(!told[0].asked && told[0].late);
	ck_assert_str_eq(told[1].service, "ssh");
	ck_assert(told[1].asked && !told[1].late);
}
END_TEST

static void talk_dear(int conn)
{
	say(conn, "SSH-2.0-");
	for (int i = 0; i < 50; i++) {
		usleep(10000);
		say(conn, "a");
	}
}

START_TEST(a_port_that_costs_too_much_is_left)
{
	uint16_t port = serve(talk_dear);

	opts.match = match_dear;
	price = 90 * SMI_MSEC;
	ask(&port, 1);
	ck_assert_int_le(nmatched, 3);
	ck_assert(told[0].spoke && told[0].asked && !told[0].late);
}
END_TEST

START_TEST(a_port_that_was_closed_meanwhile_was_not_asked)
{
	uint16_t port = serve(talk_silent);

	stop_servers();
	ask(&port, 1);
	ck_assert(!told[0].asked && !told[0].spoke);
}
END_TEST

START_TEST(who_is_stopped_tells_what_is_known)
{
	uint16_t ports[] = { serve(talk_slow), serve(talk_silent) };
	struct smi_svc *s = NULL;

	opts.timeout = SMI_SEC * 60;
	ck_assert_int_eq(smi_svc_new(&opts, &s), 0);
	ck_assert_int_eq(start(s, ports, 2), 0);
	ck_assert_uint_eq(smi_svc_room(s), SERVERS - 2);
	for (int i = 0; i < 10; i++) {
		usleep(10000);
		ck_assert_int_eq(smi_svc_step(s, mono(), tell, NULL), 0);
	}
	ck_assert_int_eq(smi_svc_stop(s, tell, NULL), 2);
	ck_assert(told[0].asked && told[1].asked);
	ck_assert(told[0].spoke && !told[1].spoke);
	ck_assert_uint_eq(smi_svc_room(s), SERVERS);
	smi_svc_free(s);
}
END_TEST

START_TEST(out_of_memory_at_any_point_is_an_error_and_leaves_nothing_open)
{
	uint16_t port = serve(talk_pong);
	int fds = count_fds(), r = -ENOMEM;

	ping_ports[0] = port;
	for (int n = 1; r == -ENOMEM && n < 100; n++) {
		fail_alloc_at(n);
		r = ask_ports(&opts, &port, 1);
		ck_assert_int_eq(count_fds(), fds);
	}
	fail_alloc_off();
	ck_assert_int_eq(r, 0);
	ck_assert_str_eq(told[0].version, "7");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("svc");
	TCase *tc = tcase_create("svc");

	tcase_add_checked_fixture(tc, setup, stop_servers);
	tcase_add_test(tc,
		       a_service_that_speaks_first_is_known_by_its_greeting);
	tcase_add_test(tc, a_service_that_waits_is_asked);
	tcase_add_test(tc, who_is_silent_or_slow_ends_in_time);
	tcase_add_test(tc, nobody_waits_for_who_is_silent_slow_or_endless);
	tcase_add_test(tc, who_hangs_up_at_once_is_said_to);
	tcase_add_test(
		tc,
		hostile_bytes_are_text_that_is_safe_and_a_banner_as_it_came);
	tcase_add_test(tc, an_answer_leads_to_a_question_that_tells_more);
	tcase_add_test(tc, what_a_port_is_known_for_is_asked_first);
	tcase_add_test(tc, what_others_cost_is_not_of_the_time_of_a_port);
	tcase_add_test(tc, a_port_for_which_others_left_no_time_was_not_asked);
	tcase_add_test(tc, a_port_that_costs_too_much_is_left);
	tcase_add_test(tc, a_port_that_was_closed_meanwhile_was_not_asked);
	tcase_add_test(tc, who_is_stopped_tells_what_is_known);
	tcase_add_test(
		tc,
		out_of_memory_at_any_point_is_an_error_and_leaves_nothing_open);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
