/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysmon/sysmon.h>
#include <time.h>
#include <unistd.h>

#include "net.h"
#include "scan-rig.h"

static const char *const methods[] = {
	[SM_SCAN_CONNECT] = "connect",
	[SM_SCAN_SYN] = "syn",
};

struct detail {
	uint16_t port;
	char process[64], user[64], address[64], reason[32], host[64];
	char service[32], protocol[8];
	int32_t pid;
	int64_t rtt, time;
	sm_record *kept;
};

static int keep(const sm_event *ev, void *user)
{
	const sm_port *p = sm_record_port(sm_event_record(ev));
	struct detail *d = user;

	if (!p || sm_port_number(p) != d->port)
		return SM_CONTINUE;
	snprintf(d->process, sizeof(d->process), "%s", sm_port_process(p));
	snprintf(d->user, sizeof(d->user), "%s", sm_port_user(p));
	snprintf(d->address, sizeof(d->address), "%s", sm_port_address(p));
	snprintf(d->reason, sizeof(d->reason), "%s", sm_port_reason(p));
	snprintf(d->host, sizeof(d->host), "%s", sm_port_hostname(p));
	snprintf(d->service, sizeof(d->service), "%s", sm_port_service(p));
	snprintf(d->protocol, sizeof(d->protocol), "%s", sm_port_protocol(p));
	d->pid = sm_port_pid(p);
	d->rtt = sm_port_rtt_ns(p);
	d->time = sm_port_time(p);
	d->kept = sm_record_ref(sm_event_record(ev));
	return SM_CONTINUE;
}

static void list_port(char *text, size_t size, uint16_t port)
{
	snprintf(text, size, "%u", port);
}

START_TEST(an_open_port_is_told_with_the_process_behind_it)
{
	struct detail d = { .port = 0 };
	char ports[16], comm[64] = "";
	int fd = net_listen("127.0.0.1", &d.port);
	FILE *f = fopen("/proc/self/comm", "r");
	const struct passwd *me = getpwuid(geteuid());
	time_t now = time(NULL);

	ck_assert_int_ge(fd, 0);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%63[^\n]", comm), 1);
	fclose(f);
	list_port(ports, sizeof(ports), d.port);
	set("127.0.0.1", ports, SM_SCAN_SHOW_OPEN);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, keep, &d), 0);
	ck_assert_ptr_nonnull(d.kept);
	ck_assert_str_eq(d.address, "127.0.0.1");
	ck_assert_str_eq(d.protocol, "tcp");
	ck_assert_str_eq(d.reason, "syn-ack");
	ck_assert_str_eq(d.host, "");
	ck_assert_str_eq(d.process, comm);
	if (me)
		ck_assert_str_eq(d.user, me->pw_name);
	ck_assert_int_gt(d.rtt, 0);
	ck_assert_int_lt(d.time / 1000000000 - now, 60);
	ck_assert_int_ge(d.time / 1000000000, now);
	ck_assert_uint_eq(strlen(sm_record_id(d.kept)), 32);
	/* With CK_FORK=no the parent is not another process. */
	ck_assert_int_eq(d.pid, getpid());
	sm_record_unref(d.kept);
	close(fd);
}
END_TEST

START_TEST(open_and_closed_ports_are_told_apart)
{
	struct seen *s = new_seen();
	uint16_t listens[8] = { 0 }, held[8] = { 0 };
	char ports[128] = "";
	int fds[16];

	for (int i = 0; i < 8; i++) {
		fds[i] = net_listen("127.0.0.1", &listens[i]);
		fds[8 + i] = net_hold("127.0.0.1", &held[i]);
		ck_assert(fds[i] >= 0 && fds[8 + i] >= 0);
		snprintf(ports + strlen(ports), sizeof(ports) - strlen(ports),
			 "%s%u,%u", i ? "," : "", listens[i], held[i]);
	}
	set("127.0.0.1", ports, SM_SCAN_SHOW_ALL);
	run(s);
	ck_assert_uint_eq(s->ports, 16);
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(s->state[listens[i]], SM_PORT_OPEN);
		ck_assert_int_eq(s->state[held[i]], SM_PORT_CLOSED);
		close(fds[i]);
		close(fds[8 + i]);
	}
	ck_assert_uint_eq(s->hosts, 1);
	ck_assert_str_eq(s->host_state, "up");
	ck_assert_int_eq(s->host_open, 8);
	ck_assert_int_eq(s->host_closed, 8);
	ck_assert_int_eq(s->host_filtered, 0);
	ck_assert_int_ge(s->host_probes, 16);
	free(s);
}
END_TEST

