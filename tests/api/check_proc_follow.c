/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

#define STORM	200
#define SECONDS 20

static sm_job *job;
static char way[32]; /* that events come by */

static size_t field_of(const char *name)
{
	return (size_t)sm_kind_field(SM_KIND_PROCESS, name);
}

static bool is(const sm_record *r, pid_t pid, const char *what)
{
	return sm_proc_pid(sm_record_proc(r)) == pid &&
	       !strcmp(sm_record_field_str(r, field_of("event")), what);
}

/* NULL where it was not told yet. */
static const sm_record *event_of(pid_t pid, const char *what)
{
	for (size_t i = 0; i < seen.nprocs; i++)
		if (is(seen.procs[i], pid, what))
			return seen.procs[i];
	return NULL;
}

static void keep(const sm_event *ev)
{
	const sm_notice *n = sm_record_notice(sm_event_record(ev));
	const char *source = sm_notice_source(n);

	keep_event(ev, NULL);
	if (!strcmp(source, "connector") || !strcmp(source, "polling") ||
	    !strcmp(source, "bpf"))
		snprintf(way, sizeof(way), "%s", source);
}

/* Drives the job until the event is told; pid 0: until events come at all. */
static const sm_record *wait_for(pid_t pid, const char *what)
{
	time_t end = time(NULL) + SECONDS;
	const sm_event *ev;
	int r;

	while (pid ? !event_of(pid, what) : !way[0]) {
		struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };

		ck_assert_msg(time(NULL) < end, "no %s of %d comes", what,
			      (int)pid);
		r = sm_job_next(job, &ev);
		ck_assert_msg(r == 1 || r == -EAGAIN, "%s", sm_ctx_errmsg(ctx));
		if (r == 1)
			keep(ev);
		else
			poll(&p, 1, 100);
	}
	return pid ? event_of(pid, what) : NULL;
}

static void follow(const char *fields)
{
	way[0] = '\0';
	ck_assert_int_eq(sm_proc_opts_set_follow(opts, 1), 0);
	ck_assert_int_eq(sm_proc_opts_set_interval_ms(opts, 0), 0);
	ck_assert_int_eq(sm_proc_opts_set_hidden(opts, SM_PROC_HIDDEN_OFF), 0);
	ck_assert_int_eq(sm_proc_opts_set_fields(opts, fields), 0);
	ck_assert_int_eq(sm_job_new_proc(ctx, opts, &job), 0);
	wait_for(0, "list");
	while (!seen.events[0]) {
		const sm_event *ev;

		ck_assert_int_eq(sm_job_next(job, &ev), 1);
		keep(ev);
	}
	ck_assert_str_eq(seen.events, way);
	forget_list();
}

static bool has_events(void)
{
	if (strcmp(way, "polling") != 0)
		return true;
	printf("SKIP: events: the kernel tells this caller of none\n");
	return false;
}

static void setup(void)
{
	setup_list();
	sm_proc_opts_set_checks(opts, 0);
	job = NULL;
}

static void teardown(void)
{
	sm_job_free(job);
	teardown_list();
}

static pid_t start_program(char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	ck_assert_int_gt(pid, 0);
	return pid;
}

static void lab(char path[4096], const char *name)
{
	const char *dir = getenv("builddir");

	snprintf(path, 4096, "%s/tests/lab/%s", dir ? dir : ".", name);
}

/* What it ran, or that it is not known. */
static bool says_what_ran(const sm_record *r)
{
	const sm_proc *p = sm_record_proc(r);

	if (sm_proc_nargs(p) == 3 || !strcmp(way, "bpf"))
		return !strcmp(sm_proc_arg(p, 0), "/bin/true") &&
		       !strcmp(sm_proc_arg(p, 1), "--storm");
	for (size_t i = 0; i < sm_proc_nunreadable(p); i++)
		if (!strcmp(sm_proc_unreadable(p, i), "args"))
			return true;
	return false;
}

