/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "term.h"

/* Repeated, it adds up, as lists do. */
static int set_ports(struct run *run, const char *value)
{
	char *all = NULL;
	int r = sm_scan_opts_set_ports(run->scan, value);

	if (r < 0 || !run->ports) {
		all = r < 0 ? NULL : strdup(value);
	} else if (asprintf(&all, "%s,%s", run->ports, value) >= 0) {
		r = sm_scan_opts_set_ports(run->scan, all);
	} else {
		all = NULL;
	}
	if (r == 0 && !all)
		return -ENOMEM;
	if (r < 0) {
		free(all);
		return r;
	}
	free(run->ports);
	run->ports = all;
	return 0;
}

static int set_exclude(struct run *run, const char *value)
{
	return sm_scan_opts_add_exclude(run->scan, value);
}

/* With "-" for standard input, which has one list at most. */
static int set_exclude_file(struct run *run, const char *value)
{
	int r;

	if (strcmp(value, "-"))
		return sm_scan_opts_add_exclude_file(run->scan, value);
	r = run_take_stdin(run, "--exclude-file");
	return r < 0 ? r
		     : sm_scan_opts_add_exclude_fd(run->scan, STDIN_FILENO,
						   "standard input");
}

static int set_targets_file(struct run *run, const char *value)
{
	int r;

	run->has_target = true;
	run->other_target = true;
	if (strcmp(value, "-"))
		return sm_scan_opts_add_targets_file(run->scan, value);
	r = run_take_stdin(run, "--targets-file");
	return r < 0 ? r
		     : sm_scan_opts_add_targets_fd(run->scan, STDIN_FILENO,
						   "standard input");
}

static int set_method(struct run *run, const char *value)
{
	static const struct opt_word words[] = {
		{ "auto", SM_SCAN_AUTO },
		{ "connect", SM_SCAN_CONNECT },
		{ "syn", SM_SCAN_SYN },
		{ NULL, 0 },
	};
	int method = 0, r = opt_choice(run, value, words, &method);

	if (r < 0)
		return r;
	run->method = method == SM_SCAN_AUTO ? NULL : value;
	return sm_scan_opts_set_method(run->scan, method);
}

static int set_udp(struct run *run, const char *value)
{
	(void)value;
	run->udp = true;
	return sm_scan_opts_set_protocol(run->scan, SM_SCAN_UDP);
}

static int set_rate(struct run *run, const char *value)
{
	int64_t n = 0;
	int r = opt_int(run, value, 1, 10000000, &n);

	return r < 0 ? r : sm_scan_opts_set_rate_pps(run->scan, (uint32_t)n);
}

static int set_timeout(struct run *run, const char *value)
{
	int64_t ms = 0;
	int r = opt_int(run, value, 1, 600000, &ms);

	return r < 0 ? r : sm_scan_opts_set_timeout_ms(run->scan, ms);
}

static int set_retries(struct run *run, const char *value)
{
	int64_t n = 0;
	int r = opt_int(run, value, 0, 100, &n);

	return r < 0 ? r : sm_scan_opts_set_retries(run->scan, (uint32_t)n);
}

static int set_show(struct run *run, const char *value)
{
	static const struct opt_word words[] = {
		{ "open", SM_SCAN_SHOW_OPEN },
		{ "all", SM_SCAN_SHOW_ALL },
		{ NULL, 0 },
	};
	int what = 0, r = opt_choice(run, value, words, &what);

	return r < 0 ? r : sm_scan_opts_set_show(run->scan, what);
}

static int set_close(struct run *run, const char *value)
{
	static const struct opt_word words[] = {
		{ "rst", SM_SCAN_CLOSE_RST },
		{ "fin", SM_SCAN_CLOSE_FIN },
		{ NULL, 0 },
	};
	int how = 0, r = opt_choice(run, value, words, &how);

	return r < 0 ? r : sm_scan_opts_set_close(run->scan, how);
}

