/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LAB_ZOO_H
#define TESTS_LAB_ZOO_H

#include <stddef.h>

/* An animal, and how a process becomes it: by sleeping on when it returns, or by
 * running a program. */
struct kind {
	const char *name;
	void (*become)(void);
	int as_root, execs;
};
/* Processes that checks look for, and those that look like them. */
extern const struct kind suspects[];
extern const size_t nsuspects;

#define NOBODY	 65534
#define ZOO_PATH 64
/* Files that animals may make; they go with the zoo. */
extern char copy_path[ZOO_PATH], dropped_path[ZOO_PATH], fake_path[ZOO_PATH],
	lasting_path[ZOO_PATH], library_path[ZOO_PATH], listener_path[ZOO_PATH],
	netcat2_path[ZOO_PATH], netcat3_path[ZOO_PATH], netcat_path[ZOO_PATH],
	open_path[ZOO_PATH], other_path[ZOO_PATH], script_path[ZOO_PATH],
	server_path[ZOO_PATH], socat_path[ZOO_PATH];
extern int
	ready_fd; /* of the one that starts: its end tells that it is so far */
extern char **arguments;
extern char dir[]; /* of these files */

void forever(void);
void *sleep_thread(void *user);
void start_threads(int n, void *(*fn)(void *));
/* A change of user takes the death signal away. */
void die_with_parent(void);
/* With an environment of a secret, and of that variable. */
void run_with(const char *path, const char *const argv[], const char *variable);
void run(const char *path, const char *const argv[]);
void copy_self(int out);
/* Of this program, asleep. */
void run_copy(const char *path);
/* What a server does that was started by its path: zoo --serve DESCRIPTOR MODE. */
void serve(const char *number, const char *mode);

#endif
