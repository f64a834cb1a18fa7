/* SPDX-License-Identifier: MIT */
#include "base/nls.h"
#include "record/told.h"
#include "report/escape.h"
#include "report/machine.h"
#include "report/people.h"

/*
 * GitHub Flavored Markdown: the summary, findings by severity, then the inventory.
 * Text stands within a line or in a cell, never at the begin of a line.
 */
static void add_text(struct smi_buf *b, const char *text)
{
	smi_esc_md(b, smi_span_str(text));
}

static void add_item(struct smi_render *r, const char *label,
		     struct smi_span text)
{
	struct smi_buf *b = &r->sink->buf;

	if (!text.len)
		return;
	/* the labels are Markdown of ours, what stands for them is not */
	smi_buf_str(b, "- **");
	if (smi_tr(label) == label)
		smi_buf_str(b, label);
	else
		smi_esc_md(b, smi_span_str(smi_tr(label)));
	smi_buf_str(b, ":** ");
	smi_esc_md(b, text);
	smi_buf_char(b, '\n');
}

static void add_heading(struct smi_render *r, const char *text,
			const char *more)
{
	struct smi_buf *b = &r->sink->buf;

	smi_buf_str(b, "\n## ");
	add_text(b, smi_tr(text));
	add_text(b, more);
	smi_buf_str(b, "\n\n");
}

static void add_title(struct smi_render *r, const struct smi_machine *m)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf title = { 0 };
	struct smi_buf *b = &r->sink->buf;

	if (r->style->title && *r->style->title)
		smi_buf_str(&title, r->style->title);
	else if (r->style->title)
		smi_buf_str(&title, smi_people_machine(m));
	else
		smi_people_title(&title, m);
	smi_buf_str(b, "# ");
	smi_esc_md(b, smi_buf_span(&title));
	smi_buf_str(b, "\n\n");
	b->failed |= title.failed;
}

static void add_system(struct smi_render *r, const struct smi_machine *m)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	smi_people_system(&text, m);
	add_item(r, "System", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
}

static int add_head(struct smi_render *r)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_machine m;
	int rc = smi_machine_of(&m, r);

	if (rc < 0)
		return rc;
	add_title(r, &m);
	add_item(r, "Host", smi_span_str(m.hostname));
	add_system(r, &m);
	smi_layout_time(&text, r->generated);
	add_item(r, "Time", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
	smi_buf_clear(&text);
	smi_people_seen(r, &text);
	add_item(r, "Looked at",
		 text.len ? smi_buf_span(&text)
			  : smi_span_str(smi_tr("nothing")));
	r->sink->buf.failed |= text.failed;
	smi_buf_clear(&text);
	smi_people_findings(r, &text);
	add_item(r, "Found", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
	return 0;
}

static int add_next(struct smi_render *r)
{
	struct smi_people_steps steps;
	struct smi_buf *b = &r->sink->buf;
	int rc = smi_people_steps(r, &steps);

	if (rc || !steps.n)
		return rc;
	add_heading(r, "What to do next", "");
	for (size_t i = 0; i < steps.n; i++) {
		SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

		smi_buf_str(b, "- **");
		smi_told(&text, steps.v[i].rec, SMI_FINDING_SEVERITY);
		smi_esc_md(b, smi_buf_span(&text));
		smi_buf_str(b, ":** ");
		b->failed |= text.failed;
		smi_buf_clear(&text);
		smi_people_step(&steps, i, &text);
		smi_esc_md(b, smi_buf_span(&text));
		b->failed |= text.failed;
		smi_buf_clear(&text);
		smi_told(&text, steps.v[i].rec, SMI_FINDING_NEXT_STEP);
		smi_buf_str(b, text.len ? ". " : "");
		smi_esc_md(b, smi_buf_span(&text));
		smi_buf_char(b, '\n');
		b->failed |= text.failed;
	}
	return 0;
}

/* A member of the finding as an item, of its evidence one for each record. */
static void add_member(struct smi_render *r, const sm_record *rec,
		       const char *label, unsigned field)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	bool list = field == SMI_FINDING_EVIDENCE;
	size_t n = list ? sm_record_field_nitems(rec, field) : 0;

	if (!list && smi_rec_has(rec, field)) {
		smi_layout_cell(&text, rec, field);
		add_item(r, label, smi_buf_span(&text));
	}
	for (size_t i = 0; i < n; i++) {
		smi_buf_clear(&text);
		smi_brief_told(&text, sm_record_field_record(rec, field, i));
		add_item(r, label, smi_buf_span(&text));
		r->sink->buf.failed |= text.failed;
	}
	r->sink->buf.failed |= text.failed;
}

