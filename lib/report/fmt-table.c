/* SPDX-License-Identifier: MIT */
#include "base/nls.h"
#include "base/utf8.h"
#include "record/told.h"
#include "report/escape.h"
#include "report/people.h"

#define STATUS_COLUMNS 10

/* What is longest comes first: the end stays on the screen. */
static const uint8_t kinds[] = {
	SM_KIND_RULE,	 SM_KIND_LINE,	  SM_KIND_EVENT,    SM_KIND_HOST,
	SM_KIND_PROCESS, SM_KIND_PORT,	  SM_KIND_COVERAGE, SM_KIND_TEMPLATE,
	SM_KIND_RUN,	 SM_KIND_ABILITY, SM_KIND_FINDING,  SM_KIND_CHANGE,
};

/* Sentences are never cut. */
static int add_notice(const sm_record *rec, void *user)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf told = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_span label = smi_span_str(smi_tr("notice: "));
	struct smi_render *r = user;
	struct smi_buf *b = &r->sink->buf;
	size_t wide = smi_utf8_columns(label);

	smi_told(&told, rec, SMI_NOTICE_TEXT);
	smi_esc_term(&text, smi_buf_span(&told));
	smi_esc_term(b, label);
	smi_layout_wrap(b, smi_buf_span(&text), r->style->width, wide, wide);
	b->failed |= text.failed | told.failed;
	return smi_sink_push(r->sink);
}

/* Sentences, each with its status before it. */
static int add_ability(const sm_record *rec, void *user)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf told = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_render *r = user;
	struct smi_buf *b = &r->sink->buf;
	size_t wide;

	smi_told(&told, rec, SMI_ABILITY_STATUS);
	smi_esc_term(&text, smi_buf_span(&told));
	wide = smi_utf8_columns(smi_buf_span(&text));
	smi_buf_span_add(b, smi_buf_span(&text));
	for (; wide < STATUS_COLUMNS; wide++)
		smi_buf_char(b, ' ');
	smi_buf_clear(&told);
	smi_told(&told, rec, SMI_ABILITY_PART);
	smi_buf_str(&told, ", ");
	smi_told(&told, rec, SMI_ABILITY_NAME);
	smi_buf_str(&told, smi_tr(": "));
	smi_told(&told, rec, SMI_ABILITY_TEXT);
	if (smi_rec_has(rec, SMI_ABILITY_NEXT_STEP)) {
		smi_buf_char(&told, ' ');
		smi_told(&told, rec, SMI_ABILITY_NEXT_STEP);
	}
	smi_buf_clear(&text);
	smi_esc_term(&text, smi_buf_span(&told));
	smi_layout_wrap(b, smi_buf_span(&text), r->style->width, wide, wide);
	b->failed |= text.failed | told.failed;
	return smi_sink_push(r->sink);
}

static int add_kind(struct smi_render *r, int kind)
{
	if (kind == SM_KIND_ABILITY && !r->style->fields[kind].n)
		return smi_report_each(r->report, kind, 0, add_ability, r);
	return smi_people_table(r, kind, SMI_ROWS_ALL, 0);
}

static bool chosen(const struct smi_style *style)
{
	for (size_t kind = 1; kind <= SMI_NKINDS; kind++)
		if (style->fields[kind].n)
			return true;
	return false;
}

static void add_summary(struct smi_render *r, bool more)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf clean = { 0 };
	struct smi_buf *b = &r->sink->buf;

	if (more)
		smi_buf_char(b, '\n');
	smi_people_seen(r, &text);
	smi_buf_str(&text, text.len ? ". " : "");
	smi_people_findings(r, &text);
	smi_esc_term(&clean, smi_buf_span(&text));
	smi_layout_wrap(b, smi_buf_span(&clean), r->style->width, 0, 0);
	b->failed |= text.failed | clean.failed;
}

static size_t shown(const struct smi_render *r, int kind)
{
	if (kind == SM_KIND_FINDING)
		return (size_t)smi_rec_int(r->summary, SM_KIND_SUMMARY,
					   SMI_SUMMARY_FINDINGS);
	return sm_report_size(r->report, kind);
}

static int table_whole(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	bool more = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < SMI_COUNT(kinds); i++) {
		if (!shown(r, kinds[i]))
			continue;
		smi_buf_str(b, more ? "\n" : "");
		more = true;
		rc = add_kind(r, kinds[i]);
	}
	if (rc)
		return rc;
	if (more && sm_report_size(r->report, SM_KIND_NOTICE))
		smi_buf_char(b, '\n');
	rc = smi_report_each(r->report, SM_KIND_NOTICE, 0, add_notice, r);
	more |= sm_report_size(r->report, SM_KIND_NOTICE) > 0;
	/* who names columns wants nothing but them, and rules or runs alone find nothing */
	if (rc == 0 && !chosen(r->style) &&
	    !sm_report_size(r->report, SM_KIND_RULE) &&
	    !sm_report_size(r->report, SM_KIND_ABILITY) &&
	    !sm_report_size(r->report, SM_KIND_RUN))
		add_summary(r, more);
	return rc ? rc : smi_sink_push(r->sink);
}

const struct smi_format smi_format_table = {
	.number = SM_FORMAT_TABLE,
	.name = "table",
	.whole = table_whole,
};
