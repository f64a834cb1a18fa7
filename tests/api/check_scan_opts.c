/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysmon/sysmon.h>
#include <unistd.h>

#include "net.h"

static sm_ctx *ctx;
static sm_scan_opts *opts;

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

struct counts {
	unsigned ports, hosts;
};

static int count(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	struct counts *c = user;

	c->ports += sm_record_port(rec) != NULL;
	c->hosts += sm_record_kind(rec) == SM_KIND_HOST;
	return SM_CONTINUE;
}

static void run(struct counts *c)
{
	int r = sm_scan_ports(ctx, opts, count, c);

	ck_assert_msg(r == 0, "%d: %s", r, sm_ctx_errmsg(ctx));
}

static const struct {
	int (*set)(sm_scan_opts *o, const char *text);
	const char *text;
	int result;
	const char *sentence; /* part of it */
} bad_texts[] = {
	{ sm_scan_opts_set_ports, "0", -EINVAL, "'0': ports go from 1" },
	{ sm_scan_opts_set_ports, "22,70000", -EINVAL, "'70000'" },
	{ sm_scan_opts_set_ports, "100-1", -EINVAL, "'100-1'" },
	{ sm_scan_opts_set_ports, "", -EINVAL, "empty" },
	{ sm_scan_opts_set_ports, "nosuch", -ENOENT, "'nosuch'" },
	{ sm_scan_opts_add_target, "10.0.0.0/33", -EINVAL, "10.0.0.0/33" },
	{ sm_scan_opts_add_target, "::/0", -E2BIG, "2^32" },
	{ sm_scan_opts_add_target, NULL, -EINVAL, "NULL" },
	{ sm_scan_opts_add_target, "fe80::1", -EINVAL, "fe80::1%eth0" },
	{ sm_scan_opts_add_exclude, "a b", -EINVAL, "exclude 'a b': " },
	{ sm_scan_opts_add_exclude_file, "/nonexistent", -ENOENT,
	  "/nonexistent: " },
	{ sm_scan_opts_add_exclude_file, NULL, -EINVAL, "NULL" },
	{ sm_scan_opts_add_targets_file, "/nonexistent", -ENOENT,
	  "/nonexistent: " },
	{ sm_scan_opts_add_targets_file, "/", -EIO, "/: " },
	{ sm_scan_opts_set_fields, "port,nosuch", -ENOENT, "'nosuch'" },
	{ sm_scan_opts_set_fields, "port,port", -EINVAL,
	  "'port' is named twice" },
};

START_TEST(a_bad_text_is_one_sentence_and_stays_an_error)
{
	struct counts c = { 0, 0 };
	int r = bad_texts[_i].set(opts, bad_texts[_i].text);

	ck_assert_msg(r == bad_texts[_i].result, "%d: %s", r,
		      sm_ctx_errmsg(ctx));
	ck_assert_msg(strstr(sm_ctx_errmsg(ctx), bad_texts[_i].sentence) !=
			      NULL,
		      "%s", sm_ctx_errmsg(ctx));
	/* What follows cannot mend it. */
	ck_assert_int_eq(sm_scan_opts_add_target(opts, "127.0.0.1"), 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, "22"), 0);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, count, &c), r);
	ck_assert_ptr_nonnull(
		strstr(sm_ctx_errmsg(ctx), bad_texts[_i].sentence));
	ck_assert_int_eq(bad_texts[_i].set(NULL, bad_texts[_i].text), -EINVAL);
}
END_TEST

