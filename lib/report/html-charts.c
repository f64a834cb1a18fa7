/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "report/html.h"
#include "report/layout.h"

/* Which charts there are, and what goes into each. None is drawn of nothing. */
const char *const smi_html_severities[SMI_HTML_NSEVERITIES] = {
	"critical", "high", "medium", "low", "info"
};

size_t smi_html_severity_index(const sm_record *finding)
{
	int64_t code = smi_rec_int(finding, SM_KIND_FINDING,
				   SMI_FINDING_SEVERITY_CODE);

	code = SMI_MIN(SMI_MAX(code, SM_SEV_INFO), SM_SEV_CRITICAL);
	return (size_t)(SM_SEV_CRITICAL - code) / 10;
}

const char *smi_html_severity(const sm_record *finding)
{
	return smi_html_severities[smi_html_severity_index(finding)];
}

static void note_count(struct smi_chart *c, uint64_t n, const char *text)
{
	char count[24];

	snprintf(count, sizeof(count), "%llu", (unsigned long long)n);
	if (n)
		smi_chart_note(c, text, "count", count);
}

static int draw_sources(struct smi_render *r, struct smi_chart *c)
{
	const struct smi_html *h = r->state;
	const struct smi_html_top *top = &h->events.sources;
	size_t order[SMI_HTML_SHOWN];

	if (!top->n)
		return 0;
	smi_chart_start(c, "sources", "Top sources of failures and attacks",
			"Address");
	smi_chart_column(c, smi_tr("Events"), "high");
	smi_html_top_order(top, order);
	for (size_t i = 0; i < top->n; i++)
		smi_chart_add(c, top->v[order[i]].key)->v[0] =
			(double)top->v[order[i]].n;
	note_count(c, top->others, "{count} more of other addresses.");
	smi_chart_bars(&r->sink->buf, c);
	return 0;
}

static void draw_week(struct smi_render *r, struct smi_chart *c, int login)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu",
					    "Fri", "Sat", "Sun" };
	const struct smi_html *h = r->state;
	char hour[16];

	if (!h->events.nlogins[0] && !h->events.nlogins[1])
		return;
	smi_chart_start(c, login ? "accepted" : "failed",
			login ? "Accepted logins by day and hour"
			      : "Failed logins by day and hour",
			"Day");
	for (int i = 0; i < 24; i++) {
		snprintf(hour, sizeof(hour), "%02d", i);
		smi_chart_column(c, hour, login ? "low" : "high");
	}
	for (size_t d = 0; d < 7; d++) {
		struct smi_chart_row *row = smi_chart_add(c, smi_tr(days[d]));

		for (size_t i = 0; row && i < 24; i++)
			row->v[i] = (double)h->events.logins[login][d][i];
	}
	if (!h->events.nlogins[login])
		smi_chart_note(c, "{count} in all; hours are UTC.", "count",
			       "0");
	note_count(c, h->events.nlogins[login],
		   "{count} in all; hours are UTC.");
	smi_chart_grid(&r->sink->buf, c);
}

static int draw_logins(struct smi_render *r, struct smi_chart *c)
{
	draw_week(r, c, 0);
	draw_week(r, c, 1);
	return 0;
}

static int draw_matrix(struct smi_render *r, struct smi_chart *c)
{
	const struct smi_html *h = r->state;
	const struct smi_html_events *e = &h->events;
	size_t users[SMI_HTML_SHOWN], sources[SMI_HTML_SHOWN];

	if (!e->users.n || !e->sources.n)
		return 0;
	smi_chart_start(c, "matrix", "Failed logins by user and source",
			"User");
	smi_html_top_order(&e->users, users);
	smi_html_top_order(&e->sources, sources);
	for (size_t k = 0; k < e->sources.n; k++)
		smi_chart_column(c, e->sources.v[sources[k]].key, "high");
	for (size_t i = 0; i < e->users.n; i++) {
		struct smi_chart_row *row =
			smi_chart_add(c, e->users.v[users[i]].key);

		for (size_t k = 0; row && k < e->sources.n; k++)
			row->v[k] = (double)e->matrix[users[i]][sources[k]];
	}
	note_count(c, e->users.others, "{count} more of other users.");
	smi_chart_grid(&r->sink->buf, c);
	return 0;
}

/* The records with the most of a number, highest first. */
struct largest {
	const sm_record *v[SMI_HTML_SHOWN];
	size_t n;
	int kind;
	unsigned field;
	double least;
};

