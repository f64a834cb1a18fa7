/* SPDX-License-Identifier: MIT */
#ifndef CLI_PAGER_H
#define CLI_PAGER_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * The program that shows a long text screen by screen: SYSMON_PAGER, else PAGER, else
 * less, started without a shell. Root gets less alone, without its environment and its
 * commands that start programs or write files.
 */
struct pager {
	pid_t pid;
	int fd; /* to write the text to */
	struct sigaction before;
};

/* Whether standard output is a terminal, and a pager is not turned off. */
bool pager_is_wanted(void);
/* false: it cannot be started. From here on SIGINT is the pager's. */
bool pager_start(struct pager *p);
/* Waits until the user has seen enough. */
void pager_end(struct pager *p);

#endif
