/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

#include "net.h"

/* What a hostile service says: of a terminal, of JSON, of XML, and no UTF-8. */
#define HOSTILE "SSH-2.0-a\x1b[2J\"<\xff&\r\n"

static sm_ctx *ctx;
static sm_scan_opts *opts;
static pid_t server;

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_scan_opts_new(ctx, &opts), 0);
	ck_assert_int_eq(sm_scan_opts_add_target(opts, "127.0.0.1"), 0);
	ck_assert_int_eq(sm_scan_opts_set_services(opts, 1), 0);
}

static void teardown(void)
{
	sm_scan_opts_free(opts);
	sm_ctx_unref(ctx);
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	server = 0;
}

/* A child that greets everyone with text. */
static uint16_t serve(const char *text)
{
	uint16_t port = 0;
	int fd = net_listen("127.0.0.1", &port);

	ck_assert_int_ge(fd, 0);
	server = fork();
	ck_assert_int_ge(server, 0);
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		for (;;) {
			int conn = accept(fd, NULL, NULL);
			char c[64];

			(void)!write(conn, text, strlen(text));
			while (read(conn, c, sizeof(c)) > 0)
				;
			close(conn);
		}
	}
	close(fd);
	return port;
}

static void choose(unsigned first, unsigned n)
{
	char ports[32];

	snprintf(ports, sizeof(ports), "%u-%u", first, first + n - 1);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, ports), 0);
}

struct seen {
	int ports, hosts, behind; /* ports behind the host that has them */
	char service[32], method[16], product[64], banner[64], text[128],
		notice[256];
	size_t len;
};

static int see(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_port *p = sm_record_port(rec);
	struct seen *s = user;
	int banner = sm_kind_field(SM_KIND_PORT, "banner");
	const void *raw;

	if (sm_event_kind(ev) == SM_EVENT_NOTICE &&
	    strstr(sm_notice_text(sm_record_notice(rec)), "asked"))
		snprintf(s->notice, sizeof(s->notice), "%s",
			 sm_notice_text(sm_record_notice(rec)));
	s->hosts += rec && sm_record_kind(rec) == SM_KIND_HOST;
	if (!p)
		return SM_CONTINUE;
	s->ports++;
	s->behind += s->hosts;
	raw = sm_port_banner(p, &s->len);
	memcpy(s->banner, raw,
	       s->len < sizeof(s->banner) ? s->len : sizeof(s->banner));
	snprintf(s->service, sizeof(s->service), "%s", sm_port_service(p));
	snprintf(s->method, sizeof(s->method), "%s", sm_port_service_method(p));
	snprintf(s->product, sizeof(s->product), "%s", sm_port_product(p));
	snprintf(s->text, sizeof(s->text), "%s",
		 sm_record_field_str(rec, (size_t)banner));
	ck_assert_ptr_null(sm_port_tls(p));
	return SM_CONTINUE;
}

static void scan(struct seen *s)
{
	int fds = net_count_fds();

	memset(s, 0, sizeof(*s));
	ck_assert_msg(sm_scan_ports(ctx, opts, see, s) == 0, "%s",
		      sm_ctx_errmsg(ctx));
	ck_assert_int_eq(net_count_fds(), fds);
	ck_assert_int_eq(s->hosts, 1);
	ck_assert_int_eq(s->behind, 0);
}

START_TEST(a_service_on_any_port_is_known_by_what_it_says)
{
	uint16_t port = serve("SSH-2.0-OpenSSH_9.2p1\r\n");
	struct seen s;

	choose(port, 1);
	scan(&s);
	ck_assert_int_eq(s.ports, 1);
	ck_assert_str_eq(s.service, "ssh");
	ck_assert_str_eq(s.method, "probed");
	ck_assert_str_eq(s.product, "OpenSSH");
	ck_assert_str_eq(s.text, "SSH-2.0-OpenSSH_9.2p1\\x0d\\x0a");
}
END_TEST

START_TEST(nobody_is_asked_unless_that_was_said)
{
	uint16_t port = serve("SSH-2.0-OpenSSH_9.2p1\r\n");
	struct seen s;

	ck_assert_int_eq(sm_scan_opts_set_services(opts, 0), 0);
	choose(port, 1);
	scan(&s);
	ck_assert_int_eq(s.ports, 1);
	ck_assert_str_eq(s.product, "");
	ck_assert_str_eq(s.method, "");
	ck_assert_uint_eq(s.len, 0);
}
END_TEST

