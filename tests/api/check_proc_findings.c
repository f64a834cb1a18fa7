/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zoo.h"

START_TEST(only_a_deleted_program_is_found_deleted)
{
	const char *kinds[] = { NULL,	     "exe_deleted", "exe_fake_deleted",
				"exe_memfd", "plain",	    NULL };
	const sm_finding *f;
	pid_t pids[4];

	enter_zoo(kinds, pids);
	list_once(NULL);
	f = finding_of(pids[0], "exe_deleted");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(sm_finding_rule(f), "exe-deleted");
	ck_assert_str_eq(sm_finding_attack(f, 0), "T1070.004");
	ck_assert_ptr_nonnull(strstr(sm_finding_why(f), "program (deleted)"));
	ck_assert_ptr_nonnull(strstr(sm_finding_title(f), "program (pid "));
	ck_assert_int_eq(sm_finding_state(f), SM_FINDING_CLOSED);
	ck_assert_uint_eq(sm_finding_nevidence(f), 1);
	ck_assert_int_eq(sm_proc_pid(sm_record_proc(sm_finding_evidence(f, 0))),
			 pids[0]);
	ck_assert_ptr_nonnull(
		strstr(sm_proc_exe(proc_of(pids[1])), "x (deleted)"));
	ck_assert_ptr_null(finding_of(pids[1], "exe_deleted"));
	/* That is a finding of its own. */
	ck_assert_ptr_null(finding_of(pids[2], "exe_deleted"));
	ck_assert_ptr_null(finding_of(pids[3], "exe_deleted"));
}
END_TEST

START_TEST(a_program_in_a_directory_that_all_may_write_is_found)
{
	const char *kinds[] = { NULL, "exe_fake_deleted", "exe_deleted",
				"plain", NULL };
	const sm_finding *f;
	pid_t pids[3];

	enter_zoo(kinds, pids);
	list_once("pid");
	f = finding_of(pids[0], "exe_world_writable_dir");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(sm_finding_severity(f), SM_SEV_HIGH);
	ck_assert_str_eq(sm_finding_attack(f, 0), "T1574.010");
	ck_assert_ptr_nonnull(finding_of(pids[1], "exe_world_writable_dir"));
}
END_TEST

START_TEST(a_finding_has_the_same_id_and_key_the_next_time)
{
	pid_t pid = enter_one("exe_deleted");
	char id[64], key[64];
	const sm_finding *f;

	list_once(NULL);
	f = finding_of(pid, "exe_deleted");
	snprintf(id, sizeof(id), "%s", sm_finding_id(f));
	snprintf(key, sizeof(key), "%s", sm_finding_key(f));
	ck_assert_uint_eq(strlen(id), 32);
	ck_assert_str_ne(id, key);
	list_once("pid");
	f = finding_of(pid, "exe_deleted");
	ck_assert_str_eq(sm_finding_id(f), id);
	ck_assert_str_eq(sm_finding_key(f), key);
}
END_TEST

START_TEST(memory_above_the_threshold_is_found_and_zero_is_never)
{
	const char *kinds[] = { NULL, "big", "plain", NULL };
	const sm_finding *f;
	pid_t pids[2];

	enter_zoo(kinds, pids);
	list_once(NULL);
	ck_assert_uint_ge(sm_proc_rss_bytes(proc_of(pids[0])), 32 << 20);
	sm_proc_opts_set_memory_threshold(
		opts, sm_proc_memory_percent(proc_of(pids[0])) / 2);
	list_processes();
	f = finding_of(pids[0], "memory_hog");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_null(finding_of(pids[1], "memory_hog"));
	sm_proc_opts_set_memory_threshold(opts, 0);
	list_processes();
	ck_assert_ptr_null(finding_of(pids[0], "memory_hog"));
}
END_TEST

