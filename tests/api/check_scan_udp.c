/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

#include "net.h"

/* What a server does with a datagram. */
enum kind {
	ANSWERS,
	SILENT,
	MOVED,	 /* answers from another port */
	EMPTY,	 /* answers with nothing in it */
	HUGE,	 /* and with very much */
	HOSTILE, /* with bytes that are no text */
	NTP,
	TFTP,
};

#define SERVERS 8

static struct server {
	enum kind kind;
	uint16_t port;
	int fd, other;
} servers[SERVERS];
static unsigned nservers;
static int stop[2];
static pthread_t thread;
static sm_ctx *ctx;
static sm_scan_opts *opts;

static int bind_udp(const char *address, uint16_t *port)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = htons(*port) };
	struct sockaddr_in four = { .sin_family = AF_INET,
				    .sin_port = htons(*port) };
	int v6 = inet_pton(AF_INET6, address, &six.sin6_addr);
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	socklen_t len = v6 ? sizeof(six) : sizeof(four);
	struct sockaddr *sa =
		v6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;

	if (!v6)
		ck_assert_int_eq(inet_pton(AF_INET, address, &four.sin_addr),
				 1);
	if (fd < 0 || bind(fd, sa, len) < 0) {
		close(fd);
		return -1;
	}
	ck_assert_int_eq(getsockname(fd, sa, &len), 0);
	*port = ntohs(v6 ? six.sin6_port : four.sin_port);
	return fd;
}

static void reply(const struct server *s, const char *asked, ssize_t n,
		  const struct sockaddr *to, socklen_t len)
{
	static char big[60000];
	char ntp[48] = { 0x24, 1 };
	const char *text = "hello";
	size_t size = 5;
	int fd = s->fd;

	if (s->kind == SILENT)
		return;
	if (s->kind == MOVED || s->kind == TFTP)
		fd = s->other;
	if (s->kind == EMPTY) {
		size = 0;
	} else if (s->kind == HUGE) {
		memset(big, 'x', sizeof(big));
		text = big;
		size = sizeof(big);
	} else if (s->kind == HOSTILE) {
		text = "\x1b[2J\0\xff<&\r\n";
		size = 11;
	} else if (s->kind == NTP && n == 48) {
		memcpy(ntp + 12, "GPS", 4);
		memcpy(ntp + 24, asked + 40, 8);
		text = ntp;
		size = sizeof(ntp);
	} else if (s->kind == TFTP) {
		text = "\0\5\0\1no such file";
		size = 17;
	}
	(void)sendto(fd, text, size, 0, to, len);
}

static void *serve(void *unused)
{
	struct pollfd p[SERVERS + 1];

	(void)unused;
	for (unsigned i = 0; i < nservers; i++)
		p[i] = (struct pollfd){ servers[i].fd, POLLIN, 0 };
	p[nservers] = (struct pollfd){ stop[0], POLLIN, 0 };
	while (poll(p, nservers + 1, -1) > 0 && !p[nservers].revents) {
		for (unsigned i = 0; i < nservers; i++) {
			struct sockaddr_storage from;
			socklen_t len = sizeof(from);
			char asked[2048];
			ssize_t n;

			if (!p[i].revents)
				continue;
			n = recvfrom(servers[i].fd, asked, sizeof(asked), 0,
				     (struct sockaddr *)&from, &len);
			if (n >= 0)
				reply(&servers[i], asked, n,
				      (struct sockaddr *)&from, len);
		}
	}
	return NULL;
}

static uint16_t add_server(const char *address, enum kind kind, uint16_t port)
{
	struct server *s = &servers[nservers++];
	uint16_t other = 0;

	s->kind = kind;
	s->port = port;
	s->fd = bind_udp(address, &s->port);
	s->other = bind_udp(address, &other);
	ck_assert_int_ge(s->fd, 0);
	ck_assert_int_ge(s->other, 0);
	return s->port;
}

static void start(void)
{
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
}

static void setup(void)
{
	nservers = 0;
	ck_assert_int_eq(pipe(stop), 0);
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_scan_opts_new(ctx, &opts), 0);
	ck_assert_int_eq(sm_scan_opts_set_protocol(opts, SM_SCAN_UDP), 0);
	ck_assert_int_eq(sm_scan_opts_set_show(opts, SM_SCAN_SHOW_ALL), 0);
}

static void teardown(void)
{
	if (nservers) {
		ck_assert_int_eq((int)write(stop[1], "", 1), 1);
		pthread_join(thread, NULL);
	}
	for (unsigned i = 0; i < nservers; i++) {
		close(servers[i].fd);
		close(servers[i].other);
	}
	close(stop[0]);
	close(stop[1]);
	sm_scan_opts_free(opts);
	sm_ctx_unref(ctx);
}

struct seen {
	unsigned ports, by_state[6], findings;
	uint8_t state[65536];
	char reason[32], protocol[8], service[32], info[128], method[16];
	unsigned char banner[256];
	size_t banner_len;
	int32_t pid;
	int64_t open_filtered;
	uint16_t port; /* whose details these are */
	bool twice;
};

