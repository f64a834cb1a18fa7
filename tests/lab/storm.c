/* SPDX-License-Identifier: MIT */
/*
 * "storm COUNT [PROGRAM]": that many processes one after the other, each of which runs
 * PROGRAM (/bin/true) with the arguments "--storm" and its number, and ends.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
	char *program = argc > 2 ? argv[2] : (char[]){ "/bin/true" };
	char option[] = "--storm", number[24];
	char *const args[] = { program, option, number, NULL };

	for (long i = 0; i < n; i++) {
		pid_t pid;

		snprintf(number, sizeof(number), "%ld", i);
		if (posix_spawn(&pid, program, NULL, NULL, args, environ) ||
		    waitpid(pid, NULL, 0) != pid) {
			perror(program);
			return 1;
		}
	}
	return 0;
}
