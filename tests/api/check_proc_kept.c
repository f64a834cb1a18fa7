/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

#define CROWD 300
#define LIMIT 64

/* Something to do between two lists of a watch. */
struct watch {
	unsigned rounds, until;
	void (*between)(unsigned round);
};

static int on_event(const sm_event *ev, void *user)
{
	struct watch *w = user;

	if (sm_event_kind(ev) != SM_EVENT_ROUND)
		return keep_event(ev, NULL);
	if (w->between)
		w->between(w->rounds);
	if (++w->rounds == w->until)
		return SM_STOP;
	forget_list();
	return SM_CONTINUE;
}

/* What is seen is of the last list. */
static void watch(unsigned rounds, void (*between)(unsigned), const char *what)
{
	struct watch w = { .until = rounds, .between = between };

	forget_list();
	ck_assert_int_eq(sm_proc_opts_set_backend(opts, SM_PROC_BACKEND_KEPT),
			 0);
	ck_assert_int_eq(sm_proc_opts_set_watch_ms(opts, 1), 0);
	ck_assert_int_eq(sm_proc_opts_set_interval_ms(opts, 0), 0);
	ck_assert_int_eq(sm_proc_opts_set_checks(opts, 0), 0);
	ck_assert_int_eq(sm_proc_opts_set_fields(opts, what), 0);
	ck_assert_msg(sm_list_processes(ctx, opts, on_event, &w) == SM_STOP,
		      "%s", sm_ctx_errmsg(ctx));
}

static pid_t start_sleeper(const char *name)
{
	int ready[2];
	pid_t pid;
	char none;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	ck_assert_int_gt(pid, 0);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &none, 1), 0);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static size_t count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Whether a file of it is open here. */
static bool is_kept(pid_t pid)
{
	char text[64], want[32];
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *e;
	bool found = false;

	ck_assert_ptr_nonnull(dir);
	snprintf(want, sizeof(want), "/proc/%d/", (int)pid);
	while ((e = readdir(dir)))
		found = found || (readlinkat(dirfd(dir), e->d_name, text,
					     sizeof(text)) > 8 &&
				  !strncmp(text, want, strlen(want)));
	closedir(dir);
	return found;
}

static pid_t crowd[CROWD];
static size_t held[3];

/* The program can go on with its own work. */
static void count_held(unsigned round)
{
	int own[LIMIT / 4];

	held[round] = count_descriptors();
	for (int i = 0; i < LIMIT / 4; i++) {
		own[i] = dup(0);
		ck_assert_int_ge(own[i], 0);
	}
	for (int i = 0; i < LIMIT / 4; i++)
		close(own[i]);
}

static void check_crowd(void)
{
	for (int i = 0; i < CROWD; i++) {
		const sm_proc *p = proc_of(crowd[i]);

		ck_assert_str_eq(sm_proc_name(p), "crowd");
		ck_assert_int_gt(sm_proc_rss_bytes(p), 0);
	}
}

START_TEST(with_few_descriptors_every_process_is_listed_all_the_same)
{
	struct rlimit l = { LIMIT, LIMIT };
	size_t before = count_descriptors();

	for (int i = 0; i < CROWD; i++)
		crowd[i] = start_sleeper("crowd");
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &l), 0);
	for (uint32_t threads = 1; threads <= 3; threads += 2) {
		ck_assert_int_eq(sm_proc_opts_set_threads(opts, threads), 0);
		watch(3, count_held, "pid,name,user,rss,start,cpu_percent");
		check_crowd();
		for (int i = 0; i < 3; i++)
			ck_assert_uint_lt(held[i], LIMIT / 2 + 10);
		ck_assert_uint_gt(held[2], LIMIT / 4);
		ck_assert_uint_eq(count_descriptors(), before);
	}
	for (int i = 0; i < CROWD; i++)
		end(crowd[i]);
}
END_TEST

static const char *const fields[] = {
	"pid,name,cpu_percent",
	"pid,name,rss,cpu_percent",
	"pid,name,state,user,start,session",
};
#define NFIELDS ((int)(sizeof(fields) / sizeof(fields[0])))

static void *exec_in_thread(void *unused)
{
	execl("/bin/sleep", "sleep", "60", (char *)NULL);
	return unused;
}

static pid_t changing;
static int go[2];

/* By its first thread, and by another, which takes its number. */
static pid_t start_changing(bool by_thread)
{
	ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
	changing = fork();
	if (changing == 0) {
		pthread_t t;
		char none;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "before");
		close(go[1]);
		if (read(go[0], &none, 1) != 0)
			_exit(1);
		if (by_thread)
			pthread_create(&t, NULL, exec_in_thread, NULL);
		else
			exec_in_thread(NULL);
		for (;;)
			pause();
	}
	ck_assert_int_gt(changing, 0);
	close(go[0]);
	return changing;
}

static bool is_named(const char *want)
{
	const sm_record *r = record_of(changing);

	return r && !strcmp(sm_proc_name(sm_record_proc(r)), want);
}

