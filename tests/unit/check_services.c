/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <sysmon/sysmon.h>

#include "process/services.h"
#include "suite.h"
#include "tree.h"

#define WANTS "etc/systemd/system/multi-user.target.wants/"

static const char *names[SMI_SERVICES_MAX];
static size_t n;
static const char *top;

static void setup(void)
{
	top = tree_make();
	tree_dir("run/systemd/system");
}

static void find(void)
{
	struct smi_fsroot root;

	ck_assert_int_eq(smi_fsroot_init(&root, top), 0);
	n = smi_services_find(&root, names);
	smi_fsroot_done(&root);
}

static unsigned times(const char *name)
{
	unsigned found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcmp(names[i], name) == 0;
	return found;
}

static void enable(const char *path)
{
	tree_link(path, "/lib/systemd/system/some.service");
}

START_TEST(enabled_units_are_known_by_the_names_of_their_processes)
{
	enable(WANTS "ssh.service");
	enable(WANTS "sshd.service");
	enable("etc/systemd/system/sysinit.target.wants/auditd.service");
	enable(WANTS "nginx.service");
	find();
	ck_assert_uint_eq(times("sshd"), 1);
	ck_assert_uint_eq(times("auditd"), 1);
	ck_assert_uint_eq(times("systemd-journald"), 1);
	ck_assert_uint_eq(n, 3);
}
END_TEST

START_TEST(a_masked_unit_is_not_missed)
{
	enable(WANTS "ssh.service");
	enable(WANTS "cron.service");
	enable(WANTS "rsyslog.service");
	tree_link("etc/systemd/system/ssh.service", "/dev/null");
	tree_link("run/systemd/system/cron.service", "/dev/null");
	tree_link("etc/systemd/system/rsyslog.service", "/dev/null2");
	find();
	ck_assert_uint_eq(times("sshd"), 0);
	ck_assert_uint_eq(times("cron"), 0);
	ck_assert_uint_eq(times("rsyslogd"), 1);
}
END_TEST

START_TEST(without_systemd_nothing_is_expected)
{
	tree_remove();
	top = tree_make();
	enable(WANTS "ssh.service");
	find();
	ck_assert_uint_eq(n, 0);
}
END_TEST

static int count_missing(const sm_event *ev, void *user)
{
	const sm_finding *f = sm_record_finding(sm_event_record(ev));

	if (sm_event_kind(ev) == SM_EVENT_FINDING &&
	    strcmp(sm_finding_kind(f), "important_missing") == 0) {
		ck_assert_str_eq(sm_finding_subject(f), "cron");
		++*(int *)user;
	}
	return 0;
}

static int missing(sm_ctx *ctx, const sm_proc_opts *opts)
{
	int found = 0;

	ck_assert_int_eq(sm_list_processes(ctx, opts, count_missing, &found),
			 0);
	return found;
}

START_TEST(what_is_enabled_and_does_not_run_is_found_in_whole_lists)
{
	sm_proc_opts *opts;
	sm_ctx *ctx;

	tree_text("proc/7/stat",
		  "7 (sshd) S 1 7 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 5 0 "
		  "9 18446744073709551615 0 0 0\n");
	tree_text("proc/7/status", "Name:\tsshd\nState:\tS (sleeping)\n"
				   "Tgid:\t7\nPid:\t7\nPPid:\t1\n"
				   "Uid:\t0\t0\t0\t0\nThreads:\t1\n");
	tree_text("proc/8/stat", "8 (systemd-journal) S 1 8 8 0 -1 4194304 0 0 "
				 "0 0 0 0 0 0 20 0 1 0 5 0 9 "
				 "18446744073709551615 0 0 0\n");
	tree_text("proc/8/status", "Name:\tsystemd-journal\n"
				   "State:\tS (sleeping)\nTgid:\t8\nPid:\t8\n"
				   "PPid:\t1\nUid:\t0\t0\t0\t0\nThreads:\t1\n");
	tree_link("proc/8/exe", "/lib/systemd/systemd-journald");
	enable(WANTS "ssh.service");
	enable(WANTS "cron.service");
	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, top), 0);
	ck_assert_int_eq(sm_proc_opts_new(ctx, &opts), 0);
	sm_proc_opts_set_interval_ms(opts, 0);
	ck_assert_int_eq(missing(ctx, opts), 1);
	sm_proc_opts_add_important(opts, "cron");
	ck_assert_int_eq(missing(ctx, opts), 1);
	sm_proc_opts_set_important_defaults(opts, 0);
	ck_assert_int_eq(missing(ctx, opts), 1);
	sm_proc_opts_free(opts);

	ck_assert_int_eq(sm_proc_opts_new(ctx, &opts), 0);
	sm_proc_opts_set_interval_ms(opts, 0);
	sm_proc_opts_set_filter(opts, "pid = 8");
	ck_assert_int_eq(missing(ctx, opts), 0);
	sm_proc_opts_set_filter(opts, NULL);
	sm_proc_opts_set_checks(opts, 0);
	ck_assert_int_eq(missing(ctx, opts), 0);
	sm_proc_opts_free(opts);
	sm_ctx_unref(ctx);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("services");
	TCase *t = tcase_create("services");

	tcase_add_checked_fixture(t, setup, tree_remove);
	tcase_add_test(t,
		       enabled_units_are_known_by_the_names_of_their_processes);
	tcase_add_test(t, a_masked_unit_is_not_missed);
	tcase_add_test(t, without_systemd_nothing_is_expected);
	tcase_add_test(
		t, what_is_enabled_and_does_not_run_is_found_in_whole_lists);
	suite_add_tcase(s, t);
	return suite_run(s);
}
