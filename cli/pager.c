/* SPDX-License-Identifier: MIT */
#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "term.h"

#define WORDS_MAX 32
#define VARS_MAX  1024

/* What less is told: end where all fits, colours as they are, leave it on the screen. */
static const char less_options[] = "LESS=FRX",
		  less_utf8[] = "LESSCHARSET=utf-8";

/* The number of another user, who typed the command, is in the environment. */
static bool is_of_another(const char *name)
{
	const char *value = getenv(name);
	char own[24];

	snprintf(own, sizeof(own), "%lu", (unsigned long)geteuid());
	return value && *value && strcmp(value, own) != 0;
}

/* As above, where doas tells a name. */
static bool is_doas_of_another(void)
{
	const char *value = getenv("DOAS_USER");
	const struct passwd *own;

	if (!value || !*value)
		return false;
	own = getpwuid(geteuid());
	return !own || strcmp(value, own->pw_name) != 0;
}

/* Whoever has other rights than the one who typed the command is given no program that
 * an environment names: it may be that one's own. */
static bool is_trusted(void)
{
	return geteuid() == 0 || getauxval(AT_SECURE) ||
	       is_of_another("SUDO_UID") || is_of_another("PKEXEC_UID") ||
	       is_doas_of_another();
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
	sigaddset(&usual, SIGXFSZ);
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

static volatile sig_atomic_t shown_by; /* 0: nothing to stop */
static volatile sig_atomic_t stopped;

/* The pager ends, and with it the wait for it. */
static void on_term(int sig)
{
	int err = errno;

	(void)sig;
	stopped = 1;
	if (shown_by)
		kill(shown_by, SIGTERM);
	errno = err;
}

static void take_signals(struct pager *p)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction term = { .sa_handler = on_term,
				  .sa_flags = SA_RESETHAND };

	sigemptyset(&ignore.sa_mask);
	sigemptyset(&term.sa_mask);
	stopped = 0;
	sigaction(SIGINT, &ignore, &p->on_int);
	sigaction(SIGTERM, &term, &p->on_term);
}

static void give_signals_back(const struct pager *p)
{
	sigaction(SIGTERM, &p->on_term, NULL);
	sigaction(SIGINT, &p->on_int, NULL);
	shown_by = 0;
}

bool pager_start(struct pager *p)
{
	char text[PATH_MAX], term[80], *words[WORDS_MAX + 1];
	char *vars[VARS_MAX];
	sigset_t hold, before;
	int fds[2];
	bool ok;

	snprintf(text, sizeof(text), "%s", pager_name());
	if (!split(text, words) || pipe2(fds, O_CLOEXEC) < 0)
		return false;
	make_vars(vars, term);
	/* Until it is known whom a signal is for. */
	sigemptyset(&hold);
	sigaddset(&hold, SIGTERM);
	sigprocmask(SIG_BLOCK, &hold, &before);
	take_signals(p);
	ok = spawn(&p->pid, fds[0], words, vars);
	shown_by = ok ? p->pid : 0;
	close(fds[0]);
	p->fd = fds[1];
	p->written = 0;
	if (!ok) {
		close(p->fd);
		give_signals_back(p);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}

int pager_write(const void *data, size_t len, void *pager)
{
	struct pager *p = pager;
	const char *s = data;

	while (len) {
		ssize_t n = write(p->fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -EPIPE;
		s += n;
		len -= (size_t)n;
		p->written += (size_t)n;
	}
	return 0;
}

/* One's own end to read from; the other one is closed, for the pager is to see where
 * the text ends. */
static int swap_ends(int fd)
{
	char name[40];
	int in;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	in = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	close(fd);
	return in;
}

static bool is_untouched(const struct pager *p, int in)
{
	int left = 0;

	return in >= 0 && ioctl(in, FIONREAD, &left) == 0 &&
	       (size_t)left == p->written;
}

/* Also a crash; the other signals are somebody's wish. */
static bool is_failure(int status)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL,
				       SIGSYS };

	for (size_t i = 0; i < sizeof(crashes) / sizeof(*crashes); i++)
		if (WIFSIGNALED(status) && WTERMSIG(status) == crashes[i])
			return true;
	return WIFEXITED(status) && WEXITSTATUS(status) != 0;
}

int pager_end(struct pager *p)
{
	int in = swap_ends(p->fd), status = 0, r = PAGER_ENDED;
	siginfo_t info;

	/* Until the signals are given back its number is its own. */
	while (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOWAIT) < 0 &&
	       errno == EINTR)
		;
	give_signals_back(p);
	waitpid(p->pid, &status, 0);
	if (stopped)
		r = PAGER_STOPPED;
	else if (is_failure(status) && is_untouched(p, in))
		r = PAGER_FAILED;
	if (r == PAGER_FAILED)
		say("the pager '%.200s' failed and has read nothing; "
		    "the text follows",
		    pager_name());
	if (in >= 0)
		close(in);
	return r;
}
