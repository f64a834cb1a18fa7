/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "lang.h"
#include "run.h"
#include "term.h"

static int set_format(struct run *run, const char *value)
{
	int f = sm_format_by_name(value);

	if (f < 0)
		return run_why(run, "no format; table, txt, csv, json, ndjson, "
				    "html, nmap-xml, ecs, md and prom are");
	run->out.format = f;
	return 0;
}

static int set_output(struct run *run, const char *value)
{
	const char *why;
	int r = out_add(&run->out, value, &why);

	return r < 0 ? run_why(run, "%s", tr(why)) : 0;
}

static int set_syslog(struct run *run, const char *value)
{
	if (run->out.syslog)
		return run_why(run, "one server is enough");
	run->out.syslog = value ? value : "unix:/dev/log";
	return 0;
}

static int set_fields(struct run *run, const char *value)
{
	run->fields = value;
	return 0;
}

int opt_threads(struct run *run, const char *value)
{
	int64_t n = 0;
	int r = opt_int(run, value, 1, 64, &n);

	for (const struct section *const *s = sections; *s && r >= 0; s++)
		if ((*s)->set_threads && (!run->part || run->part == *s))
			r = (*s)->set_threads(run, (uint32_t)n);
	return r;
}

int opt_threshold(struct run *run, const char *value)
{
	if (run->part)
		return run->part == &section_ps ? ps_threshold(run, value)
						: logs_threshold(run, value);
	return run->proc && !(run->log && strchr(value, '/'))
		       ? ps_threshold(run, value)
		       : logs_threshold(run, value);
}

static int set_ignore(struct run *run, const char *value)
{
	int r = 0;

	for (const struct section *const *s = sections; *s && r >= 0; s++)
		if ((*s)->add_ignore)
			r = (*s)->add_ignore(run, value);
	return r;
}

static int set_min_severity(struct run *run, const char *value)
{
	return opt_severity(run, value, &run->out.min_severity);
}

static int set_fail_on(struct run *run, const char *value)
{
	if (!strncmp(value, "new:", 4))
		return opt_severity(run, value + 4, &run->history.fail_on_new);
	return opt_severity(run, value, &run->fail_on);
}

static int set_color(struct run *run, const char *value)
{
	static const struct opt_word words[] = {
		{ "auto", TERM_COLOR_AUTO },
		{ "always", TERM_COLOR_ALWAYS },
		{ "never", TERM_COLOR_NEVER },
		{ NULL, 0 },
	};

	return opt_choice(run, value, words, &run->out.color);
}

static int set_progress(struct run *run, const char *value)
{
	static const struct opt_word words[] = {
		{ "auto", 0 },
		{ "none", 1 },
		{ NULL, 0 },
	};
	int none = 0, r = opt_choice(run, value, words, &none);

	if (!r)
		run->no_progress = none;
	return r;
}

static int set_quiet(struct run *run, const char *value)
{
	(void)value;
	run->quiet = true;
	run->out.quiet = true;
	return 0;
}

static void log_line(int level, const char *module, const char *msg, void *user)
{
	(void)level;
	progress_clear(user);
	say("%s: %s", module, msg);
}

static int set_verbose(struct run *run, const char *value)
{
	(void)value;
	run->verbose++;
	sm_ctx_set_log(run->ctx, run->verbose > 1 ? SM_LOG_DEBUG : SM_LOG_INFO,
		       log_line, &run->progress);
	return 0;
}

static int set_interactive(struct run *run, const char *value)
{
	(void)value;
	return run_why(run, "goes alone, as 'sysmon --interactive'");
}

static int set_no_pager(struct run *run, const char *value)
{
	(void)value;
	run->out.no_pager = true;
	return 0;
}

static int print_version(struct run *run, const char *value)
{
	(void)value;
	(void)run;
	show("sysmon %s\n", sm_version_string());
	return OPT_DONE;
}

static int print_help(struct run *run, const char *value)
{
	(void)value;
	opt_help(run->cmd, !run->out.no_pager);
	return OPT_DONE;
}

const struct opt common_opts[] = {
	{ "format", 0, "FORMAT",
	  "table txt csv json ndjson html nmap-xml ecs md prom", set_format },
	{ "output", 'o', "FILE",
	  "write here; repeat; - is stdout; DIR/ is csv files", set_output },
	{ "report", 0, "FILE", NULL, set_output },
	{ "syslog", 0, "[TO]", "findings to unix:PATH, udp: tcp: tls:HOST:PORT",
	  set_syslog },
	{ "fields", 0, "LIST", "just these members, in this order",
	  set_fields },
	{ "ignore", 0, "ADDRESS", "address or prefix that makes no findings",
	  set_ignore },
	{ "min-severity", 0, "SEVERITY", "show only findings from here up",
	  set_min_severity },
	{ "fail-on", 0, "SEVERITY",
	  "status 1 on a finding from here up; new:SEVERITY", set_fail_on },
	{ "color", 0, "WHEN", "auto, always or never", set_color },
	{ "progress", 0, "WHEN", "auto or none", set_progress },
	{ "quiet", 'q', NULL, "no progress, no remarks", set_quiet },
	{ "verbose", 'v', NULL, "tell more; twice: tell all", set_verbose },
	{ "interactive", 0, NULL, NULL, set_interactive },
	{ "help", 'h', NULL, "this page", print_help },
	{ "version", 'V', NULL, "the version of the library", print_version },
	{ 0 },
};

const struct opt pager_opts[] = {
	{ "no-pager", 0, NULL, "print long texts at once", set_no_pager },
	{ 0 },
};
