/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "detect/detect.h"
#include "detect/port-check.h"
#include "record/build.h"
#include "suite.h"

/* Each check on ports by itself: what it is for, and what looks like it. */
struct port {
	const char *address; /* NULL: another machine's */
	int number;
	int state; /* 0: open */
	const char *service, *product, *bound;
	bool said, anyone, asked, spoke, tunnel, unheard;
	/* Of a certificate: days from now, 0: none. */
	int from, until;
	const char *version, *hostname, *san;
	bool self_signed;
	const char *protocol; /* NULL: "tcp" */
};

/* 2026-01-01 */
#define DAY (86400 * SMI_SEC)
#define NOW (20454 * DAY)

static struct smi_arena arena;

static const struct smi_port_check *check_of(const char *id)
{
	const struct smi_port_check *x;
	size_t theme = 0, at = 0;

	while ((x = smi_port_check_next(&theme, &at)))
		if (strcmp(x->c.id, id) == 0)
			return x;
	ck_abort_msg("no check %s", id);
	return NULL;
}

static void set_str(sm_record *r, unsigned field, const char *s)
{
	if (s)
		smi_set_const(r, field, s);
}

static void set_flag(sm_record *r, unsigned field, bool on)
{
	if (on)
		smi_set_int(r, field, 1);
}

static void set_certificate(sm_record *r, const struct port *p)
{
	const char **names = smi_arena_alloc(&arena, sizeof(*names));

	ck_assert_ptr_nonnull(names);
	names[0] = p->san;
	smi_set_int(r, SMI_PORT_TIME, NOW);
	if (p->from)
		smi_set_int(r, SMI_PORT_TLS_NOT_BEFORE, NOW + p->from * DAY);
	if (p->until)
		smi_set_int(r, SMI_PORT_TLS_NOT_AFTER, NOW + p->until * DAY);
	set_str(r, SMI_PORT_TLS_VERSION, p->version);
	set_str(r, SMI_PORT_HOSTNAME, p->hostname);
	if (p->san)
		smi_set_strs(&arena, r, SMI_PORT_TLS_SAN, names, 1);
	smi_set_int(r, SMI_PORT_TLS_SELF_SIGNED, p->self_signed);
}

static sm_record *record_of(const struct port *p)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PORT);

	smi_set_const(r, SMI_PORT_ADDRESS,
		      p->address ? p->address : "192.0.2.1");
	smi_set_int(r, SMI_PORT_NUMBER, p->number);
	smi_set_int(r, SMI_PORT_STATE_CODE, p->state ? p->state : SM_PORT_OPEN);
	set_str(r, SMI_PORT_PROTOCOL, p->protocol ? p->protocol : "tcp");
	set_str(r, SMI_PORT_SERVICE, p->service);
	set_str(r, SMI_PORT_PRODUCT, p->product);
	set_str(r, SMI_PORT_LISTEN_ADDRESS, p->bound);
	set_str(r, SMI_PORT_TUNNEL, p->tunnel ? "starttls" : NULL);
	set_flag(r, SMI_PORT_SAID, p->said);
	set_flag(r, SMI_PORT_ANYONE, p->anyone);
	set_flag(r, SMI_PORT_ASKED, p->asked);
	set_flag(r, SMI_PORT_SPOKE, p->spoke);
	set_flag(r, SMI_PORT_UNHEARD, p->unheard);
	set_certificate(r, p);
	return r;
}

#define NONE 0
#define SAID .said = true, .asked = true, .spoke = true
/* As the scan makes them of open ports. */
#define UDP .protocol = "udp", .asked = true, .spoke = true

