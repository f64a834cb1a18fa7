/* SPDX-License-Identifier: MIT */
#include "core/atomic.h"
#include "report/format.h"

static int push_record(const sm_record *rec, void *user)
{
	struct smi_render *r = user;

	return r->format->record(r, rec);
}

/* A report through a format that takes one record after the other. */
static int write_stream(struct smi_render *r)
{
	int only = r->style->only, rc = r->format->begin(r);

	for (size_t i = 0; rc == 0 && i < SMI_NSECTIONS; i++)
		if (!only || smi_sections[i].kind == only)
			rc = smi_report_each(r->report, smi_sections[i].kind,
					     r->style->min_severity,
					     push_record, r);
	if (rc || (only && only != SM_KIND_SUMMARY))
		return rc;
	return r->format->end(r, r->summary);
}

static int write_styled(struct smi_render *r)
{
	int rc = r->format->whole ? r->format->whole(r) : write_stream(r);

	return rc ? rc : smi_sink_flush(r->sink);
}

int smi_report_write(const sm_report *report, const struct smi_format *format,
		     const struct smi_style *style, sm_write_fn fn, void *user)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena arena = { 0 };
	SMI_CLEANUP(smi_sink_done) struct smi_sink sink = { 0 };
	SMI_CLEANUP(smi_render_done) struct smi_render r;
	struct smi_counts counts;
	int rc = smi_render_init(&r, report->ctx, format, style);

	if (rc < 0)
		return rc;
	sink = (struct smi_sink){ .ctx = report->ctx, .fn = fn, .user = user };
	r.sink = &sink;
	r.report = report;
	smi_report_count(report, style->min_severity, &counts);
	r.summary =
		smi_summary(&arena, report->ctx, &report->run, &counts, style);
	return r.summary ? write_styled(&r) : smi_fail_nomem(report->ctx);
}

SM_EXPORT int sm_report_write(const sm_report *r, int format,
			      const sm_report_opts *o, sm_write_fn fn,
			      void *user)
{
	SMI_CLEANUP(smi_style_done) struct smi_style style = { 0 };
	const struct smi_format *f;
	int rc;

	if (!r || !fn)
		return -EINVAL;
	f = smi_format_find(r->ctx, format);
	if (!f)
		return -EINVAL;
	rc = smi_style_init(&style, r->ctx, o);
	return rc ? rc : smi_report_write(r, f, &style, fn, user);
}

SM_EXPORT int sm_report_write_fd(const sm_report *r, int format,
				 const sm_report_opts *o, int fd)
{
	struct smi_fd_out out = { .fd = fd };

	if (!r || fd < 0)
		return -EINVAL;
	out.ctx = r->ctx;
	return sm_report_write(r, format, o, smi_fd_write, &out);
}

SM_EXPORT int sm_report_write_file(const sm_report *r, int format,
				   const sm_report_opts *o, const char *path)
{
	SMI_CLEANUP(smi_atomic_done) struct smi_atomic file = SMI_ATOMIC_NONE;
	struct smi_fd_out out;
	int rc;

	if (!r || !path)
		return -EINVAL;
	rc = smi_atomic_open(&file, r->ctx, path);
	if (rc < 0)
		return rc;
	out = (struct smi_fd_out){ r->ctx, file.fd, path };
	rc = sm_report_write(r, format, o, smi_fd_write, &out);
	return rc ? rc : smi_atomic_commit(&file);
}
