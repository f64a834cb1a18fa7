/* SPDX-License-Identifier: MIT */
#include <strings.h>

#include "base/nls.h"
#include "base/utf8.h"
#include "record/told.h"
#include "report/escape.h"
#include "report/machine.h"
#include "report/people.h"

/* How much of a long list a person wants to see. */
#define FINDINGS_MAX  50
#define EVIDENCE_HEAD 3
#define EVIDENCE_TAIL 4 /* what came at last may be what matters most */
#define CHANGES_MAX   50
#define NOTICES_MAX   50

#define INDENT 12 /* of what stands behind "  next step " */

struct list {
	struct smi_render *r;
	size_t n;
};

static size_t columns(const struct smi_render *r)
{
	return r->style->width;
}

/* "  why       text", wrapped, from bytes of any kind. */
static void add_labelled(struct smi_render *r, const char *label,
			 struct smi_span text)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf clean = { 0 };
	struct smi_buf *b = &r->sink->buf;
	size_t wide = 2;

	if (!text.len)
		return;
	smi_buf_str(b, "  ");
	if (*label) {
		label = smi_tr(label);
		wide += smi_utf8_columns(smi_span_str(label)) + 1;
		smi_esc_term(b, smi_span_str(label));
		smi_buf_char(b, ' ');
	}
	smi_buf_fill(b, ' ', INDENT - SMI_MIN(wide, (size_t)INDENT));
	smi_esc_term(&clean, text);
	smi_layout_wrap(b, smi_buf_span(&clean), columns(r), INDENT, INDENT);
	b->failed |= clean.failed;
}

static void add_heading(struct smi_render *r, const char *text,
			const char *more)
{
	struct smi_buf *b = &r->sink->buf;

	text = smi_tr(text);
	smi_buf_char(b, '\n');
	smi_buf_str(b, smi_layout_bold(r->style->color));
	smi_esc_term(b, smi_span_str(text));
	smi_esc_term(b, smi_span_str(more));
	smi_buf_str(b, smi_layout_plain(r->style->color));
	smi_buf_char(b, '\n');
	smi_buf_fill(b, '-',
		     smi_utf8_columns(smi_span_str(text)) +
			     smi_utf8_columns(smi_span_str(more)));
	smi_buf_char(b, '\n');
}

static void add_title(struct smi_render *r, const struct smi_machine *m)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf title = { 0 };
	struct smi_buf *b = &r->sink->buf;
	size_t wide;

	if (r->style->title)
		smi_buf_str(&text, r->style->title);
	else
		smi_people_title(&text, m);
	smi_esc_term(&title, smi_buf_span(&text));
	wide = smi_utf8_columns(smi_buf_span(&title));
	smi_buf_str(b, smi_layout_bold(r->style->color));
	smi_layout_wrap(b, smi_buf_span(&title), columns(r), 0, 0);
	smi_buf_str(b, smi_layout_plain(r->style->color));
	smi_buf_fill(b, '=', columns(r) ? SMI_MIN(wide, columns(r)) : wide);
	smi_buf_char(b, '\n');
	b->failed |= text.failed | title.failed;
}