static double value_of(const struct largest *l, const sm_record *rec)
{
	return smi_kind(l->kind)->fields[l->field].type == SM_TYPE_REAL
		       ? smi_rec_real(rec, l->kind, l->field)
		       : (double)smi_rec_int(rec, l->kind, l->field);
}

static int add_large(const sm_record *rec, void *user)
{
	struct largest *l = user;
	double v = value_of(l, rec);
	size_t i;

	if (!(v >= l->least))
		return 0;
	if (l->n < SMI_HTML_SHOWN)
		l->n++;
	else if (value_of(l, l->v[l->n - 1]) >= v)
		return 0;
	for (i = l->n - 1; i && value_of(l, l->v[i - 1]) < v; i--)
		l->v[i] = l->v[i - 1];
	l->v[i] = rec;
	return 0;
}

static int draw_hog(struct smi_render *r, struct smi_chart *c, unsigned field,
		    const char *id, const char *title, const char *class)
{
	/* not less than what one decimal shows */
	struct largest h = { .kind = SM_KIND_PROCESS,
			     .field = field,
			     .least = 0.05 };
	char label[SMI_HTML_KEY];
	int rc = smi_report_each(r->report, SM_KIND_PROCESS, 0, add_large, &h);

	if (rc || !h.n)
		return rc;
	smi_chart_start(c, id, title, "Process");
	smi_chart_column(c, smi_tr("Percent"), class);
	c->decimals = 1;
	for (size_t i = 0; i < h.n; i++) {
		snprintf(label, sizeof(label), "%lld %s",
			 (long long)smi_rec_int(h.v[i], SM_KIND_PROCESS,
						SMI_PROC_PID),
			 smi_rec_str(h.v[i], SM_KIND_PROCESS, SMI_PROC_NAME));
		smi_chart_add(c, label)->v[0] =
			smi_rec_real(h.v[i], SM_KIND_PROCESS, field);
	}
	smi_chart_bars(&r->sink->buf, c);
	return 0;
}

static int draw_hogs(struct smi_render *r, struct smi_chart *c)
{
	int rc = draw_hog(r, c, SMI_PROC_CPU_PERCENT, "cpu",
			  "Processor by process, percent of one", "medium");

	return rc ? rc
		  : draw_hog(r, c, SMI_PROC_MEMORY_PERCENT, "memory",
			     "Memory by process, percent", "odd");
}

/* A finding counts once for each tactic. */
static void count_tactics(struct smi_chart *c, const sm_record *f)
{
	size_t n = sm_record_field_nitems(f, SMI_FINDING_ATTACK);
	const char *told[8];
	size_t ntold = 0;

	for (size_t i = 0; i < n && ntold < SMI_COUNT(told); i++) {
		const char *tactic = smi_tr(
			smi_html_tactic(f->v[SMI_FINDING_ATTACK].strs->v[i]));
		size_t k = 0, row = 0;

		while (k < ntold && told[k] != tactic)
			k++;
		if (k < ntold)
			continue;
		told[ntold++] = tactic;
		while (row < c->nrows && strcmp(c->row[row].label, tactic) != 0)
			row++;
		if (row == c->nrows && !smi_chart_add(c, tactic))
			continue;
		c->row[row].v[smi_html_severity_index(f)]++;
	}
}

static int draw_tactics(struct smi_render *r, struct smi_chart *c)
{
	const struct smi_html *h = r->state;

	smi_chart_start(c, "tactics", "ATT&CK tactics of the findings",
			"Tactic");
	for (size_t i = 0; i < SMI_HTML_NSEVERITIES; i++)
		smi_chart_column(c, smi_tr(smi_html_severities[i]),
				 smi_html_severities[i]);
	for (size_t i = 0; i < h->nfindings; i++)
		if (smi_rec_has(h->findings[i], SMI_FINDING_ATTACK))
			count_tactics(c, h->findings[i]);
	if (c->nrows)
		smi_chart_bars(&r->sink->buf, c);
	return 0;
}

static int count_read(const sm_record *rec, void *user)
{
	int k = SM_KIND_COVERAGE;
	struct smi_chart *c = user;
	struct smi_chart_row *row =
		smi_chart_named(c, smi_rec_str(rec, k, SMI_COVERAGE_SOURCE),
				smi_tr("other logs"));
	const double known[] = {
		(double)smi_rec_int(rec, k, SMI_COVERAGE_MATCHED),
		(double)smi_rec_int(rec, k, SMI_COVERAGE_HARMLESS),
		(double)smi_rec_int(rec, k, SMI_COVERAGE_UNPARSED),
		(double)smi_rec_int(rec, k, SMI_COVERAGE_SKIPPED),
	};
	double rest = (double)smi_rec_int(rec, k, SMI_COVERAGE_LINES);

	for (size_t i = 0; i < SMI_COUNT(known); i++)
		rest -= i != 1 ? known[i] : 0;
	/* what is harmless was matched, too */
	row->v[0] += SMI_MAX(known[0] - known[1], 0);
	row->v[1] += known[1];
	row->v[2] += SMI_MAX(rest, 0);
	row->v[3] += known[2];
	row->v[4] += known[3];
	return 0;
}

