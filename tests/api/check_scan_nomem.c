/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

#include "net.h"
#include "nomem.h"

/* So many that open ones may be held back. */
#define MANY 201

static char few[32], many[8 * MANY];
static const char *ports;
static int nopen;

static int count_open(const sm_event *ev, void *user)
{
	*(int *)user += sm_record_port(sm_event_record(ev)) != NULL;
	return SM_CONTINUE;
}

static int set_up(sm_ctx *ctx, sm_scan_opts **opts)
{
	int r = sm_scan_opts_new(ctx, opts);

	if (r == 0)
		r = sm_scan_opts_add_target(*opts, "127.0.0.1");
	if (r == 0)
		r = sm_scan_opts_add_exclude(*opts, "192.0.2.0/24");
	if (r == 0)
		r = sm_scan_opts_add_exclude_file(*opts, "/dev/null");
	return r < 0 ? r : sm_scan_opts_set_ports(*opts, ports);
}

/* By the number of the round, from 1. */
static uint32_t threads;
static int services;
static char state[64];

static void scan(void *user)
{
	sm_scan_opts *opts = NULL;
	sm_ctx *ctx = NULL;
	int found = 0, r = sm_ctx_new(&ctx), failed;

	(void)user;
	if (r == 0)
		r = set_up(ctx, &opts);
	if (r == 0)
		r = sm_scan_opts_set_threads(opts, threads);
	if (r == 0)
		r = sm_scan_opts_set_max_inflight(opts, 8);
	if (r == 0 && services)
		r = sm_scan_opts_set_services(opts, 1);
	if (r == 0 && services)
		r = sm_scan_opts_set_service_timeout_ms(opts, 1);
	if (r == 0 && threads == 1)
		r = sm_scan_opts_set_resume(opts, state);
	if (r == 0)
		r = sm_scan_ports(ctx, opts, count_open, &found);
	failed = nomem_pause();
	unlink(state);
	sm_scan_opts_free(opts);
	sm_ctx_unref(ctx);
	if (!failed || r == 0)
		ck_assert_int_eq(found, nopen);
	if (failed)
		ck_assert_msg(r == 0 || r == -ENOMEM, "%d", r);
	else
		ck_assert_int_eq(r, 0);
}

static void listen_at_many(void)
{
	size_t len = 0;

	for (int i = 0; i < MANY; i++) {
		uint16_t port = 0;

		ck_assert_int_ge(net_listen("127.0.0.1", &port), 0);
		len += (size_t)snprintf(many + len, sizeof(many) - len, ",%u",
					(unsigned)port);
	}
	ports = many + 1;
	nopen = MANY;
}

START_TEST(a_scan_survives_any_failed_allocation)
{
	ports = few;
	nopen = 1;
	if (_i > 3)
		listen_at_many();
	threads = _i == 2 || _i == 5 ? 2 : 1;
	services = _i == 3;
	/* Where a sync costs nothing, if there is such a place. */
	snprintf(state, sizeof(state), "%s/check_scan_nomem.%d",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
		 (int)getpid());
	ck_assert_int_gt(nomem_sweep(scan, NULL), 10);
}
END_TEST

/* The port is asked, and whatever it says is read. */
static char udp_ports[32];

static void scan_udp(void *user)
{
	sm_scan_opts *opts = NULL;
	sm_ctx *ctx = NULL;
	int found = 0, r = sm_ctx_new(&ctx), failed;

	(void)user;
	if (r == 0)
		r = set_up(ctx, &opts);
	if (r == 0)
		r = sm_scan_opts_set_ports(opts, udp_ports);
	if (r == 0)
		r = sm_scan_opts_set_protocol(opts, SM_SCAN_UDP);
	if (r == 0)
		r = sm_scan_ports(ctx, opts, count_open, &found);
	failed = nomem_pause();
	sm_scan_opts_free(opts);
	sm_ctx_unref(ctx);
	if (!failed || r == 0)
		ck_assert_int_eq(found, 1);
	if (failed)
		ck_assert_msg(r == 0 || r == -ENOMEM, "%d", r);
	else
		ck_assert_int_eq(r, 0);
}

/* Answers until it is killed. */
static pid_t serve_udp(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(a);
	char asked[64];
	pid_t pid;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	snprintf(udp_ports, sizeof(udp_ports), "%u", ntohs(a.sin_port));
	pid = fork();
	ck_assert_int_ge(pid, 0);
	while (!pid) {
		len = sizeof(a);
		if (recvfrom(fd, asked, sizeof(asked), 0, (struct sockaddr *)&a,
			     &len) >= 0)
			(void)!sendto(fd, "hello", 5, 0, (struct sockaddr *)&a,
				      len);
	}
	close(fd);
	return pid;
}

START_TEST(a_scan_of_udp_survives_any_failed_allocation)
{
	pid_t server = serve_udp();
	int n = nomem_sweep(scan_udp, NULL);

	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	ck_assert_int_gt(n, 10);
}
END_TEST

static void list(void *user)
{
	sm_ctx *ctx = NULL;
	int found = 0, r = sm_ctx_new(&ctx), failed;

	(void)user;
	if (r == 0)
		r = sm_list_listeners(ctx, NULL, count_open, &found);
	failed = nomem_pause();
	sm_ctx_unref(ctx);
	if (r == 0)
		ck_assert_int_ge(found, 1);
	if (failed)
		ck_assert_msg(r == 0 || r == -ENOMEM, "%d", r);
	else
		ck_assert_int_eq(r, 0);
}

START_TEST(a_list_of_listeners_survives_any_failed_allocation)
{
	ck_assert_int_gt(nomem_sweep(list, NULL), 5);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("scan-nomem");
	TCase *tc = tcase_create("scan-nomem");
	uint16_t open_port = 0;
	SRunner *run;
	int failed;

	(void)argc;
	nomem_preload(argv);
	/* glibc's first look into the user database does not survive a failed
	 * allocation; later ones do. */
	(void)getpwuid(getuid());
	if (net_listen("127.0.0.1", &open_port) < 0)
		return EXIT_FAILURE;
	snprintf(few, sizeof(few), "1,%u", open_port);
	tcase_add_loop_test(tc, a_scan_survives_any_failed_allocation, 1, 6);
	tcase_add_test(tc, a_scan_of_udp_survives_any_failed_allocation);
	tcase_add_test(tc, a_list_of_listeners_survives_any_failed_allocation);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
