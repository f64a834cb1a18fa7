/* SPDX-License-Identifier: MIT */
#include "edit.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "term.h"

#ifdef SMI_WITH_LIBEDIT
#include "libedit.h"
#endif

#define LINE_BYTES 4096

struct edit {
	char line[LINE_BYTES];
	const char *prompt;
	char buf[512]; /* read and not yet used */
	size_t at, len;
	bool ended;	  /* nothing more will come */
	bool fresh;	  /* no key of this line was waited for */
	sigset_t outside; /* the signals while nobody waits for a key */
#ifdef SMI_WITH_LIBEDIT
	EditLine *el; /* NULL: no terminal */
	History *history;
#endif
};

/*
 * The next byte, or -1. SIGINT and SIGTERM are blocked but for the moment of
 * waiting: one that came just before it ends the wait like one that comes later.
 */
static int next_byte(struct edit *e)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	while (e->at == e->len) {
		ssize_t n;

		if (ppoll(&p, 1, NULL, &e->outside) < 0)
			return -1;
		n = read(STDIN_FILENO, e->buf, sizeof(e->buf));
		if (n < 0 && errno == EAGAIN)
			continue;
		e->ended = !n;
		if (n <= 0)
			return -1;
		e->at = 0;
		e->len = (size_t)n;
	}
	return (unsigned char)e->buf[e->at++];
}

#ifdef SMI_WITH_LIBEDIT
/* Of the process, which has one terminal: its callbacks get nothing of ours. */
static struct libedit lib;

static const char *prompt_of(EditLine *el)
{
	struct edit *e = NULL;

	lib.el_get(el, EL_CLIENTDATA, &e);
	return e->prompt;
}

/*
 * The editor takes the terminal only when it waits for the first key. A ^D from
 * before that was an end of input to the terminal, which keeps it as a NUL.
 */
static bool typed_ahead(struct edit *e)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	bool fresh = e->fresh;

	e->fresh = false;
	return e->at < e->len || (fresh && poll(&p, 1, 0) > 0);
}

/* A character of the terminal's encoding; what is none in it is left out. */
static int next_char(EditLine *el, wchar_t *out)
{
	struct edit *e = NULL;
	mbstate_t state = { 0 };

	lib.el_get(el, EL_CLIENTDATA, &e);
	for (;;) {
		bool ahead = typed_ahead(e);
		int c = next_byte(e);
		char byte = (char)c;
		size_t n;

		if (c < 0)
			return e->ended ? 0 : -1;
		if (!c && ahead)
			byte = '\004';
		n = mbrtowc(out, &byte, 1, &state);
		if (n <= 1)
			return 1;
		if (n == (size_t)-1)
			memset(&state, 0, sizeof(state));
	}
}

static void open_terminal(struct edit *e)
{
	HistEvent ev;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    !libedit_open(&lib))
		return;
	/* Of the user's locale only what a character is. */
	setlocale(LC_CTYPE, "");
	e->el = lib.el_init("sysmon", stdin, stdout, stderr);
	if (!e->el)
		return;
	lib.el_set(e->el, EL_CLIENTDATA, e);
	lib.el_set(e->el, EL_PROMPT, prompt_of);
	lib.el_set(e->el, EL_EDITOR, "emacs");
	lib.el_set(e->el, EL_GETCFN, next_char);
	e->history = lib.history_init();
	if (!e->history)
		return;
	lib.history(e->history, &ev, H_SETSIZE, 100);
	lib.el_set(e->el, EL_HIST, lib.history, e->history);
}

static void close_terminal(struct edit *e)
{
	if (e->history)
		lib.history_end(e->history);
	if (e->el)
		lib.el_end(e->el);
}

static bool edited(struct edit *e)
{
	HistEvent ev;
	int n = 0;
	const char *got = lib.el_gets(e->el, &n);

	if (!got || n <= 0)
		return false;
	if (e->history && n > 1)
		lib.history(e->history, &ev, H_ENTER, got);
	snprintf(e->line, sizeof(e->line), "%.*s", (int)strcspn(got, "\n"),
		 got);
	return true;
}
#endif

/* What does not fit is left out; the command will say what is wrong with it. */
static bool plain(struct edit *e)
{
	size_t len = 0;
	int c;

	show("%s", e->prompt);
	while ((c = next_byte(e)) >= 0 && c != '\n')
		if (c && len + 1 < sizeof(e->line))
			e->line[len++] = (char)c;
	e->line[len] = '\0';
	return c == '\n' || (e->ended && len);
}

struct edit *edit_new(void)
{
	struct edit *e = calloc(1, sizeof(*e));

#ifdef SMI_WITH_LIBEDIT
	if (e)
		open_terminal(e);
#endif
	return e;
}

const char *edit_line(struct edit *e, const char *prompt)
{
	sigset_t stop;
	bool got;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &e->outside);
	e->prompt = prompt;
	e->fresh = true;
#ifdef SMI_WITH_LIBEDIT
	got = e->el ? edited(e) : plain(e);
#else
	got = plain(e);
#endif
	sigprocmask(SIG_SETMASK, &e->outside, NULL);
	if (got)
		return e->line;
	show("\n");
	return NULL;
}

void edit_free(struct edit *e)
{
	if (!e)
		return;
#ifdef SMI_WITH_LIBEDIT
	close_terminal(e);
#endif
	free(e);
}

bool edit_is_there(void)
{
#ifdef SMI_WITH_LIBEDIT
	return libedit_open(&lib);
#else
	return false;
#endif
}
