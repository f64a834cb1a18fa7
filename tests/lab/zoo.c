/* SPDX-License-Identifier: MIT */
/*
 * Processes of awkward kinds: "zoo KIND..." starts one of each, prints
 * "KIND<TAB>PID" (PID 0: it needs root), then "ready", and lives until its standard
 * input closes. They die with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static char *area; /* of the arguments */
static size_t area_len;
static char dir[] = "/tmp/sysmon-zoo-XXXXXX";
static char copy_path[64], fake_path[64], open_path[64], library_path[64];
static char server_path[64], dropped_path[64], other_path[64], script_path[64],
	lasting_path[64];
static int
	ready_fd; /* of the animal that starts: its end tells that it is so far */
static char **arguments;

static void forever(void)
{
	for (;;)
		pause();
}

static void *sleep_thread(void *user)
{
	forever();
	return user;
}

static void *burn_thread(void *user)
{
	volatile unsigned long x = 0;

	for (;;)
		x++;
	return user;
}

static void start_threads(int n, void *(*fn)(void *))
{
	pthread_t t;

	while (n-- > 0)
		if (pthread_create(&t, NULL, fn, NULL) != 0)
			_exit(2);
}

static void set_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

static void plain(void)
{
	set_name("zoo plain");
}

static void parens(void)
{
	set_name("a b) R 1 (c");
}

static void newline(void)
{
	set_name("nl\nPid:\t1\nx");
}

static void backslash(void)
{
	set_name("b\\nx\\");
}

static void bad_utf8(void)
{
	set_name("bad\xff\xfe\x80");
}

static void control(void)
{
	set_name("\x1b[31mred\"\\\x01");
}

static void no_name(void)
{
	set_name("");
}

static void threads5(void)
{
	start_threads(4, sleep_thread);
}

static void title(void)
{
	memset(area, 0, area_len);
	memcpy(area, "t: x", 4);
}

static void wiped(void)
{
	memset(area, 0, area_len);
}

static void leader_exited(void)
{
	start_threads(1, sleep_thread);
	syscall(SYS_exit, 0);
}

static void big(void)
{
	size_t len = (size_t)32 << 20;
	char *m = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (m == MAP_FAILED)
		_exit(2);
	memset(m, 1, len);
}

static void zombie(void)
{
	_exit(0);
}

static void burner(void)
{
	burn_thread(NULL);
}

static void burner2(void)
{
	start_threads(1, burn_thread);
	burn_thread(NULL);
}

/* A change of user takes the death signal away. */
static void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void not_dumpable(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		_exit(2);
	prctl(PR_SET_DUMPABLE, 0);
	die_with_parent();
}

static void other_euid(void)
{
	if (setresuid((uid_t)-1, NOBODY, (uid_t)-1))
		_exit(2);
	die_with_parent();
}

static void run_with(const char *path, const char *const argv[],
		     const char *variable)
{
	const char *const env[] = { "SECRET=hunter2", variable, NULL };

	execve(path, (char *const *)(uintptr_t)argv,
	       (char *const *)(uintptr_t)env);
	_exit(3);
}

static void run(const char *path, const char *const argv[])
{
	run_with(path, argv, NULL);
}

static void copy_self(int out)
{
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat st;
	off_t at = 0;

	if (in < 0 || out < 0 || fstat(in, &st))
		_exit(2);
	while (at < st.st_size)
		if (sendfile(out, in, &at, (size_t)(st.st_size - at)) <= 0)
			_exit(2);
	close(in);
}

static void run_copy(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	const char *const argv[] = { path, "--sleep", NULL };

	copy_self(fd);
	close(fd);
	run(path, argv);
}

static void exe_deleted(void)
{
	run_copy(copy_path);
}

static void exe_fake_deleted(void)
{
	run_copy(fake_path);
}

static void exe_memfd(void)
{
	const char *const argv[] = { "sshd: worker", "--sleep", NULL };
	char path[64];
	int fd = memfd_create("payload", MFD_CLOEXEC);

	copy_self(fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	run(path, argv);
}

static void cmdline_300k(void)
{
	static char b[100001];
	const char *const argv[] = { "zoo", "--sleep", b, b, b, NULL };

	memset(b, 'B', sizeof(b) - 1);
	run("/proc/self/exe", argv);
}

static void cmdline_odd(void)
{
	const char *const argv[] = { "zoo",
				     "--sleep",
				     "two words",
				     "",
				     "line\nbreak",
				     "quote\"back\\slash",
				     "\xe2\x82\xac",
				     "\xff\xfe",
				     "\x1b]0;pwn\x07",
				     "",
				     NULL };

	run("/proc/self/exe", argv);
}

static void cmdline_one_empty(void)
{
	const char *const argv[] = { "", NULL };

	run("/proc/self/exe", argv);
}

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

static void map_page(int prot, int fd)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_PRIVATE;

	if (mmap(NULL, 4096, prot, flags, fd, 0) == MAP_FAILED)
		_exit(2);
}

static void rwx_memory(void)
{
	map_page(PROT_READ | PROT_WRITE | PROT_EXEC, -1);
}

static void rw_memory(void)
{
	map_page(PROT_READ | PROT_WRITE, -1);
}

/* The page where the arguments begin is the stack's for sure. */
static void rwx_stack(void)
{
	uintptr_t page = (uintptr_t)arguments & ~(uintptr_t)4095;

	if (mprotect((void *)(page - 4096), 8192,
		     PROT_READ | PROT_WRITE | PROT_EXEC))
		_exit(2);
}

