/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forbid-bpf.h"
#include "zoo.h"

#define NKINDS 22
static const char *const every_kind[NKINDS + 2] = {
	NULL,
	"plain",
	"parens",
	"newline",
	"backslash",
	"bad_utf8",
	"control",
	"no_name",
	"threads5",
	"title",
	"wiped",
	"leader_exited",
	"big",
	"zombie",
	"burner2",
	"not_dumpable",
	"other_euid",
	"exe_deleted",
	"exe_memfd",
	"exe_fake_deleted",
	"cmdline_300k",
	"cmdline_odd",
	"cmdline_one_empty",
	NULL,
};

static const struct {
	int number;
	bool again; /* the second list of a watch */
} backends[] = {
	{ SM_PROC_BACKEND_AUTO, false }, { SM_PROC_BACKEND_BPF, false },
	{ SM_PROC_BACKEND_BPF, true },	 { SM_PROC_BACKEND_KEPT, false },
	{ SM_PROC_BACKEND_KEPT, true },
};
#define NBACKENDS ((int)(sizeof(backends) / sizeof(backends[0])))

static void list_by(int backend, const char *fields)
{
	ck_assert_int_eq(sm_proc_opts_set_backend(opts, backend), 0);
	/* Nothing else is refused then, and there is no other notice. */
	ck_assert_int_eq(sm_proc_opts_set_checks(opts, 0), 0);
	list_once(fields);
}

static int keep_second(const sm_event *ev, void *user)
{
	int *rounds = user;

	if (sm_event_kind(ev) != SM_EVENT_ROUND)
		return keep_event(ev, NULL);
	if (++*rounds == 2)
		return SM_STOP;
	for (size_t i = 0; i < seen.nprocs; i++)
		sm_record_unref(seen.procs[i]);
	seen.nprocs = 0;
	return SM_CONTINUE;
}

static void list_twice(int backend, const char *fields)
{
	int rounds = 0;

	forget_list();
	sm_proc_opts_set_backend(opts, backend);
	sm_proc_opts_set_checks(opts, 0);
	sm_proc_opts_set_interval_ms(opts, 0);
	sm_proc_opts_set_watch_ms(opts, 1);
	ck_assert_int_eq(sm_proc_opts_set_fields(opts, fields), 0);
	ck_assert_int_eq(sm_list_processes(ctx, opts, keep_second, &rounds),
			 SM_STOP);
	sm_proc_opts_set_watch_ms(opts, 0);
}

static void list_as(int b, const char *fields)
{
	if (backends[b].again)
		list_twice(backends[b].number, fields);
	else
		list_by(backends[b].number, fields);
}

/* False, and says so: it cannot be had here. */
static int is_refused(void)
{
	if (!strstr(seen.notices, "could not be listed by"))
		return 0;
	printf("SKIP: backend bpf: the kernel, or its configuration, refuses "
	       "it: "
	       "%s\n",
	       seen.notices);
	return 1;
}

static int crowded; /* some have not come to rest */

static int changes(const char *field)
{
	return !strcmp(field, "time") || (crowded && !strcmp(field, "state")) ||
	       strstr(field, "cpu_percent") != NULL;
}

static void check_alike(const sm_record *a, const sm_record *b, size_t f)
{
	const char *name = sm_kind_field_name(SM_KIND_PROCESS, f);
	int pid = sm_proc_pid(sm_record_proc(a));

	ck_assert_msg(sm_record_has_field(a, f) == sm_record_has_field(b, f),
		      "%s of %d is not known to both", name, pid);
	ck_assert_msg(sm_record_field_int(a, f) == sm_record_field_int(b, f),
		      "%s of %d: %lld, %lld", name, pid,
		      (long long)sm_record_field_int(a, f),
		      (long long)sm_record_field_int(b, f));
	ck_assert_msg(
		!(sm_record_field_real(a, f) < sm_record_field_real(b, f)) &&
			!(sm_record_field_real(a, f) >
			  sm_record_field_real(b, f)),
		"%s of %d", name, pid);
	ck_assert_str_eq(sm_record_field_str(a, f), sm_record_field_str(b, f));
	ck_assert_uint_eq(sm_record_field_nitems(a, f),
			  sm_record_field_nitems(b, f));
	for (size_t i = 0; i < sm_record_field_nitems(a, f); i++)
		ck_assert_str_eq(sm_record_field_item(a, f, i),
				 sm_record_field_item(b, f, i));
}