static const struct {
	const char *check;
	int severity; /* NONE: it is not found */
	struct port p;
} rows[] = {
	{ "exposed-redis", SM_SEV_LOW, { .number = 6379 } },
	{ "exposed-redis",
	  SM_SEV_LOW,
	  { .number = 7000, .service = "redis", SAID } },
	{ "exposed-redis",
	  SM_SEV_HIGH,
	  { .number = 7000, .service = "redis", SAID, .anyone = true } },
	{ "exposed-redis", NONE, { .number = 6380 } },
	{ "exposed-redis", NONE, { .number = 6379, .service = "http", SAID } },
	{ "exposed-redis", NONE, { .number = 6379, .asked = true } },
	{ "exposed-redis",
	  NONE,
	  { .number = 6379, .state = SM_PORT_FILTERED } },
	{ "exposed-redis", NONE, { .number = 6379, .state = SM_PORT_CLOSED } },
	/* Only this machine reaches it, unless it listens to more. */
	{ "exposed-redis", NONE, { .address = "127.0.0.1", .number = 6379 } },
	{ "exposed-redis", NONE, { .address = "::1", .number = 6379 } },
	{ "exposed-redis",
	  NONE,
	  { .address = "127.0.0.1", .bound = "127.0.0.1", .number = 6379 } },
	{ "exposed-redis",
	  SM_SEV_LOW,
	  { .address = "127.0.0.1", .bound = "0.0.0.0", .number = 6379 } },
	{ "exposed-redis",
	  SM_SEV_LOW,
	  { .address = "127.0.0.1", .bound = "::", .number = 6379 } },
	{ "exposed-docker", SM_SEV_MEDIUM, { .number = 2375 } },
	{ "exposed-docker",
	  SM_SEV_CRITICAL,
	  { .number = 8000,
	    .service = "http",
	    .product = "Docker",
	    SAID,
	    .anyone = true } },
	{ "exposed-docker", NONE, { .number = 2376 } },
	{ "exposed-docker",
	  NONE,
	  { .number = 8000, .service = "http", .product = "nginx", SAID } },
	{ "exposed-memcached",
	  SM_SEV_HIGH,
	  { .number = 11211, .service = "memcached", SAID, .anyone = true } },
	{ "exposed-memcached", NONE, { .number = 11210 } },
	{ "exposed-mongodb", SM_SEV_LOW, { .number = 27019 } },
	{ "exposed-mongodb", NONE, { .number = 27020 } },
	{ "exposed-elasticsearch",
	  SM_SEV_HIGH,
	  { .number = 80,
	    .service = "http",
	    .product = "Elasticsearch",
	    SAID,
	    .anyone = true } },
	{ "exposed-elasticsearch", NONE, { .number = 9300 } },
	/* They are silent until they are asked in their own tongue. */
	{ "exposed-nfs", SM_SEV_LOW, { .number = 2049, .asked = true } },
	{ "exposed-nfs",
	  NONE,
	  { .number = 2049, .asked = true, .spoke = true } },
	{ "exposed-rpcbind", SM_SEV_LOW, { .number = 111, .asked = true } },
	{ "exposed-rpcbind", NONE, { .number = 112 } },
	{ "exposed-x11", SM_SEV_LOW, { .number = 6003 } },
	{ "exposed-x11", NONE, { .number = 6010 } },
	{ "exposed-telnet",
	  SM_SEV_MEDIUM,
	  { .number = 2323, .service = "telnet", SAID } },
	{ "exposed-telnet", NONE, { .number = 23, .service = "ssh", SAID } },
	{ "exposed-ftp",
	  SM_SEV_MEDIUM,
	  { .number = 21, .service = "ftp", SAID } },
	{ "exposed-ftp",
	  NONE,
	  { .number = 21, .service = "ftp", SAID, .tunnel = true } },
	{ "exposed-rsync",
	  SM_SEV_LOW,
	  { .number = 873, .service = "rsync", SAID } },
	{ "exposed-rsync", NONE, { .number = 874 } },
	{ "exposed-vnc",
	  SM_SEV_CRITICAL,
	  { .number = 5901, .service = "vnc", SAID, .anyone = true } },
	{ "exposed-vnc", NONE, { .number = 5910 } },
	/* Of UDP what was said counts, and the number does not. */
	{ "exposed-memcached",
	  SM_SEV_HIGH,
	  { UDP, .number = 11211, .service = "memcached", .said = true,
	    .anyone = true } },
	{ "exposed-memcached", NONE, { UDP, .number = 11211 } },
	{ "exposed-rpcbind",
	  SM_SEV_MEDIUM,
	  { UDP, .number = 111, .service = "rpcbind", .said = true } },
	{ "exposed-rpcbind", NONE, { UDP, .number = 111 } },
	{ "exposed-nfs", NONE, { UDP, .number = 2049 } },
	{ "exposed-x11", NONE, { UDP, .number = 6000 } },
	{ "exposed-redis", NONE, { UDP, .number = 6379 } },
	{ "exposed-redis",
	  NONE,
	  { .protocol = "udp",
	    .number = 6379,
	    .state = SM_PORT_OPEN_FILTERED } },
	{ "exposed-redis",
	  NONE,
	  { .protocol = "udp", .number = 6379, .state = SM_PORT_LISTENING } },
	{ "exposed-redis",
	  SM_SEV_LOW,
	  { .number = 6379, .state = SM_PORT_LISTENING } },
	{ "port-unheard",
	  SM_SEV_HIGH,
	  { .address = "127.0.0.1", .number = 80, .unheard = true } },
	{ "port-unheard",
	  NONE,
	  { .address = "127.0.0.1", .number = 80, .bound = "127.0.0.1" } },
	{ "port-unheard", NONE, { .number = 80 } },
	{ "port-unreachable",
	  SM_SEV_INFO,
	  { .number = 80, .bound = "::", .state = SM_PORT_FILTERED } },
	{ "port-unreachable",
	  SM_SEV_INFO,
	  { .number = 80, .bound = "::", .state = SM_PORT_CLOSED } },
	{ "port-unreachable", NONE, { .number = 80, .bound = "::" } },
	{ "port-unreachable",
	  NONE,
	  { .number = 80, .state = SM_PORT_FILTERED } },
	{ "tls-expired", SM_SEV_HIGH, { .from = -90, .until = -1 } },
	{ "tls-expired", NONE, { .from = -90, .until = 1 } },
	{ "tls-expired", NONE, { .number = 443 } },
	{ "tls-expires-soon", SM_SEV_MEDIUM, { .from = -90, .until = 14 } },
	{ "tls-expires-soon", SM_SEV_LOW, { .from = -90, .until = 15 } },
	{ "tls-expires-soon", SM_SEV_LOW, { .from = -90, .until = 30 } },
	{ "tls-expires-soon", NONE, { .from = -90, .until = 31 } },
	{ "tls-expires-soon", NONE, { .from = -90, .until = -1 } },
	{ "tls-not-yet-valid", SM_SEV_MEDIUM, { .from = 1, .until = 90 } },
	{ "tls-not-yet-valid", NONE, { .from = -1, .until = 90 } },
	{ "tls-self-signed",
	  SM_SEV_MEDIUM,
	  { .self_signed = true, .san = "www.debian.org" } },
	{ "tls-self-signed",
	  SM_SEV_MEDIUM,
	  { .self_signed = true, .hostname = "debian.org", .san = "box" } },
	{ "tls-self-signed", NONE, { .san = "www.debian.org" } },
	{ "tls-self-signed", NONE, { .self_signed = true, .san = "box" } },
	{ "tls-self-signed",
	  NONE,
	  { .self_signed = true, .san = "printer.LOCAL" } },
	{ "tls-self-signed", NONE, { .self_signed = true, .san = "10.0.0.1" } },
	{ "tls-self-signed", NONE, { .self_signed = true, .san = "box." } },
	{ "tls-self-signed", NONE, { .self_signed = true } },
	{ "tls-old-version", SM_SEV_MEDIUM, { .version = "TLSv1" } },
	{ "tls-old-version", SM_SEV_MEDIUM, { .version = "TLSv1.1" } },
	{ "tls-old-version", NONE, { .version = "TLSv1.2" } },
	{ "tls-old-version", NONE, { .version = "TLSv1.3" } },
	{ "tls-old-version", NONE, { .number = 443 } },
};

