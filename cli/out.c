/* SPDX-License-Identifier: MIT */
#include "out.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pager.h"
#include "screen.h"
#include "target.h"
#include "term.h"

#define FINDINGS_KEPT 1000 /* on a terminal that is redrawn */

int out_add(struct out *o, const char *path, const char **why)
{
	bool is_stdout = !strcmp(path, "-");

	*why = !*path		 ? "no file name"
	       : o->n == OUT_MAX ? "too many outputs in one run"
				 : NULL;
	for (unsigned i = 0; i < o->n && !*why; i++) {
		const char *other = o->target[i].path;

		if (is_stdout ? !other : other && !strcmp(other, path))
			*why = "named twice";
	}
	if (*why)
		return -EINVAL;
	o->target[o->n++].path = is_stdout ? NULL : path;
	return 0;
}

/* Formats that are written as things come. */
static bool is_stream(const struct out *o, const struct out_target *t)
{
	return t->format == SM_FORMAT_NDJSON || t->format == SM_FORMAT_ECS ||
	       (o->follows && t->format == SM_FORMAT_CSV && !t->is_dir);
}

/* A terminal that gets a table of each look. */
static bool can_redraw(const struct out *o)
{
	return o->rounds && o->n == 1 && !o->target[0].path &&
	       (!o->format || o->format == SM_FORMAT_TABLE) &&
	       isatty(STDOUT_FILENO);
}

int out_check(struct out *o,
	      const char *(*named)(const char *path, const void *user),
	      const void *user, const char **bad, const char **why)
{
	const char *ignored;

	if (!o->n)
		out_add(o, "-", &ignored);
	o->redraws = can_redraw(o);
	for (unsigned i = 0; i < o->n; i++) {
		struct out_target *t = &o->target[i];

		*bad = t->path;
		t->format = o->format;
		if (!t->format && !t->path)
			t->format = o->follows && !o->redraws ? SM_FORMAT_NDJSON
							      : SM_FORMAT_TABLE;
		t->is_dir = t->path && target_is_dir(t->path);
		if (!t->format)
			t->format = t->is_dir ? SM_FORMAT_CSV
					      : sm_format_by_path(t->path);
		if (t->format < 0) {
			*why = "its suffix names no format; .txt, .csv, .json, "
			       ".ndjson, .html, .xml, .ecs, .md and .prom do, "
			       "or "
			       "add --format";
			return -EINVAL;
		}
		*why = t->path ? target_refuse(t->path) : NULL;
		if (t->is_dir && t->format != SM_FORMAT_CSV)
			*why = "a directory; only csv is written as one file "
			       "of each section";
		if (t->path && !*why)
			*why = named(t->path, user);
		if (!*why && o->rounds && !o->redraws && !is_stream(o, t))
			*why = "one look after the other is written as "
			       "ndjson, ecs or csv, or to a terminal";
		if (*why)
			return -EINVAL;
	}
	return 0;
}

static int make_opts(const struct out *o, sm_ctx *ctx, struct out_target *t,
		     int kind, const char *fields)
{
	/* Where nobody sees the end of a line, nothing is cut. */
	unsigned width = isatty(STDOUT_FILENO) ? term_width(STDOUT_FILENO) : 0;
	int r = sm_report_opts_new(ctx, &t->opts);

	if (r >= 0 && o->time != SM_TIME_NONE)
		r = sm_report_opts_set_time(t->opts, o->time);
	if (r >= 0 && o->title)
		r = sm_report_opts_set_title(t->opts, o->title);
	if (r >= 0 && o->min_severity)
		r = sm_report_opts_set_min_severity(t->opts, o->min_severity);
	if (r >= 0 && fields)
		r = sm_report_opts_set_fields(t->opts, kind, fields);
	if (r >= 0 && !t->path)
		r = sm_report_opts_set_color(t->opts, term_color(o->color));
	if (r >= 0 && !t->path)
		r = sm_report_opts_set_width(t->opts, width);
	return r;
}

static int make_writer(sm_ctx *ctx, struct out_target *t)
{
	if (t->path)
		return sm_writer_new_file(ctx, t->format, t->opts, t->path,
					  &t->writer);
	return sm_writer_new_fd(ctx, t->format, t->opts, STDOUT_FILENO,
				&t->writer);
}

/* What does not fit in memory goes beside the first file, else where temporary
 * files go. */