static double seconds(const sm_record *rec, unsigned field)
{
	int64_t t = smi_rec_time(rec, SM_KIND_COVERAGE, field);

	return t == SM_TIME_NONE ? 0 : (double)(t / SMI_SEC);
}

static void add_span(struct smi_chart *c, const sm_record *rec)
{
	static const unsigned fields[] = { SMI_COVERAGE_FIRST,
					   SMI_COVERAGE_LAST,
					   SMI_COVERAGE_SILENT_FROM,
					   SMI_COVERAGE_SILENT_TO };
	struct smi_chart_row *row;

	if (smi_rec_time(rec, SM_KIND_COVERAGE, fields[0]) == SM_TIME_NONE ||
	    smi_rec_time(rec, SM_KIND_COVERAGE, fields[1]) == SM_TIME_NONE)
		return;
	row = smi_chart_add(
		c, smi_rec_str(rec, SM_KIND_COVERAGE, SMI_COVERAGE_SOURCE));
	for (size_t i = 0; row && i < SMI_COUNT(fields); i++)
		row->v[i] = seconds(rec, fields[i]);
}

static void draw_spans(struct smi_render *r, struct smi_chart *c,
		       const struct largest *logs)
{
	size_t n = sm_report_size(r->report, SM_KIND_COVERAGE);

	smi_chart_start(c, "spans", "From when to when each log tells", "Log");
	for (size_t i = 0; i < logs->n; i++)
		add_span(c, logs->v[i]);
	if (!c->nrows)
		return;
	smi_chart_note(c,
		       "Faint: the longest time without a line, from an hour "
		       "on.",
		       "");
	note_count(c, n - SMI_MIN(n, c->nrows),
		   " {count} more logs are below, or have no times.");
	smi_chart_spans(&r->sink->buf, c);
}

static int draw_coverage(struct smi_render *r, struct smi_chart *c)
{
	struct largest logs = { .kind = SM_KIND_COVERAGE,
				.field = SMI_COVERAGE_LINES };
	int rc = smi_report_each(r->report, SM_KIND_COVERAGE, 0, add_large,
				 &logs);

	if (rc || !logs.n)
		return rc;
	smi_chart_start(c, "coverage", "What was read, in lines", "Log");
	smi_chart_column(c, smi_tr("a rule took it"), "high");
	smi_chart_column(c, smi_tr("known to be harmless"), "good");
	smi_chart_column(c, smi_tr("no rule took it"), "idle");
	smi_chart_column(c, smi_tr("not understood"), "medium");
	smi_chart_column(c, smi_tr("skipped"), "critical");
	for (size_t i = 0; i < logs.n; i++)
		smi_chart_named(c,
				smi_rec_str(logs.v[i], SM_KIND_COVERAGE,
					    SMI_COVERAGE_SOURCE),
				"");
	rc = smi_report_each(r->report, SM_KIND_COVERAGE, 0, count_read, c);
	if (rc)
		return rc;
	smi_chart_bars(&r->sink->buf, c);
	draw_spans(r, c, &logs);
	return 0;
}

int smi_html_charts(struct smi_render *r)
{
	static int (*const charts[])(struct smi_render *,
				     struct smi_chart *) = {
		smi_html_since, smi_html_when, draw_sources,
		draw_logins,	draw_matrix,   draw_tactics,
		smi_html_ports, draw_hogs,     draw_coverage
	};
	struct smi_html *h = r->state;
	struct smi_buf *b = &r->sink->buf;
	int rc = smi_html_count_events(r, &h->events);
	size_t before = b->len, begun;

	smi_buf_str(b, "<h2 id=\"charts\">");
	smi_html_tr(b, "At a glance");
	smi_buf_str(b, "</h2>\n<div class=\"charts\">\n");
	begun = b->len;
	for (size_t i = 0; rc == 0 && i < SMI_COUNT(charts); i++)
		rc = charts[i](r, &h->chart);
	if (b->len == begun) {
		b->len = before;
		return rc;
	}
	smi_buf_str(b, "</div>\n");
	return rc ? rc : smi_sink_push(r->sink);
}