static void check_row(const sm_record *before, const sm_record *now)
{
	size_t nfields = sm_kind_nfields(SM_KIND_PROCESS), len, len2;
	const sm_proc *a = sm_record_proc(before), *b = sm_record_proc(now);
	const void *name, *name2;

	ck_assert_ptr_nonnull(b);
	for (size_t f = 0; f < nfields; f++)
		if (!changes(sm_kind_field_name(SM_KIND_PROCESS, f)))
			check_alike(before, now, f);
	name = sm_proc_name_raw(a, &len);
	name2 = sm_proc_name_raw(b, &len2);
	ck_assert_uint_eq(len, len2);
	ck_assert_mem_eq(name, name2, len);
	(void)sm_proc_cmdline_raw(a, &len);
	(void)sm_proc_cmdline_raw(b, &len2);
	ck_assert_uint_eq(len, len2);
}

static void check_rows(sm_record **before, const pid_t *pids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_row(before[i], record_of(pids[i]));
}

/* What the kernel counts of it; and false while it runs. */
static bool read_stat(pid_t pid, char text[1024])
{
	char path[64], *state;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	n = f ? fread(text, 1, 1023, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	state = strrchr(text, ')');
	return !state || state[2] != 'R';
}

/* A busy machine lets them begin late; and who burns never rests. */
static void wait_for_rest(pid_t pid)
{
	char before[1024], now[1024];

	for (int tries = 0; tries < 60; tries++) {
		bool rests = read_stat(pid, before);

		usleep(25000);
		if (read_stat(pid, now) && rests && !strcmp(before, now))
			return;
	}
}

static size_t enter_all(pid_t *pids)
{
	const char *kinds[NKINDS + 2];
	size_t n = 0;

	memcpy(kinds, every_kind, sizeof(kinds));
	memset(pids, 0, NKINDS * sizeof(*pids));
	enter_zoo(kinds, pids);
	for (size_t i = 0; i < NKINDS; i++)
		if (pids[i] > 0)
			pids[n++] = pids[i];
	for (size_t i = 0; i < n; i++)
		wait_for_rest(pids[i]);
	return n;
}

static void keep_rows(sm_record **rows, const pid_t *pids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const sm_record *r = record_of(pids[i]);

		ck_assert_ptr_nonnull(r);
		rows[i] = sm_record_ref(r);
	}
}

static const char *const fieldsets[] = {
	NULL,
	"pid,name",
	"pid,ppid,state,user,euser,threads,rss,memory_percent,cmdline,args",
	"pid,id,start,kernel_thread,uid,euid,swap,tracer_pid,capabilities,"
	"seccomp,no_new_privs,unreadable",
	"pid,session,tty,nice,scheduler,minor_faults,major_faults,cmdline",
};
#define NFIELDSETS ((int)(sizeof(fieldsets) / sizeof(fieldsets[0])))

START_TEST(every_backend_gives_the_same_rows_of_odd_processes)
{
	sm_record *rows[NKINDS];
	pid_t pids[NKINDS];
	size_t n = enter_all(pids);

	list_by(SM_PROC_BACKEND_PROCFS, fieldsets[_i]);
	keep_rows(rows, pids, n);
	for (int b = 0; b < NBACKENDS; b++) {
		list_as(b, fieldsets[_i]);
		if (!is_refused())
			check_rows(rows, pids, n);
	}
	for (size_t i = 0; i < n; i++)
		sm_record_unref(rows[i]);
}
END_TEST

