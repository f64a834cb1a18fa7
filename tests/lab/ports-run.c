/* SPDX-License-Identifier: MIT */
/*
 * What one command costs: "ports-run [-u] SECONDS OUTPUT COMMAND..." runs it with its
 * standard output in the file OUTPUT and prints "WALL CPU KIB STATUS": seconds, peak
 * memory, exit status (128 + the signal that ended it). -u: as nobody. After SECONDS
 * it is killed. A small program of its own, since the peak of a child begins with that
 * of the process that forked it.
 */
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	NOBODY = 65534
};

static pid_t child;

static void end_child(int sig)
{
	(void)sig;
	kill(child, SIGKILL);
}

static double seconds(struct timespec t)
{
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

static bool become_nobody(void)
{
	return setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 &&
	       setuid(NOBODY) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static void run(const char *output, bool as_nobody, char **command)
{
	int out = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int none = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (out < 0 || none < 0 || dup2(none, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(none, 2) < 0 || (as_nobody && !become_nobody()))
		_exit(126);
	execvp(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	bool as_nobody = argc > 1 && strcmp(argv[1], "-u") == 0;
	struct timespec begin, end;
	struct rusage used;
	int status;

	argv += as_nobody;
	argc -= as_nobody;
	if (argc < 4)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	child = fork();
	if (child == 0)
		run(argv[2], as_nobody, argv + 3);
	signal(SIGALRM, end_child);
	alarm((unsigned)strtoul(argv[1], NULL, 10));
	while (wait4(child, &status, 0, &used) < 0)
		;
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%.4f %.4f %ld %d\n", seconds(end) - seconds(begin), cpu(&used),
	       used.ru_maxrss,
	       WIFEXITED(status) ? WEXITSTATUS(status)
				 : 128 + WTERMSIG(status));
	return 0;
}