START_TEST(a_check_finds_what_it_is_for_and_not_its_neighbour)
{
	const struct smi_port_check *x = check_of(rows[_i].check);
	struct smi_verdict v = { .severity = x->c.severity };
	bool found = smi_port_check_ask(x, record_of(&rows[_i].p), &v);

	ck_assert_msg(found == (rows[_i].severity != NONE), "%s, row %d: %s",
		      x->c.id, _i, found ? "found" : "not found");
	if (found)
		ck_assert_int_eq(v.severity, rows[_i].severity);
}
END_TEST

static const struct {
	bool is_tarpit;
	int open, closed, filtered, asked, spoke;
	int heard, unheard; /* 0: it is another machine */
} hosts[] = {
	{ true, 1000, 0, 0, 0, 0 },
	{ true, 1000, 0, 0, 20, 0 },
	{ true, 200, 0, 10, 0, 0 },
	{ true, 1000, 0, 0, 100, 5 },
	{ false, 199, 0, 0, 0, 0 },
	{ false, 1000, 1, 0, 0, 0 },
	{ false, 200, 0, 11, 0, 0 },
	{ false, 1000, 0, 0, 100, 6 },
	{ false, 0, 65535, 0, 0, 0 },
	{ false, 0, 0, 1000, 0, 0 },
	{ false, 1000, 0, 0, 0, 0, 1, 999 },
	{ false, 1000, 0, 0, 0, 0, 1000, 0 },
};