/* Where, when, and the two sentences that a person reads first. */
static int add_head(struct smi_render *r)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_machine m;
	int rc = smi_machine_of(&m, r);

	if (rc < 0)
		return rc;
	add_title(r, &m);
	smi_people_system(&text, &m);
	add_labelled(r, "host", smi_span_str(m.hostname));
	add_labelled(r, "system", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
	smi_buf_clear(&text);
	smi_layout_time(&text, r->generated);
	add_labelled(r, "time", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
	smi_buf_clear(&text);
	smi_people_seen(r, &text);
	add_labelled(r, "looked at",
		     text.len ? smi_buf_span(&text)
			      : smi_span_str(smi_tr("nothing")));
	r->sink->buf.failed |= text.failed;
	smi_buf_clear(&text);
	smi_people_findings(r, &text);
	add_labelled(r, "found", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
	return 0;
}

static struct smi_span text_of(const sm_record *rec, unsigned field)
{
	return smi_span_str(smi_rec_str(rec, SM_KIND_FINDING, field));
}

/* "brute_force, rule brute-force, T1110" */
static void add_kind(struct smi_render *r, const sm_record *rec)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	const struct smi_strs *attack =
		smi_rec_strs(rec, SM_KIND_FINDING, SMI_FINDING_ATTACK);

	smi_buf_span_add(&text, text_of(rec, SMI_FINDING_KIND));
	if (text_of(rec, SMI_FINDING_RULE).len) {
		smi_buf_str(&text, text.len ? ", " : "");
		smi_buf_printf(
			&text, smi_trf("rule %s"),
			smi_rec_str(rec, SM_KIND_FINDING, SMI_FINDING_RULE));
	}
	for (size_t i = 0; attack && i < attack->n; i++) {
		smi_buf_str(&text, text.len ? ", " : "");
		smi_buf_str(&text, attack->v[i]);
	}
	add_labelled(r, "kind", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
}

/* "2026-08-04T10:00:00Z to 2026-08-04T10:00:12Z, 12 times" */
static void add_when(struct smi_render *r, const sm_record *rec)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	int k = SM_KIND_FINDING;
	int64_t first = smi_rec_time(rec, k, SMI_FINDING_FIRST);
	int64_t last = smi_rec_time(rec, k, SMI_FINDING_LAST);
	int64_t count = smi_rec_int(rec, k, SMI_FINDING_COUNT);

	smi_layout_time(&text, first);
	if (last != first && last != SM_TIME_NONE) {
		smi_buf_str(&text, text.len ? smi_tr(" to ") : "");
		smi_layout_time(&text, last);
	}
	if (count > 1) {
		smi_buf_str(&text, text.len ? ", " : "");
		smi_layout_plural(&text, (uint64_t)count, "event", "events");
	}
	add_labelled(r, "when", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
}

/* How many events a record of evidence stands for. */
static int64_t events_of(const sm_record *rec)
{
	if (rec->kind != SM_KIND_EVENT || !smi_rec_has(rec, SMI_EVENT_COUNT))
		return 1;
	return smi_rec_int(rec, SM_KIND_EVENT, SMI_EVENT_COUNT);
}

static void add_items(struct smi_render *r, const sm_record *rec, size_t from,
		      size_t to)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	for (size_t i = from; i < to; i++) {
		smi_buf_clear(&text);
		smi_brief_told(&text, sm_record_field_record(
					      rec, SMI_FINDING_EVIDENCE, i));
		add_labelled(r, i ? "" : "evidence", smi_buf_span(&text));
		r->sink->buf.failed |= text.failed;
	}
}

/* "... 9,994 of 10,000 events are not shown ..." */
static void add_gap(struct smi_render *r, int64_t hidden, int64_t count)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	char some[SMI_COUNT_STRLEN], all[SMI_COUNT_STRLEN];

	if (hidden <= 0)
		return;
	smi_people_say(
		&text,
		hidden == 1 ? "... {hidden} of {all} events is not shown ..."
			    : "... {hidden} of {all} events are not shown ...",
		"hidden", smi_count_text(some, (uint64_t)hidden), "all",
		smi_count_text(all, (uint64_t)count));
	add_labelled(r, "", smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
}

/* The first and the last of it: between them is what a finding did not keep. */
static void add_evidence(struct smi_render *r, const sm_record *rec)
{
	int k = SM_KIND_FINDING;
	size_t n = sm_record_field_nitems(rec, SMI_FINDING_EVIDENCE);
	size_t head = SMI_MIN((n + 1) / 2, (size_t)EVIDENCE_HEAD);
	size_t tail = SMI_MIN(n - head, (size_t)EVIDENCE_TAIL);
	size_t uncounted = (size_t)smi_rec_int(rec, k, SMI_FINDING_UNCOUNTED);
	int64_t count = smi_rec_int(rec, k, SMI_FINDING_COUNT);
	int64_t hidden = count;

	for (size_t i = 0; i + uncounted < n; i++) {
		const sm_record *e =
			sm_record_field_record(rec, SMI_FINDING_EVIDENCE, i);

		if (i < head || i >= n - tail)
			hidden = smi_sub(hidden, events_of(e));
	}
	add_items(r, rec, 0, head);
	if (n)
		add_gap(r, hidden, count);
	add_items(r, rec, n - tail, n);
}

static const char *severity_of(const char *word)
{
	static const char *const words[] = { "CRITICAL", "HIGH", "MEDIUM",
					     "LOW", "INFO" };

	for (size_t i = 0; i < SMI_COUNT(words); i++)
		if (!strcasecmp(words[i], word))
			return smi_tr(words[i]);
	return word;
}

/* As it may stand on a terminal. */
static void told(struct smi_buf *b, const sm_record *rec, unsigned field)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	smi_told(&text, rec, field);
	smi_esc_term(b, smi_buf_span(&text));
	b->failed |= text.failed;
}