static int set_spill_dir(struct out *o)
{
	const char *tmp = getenv("TMPDIR");
	char dir[PATH_MAX];

	for (unsigned i = 0; i < o->n; i++)
		if (o->target[i].path &&
		    target_parent(o->target[i].path, dir, sizeof(dir)))
			return sm_report_set_spill_dir(o->report, dir);
	return sm_report_set_spill_dir(o->report, tmp && *tmp ? tmp : "/tmp");
}

/* Each format that can be written as things come; csv alone in an order that is
 * that of a report where there is one. */
static bool can_stream(const struct out *o)
{
	for (unsigned i = 0; i < o->n; i++)
		if (!is_stream(o, &o->target[i]))
			return false;
	return !o->collects && (o->n == 1 || o->follows);
}

/* Text for a person at a terminal, who may want a pager for it. */
static bool pages(const struct out *o, const struct out_target *t)
{
	return !t->path && !o->no_pager && !o->redraws && !o->follows &&
	       (t->format == SM_FORMAT_TABLE || t->format == SM_FORMAT_TXT) &&
	       pager_is_wanted();
}

/* What is written from a report, also where one could stream. */
static bool needs_report(const struct out *o)
{
	for (unsigned i = 0; i < o->n; i++)
		if (o->target[i].is_dir || pages(o, &o->target[i]))
			return true;
	return false;
}

static void syslog_failed(struct out *o, int rc)
{
	say("%s", sm_ctx_errmsg(o->ctx));
	o->syslog_err = rc;
	sm_writer_free(o->syslog_writer);
	o->syslog_writer = NULL;
}

int out_begin_syslog(struct out *o, sm_ctx *ctx)
{
	int r;

	o->ctx = ctx;
	if (!o->syslog)
		return 0;
	r = sm_report_opts_new(ctx, &o->syslog_opts);
	if (r >= 0 && o->min_severity)
		r = sm_report_opts_set_min_severity(o->syslog_opts,
						    o->min_severity);
	if (r >= 0)
		r = sm_writer_new_syslog(ctx, o->syslog_opts, o->syslog,
					 &o->syslog_writer);
	if (r > 0) {
		say("%s", sm_ctx_errmsg(ctx));
		o->syslog_err = -EIO;
	}
	if (r < 0 && r != -EINVAL)
		syslog_failed(o, r);
	return r == -EINVAL ? r : 0;
}

int out_begin(struct out *o, sm_ctx *ctx, int kind, const char *fields,
	      bool stream)
{
	int r = 0;

	o->ctx = ctx;
	o->streams = can_stream(o) || (stream && !needs_report(o));
	for (unsigned i = 0; i < o->n && r >= 0; i++) {
		r = make_opts(o, ctx, &o->target[i], kind, fields);
		if (r >= 0 && o->streams)
			r = make_writer(ctx, &o->target[i]);
	}
	if (r < 0 || o->streams)
		return r;
	r = sm_report_new(ctx, &o->report);
	return r < 0 ? r : set_spill_dir(o);
}

/* The first failure counts; a reader that has seen enough is none. */
static int failed(struct out *o, struct out_target *t, int rc)
{
	if (t)
		t->dead = true;
	if (rc != -EPIPE || (t && t->path)) {
		say("%s", sm_ctx_errmsg(o->ctx));
		o->err = o->err ? o->err : rc;
	}
	return rc;
}

/* The terminal shows the last look, and what was found at any time. */
static int redraw(struct out *o)
{
	int r = screen_draw(o->report, o->target[0].opts, !o->drawn);

	o->drawn = true;
	sm_report_clear(o->report, SM_KIND_PROCESS);
	sm_report_clear(o->report, SM_KIND_NOTICE);
	if (sm_report_size(o->report, SM_KIND_FINDING) > FINDINGS_KEPT)
		sm_report_clear(o->report, SM_KIND_FINDING);
	return r;
}

int out_event(struct out *o, const sm_event *ev)
{
	int r = 0;

	if (o->syslog_writer) {
		r = sm_writer_collect(ev, o->syslog_writer);
		if (r < 0)
			syslog_failed(o, r);
		r = 0;
	}
	if (!o->streams) {
		r = sm_event_kind(ev) == SM_EVENT_ROUND && o->redraws
			    ? redraw(o)
			    : sm_report_add(o->report, ev);
		return r < 0 ? failed(o, NULL, r) : 0;
	}
	for (unsigned i = 0; i < o->n; i++) {
		struct out_target *t = &o->target[i];
		int rc = t->dead ? 0 : sm_writer_collect(ev, t->writer);

		if (rc < 0)
			r = failed(o, t, rc);
	}
	return r;
}