START_TEST(numbers_out_of_their_range_are_errors)
{
	ck_assert_int_eq(sm_scan_opts_set_timeout_ms(opts, 0), -ERANGE);
	ck_assert_int_eq(sm_scan_opts_set_timeout_ms(opts, 600001), -ERANGE);
	ck_assert_int_eq(sm_scan_opts_set_retries(opts, 101), -ERANGE);
	ck_assert_int_eq(sm_scan_opts_set_max_inflight(opts, 0), -ERANGE);
	ck_assert_int_eq(sm_scan_opts_set_rate_pps(opts, 0), -ERANGE);
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, 0), -ERANGE);
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, 65), -ERANGE);
	ck_assert_int_eq(sm_scan_opts_set_show(opts, 2), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_close(opts, 2), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_method(opts, 3), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_method(opts, -1), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "SM_SCAN_SYN"));
	ck_assert_int_eq(sm_scan_opts_set_timeout_ms(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_retries(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_max_inflight(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_rate_pps(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_threads(NULL, 1), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_resume(NULL, "x"), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_show(NULL, 0), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_close(NULL, 0), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_method(NULL, 0), -EINVAL);
}
END_TEST

START_TEST(a_service_sees_the_end_that_was_asked_for)
{
	struct counts c = { 0, 0 };
	uint16_t port = 0;
	int fd = net_listen("127.0.0.1", &port), peer;
	char ports[16], byte;
	ssize_t n;

	ck_assert_int_ge(fd, 0);
	snprintf(ports, sizeof(ports), "%u", port);
	ck_assert_int_eq(sm_scan_opts_add_target(opts, "127.0.0.1"), 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, ports), 0);
	ck_assert_int_eq(sm_scan_opts_set_method(opts, SM_SCAN_CONNECT), 0);
	ck_assert_int_eq(sm_scan_opts_set_close(opts, _i), 0);
	run(&c);
	ck_assert_uint_eq(c.ports, 1);
	peer = accept(fd, NULL, NULL);
	ck_assert_int_ge(peer, 0);
	n = recv(peer, &byte, 1, 0);
	if (_i == SM_SCAN_CLOSE_FIN)
		ck_assert_int_eq(n, 0);
	else
		ck_assert(n < 0 && errno == ECONNRESET);
	close(peer);
	close(fd);
}
END_TEST

START_TEST(the_limits_of_all_numbers_are_accepted)
{
	struct counts c = { 0, 0 };

	ck_assert_int_eq(sm_scan_opts_set_method(opts, SM_SCAN_SYN), 0);
	ck_assert_int_eq(sm_scan_opts_set_method(opts, SM_SCAN_CONNECT), 0);
	ck_assert_int_eq(sm_scan_opts_set_method(opts, SM_SCAN_AUTO), 0);
	ck_assert_int_eq(sm_scan_opts_set_timeout_ms(opts, 600000), 0);
	ck_assert_int_eq(sm_scan_opts_set_retries(opts, 0), 0);
	ck_assert_int_eq(sm_scan_opts_set_max_inflight(opts, 1), 0);
	ck_assert_int_eq(sm_scan_opts_set_rate_pps(opts, 10000000), 0);
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, 64), 0);
	ck_assert_int_eq(sm_scan_opts_set_show(opts, SM_SCAN_SHOW_ALL), 0);
	ck_assert_int_eq(sm_scan_opts_add_target(opts, "127.0.0.1"), 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, "1-500"), 0);
	run(&c);
	ck_assert_uint_eq(c.ports, 500);
}
END_TEST

START_TEST(a_file_of_targets_is_read_line_by_line)
{
	static const char text[] = "# ours\n127.0.0.2\r\n\n  127.0.0.3 # web\n";
	char path[] = "/tmp/check_scan.XXXXXX";
	struct counts c = { 0, 0 };
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	ck_assert_int_eq(sm_scan_opts_add_targets_file(opts, path), 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, "1"), 0);
	run(&c);
	ck_assert_uint_eq(c.hosts, 2);
	ck_assert_int_eq(write(fd, "10.0.0.0/99", 11), 11);
	ck_assert_int_eq(sm_scan_opts_add_targets_file(opts, path), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), ":5: target"));
	close(fd);
	unlink(path);
}
END_TEST

static int pipe_of(const char *text)
{
	int fds[2];
	ssize_t len = (ssize_t)strlen(text);

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], text, strlen(text)), len);
	close(fds[1]);
	return fds[0];
}

START_TEST(a_list_may_come_from_a_descriptor_which_stays_open)
{
	int fd = pipe_of("127.0.0.2-9\n"), spared = pipe_of("# web\n127.0.0.3");
	struct counts c = { 0, 0 };

	ck_assert_int_eq(sm_scan_opts_add_targets_fd(opts, fd, "ours"), 0);
	ck_assert_int_eq(sm_scan_opts_add_exclude_fd(opts, spared, "spared"),
			 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(close(spared), 0);
	/* Larger than any target could be. */
	ck_assert_int_eq(sm_scan_opts_add_exclude(opts, "2001:db8::/32"), 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, "1"), 0);
	run(&c);
	ck_assert_uint_eq(c.hosts, 7);
}
END_TEST

