/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "run.h"
#include "term.h"

static int set_match(struct run *run, int by, const char *value)
{
	run->ask.match[by] = value;
	return 0;
}

static int set_address(struct run *run, const char *value)
{
	return set_match(run, SM_STORE_ADDRESS, value);
}

static int set_user(struct run *run, const char *value)
{
	return set_match(run, SM_STORE_USER, value);
}

static int set_process(struct run *run, const char *value)
{
	return set_match(run, SM_STORE_PROCESS, value);
}

static int set_port(struct run *run, const char *value)
{
	int64_t n;
	int r = opt_int(run, value, 0, 65535, &n);

	return r < 0 ? r : set_match(run, SM_STORE_PORT, value);
}

static int set_rule(struct run *run, const char *value)
{
	return set_match(run, SM_STORE_RULE, value);
}

static int set_kind(struct run *run, const char *value)
{
	run->ask.kind = sm_kind_by_name(value);
	return run->ask.kind > 0
		       ? 0
		       : run_why(run, "no kind of record; port, process, "
				      "event and finding are");
}

static int set_since(struct run *run, const char *value)
{
	return opt_time(run, value, &run->ask.since);
}

static int set_until(struct run *run, const char *value)
{
	return opt_time(run, value, &run->ask.until);
}

static const struct opt search_opts[] = {
	{ "address", 0, "ADDRESS", "what is about this one", set_address },
	{ "user", 0, "NAME", "this user", set_user },
	{ "process", 0, "NAME|PID", "this process", set_process },
	{ "port", 0, "PORT", "this port", set_port },
	{ "rule", 0, "ID", "this rule, check, or kind of finding", set_rule },
	{ "kind", 0, "KIND", "port, process, event, finding, ...", set_kind },
	{ "since", 0, "TIME", "not older", set_since },
	{ "until", 0, "TIME", "older", set_until },
	{ 0 },
};

static bool searches_in_records(const struct run *run)
{
	for (size_t by = 0; by < SM_STORE_RUN; by++)
		if (run->ask.match[by])
			return true;
	return false;
}

/* Whether something is searched for, and not a list of the runs. */
static bool searches(const struct run *run)
{
	return searches_in_records(run) || run->ask.kind;
}

static int ready(struct run *run)
{
	if (run->nargs > 1)
		return run_why(run,
			       "unexpected argument '%.80s'; one run at a "
			       "time is shown",
			       run->args[1]);
	if (run->nargs)
		run->ask.match[SM_STORE_RUN] = run->args[0];
	if (run->history.baseline && (!run->nargs || searches(run)))
		return run_why(run, "--baseline compares one whole run: name "
				    "it");
	if (run->ask.kind == SM_KIND_RUN && searches_in_records(run))
		return run_why(run, "--kind run lists runs, which --since and "
				    "--until narrow; the other options "
				    "search in what they saw");
	run->out.collects = true;
	run->history.keep = false;
	return history_refuse_syslog(run);
}

static int kind_of(const struct run *run)
{
	if (run->nargs || searches(run))
		return run->ask.kind;
	return SM_KIND_RUN;
}

static int query(struct run *run)
{
	sm_store *s = NULL;
	int r;

	run_reads(true);
	r = history_open(run, &s);
	for (int by = SM_STORE_ADDRESS; by <= SM_STORE_RUN && r >= 0; by++)
		r = sm_store_match(s, by, run->ask.match[by]);
	if (r >= 0)
		r = sm_store_query(s, kind_of(run), run->ask.since,
				   run->ask.until, out_collect, &run->out);
	sm_store_free(s);
	run_reads(false);
	return r;
}

static void run_history(struct run *run)
{
	int kind = kind_of(run);
	int r = out_begin(&run->out, run->ctx, kind, kind ? run->fields : NULL,
			  false);

	if (r >= 0)
		r = query(run);
	if (r < 0) {
		run_failed(run, r);
		return;
	}
	history_begin(run);
	history_compare(run);
	run_finish(run, sm_report_worst(run->out.report));
}

static const struct opt *const opts[] = {
	search_opts, history_file_opts, baseline_opts, common_opts,
	pager_opts,  conf_opts,		NULL,
};

const struct cmd cmd_history = {
	.name = "history",
	.args = "[RUN] [OPTION]...",
	.summary = "The runs that --history kept, one of them, or a search",
	.manual = "sysmon-history(1)",
	.opts = opts,
	.shown = 3,
	.examples = "  sysmon history last --format txt\n"
		    "  sysmon history --address 203.0.113.9 --kind event\n"
		    "  sysmon history 12 --baseline 11\n",
	.ready = ready,
	.run = run_history,
};
