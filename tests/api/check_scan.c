/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysmon/sysmon.h>
#include <time.h>
#include <unistd.h>

#include "net.h"

static sm_ctx *ctx;
static sm_scan_opts *opts;

static const uint32_t threads[] = { 1, 2, 7 };

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_scan_opts_new(ctx, &opts), 0);
}

static void teardown(void)
{
	sm_scan_opts_free(opts);
	sm_ctx_unref(ctx);
}

/* What a scan told: by port, and counts. */
struct seen {
	uint8_t state[65536];
	unsigned twice, ports, open, closed, filtered, hosts, notices, progress;
	int64_t host_open, host_closed, host_filtered, host_probes;
	char host_state[16], method[16], notice[256];
	int32_t pid;
	int stop_after;
};

static int64_t field(const sm_record *rec, int kind, const char *name)
{
	int f = sm_kind_field(kind, name);

	ck_assert_int_ge(f, 0);
	return sm_record_field_int(rec, (size_t)f);
}

static void see_host(struct seen *s, const sm_record *rec)
{
	int f = sm_kind_field(SM_KIND_HOST, "state");
	int m = sm_kind_field(SM_KIND_HOST, "method");

	s->hosts++;
	snprintf(s->method, sizeof(s->method), "%s",
		 sm_record_field_str(rec, (size_t)m));
	s->host_open += field(rec, SM_KIND_HOST, "open");
	s->host_closed += field(rec, SM_KIND_HOST, "closed");
	s->host_filtered += field(rec, SM_KIND_HOST, "filtered");
	s->host_probes += field(rec, SM_KIND_HOST, "probes");
	snprintf(s->host_state, sizeof(s->host_state), "%s",
		 sm_record_field_str(rec, (size_t)f));
}

static int see(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_port *p = sm_record_port(rec);
	struct seen *s = user;

	s->progress += sm_event_kind(ev) == SM_EVENT_PROGRESS;
	if (sm_event_kind(ev) == SM_EVENT_NOTICE) {
		s->notices++;
		snprintf(s->notice, sizeof(s->notice), "%s",
			 sm_notice_text(sm_record_notice(rec)));
	}
	if (sm_record_kind(rec) == SM_KIND_HOST)
		see_host(s, rec);
	if (!p)
		return SM_CONTINUE;
	/* Each assertion of Check is a write(2), too slow for 65,535 of them. */
	s->twice += s->state[sm_port_number(p)] != 0;
	s->state[sm_port_number(p)] = (uint8_t)sm_port_state(p);
	s->ports++;
	s->open += sm_port_state(p) == SM_PORT_OPEN;
	s->closed += sm_port_state(p) == SM_PORT_CLOSED;
	s->filtered += sm_port_state(p) == SM_PORT_FILTERED;
	if (sm_port_state(p) == SM_PORT_OPEN)
		s->pid = sm_port_pid(p);
	return s->stop_after && (int)s->ports >= s->stop_after ? 7
							       : SM_CONTINUE;
}

static struct seen *new_seen(void)
{
	struct seen *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	return s;
}

static void set(const char *target, const char *ports, int show)
{
	ck_assert_int_eq(sm_scan_opts_add_target(opts, target), 0);
	ck_assert_msg(sm_scan_opts_set_ports(opts, ports) == 0, "%s",
		      sm_ctx_errmsg(ctx));
	ck_assert_int_eq(sm_scan_opts_set_show(opts, show), 0);
}

static void run(struct seen *s)
{
	int r = sm_scan_ports(ctx, opts, see, s);

	ck_assert_uint_eq(s->twice, 0);
	ck_assert_msg(r == 0, "%d: %s", r, sm_ctx_errmsg(ctx));
}

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

/* Listeners on drawn ports of 127.0.0.1: so many, and what they are. */
static int many[64];
static int nmany;

static void listen_many(int n, bool *known)
{
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
	run(s);
	ck_assert_str_eq(s->method, "connect");
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

START_TEST(what_a_callback_gives_ends_the_scan)
{
	struct seen *s = new_seen();
	int before = net_count_fds();

	s->stop_after = 3;
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, threads[_i]), 0);
	set("127.0.0.1", "1-1000", SM_SCAN_SHOW_ALL);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, see, s), 7);
	ck_assert_uint_eq(s->ports, 3);
	ck_assert_int_eq(net_count_fds(), before);
	free(s);
}
END_TEST

/* 192.0.2.1 (RFC 5737) answers nobody; without a route it is told at once, so
 * these scans are held by their rate. */
static sm_job *slow_job(uint32_t n)
{
	sm_job *job = NULL;

	ck_assert_int_eq(sm_scan_opts_set_threads(opts, n), 0);
	set("127.0.0.1", "1-60000", SM_SCAN_SHOW_OPEN);
	ck_assert_int_eq(sm_scan_opts_set_rate_pps(opts, 10), 0);
	ck_assert_int_eq(sm_job_new_scan(ctx, opts, &job), 0);
	return job;
}

static void *cancel_soon(void *job)
{
	struct timespec t = { .tv_nsec = 20000000 };

	nanosleep(&t, NULL);
	sm_job_cancel(job);
	return NULL;
}

START_TEST(another_thread_can_cancel)
{
	struct seen *s = new_seen();
	sm_job *job = slow_job(threads[_i]);
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, job), 0);
	ck_assert_int_eq(sm_job_run(job, see, s), -ECANCELED);
	pthread_join(thread, NULL);
	sm_job_free(job);
	free(s);
}
END_TEST