static void add_told(struct smi_render *r, const char *label,
		     const sm_record *rec, unsigned field)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	smi_told(&text, rec, field);
	add_labelled(r, label, smi_buf_span(&text));
	r->sink->buf.failed |= text.failed;
}

/* "HIGH  title", wrapped. */
static void add_first_line(struct smi_render *r, const sm_record *rec,
			   struct smi_span text)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf title = { 0 };
	struct smi_buf *b = &r->sink->buf;
	const char *severity = severity_of(
		smi_rec_str(rec, SM_KIND_FINDING, SMI_FINDING_SEVERITY));

	smi_buf_str(
		b, smi_layout_severity(r->style->color,
				       smi_rec_int(rec, SM_KIND_FINDING,
						   SMI_FINDING_SEVERITY_CODE)));
	smi_esc_term(b, smi_span_str(severity));
	smi_buf_str(b, smi_layout_plain(r->style->color));
	smi_buf_str(b, "  ");
	smi_esc_term(&title, text);
	smi_layout_wrap(b, smi_buf_span(&title), columns(r),
			smi_utf8_columns(smi_span_str(severity)) + 2, INDENT);
	b->failed |= title.failed;
}

static int add_finding(const sm_record *rec, void *user)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf title = { 0 };
	struct list *list = user;
	struct smi_render *r = list->r;
	struct smi_buf *b = &r->sink->buf;

	if (list->n++ >= FINDINGS_MAX)
		return 0;
	smi_buf_str(b, list->n > 1 ? "\n" : "");
	smi_told(&title, rec, SMI_FINDING_TITLE);
	add_first_line(r, rec, smi_buf_span(&title));
	b->failed |= title.failed;
	add_kind(r, rec);
	add_when(r, rec);
	add_told(r, "why", rec, SMI_FINDING_WHY);
	add_evidence(r, rec);
	add_told(r, "next step", rec, SMI_FINDING_NEXT_STEP);
	return smi_sink_push(r->sink);
}

static void add_rest(struct smi_render *r, size_t n, size_t max,
		     const char *text)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf told = { 0 };
	struct smi_buf *b = &r->sink->buf;
	char count[SMI_COUNT_STRLEN];

	if (n <= max)
		return;
	smi_people_say(&told, text, "count", smi_count_text(count, n - max));
	smi_esc_term(b, smi_buf_span(&told));
	smi_buf_char(b, '\n');
	b->failed |= told.failed;
}

static int add_next(struct smi_render *r)
{
	struct smi_people_steps steps;
	int rc = smi_people_steps(r, &steps);

	if (rc || !steps.n)
		return rc;
	add_heading(r, "What to do next", "");
	for (size_t i = 0; i < steps.n; i++) {
		SMI_CLEANUP(smi_buf_free) struct smi_buf title = { 0 };

		smi_people_step(&steps, i, &title);
		add_first_line(r, steps.v[i].rec, smi_buf_span(&title));
		add_told(r, "", steps.v[i].rec, SMI_FINDING_NEXT_STEP);
		r->sink->buf.failed |= title.failed;
	}
	return 0;
}

