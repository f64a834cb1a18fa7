/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "run.h"
#include "source.h"

static int add_target(struct run *run, const char *value)
{
	run->has_target = true;
	if (strcmp(value, "localhost"))
		run->other_target = true;
	return sm_scan_opts_add_target(run->scan, value);
}

static int want_scan(struct run *run, const char *value)
{
	run->want_scan = true;
	return value ? add_target(run, value) : 0;
}

static int want_ps(struct run *run, const char *value)
{
	(void)value;
	run->want_ps = true;
	return 0;
}

static int want_logs(struct run *run, const char *value)
{
	run->want_logs = true;
	return value ? source_add(run, value) : 0;
}

static int set_title(struct run *run, const char *value)
{
	run->out.title = value;
	return 0;
}

static int set_from(struct run *run, const char *value)
{
	if (run->from)
		return run_why(run, "one saved run makes one report");
	run->from = value;
	return 0;
}

const struct opt section_opts[] = {
	{ "scan-ports", 0, "[TARGET]", "the ports; default: localhost",
	  want_scan },
	{ "monitor-processes", 0, NULL, "the processes of this machine",
	  want_ps },
	{ "analyze-logs", 0, "[SOURCE]",
	  "attacks; default: the logs found here", want_logs },
	{ 0 },
};

static const struct opt report_opts[] = {
	{ "target", 0, "TARGET", "scan this one too; repeat for more",
	  add_target },
	{ "log", 0, "SOURCE", "read this one too; repeat for more",
	  source_add },
	{ "title", 0, "TEXT", "above the report", set_title },
	{ "from", 0, "FILE", "the ndjson or json that a run wrote, no new run",
	  set_from },
	{ 0 },
};

void report_note(struct run *run, const struct opt *opt)
{
	static const struct opt *const work[] = {
		section_opts, scan_opts, listener_opts, ps_opts,
		rules_opts,   logs_opts, NULL,
	};

	if (!run->work && (opt->set == add_target || opt->set == source_add))
		run->work = opt;
	for (const struct opt *const *rows = work; *rows; rows++)
		for (const struct opt *o = *rows; o->name; o++)
			if (o == opt && !run->work)
				run->work = o;
}

/* No section named is all of them. */
static unsigned sections_of(const struct run *run,
			    const struct section *list[3])
{
	bool all = !run->want_scan && !run->want_ps && !run->want_logs;
	unsigned n = 0;

	if (all || run->want_scan)
		list[n++] = &section_scan;
	if (all || run->want_ps)
		list[n++] = &section_ps;
	if (all || run->want_logs)
		list[n++] = &section_logs;
	return n;
}

/* This machine is quick to scan and worth knowing whole. */
static int default_scan(struct run *run)
{
	int r = 0;

	if (!run->has_target)
		r = sm_scan_opts_add_target(run->scan, "localhost");
	if (r >= 0 && !run->ports && !run->other_target)
		r = sm_scan_opts_set_ports(run->scan, "all");
	return r;
}

static int ready_from(struct run *run)
{
	if (run->work)
		return run_why(run,
			       "--from writes what was seen then; --%s "
			       "is for a new run",
			       run->work->name);
	if (run->fields)
		return run_why(run, "--fields chooses members of one kind; a "
				    "saved run may have many");
	if (run->history.keep)
		return run_why(run, "--history keeps what is seen now, and "
				    "--from looks at nothing");
	run->out.collects = true;
	return history_refuse_syslog(run);
}

static int ready(struct run *run)
{
	const struct section *list[3];
	unsigned n = sections_of(run, list);
	bool some = run->want_scan || run->want_ps || run->want_logs;
	int r;

	if (run->nargs)
		return run_why(run,
			       "unexpected argument '%.80s'; a command "
			       "comes first, a value follows its option",
			       run->args[0]);
	if (run->from)
		return ready_from(run);
	if (!*run->cmd->name && !some)
		return run_why(run, "nothing to do; name a command, or "
				    "--scan-ports, --monitor-processes or "
				    "--analyze-logs");
	if (some && !run->want_scan && run->has_target)
		return run_why(run, "a target without --scan-ports");
	if (some && !run->want_scan && run->listeners)
		return run_why(run, "--listeners without --scan-ports");
	if (some && !run->want_logs && run->has_log)
		return run_why(run, "--log without --analyze-logs");
	r = run->listeners ? scan_check_listeners(run, run->has_target)
			   : default_scan(run);
	if (r >= 0)
		r = scan_check_options(run);
	if (r >= 0)
		r = source_ready(run);
	return r < 0 ? r : run_ready_sections(run, list, n);
}

/* Where some of it cannot be read, a report would hide that. */
static void run_from(struct run *run)
{
	int r = out_begin(&run->out, run->ctx, 0, NULL, false);

	run_reads(true);
	if (r >= 0)
		r = sm_report_add_saved(run->out.report, run->from);
	run_reads(false);
	if (r < 0) {
		run_failed(run, r);
		return;
	}
	if (r > 0)
		run_failed(run, r);
	history_begin(run);
	history_compare(run);
	run_finish(run, sm_report_worst(run->out.report));
}

static void run_report(struct run *run)
{
	const struct section *list[3];
	unsigned n = sections_of(run, list);

	if (run->from) {
		run_from(run);
		return;
	}
	run_sections(run, list, n);
}

static const struct opt *const opts[] = {
	section_opts,  report_opts, history_opts, baseline_opts, scan_opts,
	listener_opts, ps_opts,	    rules_opts,	  logs_opts,	 common_opts,
	pager_opts,    conf_opts,   NULL,
};

const struct cmd cmd_report = {
	.name = "report",
	.args = "[OPTION]...",
	.summary = "Ports, processes and logs, or what is named, in one report",
	.manual = "sysmon-report(1)",
	.opts = opts,
	.shown = 4,
	.more = "  and the options of scan, ps and logs",
	.examples = "  sysmon report -o report.txt -o report.json\n"
		    "  sysmon report --scan-ports=192.0.2.7 --ports top-100\n",
	.ready = ready,
	.run = run_report,
};

/* The same without a command: flags only. main.c has its help. */
const struct cmd cmd_flags = {
	.name = "",
	.args = "",
	.summary = "",
	.opts = opts,
	.ready = ready,
	.run = run_report,
};
