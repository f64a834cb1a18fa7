/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
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

struct seen {
	unsigned ports, findings, allowed;
	sm_record *finding, *port; /* the last ones */
};

static int see(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	int f = sm_kind_field(SM_KIND_SUMMARY, "allowed");
	struct seen *s = user;

	if (sm_event_kind(ev) == SM_EVENT_FINDING) {
		s->findings++;
		sm_record_unref(s->finding);
		s->finding = sm_record_ref(rec);
	} else if (sm_record_port(rec)) {
		s->ports++;
		sm_record_unref(s->port);
		s->port = sm_record_ref(rec);
	} else if (sm_record_kind(rec) == SM_KIND_SUMMARY) {
		s->allowed = (unsigned)sm_record_field_int(rec, (size_t)f);
	}
	return SM_CONTINUE;
}

static void forget(struct seen *s)
{
	sm_record_unref(s->finding);
	sm_record_unref(s->port);
	memset(s, 0, sizeof(*s));
}

static void target(const char *address, uint16_t port)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", (unsigned)port);
	ck_assert_int_eq(sm_scan_opts_add_target(opts, address), 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, text), 0);
}

static void scan(struct seen *s)
{
	forget(s);
	ck_assert_msg(sm_scan_ports(ctx, opts, see, s) == 0, "%s",
		      sm_ctx_errmsg(ctx));
}

static const sm_finding *found(const struct seen *s)
{
	return sm_record_finding(s->finding);
}

/* The port of a display, or of a database, that nobody has here. */
static int listen_on_a_known_port(const char *address, uint16_t *port)
{
	static const uint16_t ports[] = { 6009,	 6008,	6007,  6006,
					  27019, 27018, 27017, 11211 };
	int fd = -1;

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports) && fd < 0; i++) {
		*port = ports[i];
		fd = net_listen(address, port);
	}
	return fd;
}

START_TEST(a_service_that_all_can_reach_is_found_and_one_of_loopback_is_not)
{
	struct seen s = { 0 };
	uint16_t port;
	int fd = listen_on_a_known_port("0.0.0.0", &port);
	char id[64], key[64], subject[64];

	ck_assert_int_ge(fd, 0);
	target("127.0.0.1", port);
	scan(&s);
	ck_assert_uint_eq(s.findings, 1);
	ck_assert_int_eq(strncmp(sm_finding_rule(found(&s)), "exposed-", 8), 0);
	ck_assert_uint_eq(sm_finding_port(found(&s)), port);
	snprintf(subject, sizeof(subject), "127.0.0.1:%u", (unsigned)port);
	ck_assert_str_eq(sm_finding_subject(found(&s)), subject);
	ck_assert_ptr_nonnull(strstr(sm_finding_title(found(&s)), subject));
	ck_assert_int_eq(sm_finding_pid(found(&s)), getpid());
	ck_assert_uint_eq(sm_finding_nevidence(found(&s)), 1);
	snprintf(id, sizeof(id), "%s", sm_finding_id(found(&s)));
	snprintf(key, sizeof(key), "%s", sm_finding_key(found(&s)));
	scan(&s);
	ck_assert_str_eq(sm_finding_id(found(&s)), id);
	ck_assert_str_eq(sm_finding_key(found(&s)), key);
	/* With threads it is the same. */
	snprintf(subject, sizeof(subject), "1-3,%u", (unsigned)port);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, subject), 0);
	ck_assert_int_eq(sm_scan_opts_set_threads(opts, 2), 0);
	ck_assert_int_eq(sm_scan_opts_set_fields(opts, "port"), 0);
	scan(&s);
	ck_assert_uint_eq(s.findings, 1);
	ck_assert_str_eq(sm_finding_id(found(&s)), id);
	ck_assert_uint_eq(s.ports, 1);
	ck_assert_str_eq(sm_port_address(sm_record_port(s.port)), "");
	close(fd);
	fd = net_listen("127.0.0.1", &port);
	ck_assert_int_ge(fd, 0);
	scan(&s);
	ck_assert_uint_eq(s.ports, 1);
	ck_assert_uint_eq(s.findings, 0);
	close(fd);
	forget(&s);
}
END_TEST

