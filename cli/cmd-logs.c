/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "source.h"

static int add_file(struct run *run, const char *path)
{
	const char **files =
		reallocarray(run->files, run->nfiles + 1, sizeof(*files));

	if (!files)
		return -ENOMEM;
	run->files = files;
	files[run->nfiles++] = path;
	return sm_log_opts_add_file(run->log, path);
}

int source_add(struct run *run, const char *value)
{
	static const char reader[] = "a log";
	int r = 0;

	run->has_log = true;
	if (!strcmp(value, "-")) {
		if (run->stdin_reader != reader)
			r = run_take_stdin(run, reader);
		return r < 0 ? r
			     : sm_log_opts_add_fd(run->log, STDIN_FILENO, "-");
	}
	if (!strcmp(value, "docker"))
		return sm_log_opts_add_file(run->log,
					    "/var/lib/docker/containers");
	if (!strcmp(value, "journal"))
		return sm_log_opts_add_journal(run->log, NULL);
	if (!strncmp(value, "journal:", 8))
		return sm_log_opts_add_journal(run->log, value + 8);
	return add_file(run, value);
}

static int set_now(struct run *run, const char *value)
{
	int64_t t = 0;
	int r = opt_time(run, value, &t);

	return r < 0 ? r : sm_log_opts_set_now(run->log, t);
}

static int set_since(struct run *run, const char *value)
{
	int64_t t = 0;
	int r = opt_time(run, value, &t);

	return r < 0 ? r : sm_log_opts_set_since(run->log, t);
}

static int set_until(struct run *run, const char *value)
{
	int64_t t = 0;
	int r = opt_time(run, value, &t);

	return r < 0 ? r : sm_log_opts_set_until(run->log, t);
}

static int set_follow(struct run *run, const char *value)
{
	(void)value;
	run->out.follows = true;
	return sm_log_opts_set_follow(run->log, 1);
}

static int set_state(struct run *run, const char *value)
{
	run->keeps_state = true;
	run->state = value;
	return sm_log_opts_set_state(run->log, value);
}

static int set_no_events(struct run *run, const char *value)
{
	(void)value;
	return sm_log_opts_set_events(run->log, 0);
}

static int set_no_keywords(struct run *run, const char *value)
{
	(void)value;
	return sm_log_opts_set_keywords(run->log, 0);
}

static int set_coverage(struct run *run, const char *value)
{
	(void)value;
	return sm_log_opts_set_coverage(run->log, 1);
}

/* KIND=COUNT/SECONDS */
int logs_threshold(struct run *run, const char *value)
{
	const char *eq = strchr(value, '='), *slash = strchr(value, '/');
	char kind[64], count[16];
	int64_t n = 0, seconds = 0;
	int r;

	if (!eq || !slash || slash < eq || eq == value ||
	    (size_t)(eq - value) >= sizeof(kind) ||
	    (size_t)(slash - eq - 1) >= sizeof(count))
		return run_why(run, "not KIND=COUNT/SECONDS; "
				    "brute_force=10/300 is right");
	run->threshold = value;
	memcpy(kind, value, (size_t)(eq - value));
	kind[eq - value] = '\0';
	memcpy(count, eq + 1, (size_t)(slash - eq - 1));
	count[slash - eq - 1] = '\0';
	r = opt_int(run, count, 1, UINT32_MAX, &n);
	if (!r)
		r = opt_int(run, slash + 1, 1, UINT32_MAX, &seconds);
	if (!r)
		r = sm_log_opts_set_threshold(run->log, kind, (uint32_t)n,
					      (uint32_t)seconds);
	return r < 0 ? r
		     : sm_log_opts_set_threshold(run->log_check, kind,
						 (uint32_t)n,
						 (uint32_t)seconds);
}

const struct opt logs_opts[] = {
	{ "now", 0, "TIME", "what stamps without a year are read against",
	  set_now },
	{ "since", 0, "TIME", "only lines from here on", set_since },
	{ "until", 0, "TIME", "only lines up to here", set_until },
	{ "follow", 0, NULL, "wait for more lines, until interrupted",
	  set_follow },
	{ "state", 0, "FILE", "go on where the last run with it has ended",
	  set_state },
	{ "no-events", 0, NULL, "findings and summary only", set_no_events },
	{ "no-keywords", 0, NULL, "not the words failed, error, denied, ...",
	  set_no_keywords },
	{ "coverage", 0, NULL, "what no rule takes, by the form of the lines",
	  set_coverage },
	{ "threshold", 0, "KIND=N/S", "a finding at N events in S seconds",
	  opt_threshold },
	{ "threads", 0, "N", "match lines with N threads", opt_threads },
	{ 0 },
};

