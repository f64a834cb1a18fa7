/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "run.h"

static int set_interval(struct run *run, const char *value)
{
	int64_t ms = 0;
	int r = opt_int(run, value, 0, 3600000, &ms);

	return r < 0 ? r : sm_proc_opts_set_interval_ms(run->proc, ms);
}

static int set_deadline(struct run *run, const char *value)
{
	int64_t ms = 0;
	int r = opt_int(run, value, 0, 3600000, &ms);

	return r < 0 ? r : sm_proc_opts_set_deadline_ms(run->proc, ms);
}

/* Tenths of a second are enough for people. */
static int set_watch(struct run *run, const char *value)
{
	double seconds = 0;
	int r = opt_seconds(run, value, 0.1, 3600, &seconds);

	if (r < 0)
		return r;
	if (run->out.follows && !run->out.rounds)
		return run_why(run, "not together with --follow");
	run->out.follows = run->out.rounds = true;
	return sm_proc_opts_set_watch_ms(run->proc,
					 (int64_t)(seconds * 1000 + 0.5));
}

static int set_cpu_threshold(struct run *run, const char *value)
{
	double percent = 0;
	int r = opt_percent(run, value, &percent);

	return r < 0 ? r : sm_proc_opts_set_cpu_threshold(run->proc, percent);
}

static int set_mem_threshold(struct run *run, const char *value)
{
	double percent = 0;
	int r = opt_percent(run, value, &percent);

	return r < 0 ? r
		     : sm_proc_opts_set_memory_threshold(run->proc, percent);
}

int ps_threshold(struct run *run, const char *value)
{
	const char *eq = strchr(value, '=');
	char kind[64];
	double n = 0;
	int r = opt_number(run, eq ? eq + 1 : "", &n);

	if (r < 0)
		return r;
	snprintf(kind, sizeof(kind), "%.*s", (int)(eq - value), value);
	return sm_proc_opts_set_threshold(run->proc, kind, n);
}

static int set_sort(struct run *run, const char *value)
{
	static const struct opt_word words[] = {
		{ "cpu", SM_PROC_BY_CPU },   { "mem", SM_PROC_BY_MEMORY },
		{ "pid", SM_PROC_BY_PID },   { "name", SM_PROC_BY_NAME },
		{ "tree", SM_PROC_BY_TREE }, { NULL, 0 },
	};
	int sort = 0, r = opt_choice(run, value, words, &sort);

	return r < 0 ? r : sm_proc_opts_set_sort(run->proc, sort);
}

static int set_tree(struct run *run, const char *value)
{
	(void)value;
	return sm_proc_opts_set_sort(run->proc, SM_PROC_BY_TREE);
}

static int set_backend(struct run *run, const char *value)
{
	static const struct opt_word words[] = {
		{ "auto", SM_PROC_BACKEND_AUTO },
		{ "procfs", SM_PROC_BACKEND_PROCFS },
		{ "kept", SM_PROC_BACKEND_KEPT },
		{ "bpf", SM_PROC_BACKEND_BPF },
		{ NULL, 0 },
	};
	int backend = 0, r = opt_choice(run, value, words, &backend);

	return r < 0 ? r : sm_proc_opts_set_backend(run->proc, backend);
}

static int set_top(struct run *run, const char *value)
{
	int64_t n = 0;
	int r = opt_int(run, value, 0, UINT32_MAX, &n);

	return r < 0 ? r : sm_proc_opts_set_top(run->proc, (uint32_t)n);
}

static int set_user(struct run *run, const char *value)
{
	return sm_proc_opts_set_user(run->proc, value);
}

static int set_pid(struct run *run, const char *value)
{
	int64_t pid = 0;
	int r = opt_int(run, value, 1, INT32_MAX, &pid);

	return r < 0 ? r : sm_proc_opts_set_pid(run->proc, (int32_t)pid);
}

static int set_filter(struct run *run, const char *value)
{
	return sm_proc_opts_set_filter(run->proc, value);
}

static int set_important(struct run *run, const char *value)
{
	return sm_proc_opts_add_important(run->proc, value);
}

static int set_no_important_defaults(struct run *run, const char *value)
{
	(void)value;
	return sm_proc_opts_set_important_defaults(run->proc, 0);
}

static int set_follow(struct run *run, const char *value)
{
	(void)value;
	if (run->out.rounds)
		return run_why(run, "not together with --watch");
	run->out.follows = true;
	return sm_proc_opts_set_follow(run->proc, 1);
}

static int set_hidden(struct run *run, const char *value)
{
	static const struct opt_word words[] = {
		{ "auto", SM_PROC_HIDDEN_AUTO },
		{ "off", SM_PROC_HIDDEN_OFF },
		{ "all", SM_PROC_HIDDEN_ALL },
		{ NULL, 0 },
	};
	int how = 0, r = opt_choice(run, value, words, &how);

	return r < 0 ? r : sm_proc_opts_set_hidden(run->proc, how);
}

