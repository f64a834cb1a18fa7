/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang.h"
#include "term.h"

static sm_job *volatile current;
static volatile sig_atomic_t interrupted, reading;
static bool goes_on; /* what has called us, after an interruption */

static void on_signal(int sig)
{
	sm_job *job = current;

	(void)sig;
	interrupted = 1;
	if (reading)
		_exit(STATUS_INCOMPLETE);
	if (job)
		sm_job_cancel(job);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
}

void run_catch_signals(bool is_menu)
{
	struct sigaction sa = { .sa_handler = on_signal };

	interrupted = 0;
	goes_on = is_menu;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	/* A write over the limit of a file's size fails then, and is told. */
	sigaction(SIGXFSZ, &sa, NULL);
}

void run_reads(bool on)
{
	reading = on && !goes_on;
	if (reading && interrupted)
		_exit(STATUS_INCOMPLETE);
}

/*
 * A thread takes the signals while there is work: a read of /proc that waits in the
 * kernel lets no handler run, and the second signal would not end the program.
 */
struct listener {
	pthread_t thread;
	sem_t end;
	bool is_on;
	sigset_t before;
};

static void *listen_only(void *end)
{
	while (sem_wait(end) < 0 && errno == EINTR)
		;
	return NULL;
}

/* Without it they are taken as everywhere else. */
static void listener_start(struct listener *l)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sem_init(&l->end, 0, 0);
	l->is_on = pthread_create(&l->thread, NULL, listen_only, &l->end) == 0;
	if (l->is_on)
		pthread_sigmask(SIG_BLOCK, &stop, &l->before);
}

static void listener_stop(struct listener *l)
{
	if (l->is_on) {
		sem_post(&l->end);
		pthread_join(l->thread, NULL);
		pthread_sigmask(SIG_SETMASK, &l->before, NULL);
	}
	sem_destroy(&l->end);
}

int run_init(struct run *run, const struct cmd *cmd)
{
	int r;

	memset(run, 0, sizeof(*run));
	run->cmd = cmd;
	run->out.time = SM_TIME_NONE;
	run->ask.since = run->ask.until = SM_TIME_NONE;
	r = sm_ctx_new(&run->ctx);
	for (const struct section *const *s = sections; *s && r >= 0; s++)
		r = (*s)->open(run);
	return r;
}

void run_done(struct run *run)
{
	progress_clear(&run->progress);
	out_done(&run->out);
	history_done(run);
	sm_join_free(run->join);
	for (const struct section *const *s = sections; *s; s++)
		(*s)->close(run);
	sm_ruleset_unref(run->rules);
	free(run->files);
	conf_free(run->conf);
	notices_free(&run->notices);
	sm_ctx_unref(run->ctx);
}

int run_why(struct run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(run->why, sizeof(run->why), tr(fmt), ap);
	va_end(ap);
	return -EINVAL;
}

int run_why_of(struct run *run, int rc, const char *what, const char *value)
{
	char reason[1050];

	if (rc >= 0)
		return rc;
	snprintf(reason, sizeof(reason), "%.1040s",
		 run_reason_of(run, rc, value));
	run_why(run, "%s '%.80s': %s", tr(what), value, reason);
	return rc;
}

int run_take_stdin(struct run *run, const char *reader)
{
	if (run->stdin_reader)
		return run_why(run,
			       "standard input is already read for %s, and "
			       "can be read once",
			       run->stdin_reader);
	run->stdin_reader = reader;
	return 0;
}

const char *run_reason(const struct run *run, int rc)
{
	const char *why = run->why;

	if (!*why && run->ctx)
		why = sm_ctx_errmsg(run->ctx);
	return *why ? why : strerror(-rc);
}

/* Before a colon in French. */
#define NO_BREAK "\xc2\xa0"

/* Behind "VALUE: ", "word 'VALUE': " or "\"VALUE\" is "; NULL: it is not there. */
static const char *behind(const char *why, const char *value)
{
	size_t len = strlen(value);
	char quote = *why == '\'' || *why == '"' ? *why++ : '\0';

	if (strncmp(why, value, len) != 0 || (quote && why[len] != quote))
		return NULL;
	why += len + (quote != '\0');
	why += strncmp(why, NO_BREAK, strlen(NO_BREAK)) ? 0 : strlen(NO_BREAK);
	if (!strncmp(why, ": ", 2))
		return why + 2;
	return strncmp(why, " is ", 4) ? NULL : why + 4;
}

const char *run_reason_of(const struct run *run, int rc, const char *value)
{
	const char *why = run_reason(run, rc), *rest = behind(why, value);

	if (!rest)
		rest = behind(why + strspn(why, "abcdefghijklmnopqrstuvwxyz "),
			      value);
	return rest ? rest : why;
}

void run_status(struct run *run, int status)
{
	if (status > run->status)
		run->status = status;
}

void run_failed(struct run *run, int rc)
{
	progress_clear(&run->progress);
	/* A notice may have said it. */
	if (strcmp(run->said, run_reason(run, rc)) != 0)
		say("%s", run_reason(run, rc));
	run->why[0] = '\0';
	run_status(run, rc == -ENOMEM ? STATUS_BROKEN : STATUS_INCOMPLETE);
}

static bool keeps_stdout(const struct run *run)
{
	for (unsigned i = 0; i < run->out.n; i++)
		if (!run->out.target[i].path)
			return true;
	return false;
}

/* What a named source lost is said in any case; the rest is in the results, and
 * here where those are not shown. */
