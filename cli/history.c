/* SPDX-License-Identifier: MIT */
#include "history.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"
#include "term.h"

#define DAYS_DEFAULT 90
#define MIB_DEFAULT  256
#define DAY	     (INT64_C(86400) * 1000000000)

static int set_history(struct run *run, const char *value)
{
	if (value && !*value)
		return run_why(run, "no file name");
	run->history.keep = true;
	run->history.file = value;
	return 0;
}

static int set_days(struct run *run, const char *value)
{
	return opt_int(run, value, 1, 36500, &run->history.days);
}

static int set_mib(struct run *run, const char *value)
{
	return opt_int(run, value, 1, 1 << 20, &run->history.mib);
}

static int set_baseline(struct run *run, const char *value)
{
	if (!*value)
		return run_why(run, "last, a run of the history, or a saved "
				    "file is right");
	run->history.baseline = value;
	return 0;
}

const struct opt history_opts[] = {
	{ "history", 0, "[FILE]", "keep this run in the history", set_history },
	{ "history-days", 0, "DAYS", "for how long; default: 90", set_days },
	{ "history-size", 0, "MIB", "and how much of them; default: 256",
	  set_mib },
	{ 0 },
};

const struct opt baseline_opts[] = {
	{ "baseline", 0, "RUN", "what changed since: last, a number, a file",
	  set_baseline },
	{ 0 },
};

const struct opt history_file_opts[] = {
	{ "history", 0, "[FILE]", "another database than the default",
	  set_history },
	{ 0 },
};

int history_refuse_syslog(struct run *run)
{
	return run->out.syslog
		       ? run_why(run, "--syslog tells of what is found now, "
				      "not of a saved run")
		       : 0;
}

int history_ready(struct run *run)
{
	struct history *h = &run->history;

	if (h->keep && run->out.follows)
		return run_why(run, "--history keeps runs that end; this one "
				    "has none");
	if ((h->days || h->mib) && !h->keep)
		return run_why(run, "--history-%s without --history",
			       h->days ? "days" : "size");
	if (h->fail_on_new && !h->baseline)
		return run_why(run, "--fail-on new:%s needs --baseline",
			       sm_severity_name(h->fail_on_new));
	if (h->baseline)
		run->out.collects = true;
	return 0;
}

/* All that is missing of the way is made, for the owner alone. */
static void make_dirs(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

/* Root's is where no other user's environment leads. */
static bool default_path(char *out, size_t size, bool make)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (geteuid() == 0)
		n = snprintf(out, size, "/var/lib/libsysmon/history.db");
	else if (state && *state == '/')
		n = snprintf(out, size, "%s/libsysmon/history.db", state);
	else if (home && *home == '/')
		n = snprintf(out, size, "%s/.local/state/libsysmon/history.db",
			     home);
	else
		return false;
	if (n < 0 || (size_t)n >= size)
		return false;
	if (make)
		make_dirs(out);
	return true;
}

bool history_path(const struct run *run, char *out, size_t size)
{
	if (!run->history.file)
		return default_path(out, size, false);
	return (size_t)snprintf(out, size, "%s", run->history.file) < size;
}

static int open_store(struct run *run, bool make, sm_store **out)
{
	char path[PATH_MAX], url[PATH_MAX + 8];
	const char *file = run->history.file;

	if (!file) {
		if (!default_path(path, sizeof(path), make))
			return run_why(run, "there is no home directory for "
					    "the history: name --history=FILE");
		file = path;
	}
	if ((size_t)snprintf(url, sizeof(url), "sqlite:%s", file) >=
	    sizeof(url))
		return run_why(run, "history: the name is too long");
	return make ? sm_store_open(run->ctx, url, out)
		    : sm_store_open_existing(run->ctx, url, out);
}

int history_open(struct run *run, sm_store **out)
{
	return open_store(run, false, out);
}

bool history_is_file(const char *name)
{
	return strpbrk(name, "/.") != NULL;
}

