/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "report/escape.h"
#include "report/html.h"
#include "report/layout.h"

/*
 * Findings of one severity and kind stand together: some of them whole, others as
 * rows of a folded table, and what is beyond that is counted.
 */
#define WHOLE_MAX 10
#define ROWS_MAX  1000
#define STEPS_MAX 5

static const char *text_of(const sm_record *f, unsigned field)
{
	return smi_rec_str(f, SM_KIND_FINDING, field);
}

static int64_t severity_of(const sm_record *f)
{
	return smi_rec_int(f, SM_KIND_FINDING, SMI_FINDING_SEVERITY_CODE);
}

static int compare_numbers(int64_t a, int64_t b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

/* The worst first, then by kind; of these the latest first. */
static int compare(const void *va, const void *vb)
{
	const sm_record *const *a = va, *const *b = vb;
	int r = compare_numbers(severity_of(*a), severity_of(*b));

	if (!r)
		r = strcmp(text_of(*a, SMI_FINDING_KIND),
			   text_of(*b, SMI_FINDING_KIND));
	if (!r)
		r = compare_numbers(
			smi_rec_time(*a, SM_KIND_FINDING, SMI_FINDING_LAST),
			smi_rec_time(*b, SM_KIND_FINDING, SMI_FINDING_LAST));
	return r ? r
		 : strcmp(text_of(*a, SMI_FINDING_ID),
			  text_of(*b, SMI_FINDING_ID));
}

static int keep(const sm_record *rec, void *user)
{
	struct smi_html *h = user;

	h->findings[h->nfindings++] = rec;
	return 0;
}

int smi_html_sort(struct smi_render *r)
{
	size_t n = sm_report_size(r->report, SM_KIND_FINDING);
	struct smi_html *h = r->state;
	int rc;

	h->findings =
		smi_realloc_array(NULL, SMI_MAX(n, 1), sizeof(*h->findings));
	if (!h->findings)
		return smi_fail_nomem(r->ctx);
	rc = smi_report_each(r->report, SM_KIND_FINDING, r->style->min_severity,
			     keep, h);
	if (rc == 0)
		qsort(h->findings, h->nfindings, sizeof(*h->findings), compare);
	return rc;
}

/* How many from the first on are of its severity and kind. */
static size_t group_of(const struct smi_html *h, size_t first)
{
	const sm_record *f = h->findings[first];
	size_t n = 1;

	while (first + n < h->nfindings &&
	       severity_of(h->findings[first + n]) == severity_of(f) &&
	       !strcmp(text_of(h->findings[first + n], SMI_FINDING_KIND),
		       text_of(f, SMI_FINDING_KIND)))
		n++;
	return n;
}

static void add_severity(struct smi_buf *b, const sm_record *f)
{
	const char *name = smi_html_severity(f);

	smi_buf_printf(b, "<span class=\"sev %s\">", name);
	smi_html_tr(b, name);
	smi_buf_str(b, "</span> ");
}

void smi_html_next_steps(struct smi_render *r)
{
	const struct smi_html *h = r->state;
	struct smi_buf *b = &r->sink->buf;
	size_t group = 0, n;
	char count[SMI_COUNT_STRLEN];

	if (!h->nfindings)
		return;
	smi_buf_str(b, "<h2 id=\"next\">");
	smi_html_tr(b, "What to do next");
	smi_buf_str(b, "</h2>\n<ol class=\"next card\">\n");
	for (size_t i = 0; i < h->nfindings && group < STEPS_MAX; i += n) {
		const sm_record *f = h->findings[i];

		n = group_of(h, i);
		smi_buf_str(b, "<li>");
		add_severity(b, f);
		smi_buf_printf(b, "<a href=\"#g%zu\">", ++group);
		smi_html_told(b, f, SMI_FINDING_TITLE);
		smi_buf_str(b, "</a>");
		if (n > 1) {
			smi_buf_str(b, " <span class=\"soft\">");
			smi_html_say(b, "and {count} more of this kind",
				     "count", smi_count_text(count, n - 1));
			smi_buf_str(b, "</span>");
		}
		if (*text_of(f, SMI_FINDING_NEXT_STEP)) {
			smi_buf_str(b, "<br>");
			smi_html_told(b, f, SMI_FINDING_NEXT_STEP);
		}
		smi_buf_str(b, "</li>\n");
	}
	smi_buf_str(b, "</ol>\n");
}

static void add_cell(struct smi_buf *b, const sm_record *f, unsigned field)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	smi_layout_cell(&text, f, field);
	smi_esc_html(b, smi_buf_span(&text));
	b->failed |= text.failed;
}

static void add_brief(struct smi_buf *b, const sm_record *rec)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	smi_brief_told(&text, rec);
	smi_esc_html(b, smi_buf_span(&text));
	b->failed |= text.failed;
}

static void add_evidence(struct smi_buf *b, const sm_record *f)
{
	size_t n = sm_record_field_nitems(f, SMI_FINDING_EVIDENCE);

	if (!n)
		return;
	smi_buf_str(b, "<dt>");
	smi_html_tr(b, "Evidence");
	smi_buf_str(b, "</dt><dd>");
	for (size_t i = 0; i < n; i++) {
		smi_buf_str(b, "<samp>");
		add_brief(b,
			  sm_record_field_record(f, SMI_FINDING_EVIDENCE, i));
		smi_buf_str(b, "</samp>");
	}
	smi_buf_str(b, "</dd>\n");
}