static void add_told(struct smi_buf *b, const sm_record *rec, unsigned field)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	smi_told(&text, rec, field);
	smi_esc_md(b, smi_buf_span(&text));
	b->failed |= text.failed;
}

static int add_finding(const sm_record *rec, void *user)
{
	static const struct {
		const char *label;
		unsigned field;
	} members[] = {
		{ "Kind", SMI_FINDING_KIND },
		{ "Rule", SMI_FINDING_RULE },
		{ "ATT&CK", SMI_FINDING_ATTACK },
		{ "First", SMI_FINDING_FIRST },
		{ "Last", SMI_FINDING_LAST },
		{ "Events", SMI_FINDING_COUNT },
		{ "Why", SMI_FINDING_WHY },
		{ "Evidence", SMI_FINDING_EVIDENCE },
		{ "Next step", SMI_FINDING_NEXT_STEP },
	};
	struct smi_render *r = user;
	struct smi_buf *b = &r->sink->buf;

	smi_buf_str(b, "\n### ");
	add_told(b, rec, SMI_FINDING_SEVERITY);
	smi_buf_str(b, ": ");
	add_told(b, rec, SMI_FINDING_TITLE);
	smi_buf_str(b, "\n\n");
	for (size_t i = 0; i < SMI_COUNT(members); i++)
		add_member(r, rec, members[i].label, members[i].field);
	return smi_sink_push(r->sink);
}

static int add_findings(struct smi_render *r)
{
	int rc;

	if (!smi_rec_int(r->summary, SM_KIND_SUMMARY, SMI_SUMMARY_FINDINGS))
		return 0;
	add_heading(r, "Findings", "");
	rc = smi_people_table(r, SM_KIND_FINDING, SMI_ROWS_ALL, 0);
	return rc ? rc
		  : smi_report_each(r->report, SM_KIND_FINDING,
				    r->style->min_severity, add_finding, r);
}

static int add_notice(const sm_record *rec, void *user)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_render *r = user;

	smi_told(&text, rec, SMI_NOTICE_TEXT);
	add_item(r, "Notice", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
	return smi_sink_push(r->sink);
}

static int add_notices(struct smi_render *r)
{
	if (!sm_report_size(r->report, SM_KIND_NOTICE))
		return 0;
	add_heading(r, "What could not be looked at", "");
	return smi_report_each(r->report, SM_KIND_NOTICE, 0, add_notice, r);
}

static int add_section(struct smi_render *r, const struct smi_people_section *s)
{
	enum smi_people_rows rows = s->rows;
	const char *order = "";

	if (!smi_people_has(r, s->kind, s->rows))
		return 0;
	if (s->kind == SM_KIND_PROCESS)
		rows = smi_people_order(r, &order);
	add_heading(r, s->heading, order);
	return smi_people_table(r, s->kind, rows, 0);
}

static int md_whole(struct smi_render *r)
{
	static const struct smi_people_section changes = { SM_KIND_CHANGE,
							   SMI_ROWS_ALL, 0,
							   "Changes" };
	int rc = add_head(r);

	if (rc == 0)
		rc = add_next(r);
	if (rc == 0)
		rc = add_section(r, &changes);
	if (rc == 0)
		rc = add_findings(r);
	for (size_t i = 0; rc == 0 && i < SMI_PEOPLE_SECTIONS; i++)
		rc = add_section(r, &smi_people_sections[i]);
	if (rc == 0 && sm_report_size(r->report, SM_KIND_EVENT)) {
		add_heading(r, "Log events", "");
		rc = smi_people_actions(r);
	}
	if (rc == 0)
		rc = add_notices(r);
	return rc ? rc : smi_sink_push(r->sink);
}

const struct smi_format smi_format_md = {
	.number = SM_FORMAT_MD,
	.name = "md",
	.whole = md_whole,
};
