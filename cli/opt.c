/* SPDX-License-Identifier: MIT */
#include "opt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lang.h"
#include "run.h"
#include "term.h"

/* One use of an option on the command line. */
struct use {
	const struct opt *opt;
	const char *value; /* NULL: none was given */
	char spelled[80];  /* as the user wrote it: "--ports", "-p" */
};

int opt_refuse(const struct cmd *cmd, int rc, const char *what)
{
	say("%s (see 'sysmon%s%s --help')", what, *cmd->name ? " " : "",
	    cmd->name);
	return rc;
}

static bool is_optional(const struct opt *o)
{
	return o->arg && *o->arg == '[';
}

/* What is done with each word of a command line. */
struct walk {
	struct run *run;
	int (*use)(struct walk *w, const struct use *u);
	bool is_silent;
	opt_fn look; /* of opt_look() */
};

static int refuse(const struct walk *w, const char *what)
{
	return w->is_silent ? -EINVAL : opt_refuse(w->run->cmd, -EINVAL, what);
}

static const struct opt *find(const struct cmd *cmd, const char *name,
			      size_t len, char letter)
{
	for (const struct opt *const *rows = cmd->opts; *rows; rows++)
		for (const struct opt *o = *rows; o->name; o++)
			if (name ? strlen(o->name) == len &&
					    !memcmp(o->name, name, len)
				 : letter && o->letter == letter)
				return o;
	return NULL;
}

const struct opt *opt_find(const struct cmd *cmd, const char *name)
{
	return find(cmd, name, strlen(name), 0);
}

static int apply(struct walk *w, const struct use *u)
{
	struct run *run = w->run;
	char what[1400];
	int r;

	run->why[0] = '\0';
	r = u->opt->set(run, u->value);
	if (r >= 0) {
		scan_note(run, u->opt);
		report_note(run, u->opt);
		return r;
	}
	if (u->value)
		snprintf(what, sizeof(what), tr("%s '%.600s': %s"), u->spelled,
			 u->value, run_reason_of(run, r, u->value));
	else
		snprintf(what, sizeof(what), tr("%s: %s"), u->spelled,
			 run_reason(run, r));
	return opt_refuse(run->cmd, r, what);
}

/* The value is in the same word after '=', or in the next one. */
static int parse_long(struct walk *w, char **argv, int argc, int *i)
{
	const char *word = argv[*i] + 2, *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	struct use u = { find(w->run->cmd, word, len, 0), NULL, "" };
	char what[200];

	snprintf(u.spelled, sizeof(u.spelled), "--%.*s",
		 (int)(len < 70 ? len : 70), word);
	if (!u.opt) {
		snprintf(what, sizeof(what), tr("unknown option '%s'"),
			 u.spelled);
		return refuse(w, what);
	}
	if (eq && !u.opt->arg) {
		snprintf(what, sizeof(what), tr("%s takes no value"),
			 u.spelled);
		return refuse(w, what);
	}
	if (eq) {
		u.value = eq + 1;
	} else if (u.opt->arg && !is_optional(u.opt)) {
		if (*i + 1 >= argc) {
			snprintf(what, sizeof(what), tr("%s needs a value, %s"),
				 u.spelled, u.opt->arg);
			return refuse(w, what);
		}
		u.value = argv[++*i];
	}
	return w->use(w, &u);
}

/* -qv, -ofile, -o file. */
static int parse_letters(struct walk *w, char **argv, int argc, int *i)
{
	char what[200];

	for (const char *p = argv[*i] + 1; *p; p++) {
		struct use u = { find(w->run->cmd, NULL, 0, *p), NULL, "" };
		int r;

		snprintf(u.spelled, sizeof(u.spelled), "-%c", *p);
		if (!u.opt) {
			snprintf(what, sizeof(what), tr("unknown option '%s'"),
				 u.spelled);
			return refuse(w, what);
		}
		if (!u.opt->arg) {
			r = w->use(w, &u);
			if (r)
				return r;
			continue;
		}
		if (p[1]) {
			u.value = p + 1;
		} else if (*i + 1 < argc) {
			u.value = argv[++*i];
		} else {
			snprintf(what, sizeof(what), tr("%s needs a value, %s"),
				 u.spelled, u.opt->arg);
			return refuse(w, what);
		}
		return w->use(w, &u);
	}
	return 0;
}

int opt_parse(struct run *run, int argc, char **argv)
{
	struct walk w = { .run = run, .use = apply };
	bool only_args = false;

	run->args = argv;
	for (int i = 0; i < argc; i++) {
		int r = 0;

		if (only_args || argv[i][0] != '-' || !argv[i][1])
			run->args[run->nargs++] = argv[i];
		else if (!strcmp(argv[i], "--"))
			only_args = true;
		else if (argv[i][1] == '-')
			r = parse_long(&w, argv, argc, &i);
		else
			r = parse_letters(&w, argv, argc, &i);
		if (r)
			return r;
	}
	return 0;
}

static int look(struct walk *w, const struct use *u)
{
	return w->look(w->run, u->opt, u->value);
}

int opt_look(struct run *run, int argc, char **argv, opt_fn fn)
{
	struct walk w = { run, look, true, fn };
	bool only_args = false;
	int r = 0;

	for (int i = 0; i < argc && r >= 0; i++) {
		if (only_args || argv[i][0] != '-' || !argv[i][1])
			r = fn(run, NULL, argv[i]);
		else if (!strcmp(argv[i], "--"))
			only_args = true;
		else if (argv[i][1] == '-')
			r = parse_long(&w, argv, argc, &i);
		else
			r = parse_letters(&w, argv, argc, &i);
	}
	return r == -ENOMEM ? r : 0;
}