static void add_members(struct smi_buf *b, const sm_record *f)
{
	static const struct {
		const char *label;
		unsigned field;
	} members[] = {
		{ "Next step", SMI_FINDING_NEXT_STEP },
		{ "Why", SMI_FINDING_WHY },
		{ "Source", SMI_FINDING_SOURCE_IP },
		{ "User", SMI_FINDING_USER },
		{ "Process", SMI_FINDING_PID },
		{ "Port", SMI_FINDING_PORT },
		{ "Events", SMI_FINDING_COUNT },
		{ "First", SMI_FINDING_FIRST },
		{ "Last", SMI_FINDING_LAST },
		{ "Rule", SMI_FINDING_RULE },
		{ "ATT&CK", SMI_FINDING_ATTACK },
	};

	smi_buf_str(b, "<dl>\n");
	for (size_t i = 0; i < SMI_COUNT(members); i++) {
		if (!smi_rec_has(f, members[i].field))
			continue;
		smi_buf_str(b, "<dt>");
		smi_html_tr(b, members[i].label);
		smi_buf_str(b, "</dt><dd>");
		add_cell(b, f, members[i].field);
		smi_buf_str(b, "</dd>\n");
	}
	add_evidence(b, f);
	smi_buf_str(b, "</dl>\n");
}

static void add_whole(struct smi_buf *b, const sm_record *f, bool open)
{
	smi_buf_printf(b, "<details class=\"finding\"%s><summary>",
		       open ? " open" : "");
	add_severity(b, f);
	smi_html_told(b, f, SMI_FINDING_TITLE);
	smi_buf_str(b, "</summary>\n");
	add_members(b, f);
	smi_buf_str(b, "</details>\n");
}

static void add_row(struct smi_buf *b, const sm_record *f)
{
	static const unsigned fields[] = { SMI_FINDING_TITLE, SMI_FINDING_COUNT,
					   SMI_FINDING_FIRST,
					   SMI_FINDING_LAST };
	static const char *const classes[] = { "<td>", "<td class=\"n\">",
					       "<td class=\"t\">",
					       "<td class=\"t\">" };

	smi_buf_str(b, "<tr>");
	for (size_t i = 0; i < SMI_COUNT(fields); i++) {
		smi_buf_str(b, classes[i]);
		add_cell(b, f, fields[i]);
		smi_buf_str(b, "</td>");
	}
	smi_buf_str(b, "</tr>\n");
}

static int add_more(struct smi_render *r, const sm_record *const *v, size_t n)
{
	static const char *const labels[] = { "Finding", "Events", "First",
					      "Last" };
	size_t rows = SMI_MIN(n, ROWS_MAX);
	struct smi_buf *b = &r->sink->buf;
	char count[SMI_COUNT_STRLEN];
	int rc = 0;

	smi_buf_str(b, "<details class=\"more\"><summary>");
	smi_html_say(b, "{count} more", "count", smi_count_text(count, n));
	smi_buf_str(b, "</summary>\n<div class=\"scroll\" role=\"region\" "
		       "tabindex=\"0\" aria-label=\"");
	smi_html_tr(b, "More findings");
	smi_buf_str(b, "\"><table>\n<thead><tr>");
	for (size_t i = 0; i < SMI_COUNT(labels); i++) {
		smi_buf_str(b, i == 1 ? "<th scope=\"col\" class=\"n\">"
				      : "<th scope=\"col\">");
		smi_html_tr(b, labels[i]);
		smi_buf_str(b, "</th>");
	}
	smi_buf_str(b, "</tr></thead><tbody>\n");
	for (size_t i = 0; rc == 0 && i < rows; i++) {
		add_row(b, v[i]);
		rc = smi_sink_push(r->sink);
	}
	smi_buf_str(b, "</tbody></table></div>\n");
	if (n > rows) {
		smi_html_left_out(b, n - rows);
	}
	smi_buf_str(b, "</details>\n");
	return rc;
}

/* "brute_force" is read as two words. */
static void add_kind(struct smi_buf *b, const char *kind)
{
	for (size_t n; *kind; kind += n + (kind[n] == '_')) {
		n = strcspn(kind, "_");
		smi_esc_html(b, smi_span_of(kind, n));
		smi_buf_str(b, kind[n] ? " " : "");
	}
}

static int add_group(struct smi_render *r, size_t first, size_t n, size_t group)
{
	const struct smi_html *h = r->state;
	const sm_record *const *v = h->findings + first;
	struct smi_buf *b = &r->sink->buf;
	size_t whole = n <= WHOLE_MAX + 1 ? n : WHOLE_MAX;
	int rc = 0;

	smi_buf_printf(b, "<section class=\"card\"><h3 id=\"g%zu\">", group);
	add_kind(b, text_of(v[0], SMI_FINDING_KIND));
	smi_html_tr(b, ": ");
	smi_html_plural(b, n, "finding", "findings");
	smi_buf_str(b, ", ");
	smi_html_tr(b, smi_html_severity(v[0]));
	smi_buf_str(b, "</h3>\n");
	for (size_t i = 0; rc == 0 && i < whole; i++) {
		add_whole(b, v[i], !i && severity_of(v[i]) >= SM_SEV_HIGH);
		rc = smi_sink_push(r->sink);
	}
	if (rc == 0 && n > whole)
		rc = add_more(r, v + whole, n - whole);
	smi_buf_str(b, "</section>\n");
	return rc;
}

int smi_html_findings(struct smi_render *r)
{
	const struct smi_html *h = r->state;
	size_t group = 0, n;
	int rc = 0;

	if (!h->nfindings)
		return 0;
	smi_buf_str(&r->sink->buf, "<h2 id=\"findings\">");
	smi_html_tr(&r->sink->buf, "Findings");
	smi_buf_str(&r->sink->buf, "</h2>\n");
	for (size_t i = 0; rc == 0 && i < h->nfindings; i += n) {
		n = group_of(h, i);
		rc = add_group(r, i, n, ++group);
	}
	return rc;
}
