/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

/*
 * Each check on a process that really is what it looks for, and on the closest one
 * that is not.
 */
enum {
	ROOT_ONLY = 1, /* another user does not see the evidence */
	CHILD = 2,     /* it is the animal's child */
	BY_KERNEL = 4, /* of old ones another user does not see it */
};
#define ANY (-1) /* it depends on where the tests lie */
static const struct {
	const char *kind, *animal;
	int severity; /* 0: it is not found */
	int flags;
} rows[] = {
	{ "descriptor_hog", "files_at_limit", SM_SEV_MEDIUM, BY_KERNEL },
	{ "descriptor_hog", "files_below_limit", 0, 0 },
	{ "thread_hog", "threads300", SM_SEV_LOW, 0 },
	{ "thread_hog", "threads5", 0, 0 },
	{ "zombies", "zombies60", SM_SEV_LOW, 0 },
	{ "zombies", "zombies5", 0, 0 },
	{ "exe_memfd", "exe_memfd", SM_SEV_HIGH, ROOT_ONLY },
	{ "exe_memfd", "exe_deleted", 0, 0 },
	{ "exe_memfd", "system_program", 0, 0 },
	{ "exe_deleted", "exe_deleted", SM_SEV_HIGH, ROOT_ONLY },
	{ "exe_deleted", "exe_fake_deleted", 0, 0 },
	{ "exe_in_temp_dir", "exe_fake_deleted", SM_SEV_MEDIUM, ROOT_ONLY },
	{ "exe_in_temp_dir", "system_program", 0, 0 },
	{ "exe_world_writable_dir", "exe_fake_deleted", SM_SEV_HIGH,
	  ROOT_ONLY },
	{ "exe_world_writable_dir", "system_program", 0, 0 },
	{ "exe_forged", "exe_forged", SM_SEV_HIGH, ROOT_ONLY },
	{ "exe_forged", "system_program", 0, 0 },
	{ "exe_forged", "exe_deleted", 0, 0 },
	{ "exe_forged", "exe_memfd", 0, 0 },
	{ "kernel_thread_name", "kernel_name", SM_SEV_HIGH, 0 },
	{ "kernel_thread_name", "bracket_title", 0, 0 },
	{ "daemon_name", "daemon_name", SM_SEV_MEDIUM, ROOT_ONLY },
	{ "daemon_name", "exe_memfd", SM_SEV_HIGH, ROOT_ONLY },
	{ "daemon_name", "login_name", 0, 0 },
	{ "args_wiped", "wiped", SM_SEV_MEDIUM, ROOT_ONLY },
	{ "args_wiped", "title", 0, 0 },
	{ "args_wiped", "cmdline_one_empty", 0, 0 },
	{ "args_wiped", "zombie", 0, 0 },
	{ "miner", "miner", SM_SEV_HIGH, 0 },
	{ "miner", "miner_reader", 0, 0 },
	{ "miner", "burner", 0, 0 },
	{ "inline_payload", "shell_payload", SM_SEV_HIGH, 0 },
	{ "inline_payload", "shell_job", 0, 0 },
	{ "setuid_root", "setuid_shell", SM_SEV_HIGH, 0 },
	{ "setuid_root", "shell_job", 0, 0 },
	{ "setuid_root", "other_euid", 0, 0 },
	{ "exe_open_to_others", "exe_open", SM_SEV_HIGH, ROOT_ONLY },
	{ "exe_open_to_others", "system_program", 0, 0 },
	{ "preload_variable", "preload", SM_SEV_MEDIUM, ROOT_ONLY },
	{ "preload_variable", "preload_of_others", 0, 0 },
	{ "library_path", "library_path_temp", SM_SEV_MEDIUM, ROOT_ONLY },
	{ "library_path", "library_path_own", 0, 0 },
	{ "history_off", "shell_without_history", SM_SEV_LOW, ROOT_ONLY },
	{ "history_off", "job_without_history", 0, 0 },
	{ "executable_memory", "rwx_memory", SM_SEV_MEDIUM, ROOT_ONLY },
	{ "executable_memory", "rwx_stack", SM_SEV_LOW, ROOT_ONLY },
	{ "executable_memory", "rw_memory", 0, 0 },
	{ "memfd_code", "memfd_code", SM_SEV_HIGH, ROOT_ONLY },
	{ "memfd_code", "memfd_data", 0, 0 },
	/* That is its program, and a finding of its own. */
	{ "memfd_code", "exe_memfd", 0, 0 },
	{ "temp_library", "temp_code", ANY, ROOT_ONLY },
	{ "temp_library", "temp_data", 0, 0 },
	{ "traced", "traced", SM_SEV_MEDIUM, 0 },
	{ "traced", "plain", 0, 0 },
	{ "server_shell", "server_with_shell", SM_SEV_HIGH, CHILD },
	{ "server_shell", "other_with_shell", 0, CHILD },
	{ "root_below_service", "root_below_nobody", SM_SEV_HIGH, CHILD },
	{ "root_below_service", "other_with_shell", 0, CHILD },
	{ "script_deleted", "script_deleted", SM_SEV_MEDIUM, ROOT_ONLY },
	{ "script_deleted", "script_there", 0, 0 },
	{ "root_capabilities", "capable_shell", SM_SEV_HIGH, ROOT_ONLY },
	{ "root_capabilities", "not_dumpable", 0, 0 },
	{ "remote_shell", "remote_shell", SM_SEV_HIGH, ROOT_ONLY },
	{ "remote_shell", "local_shell", 0, 0 },
	{ "relayed_shell", "relayed_shell", SM_SEV_HIGH, ROOT_ONLY },
	{ "relayed_shell", "unrelayed_shell", 0, 0 },
	{ "relayed_shell", "relayed_job", 0, 0 },
	{ "relayed_shell", "shell_of_socat", SM_SEV_HIGH, ROOT_ONLY | CHILD },
	{ "relayed_shell", "other_with_shell", 0, CHILD },
	{ "raw_socket", "sniffer", SM_SEV_HIGH, ROOT_ONLY },
	{ "raw_socket", "thread_sniffer", SM_SEV_HIGH, ROOT_ONLY },
	{ "raw_socket", "datagrams", 0, 0 },
	{ "odd_listener", "temp_listener", SM_SEV_HIGH, ROOT_ONLY },
	{ "odd_listener", "system_listener", 0, 0 },
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))