static void allow(const char *key)
{
	char text[256];
	sm_ruleset *rs;

	snprintf(text, sizeof(text),
		 "id: known\nkind: allow\nkey: %s\nreason: it is meant so\n",
		 key);
	ck_assert_int_eq(sm_ruleset_new(ctx, &rs), 0);
	ck_assert_int_eq(sm_ruleset_add_text(rs, "known.yaml", text,
					     strlen(text), SM_RULES_NATIVE),
			 1);
	ck_assert_int_eq(sm_scan_opts_set_rules(opts, rs), 0);
	sm_ruleset_unref(rs);
}

START_TEST(what_is_accepted_ignored_or_not_judged_makes_no_finding)
{
	struct seen s = { 0 };
	uint16_t port;
	int fd = listen_on_a_known_port("0.0.0.0", &port);

	ck_assert_int_ge(fd, 0);
	target("127.0.0.1", port);
	scan(&s);
	ck_assert_uint_eq(s.findings, 1);
	allow(sm_finding_key(found(&s)));
	scan(&s);
	ck_assert_uint_eq(s.findings, 0);
	ck_assert_uint_eq(s.allowed, 1);
	ck_assert_int_eq(sm_scan_opts_set_rules(opts, NULL), 0);
	ck_assert_int_eq(sm_scan_opts_add_ignore(opts, "192.0.2.0/24"), 0);
	scan(&s);
	ck_assert_uint_eq(s.findings, 1);
	ck_assert_int_eq(sm_scan_opts_add_ignore(opts, "127.0.0.0/8"), 0);
	scan(&s);
	ck_assert_uint_eq(s.findings, 0);
	ck_assert_uint_eq(s.ports, 1);
	forget(&s);
	teardown();
	setup();
	target("127.0.0.1", port);
	ck_assert_int_eq(sm_scan_opts_set_checks(opts, 0), 0);
	scan(&s);
	ck_assert_uint_eq(s.findings, 0);
	ck_assert_uint_eq(s.ports, 1);
	close(fd);
	forget(&s);
}
END_TEST

START_TEST(what_is_no_prefix_is_an_error_that_names_it)
{
	ck_assert_int_eq(sm_scan_opts_add_ignore(opts, "10.0.0.0/33"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sm_ctx_errmsg(ctx), "10.0.0.0/33"));
	ck_assert_int_eq(sm_scan_opts_add_ignore(NULL, "::1"), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_rules(NULL, NULL), -EINVAL);
	ck_assert_int_eq(sm_scan_opts_set_checks(NULL, 1), -EINVAL);
}
END_TEST

/* One who asks to be let in; the queue of a listener holds few of these. */
static int knock(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	ck_assert_int_ge(fd, 0);
	(void)connect(fd, (struct sockaddr *)&to, sizeof(to));
	return fd;
}

START_TEST(a_listener_that_does_not_answer_is_unreachable)
{
	struct seen s = { 0 };
	uint16_t port = 0;
	int fd = net_listen("127.0.0.1", &port), other[4];

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(listen(fd, 0), 0);
	for (int i = 0; i < 4; i++)
		other[i] = knock(port);
	target("127.0.0.1", port);
	ck_assert_int_eq(sm_scan_opts_set_timeout_ms(opts, 30), 0);
	ck_assert_int_eq(sm_scan_opts_set_retries(opts, 1), 0);
	scan(&s);
	ck_assert_uint_eq(s.ports, 0); /* not open, so not shown */
	ck_assert_uint_eq(s.findings, 1);
	ck_assert_str_eq(sm_finding_rule(found(&s)), "port-unreachable");
	ck_assert_int_eq(sm_finding_severity(found(&s)), SM_SEV_INFO);
	ck_assert_ptr_nonnull(strstr(sm_finding_why(found(&s)), "filtered"));
	for (int i = 0; i < 4; i++)
		close(other[i]);
	close(fd);
	forget(&s);
}
END_TEST