static int set_services(struct run *run, const char *value)
{
	(void)value;
	run->services = true;
	return sm_scan_opts_set_services(run->scan, 1);
}

static int set_service_timeout(struct run *run, const char *value)
{
	int64_t ms = 0;
	int r = opt_int(run, value, 1, 600000, &ms);

	run->asks = "--service-timeout";
	return r < 0 ? r : sm_scan_opts_set_service_timeout_ms(run->scan, ms);
}

static int set_service_bytes(struct run *run, const char *value)
{
	int64_t n = 0;
	int r = opt_int(run, value, 256, 1048576, &n);

	run->asks = "--service-bytes";
	return r < 0 ? r
		     : sm_scan_opts_set_service_bytes(run->scan, (uint32_t)n);
}

static int set_resume(struct run *run, const char *value)
{
	run->keeps_state = true;
	run->state = value;
	return sm_scan_opts_set_resume(run->scan, value);
}

const struct opt scan_opts[] = {
	{ "ports", 'p', "PORTS",
	  "22,80,8000-8100, names, top-100, top-1000, all", set_ports },
	{ "exclude", 0, "TARGET", "never probe these; repeat for more",
	  set_exclude },
	{ "exclude-file", 0, "FILE", "a list of those, one a line; or -",
	  set_exclude_file },
	{ "targets-file", 0, "FILE", "targets, one a line, # a comment; or -",
	  set_targets_file },
	{ "show", 0, "WHAT", "which ports: open or all", set_show },
	{ "services", 's', NULL, "ask open ports what they are", set_services },
	{ "service-timeout", 0, "MS", "the longest time for one of them",
	  set_service_timeout },
	{ "service-bytes", 0, "N", "the most to read of one answer",
	  set_service_bytes },
	{ "udp", 0, NULL, "UDP ports, not TCP; default: those with a question",
	  set_udp },
	{ "method", 0, "METHOD", "auto, connect or syn", set_method },
	{ "close", 0, "HOW", "how connections end: rst or fin", set_close },
	{ "timeout", 0, "MS", "the longest wait for an answer", set_timeout },
	{ "retries", 0, "N", "further tries of a port without an answer",
	  set_retries },
	{ "rate", 0, "PPS", "at most so many probes a second", set_rate },
	{ "resume", 0, "FILE", "go on where a scan with it was interrupted",
	  set_resume },
	{ "threads", 0, "N", "probe with N threads", opt_threads },
	{ 0 },
};

static int set_listeners(struct run *run, const char *value)
{
	(void)value;
	run->listeners = true;
	return 0;
}

const struct opt listener_opts[] = {
	{ "listeners", 0, NULL, "who listens here, TCP and UDP; no probes",
	  set_listeners },
	{ 0 },
};

void scan_note(struct run *run, const struct opt *opt)
{
	/* In a report threads are for all sections. */
	if (opt->set == opt_threads && run->cmd != &cmd_scan)
		return;
	for (const struct opt *o = scan_opts; o->name; o++)
		if (o == opt && !run->probe)
			run->probe = o;
}

int scan_check_listeners(struct run *run, bool has_target)
{
	if (has_target)
		return run_why(run, "--listeners is about this machine and "
				    "takes no target");
	if (run->probe)
		return run_why(
			run,
			"--listeners asks the kernel and probes nothing; "
			"--%s is for a scan",
			run->probe->name);
	return 0;
}

static int check_services(struct run *run)
{
	if (run->asks && run->udp)
		return run_why(
			run,
			"%s is for services of TCP; with --udp the probe "
			"itself asks, and --timeout is its time",
			run->asks);
	if (run->asks && !run->services)
		return run_why(run,
			       "%s is for --services, which is to be given as "
			       "well",
			       run->asks);
	if (run->udp && run->services && !run->quiet)
		say("--services adds nothing to --udp: the probes ask UDP "
		    "ports what they are");
	return 0;
}