START_TEST(of_many_short_processes_none_is_missed)
{
	char path[4096], count[16];
	char *argv[] = { path, count, NULL };
	size_t forks = 0, execs = 0, exits = 0;
	pid_t storm;

	lab(path, "storm");
	snprintf(count, sizeof(count), "%d", STORM);
	follow("pid,ppid,name,args,unreadable");
	if (!has_events())
		return;
	storm = start_program(argv);
	wait_for(storm, "exit");
	ck_assert_int_eq(waitpid(storm, NULL, 0), storm);
	for (size_t i = 0; i < seen.nprocs; i++) {
		const sm_record *r = seen.procs[i];
		const sm_proc *p = sm_record_proc(r);

		if (sm_proc_ppid(p) != storm)
			continue;
		forks += is(r, sm_proc_pid(p), "fork");
		exits += is(r, sm_proc_pid(p), "exit") &&
			 sm_record_has_field(r, field_of("exit_code")) &&
			 !sm_record_field_int(r, field_of("exit_code"));
		if (is(r, sm_proc_pid(p), "exec")) {
			execs++;
			ck_assert(says_what_ran(r));
		}
	}
	/* What looks for leaks at the end of a program is a process, too. */
	ck_assert_uint_ge(forks, STORM);
	ck_assert_uint_eq(execs, STORM);
	ck_assert_uint_ge(exits, STORM);
}
END_TEST

/* The child says so on a pipe when its own child, which waits on another, is there. */
static pid_t start_orphan(int wake[2], pid_t *parent)
{
	char *argv[] = { (char[]){ "/bin/true" }, NULL };
	int told[2];
	pid_t orphan;

	ck_assert_int_eq(pipe(told), 0);
	ck_assert_int_eq(pipe(wake), 0);
	*parent = fork();
	if (*parent == 0) {
		char c;

		orphan = fork();
		if (orphan == 0) {
			close(wake[1]);
			if (read(wake[0], &c, 1) >= 0)
				execv(argv[0], argv);
			_exit(1);
		}
		if (write(told[1], &orphan, sizeof(orphan)) < 0)
			_exit(1);
		_exit(7);
	}
	ck_assert_int_eq(read(told[0], &orphan, sizeof(orphan)),
			 sizeof(orphan));
	close(told[0]);
	close(told[1]);
	close(wake[0]);
	return orphan;
}

START_TEST(the_parents_of_a_process_stay_known_when_they_have_ended)
{
	const sm_record *r;
	pid_t orphan, parent;
	char want[64];
	int wake[2];

	follow("pid,ppid,name");
	if (!has_events())
		return;
	orphan = start_orphan(wake, &parent);
	r = wait_for(parent, "exit");
	ck_assert_int_eq(sm_record_field_int(r, field_of("exit_code")), 7);
	ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
	close(wake[1]);
	r = wait_for(orphan, "exec");
	ck_assert_int_eq(sm_proc_ppid(sm_record_proc(r)), parent);
	snprintf(want, sizeof(want), "(%d)", (int)parent);
	ck_assert_ptr_nonnull(strstr(
		sm_record_field_item(r, field_of("ancestors"), 0), want));
	snprintf(want, sizeof(want), "(%d)", (int)getpid());
	ck_assert_ptr_nonnull(strstr(
		sm_record_field_item(r, field_of("ancestors"), 1), want));
}
END_TEST

START_TEST(an_exit_tells_the_signal)
{
	const sm_record *r;
	pid_t pid;

	follow("pid,id,name");
	if (!has_events())
		return;
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	r = wait_for(pid, "fork");
	kill(pid, SIGKILL);
	ck_assert_str_eq(sm_record_id(wait_for(pid, "exit")), sm_record_id(r));
	r = event_of(pid, "exit");
	ck_assert_int_eq(sm_record_field_int(r, field_of("exit_signal")),
			 SIGKILL);
	ck_assert(!sm_record_has_field(r, field_of("exit_code")));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

START_TEST(what_a_process_runs_is_judged_when_it_begins)
{
	time_t end = time(NULL) + SECONDS;
	pid_t pid;

	sm_proc_opts_set_checks(opts, 1);
	follow("pid");
	pid = enter_one("exe_memfd");
	while (!finding_of(pid, "exe_memfd")) {
		struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };
		const sm_event *ev;

		ck_assert_int_lt(time(NULL), end);
		if (sm_job_next(job, &ev) == 1)
			keep(ev);
		else
			poll(&p, 1, 100);
	}
}
END_TEST