static bool nft(const char *rules)
{
	int in[2], status;
	ssize_t len = (ssize_t)strlen(rules);
	pid_t child;

	ck_assert_int_eq(pipe(in), 0);
	/* Less than a pipe holds: it is there when the child reads. */
	ck_assert_int_eq(write(in[1], rules, (size_t)len), len);
	close(in[1]);
	child = fork();
	if (child == 0) {
		dup2(in[0], STDIN_FILENO);
		close(STDERR_FILENO);
		execlp("nft", "nft", "-f", "-", (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

START_TEST(a_port_that_is_passed_on_answers_without_a_listener)
{
	struct seen s = { 0 };
	uint16_t port = 5432;
	int fd;

	if (!net_unshare() ||
	    !nft("table ip t {\n"
		 "chain o { type nat hook output priority -100;"
		 " tcp dport 81 redirect to :5432; }\n"
		 "chain i { type filter hook input priority 0;"
		 " tcp dport 82 reject with tcp reset; }\n"
		 "}\n")) {
		printf("SKIP: redirected ports: no namespace or no nft\n");
		return;
	}
	fd = net_listen("127.0.0.1", &port);
	ck_assert_int_ge(fd, 0);
	target("127.0.0.1", 81);
	scan(&s);
	ck_assert_uint_eq(s.findings, 1);
	ck_assert_str_eq(sm_finding_rule(found(&s)), "port-unheard");
	ck_assert_int_eq(sm_finding_severity(found(&s)), SM_SEV_HIGH);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, "5432"), 0);
	scan(&s);
	ck_assert_uint_eq(s.ports, 1);
	ck_assert_uint_eq(s.findings, 0);
	close(fd);
	port = 82;
	fd = net_listen("0.0.0.0", &port);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(sm_scan_opts_set_ports(opts, "82"), 0);
	scan(&s);
	ck_assert_uint_eq(s.findings, 1);
	ck_assert_str_eq(sm_finding_rule(found(&s)), "port-unreachable");
	ck_assert_ptr_nonnull(strstr(sm_finding_why(found(&s)), "0.0.0.0"));
	ck_assert_ptr_nonnull(strstr(sm_finding_why(found(&s)), "closed"));
	close(fd);
	forget(&s);
}
END_TEST

static int see_unit(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	int f = sm_kind_field(SM_KIND_PROCESS, "unit");

	if (sm_record_kind(rec) == SM_KIND_PROCESS)
		snprintf(user, 256, "%s", sm_record_field_str(rec, (size_t)f));
	return SM_CONTINUE;
}

START_TEST(an_open_port_has_the_program_and_the_unit_of_its_process)
{
	struct seen s = { 0 };
	uint16_t port = 0;
	int fd = net_listen("127.0.0.1", &port);
	char exe[4096], unit[256] = "";
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	sm_proc_opts *one;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_gt(n, 0);
	exe[n] = '\0';
	ck_assert_int_eq(sm_proc_opts_new(ctx, &one), 0);
	sm_proc_opts_set_pid(one, getpid());
	sm_proc_opts_set_interval_ms(one, 0);
	ck_assert_int_eq(sm_proc_opts_set_fields(one, "pid,unit"), 0);
	ck_assert_int_eq(sm_list_processes(ctx, one, see_unit, unit), 0);
	sm_proc_opts_free(one);
	target("127.0.0.1", port);
	scan(&s);
	ck_assert_str_eq(sm_port_exe(sm_record_port(s.port)), exe);
	ck_assert_str_eq(sm_port_unit(sm_record_port(s.port)), unit);
	ck_assert_str_eq(sm_port_exe(NULL), "");
	ck_assert_str_eq(sm_port_unit(NULL), "");
	close(fd);
	forget(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scan-findings");
	TCase *tc = tcase_create("scan-findings");
	SRunner *run;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc,
		a_service_that_all_can_reach_is_found_and_one_of_loopback_is_not);
	tcase_add_test(tc,
		       what_is_accepted_ignored_or_not_judged_makes_no_finding);
	tcase_add_test(tc, what_is_no_prefix_is_an_error_that_names_it);
	tcase_add_test(tc, a_listener_that_does_not_answer_is_unreachable);
	tcase_add_test(tc, a_port_that_is_passed_on_answers_without_a_listener);
	tcase_add_test(
		tc, an_open_port_has_the_program_and_the_unit_of_its_process);
	suite_add_tcase(s, tc);
	run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