/* Listeners on drawn ports of 127.0.0.1: so many, and what they are; the first of a test
 * forget those of another. */
static int many[64];
static int nmany;

static void listen_many(int n, bool *known)
{
	if (!nmany)
		memset(known, 0, 65536 * sizeof(*known));
	for (int i = 0; i < n; i++) {
		uint16_t port = 0;

		many[nmany] = net_listen("127.0.0.1", &port);
		ck_assert_int_ge(many[nmany++], 0);
		known[port] = true;
	}
}

static void close_many(void)
{
	while (nmany)
		close(many[--nmany]);
}

/* Descriptors that may be open; gives what was allowed before. */
static rlim_t limit_fds(rlim_t n)
{
	struct rlimit limit;
	rlim_t before;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	before = limit.rlim_cur;
	limit.rlim_cur = n;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

static void check_exact(const struct seen *s, const bool *known, bool alone)
{
	for (int p = 1; p < 65536; p++) {
		int right = known[p] ? SM_PORT_OPEN : SM_PORT_CLOSED;

		if (s->state[p] != right && (alone || known[p]))
			ck_abort_msg("port %d, listening: %d, is told as %d", p,
				     known[p], s->state[p]);
	}
}

/* Both find the same; false where a raw socket is not allowed. */
static bool set_method(int method)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_TCP);

	if (fd >= 0)
		close(fd);
	if (method == SM_SCAN_SYN && fd < 0) {
		printf("no raw sockets here: not tested\n");
		return false;
	}
	ck_assert_int_eq(sm_scan_opts_set_method(opts, method), 0);
	return true;
}

START_TEST(all_ports_of_loopback_give_exactly_the_listeners)
{
	static bool known[65536];
	struct seen *s = new_seen();
	bool alone = net_unshare();
	int before;

	listen_many(50, known);
	before = net_count_fds();
	set("127.0.0.1", "all", SM_SCAN_SHOW_ALL);
	if (set_method(_i)) {
		run(s);
		ck_assert_uint_eq(s->ports, 65535);
		ck_assert_uint_eq(s->filtered, 0);
		ck_assert_str_eq(s->method, methods[_i]);
		check_exact(s, known, alone);
		ck_assert_int_eq(net_count_fds(), before);
	}
	close_many();
	free(s);
}
END_TEST

START_TEST(thirty_two_descriptors_find_the_same)
{
	static bool known[65536];
	struct seen *s = new_seen();
	bool alone = net_unshare();
	rlim_t before;

	listen_many(10, known);
	before = limit_fds(32);
	set("127.0.0.1", "all", SM_SCAN_SHOW_ALL);
	set_method(SM_SCAN_CONNECT);
	run(s);
	limit_fds(before);
	ck_assert_uint_eq(s->ports, 65535);
	check_exact(s, known, alone);
	close_many();
	free(s);
}
END_TEST

START_TEST(descriptors_that_run_out_are_never_closed_ports)
{
	static bool known[65536];
	struct seen *s = new_seen();
	bool alone = net_unshare();
	rlim_t before;

	listen_many(10, known);
	/* Room for the job, and for three sockets besides. */
	before = limit_fds((rlim_t)net_count_fds() + 6);
	ck_assert_int_eq(sm_scan_opts_set_fields(opts, "port,state"), 0);
	set("127.0.0.1", "all", SM_SCAN_SHOW_ALL);
	set_method(SM_SCAN_CONNECT);
	run(s);
	limit_fds(before);
	ck_assert_uint_eq(s->ports, 65535);
	check_exact(s, known, alone);
	close_many();
	free(s);
}
END_TEST

/* A socket of one thread never meets that of another half way, which would be
 * an open port. */
