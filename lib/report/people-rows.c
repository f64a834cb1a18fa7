/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/nls.h"
#include "report/escape.h"
#include "report/people.h"

/* Where few rows are to be read on a screen. */
#define PORTS_FEW     100
#define PROCESSES_FEW 20
#define ROWS_FEW      50

const struct smi_people_section smi_people_sections[SMI_PEOPLE_SECTIONS] = {
	{ SM_KIND_ABILITY, SMI_ROWS_ALL, ROWS_FEW, "What can be seen here" },
	{ SM_KIND_RUN, SMI_ROWS_ALL, 0, "Runs" },
	{ SM_KIND_HOST, SMI_ROWS_ALL, ROWS_FEW, "Hosts" },
	{ SM_KIND_PORT, SMI_ROWS_OPEN, PORTS_FEW, "Open ports" },
	{ SM_KIND_PORT, SMI_ROWS_LISTENING, PORTS_FEW, "Listening ports" },
	{ SM_KIND_PROCESS, SMI_ROWS_HOGS, PROCESSES_FEW, "Processes" },
	{ SM_KIND_RULE, SMI_ROWS_ALL, ROWS_FEW, "Rules" },
	{ SM_KIND_LINE, SMI_ROWS_ALL, ROWS_FEW, "Log lines" },
	{ SM_KIND_COVERAGE, SMI_ROWS_ALL, ROWS_FEW, "Logs" },
	{ SM_KIND_TEMPLATE, SMI_ROWS_ALL, ROWS_FEW,
	  "Programs, and lines that no rule takes" },
};

/* So many hosts without an answer have a row each. */
#define UNKNOWN_MAX 5

struct rows {
	struct smi_render *r;
	struct smi_table table;
	enum smi_people_rows which;
	size_t n, max;
	size_t unknown; /* hosts that have no row */
};

static bool is_unknown(const sm_record *rec)
{
	return !strcmp(smi_rec_str(rec, SM_KIND_HOST, SMI_HOST_STATE),
		       "unknown");
}

static int count_unknown(const sm_record *rec, void *user)
{
	size_t *n = user;

	*n += is_unknown(rec);
	return 0;
}

static bool is_listening(const sm_record *rec)
{
	return !strcmp(smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_STATE),
		       "listening");
}

static int count_listening(const sm_record *rec, void *user)
{
	uint64_t *n = user;

	*n += is_listening(rec);
	return 0;
}

uint64_t smi_people_listening(const struct smi_render *r)
{
	uint64_t n = 0;

	if (smi_report_each(r->report, SM_KIND_PORT, 0, count_listening, &n) <
	    0)
		r->sink->buf.failed = true;
	return n;
}

bool smi_people_has(struct smi_render *r, int kind, enum smi_people_rows rows)
{
	size_t n = sm_report_size(r->report, kind);

	if (!n || kind != SM_KIND_PORT)
		return n;
	return rows == SMI_ROWS_LISTENING ? smi_people_listening(r)
					  : smi_people_listening(r) < n;
}

static bool is_row(struct rows *rows, const sm_record *rec)
{
	if (rows->which == SMI_ROWS_OPEN &&
	    strcmp(smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_STATE), "open") != 0)
		return false;
	if (rows->which == SMI_ROWS_LISTENING && !is_listening(rec))
		return false;
	if (rows->unknown && is_unknown(rec))
		return false;
	return rows->n++ < rows->max || !rows->max;
}

static int measure(const sm_record *rec, void *user)
{
	struct rows *rows = user;

	if (!is_row(rows, rec) || smi_table_measure(&rows->table, rec) == 0)
		return 0;
	return smi_fail_nomem(rows->r->ctx);
}

static int add_row(const sm_record *rec, void *user)
{
	struct rows *rows = user;

	if (!is_row(rows, rec))
		return 0;
	smi_table_row(&rows->table, &rows->r->sink->buf, rec);
	return smi_sink_push(rows->r->sink);
}

static void done_rows(struct rows *rows)
{
	smi_table_done(&rows->table);
}