/* Each animal once. */
static const char *animals[NROWS + 2];
static pid_t pids[NROWS];
static size_t nanimals;

static size_t index_of(const char *animal)
{
	for (size_t i = 0; i < nanimals; i++)
		if (strcmp(animals[i + 1], animal) == 0)
			return i;
	animals[1 + nanimals] = animal;
	return nanimals++;
}

static void setup(void)
{
	setup_list();
	sm_proc_opts_set_threshold(opts, "thread_hog", 250);
	nanimals = 0;
	memset(animals, 0, sizeof(animals));
	for (size_t i = 0; i < NROWS; i++)
		index_of(rows[i].animal);
	enter_zoo(animals, pids);
}

static size_t field_of(const char *name)
{
	size_t f = 0;

	while (strcmp(sm_kind_field_name(SM_KIND_PROCESS, f), name) != 0)
		f++;
	return f;
}

static int64_t number_of(pid_t pid, const char *field)
{
	return sm_record_field_int(record_of(pid), field_of(field));
}

static size_t items_of(pid_t pid, const char *field)
{
	return sm_record_field_nitems(record_of(pid), field_of(field));
}

static pid_t child_of(pid_t pid)
{
	for (size_t i = 0; i < seen.nprocs; i++) {
		const sm_proc *p = sm_record_proc(seen.procs[i]);

		if (sm_proc_ppid(p) == pid)
			return sm_proc_pid(p);
	}
	ck_abort_msg("no child of process %d", (int)pid);
	return 0;
}

static void compare(int is_other)
{
	for (size_t i = 0; i < NROWS; i++) {
		pid_t pid = pids[index_of(rows[i].animal)];
		const sm_finding *f;
		int severity = rows[i].severity;

		if (pid == 0 || (is_other && rows[i].flags & BY_KERNEL))
			continue;
		if (rows[i].flags & CHILD)
			pid = child_of(pid);
		f = finding_of(pid, rows[i].kind);
		if (severity == ANY)
			severity = f ? sm_finding_severity(f) : SM_SEV_LOW;
		if (is_other && rows[i].flags & ROOT_ONLY)
			severity = 0;
		ck_assert_msg(sm_finding_severity(f) == severity,
			      "%s of %s: %s, not %s", rows[i].kind,
			      rows[i].animal,
			      sm_severity_name(sm_finding_severity(f)),
			      sm_severity_name(severity));
		if (!f)
			continue;
		ck_assert_ptr_null(strchr(sm_finding_why(f), '?'));
		ck_assert_ptr_null(strchr(sm_finding_title(f), '?'));
		ck_assert_ptr_null(strstr(sm_finding_why(f), "hunter2"));
		ck_assert_uint_gt(sm_finding_nattack(f), 0);
	}
}

static const int backends[] = { SM_PROC_BACKEND_PROCFS, SM_PROC_BACKEND_BPF };
#define NBACKENDS ((int)(sizeof(backends) / sizeof(backends[0])))