static int set_no_checks(struct run *run, const char *value)
{
	int r = 0;

	(void)value;
	if (run->part == &section_scan)
		return sm_scan_opts_set_checks(run->scan, 0);
	r = sm_proc_opts_set_checks(run->proc, 0);
	/* Without a word about the part of a report, both. */
	return r < 0 || run->part ? r : sm_scan_opts_set_checks(run->scan, 0);
}

const struct opt ps_opts[] = {
	{ "interval", 0, "MS", "between the looks for CPU %; 0: one look",
	  set_interval },
	{ "cpu-threshold", 0, "PERCENT", "a finding above it; 100 is one core",
	  set_cpu_threshold },
	{ "mem-threshold", 0, "PERCENT", "a finding above it",
	  set_mem_threshold },
	{ "threshold", 0, "KIND=N", "a finding of that kind above N",
	  opt_threshold },
	{ "sort", 0, "ORDER", "cpu, mem, pid, name or tree", set_sort },
	{ "tree", 0, NULL, "--sort tree", set_tree },
	{ "top", 0, "N", "only the first of the order", set_top },
	{ "user", 0, "NAME", "only this user's", set_user },
	{ "pid", 0, "PID", "only this one", set_pid },
	{ "filter", 0, "EXPR",
	  "only those of which it is true: 'cpu_percent > 50'", set_filter },
	{ "important", 0, "NAME", "a finding when it does not run; repeatable",
	  set_important },
	{ "no-important-defaults", 0, NULL,
	  "only those that are named with --important",
	  set_no_important_defaults },
	{ "hidden", 0, "HOW", "look for hidden processes: auto, off or all",
	  set_hidden },
	{ "backend", 0, "NAME", "auto, procfs, kept or bpf", set_backend },
	{ "threads", 0, "N", "read with N threads", opt_threads },
	{ "deadline", 0, "MS", "let no process hold up the list longer",
	  set_deadline },
	{ "no-checks", 0, NULL, "judge none but the important ones",
	  set_no_checks },
	{ 0 },
};

static int open_opts(struct run *run)
{
	return sm_proc_opts_new(run->ctx, &run->proc);
}

static void close_opts(struct run *run)
{
	sm_proc_opts_free(run->proc);
}

static int new_job(struct run *run, sm_job **out)
{
	int r = run->rules ? sm_proc_opts_set_rules(run->proc, run->rules) : 0;

	return r < 0 ? r : sm_job_new_proc(run->ctx, run->proc, out);
}

static int set_fields(struct run *run, const char *fields)
{
	return sm_proc_opts_set_fields(run->proc, fields);
}

static int set_threads(struct run *run, uint32_t n)
{
	return sm_proc_opts_set_threads(run->proc, n);
}

/* The process that --pid names is not there, or one was not read in time. What may not
 * be looked into is said in its row. */
static bool is_loss(const struct run *run, const sm_notice *n)
{
	(void)run;
	return sm_notice_errno(n) == ESRCH || sm_notice_errno(n) == ETIMEDOUT;
}

const struct section section_ps = {
	.name = "processes",
	.kind = SM_KIND_PROCESS,
	.open = open_opts,
	.close = close_opts,
	.new_job = new_job,
	.set_fields = set_fields,
	.set_threads = set_threads,
	.is_loss = is_loss,
};

static const struct section *const own[] = { &section_ps };

static int ready(struct run *run)
{
	if (run->nargs)
		return run_why(run,
			       "unexpected argument '%.80s'; ps takes "
			       "options only, such as --pid",
			       run->args[0]);
	return run_ready_sections(run, own, 1);
}

/* For the descriptors that are kept from one list to the next. */
static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

static void run_ps(struct run *run)
{
	if (run->out.rounds)
		raise_limit();
	run_sections(run, own, 1);
}

/* What has no end is no part of a report. */
static const struct opt live_opts[] = {
	{ "watch", 0, "SECONDS", "list again and again, until interrupted",
	  set_watch },
	{ "follow", 0, NULL, "go on with starts and ends, until interrupted",
	  set_follow },
	{ 0 },
};

static const struct opt *const opts[] = { live_opts,	ps_opts,     rules_opts,
					  history_opts, common_opts, pager_opts,
					  conf_opts,	NULL };

const struct cmd cmd_ps = {
	.name = "ps",
	.args = "[OPTION]...",
	.summary = "One snapshot of the processes, and the checks on them",
	.manual = "sysmon-ps(1)",
	.opts = opts,
	.shown = 2,
	.examples = "  sysmon ps --watch 2 --sort cpu --top 20\n"
		    "  sysmon ps --filter 'user != root and rss > 100M'\n",
	.ready = ready,
	.run = run_ps,
};