int out_collect(const sm_event *ev, void *out)
{
	return out_event(out, ev);
}

bool out_shows_now(const struct out *o)
{
	return o->streams && !o->target[0].path && isatty(STDOUT_FILENO);
}

bool out_is_over(const struct out *o)
{
	return o->err || (o->streams && o->target[0].dead);
}

void out_idle(struct out *o)
{
	if (o->syslog_writer)
		sm_writer_flush(o->syslog_writer);
	for (unsigned i = 0; i < o->n && o->streams; i++) {
		struct out_target *t = &o->target[i];
		int r = t->dead ? 0 : sm_writer_flush(t->writer);

		if (r < 0)
			failed(o, t, r);
	}
}

/* An sm_write_fn: ends where there is more than a screen. */
static int fits(const void *data, size_t len, void *lines_left)
{
	const char *p = data, *end = p + len;
	unsigned *left = lines_left;

	for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		if (!(*left)--)
			return 1;
	return 0;
}

/* Who stops it has not seen all. */
static int show_paged(struct out *o, const struct out_target *t)
{
	unsigned left = term_height(STDOUT_FILENO) - 1;
	struct pager pager;
	int r = sm_report_write(o->report, t->format, t->opts, fits, &left);

	if (r < 0)
		return r;
	if (r == 0 || !pager_start(&pager))
		return sm_report_write_fd(o->report, t->format, t->opts,
					  STDOUT_FILENO);
	r = sm_report_write(o->report, t->format, t->opts, pager_write, &pager);
	switch (pager_end(&pager)) {
	case PAGER_FAILED:
		return sm_report_write_fd(o->report, t->format, t->opts,
					  STDOUT_FILENO);
	case PAGER_STOPPED:
		o->err = o->err ? o->err : -EINTR;
		break;
	}
	return r;
}

static int finish_target(struct out *o, const struct out_target *t)
{
	if (o->redraws)
		return 0;
	if (o->streams)
		return sm_writer_finish(t->writer);
	if (t->is_dir)
		return sm_report_write_dir(o->report, t->format, t->opts,
					   t->path);
	if (t->path)
		return sm_report_write_file(o->report, t->format, t->opts,
					    t->path);
	if (pages(o, t))
		return show_paged(o, t);
	return sm_report_write_fd(o->report, t->format, t->opts, STDOUT_FILENO);
}

static void finish_syslog(struct out *o)
{
	int r = o->syslog_writer ? sm_writer_finish(o->syslog_writer) : 0;

	if (r < 0)
		syslog_failed(o, r);
}

static void finish_targets(struct out *o, bool files)
{
	for (unsigned i = 0; i < o->n; i++) {
		struct out_target *t = &o->target[i];
		int r;

		if (t->dead || !t->path == files)
			continue;
		r = finish_target(o, t);
		if (r < 0)
			failed(o, t, r);
		else if (files && !o->quiet)
			say("wrote %s", t->path);
	}
}

/* What is not in the file where it was to be is shown, so that the work is not lost;
 * the report is gone where it was written as things came. */
static void show_instead(struct out *o)
{
	struct out_target *lost = NULL;

	for (unsigned i = 0; i < o->n; i++) {
		if (!o->target[i].path)
			return;
		if (o->target[i].dead)
			lost = &o->target[i];
	}
	if (!lost || !o->report || sm_report_opts_set_width(lost->opts, 0) < 0)
		return;
	lost->path = NULL;
	lost->is_dir = lost->dead = false;
	lost->format = SM_FORMAT_TABLE;
}

/* Who reads on a terminal may take long. */
int out_finish(struct out *o)
{
	finish_targets(o, true);
	finish_syslog(o);
	show_instead(o);
	finish_targets(o, false);
	return o->err ? o->err : o->syslog_err;
}

void out_done(struct out *o)
{
	for (unsigned i = 0; i < o->n; i++) {
		sm_writer_free(o->target[i].writer);
		sm_report_opts_free(o->target[i].opts);
	}
	sm_writer_free(o->syslog_writer);
	sm_report_opts_free(o->syslog_opts);
	sm_report_free(o->report);
}