static bool saw_both;

static int until_changed(const sm_event *ev, void *user)
{
	int *rounds = user;

	if (sm_event_kind(ev) != SM_EVENT_ROUND)
		return keep_event(ev, NULL);
	if (is_named("before") && go[1] >= 0) {
		close(go[1]);
		go[1] = -1;
	} else if (is_named("sleep")) {
		saw_both = go[1] < 0;
		return SM_STOP;
	}
	forget_list();
	ck_assert_int_lt(++*rounds, 5000);
	return SM_CONTINUE;
}

START_TEST(a_program_that_is_replaced_is_seen_in_a_later_list)
{
	int rounds = 0;

	saw_both = false;
	start_changing(_i % 2);
	sm_proc_opts_set_backend(opts, SM_PROC_BACKEND_KEPT);
	sm_proc_opts_set_watch_ms(opts, 1);
	sm_proc_opts_set_interval_ms(opts, 0);
	sm_proc_opts_set_checks(opts, 0);
	sm_proc_opts_set_fields(opts, fields[_i / 2]);
	ck_assert_int_eq(sm_list_processes(ctx, opts, until_changed, &rounds),
			 SM_STOP);
	ck_assert(saw_both);
	end(changing);
}
END_TEST

static pid_t number;
static int64_t first_start;

static bool set_last_pid(pid_t pid)
{
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && dprintf(fd, "%d", (int)pid) > 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static void reuse_number(unsigned round)
{
	if (round != 1)
		return;
	ck_assert_str_eq(sm_proc_name(proc_of(number)), "first");
	first_start = sm_proc_start(proc_of(number));
	/* Its start is known to a hundredth of a second. */
	usleep(30000);
	end(number);
	ck_assert(set_last_pid(number - 1));
	ck_assert_int_eq(start_sleeper("second"), number);
}

static int reuse_in_namespace(const char *what)
{
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    !set_last_pid(getpid() + 300))
		return 77;
	number = start_sleeper("first");
	watch(3, reuse_number, what);
	ck_assert_str_eq(sm_proc_name(proc_of(number)), "second");
	if (strstr(what, "start"))
		ck_assert_int_gt(sm_proc_start(proc_of(number)), first_start);
	if (strstr(what, "cpu"))
		ck_assert(sm_proc_cpu_percent(proc_of(number)) >= 0);
	end(number);
	return 0;
}

/* What fn gives in a process of its own; 1 where it does not end by itself. */
static int in_child(int (*fn)(const char *what), const char *what)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn(what));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

/* All later children of the process are in the namespace, those of a leak checker at
 * its end, too. */
static int make_namespace(const char *what)
{
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	return in_child(reuse_in_namespace, what);
}

START_TEST(a_number_that_is_given_again_is_another_process)
{
	int status = in_child(make_namespace, fields[_i]);

	if (status == 77)
		puts("SKIP: reuse of pids: no namespace, or no last pid in it");
	else
		ck_assert_int_eq(status, 0);
}
END_TEST

static void end_it(unsigned round)
{
	if (round == 1) {
		ck_assert_ptr_nonnull(record_of(number));
		ck_assert(is_kept(number));
		end(number);
	}
	if (round == 3)
		ck_assert(!is_kept(number));
}

START_TEST(what_has_ended_is_neither_listed_nor_kept_open)
{
	number = start_sleeper("short");
	watch(4, end_it, "pid,rss");
	ck_assert_ptr_null(record_of(number));
}
END_TEST

START_TEST(where_too_few_may_be_open_proc_is_read_and_that_is_told)
{
	struct rlimit l = { 30, 30 };

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &l), 0);
	sm_proc_opts_set_backend(opts, SM_PROC_BACKEND_KEPT);
	sm_proc_opts_set_checks(opts, 0);
	list_once("pid,name");
	ck_assert_ptr_nonnull(proc_of(getpid()));
	ck_assert_ptr_nonnull(strstr(seen.notices, "listed by kept"));
	ck_assert_ptr_nonnull(strstr(seen.notices, "ulimit -n"));
	ck_assert_str_eq(seen.backend, "procfs");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc-kept");
	TCase *tc = tcase_create("proc-kept");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup_list, teardown_list);
	tcase_set_timeout(tc, 60);
	/* Limits and namespaces are of the whole program. */
	tcase_set_tags(tc, "self");
	tcase_add_test(
		tc, with_few_descriptors_every_process_is_listed_all_the_same);
	tcase_add_loop_test(tc,
			    a_program_that_is_replaced_is_seen_in_a_later_list,
			    0, 2 * NFIELDS);
	tcase_add_loop_test(tc, a_number_that_is_given_again_is_another_process,
			    0, NFIELDS);
	tcase_add_test(tc, what_has_ended_is_neither_listed_nor_kept_open);
	tcase_add_test(tc,
		       where_too_few_may_be_open_proc_is_read_and_that_is_told);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
