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

#include "zoo.h"

static char *area; /* of the arguments */
static size_t area_len;
char dir[] = "/tmp/sysmon-zoo-XXXXXX";
char copy_path[ZOO_PATH], dropped_path[ZOO_PATH], fake_path[ZOO_PATH],
	lasting_path[ZOO_PATH], library_path[ZOO_PATH], listener_path[ZOO_PATH],
	netcat2_path[ZOO_PATH], netcat3_path[ZOO_PATH], netcat_path[ZOO_PATH],
	open_path[ZOO_PATH], other_path[ZOO_PATH], script_path[ZOO_PATH],
	server_path[ZOO_PATH], socat_path[ZOO_PATH];
int ready_fd;
char **arguments;

void forever(void)
{
	for (;;)
		pause();
}

void *sleep_thread(void *user)
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

void start_threads(int n, void *(*fn)(void *))
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

/* Of the last level of the usual class for disks: ioprio_set(2). */
static void kind_to_disks(void)
{
	if (syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 7))
		_exit(2);
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

void die_with_parent(void)
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

void run_with(const char *path, const char *const argv[], const char *variable)
{
	const char *const env[] = { "SECRET=hunter2", variable, NULL };

	execve(path, (char *const *)(uintptr_t)argv,
	       (char *const *)(uintptr_t)env);
	_exit(3);
}

void run(const char *path, const char *const argv[])
{
	run_with(path, argv, NULL);
}

void copy_self(int out)
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

void run_copy(const char *path)
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

static const struct kind kinds[] = {
	{ "plain", plain, 0, 0 },
	{ "parens", parens, 0, 0 },
	{ "kind_to_disks", kind_to_disks, 0, 0 },
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
};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *find_in(const struct kind *v, size_t n,
				  const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].name, name) == 0)
			return &v[i];
	return NULL;
}

static const struct kind *find(const char *name)
{
	const struct kind *k = find_in(kinds, NKINDS, name);

	if (!k)
		k = find_in(suspects, nsuspects, name);
	if (k)
		return k;
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
	{ dropped_path, "dropped" }, { listener_path, "listener" },
	{ netcat_path, "nc" },	     { netcat2_path, "ncat" },
	{ netcat3_path, "netcat" },  { socat_path, "socat" },
	{ script_path, "script" },   { lasting_path, "lasting" },
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
		snprintf(places[i].path, ZOO_PATH, "%s/%s", dir,
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