static int compare(double a, double b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

/* By CPU, memory, then pid. */
static int compare_hogs(const void *va, const void *vb)
{
	const sm_record *const *a = va, *const *b = vb;
	int k = SM_KIND_PROCESS;
	int r = compare(smi_rec_real(*a, k, SMI_PROC_CPU_PERCENT),
			smi_rec_real(*b, k, SMI_PROC_CPU_PERCENT));

	if (!r)
		r = compare(smi_rec_real(*a, k, SMI_PROC_MEMORY_PERCENT),
			    smi_rec_real(*b, k, SMI_PROC_MEMORY_PERCENT));
	return r ? r
		 : compare((double)smi_rec_int(*b, k, SMI_PROC_PID),
			   (double)smi_rec_int(*a, k, SMI_PROC_PID));
}

static int each_hog(const struct smi_render *r, smi_record_fn fn, void *user)
{
	const struct smi_records *list = &r->report->kinds[SM_KIND_PROCESS];
	SMI_AUTOFREE const sm_record **order =
		smi_realloc_array(NULL, list->all.n, sizeof(*order));
	int rc = 0;

	if (!order)
		return smi_fail_nomem(r->ctx);
	for (size_t i = 0; i < list->all.n; i++)
		order[i] = list->all.v[i];
	if (list->all.n)
		qsort(order, list->all.n, sizeof(*order), compare_hogs);
	for (size_t i = 0; rc == 0 && i < list->all.n; i++)
		rc = fn(order[i], user);
	return rc;
}

static bool any_has(const struct smi_render *r, unsigned field)
{
	const struct smi_records *list = &r->report->kinds[SM_KIND_PROCESS];

	for (size_t i = 0; i < list->all.n; i++)
		if (smi_rec_has(list->all.v[i], field))
			return true;
	return false;
}

enum smi_people_rows smi_people_order(const struct smi_render *r,
				      const char **words)
{
	static const struct {
		const char *order, *words;
	} order_words[] = {
		{ "cpu", ", the busiest first" },
		{ "mem", ", the largest first" },
		{ "name", ", by name" },
		{ "tree", ", each behind its parent" },
	};
	const char *order = smi_rec_str(r->summary, SM_KIND_SUMMARY,
					SMI_SUMMARY_PROCESS_ORDER);

	for (size_t i = 0; i < SMI_COUNT(order_words); i++) {
		if (strcmp(order_words[i].order, order) != 0)
			continue;
		*words = smi_tr(order_words[i].words);
		return SMI_ROWS_ALL;
	}
	*words = any_has(r, SMI_PROC_CPU_PERCENT) ? smi_tr(order_words[0].words)
		 : any_has(r, SMI_PROC_MEMORY_PERCENT)
			 ? smi_tr(order_words[1].words)
			 : "";
	return SMI_ROWS_HOGS;
}

static int each(struct rows *rows, smi_record_fn fn)
{
	const struct smi_render *r = rows->r;

	rows->n = 0;
	if (rows->which == SMI_ROWS_HOGS)
		return each_hog(r, fn, rows);
	return smi_report_each(r->report, rows->table.kind,
			       r->style->min_severity, fn, rows);
}

/* A line behind the table. */
static void add_remark(struct rows *rows, const char *text, uint64_t n)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf clean = { 0 };
	bool html = rows->table.look == SMI_TABLE_HTML;
	struct smi_buf *b = &rows->r->sink->buf;
	char count[SMI_COUNT_STRLEN];

	smi_people_say(&clean, text, "count", smi_count_text(count, n));
	if (html) {
		smi_buf_str(b, "<p>");
		smi_esc_html(b, smi_buf_span(&clean));
		smi_buf_str(b, "</p>\n");
	} else {
		smi_esc_term(b, smi_buf_span(&clean));
		smi_buf_char(b, '\n');
	}
	b->failed |= clean.failed;
}

static int add_table(struct rows *rows)
{
	struct smi_render *r = rows->r;
	struct smi_buf *b = &r->sink->buf;
	int rc = each(rows, measure);

	if (rc)
		return rc;
	if (!rows->n) {
		if (!rows->unknown)
			add_remark(rows, "none", 0);
		return 0;
	}
	smi_table_fit(&rows->table);
	smi_table_header(&rows->table, b);
	rc = each(rows, add_row);
	smi_table_end(&rows->table, b);
	if (rc == 0 && rows->max && rows->n > rows->max)
		add_remark(rows, "... and {count} more", rows->n - rows->max);
	return rc;
}

int smi_people_table(struct smi_render *r, int kind, enum smi_people_rows which,
		     size_t max)
{
	SMI_CLEANUP(done_rows)
	struct rows rows = { .r = r, .which = which, .max = max };
	struct smi_buf *b = &r->sink->buf;
	int rc;

	if (smi_table_init(&rows.table, kind, r->style) < 0)
		return smi_fail_nomem(r->ctx);
	rows.table.look = r->format == &smi_format_md	  ? SMI_TABLE_MD
			  : r->format == &smi_format_html ? SMI_TABLE_HTML
							  : SMI_TABLE_TEXT;
	rc = kind == SM_KIND_HOST
		     ? smi_report_each(r->report, kind, 0, count_unknown,
				       &rows.unknown)
		     : 0;
	if (rows.unknown <= UNKNOWN_MAX)
		rows.unknown = 0;
	if (rc == 0)
		rc = add_table(&rows);
	if (rc == 0 && rows.unknown) {
		/* else it would be a row */
		smi_buf_str(b, rows.table.look == SMI_TABLE_MD && rows.n ? "\n"
									 : "");
		/* more than UNKNOWN_MAX */
		add_remark(&rows, "{count} hosts gave no answer: state unknown",
			   rows.unknown);
	}
	return rc;
}
