/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "core/atomic.h"
#include "core/event.h"
#include "report/format.h"
#include "report/syslog.h"

struct sm_writer {
	sm_ctx *ctx;
	const struct smi_format *format;
	struct smi_style style;
	struct smi_atomic file; /* of sm_writer_new_file() */
	struct smi_fd_out out;
	struct smi_syslog *syslog; /* of sm_writer_new_syslog() */
	sm_write_fn fn;
	void *user;
	bool finished;
	/* a format that can wait for nothing: */
	struct smi_render render;
	struct smi_sink sink;
	struct smi_run run;
	struct smi_counts counts;
	struct smi_map
		findings; /* those that may come again: id to severity + 1 */
	/* another collects: */
	sm_report *report;
};

static void free_writerp(sm_writer **w)
{
	sm_writer_free(*w);
}

static int begin(sm_writer *w)
{
	int r;

	if (w->format->whole) {
		r = sm_report_new(w->ctx, &w->report);
		if (r < 0 || !w->style.spill_dir)
			return r;
		return sm_report_set_spill_dir(w->report, w->style.spill_dir);
	}
	r = smi_render_init(&w->render, w->ctx, w->format, &w->style);
	if (r < 0)
		return r;
	smi_run_start(&w->run, w->ctx);
	w->sink = (struct smi_sink){ .ctx = w->ctx,
				     .fn = w->fn,
				     .user = w->user };
	w->render.sink = &w->sink;
	return w->format->begin(&w->render);
}

/* It has no place to write to yet. */
static int writer_new(sm_ctx *ctx, const struct smi_format *format,
		      const sm_report_opts *o, sm_writer **out)
{
	SMI_CLEANUP(free_writerp) sm_writer *w = NULL;
	int r;

	if (!format)
		return -EINVAL;
	w = smi_zalloc(sizeof(*w));
	if (!w)
		return smi_fail_nomem(ctx);
	w->file = SMI_ATOMIC_NONE;
	w->ctx = sm_ctx_ref(ctx);
	w->format = format;
	r = smi_style_init(&w->style, ctx, o);
	if (r == 0)
		*out = smi_take(&w);
	return r;
}

/* To the descriptor; path NULL: it has none that is known. */
static void write_to_fd(sm_writer *w, int fd, const char *path)
{
	w->out = (struct smi_fd_out){ w->ctx, fd, path };
	w->fn = smi_fd_write;
	w->user = &w->out;
}

SM_EXPORT int sm_writer_new(sm_ctx *ctx, int format, const sm_report_opts *o,
			    sm_write_fn fn, void *user, sm_writer **out)
{
	SMI_CLEANUP(free_writerp) sm_writer *w = NULL;
	int r;

	if (!ctx || !fn || !out)
		return -EINVAL;
	r = writer_new(ctx, smi_format_find(ctx, format), o, &w);
	if (r < 0)
		return r;
	w->fn = fn;
	w->user = user;
	r = begin(w);
	if (!r)
		*out = smi_take(&w);
	return r;
}

SM_EXPORT int sm_writer_new_fd(sm_ctx *ctx, int format, const sm_report_opts *o,
			       int fd, sm_writer **out)
{
	SMI_CLEANUP(free_writerp) sm_writer *w = NULL;
	int r;

	if (!ctx || fd < 0 || !out)
		return -EINVAL;
	r = writer_new(ctx, smi_format_find(ctx, format), o, &w);
	if (r < 0)
		return r;
	write_to_fd(w, fd, NULL);
	r = begin(w);
	if (!r)
		*out = smi_take(&w);
	return r;
}

SM_EXPORT int sm_writer_new_file(sm_ctx *ctx, int format,
				 const sm_report_opts *o, const char *path,
				 sm_writer **out)
{
	SMI_CLEANUP(free_writerp) sm_writer *w = NULL;
	int r;

	if (!ctx || !path || !out)
		return -EINVAL;
	r = writer_new(ctx, smi_format_find(ctx, format), o, &w);
	if (r == 0)
		r = smi_atomic_open(&w->file, ctx, path);
	if (r < 0)
		return r;
	write_to_fd(w, w->file.fd, w->file.path);
	r = begin(w);
	if (!r)
		*out = smi_take(&w);
	return r;
}

