/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <sysmon/sysmon.h>

#include <stdbool.h>

#define OUT_MAX 32

/* One place where the results go. */
struct out_target {
	const char *path; /* NULL: standard output */
	bool is_dir;	  /* a file in it for each section */
	int format;
	sm_report_opts *opts;
	sm_writer *writer;
	bool dead; /* it failed, or its reader has seen enough */
};

/* Where the results go, and how they look. */
struct out {
	struct out_target target[OUT_MAX];
	unsigned n;
	int format; /* --format, 0: by the suffix */
	int color;  /* TERM_COLOR_* */
	int min_severity;
	const char *title;
	const char *syslog; /* where findings go as well; NULL: nowhere */
	int64_t time;	    /* of the report; SM_TIME_NONE: the clock's */
	bool quiet;
	bool no_pager;
	bool follows; /* the work has no end: write what can be written now */
	bool rounds; /* and looks again and again: a terminal shows the last look */

	sm_ctx *ctx; /* of the work */
	/* One stream as it comes, else one report that is written at the end. */
	sm_report *report;
	bool streams;
	bool collects; /* one report, also where a stream could be written */
	bool redraws, drawn; /* the terminal: at all, yet */
	int err;	     /* the first failure, negative; it has been told */
	sm_report_opts *syslog_opts;
	sm_writer *syslog_writer; /* NULL: none, or it failed */
	int syslog_err;		  /* no reason to end the work */
};

/* A file, "-" is standard output. A negative errno and *why is a sentence. */
int out_add(struct out *o, const char *path, const char **why);
/* When all options are known: formats, directories, links; that named() knows no reason
 * against one. bad is the path. */
int out_check(struct out *o,
	      const char *(*named)(const char *path, const void *user),
	      const void *user, const char **bad, const char **why);
/* Reaches the syslog server. One that is not there is told, and nothing else is lost;
 * -EINVAL with the context's sentence for what is none. */
int out_begin_syslog(struct out *o, sm_ctx *ctx);
/* fields of the kind, or NULL. stream: collect for a directory or a pager
 * alone. A negative errno with the context's sentence. */
int out_begin(struct out *o, sm_ctx *ctx, int kind, const char *fields,
	      bool stream);
/* Takes a record in; the second is the same as an sm_event_fn. Less than 0: there is
 * no use in going on. */
int out_event(struct out *o, const sm_event *ev);
int out_collect(const sm_event *ev, void *out);
/* Whether records go to a terminal as they come: no place for a bar. */
bool out_shows_now(const struct out *o);
/* Whether out_event() has failed for good, whatever else could still be written. */
bool out_is_over(const struct out *o);
/* Nothing comes for a while: show what there is. */
void out_idle(struct out *o);
/* Writes everything; tells what failed, and each file that is there. Gives 0 or the
 * first failure. */
int out_finish(struct out *o);
void out_done(struct out *o);

#endif