/* Whether the rules have the kinds that thresholds are for shows when a job is made:
 * one that is never run tells before any work begins. */
static int check_thresholds(struct run *run)
{
	char what[1000];
	sm_job *job = NULL;
	int r = 0;

	if (run->rules)
		r = sm_log_opts_set_rules(run->log_check, run->rules);
	if (r >= 0)
		r = sm_log_opts_add_fd(run->log_check, STDIN_FILENO, "-");
	if (r >= 0)
		r = sm_job_new_log(run->ctx, run->log_check, &job);
	sm_job_free(job);
	if (r < 0 && conf_origin(run, run->threshold, what, sizeof(what)))
		return run_why_of(run, r, what, run->threshold);
	return run_why_of(run, r, "--threshold", run->threshold);
}

/* libsysmon reads no environment: TZ is ours to hand over. */
int source_ready(struct run *run)
{
	const char *tz = getenv("TZ");
	int r = 0;

	if (run->rules)
		r = sm_log_opts_set_rules(run->log, run->rules);
	if (!r && tz && *tz)
		r = run_why_of(run, sm_log_opts_set_zone(run->log, tz),
			       "the environment's TZ", tz);
	return r < 0 || !run->threshold ? r : check_thresholds(run);
}

static int open_opts(struct run *run)
{
	int r = sm_log_opts_new(run->ctx, &run->log);

	return r < 0 ? r : sm_log_opts_new(run->ctx, &run->log_check);
}

static void close_opts(struct run *run)
{
	sm_log_opts_free(run->log);
	sm_log_opts_free(run->log_check);
}

static int new_job(struct run *run, sm_job **out)
{
	int r = 0;

	if (!run->has_log)
		r = run->has_jails
			    ? sm_log_opts_add_jail_logs(run->log, run->rules)
			    : sm_log_opts_add_found(run->log);
	return r < 0 ? r : sm_job_new_log(run->ctx, run->log, out);
}

static int set_threads(struct run *run, uint32_t n)
{
	return sm_log_opts_set_threads(run->log, n);
}

static int set_fields(struct run *run, const char *fields)
{
	return sm_log_opts_set_fields(run->log, fields);
}

static int add_ignore(struct run *run, const char *prefix)
{
	return sm_log_opts_add_ignore(run->log, prefix);
}

/* Of what was named, nothing may be missing; where nothing was named, there must be
 * something. */
static bool is_loss(const struct run *run, const sm_notice *n)
{
	if (run->has_log || run->has_jails)
		return sm_notice_errno(n) != 0;
	return sm_notice_errno(n) == ENOENT && !sm_notice_source(n)[0];
}

const struct section section_logs = {
	.name = "logs",
	.kind = SM_KIND_EVENT,
	.unit = { "MB", 1000000 },
	.open = open_opts,
	.close = close_opts,
	.new_job = new_job,
	.set_fields = set_fields,
	.set_threads = set_threads,
	.add_ignore = add_ignore,
	.is_loss = is_loss,
};

static const struct section *const own[] = { &section_logs };

static int ready(struct run *run)
{
	int r = source_ready(run);

	for (int i = 0; i < run->nargs && r >= 0; i++)
		r = run_why_of(run, source_add(run, run->args[i]), "source",
			       run->args[i]);
	return r < 0 ? r : run_ready_sections(run, own, 1);
}

static void run_logs(struct run *run)
{
	run_sections(run, own, 1);
}

static const struct opt *const opts[] = { rules_opts,  logs_opts,  history_opts,
					  common_opts, pager_opts, conf_opts,
					  NULL };

const struct cmd cmd_logs = {
	.name = "logs",
	.args = "[OPTION]... [SOURCE]...",
	.summary =
		"Attacks in files, - (standard input), journal, docker or what "
		"is here",
	.manual = "sysmon-logs(1)",
	.opts = opts,
	.shown = 2,
	.examples = "  sysmon logs /var/log/auth.log\n"
		    "  sysmon logs journal:ssh.service --no-events\n"
		    "  zcat auth.log.2.gz | sysmon logs - --format ndjson\n",
	.ready = ready,
	.run = run_logs,
};