START_TEST(without_checks_nothing_is_judged)
{
	pid_t pid = enter_one("exe_deleted");

	sm_proc_opts_set_checks(opts, 0);
	sm_proc_opts_set_memory_threshold(opts, 0.000001);
	list_once(NULL);
	ck_assert_ptr_nonnull(record_of(pid));
	ck_assert_uint_eq(seen.nfindings, 0);
}
END_TEST

START_TEST(an_important_process_that_does_not_run_is_found)
{
	const sm_finding *f;
	pid_t pid = enter_one("plain");

	sm_proc_opts_set_checks(opts, 0);
	sm_proc_opts_add_important(opts, "zoo plain");
	sm_proc_opts_add_important(opts, "no such process");
	sm_proc_opts_add_important(opts, "zoo");
	list_once(NULL);
	ck_assert_ptr_nonnull(record_of(pid));
	ck_assert_uint_eq(seen.nfindings, 1);
	f = sm_record_finding(seen.findings[0]);
	ck_assert_str_eq(sm_finding_kind(f), "important_missing");
	ck_assert_str_eq(sm_finding_subject(f), "no such process");
	ck_assert_str_eq(sm_finding_title(f), "no such process does not run");
	ck_assert_str_eq(sm_finding_attack(f, 0), "T1489");
	ck_assert_str_eq(sm_finding_attack(f, 1), "T1562.001");
}
END_TEST

START_TEST(important_processes_are_looked_for_beyond_the_filter)
{
	pid_t pid = enter_one("plain");

	sm_proc_opts_set_checks(opts, 0);
	sm_proc_opts_set_pid(opts, getpid());
	sm_proc_opts_add_important(opts, "zoo plain");
	list_once(NULL);
	ck_assert_uint_eq(seen.nfindings, 0);
	ck_assert_uint_eq(seen.nprocs, 1);
	ck_assert_ptr_null(record_of(pid));
}
END_TEST

/* Where the file system counts what is written to it. */
START_TEST(who_writes_much_is_found_above_the_threshold_and_has_a_rate)
{
	const char *kinds[] = { NULL, "disk_writer", "plain", NULL };
	const sm_record *r;
	pid_t pids[2];
	int64_t rate;
	size_t read_rate = (size_t)sm_kind_field(SM_KIND_PROCESS, "read_rate");
	size_t write_rate =
		(size_t)sm_kind_field(SM_KIND_PROCESS, "write_rate");

	enter_zoo(kinds, pids);
	sm_proc_opts_set_interval_ms(opts, 50);
	sm_proc_opts_set_fields(opts, "pid,read_rate,write_rate");
	list_processes();
	ck_assert_ptr_null(finding_of(pids[0], "io_hog"));
	r = record_of(pids[1]);
	ck_assert(sm_record_has_field(r, read_rate));
	ck_assert_int_eq(sm_record_field_int(r, write_rate), 0);
	rate = sm_record_field_int(record_of(pids[0]), write_rate);
	if (rate == 0) {
		puts("SKIP: io_hog: /tmp: its file system counts nothing");
		return;
	}
	sm_proc_opts_set_threshold(opts, "io_hog", 1);
	list_processes();
	ck_assert_ptr_nonnull(finding_of(pids[0], "io_hog"));
	ck_assert_ptr_null(finding_of(pids[1], "io_hog"));
	sm_proc_opts_set_threshold(opts, "io_hog", 1e15);
	list_processes();
	ck_assert_ptr_null(finding_of(pids[0], "io_hog"));
}
END_TEST

/* sleep(1) is of Debian's coreutils. */
START_TEST(the_package_of_a_program_is_told_and_that_of_others_not)
{
	const char *kinds[] = { NULL, "system_program", "plain", NULL };
	size_t field = (size_t)sm_kind_field(SM_KIND_PROCESS, "package");
	const char *name;
	pid_t pids[2];

	enter_zoo(kinds, pids);
	list_once("pid,package");
	ck_assert(!sm_record_has_field(record_of(pids[1]), field));
	ck_assert_ptr_null(finding_of(pids[0], "exe_unpackaged"));
	ck_assert_ptr_null(finding_of(pids[1], "exe_unpackaged"));
	if (access("/var/lib/dpkg/info/coreutils.list", R_OK) != 0)
		return;
	name = sm_record_field_str(record_of(pids[0]), field);
	ck_assert_str_eq(name, "coreutils");
}
END_TEST