START_TEST(any_number_of_threads_finds_the_same)
{
	static bool known[65536];
	struct seen *s = new_seen();
	bool alone = net_unshare();
	int before;

	listen_many(10, known);
	before = net_count_fds();
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, threads[_i]), 0);
	set("127.0.0.1", "32000-61000", SM_SCAN_SHOW_ALL);
	run(s);
	ck_assert_uint_eq(s->ports, 29001);
	for (int p = 32000; p <= 61000; p++)
		if (s->state[p] != (known[p] ? SM_PORT_OPEN : SM_PORT_CLOSED) &&
		    (alone || known[p]))
			ck_abort_msg("port %d is told as %d", p, s->state[p]);
	ck_assert_uint_eq(s->hosts, 1);
	ck_assert_str_eq(s->host_state, "up");
	ck_assert_int_eq(s->host_open + s->host_closed, 29001);
	ck_assert_int_ge(s->host_probes, 29001);
	ck_assert_int_eq(net_count_fds(), before);
	close_many();
	free(s);
}
END_TEST

START_TEST(a_tiny_local_port_range_finds_the_same)
{
	static bool known[65536];
	struct seen *s = new_seen();
	FILE *f;

	if (!net_unshare() ||
	    !(f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "w"))) {
		printf("no network namespace of our own: not tested\n");
		free(s);
		return;
	}
	fprintf(f, "40000 40063\n");
	ck_assert_int_eq(fclose(f), 0);
	listen_many(10, known);
	set("127.0.0.1", "all", SM_SCAN_SHOW_ALL);
	set_method(SM_SCAN_CONNECT);
	run(s);
	ck_assert_uint_eq(s->ports, 65535);
	check_exact(s, known, true);
	close_many();
	free(s);
}
END_TEST

START_TEST(listeners_of_ipv6_and_of_both_families_are_found)
{
	uint16_t six = 0, both = 0;
	int fd6 = net_listen("::1", &six), fd = net_listen("::", &both);
	struct detail d = { .port = 0 };
	char ports[32];

	if (fd6 < 0 || fd < 0) {
		printf("no IPv6 here: not tested\n");
		return;
	}
	snprintf(ports, sizeof(ports), "%u,%u", six, both);
	set("::1", ports, SM_SCAN_SHOW_OPEN);
	ck_assert_int_eq(sm_scan_opts_add_target(opts, "127.0.0.1"), 0);
	d.port = six;
	ck_assert_int_eq(sm_scan_ports(ctx, opts, keep, &d), 0);
	ck_assert_str_eq(d.address, "::1");
	ck_assert_int_eq(d.pid, getpid());
	sm_record_unref(d.kept);
	sm_scan_opts_free(opts);
	ck_assert_int_eq(sm_scan_opts_new(ctx, &opts), 0);
	set("127.0.0.1", ports, SM_SCAN_SHOW_OPEN);
	d = (struct detail){ .port = both };
	ck_assert_int_eq(sm_scan_ports(ctx, opts, keep, &d), 0);
	ck_assert_str_eq(d.address, "127.0.0.1");
	ck_assert_int_eq(d.pid, getpid());
	sm_record_unref(d.kept);
	close(fd6);
	close(fd);
}
END_TEST

START_TEST(only_the_chosen_fields_are_made)
{
	struct detail d = { .port = 0 };
	int fd = net_listen("127.0.0.1", &d.port);
	char ports[16];

	ck_assert_int_ge(fd, 0);
	list_port(ports, sizeof(ports), d.port);
	set("127.0.0.1", ports, SM_SCAN_SHOW_OPEN);
	ck_assert_int_eq(sm_scan_opts_set_fields(opts, "port, state"), 0);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, keep, &d), 0);
	ck_assert_ptr_nonnull(d.kept);
	for (size_t f = 0; f < sm_kind_nfields(SM_KIND_PORT); f++) {
		const char *name = sm_kind_field_name(SM_KIND_PORT, f);
		int chosen = !strcmp(name, "port") || !strcmp(name, "state");

		ck_assert_msg(!!sm_record_has_field(d.kept, f) == chosen, "%s",
			      name);
	}
	sm_record_unref(d.kept);
	close(fd);
}
END_TEST

START_TEST(a_name_is_resolved_and_stays_with_its_ports)
{
	struct detail d = { .port = 0 };
	int fd = net_listen("127.0.0.1", &d.port);
	char ports[16];

	ck_assert_int_ge(fd, 0);
	list_port(ports, sizeof(ports), d.port);
	set("localhost", ports, SM_SCAN_SHOW_OPEN);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, keep, &d), 0);
	ck_assert_str_eq(d.host, "localhost");
	sm_record_unref(d.kept);
	close(fd);
}
END_TEST