START_TEST(hostile_bytes_are_told_as_sent_and_as_clean_text)
{
	uint16_t port = serve(HOSTILE);
	struct seen s;

	choose(port, 1);
	scan(&s);
	ck_assert_uint_eq(s.len, strlen(HOSTILE));
	ck_assert_int_eq(memcmp(s.banner, HOSTILE, s.len), 0);
	ck_assert_str_eq(s.text, "SSH-2.0-a\\x1b[2J\"<\\xff&\\x0d\\x0a");
}
END_TEST

START_TEST(what_is_not_understood_is_known_by_its_number_alone)
{
	uint16_t port = serve("?\n");
	struct seen s;

	choose(port, 1);
	scan(&s);
	ck_assert_uint_eq(s.len, 2);
	ck_assert_str_eq(s.method, "table");
}
END_TEST

#define TRAPS 60

START_TEST(a_host_whose_ports_are_all_open_and_silent_is_left_alone)
{
	uint16_t first = 0;
	int fds[TRAPS];
	struct rlimit limit, few;
	struct seen s;

	/* Neighbours, which no other program has. */
	for (int tries = 0; !first; tries++) {
		int n = 0;

		ck_assert_int_lt(tries, 100);
		for (; n < TRAPS; n++) {
			uint16_t port = (uint16_t)(20000 + 100 * tries + n);

			fds[n] = net_listen("127.0.0.1", &port);
			if (fds[n] < 0)
				break;
		}
		if (n == TRAPS)
			first = (uint16_t)(20000 + 100 * tries);
		while (!first && n)
			close(fds[--n]);
	}
	choose(first, TRAPS);
	ck_assert_int_eq(sm_scan_opts_set_service_timeout_ms(opts, 50), 0);
	/* So not all are asked at once. */
	getrlimit(RLIMIT_NOFILE, &limit);
	few = (struct rlimit){ 180, limit.rlim_max };
	setrlimit(RLIMIT_NOFILE, &few);
	scan(&s);
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < TRAPS; i++)
		close(fds[i]);
	ck_assert_int_eq(s.ports, TRAPS);
	ck_assert_ptr_nonnull(
		strstr(s.notice, " of 60 open ports of 127.0.0.1 were not"));
}
END_TEST

struct stopped {
	sm_job *job;
	struct seen seen;
};

static int stop(const sm_event *ev, void *user)
{
	struct stopped *s = user;

	if (sm_event_kind(ev) == SM_EVENT_PROGRESS)
		sm_job_cancel(s->job);
	return see(ev, &s->seen);
}

START_TEST(a_port_that_was_being_asked_is_told_when_the_scan_is_cancelled)
{
	struct stopped s = { .job = NULL };
	int fds = net_count_fds();
	uint16_t port = 0;
	int fd = net_listen("127.0.0.1", &port);

	choose(port, 1);
	ck_assert_int_eq(sm_scan_opts_set_service_timeout_ms(opts, 60000), 0);
	ck_assert_int_eq(sm_job_new_scan(ctx, opts, &s.job), 0);
	ck_assert_int_eq(sm_job_run(s.job, stop, &s), -ECANCELED);
	ck_assert_int_eq(s.seen.ports, 1);
	sm_job_free(s.job);
	close(fd);
	ck_assert_int_eq(net_count_fds(), fds);
}
END_TEST

START_TEST(limits_of_services_have_limits)
{
	ck_assert_int_eq(sm_scan_opts_set_services(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_service_timeout_ms(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_service_bytes(NULL, 4096), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_service_timeout_ms(opts, 600000), 0);
	ck_assert_int_eq(sm_scan_opts_set_service_bytes(opts, 256), 0);
	ck_assert_int_eq(sm_scan_opts_set_service_bytes(opts, 255), -ERANGE);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "service bytes 255"));
	sm_scan_opts_free(opts);
	ck_assert_int_eq(sm_scan_opts_new(ctx, &opts), 0);
	ck_assert_int_eq(sm_scan_opts_set_service_timeout_ms(opts, 0), -ERANGE);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "service timeout 0"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scan-services");
	TCase *tc = tcase_create("scan-services");
	SRunner *run;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_service_on_any_port_is_known_by_what_it_says);
	tcase_add_test(tc, nobody_is_asked_unless_that_was_said);
	tcase_add_test(tc, what_is_not_understood_is_known_by_its_number_alone);
	tcase_add_test(tc, hostile_bytes_are_told_as_sent_and_as_clean_text);
	tcase_add_test(
		tc, a_host_whose_ports_are_all_open_and_silent_is_left_alone);
	tcase_add_test(
		tc,
		a_port_that_was_being_asked_is_told_when_the_scan_is_cancelled);
	tcase_add_test(tc, limits_of_services_have_limits);
	suite_add_tcase(s, tc);
	run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