/* Of all that /proc lists, the first process too. */
START_TEST(every_backend_lists_the_first_process)
{
	for (int b = 0; b < NBACKENDS; b++) {
		list_as(b, "pid");
		if (!is_refused())
			ck_assert_ptr_nonnull(record_of(1));
	}
}
END_TEST

START_TEST(every_backend_measures_two_busy_threads_as_two_processors)
{
	pid_t pid = enter_one("burner2");

	sm_proc_opts_set_interval_ms(opts, 100);
	sm_proc_opts_set_fields(opts, "pid,cpu_percent");
	for (int b = 0; b < NBACKENDS; b++) {
		double percent;

		sm_proc_opts_set_backend(opts, backends[b].number);
		list_processes();
		percent = sm_proc_cpu_percent(proc_of(pid));
		/* Both run, on whatever the other tests leave of the machine. */
		ck_assert(percent > 5.0 && percent < 215.0);
	}
}
END_TEST

/* More than one thread is given at a time. */
#define CROWD 300
static pid_t crowd[CROWD];

/* Each closes its end when nothing but its state changes any more. */
static void start_crowd(void)
{
	int ready[2];
	char none;

	ck_assert_int_eq(pipe(ready), 0);
	for (int i = 0; i < CROWD; i++) {
		crowd[i] = fork();
		if (crowd[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(ready[0]);
			close(ready[1]);
			for (;;)
				pause();
		}
		ck_assert_int_gt(crowd[i], 0);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &none, 1), 0);
	close(ready[0]);
}

static void end_crowd(void)
{
	for (int i = 0; i < CROWD; i++)
		kill(crowd[i], SIGKILL);
	for (int i = 0; i < CROWD; i++)
		waitpid(crowd[i], NULL, 0);
}

/* Those of the crowd and the zoo, in their order. */
static size_t own_rows(sm_record **rows, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < seen.nprocs && n < max; i++) {
		int ppid = sm_proc_ppid(sm_record_proc(seen.procs[i]));

		if (ppid == getpid() || ppid == zoo.pid)
			rows[n++] = sm_record_ref(seen.procs[i]);
	}
	return n;
}

static const int sorts[] = { SM_PROC_BY_PID, SM_PROC_BY_MEMORY,
			     SM_PROC_BY_NAME };

START_TEST(threads_change_neither_rows_nor_their_order)
{
	sm_record *before[CROWD + NKINDS + 1], *now[CROWD + NKINDS + 1];
	size_t max = sizeof(now) / sizeof(now[0]), n, n2;
	pid_t pids[NKINDS];

	ck_assert_uint_gt(enter_all(pids), 0);
	start_crowd();
	crowded = 1;
	sm_proc_opts_set_sort(opts, sorts[_i]);
	list_by(SM_PROC_BACKEND_PROCFS, NULL);
	n = own_rows(before, max);
	ck_assert_uint_gt(n, CROWD);
	for (uint32_t threads = 2; threads <= 5; threads += 3) {
		ck_assert_int_eq(sm_proc_opts_set_threads(opts, threads), 0);
		list_by(SM_PROC_BACKEND_PROCFS, NULL);
		n2 = own_rows(now, max);
		ck_assert_uint_eq(n2, n);
		for (size_t i = 0; i < n; i++) {
			check_row(before[i], now[i]);
			sm_record_unref(now[i]);
		}
	}
	for (size_t i = 0; i < n; i++)
		sm_record_unref(before[i]);
	end_crowd();
}
END_TEST