START_TEST(zombies_are_told_of_their_parent_above_the_threshold)
{
	pid_t pid = enter_one("zombies60");
	const sm_finding *f;
	char title[64];

	list_once("pid");
	f = finding_of(pid, "zombies");
	ck_assert_ptr_nonnull(f);
	snprintf(title, sizeof(title), "zoo (pid %d) leaves 60 zombies",
		 (int)pid);
	ck_assert_str_eq(sm_finding_title(f), title);
	ck_assert_uint_eq(sm_finding_nevidence(f), 1);
	ck_assert_int_eq(
		sm_proc_ppid(sm_record_proc(sm_finding_evidence(f, 0))), pid);
	sm_proc_opts_set_threshold(opts, "zombies", 60);
	list_processes();
	ck_assert_ptr_null(finding_of(pid, "zombies"));
}
END_TEST

START_TEST(a_busy_process_is_found_above_the_threshold_only)
{
	const char *kinds[] = { NULL, "burner", "plain", NULL };
	pid_t pids[2];

	enter_zoo(kinds, pids);
	sm_proc_opts_set_interval_ms(opts, 100);
	sm_proc_opts_set_cpu_threshold(opts, 0.5);
	list_processes();
	ck_assert_ptr_nonnull(finding_of(pids[0], "cpu_hog"));
	/* Its start may still be in the window. */
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(finding_of(pids[i], "cpu_hog") != NULL,
				 sm_proc_cpu_percent(proc_of(pids[i])) > 0.5);
	sm_proc_opts_set_cpu_threshold(opts, 1000);
	list_processes();
	ck_assert_ptr_null(finding_of(pids[0], "cpu_hog"));
}
END_TEST

static void allow(sm_ruleset *rs, const char *key, const char *expires)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "id: test\nkind: allow\nkey: %s\nreason: A test\n"
		 "expires: %s\n",
		 key, expires);
	ck_assert_int_eq(sm_ruleset_add_text(rs, "test", text, strlen(text),
					     SM_RULES_NATIVE),
			 1);
}

START_TEST(an_accepted_finding_is_counted_and_not_told)
{
	const char *kinds[] = { NULL, "exe_deleted", "exe_fake_deleted", NULL };
	sm_ruleset *rs, *late;
	pid_t pids[2];
	char key[64];

	enter_zoo(kinds, pids);
	list_once(NULL);
	snprintf(key, sizeof(key), "%s",
		 sm_finding_key(finding_of(pids[0], "exe_deleted")));
	ck_assert_int_eq(sm_ruleset_new(ctx, &rs), 0);
	allow(rs, key, "2099-12-31");
	ck_assert_int_eq(sm_proc_opts_set_rules(opts, rs), 0);
	sm_ruleset_unref(rs);
	list_once(NULL);
	ck_assert_ptr_null(finding_of(pids[0], "exe_deleted"));
	ck_assert_ptr_nonnull(finding_of(pids[0], "exe_in_temp_dir"));
	ck_assert_ptr_nonnull(finding_of(pids[1], "exe_in_temp_dir"));
	ck_assert_int_eq(seen.allowed, 1);
	ck_assert_int_eq(sm_ruleset_new(ctx, &late), 0);
	allow(late, key, "2001-12-31");
	ck_assert_int_eq(sm_proc_opts_set_rules(opts, late), 0);
	sm_ruleset_unref(late);
	list_once(NULL);
	ck_assert_ptr_nonnull(finding_of(pids[0], "exe_deleted"));
}
END_TEST