START_TEST(each_check_finds_its_animal_and_not_the_neighbour)
{
	for (int b = 0; b < NBACKENDS; b++) {
		ck_assert_int_eq(sm_proc_opts_set_backend(opts, backends[b]),
				 0);
		list_once("pid,ppid");
		compare(0);
	}
}
END_TEST

/* A process with count descriptors: the last is a socket that listens. */
static pid_t start_listener(int count, int ready)
{
	const struct rlimit limit = { (rlim_t)count, (rlim_t)count };
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	ready = dup2(ready, 3);
	for (fd = 4; fd < 1024; fd++)
		close(fd);
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		_exit(1);
	for (fd = dup(0); fd >= 0 && fd < count - 2; fd = dup(0))
		;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd == count - 1 && listen(fd, 1) == 0 && write(ready, "", 1) == 1)
		pause();
	_exit(1);
}

/* More than the program for the kernel walks, and fewer. */
static const int counts[] = { 8, 64, 65, 900, 1100 };

START_TEST(a_socket_is_found_behind_any_number_of_descriptors)
{
	int count = counts[_i], ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = start_listener(count, ready[1]);
	ck_assert_int_gt(pid, 0);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	for (int b = 0; b < NBACKENDS; b++) {
		ck_assert_int_eq(sm_proc_opts_set_backend(opts, backends[b]),
				 0);
		list_once("pid,listening,open_files");
		ck_assert_int_eq(number_of(pid, "open_files"), count);
		ck_assert_uint_eq(items_of(pid, "listening"), 1);
	}
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

static void listen_once(void)
{
	if (listen(socket(AF_INET, SOCK_STREAM, 0), 1) < 0)
		_exit(1);
}

/* What a thread opens after unshare(2) is not in /proc/PID/fd. */
static void *listen_alone(void *ready)
{
	if (unshare(CLONE_FILES) < 0)
		_exit(1);
	listen_once();
	if (write(*(int *)ready, "", 1) == 1)
		pause();
	return NULL;
}

static pid_t start_threads(int ready)
{
	pid_t pid = fork();
	pthread_t t;

	if (pid != 0)
		return pid;
	listen_once();
	for (int i = 0; i < 2; i++)
		if (pthread_create(&t, NULL, listen_alone, &ready) != 0)
			_exit(1);
	for (;;)
		pause();
}

START_TEST(sockets_of_threads_with_descriptors_of_their_own_are_found)
{
	static const int deadlines[] = { 0, 1000 };
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = start_threads(ready[1]);
	ck_assert_int_gt(pid, 0);
	close(ready[1]);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	for (int i = 0; i < 2 * NBACKENDS; i++) {
		ck_assert_int_eq(
			sm_proc_opts_set_backend(opts, backends[i / 2]), 0);
		ck_assert_int_eq(
			sm_proc_opts_set_deadline_ms(opts, deadlines[i % 2]),
			0);
		list_once("pid,listening");
		/* That of the process is in all tables, and named once. */
		ck_assert_uint_eq(items_of(pid, "listening"), 3);
	}
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

/* include/uapi/asm-generic/unistd.h, linux/io_uring.h */
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif
#define IO_URING_PARAMS 120

START_TEST(a_ring_is_found_by_every_backend)
{
	char params[IO_URING_PARAMS] = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, 4, params);

	if (fd < 0) {
		puts("SKIP: checks: io_uring: this kernel refuses it");
		return;
	}
	for (int b = 0; b < NBACKENDS; b++) {
		ck_assert_int_eq(sm_proc_opts_set_backend(opts, backends[b]),
				 0);
		list_once("pid");
		ck_assert_ptr_nonnull(finding_of(getpid(), "io_uring"));
	}
	close(fd);
}
END_TEST

START_TEST(another_user_finds_what_everybody_may_read)
{
	if (geteuid() != 0) {
		puts("SKIP: checks: as another user: needs root");
		return;
	}
	ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
	list_once("pid,ppid");
	compare(1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_checks");
	TCase *tc = tcase_create("checks");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown_list);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, each_check_finds_its_animal_and_not_the_neighbour);
	tcase_add_test(tc, another_user_finds_what_everybody_may_read);
	suite_add_tcase(s, tc);
	tc = tcase_create("descriptors");
	tcase_add_checked_fixture(tc, setup_list, teardown_list);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc,
			    a_socket_is_found_behind_any_number_of_descriptors,
			    0, sizeof(counts) / sizeof(counts[0]));
	tcase_add_test(
		tc, sockets_of_threads_with_descriptors_of_their_own_are_found);
	tcase_add_test(tc, a_ring_is_found_by_every_backend);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
