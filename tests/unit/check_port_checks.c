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
};

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

static sm_record *record_of(const struct port *p)
{
	sm_record *r = smi_rec_new(&arena, SM_KIND_PORT);

	smi_set_const(r, SMI_PORT_ADDRESS,
		      p->address ? p->address : "192.0.2.1");
	smi_set_int(r, SMI_PORT_NUMBER, p->number);
	smi_set_int(r, SMI_PORT_STATE_CODE, p->state ? p->state : SM_PORT_OPEN);
	set_str(r, SMI_PORT_SERVICE, p->service);
	set_str(r, SMI_PORT_PRODUCT, p->product);
	set_str(r, SMI_PORT_LISTEN_ADDRESS, p->bound);
	set_str(r, SMI_PORT_TUNNEL, p->tunnel ? "starttls" : NULL);
	set_flag(r, SMI_PORT_SAID, p->said);
	set_flag(r, SMI_PORT_ANYONE, p->anyone);
	set_flag(r, SMI_PORT_ASKED, p->asked);
	set_flag(r, SMI_PORT_SPOKE, p->spoke);
	set_flag(r, SMI_PORT_UNHEARD, p->unheard);
	return r;
}

#define NONE 0
#define SAID .said = true, .asked = true, .spoke = true

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
	tcase_add_test(tc, a_row_has_all_that_is_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
