/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "lang.h"
#include "run.h"
#include "term.h"

#define TEXT_MAX  1024
#define WORDS_MAX 64

struct menu {
	struct edit *edit;
	char targets[TEXT_MAX]; /* words */
	char ports[TEXT_MAX];	/* "": what the command takes by itself */
	char logs[TEXT_MAX];	/* words; "": those found here */
	char cpu[32], mem[32], logins[64];
	bool services; /* open ports are asked what they are */
};

/* A command line under construction; its words live in text. */
struct line {
	char *argv[WORDS_MAX + 1];
	int argc;
	char text[8 * TEXT_MAX];
	size_t len;
	bool full;
};

static void add(struct line *l, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));

static void add(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - l->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room || l->argc == WORDS_MAX) {
		l->full = true;
		return;
	}
	l->argv[l->argc++] = l->text + l->len;
	l->len += (size_t)n + 1;
}

/* Each word of text behind the prefix. Blanks part words, but not in "...". */
static void add_words(struct line *l, const char *prefix, const char *text)
{
	char word[TEXT_MAX];

	for (;;) {
		bool quoted = false;
		size_t n = 0;

		text += strspn(text, " \t");
		if (!*text)
			return;
		for (; *text && (quoted || !strchr(" \t", *text)); text++) {
			if (*text == '"')
				quoted = !quoted;
			else if (n + 1 < sizeof(word))
				word[n++] = *text;
		}
		word[n] = '\0';
		add(l, "%s%s", prefix, word);
	}
}

static void add_scan(struct line *l, const struct menu *m)
{
	if (*m->ports)
		add(l, "--ports=%s", m->ports);
	if (m->services)
		add(l, "--services");
}

static void add_ps(struct line *l, const struct menu *m)
{
	add(l, "--cpu-threshold=%s", m->cpu);
	add(l, "--mem-threshold=%s", m->mem);
}

static void add_logs(struct line *l, const struct menu *m)
{
	add(l, "--threshold=brute_force=%s", m->logins);
}

static int go(struct line *l, const struct cmd *cmd, bool check)
{
	static char no_pager[] = "--no-pager";

	if (l->full) {
		say("too many words; name fewer");
		return STATUS_USAGE;
	}
	run_catch_signals(true);
	/* The choices come right behind what is shown. */
	memmove(l->argv + 1, l->argv, (size_t)l->argc * sizeof(*l->argv));
	l->argv[0] = no_pager;
	return cmd_main(cmd, l->argc + 1, l->argv, check);
}

static int scan(const struct menu *m, bool check)
{
	struct line l = { .argc = 0 };

	add_scan(&l, m);
	add(&l, "--");
	add_words(&l, "", m->targets);
	return go(&l, &cmd_scan, check);
}

static int ps(const struct menu *m, bool check)
{
	struct line l = { .argc = 0 };

	add_ps(&l, m);
	add(&l, "--sort=cpu");
	return go(&l, &cmd_ps, check);
}

static int logs(const struct menu *m, bool check)
{
	struct line l = { .argc = 0 };

	add_logs(&l, m);
	add(&l, "--no-events");
	add(&l, "--");
	add_words(&l, "", m->logs);
	return go(&l, &cmd_logs, check);
}

static bool do_scan(struct menu *m)
{
	scan(m, false);
	return true;
}

static bool do_listeners(struct menu *m)
{
	struct line l = { .argc = 0 };

	(void)m;
	add(&l, "--listeners");
	go(&l, &cmd_scan, false);
	return true;
}

static bool change_services(struct menu *m)
{
	m->services = !m->services;
	return true;
}

static bool do_ps(struct menu *m)
{
	ps(m, false);
	return true;
}

static bool do_logs(struct menu *m)
{
	logs(m, false);
	return true;
}