START_TEST(only_the_events_that_are_asked_for_are_told)
{
	pid_t pid, other;

	ck_assert_int_eq(
		sm_proc_opts_set_filter(opts, "event = exec and name = cat"),
		0);
	follow("pid,name");
	other = start_program((char *[]){ (char[]){ "/bin/true" }, NULL });
	ck_assert_int_eq(waitpid(other, NULL, 0), other);
	pid = start_program((char *[]){ (char[]){ "/bin/cat" },
					(char[]){ "/dev/zero" }, NULL });
	wait_for(pid, "exec");
	ck_assert_uint_eq(seen.nprocs, 1);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

static const char *in_process(const char *root, int pid, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/proc/%d/%s", root, pid, name);
	return path;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void make_process(const char *root, int pid, const char *name)
{
	char text[256];

	ck_assert_int_eq(mkdir(in_process(root, pid, ""), 0700), 0);
	snprintf(text, sizeof(text),
		 "Name:\t%s\nState:\tS\nTgid:\t%d\nPPid:\t1\n"
		 "Uid:\t0\t0\t0\t0\n",
		 name, pid);
	write_file(in_process(root, pid, "status"), text);
	snprintf(text, sizeof(text),
		 "%d (%s) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\n",
		 pid, name, pid);
	write_file(in_process(root, pid, "stat"), text);
}

static void end_process(const char *root, int pid)
{
	ck_assert_int_eq(unlink(in_process(root, pid, "status")), 0);
	ck_assert_int_eq(unlink(in_process(root, pid, "stat")), 0);
	ck_assert_int_eq(rmdir(in_process(root, pid, "")), 0);
}

/* Of files that look like /proc, the kernel tells no events. */
START_TEST(where_the_kernel_tells_nothing_the_list_is_looked_at_again)
{
	char root[] = "/tmp/check_proc_follow.XXXXXX", proc[64];
	const sm_record *r;

	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(proc, sizeof(proc), "%s/proc", root);
	ck_assert_int_eq(mkdir(proc, 0700), 0);
	make_process(root, 1, "init");
	make_process(root, 70, "old");
	ck_assert_int_eq(sm_ctx_set_sysroot(ctx, root), 0);
	follow("pid,ppid,name");
	ck_assert_str_eq(way, "polling");
	make_process(root, 71, "new");
	r = wait_for(71, "exec");
	ck_assert_str_eq(sm_proc_name(sm_record_proc(r)), "new");
	ck_assert_str_eq(sm_record_field_item(r, field_of("ancestors"), 0),
			 "init(1)");
	end_process(root, 70);
	r = wait_for(70, "exit");
	ck_assert_str_eq(sm_proc_name(sm_record_proc(r)), "old");
	end_process(root, 71);
	end_process(root, 1);
	ck_assert_int_eq(rmdir(proc), 0);
	ck_assert_int_eq(rmdir(root), 0);
}
END_TEST

START_TEST(following_goes_on_until_it_is_cancelled)
{
	const sm_event *ev;
	int r;

	follow("pid");
	sm_job_cancel(job);
	while ((r = sm_job_next(job, &ev)) == 1)
		keep(ev);
	ck_assert_int_eq(r, -ECANCELED);
	ck_assert_int_eq(sm_proc_opts_set_follow(NULL, 1), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc-follow");
	TCase *tc = tcase_create("follow");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, of_many_short_processes_none_is_missed);
	tcase_add_test(
		tc, the_parents_of_a_process_stay_known_when_they_have_ended);
	tcase_add_test(tc, an_exit_tells_the_signal);
	tcase_add_test(tc, what_a_process_runs_is_judged_when_it_begins);
	tcase_add_test(tc, only_the_events_that_are_asked_for_are_told);
	tcase_add_test(
		tc, where_the_kernel_tells_nothing_the_list_is_looked_at_again);
	tcase_add_test(tc, following_goes_on_until_it_is_cancelled);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
