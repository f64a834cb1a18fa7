/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edit.h"
#include "history.h"
#include "lang.h"
#include "run.h"
#include "term.h"
#include "trust.h"

static int take(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	struct run *run = user;
	int status = sm_kind_field(SM_KIND_ABILITY, "status");

	if (sm_record_kind(rec) == SM_KIND_ABILITY &&
	    !strcmp(sm_record_field_str(rec, (size_t)status), "missing"))
		run_status(run, STATUS_INCOMPLETE);
	return out_event(&run->out, ev);
}

/* A row of the command itself; value may be NULL. */
static int tell_row(struct run *run, const char *name, const char *part,
		    int status, const char *sentence, const char *next_step,
		    const char *value)
{
	const char *args[] = { "value", value };

	return sm_tell_ability(run->ctx, name, part, status, sentence,
			       next_step, args, value ? 2 : 0, take, run);
}

static int tell_configuration(struct run *run)
{
	const struct conf *c = run->conf;
	char list[1000] = "";
	size_t n = 0, read = 0;

	for (size_t i = 0; i < c->nfiles && n < sizeof(list); i++) {
		if (!c->files[i].is_read)
			continue;
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
				      read++ ? ", " : "", c->files[i].path);
	}
	if (c->is_refused)
		return tell_row(
			run, "settings", "configuration", SM_ABILITY_MISSING,
			"The configuration is refused, as standard error "
			"says: no command does anything.",
			"Mend what is said, or give --no-config.", NULL);
	if (!read)
		return tell_row(
			run, "settings", "configuration", SM_ABILITY_OK,
			"There are no settings, or none are to be read: "
			"defaults hold.",
			NULL, NULL);
	return tell_row(run, "settings", "configuration", SM_ABILITY_OK,
			"Settings are read from {value}.", NULL, list);
}

static int tell_accepted(struct run *run)
{
	const struct conf *c = run->conf;
	char count[24], why[TRUST_WHY] = "";
	struct trust_names names = { NULL, 0 };
	int r = c->rules_dir ? trust_list(c->rules_dir, ".yaml", &names, why)
			     : -ENOENT;

	snprintf(count, sizeof(count), "%zu", names.n);
	trust_names_free(&names);
	if (c->is_list_refused)
		return tell_row(
			run, "accepted", "configuration", SM_ABILITY_MISSING,
			"The list of accepted findings is refused, as "
			"standard error says: no command does anything.",
			"Mend what is said, or give --no-config.", NULL);
	if (r < 0)
		return tell_row(run, "accepted", "configuration", SM_ABILITY_OK,
				"No findings are accepted.", NULL, NULL);
	return tell_row(run, "accepted", "configuration", SM_ABILITY_OK,
			"Files with accepted findings: {value}.", NULL, count);
}

/* The nearest directory of the way that is there. */
static bool can_be_made(char *path)
{
	struct stat st;

	for (char *slash = strrchr(path, '/'); slash && slash != path;
	     slash = strrchr(path, '/')) {
		*slash = '\0';
		if (!stat(path, &st))
			return S_ISDIR(st.st_mode) &&
			       !access(path, W_OK | X_OK);
	}
	return !access("/", W_OK);
}

static int tell_history(struct run *run)
{
	char path[PATH_MAX], way[PATH_MAX];
	bool is_there;

	if (!history_path(run, path, sizeof(path)))
		return tell_row(run, "history-file", "history",
				SM_ABILITY_LIMITED,
				"There is no home directory for a history.",
				"Name a file: --history=FILE.", NULL);
	is_there = !access(path, F_OK);
	snprintf(way, sizeof(way), "%s", path);
	if (is_there ? !access(path, R_OK | W_OK) : can_be_made(way))
		return tell_row(run, "history-file", "history", SM_ABILITY_OK,
				is_there ? "The history is {value}."
					 : "A history would be {value}.",
				NULL, path);
	return tell_row(run, "history-file", "history", SM_ABILITY_LIMITED,
			"The history {value} cannot be written.",
			"Name another file: --history=FILE.", path);
}

static int tell_terminal(struct run *run)
{
	const char *sentence =
		!isatty(STDOUT_FILENO)
			? "Standard output is no terminal: no colours, and "
			  "nothing is cut."
		: term_color(run->out.color)
			? "Standard output is a terminal with colours."
			: "Standard output is a terminal without colours.";

	return tell_row(run, "output", "terminal", SM_ABILITY_OK, sentence,
			NULL, NULL);
}

static int tell_language(struct run *run)
{
	static const char sample[] = "No findings";
	const char *locale = setlocale(LC_MESSAGES, NULL);

	return tell_row(run, "language", "terminal", SM_ABILITY_OK,
			strcmp(tr(sample), sample) != 0
				? "Sentences for people are translated (locale "
				  "{value})."
				: "Sentences for people are in English (locale "
				  "{value}).",
			NULL, locale ? locale : "C");
}

static int tell_editing(struct run *run)
{
	if (edit_is_there())
		return tell_row(run, "line-editing", "terminal", SM_ABILITY_OK,
				"Lines of the menu can be edited.", NULL, NULL);
	return tell_row(
		run, "line-editing", "terminal", SM_ABILITY_LIMITED,
		"Lines of the menu cannot be edited: libedit is not there.",
		"Install libedit (libedit.so.2), and a sysmon that was "
		"built with it.",
		NULL);
}

static int tell_own(struct run *run)
{
	static int (*const rows[])(struct run *) = {
		tell_configuration, tell_accepted, tell_history,
		tell_terminal,	    tell_language, tell_editing,
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && r == 0; i++)
		r = rows[i](run);
	return r;
}

static void run_doctor(struct run *run)
{
	int r = out_begin(&run->out, run->ctx, SM_KIND_ABILITY, run->fields,
			  true);

	if (r >= 0)
		r = sm_list_abilities(run->ctx, take, run);
	if (r >= 0)
		r = tell_own(run);
	if (r < 0 && !out_is_over(&run->out)) {
		run_failed(run, r);
		return;
	}
	run_finish(run, 0);
}

static int ready(struct run *run)
{
	return run->nargs ? run_why(run, "unexpected argument '%.80s'",
				    run->args[0])
			  : 0;
}

static const struct opt *const opts[] = { rules_opts,  history_file_opts,
					  common_opts, pager_opts,
					  conf_opts,   NULL };

const struct cmd cmd_doctor = {
	.name = "doctor",
	.args = "[OPTION]...",
	.summary = "What can be seen here, and what to do for the rest",
	.manual = "sysmon(1)",
	.opts = opts,
	.shown = 2,
	.examples = "  sysmon doctor\n"
		    "  sysmon doctor --format ndjson\n",
	.ready = ready,
	.run = run_doctor,
};