START_TEST(a_name_without_an_address_is_an_error_that_names_it)
{
	struct seen *s = new_seen();

	set("no-such-host.invalid", "22", SM_SCAN_SHOW_ALL);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, see, s), -ENOENT);
	ck_assert_ptr_nonnull(
		strstr(sm_ctx_errmsg(ctx), "no-such-host.invalid"));
	/* With another target it is a notice, and a host that is unknown. */
	ck_assert_int_eq(sm_scan_opts_add_target(opts, "127.0.0.1"), 0);
	run(s);
	ck_assert_uint_eq(s->hosts, 2);
	ck_assert_uint_eq(s->ports, 1);
	ck_assert_ptr_nonnull(strstr(s->notice, "no-such-host.invalid"));
	free(s);
}
END_TEST

START_TEST(excluded_addresses_are_not_probed)
{
	struct seen *s = new_seen();

	ck_assert_int_eq(sm_scan_opts_add_exclude(opts, "127.0.0.0/8"), 0);
	set("127.0.0.1", "22", SM_SCAN_SHOW_ALL);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, see, s), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "excluded"));
	free(s);
}
END_TEST

START_TEST(syn_without_raw_sockets_is_an_error_and_auto_goes_on)
{
	struct seen *s = new_seen();

	if (geteuid() == 0)
		ck_assert_int_eq(setuid(65534), 0);
	set("127.0.0.1", "1-10", SM_SCAN_SHOW_ALL);
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, threads[_i]), 0);
	run(s);
	ck_assert_str_eq(s->method, "connect");
	ck_assert_uint_eq(s->notices, 1);
	ck_assert_ptr_nonnull(strstr(s->notice, "goes by connect"));
	free(s);
	s = new_seen();
	ck_assert_int_eq(sm_scan_opts_set_method(opts, SM_SCAN_CONNECT), 0);
	run(s);
	ck_assert_uint_eq(s->notices, 0);
	ck_assert_int_eq(sm_scan_opts_set_method(opts, SM_SCAN_SYN), 0);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, see, s), -EPERM);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "CAP_NET_RAW"));
	free(s);
}
END_TEST

START_TEST(many_hosts_each_have_their_record)
{
	struct seen *s = new_seen();

	ck_assert_int_eq(sm_scan_opts_set_threads(opts, threads[_i]), 0);
	ck_assert_int_eq(sm_scan_opts_set_fields(opts, "address"), 0);
	ck_assert_int_eq(sm_scan_opts_add_target(opts, "127.0.0.0/23"), 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, "1-2"), 0);
	run(s);
	ck_assert_uint_eq(s->hosts, 512);
	ck_assert_int_eq(s->host_closed, 1024);
	free(s);
}
END_TEST

static Suite *scan_suite(void)
{
	Suite *s = suite_create("scan");
	TCase *tc = tcase_create("scan");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, an_open_port_is_told_with_the_process_behind_it);
	tcase_add_test(tc, open_and_closed_ports_are_told_apart);
	tcase_add_loop_test(tc,
			    all_ports_of_loopback_give_exactly_the_listeners,
			    SM_SCAN_CONNECT, SM_SCAN_SYN + 1);
	tcase_add_test(tc, thirty_two_descriptors_find_the_same);
	tcase_add_test(tc, descriptors_that_run_out_are_never_closed_ports);
	tcase_add_loop_test(tc, any_number_of_threads_finds_the_same, 1, 3);
	tcase_add_test(tc, a_tiny_local_port_range_finds_the_same);
	tcase_add_test(tc, listeners_of_ipv6_and_of_both_families_are_found);
	tcase_add_test(tc, only_the_chosen_fields_are_made);
	tcase_add_test(tc, a_name_is_resolved_and_stays_with_its_ports);
	tcase_add_test(tc, a_name_without_an_address_is_an_error_that_names_it);
	tcase_add_test(tc, excluded_addresses_are_not_probed);
	if (!getenv("CK_FORK") || strcmp(getenv("CK_FORK"), "no"))
		tcase_add_loop_test(
			tc,
			syn_without_raw_sockets_is_an_error_and_auto_goes_on, 0,
			2);
	tcase_add_loop_test(tc, many_hosts_each_have_their_record, 0, 3);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	SRunner *run_all = srunner_create(scan_suite());
	int failed;

	srunner_run_all(run_all, CK_ENV);
	failed = srunner_ntests_failed(run_all);
	srunner_free(run_all);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