int history_load(struct run *run, const char *name, sm_report **out)
{
	const char *tmp = getenv("TMPDIR");
	sm_report *report = NULL;
	sm_store *s = NULL;
	int r = sm_report_new(run->ctx, &report);

	if (r >= 0)
		r = sm_report_set_spill_dir(report, tmp && *tmp ? tmp : "/tmp");
	if (r >= 0 && history_is_file(name)) {
		r = sm_report_add_saved(report, name);
	} else if (r >= 0) {
		r = history_open(run, &s);
		if (r >= 0)
			r = sm_store_match(s, SM_STORE_RUN, name);
		if (r >= 0)
			r = sm_store_query(s, 0, SM_TIME_NONE, SM_TIME_NONE,
					   sm_report_collect, report);
		sm_store_free(s);
	}
	if (r < 0) {
		sm_report_free(report);
		return r;
	}
	*out = report;
	return r;
}

static void begin_baseline(struct run *run)
{
	struct history *h = &run->history;
	int r;

	run_reads(true);
	r = history_load(run, h->baseline, &h->before);
	run_reads(false);
	/* The first run of a job that compares has nothing to compare with. */
	if (r == -ENOENT && !strcmp(h->baseline, "last")) {
		h->has_no_before = true;
		if (!run->quiet)
			say("--baseline last: there is no run before; nothing "
			    "is compared");
	} else if (r != 0) {
		run_failed(run, r);
	}
	run->why[0] = '\0';
}

void history_begin(struct run *run)
{
	struct history *h = &run->history;
	int r;

	/* First, so that a database of an earlier version has today's tables. */
	if (h->keep) {
		r = open_store(run, true, &h->store);
		if (r >= 0)
			r = sm_store_set_retention(
				h->store,
				(h->days ? h->days : DAYS_DEFAULT) * DAY,
				(uint64_t)(h->mib ? h->mib : MIB_DEFAULT)
					<< 20);
		if (r < 0)
			run_failed(run, r);
	}
	if (h->baseline)
		begin_baseline(run);
}

/* Once told, the run goes on without. */
static void give_up(struct run *run, int r)
{
	run_failed(run, r);
	sm_store_free(run->history.store);
	run->history.store = NULL;
}

void history_take(struct run *run, const sm_event *ev)
{
	int r = run->history.store ? sm_store_collect(ev, run->history.store)
				   : 0;

	if (r < 0)
		give_up(run, r);
}

static const char *member(const sm_record *rec, const char *name)
{
	return sm_record_field_str(rec,
				   (size_t)sm_kind_field(SM_KIND_CHANGE, name));
}

/* The gravest finding that is new. */
static int worst_new(const sm_report *report)
{
	int worst = 0;

	for (size_t i = 0; i < sm_report_size(report, SM_KIND_CHANGE); i++) {
		const sm_record *rec = sm_report_at(report, SM_KIND_CHANGE, i);
		int severity = sm_severity_by_name(member(rec, "severity"));

		if (!strcmp(member(rec, "change"), "new") && severity > worst)
			worst = severity;
	}
	return worst;
}

void history_compare(struct run *run)
{
	struct history *h = &run->history;
	int worst = sm_report_worst(run->out.report), r;

	if (!h->baseline)
		return;
	if (h->before) {
		r = sm_report_compare(run->out.report, h->before);
		if (r < 0)
			run_failed(run, r);
		worst = worst_new(run->out.report);
	}
	if (h->fail_on_new && worst >= h->fail_on_new)
		run_status(run, STATUS_FOUND);
}

void history_end(struct run *run, bool whole)
{
	struct history *h = &run->history;
	int r;

	if (!h->store)
		return;
	if (!whole) {
		say("the history keeps nothing of a run that was interrupted");
		return;
	}
	r = sm_store_flush(h->store);
	if (r < 0)
		give_up(run, r);
	if (r > 0)
		run_failed(run, r);
}

void history_done(struct run *run)
{
	sm_store_free(run->history.store);
	sm_report_free(run->history.before);
}
