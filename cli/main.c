/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inputs.h"
#include "lang.h"
#include "run.h"
#include "term.h"

const struct cmd *const cmds[] = {
	&cmd_scan,  &cmd_ps,	  &cmd_logs,   &cmd_report,
	&cmd_rules, &cmd_history, &cmd_doctor, NULL,
};

const struct section *const sections[] = {
	&section_scan,
	&section_ps,
	&section_logs,
	NULL,
};

static const struct cmd *find(const char *name)
{
	for (const struct cmd *const *c = cmds; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}

/* The time that stands in a report that is to be the same tomorrow. */
static int read_epoch(struct run *run)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	int64_t seconds = 0;
	int r;

	if (!epoch || !*epoch)
		return 0;
	/* To the end of the year 2200: nanoseconds fit. */
	r = opt_int(run, epoch, 0, 7289654399, &seconds);
	if (r < 0)
		return run_why_of(run, r, "the environment's SOURCE_DATE_EPOCH",
				  epoch);
	run->out.time = seconds * 1000000000;
	return 0;
}

/* What the options say together, before anything is done. */
static int get_ready(struct run *run)
{
	const char *bad = NULL, *why = NULL;
	char what[1200];
	int r;

	run->why[0] = '\0';
	r = read_epoch(run);
	if (r >= 0)
		r = run->cmd->ready(run);
	if (r >= 0)
		r = history_ready(run);
	if (r < 0)
		return opt_refuse(run->cmd, r, run_reason(run, r));
	r = out_check(&run->out, input_named, run, &bad, &why);
	if (!r) {
		r = out_begin_syslog(&run->out, run->ctx);
		return r < 0 ? opt_refuse(run->cmd, r, sm_ctx_errmsg(run->ctx))
			     : 0;
	}
	snprintf(what, sizeof(what), tr("output '%.1000s': %s"),
		 bad ? bad : "-", tr(why));
	return opt_refuse(run->cmd, r, what);
}

int cmd_main(const struct cmd *cmd, int argc, char **argv, bool check)
{
	struct run run;
	int r = run_init(&run, cmd);

	if (r < 0)
		say("%s", run_reason(&run, r));
	if (r >= 0)
		r = conf_begin(&run, argc, argv);
	if (r >= 0)
		r = opt_parse(&run, argc, argv);
	if (!r)
		r = conf_end(&run);
	if (!r)
		r = get_ready(&run);
	if (r < 0)
		run_status(&run, r == -ENOMEM ? STATUS_BROKEN : STATUS_USAGE);
	run.why[0] = '\0';
	if (!r && !check)
		cmd->run(&run);
	run_done(&run);
	return run.status;
}

static int no_arguments(void)
{
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return menu_run();
	say("nothing to do: name a command (scan, ps, logs, report, rules, "
	    "history, doctor), or "
	    "--scan-ports, --monitor-processes or --analyze-logs "
	    "(see 'sysmon --help')");
	return STATUS_USAGE;
}

/* "help", "help COMMAND": what people try first. */
static int help_of(int argc, char **argv)
{
	char option[] = "--help", *args[] = { option };
	const struct cmd *cmd = argc > 2 ? find(argv[2]) : &cmd_flags;

	if (cmd)
		return cmd_main(cmd, 1, args, false);
	say("unknown command '%.200s' (see 'sysmon --help')", argv[2]);
	return STATUS_USAGE;
}

static int dispatch(int argc, char **argv)
{
	const struct cmd *cmd;

	if (argc < 2)
		return no_arguments();
	if (argc == 2 && !strcmp(argv[1], "--interactive"))
		return menu_run();
	if (argv[1][0] == '-')
		return cmd_main(&cmd_flags, argc - 1, argv + 1, false);
	if (!strcmp(argv[1], "help"))
		return help_of(argc, argv);
	cmd = find(argv[1]);
	if (cmd)
		return cmd_main(cmd, argc - 2, argv + 2, false);
	say("unknown command '%.200s'; scan, ps, logs, report, rules, "
	    "history and doctor are "
	    "(see 'sysmon --help')",
	    argv[1]);
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	int status, err;

	term_hold_streams();
	lang_init();
	run_catch_signals(false);
	status = dispatch(argc, argv);
	err = show_error();
	if (err && err != EPIPE) {
		say("standard output: %s", strerror(err));
		status =
			status > STATUS_INCOMPLETE ? status : STATUS_INCOMPLETE;
	}
	return status;
}