/* The answer, or what there was where it is empty; false at the end of input. */
static bool ask(struct menu *m, const char *what, const char *old, char *out,
		size_t size)
{
	char prompt[2 * TEXT_MAX], clean[TEXT_MAX + 200];
	const char *got;
	size_t len;

	term_escape(old, false, clean, sizeof(clean));
	if (*old)
		snprintf(prompt, sizeof(prompt), "%s [%s]%s", tr(what), clean,
			 tr(": "));
	else
		snprintf(prompt, sizeof(prompt), "%s%s", tr(what), tr(": "));
	got = edit_line(m->edit, prompt);
	if (!got)
		return false;
	got += strspn(got, " \t");
	if (!*got)
		got = old;
	len = strlen(got);
	while (len && strchr(" \t", got[len - 1]))
		len--;
	if (len >= size) {
		say("too long; at most %zu bytes", size - 1);
		got = old;
		len = strlen(old);
	}
	memmove(out, got, len);
	out[len] = '\0';
	return true;
}

static void add_report(struct line *l, const struct menu *m)
{
	add_words(l, "--target=", m->targets);
	add_scan(l, m);
	add_ps(l, m);
	add_words(l, "--log=", m->logs);
	add_logs(l, m);
}

static bool do_report(struct menu *m)
{
	char files[TEXT_MAX];
	struct line l = { .argc = 0 };

	if (!ask(m, "Files, the suffix gives the format",
		 "report.txt report.csv report.json", files, sizeof(files)))
		return false;
	add_report(&l, m);
	add_words(&l, "--output=", files);
	go(&l, &cmd_report, false);
	return true;
}

static bool do_changes(struct menu *m)
{
	struct line l = { .argc = 0 };

	add_report(&l, m);
	add(&l, "--history");
	add(&l, "--baseline=last");
	add(&l, "--format=txt");
	go(&l, &cmd_report, false);
	return true;
}

/* run NULL: the list of them. Not in line: two of them would be a large frame. */
static __attribute__((__noinline__)) int history(const char *run)
{
	struct line l = { .argc = 0 };

	if (run) {
		add(&l, "--format=txt");
		add(&l, "--");
		add(&l, "%s", run);
	}
	return go(&l, &cmd_history, false);
}

static bool do_history(struct menu *m)
{
	char run[TEXT_MAX];

	if (history(NULL) != STATUS_OK)
		return true;
	if (!ask(m, "Show which run, by its number or last; nothing: none", "",
		 run, sizeof(run)))
		return false;
	if (*run)
		history(run);
	return true;
}

/* The new settings, when the command that uses them would take them. */
static void keep(struct menu *m, const struct menu *changed,
		 int (*use)(const struct menu *m, bool check))
{
	if (use(changed, true) == STATUS_OK)
		*m = *changed;
	else
		say("nothing was changed");
}

static bool change_target(struct menu *m)
{
	struct menu new = *m;

	if (!ask(m, "Names, addresses, prefixes or ranges", m->targets,
		 new.targets, sizeof(new.targets)))
		return false;
	keep(m, &new, scan);
	return true;
}

static bool change_ports(struct menu *m)
{
	struct menu new = *m;

	if (!ask(m, "Ports, such as 22,80,8000-8100, top-100 or all",
		 *m->ports ? m->ports : "top-1000", new.ports,
		 sizeof(new.ports)))
		return false;
	keep(m, &new, scan);
	return true;
}

static bool change_logs(struct menu *m)
{
	struct menu new = *m;

	if (!ask(m, "Files, journal, journal:UNIT, or found",
		 *m->logs ? m->logs : "found", new.logs, sizeof(new.logs)))
		return false;
	if (!strcmp(new.logs, "found"))
		new.logs[0] = '\0';
	if (!strcmp(new.logs, "-"))
		say("standard input is this menu; name a file");
	else
		keep(m, &new, logs);
	return true;
}

static bool change_thresholds(struct menu *m)
{
	struct menu new = *m;

	if (!ask(m, "CPU above so many percent of a core", m->cpu, new.cpu,
		 sizeof(new.cpu)) ||
	    !ask(m, "Memory above so many percent", m->mem, new.mem,
		 sizeof(new.mem)) ||
	    !ask(m, "Failed logins of an address / seconds", m->logins,
		 new.logins, sizeof(new.logins)))
		return false;
	if (ps(&new, true) == STATUS_OK)
		keep(m, &new, logs);
	else
		say("nothing was changed");
	return true;
}