/* "new      high      subject (what it is now)", wrapped. */
static int add_change(const sm_record *rec, void *user)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf clean = { 0 };
	static const size_t ends[] = { 9, 19 };
	struct list *list = user;
	struct smi_buf *b = &list->r->sink->buf;
	const unsigned words[] = { SMI_CHANGE_CHANGE,
				   smi_rec_has(rec, SMI_CHANGE_SEVERITY)
					   ? SMI_CHANGE_SEVERITY
					   : SMI_CHANGE_WHAT };
	size_t at = 0;

	if (list->n++ >= CHANGES_MAX)
		return 0;
	for (size_t i = 0; i < SMI_COUNT(words); i++) {
		smi_buf_clear(&clean);
		told(&clean, rec, words[i]);
		smi_buf_span_add(b, smi_buf_span(&clean));
		b->failed |= clean.failed;
		at += smi_utf8_columns(smi_buf_span(&clean)) + 1;
		smi_buf_fill(b, ' ', 1 + (at < ends[i] ? ends[i] - at : 0));
		at = SMI_MAX(at, ends[i]);
	}
	smi_people_change(rec, &text);
	smi_buf_clear(&clean);
	smi_esc_term(&clean, smi_buf_span(&text));
	smi_layout_wrap(b, smi_buf_span(&clean), columns(list->r), at, ends[1]);
	b->failed |= text.failed | clean.failed;
	return smi_sink_push(list->r->sink);
}

static int add_changes(struct smi_render *r)
{
	struct list list = { r, 0 };
	int rc;

	if (!sm_report_size(r->report, SM_KIND_CHANGE))
		return 0;
	add_heading(r, "Changes", "");
	rc = smi_report_each(r->report, SM_KIND_CHANGE, 0, add_change, &list);
	add_rest(r, list.n, CHANGES_MAX,
		 "... and {count} more: the json and csv reports have all");
	return rc;
}

static int add_findings(struct smi_render *r)
{
	struct list list = { r, 0 };
	int rc;

	if (!smi_rec_int(r->summary, SM_KIND_SUMMARY, SMI_SUMMARY_FINDINGS))
		return 0;
	add_heading(r, "Findings", "");
	rc = smi_report_each(r->report, SM_KIND_FINDING, r->style->min_severity,
			     add_finding, &list);
	add_rest(r, list.n, FINDINGS_MAX,
		 "... and {count} more: the json and csv reports have all");
	return rc;
}

static int add_notice(const sm_record *rec, void *user)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf clean = { 0 };
	struct list *list = user;
	struct smi_buf *b = &list->r->sink->buf;

	if (list->n++ >= NOTICES_MAX)
		return 0;
	smi_buf_str(b, "- ");
	told(&clean, rec, SMI_NOTICE_TEXT);
	smi_layout_wrap(b, smi_buf_span(&clean), columns(list->r), 2, 2);
	b->failed |= clean.failed;
	return smi_sink_push(list->r->sink);
}

static int add_notices(struct smi_render *r)
{
	struct list list = { r, 0 };
	int rc;

	if (!sm_report_size(r->report, SM_KIND_NOTICE))
		return 0;
	add_heading(r, "What could not be looked at", "");
	rc = smi_report_each(r->report, SM_KIND_NOTICE, 0, add_notice, &list);
	add_rest(r, list.n, NOTICES_MAX, "... and {count} more");
	return rc;
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
	return smi_people_table(r, s->kind, rows, s->few);
}

static int add_actions(struct smi_render *r)
{
	if (!sm_report_size(r->report, SM_KIND_EVENT))
		return 0;
	add_heading(r, "Log events", "");
	return smi_people_actions(r);
}

static int txt_whole(struct smi_render *r)
{
	int rc = add_head(r);

	if (rc == 0)
		rc = add_next(r);
	if (rc == 0)
		rc = add_changes(r);
	if (rc == 0)
		rc = add_findings(r);
	for (size_t i = 0; rc == 0 && i < SMI_PEOPLE_SECTIONS; i++)
		rc = add_section(r, &smi_people_sections[i]);
	if (rc == 0)
		rc = add_actions(r);
	if (rc == 0)
		rc = add_notices(r);
	return rc ? rc : smi_sink_push(r->sink);
}

const struct smi_format smi_format_txt = {
	.number = SM_FORMAT_TXT,
	.name = "txt",
	.whole = txt_whole,
};
