/* SPDX-License-Identifier: MIT */
#ifndef CLI_PAGER_H
#define CLI_PAGER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The program that shows a long text screen by screen: SYSMON_PAGER, else PAGER, else
 * less, started without a shell. Root, and whoever works for another user by sudo, doas
 * or pkexec, gets less alone, without its environment and its commands that start
 * programs or write files.
 */
struct pager {
	pid_t pid;
	int fd;		/* to write the text to */
	size_t written; /* how much of it went there */
	struct sigaction on_int, on_term;
};

/* Whether standard output is a terminal, and a pager is not turned off. */
bool pager_is_wanted(void);
/* false: it cannot be started. From here on SIGINT is the pager's, and the first
 * SIGTERM ends it; the next one ends this process. */
bool pager_start(struct pager *p);
/* An sm_write_fn: -EPIPE where it takes no more. What is written in another way is to
 * be counted. */
int pager_write(const void *data, size_t len, void *pager);

enum {
	PAGER_ENDED,   /* the user has seen enough */
	PAGER_FAILED,  /* and nobody has seen anything, which has been told */
	PAGER_STOPPED, /* SIGTERM came */
};
/* Waits until it ends. */
int pager_end(struct pager *p);

#endif