int scan_check_options(struct run *run)
{
	if (!run->udp || !run->method)
		return check_services(run);
	return run_why(run,
		       "--method %s is one of TCP; --udp has one method, and "
		       "needs none to be named",
		       run->method);
}

static int open_opts(struct run *run)
{
	return sm_scan_opts_new(run->ctx, &run->scan);
}

static void close_opts(struct run *run)
{
	free(run->ports);
	sm_scan_opts_free(run->scan);
}

static int new_job(struct run *run, sm_job **out)
{
	int r = run->rules ? sm_scan_opts_set_rules(run->scan, run->rules) : 0;

	if (r < 0)
		return r;
	return run->listeners ? sm_job_new_listeners(run->ctx, run->scan, out)
			      : sm_job_new_scan(run->ctx, run->scan, out);
}

static int add_ignore(struct run *run, const char *prefix)
{
	return sm_scan_opts_add_ignore(run->scan, prefix);
}

static int set_fields(struct run *run, const char *fields)
{
	return sm_scan_opts_set_fields(run->scan, fields);
}

static int set_threads(struct run *run, uint32_t n)
{
	return sm_scan_opts_set_threads(run->scan, n);
}

/* Why the method is not the one of root. */
static bool is_of_method(const sm_notice *n)
{
	return !strcmp(sm_notice_source(n), "method") &&
	       sm_notice_errno(n) != ENOENT;
}

/* That other users have no raw sockets is known, and that hosts have their method. */
static bool is_usual(const struct run *run, const sm_notice *n)
{
	return is_of_method(n) && geteuid() != 0 && !run->verbose;
}

/* A host that was not seen; what is not about one is an owner of a port. */
static bool is_loss(const struct run *run, const sm_notice *n)
{
	(void)run;
	return sm_notice_errno(n) && *sm_notice_source(n) && !is_of_method(n);
}

const struct section section_scan = {
	.name = "ports",
	.kind = SM_KIND_PORT,
	.unit = { "ports", 1 },
	.open = open_opts,
	.close = close_opts,
	.new_job = new_job,
	.set_fields = set_fields,
	.set_threads = set_threads,
	.add_ignore = add_ignore,
	.is_loss = is_loss,
	.is_usual = is_usual,
};

static const struct section *const own[] = { &section_scan };

static int ready(struct run *run)
{
	int r;

	if (run->listeners) {
		r = scan_check_listeners(run, run->nargs > 0);
		return r < 0 ? r : run_ready_sections(run, own, 1);
	}
	for (int i = 0; i < run->nargs; i++) {
		r = sm_scan_opts_add_target(run->scan, run->args[i]);
		if (r < 0)
			return run_why_of(run, r, "target", run->args[i]);
	}
	if (!run->nargs && !run->has_target)
		return run_why(run, "scan needs a TARGET, such as localhost, "
				    "or --listeners");
	r = scan_check_options(run);
	return r < 0 ? r : run_ready_sections(run, own, 1);
}

static void run_scan(struct run *run)
{
	run_sections(run, own, 1);
}

static int set_no_checks(struct run *run, const char *value)
{
	(void)value;
	return sm_scan_opts_set_checks(run->scan, 0);
}

/* A report has the one of ps, which is for both. */
static const struct opt check_opts[] = {
	{ "no-checks", 0, NULL, "judge no port", set_no_checks },
	{ 0 },
};

static const struct opt *const opts[] = {
	scan_opts,   listener_opts, check_opts, rules_opts, history_opts,
	common_opts, pager_opts,    conf_opts,	NULL,
};

const struct cmd cmd_scan = {
	.name = "scan",
	.args = "[OPTION]... TARGET... | --listeners",
	.summary = "ports of names, addresses, prefixes and ranges",
	.manual = "sysmon-scan(1)",
	.opts = opts,
	.shown = 3,
	.examples = "  sysmon scan localhost\n"
		    "  sysmon scan 10.0.0.0/24 -p 22,80,443 -o ports.csv\n"
		    "  sysmon scan --listeners\n",
	.ready = ready,
	.run = run_scan,
};