static void take_notice(struct run *run, const struct section *s,
			const sm_record *rec)
{
	const sm_notice *n = sm_record_notice(rec);
	int field = sm_kind_field(SM_KIND_NOTICE, "text");
	bool loss = s->is_loss(run, n);
	char text[4096] = "";

	if (loss)
		run_status(run, STATUS_INCOMPLETE);
	if (!loss && (run->quiet || keeps_stdout(run)))
		return;
	progress_clear(&run->progress);
	sm_record_field_text(rec, (size_t)field, text, sizeof(text));
	say("%s", text);
	snprintf(run->said, sizeof(run->said), "%s", sm_notice_text(n));
}

static void take_finding(struct run *run, const sm_finding *f)
{
	if (sm_finding_severity(f) > run->worst)
		run->worst = sm_finding_severity(f);
	run->seen = true;
}

/* Of what a join tells, notices are about what it left out. */
static int take_joined(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	struct run *run = user;

	if (sm_event_kind(ev) == SM_EVENT_FINDING)
		take_finding(run, sm_record_finding(rec));
	if (sm_event_kind(ev) == SM_EVENT_NOTICE)
		run_status(run, STATUS_INCOMPLETE);
	history_take(run, ev);
	return out_event(&run->out, ev);
}

static void run_join(struct run *run)
{
	int r = sm_join_finish(run->join, take_joined, run);

	if (r < 0 && !out_is_over(&run->out))
		run_failed(run, r);
}

static int take(struct run *run, const struct section *s, const sm_event *ev)
{
	const sm_record *rec = sm_event_record(ev);

	/* What cannot be joined is still told. */
	if (run->join) {
		int r = sm_join_collect(ev, run->join);

		if (r < 0) {
			run_failed(run, r);
			sm_join_free(run->join);
			run->join = NULL;
		}
	}
	switch (sm_event_kind(ev)) {
	case SM_EVENT_PROGRESS:
		progress_show(&run->progress, s->name, s->unit,
			      sm_event_done(ev), sm_event_total(ev));
		break;
	case SM_EVENT_FINDING:
		take_finding(run, sm_record_finding(rec));
		break;
	case SM_EVENT_NOTICE:
		if (s->is_usual && s->is_usual(run, sm_record_notice(rec)))
			return 0;
		if (run->join &&
		    notices_know(&run->notices, sm_record_notice(rec)))
			return 0;
		take_notice(run, s, rec);
		break;
	default:
		run->seen = true;
		break;
	}
	history_take(run, ev);
	return out_event(&run->out, ev);
}

/* Waits without work only where the job does, so that what is buffered is shown
 * and a signal is seen at once. */
static int drive(struct run *run, const struct section *s, sm_job *job)
{
	struct pollfd p = { .fd = sm_job_fd(job), .events = POLLIN };
	const sm_event *ev;
	int r;

	while ((r = sm_job_next(job, &ev)) != 0) {
		if (r == -EAGAIN) {
			out_idle(&run->out);
			poll(&p, 1, -1);
			continue;
		}
		if (r < 0)
			return r;
		r = take(run, s, ev);
		if (r < 0)
			return r;
		if (run->keeps_state)
			out_idle(&run->out);
	}
	return 0;
}

/* false: the outputs cannot take more. */
static bool run_section(struct run *run, const struct section *s)
{
	struct listener listener;
	sm_job *job = NULL;
	int r;

	r = s->new_job(run, &job);
	if (r < 0) {
		run_failed(run, r);
		return true;
	}
	current = job;
	listener_start(&listener);
	if (interrupted)
		sm_job_cancel(job);
	r = drive(run, s, job);
	/* It uses the job. */
	listener_stop(&listener);
	current = NULL;
	sm_job_free(job);
	progress_clear(&run->progress);
	if (r >= 0 || r == -ECANCELED)
		run->seen = true;
	else if (!out_is_over(&run->out))
		run_failed(run, r);
	return !out_is_over(&run->out);
}

int run_ready_sections(struct run *run, const struct section *const *list,
		       unsigned n)
{
	char reason[1050];
	int r;

	if (!run->fields)
		return 0;
	if (n != 1)
		return run_why(run, "--fields chooses members of one kind; ask "
				    "for one section only");
	r = list[0]->set_fields(run, run->fields);
	if (r < 0) {
		snprintf(reason, sizeof(reason), "%.1040s", run_reason(run, r));
		run_why(run, "--fields: %s", reason);
	}
	return r;
}

void run_finish(struct run *run, int worst)
{
	int r = out_finish(&run->out);

	if (r < 0)
		run_status(run,
			   r == -ENOMEM ? STATUS_BROKEN : STATUS_INCOMPLETE);
	if (run->fail_on && worst >= run->fail_on)
		run_status(run, STATUS_FOUND);
}

void run_sections(struct run *run, const struct section *const *list,
		  unsigned n)
{
	int r;

	r = out_begin(&run->out, run->ctx, list[0]->kind,
		      n == 1 ? run->fields : NULL, false);
	if (r >= 0 && n > 1)
		r = sm_join_new(run->ctx, run->rules, &run->join);
	if (r < 0) {
		run_failed(run, r);
		return;
	}
	history_begin(run);
	progress_init(&run->progress, !run->quiet && !run->no_progress &&
					      !out_shows_now(&run->out) &&
					      !run->out.redraws);
	for (unsigned i = 0; i < n && !interrupted; i++)
		if (!run_section(run, list[i]))
			break;
	if (interrupted)
		run_status(run, STATUS_INCOMPLETE);
	if (run->join && !out_is_over(&run->out))
		run_join(run);
	/* Where nothing could be looked at, a report would say that all is well. */
	if (!run->seen)
		return;
	history_compare(run);
	history_end(run, !interrupted);
	run_finish(run, run->worst);
}