static void map_memfd(int prot)
{
	int fd = memfd_create("library", MFD_CLOEXEC);

	copy_self(fd);
	map_page(prot, fd);
}

static void memfd_code(void)
{
	map_memfd(PROT_READ | PROT_EXEC);
}

static void memfd_data(void)
{
	map_memfd(PROT_READ | PROT_WRITE);
}

static void map_library(int prot)
{
	int fd = open(library_path, O_RDWR | O_CREAT | O_CLOEXEC, 0755);

	copy_self(fd);
	map_page(prot, fd);
}

static void temp_code(void)
{
	map_library(PROT_READ | PROT_EXEC);
}

static void temp_data(void)
{
	map_library(PROT_READ);
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

static void serve(const char *number, const char *mode)
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

static const struct kind {
	const char *name;
	void (*become)(void);
	int as_root, execs;
} kinds[] = {
	{ "plain", plain, 0, 0 },
	{ "parens", parens, 0, 0 },
	{ "newline", newline, 0, 0 },
	{ "backslash", backslash, 0, 0 },
	{ "bad_utf8", bad_utf8, 0, 0 },
	{ "control", control, 0, 0 },
	{ "no_name", no_name, 0, 0 },
	{ "threads5", threads5, 0, 0 },
	{ "title", title, 0, 0 },
	{ "wiped", wiped, 0, 0 },
	{ "leader_exited", leader_exited, 0, 0 },
	{ "big", big, 0, 0 },
	{ "zombie", zombie, 0, 0 },
	{ "burner", burner, 0, 0 },
	{ "burner2", burner2, 0, 0 },
	{ "not_dumpable", not_dumpable, 1, 0 },
	{ "other_euid", other_euid, 1, 0 },
	{ "exe_deleted", exe_deleted, 0, 1 },
	{ "exe_fake_deleted", exe_fake_deleted, 0, 1 },
	{ "exe_memfd", exe_memfd, 0, 1 },
	{ "cmdline_300k", cmdline_300k, 0, 1 },
	{ "cmdline_odd", cmdline_odd, 0, 1 },
	{ "cmdline_one_empty", cmdline_one_empty, 0, 1 },
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
};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *find(const char *name)
{
	for (size_t i = 0; i < NKINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	fprintf(stderr, "zoo: no kind \"%s\"\n", name);
	exit(2);
}

/* Waits until it has become what it shall be: after the exec, or before it
 * sleeps, its end of the pipe is closed. */
static pid_t start(const struct kind *k, pid_t keeper)
{
	int p[2];
	char byte;
	pid_t pid;

	if (k->as_root && geteuid() != 0)
		return 0;
	if (pipe2(p, O_CLOEXEC))
		exit(2);
	pid = fork();
	if (pid == 0) {
		die_with_parent();
		if (getppid() != keeper)
			_exit(0);
		close(p[0]);
		ready_fd = p[1];
		if (k->become == burner || k->become == burner2 ||
		    k->become == leader_exited)
			close(p[1]);
		k->become();
		close(p[1]);
		forever();
	}
	close(p[1]);
	if (read(p[0], &byte, 1) < 0 || pid < 0)
		exit(2);
	close(p[0]);
	return pid;
}

/* Some change after their pipe is closed: until the kernel shows it. */
static void wait_for_state(pid_t pid, char wanted)
{
	char path[64], line[512], *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (int i = 0; i < 1000; i++) {
		FILE *f = fopen(path, "r");
		size_t n = f ? fread(line, 1, sizeof(line) - 1, f) : 0;

		if (f)
			fclose(f);
		line[n] = '\0';
		end = strrchr(line, ')');
		if (end && end[1] && end[2] == wanted)
			return;
		usleep(1000);
	}
	exit(2);
}

/* Files that animals make in dir. */
static const struct {
	char *path;
	const char *name;
} places[] = {
	{ copy_path, "program" },    { fake_path, "x (deleted)" },
	{ open_path, "open" },	     { library_path, "library" },
	{ server_path, "nginx" },    { other_path, "worker" },
	{ dropped_path, "dropped" }, { script_path, "script" },
	{ lasting_path, "lasting" },
};
#define NPLACES (sizeof(places) / sizeof(places[0]))

static void clean_up(void)
{
	for (size_t i = 0; i < NPLACES; i++)
		unlink(places[i].path);
	rmdir(dir);
}

int main(int argc, char **argv)
{
	pid_t keeper = getpid();
	char byte;

	if (argc < 2 || strcmp(argv[1], "--sleep") == 0) {
		die_with_parent();
		forever();
	}
	if (strcmp(argv[1], "--serve") == 0 && argc == 4)
		serve(argv[2], argv[3]);
	arguments = argv;
	area = argv[0];
	area_len = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) - area);
	if (!mkdtemp(dir))
		return 2;
	chmod(dir, 0777);
	for (size_t i = 0; i < NPLACES; i++)
		snprintf(places[i].path, sizeof(copy_path), "%s/%s", dir,
			 places[i].name);
	for (int i = 1; i < argc; i++) {
		const struct kind *k = find(argv[i]);
		pid_t pid = start(k, keeper);

		if (k->become == zombie || k->become == leader_exited)
			wait_for_state(pid, 'Z');
		if (k->become == exe_deleted)
			unlink(copy_path);
		printf("%s\t%d\n", k->name, (int)pid);
	}
	puts("ready");
	fflush(stdout);
	while (read(0, &byte, 1) > 0 || errno == EINTR)
		;
	clean_up();
	return 0;
}
