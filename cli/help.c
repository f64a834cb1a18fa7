/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "conf.h"
#include "lang.h"
#include "pager.h"
#include "term.h"

#define HELP_COLUMN 26

void opt_help_rows(const struct opt *rows)
{
	for (const struct opt *o = rows; o->name; o++) {
		char left[64], letter[5] = "";
		const char *sep = !o->arg ? "" : *o->arg == '[' ? "[=" : " ";

		if (!o->help)
			continue;
		if (o->letter)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, sep,
			 !o->arg	  ? ""
			 : *o->arg == '[' ? o->arg + 1
					  : o->arg);
		show("  %-*s %s\n", HELP_COLUMN, left, tr(o->help));
	}
}

static void help_all(void)
{
	show("Usage: sysmon COMMAND [OPTION]... [ARG]...\n"
	     "       sysmon [--scan-ports] [--monitor-processes] "
	     "[--analyze-logs] [OPTION]...\n"
	     "       sysmon [--interactive]  the menu; a terminal is enough\n"
	     "\nCommands:\n");
	for (const struct cmd *const *c = cmds; *c; c++)
		show("  %-8s %s\n", (*c)->name, tr((*c)->summary));
	show("\nOne report of what is named:\n");
	opt_help_rows(section_opts);
	show("\nOptions of every command:\n");
	opt_help_rows(common_opts);
	opt_help_rows(pager_opts);
	opt_help_rows(conf_opts);
	show("\nExamples:\n"
	     "  sysmon --scan-ports --monitor-processes --analyze-logs "
	     "-o report.txt\n"
	     "'sysmon COMMAND --help' has the rest, sysmon(1) all of it.\n");
}

static void help(const struct cmd *cmd)
{
	if (!*cmd->name) {
		help_all();
		return;
	}
	show("Usage: sysmon %s %s\n%s.\n\n", cmd->name, cmd->args,
	     tr(cmd->summary));
	for (unsigned i = 0; i < cmd->shown; i++)
		opt_help_rows(cmd->opts[i]);
	if (cmd->more)
		show("%s\n", tr(cmd->more));
	show("\n");
	opt_help_rows(common_opts);
	show("\nExamples; %s has more:\n%s", cmd->manual, cmd->examples);
}

void opt_help(const struct cmd *cmd, bool pager)
{
	struct pager p;
	unsigned lines;

	show_to(-1);
	help(cmd);
	lines = show_to(STDOUT_FILENO);
	if (!pager || !pager_is_wanted() ||
	    lines < term_height(STDOUT_FILENO) || !pager_start(&p)) {
		help(cmd);
		return;
	}
	show_to(p.fd);
	help(cmd);
	p.written = shown_bytes();
	show_to(STDOUT_FILENO);
	if (pager_end(&p) == PAGER_FAILED)
		help(cmd);
}