START_TEST(a_host_that_has_everything_open_and_says_nothing_is_a_tarpit)
{
	const struct smi_port_check *x = check_of("tarpit");
	struct smi_verdict v = { .severity = x->c.severity };
	sm_record *r = smi_rec_new(&arena, SM_KIND_HOST);

	smi_set_int(r, SMI_HOST_OPEN, hosts[_i].open);
	smi_set_int(r, SMI_HOST_CLOSED, hosts[_i].closed);
	smi_set_int(r, SMI_HOST_FILTERED, hosts[_i].filtered);
	smi_set_int(r, SMI_HOST_ASKED, hosts[_i].asked);
	smi_set_int(r, SMI_HOST_SPOKE, hosts[_i].spoke);
	smi_set_int(r, SMI_HOST_HEARD, hosts[_i].heard);
	smi_set_int(r, SMI_HOST_UNHEARD, hosts[_i].unheard);
	ck_assert_int_eq(smi_port_check_ask(x, r, &v), hosts[_i].is_tarpit);
	x = check_of("ports-unheard");
	ck_assert_int_eq(smi_port_check_ask(x, r, &v), hosts[_i].unheard > 0);
}
END_TEST

START_TEST(a_row_has_all_that_is_told)
{
	const struct smi_port_check *x;
	size_t theme = 0, at = 0, n = 0;
	char kind[64];

	while ((x = smi_port_check_next(&theme, &at))) {
		ck_assert_ptr_nonnull(x->c.title);
		ck_assert_ptr_nonnull(x->c.why);
		ck_assert_ptr_nonnull(x->c.next_step);
		ck_assert_uint_gt(x->c.nattack, 0);
		ck_assert((x->c.fn != NULL) != (x->service != NULL));
		snprintf(kind, sizeof(kind), "%s", x->c.id);
		for (char *s = kind; *s; s++)
			if (*s == '-')
				*s = '_';
		ck_assert_str_eq(x->c.kind, kind);
		n++;
	}
	ck_assert_uint_gt(n, 10);
}
END_TEST

static void teardown(void)
{
	smi_arena_free(&arena);
	arena = (struct smi_arena){ 0 };
}

int main(void)
{
	Suite *s = suite_create("port-checks");
	TCase *tc = tcase_create("port-checks");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc,
			    a_check_finds_what_it_is_for_and_not_its_neighbour,
			    0, (int)SMI_COUNT(rows));
	tcase_add_loop_test(
		tc,
		a_host_that_has_everything_open_and_says_nothing_is_a_tarpit, 0,
		(int)SMI_COUNT(hosts));
	tcase_add_test(tc, a_row_has_all_that_is_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