static const struct choice {
	const char *key, *text;
	bool (*act)(struct menu *m); /* false: end of input */
} choices[] = {
	{ "1", "Scan ports", do_scan },
	{ "2", "Monitor processes", do_ps },
	{ "3", "Analyse logs", do_logs },
	{ "4", "Full report into files", do_report },
	{ "5", "Change the target", change_target },
	{ "6", "Change the ports", change_ports },
	{ "7", "Change the logs", change_logs },
	{ "8", "Change the thresholds", change_thresholds },
	{ "9", "List who listens here, without a probe", do_listeners },
	{ "s", "Ask open ports what they are, or no longer", change_services },
	{ "c", "Report what changed since the last kept run, and keep this one",
	  do_changes },
	{ "h", "List the runs that were kept", do_history },
};
#define NCHOICES (sizeof(choices) / sizeof(choices[0]))

static void show_menu(const struct menu *m)
{
	show("\n");
	for (size_t i = 0; i < NCHOICES; i++)
		show("  %s  %s\n", choices[i].key, tr(choices[i].text));
	show("  q  Quit\n\n"
	     "Target: %s   Ports: %s   Services: %s\n"
	     "Logs: %s\n"
	     "Thresholds: CPU %s %%, memory %s %%, failed logins %s s\n",
	     m->targets, *m->ports ? m->ports : "top-1000",
	     m->services ? tr("asked") : tr("not asked"),
	     *m->logs ? m->logs : tr("those found here"), m->cpu, m->mem,
	     m->logins);
}

static const struct choice *find(const char *key)
{
	for (size_t i = 0; i < NCHOICES; i++)
		if (!strcmp(choices[i].key, key))
			return &choices[i];
	return NULL;
}

static void loop(struct menu *m)
{
	for (;;) {
		const struct choice *c;
		char key[TEXT_MAX];

		show_menu(m);
		run_catch_signals(true);
		if (show_error() || !ask(m, "Choice", "", key, sizeof(key)) ||
		    !strcmp(key, "q") || !strcmp(key, "0"))
			return;
		c = find(key);
		if (c && !c->act(m))
			return;
		if (!c)
			say("'%.200s' is no choice; 1 to 9, s, c, h and q are",
			    key);
	}
}

static void take(const struct conf *c, int section, const char *name,
		 const char *prefix, char *out, size_t size)
{
	const char *value = conf_value(c, section, name, prefix);

	if (value && strlen(value) < size)
		snprintf(out, size, "%s", value);
}

/* What the menu shows and hands on is what is configured. */
static void from_configuration(struct menu *m)
{
	struct conf *c = calloc(1, sizeof(*c));
	const char *services;

	if (!c || conf_load(c) < 0) {
		conf_free(c);
		return;
	}
	take(c, CONF_SCAN, "ports", "", m->ports, sizeof(m->ports));
	take(c, CONF_PS, "cpu-threshold", "", m->cpu, sizeof(m->cpu));
	take(c, CONF_PS, "mem-threshold", "", m->mem, sizeof(m->mem));
	take(c, CONF_LOGS, "threshold", "brute_force=", m->logins,
	     sizeof(m->logins));
	services = conf_value(c, CONF_SCAN, "services", "");
	m->services = services && !strcmp(services, "yes");
	conf_free(c);
}

int menu_run(void)
{
	struct menu m = {
		.targets = "localhost",
		.cpu = "80",
		.mem = "80",
		.logins = "5/600",
	};

	m.edit = edit_new();
	if (!m.edit) {
		say("not enough memory");
		return STATUS_BROKEN;
	}
	from_configuration(&m);
	loop(&m);
	edit_free(m.edit);
	return STATUS_OK;
}