static int see(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_port *p = sm_record_port(rec);
	struct seen *s = user;
	const void *banner;

	s->findings += sm_event_kind(ev) == SM_EVENT_FINDING;
	if (sm_record_kind(rec) == SM_KIND_HOST) {
		int f = sm_kind_field(SM_KIND_HOST, "open_filtered");
		int m = sm_kind_field(SM_KIND_HOST, "method");

		s->open_filtered = sm_record_field_int(rec, (size_t)f);
		snprintf(s->method, sizeof(s->method), "%s",
			 sm_record_field_str(rec, (size_t)m));
	}
	if (!p)
		return SM_CONTINUE;
	s->ports++;
	s->by_state[sm_port_state(p)]++;
	s->twice |= s->state[sm_port_number(p)] != 0;
	s->state[sm_port_number(p)] = (uint8_t)sm_port_state(p);
	if (sm_port_number(p) != s->port)
		return SM_CONTINUE;
	snprintf(s->reason, sizeof(s->reason), "%s", sm_port_reason(p));
	snprintf(s->protocol, sizeof(s->protocol), "%s", sm_port_protocol(p));
	snprintf(s->service, sizeof(s->service), "%s", sm_port_service(p));
	snprintf(s->info, sizeof(s->info), "%s", sm_port_info(p));
	banner = sm_port_banner(p, &s->banner_len);
	memcpy(s->banner, banner, s->banner_len);
	s->pid = sm_port_pid(p);
	return SM_CONTINUE;
}

/* The ports; details of one. */
static struct seen *scan(const char *target, const char *ports, uint16_t port)
{
	struct seen *s = calloc(1, sizeof(*s));
	int r;

	ck_assert_ptr_nonnull(s);
	s->port = port;
	ck_assert_int_eq(sm_scan_opts_add_target(opts, target), 0);
	if (ports)
		ck_assert_int_eq(sm_scan_opts_set_ports(opts, ports), 0);
	r = sm_scan_ports(ctx, opts, see, s);
	ck_assert_msg(r == 0, "%d: %s", r, sm_ctx_errmsg(ctx));
	ck_assert(!s->twice);
	ck_assert_str_eq(s->method, "udp");
	return s;
}

static struct seen *scan_one(const char *target, uint16_t port)
{
	char text[8];

	snprintf(text, sizeof(text), "%u", port);
	return scan(target, text, port);
}

static const char *const addresses[] = { "127.0.0.1", "::1" };

START_TEST(a_port_that_answers_is_open_and_its_bytes_are_the_banner)
{
	uint16_t port = add_server(addresses[_i], ANSWERS, 0);
	struct seen *s;

	start();
	s = scan_one(addresses[_i], port);
	ck_assert_int_eq(s->state[port], SM_PORT_OPEN);
	ck_assert_str_eq(s->reason, "udp-response");
	ck_assert_str_eq(s->protocol, "udp");
	ck_assert_uint_eq(s->banner_len, 5);
	ck_assert_mem_eq(s->banner, "hello", 5);
	ck_assert_int_eq(s->pid, getpid());
	free(s);
}
END_TEST

START_TEST(a_port_that_nobody_has_is_closed)
{
	uint16_t port = 0;
	struct seen *s;

	close(bind_udp(addresses[_i], &port));
	s = scan_one(addresses[_i], port);
	ck_assert_int_eq(s->state[port], SM_PORT_CLOSED);
	ck_assert_str_eq(s->reason, "port-unreachable");
	ck_assert_int_eq(s->open_filtered, 0);
	free(s);
}
END_TEST

static const struct {
	enum kind kind;
	int state;
	size_t banner;
} odd[] = {
	{ SILENT, SM_PORT_OPEN_FILTERED, 0 },
	{ MOVED, SM_PORT_OPEN_FILTERED, 0 },
	{ EMPTY, SM_PORT_OPEN, 0 },
	{ HUGE, SM_PORT_OPEN, 256 },
	{ HOSTILE, SM_PORT_OPEN, 11 },
};

START_TEST(odd_servers_are_told_as_what_they_are)
{
	uint16_t port = add_server("127.0.0.1", odd[_i].kind, 0);
	struct seen *s;

	start();
	s = scan_one("127.0.0.1", port);
	ck_assert_int_eq(s->state[port], odd[_i].state);
	ck_assert_uint_eq(s->banner_len, odd[_i].banner);
	/* Who has the socket is known all the same. */
	ck_assert_int_eq(s->pid, getpid());
	ck_assert_uint_eq(s->findings, 0);
	free(s);
}
END_TEST