static int cancel_at_once(const sm_event *ev, void *user)
{
	(void)ev;
	sm_job_cancel(user);
	return SM_CONTINUE;
}

START_TEST(the_callback_can_cancel)
{
	sm_job *job = slow_job(threads[_i]);

	ck_assert_int_eq(sm_job_run(job, cancel_at_once, job), -ECANCELED);
	sm_job_free(job);
}
END_TEST

/* Events are told until there is nothing but to wait. */
static int go_on(sm_job *job)
{
	const sm_event *ev;
	int r;

	do
		r = sm_job_next(job, &ev);
	while (r == 1);
	return r;
}

START_TEST(a_forked_child_can_only_free)
{
	sm_job *job = slow_job(threads[_i]);
	const sm_event *ev;
	int status;
	pid_t pid;

	ck_assert_int_eq(go_on(job), -EAGAIN);
	pid = fork();
	if (pid == 0) {
		int r = sm_job_next(job, &ev);

		sm_job_free(job);
		_exit(r == -EBUSY ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	/* The parent's goes on. */
	ck_assert_int_eq(go_on(job), -EAGAIN);
	sm_job_free(job);
}
END_TEST

START_TEST(a_rate_is_not_exceeded)
{
	struct seen *s = new_seen();
	struct timespec a, b;
	double took;

	set("127.0.0.1", "1-300", SM_SCAN_SHOW_ALL);
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, threads[_i]), 0);
	ck_assert_int_eq(sm_scan_opts_set_rate_pps(opts, 2000), 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	run(s);
	clock_gettime(CLOCK_MONOTONIC, &b);
	took = (double)(b.tv_sec - a.tv_sec) +
	       (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	ck_assert_uint_eq(s->ports, 300);
	/* 300 probes, and 10 ms of them at once, of each thread one at least:
	 * however slow the machine. */
	ck_assert_double_ge(took, 0.135);
	free(s);
}
END_TEST

/* Some events of a job, not all, so that the other has its turn. */
static bool finished(sm_job *job, struct seen *s)
{
	const sm_event *ev;
	int r = 1;

	for (int i = 0; i < 100 && r == 1; i++) {
		r = sm_job_next(job, &ev);
		if (r == 1)
			see(ev, s);
	}
	ck_assert(r == 0 || r == 1 || r == -EAGAIN);
	return r == 0;
}

START_TEST(two_scans_in_one_loop_do_not_mix)
{
	struct seen *s[2] = { new_seen(), new_seen() };
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	uint16_t port[2] = { 0, 0 };
	int fds[2], left = 2;
	sm_job *job[2];

	fds[0] = net_listen("127.0.0.2", &port[0]);
	fds[1] = net_listen("127.0.0.3", &port[1]);
	ck_assert(fds[0] >= 0 && fds[1] >= 0);
	for (int i = 0; i < 2; i++) {
		if (i) {
			sm_scan_opts_free(opts);
			ck_assert_int_eq(sm_scan_opts_new(ctx, &opts), 0);
		}
		set(i ? "127.0.0.3" : "127.0.0.2", "30000-65535",
		    SM_SCAN_SHOW_ALL);
		ck_assert_int_eq(sm_job_new_scan(ctx, opts, &job[i]), 0);
		p[i].fd = sm_job_fd(job[i]);
	}
	while (left) {
		ck_assert_int_gt(poll(p, 2, 10000), 0);
		for (int i = 0; i < 2; i++) {
			if (!p[i].revents || !finished(job[i], s[i]))
				continue;
			p[i].fd = -1;
			left--;
		}
	}
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(s[i]->ports, 35536);
		ck_assert_int_eq(s[i]->state[port[i]], SM_PORT_OPEN);
		sm_job_free(job[i]);
		close(fds[i]);
		free(s[i]);
	}
}
END_TEST

static void on_alarm(int sig)
{
	(void)sig;
}

START_TEST(a_storm_of_signals_changes_nothing)
{
	struct sigaction act = { .sa_handler = on_alarm };
	struct seen *s = new_seen();
	struct itimerspec often = { { 0, 200000 }, { 0, 200000 } };
	timer_t timer;

	ck_assert_int_eq(sigaction(SIGALRM, &act, NULL), 0);
	ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	ck_assert_int_eq(timer_settime(timer, 0, &often, NULL), 0);
	set("127.0.0.1", "1-5000", SM_SCAN_SHOW_ALL);
	run(s);
	timer_delete(timer);
	ck_assert_uint_eq(s->ports, 5000);
	ck_assert_uint_eq(s->filtered, 0);
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
		tcase_add_test(
			tc,
			syn_without_raw_sockets_is_an_error_and_auto_goes_on);
	tcase_add_loop_test(tc, many_hosts_each_have_their_record, 0, 3);
	tcase_add_loop_test(tc, what_a_callback_gives_ends_the_scan, 0, 3);
	tcase_add_loop_test(tc, another_thread_can_cancel, 0, 3);
	tcase_add_loop_test(tc, the_callback_can_cancel, 0, 3);
	tcase_add_loop_test(tc, a_forked_child_can_only_free, 0, 3);
	tcase_add_loop_test(tc, a_rate_is_not_exceeded, 0, 3);
	tcase_add_test(tc, two_scans_in_one_loop_do_not_mix);
	tcase_add_test(tc, a_storm_of_signals_changes_nothing);
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
