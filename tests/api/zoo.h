/* SPDX-License-Identifier: MIT */
#ifndef TESTS_API_ZOO_H
#define TESTS_API_ZOO_H

#include <stdio.h>
#include <sys/types.h>

#include <sysmon/sysmon.h>

/*
 * For the suites of the process list: lists with the options opts and keeps what is
 * told in seen; starts odd processes (tests/lab/zoo.c), which end with the test.
 */
#define NOBODY	     65534
#define MAX_RECORDS  32768
#define MAX_FINDINGS 16384

struct seen {
	sm_record *procs[MAX_RECORDS];
	size_t nprocs;
	sm_record *findings[MAX_FINDINGS];
	size_t nfindings;
	size_t nnotices;
	int64_t allowed;
	char notices[4096];
	char backend[16], events[16]; /* that are in force */
};
struct zoo {
	pid_t pid;
	int in;
	FILE *out;
};
extern struct seen seen;
extern struct zoo zoo;
extern sm_ctx *ctx;
extern sm_proc_opts *opts;

/* The fixture. */
void setup_list(void);
void teardown_list(void);

/* Each forgets what was seen before. */
void forget_list(void);
void list_processes(void);
/* With one look, and these fields. */
void list_once(const char *fields);
/* The callback that fills seen. */
int keep_event(const sm_event *ev, void *user);

/* NULL where there is none; proc_of() fails the test. */
const sm_record *record_of(pid_t pid);
const sm_proc *proc_of(pid_t pid);
const sm_finding *finding_of(pid_t pid, const char *kind);

/* kinds begins with a NULL, and ends with one. The pids are in their order, 0 for a
 * kind that needs root. */
void enter_zoo(const char *kinds[], pid_t *pids);
pid_t enter_one(const char *kind);

#endif