START_TEST(what_answers_says_what_it_is)
{
	struct seen *s;

	if (!net_unshare())
		return;
	add_server("127.0.0.1", NTP, 123);
	add_server("127.0.0.1", TFTP, 69);
	start();
	s = scan("127.0.0.1", NULL, 123);
	ck_assert_int_eq(s->state[123], SM_PORT_OPEN);
	ck_assert_str_eq(s->service, "ntp");
	ck_assert_str_eq(s->info, "version 4; stratum 1; source GPS");
	/* It answers from another port, as its protocol says. */
	ck_assert_int_eq(s->state[69], SM_PORT_OPEN);
	ck_assert_int_eq(s->state[53], SM_PORT_CLOSED);
	ck_assert_int_eq(s->state[51820], SM_PORT_CLOSED);
	ck_assert_uint_gt(s->ports, 30);
	ck_assert_uint_eq(s->by_state[SM_PORT_OPEN], 2);
	free(s);
}
END_TEST

static const struct {
	unsigned fds; /* besides those that are there */
	uint32_t threads;
} ways[] = {
	{ 0, 1 },
	{ 0, 3 },
	{ 10, 1 },
};

/* Also no socket of the scan that has such a port. */
START_TEST(all_ports_of_a_namespace_are_exact)
{
	struct rlimit limit, before;
	bool alone = net_unshare();
	struct seen *s;

	if (!alone)
		return;
	add_server("127.0.0.1", ANSWERS, 40001);
	add_server("127.0.0.1", SILENT, 40002);
	add_server("127.0.0.1", ANSWERS, 50003);
	for (unsigned i = 0; i < nservers; i++) {
		close(servers[i].other);
		servers[i].other = dup(2);
	}
	start();
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, ways[_i].threads), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	if (ways[_i].fds) {
		limit.rlim_cur = (rlim_t)net_count_fds() + ways[_i].fds;
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	}
	s = scan("127.0.0.1", "all", 40002);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_uint_eq(s->ports, 65535);
	ck_assert_int_eq(s->state[40001], SM_PORT_OPEN);
	ck_assert_int_eq(s->state[40002], SM_PORT_OPEN_FILTERED);
	ck_assert_int_eq(s->state[50003], SM_PORT_OPEN);
	ck_assert_uint_eq(s->by_state[SM_PORT_CLOSED], 65532);
	ck_assert_int_eq(s->open_filtered, 1);
	free(s);
}
END_TEST

START_TEST(silent_ports_are_no_records_where_open_ones_are_shown)
{
	uint16_t port = add_server("127.0.0.1", SILENT, 0);
	struct seen *s;

	start();
	ck_assert_int_eq(sm_scan_opts_set_show(opts, SM_SCAN_SHOW_OPEN), 0);
	s = scan_one("127.0.0.1", port);
	ck_assert_uint_eq(s->ports, 0);
	ck_assert_uint_eq(s->findings, 0);
	ck_assert_int_eq(s->open_filtered, 1);
	free(s);
}
END_TEST

START_TEST(services_open_no_connection)
{
	uint16_t port = 0;
	int tcp = net_listen("127.0.0.1", &port);
	struct pollfd p = { tcp, POLLIN, 0 };
	struct seen *s;

	ck_assert_int_ge(tcp, 0);
	add_server("127.0.0.1", ANSWERS, port);
	start();
	ck_assert_int_eq(sm_scan_opts_set_services(opts, 1), 0);
	s = scan_one("127.0.0.1", port);
	ck_assert_int_eq(s->state[port], SM_PORT_OPEN);
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	close(tcp);
	free(s);
}
END_TEST

START_TEST(a_method_of_tcp_is_an_error)
{
	static const int methods[] = { SM_SCAN_CONNECT, SM_SCAN_SYN };

	ck_assert_int_eq(sm_scan_opts_add_target(opts, "127.0.0.1"), 0);
	ck_assert_int_eq(sm_scan_opts_set_method(opts, methods[_i]), 0);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, see, NULL), -EINVAL);
	ck_assert_msg(strstr(sm_ctx_errmsg(ctx), "is one of TCP") != NULL, "%s",
		      sm_ctx_errmsg(ctx));
}
END_TEST

START_TEST(a_protocol_is_tcp_or_udp)
{
	ck_assert_int_eq(sm_scan_opts_set_protocol(NULL, 0), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_protocol(opts, 2), -EINVAL);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, see, NULL), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scan-udp");
	TCase *tc = tcase_create("scan-udp");
	SRunner *run;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(
		tc, a_port_that_answers_is_open_and_its_bytes_are_the_banner, 0,
		2);
	tcase_add_loop_test(tc, a_port_that_nobody_has_is_closed, 0, 2);
	tcase_add_loop_test(tc, odd_servers_are_told_as_what_they_are, 0,
			    sizeof(odd) / sizeof(odd[0]));
	tcase_add_test(tc, what_answers_says_what_it_is);
	tcase_add_loop_test(tc, all_ports_of_a_namespace_are_exact, 0,
			    sizeof(ways) / sizeof(ways[0]));
	tcase_add_test(tc,
		       silent_ports_are_no_records_where_open_ones_are_shown);
	tcase_add_test(tc, services_open_no_connection);
	tcase_add_loop_test(tc, a_method_of_tcp_is_an_error, 0, 2);
	tcase_add_test(tc, a_protocol_is_tcp_or_udp);
	suite_add_tcase(s, tc);
	run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? 1 : 0;
}
