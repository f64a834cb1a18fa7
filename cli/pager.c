/* SPDX-License-Identifier: MIT */
#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 32
#define VARS_MAX  1024

/* What less is told: end where all fits, colours as they are, leave it on the screen. */
static const char less_options[] = "LESS=FRX",
		  less_utf8[] = "LESSCHARSET=utf-8";

/* Whoever has more rights than the one who typed the command is given no program that
 * an environment names. */
static bool is_trusted(void)
{
	return geteuid() == 0 || getauxval(AT_SECURE);
}

/* "": none. */
static const char *pager_name(void)
{
	const char *name = getenv("SYSMON_PAGER");

	if (!name)
		name = getenv("PAGER");
	if (!name)
		return "less";
	name += strspn(name, " \t");
	if (!*name || !strcmp(name, "cat"))
		return "";
	return is_trusted() ? "less" : name;
}

bool pager_is_wanted(void)
{
	return isatty(STDOUT_FILENO) && *pager_name();
}

/* Words are parted by blanks, and by nothing else. */
static bool split(char *text, char *words[WORDS_MAX + 1])
{
	char *rest = NULL;
	int n = 0;

	for (char *w = strtok_r(text, " \t\n", &rest); w;
	     w = strtok_r(NULL, " \t\n", &rest)) {
		if (n == WORDS_MAX)
			return false;
		words[n++] = w;
	}
	words[n] = NULL;
	return n > 0;
}

static bool has_var(char *const *vars, const char *var)
{
	size_t len = strcspn(var, "=") + 1;

	for (; *vars; vars++)
		if (!strncmp(*vars, var, len))
			return true;
	return false;
}

static void add_var(char *vars[VARS_MAX], int *n, const char *var)
{
	if (*n + 1 < VARS_MAX && !has_var(vars, var)) {
		vars[(*n)++] = (char *)(uintptr_t)var;
		vars[*n] = NULL;
	}
}

static void make_vars(char *vars[VARS_MAX], char term[80])
{
	int n = 0;

	vars[0] = NULL;
	if (is_trusted()) {
		const char *name = getenv("TERM");

		snprintf(term, 80, "TERM=%.70s",
			 name && !strchr(name, '/') ? name : "dumb");
		add_var(vars, &n, "PATH=/usr/bin:/bin");
		add_var(vars, &n, "LESSSECURE=1");
		add_var(vars, &n, "LESSHISTFILE=-");
		add_var(vars, &n, term);
	} else {
		for (char **e = environ; *e && n + 3 < VARS_MAX; e++) {
			vars[n++] = *e;
			vars[n] = NULL;
		}
	}
	add_var(vars, &n, less_options);
	add_var(vars, &n, less_utf8);
}

static bool spawn(pid_t *pid, int in, char *const *words, char *const *vars)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int r;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGINT);
	sigaddset(&usual, SIGTERM);
	sigaddset(&usual, SIGPIPE);
	if (posix_spawn_file_actions_init(&files))
		return false;
	if (posix_spawnattr_init(&attr)) {
		posix_spawn_file_actions_destroy(&files);
		return false;
	}
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &usual);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	r = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	if (!r && is_trusted()) {
		r = posix_spawn(pid, "/usr/bin/less", &files, &attr, words,
				vars);
		if (r == ENOENT)
			r = posix_spawn(pid, "/bin/less", &files, &attr, words,
					vars);
	} else if (!r) {
		r = posix_spawnp(pid, words[0], &files, &attr, words, vars);
	}
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return r == 0;
}

bool pager_start(struct pager *p)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	char text[PATH_MAX], term[80], *words[WORDS_MAX + 1];
	char *vars[VARS_MAX];
	int fds[2];
	bool ok;

	snprintf(text, sizeof(text), "%s", pager_name());
	if (!split(text, words) || pipe2(fds, O_CLOEXEC) < 0)
		return false;
	make_vars(vars, term);
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGINT, &ignore, &p->before);
	ok = spawn(&p->pid, fds[0], words, vars);
	close(fds[0]);
	p->fd = fds[1];
	if (!ok) {
		close(p->fd);
		sigaction(SIGINT, &p->before, NULL);
	}
	return ok;
}

void pager_end(struct pager *p)
{
	close(p->fd);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &p->before, NULL);
}