/* In a child: what it asserts ends the test. */
static void in_child(void (*fn)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		fn();
		fflush(stdout);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static void check_refusal(void)
{
	list_by(SM_PROC_BACKEND_BPF, "pid,name,cmdline");
	ck_assert_ptr_nonnull(proc_of(getpid()));
	ck_assert_ptr_nonnull(
		strstr(seen.notices, "could not be listed by bpf"));
	ck_assert_ptr_nonnull(strstr(seen.notices, "/proc was read"));
	ck_assert_str_eq(seen.backend, "procfs");
	list_by(SM_PROC_BACKEND_AUTO, "pid,name,cmdline");
	ck_assert_ptr_nonnull(proc_of(getpid()));
	ck_assert_ptr_null(strstr(seen.notices, "could not be listed by"));
	list_twice(SM_PROC_BACKEND_AUTO, "pid,rss,cpu_percent");
	ck_assert_ptr_nonnull(proc_of(getpid()));
	ck_assert_str_eq(seen.backend, "kept");
}

static void with_eperm(void)
{
	forbid_bpf(EPERM);
	check_refusal();
}

static void with_enosys(void)
{
	forbid_bpf(ENOSYS);
	check_refusal();
}

static void as_nobody(void)
{
	if (geteuid() == 0)
		ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
	check_refusal();
}

static void (*const refusals[])(void) = { with_eperm, with_enosys, as_nobody };

START_TEST(a_backend_that_is_refused_is_told_to_who_named_it_and_proc_is_read)
{
	in_child(refusals[_i]);
}
END_TEST

static void list_here(void)
{
	ck_assert_int_eq(mount("proc", "/proc", "proc", 0, NULL), 0);
	list_by(SM_PROC_BACKEND_BPF, "pid,ppid,name,user,rss,threads,cmdline");
	ck_assert_uint_eq(seen.nprocs, 1);
	ck_assert_int_eq(sm_proc_pid(sm_record_proc(seen.procs[0])), 1);
	ck_assert_int_eq(sm_proc_ppid(sm_record_proc(seen.procs[0])), 0);
	is_refused();
}

/* Of another namespace than the caller's: the numbers would not be the same. */
static void list_there(void)
{
	list_by(SM_PROC_BACKEND_BPF, "pid");
	ck_assert_uint_gt(seen.nprocs, 1);
	ck_assert_ptr_nonnull(strstr(seen.notices, "another pid namespace"));
}

static void (*const lists[])(void) = { list_there, list_here };

static void in_namespace(void)
{
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		puts("SKIP: backends in a pid namespace: not allowed");
		return;
	}
	in_child(lists[0]);
}

static void in_own_namespace(void)
{
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return;
	in_child(lists[1]);
}

START_TEST(in_a_pid_namespace_the_numbers_are_those_of_its_proc)
{
	in_child(in_namespace);
	in_child(in_own_namespace);
}
END_TEST

START_TEST(no_threads_and_too_many_poison_the_options)
{
	ck_assert_int_eq(sm_proc_opts_set_threads(opts, 64), 0);
	ck_assert_int_eq(sm_proc_opts_set_threads(opts, 65), -ERANGE);
	ck_assert_int_eq(sm_list_processes(ctx, opts, keep_event, NULL),
			 -ERANGE);
	ck_assert_int_eq(sm_proc_opts_set_threads(NULL, 1), -EINVAL);
}
END_TEST

START_TEST(a_backend_that_is_none_poisons_the_options)
{
	ck_assert_int_eq(sm_proc_opts_set_backend(opts, -1), -EINVAL);
	ck_assert_int_eq(sm_list_processes(ctx, opts, keep_event, NULL),
			 -EINVAL);
	ck_assert_int_eq(sm_proc_opts_set_backend(NULL, 0), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc-backends");
	TCase *tc = tcase_create("proc-backends");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup_list, teardown_list);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc,
			    every_backend_gives_the_same_rows_of_odd_processes,
			    0, NFIELDSETS);
	tcase_add_test(tc, every_backend_lists_the_first_process);
	tcase_add_test(
		tc, every_backend_measures_two_busy_threads_as_two_processors);
	tcase_add_loop_test(
		tc,
		a_backend_that_is_refused_is_told_to_who_named_it_and_proc_is_read,
		0, 3);
	tcase_add_test(tc,
		       in_a_pid_namespace_the_numbers_are_those_of_its_proc);
	tcase_add_test(tc, a_backend_that_is_none_poisons_the_options);
	tcase_add_loop_test(tc, threads_change_neither_rows_nor_their_order, 0,
			    sizeof(sorts) / sizeof(sorts[0]));
	tcase_add_test(tc, no_threads_and_too_many_poison_the_options);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
