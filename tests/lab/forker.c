/* SPDX-License-Identifier: MIT */
/*
 * A crowd: "forker SLEEPERS [ARGUMENT_BYTES]" starts so many processes that sleep,
 * each with a name and, where bytes are given, arguments of its own; prints
 * "ready N" and lives until its standard input closes. They die with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void sleep_forever(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

/* ready is closed by its exec, or before it sleeps. */
static void child(long i, char *pad, pid_t parent, int ready)
{
	char name[32];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	close(0);
	close(1);
	snprintf(name, sizeof(name), "%ld", i);
	if (pad) {
		execl("/proc/self/exe", "forker-sleeper", "--sleep", name, pad,
		      (char *)NULL);
		_exit(1);
	}
	snprintf(name, sizeof(name), "sl (%ld)", i);
	prctl(PR_SET_NAME, name);
	close(ready);
	sleep_forever();
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 200;
	long bytes = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	pid_t self = getpid();
	char *pad = NULL, byte;
	int ready[2];

	if (argc > 1 && strcmp(argv[1], "--sleep") == 0)
		sleep_forever();
	if (bytes > 0) {
		pad = malloc((size_t)bytes + 1);
		if (!pad)
			return 1;
		memset(pad, 'x', (size_t)bytes);
		pad[bytes] = '\0';
	}
	if (pipe2(ready, O_CLOEXEC))
		return 1;
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			child(i, pad, self, ready[1]);
		if (pid < 0) {
			fprintf(stderr, "forker: process %ld: %s\n", i,
				strerror(errno));
			return 1;
		}
	}
	close(ready[1]);
	while (read(ready[0], &byte, 1) < 0 && errno == EINTR)
		;
	printf("ready %ld\n", n);
	fflush(stdout);
	while (read(0, &byte, 1) > 0 || errno == EINTR)
		;
	return 0;
}