START_TEST(an_error_names_the_list_and_its_line)
{
	int fd = pipe_of("10.0.0.1\n10.0.0.9-3\n");

	ck_assert_int_eq(sm_scan_opts_add_exclude_fd(opts, fd, "spared"),
			 -EINVAL);
	ck_assert_ptr_nonnull(
		strstr(sm_ctx_errmsg(ctx), "spared:2: exclude '10.0.0.9-3': "));
	close(fd);
	ck_assert_int_eq(sm_scan_opts_add_targets_fd(opts, -1, "ours"),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "\"ours\""));
	ck_assert_int_eq(sm_scan_opts_add_targets_fd(opts, 0, NULL), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_add_targets_fd(NULL, 0, "x"), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_add_exclude_fd(NULL, 0, "x"), -EINVAL);
}
END_TEST

START_TEST(no_target_is_an_error_and_null_is_no_crash)
{
	struct counts c = { 0, 0 };
	sm_job *job = NULL;

	ck_assert_int_eq(sm_scan_ports(ctx, NULL, count, &c), -EINVAL);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, count, &c), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "no target"));
	ck_assert_int_eq(sm_scan_ports(NULL, opts, count, &c), -EINVAL);
	ck_assert_int_eq(sm_scan_ports(ctx, opts, NULL, &c), -EINVAL);
	ck_assert_int_eq(sm_job_new_scan(ctx, opts, NULL), -EINVAL);
	ck_assert_int_eq(sm_job_new_scan(NULL, opts, &job), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_new(NULL, &opts), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_new(ctx, NULL), -EINVAL);
	sm_scan_opts_free(NULL);
	ck_assert_ptr_null(sm_record_port(NULL));
	ck_assert_str_eq(sm_port_address(NULL), "");
	ck_assert_uint_eq(sm_port_number(NULL), 0);
	ck_assert_int_eq(sm_port_state(NULL), SM_PORT_UNKNOWN);
	ck_assert_int_eq(sm_port_time(NULL), SM_TIME_NONE);
	ck_assert_int_eq(sm_port_pid(NULL), 0);
}
END_TEST

START_TEST(what_no_port_said_is_nothing)
{
	size_t len = 1;

	ck_assert_str_eq(sm_port_product(NULL), "");
	ck_assert_str_eq(sm_port_version(NULL), "");
	ck_assert_str_eq(sm_port_info(NULL), "");
	ck_assert_str_eq(sm_port_banner(NULL, &len), "");
	ck_assert_uint_eq(len, 0);
	ck_assert_str_eq(sm_port_banner(NULL, NULL), "");
	ck_assert_ptr_null(sm_port_tls(NULL));
	ck_assert_str_eq(sm_tls_version(NULL), "");
	ck_assert_str_eq(sm_tls_cipher(NULL), "");
	ck_assert_str_eq(sm_tls_alpn(NULL), "");
	ck_assert_str_eq(sm_tls_subject(NULL), "");
	ck_assert_str_eq(sm_tls_issuer(NULL), "");
	ck_assert_uint_eq(sm_tls_nsan(NULL), 0);
	ck_assert_str_eq(sm_tls_san(NULL, 0), "");
	ck_assert_int_eq(sm_tls_not_before(NULL), SM_TIME_NONE);
	ck_assert_int_eq(sm_tls_not_after(NULL), SM_TIME_NONE);
	ck_assert_int_eq(sm_tls_self_signed(NULL), 0);
	ck_assert_str_eq(sm_tls_sha256(NULL), "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scan-opts");
	TCase *tc = tcase_create("scan-opts");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_bad_text_is_one_sentence_and_stays_an_error,
			    0, sizeof(bad_texts) / sizeof(bad_texts[0]));
	tcase_add_test(tc, numbers_out_of_their_range_are_errors);
	tcase_add_loop_test(tc, a_service_sees_the_end_that_was_asked_for,
			    SM_SCAN_CLOSE_RST, SM_SCAN_CLOSE_FIN + 1);
	tcase_add_test(tc, the_limits_of_all_numbers_are_accepted);
	tcase_add_test(tc, a_file_of_targets_is_read_line_by_line);
	tcase_add_test(tc, a_list_may_come_from_a_descriptor_which_stays_open);
	tcase_add_test(tc, an_error_names_the_list_and_its_line);
	tcase_add_test(tc, no_target_is_an_error_and_null_is_no_crash);
	tcase_add_test(tc, what_no_port_said_is_nothing);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
