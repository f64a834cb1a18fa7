/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

#include "net.h"

static sm_ctx *ctx;
static sm_scan_opts *opts;
static uint16_t port;
static int listener;

static void setup(void)
{
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_scan_opts_new(ctx, &opts), 0);
	port = 0;
	listener = net_listen("127.0.0.1", &port);
	ck_assert_int_ge(listener, 0);
}

static void teardown(void)
{
	close(listener);
	sm_scan_opts_free(opts);
	sm_ctx_unref(ctx);
}

struct seen {
	unsigned ports, others;
	sm_record *ours;
};

static int see(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_port *p = sm_record_port(rec);
	struct seen *s = user;

	s->others += !p && sm_record_kind(rec) == SM_KIND_HOST;
	s->ports += p != NULL;
	if (p && sm_port_number(p) == port)
		s->ours = sm_record_ref(rec);
	return SM_CONTINUE;
}

static void list(const sm_scan_opts *o, struct seen *s)
{
	*s = (struct seen){ 0, 0, NULL };
	ck_assert_msg(sm_list_listeners(ctx, o, see, s) == 0, "%s",
		      sm_ctx_errmsg(ctx));
	ck_assert_ptr_nonnull(s->ours);
	ck_assert_uint_eq(s->others, 0);
}

START_TEST(a_socket_that_listens_is_told_with_its_process)
{
	struct seen s;
	const sm_port *p;

	list(_i ? opts : NULL, &s);
	p = sm_record_port(s.ours);
	ck_assert_int_eq(sm_port_state(p), SM_PORT_LISTENING);
	ck_assert_int_eq(SM_PORT_LISTENING, 5);
	ck_assert_str_eq(sm_port_reason(p), "socket");
	ck_assert_str_eq(sm_port_address(p), "127.0.0.1");
	ck_assert_str_eq(sm_port_protocol(p), "tcp");
	ck_assert_str_eq(sm_port_hostname(p), "");
	ck_assert_int_eq(sm_port_pid(p), getpid());
	ck_assert_str_eq(sm_port_process(p), "check_listeners");
	ck_assert_int_eq(sm_port_rtt_ns(p), 0);
	ck_assert_int_gt(sm_port_time(p), 0);
	ck_assert_str_ne(sm_record_id(s.ours), "");
	sm_record_unref(s.ours);
}
END_TEST

START_TEST(a_listener_has_the_id_of_the_port_that_a_scan_finds)
{
	sm_scan_opts *scan;
	struct seen s;
	char id[64], text[8];

	list(opts, &s);
	ck_assert_uint_lt(strlen(sm_record_id(s.ours)), sizeof(id));
	snprintf(id, sizeof(id), "%s", sm_record_id(s.ours));
	sm_record_unref(s.ours);
	snprintf(text, sizeof(text), "%u", (unsigned)port);
	ck_assert_int_eq(sm_scan_opts_new(ctx, &scan), 0);
	ck_assert_int_eq(sm_scan_opts_add_target(scan, "127.0.0.1"), 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(scan, text), 0);
	ck_assert_int_eq(sm_scan_ports(ctx, scan, see, &s), 0);
	ck_assert_str_eq(sm_record_id(s.ours), id);
	sm_record_unref(s.ours);
	sm_scan_opts_free(scan);
}
END_TEST

START_TEST(only_the_fields_that_were_chosen_are_there)
{
	struct seen s;
	const sm_port *p;

	ck_assert_int_eq(sm_scan_opts_set_fields(opts, "port,state"), 0);
	list(opts, &s);
	p = sm_record_port(s.ours);
	ck_assert_int_eq(sm_port_state(p), SM_PORT_LISTENING);
	ck_assert_str_eq(sm_port_address(p), "");
	ck_assert_int_eq(sm_port_pid(p), 0);
	sm_record_unref(s.ours);
}
END_TEST

static int stop(const sm_event *ev, void *user)
{
	(void)ev;
	(void)user;
	return 17;
}

START_TEST(what_makes_no_sense_is_an_error)
{
	sm_job *job = NULL;
	struct seen s = { 0, 0, NULL };

	ck_assert_int_eq(sm_list_listeners(ctx, opts, NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_list_listeners(NULL, opts, see, &s), -EINVAL);
	ck_assert_int_eq(sm_job_new_listeners(ctx, opts, NULL), -EINVAL);
	ck_assert_int_eq(sm_list_listeners(ctx, opts, stop, NULL), 17);
	ck_assert_int_eq(sm_scan_opts_add_target(opts, "127.0.0.1"), 0);
	ck_assert_int_eq(sm_job_new_listeners(ctx, opts, &job), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "target"));
	ck_assert_ptr_null(job);
}
END_TEST

START_TEST(a_setter_that_failed_stays_an_error)
{
	struct seen s = { 0, 0, NULL };

	ck_assert_int_lt(sm_scan_opts_set_fields(opts, "nosuch"), 0);
	ck_assert_int_eq(sm_list_listeners(ctx, opts, see, &s), -ENOENT);
	ck_assert_uint_eq(s.ports, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("listeners");
	TCase *tc = tcase_create("listeners");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_socket_that_listens_is_told_with_its_process,
			    0, 2);
	tcase_add_test(tc, a_listener_has_the_id_of_the_port_that_a_scan_finds);
	tcase_add_test(tc, only_the_fields_that_were_chosen_are_there);
	tcase_add_test(tc, what_makes_no_sense_is_an_error);
	tcase_add_test(tc, a_setter_that_failed_stays_an_error);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