SM_EXPORT int sm_writer_new_syslog(sm_ctx *ctx, const sm_report_opts *o,
				   const char *target, sm_writer **out)
{
	SMI_CLEANUP(free_writerp) sm_writer *w = NULL;
	int r, away = 0;

	if (!ctx || !target || !out)
		return -EINVAL;
	r = writer_new(ctx, &smi_format_syslog, o, &w);
	if (r == 0)
		away = r = smi_syslog_open(ctx, target, &w->syslog);
	if (r < 0)
		return r;
	w->fn = smi_syslog_write;
	w->user = w->syslog;
	r = begin(w);
	if (r)
		return r;
	*out = smi_take(&w);
	return away;
}

/* A finding that comes again is one finding, with its last severity. One that has
 * closed does not. */
static int count(sm_writer *w, const sm_record *rec)
{
	int severity = (int)smi_rec_int(rec, SM_KIND_FINDING,
					SMI_FINDING_SEVERITY_CODE);
	struct smi_span id = smi_span_str(sm_record_id(rec));
	uintptr_t before;
	bool closed;

	if (rec->kind != SM_KIND_FINDING || !id.len) {
		smi_counts_add(&w->counts, rec);
		return 0;
	}
	closed = smi_rec_int(rec, SM_KIND_FINDING, SMI_FINDING_STATE_CODE) ==
		 SM_FINDING_CLOSED;
	before = closed ? (uintptr_t)smi_map_remove(&w->findings, id)
			: (uintptr_t)smi_map_get(&w->findings, id);
	if (!closed &&
	    !smi_map_put(&w->findings, id, (void *)(uintptr_t)(severity + 1)))
		return smi_fail_nomem(w->ctx);
	if (before)
		smi_counts_change(&w->counts, (int)before - 1, severity);
	else
		smi_counts_add(&w->counts, rec);
	return 0;
}

static bool wanted(const sm_writer *w, const sm_event *ev)
{
	const sm_record *rec = ev->rec;

	if (!rec || ev->kind == SM_EVENT_GONE ||
	    ev->kind == SM_EVENT_PROGRESS || !smi_kind(rec->kind))
		return false;
	return rec->kind != SM_KIND_FINDING ||
	       smi_rec_int(rec, SM_KIND_FINDING, SMI_FINDING_SEVERITY_CODE) >=
		       w->style.min_severity;
}

SM_EXPORT int sm_writer_collect(const sm_event *ev, void *writer)
{
	sm_writer *w = writer;
	int r = 0;

	if (!w || !ev)
		return -EINVAL;
	if (w->finished)
		return smi_fail(w->ctx, -EINVAL, "the writer has finished");
	if (w->report)
		return sm_report_add(w->report, ev);
	if (w->sink.err)
		return w->sink.err;
	if (wanted(w, ev)) {
		r = count(w, ev->rec);
		if (!r && ev->rec->kind == SM_KIND_SUMMARY &&
		    smi_run_saved(&w->run, ev->rec) < 0)
			r = smi_fail_nomem(w->ctx);
		if (!r && ev->rec->kind != SM_KIND_SUMMARY)
			r = w->format->record(&w->render, ev->rec);
	}
	return r ? r : smi_sink_tick(&w->sink);
}

SM_EXPORT int sm_writer_flush(sm_writer *w)
{
	if (!w)
		return -EINVAL;
	return w->report || w->finished ? 0 : smi_sink_flush(&w->sink);
}

static int finish_stream(sm_writer *w)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena arena = { 0 };
	sm_record *summary =
		smi_summary(&arena, w->ctx, &w->run, &w->counts, &w->style);
	int r;

	if (!summary)
		return smi_fail_nomem(w->ctx);
	r = w->format->end(&w->render, summary);
	return r ? r : smi_sink_flush(&w->sink);
}

SM_EXPORT int sm_writer_finish(sm_writer *w)
{
	int r;

	if (!w)
		return -EINVAL;
	if (w->finished)
		return smi_fail(w->ctx, -EINVAL, "the writer has finished");
	w->finished = true;
	r = w->report ? smi_report_write(w->report, w->format, &w->style, w->fn,
					 w->user)
		      : finish_stream(w);
	if (r)
		return r;
	if (w->syslog)
		return smi_syslog_result(w->syslog);
	return w->file.path ? smi_atomic_commit(&w->file) : 0;
}

SM_EXPORT void sm_writer_free(sm_writer *w)
{
	if (!w)
		return;
	sm_report_free(w->report);
	smi_map_free(&w->findings);
	smi_run_done(&w->run);
	smi_sink_done(&w->sink);
	smi_render_done(&w->render);
	smi_atomic_done(&w->file);
	smi_syslog_free(w->syslog);
	smi_style_done(&w->style);
	sm_ctx_unref(w->ctx);
	free(w);
}