static void allow_process(const char *what)
{
	char text[512];
	sm_ruleset *rs;

	snprintf(text, sizeof(text),
		 "id: test\nkind: allow\nreason: A test\n"
		 "expires: 2099-12-31\n%s\n",
		 what);
	ck_assert_int_eq(sm_ruleset_new(ctx, &rs), 0);
	ck_assert_int_eq(sm_ruleset_add_text(rs, "test", text, strlen(text),
					     SM_RULES_NATIVE),
			 1);
	ck_assert_int_eq(sm_proc_opts_set_rules(opts, rs), 0);
	sm_ruleset_unref(rs);
	list_once("pid");
}

static const struct {
	const char *entry;
	int accepts; /* what is found of the process */
} entries[] = {
	{ "exe: /tmp/sysmon-zoo-*/program", 1 },
	{ "exe: /tmp/sysmon-zoo-?*/progra?", 1 },
	{ "args: '*/program --sleep'", 1 },
	{ "check: [traced, exe-deleted]\nexe: /tmp/*", 1 },
	{ "check: traced\nexe: /tmp/*", 0 },
	{ "exe: /tmp/sysmon-zoo-*/programs", 0 },
	{ "exe: /tmp/sysmon-zoo-*/progr", 0 },
	{ "exe: /opt/*", 0 },
	{ "exe: /tmp/*\nuser: nobody here", 0 },
	{ "exe: /tmp/*\ncontainer: '*'", 0 },
	{ "exe: /tmp/*\nargs: '* --wake'", 0 },
};

START_TEST(an_entry_accepts_what_is_found_of_processes_that_fit_all_of_it)
{
	pid_t pid = enter_one("exe_deleted");

	allow_process(entries[_i].entry);
	ck_assert_int_eq(finding_of(pid, "exe_deleted") == NULL,
			 entries[_i].accepts);
	if (entries[_i].accepts)
		ck_assert_int_ge(seen.allowed, 1);
}
END_TEST

START_TEST(an_entry_accepts_the_programs_of_a_package)
{
	pid_t pid = enter_one("preload");

	if (access("/var/lib/dpkg/info/coreutils.list", R_OK) != 0) {
		puts("SKIP: findings: an entry with a package: no dpkg");
		return;
	}
	allow_process("package: bash");
	ck_assert_ptr_nonnull(finding_of(pid, "preload_variable"));
	allow_process("package: coreutils");
	ck_assert_ptr_null(finding_of(pid, "preload_variable"));
	ck_assert_int_ge(seen.allowed, 1);
}
END_TEST

static void add_finding_tests(TCase *tc)
{
	tcase_add_test(tc, an_entry_accepts_the_programs_of_a_package);
	tcase_add_loop_test(
		tc,
		an_entry_accepts_what_is_found_of_processes_that_fit_all_of_it,
		0, sizeof(entries) / sizeof(entries[0]));
	tcase_add_test(tc, only_a_deleted_program_is_found_deleted);
	tcase_add_test(tc,
		       a_program_in_a_directory_that_all_may_write_is_found);
	tcase_add_test(tc, a_finding_has_the_same_id_and_key_the_next_time);
	tcase_add_test(tc,
		       memory_above_the_threshold_is_found_and_zero_is_never);
	tcase_add_test(
		tc,
		who_writes_much_is_found_above_the_threshold_and_has_a_rate);
	tcase_add_test(tc,
		       the_package_of_a_program_is_told_and_that_of_others_not);
	tcase_add_test(tc,
		       zombies_are_told_of_their_parent_above_the_threshold);
	tcase_add_test(tc, a_busy_process_is_found_above_the_threshold_only);
	tcase_add_test(tc, an_accepted_finding_is_counted_and_not_told);
	tcase_add_test(tc, without_checks_nothing_is_judged);
	tcase_add_test(tc, an_important_process_that_does_not_run_is_found);
	tcase_add_test(tc,
		       important_processes_are_looked_for_beyond_the_filter);
}

int main(void)
{
	Suite *s = suite_create("proc_findings");
	TCase *tc = tcase_create("findings");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup_list, teardown_list);
	tcase_set_timeout(tc, 60);
	add_finding_tests(tc);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
