/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LOGINS_RIG_H
#define TESTS_LOGINS_RIG_H

#include "detect-rig.h"
#include "suite.h"

/* Lines about logins, gathered in text and run through the built-in rules. */
static struct rig rig;
static struct smi_buf text;

static inline void setup(void)
{
	rig_builtin(&rig);
	text = (struct smi_buf){ 0 };
}

static inline void teardown(void)
{
	smi_buf_free(&text);
	rig_done(&rig);
}

static inline void run(void)
{
	ck_assert_ptr_nonnull(smi_buf_cstr(&text));
	rig_run(&rig, text.p);
}

static inline void fail_login(int seconds, const char *user, const char *ip,
			      int port)
{
	rig_line(&text, seconds, "sshd",
		 "Failed password for %s from %s port %d ssh2", user, ip, port);
}

/* Of each try: the line that names the user, the failure, both, or what the end
 * of the connection says. */
static inline void probe(int seconds, int name, int port, int lines)
{
	if (lines & 1)
		rig_line(&text, seconds, "sshd",
			 "Invalid user u%d from 203.0.113.9 port %d", name,
			 port);
	if (lines & 2)
		rig_line(&text, seconds, "sshd",
			 "Failed password for invalid user u%d from "
			 "203.0.113.9 port %d ssh2",
			 name, port);
	if (lines & 4)
		rig_line(&text, seconds, "sshd",
			 "Connection closed by invalid user u%d 203.0.113.9 "
			 "port %d [preauth]",
			 name, port);
}

static inline void spray(int users, int tries)
{
	for (int i = 0; i < users * tries; i++) {
		char user[16];

		snprintf(user, sizeof(user), "user%d", i % users);
		fail_login(i * 20, user, "203.0.113.9", 4000 + i);
	}
}

static inline void break_in(int failures, int wait)
{
	for (int i = 0; i < failures; i++)
		fail_login(i, "admin", "203.0.113.9", 22);
	rig_line(&text, failures - 1 + wait, "sshd-session",
		 "Accepted password for deploy from 203.0.113.9 port 22 ssh2");
}

#endif
