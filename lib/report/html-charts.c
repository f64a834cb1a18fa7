/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "report/html.h"
#include "report/layout.h"

/* Which charts there are, and what goes into each. None is drawn of nothing. */
static const char *const severities[SMI_HTML_NSEVERITIES] = { "critical",
							      "high", "medium",
							      "low", "info" };

static size_t severity_of(const sm_record *finding)
{
	int64_t code = smi_rec_int(finding, SM_KIND_FINDING,
				   SMI_FINDING_SEVERITY_CODE);

	code = SMI_MIN(SMI_MAX(code, SM_SEV_INFO), SM_SEV_CRITICAL);
	return (size_t)(SM_SEV_CRITICAL - code) / 10;
}

const char *smi_html_severity(const sm_record *finding)
{
	return severities[severity_of(finding)];
}

static void note_others(struct smi_chart *c, uint64_t n, const char *what)
{
	if (n)
		snprintf(c->note, sizeof(c->note), "%llu more of %s.",
			 (unsigned long long)n, what);
}

#define YEAR_1900 (INT64_C(-2208988800) * SMI_SEC)
#define YEAR_2100 (INT64_C(4102444800) * SMI_SEC)

/* When a finding was, or SM_TIME_NONE; so before 1900, when no log was written: the
 * differences of what is left can be counted in ns. */
static int64_t time_of(const sm_record *f)
{
	int64_t t = smi_rec_time(f, SM_KIND_FINDING, SMI_FINDING_LAST);

	if (t == SM_TIME_NONE)
		t = smi_rec_time(f, SM_KIND_FINDING, SMI_FINDING_FIRST);
	return t < YEAR_1900 || t > YEAR_2100 ? SM_TIME_NONE : t;
}

static int64_t floor_to(int64_t t, int64_t step)
{
	return t - (t % step + step) % step;
}

/* How many hours a column stands for, so that all fit. */
static int64_t step_for(int64_t from, int64_t to)
{
	static const int64_t hours[] = { 1, 2, 3, 6, 12, 24, 72, 168, 720 };
	int64_t step = 3600 * SMI_SEC;

	for (size_t i = 0; i < SMI_COUNT(hours); i++) {
		step = hours[i] * 3600 * SMI_SEC;
		if (to / step - from / step < SMI_CHART_ROWS - 1)
			return step;
	}
	while (to / step - from / step >= SMI_CHART_ROWS - 1)
		step *= 2;
	return step;
}

static void add_hours(struct smi_chart *c, int64_t from, int64_t to,
		      int64_t step)
{
	char text[SMI_TIME_STRLEN];

	from = floor_to(from, step);
	for (int64_t t = from; t <= to; t += step)
		smi_chart_add(c, smi_time_format(t, text));
	if (step == 3600 * SMI_SEC)
		snprintf(c->note, sizeof(c->note),
			 "A column is an hour; times are UTC.");
	else
		snprintf(c->note, sizeof(c->note),
			 "A column is %lld hours; times are UTC.",
			 (long long)(step / (3600 * SMI_SEC)));
}

static int draw_findings(struct smi_render *r, struct smi_chart *c)
{
	const struct smi_html *h = r->state;
	int64_t from = INT64_MAX, to = INT64_MIN, step;

	for (size_t i = 0; i < h->nfindings; i++) {
		int64_t t = time_of(h->findings[i]);

		if (t == SM_TIME_NONE)
			continue;
		from = SMI_MIN(from, t);
		to = SMI_MAX(to, t);
	}
	if (from > to)
		return 0;
	smi_chart_start(c, "when", "Findings by hour and severity", "From");
	for (size_t i = 0; i < SMI_HTML_NSEVERITIES; i++)
		smi_chart_column(c, severities[i], severities[i]);
	step = step_for(from, to);
	add_hours(c, from, to, step);
	for (size_t i = 0; i < h->nfindings; i++) {
		int64_t t = time_of(h->findings[i]);
		int64_t at;

		if (t == SM_TIME_NONE)
			continue;
		at = (t - floor_to(from, step)) / step;
		if (at < (int64_t)c->nrows)
			c->row[at].v[severity_of(h->findings[i])]++;
	}
	smi_chart_times(&r->sink->buf, c);
	return 0;
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
	smi_chart_column(c, "Events", "high");
	smi_html_top_order(top, order);
	for (size_t i = 0; i < top->n; i++)
		smi_chart_add(c, top->v[order[i]].key)->v[0] =
			(double)top->v[order[i]].n;
	note_others(c, top->others, "other addresses");
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
		struct smi_chart_row *row = smi_chart_add(c, days[d]);

		for (size_t i = 0; row && i < 24; i++)
			row->v[i] = (double)h->events.logins[login][d][i];
	}
	snprintf(c->note, sizeof(c->note), "%llu in all; hours are UTC.",
		 (unsigned long long)h->events.nlogins[login]);
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
	note_others(c, e->users.others, "other users");
	smi_chart_grid(&r->sink->buf, c);
	return 0;
}

static const struct {
	const char *state, *class;
	unsigned host; /* the field of a host that counts them */
} states[] = {
	{ "open", "good", SMI_HOST_OPEN },
	{ "listening", "low", 0 },
	{ "open|filtered", "odd", SMI_HOST_OPEN_FILTERED },
	{ "filtered", "medium", SMI_HOST_FILTERED },
	{ "closed", "idle", SMI_HOST_CLOSED },
};

static struct smi_chart_row *host_row(struct smi_chart *c, const char *address)
{
	char label[SMI_HTML_KEY];

	smi_html_key(label, *address ? address : "this machine");
	for (size_t i = c->nrows; i; i--)
		if (!strcmp(c->row[i - 1].label, label))
			return &c->row[i - 1];
	if (c->nrows < SMI_HTML_SHOWN)
		return smi_chart_add(c, label);
	return c->nrows == SMI_HTML_SHOWN ? smi_chart_add(c, "other hosts")
					  : &c->row[SMI_HTML_SHOWN];
}

/* Hosts know of ports that are no records, too. */
static int count_host(const sm_record *rec, void *user)
{
	struct smi_chart_row *row;
	bool any = false;

	for (size_t i = 0; i < SMI_COUNT(states); i++)
		any |= states[i].host &&
		       smi_rec_int(rec, SM_KIND_HOST, states[i].host) > 0;
	if (!any)
		return 0;
	row = host_row(user, smi_rec_str(rec, SM_KIND_HOST, SMI_HOST_ADDRESS));
	for (size_t i = 0; i < SMI_COUNT(states); i++)
		if (states[i].host)
			row->v[i] += (double)smi_rec_int(rec, SM_KIND_HOST,
							 states[i].host);
	return 0;
}

struct ports {
	struct smi_chart *chart;
	bool hosts;
};

static int count_port(const sm_record *rec, void *user)
{
	const char *state = smi_rec_str(rec, SM_KIND_PORT, SMI_PORT_STATE);
	struct ports *p = user;

	for (size_t i = 0; i < SMI_COUNT(states); i++)
		if (!strcmp(states[i].state, state) &&
		    (!p->hosts || !states[i].host))
			host_row(p->chart, smi_rec_str(rec, SM_KIND_PORT,
						       SMI_PORT_ADDRESS))
				->v[i]++;
	return 0;
}

static int draw_ports(struct smi_render *r, struct smi_chart *c)
{
	struct ports p = { c, false };
	int rc;

	smi_chart_start(c, "ports", "Ports by host and state", "Host");
	for (size_t i = 0; i < SMI_COUNT(states); i++)
		smi_chart_column(c, states[i].state, states[i].class);
	rc = smi_report_each(r->report, SM_KIND_HOST, 0, count_host, c);
	p.hosts = c->nrows;
	if (rc == 0)
		rc = smi_report_each(r->report, SM_KIND_PORT, 0, count_port,
				     &p);
	if (rc == 0 && c->nrows)
		smi_chart_bars(&r->sink->buf, c);
	return rc;
}

/* The processes with the most of a percentage, highest first. */
struct hogs {
	const sm_record *v[SMI_HTML_SHOWN];
	size_t n;
	unsigned field;
};

static int add_hog(const sm_record *rec, void *user)
{
	struct hogs *h = user;
	double v = smi_rec_real(rec, SM_KIND_PROCESS, h->field);
	size_t i;

	/* less than what one decimal shows */
	if (!(v >= 0.05))
		return 0;
	if (h->n < SMI_HTML_SHOWN)
		h->n++;
	else if (smi_rec_real(h->v[h->n - 1], SM_KIND_PROCESS, h->field) >= v)
		return 0;
	for (i = h->n - 1;
	     i && smi_rec_real(h->v[i - 1], SM_KIND_PROCESS, h->field) < v; i--)
		h->v[i] = h->v[i - 1];
	h->v[i] = rec;
	return 0;
}

static int draw_hog(struct smi_render *r, struct smi_chart *c, unsigned field,
		    const char *id, const char *title, const char *class)
{
	struct hogs h = { .field = field };
	char label[SMI_HTML_KEY];
	int rc = smi_report_each(r->report, SM_KIND_PROCESS, 0, add_hog, &h);

	if (rc || !h.n)
		return rc;
	smi_chart_start(c, id, title, "Process");
	smi_chart_column(c, "Percent", class);
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
		const char *tactic =
			smi_html_tactic(f->v[SMI_FINDING_ATTACK].strs->v[i]);
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
		c->row[row].v[severity_of(f)]++;
	}
}

static int draw_tactics(struct smi_render *r, struct smi_chart *c)
{
	const struct smi_html *h = r->state;

	smi_chart_start(c, "tactics", "ATT&amp;CK tactics of the findings",
			"Tactic");
	for (size_t i = 0; i < SMI_HTML_NSEVERITIES; i++)
		smi_chart_column(c, severities[i], severities[i]);
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
		host_row(c, smi_rec_str(rec, k, SMI_COVERAGE_SOURCE));
	const double known[] = {
		(double)smi_rec_int(rec, k, SMI_COVERAGE_MATCHED),
		(double)smi_rec_int(rec, k, SMI_COVERAGE_HARMLESS),
		(double)smi_rec_int(rec, k, SMI_COVERAGE_UNPARSED),
		(double)smi_rec_int(rec, k, SMI_COVERAGE_SKIPPED),
	};
	double rest = (double)smi_rec_int(rec, k, SMI_COVERAGE_LINES);

	if (c->nrows > SMI_HTML_SHOWN)
		snprintf(c->row[SMI_HTML_SHOWN].label, SMI_HTML_KEY,
			 "other logs");
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

static int count_span(const sm_record *rec, void *user)
{
	int k = SM_KIND_COVERAGE;
	struct smi_chart *c = user;
	int64_t first = smi_rec_time(rec, k, SMI_COVERAGE_FIRST);
	int64_t last = smi_rec_time(rec, k, SMI_COVERAGE_LAST);
	struct smi_chart_row *row;

	if (first == SM_TIME_NONE || last == SM_TIME_NONE ||
	    c->nrows == SMI_HTML_SHOWN)
		return 0;
	row = smi_chart_add(c, smi_rec_str(rec, k, SMI_COVERAGE_SOURCE));
	row->v[0] = (double)(first / SMI_SEC);
	row->v[1] = (double)(last / SMI_SEC);
	return 0;
}

static int draw_coverage(struct smi_render *r, struct smi_chart *c)
{
	size_t n = sm_report_size(r->report, SM_KIND_COVERAGE);
	int rc;

	if (!n)
		return 0;
	smi_chart_start(c, "coverage", "What was read, in lines", "Log");
	smi_chart_column(c, "a rule took it", "high");
	smi_chart_column(c, "known to be harmless", "good");
	smi_chart_column(c, "no rule took it", "idle");
	smi_chart_column(c, "not understood", "medium");
	smi_chart_column(c, "skipped", "critical");
	rc = smi_report_each(r->report, SM_KIND_COVERAGE, 0, count_read, c);
	if (rc)
		return rc;
	smi_chart_bars(&r->sink->buf, c);
	smi_chart_start(c, "spans", "From when to when each log tells", "Log");
	rc = smi_report_each(r->report, SM_KIND_COVERAGE, 0, count_span, c);
	if (rc || !c->nrows)
		return rc;
	if (n > c->nrows)
		snprintf(c->note, sizeof(c->note),
			 "%zu more logs are below, or have no times.",
			 n - c->nrows);
	smi_chart_spans(&r->sink->buf, c);
	return 0;
}

int smi_html_charts(struct smi_render *r)
{
	static int (*const charts[])(struct smi_render *,
				     struct smi_chart *) = {
		draw_findings, draw_sources, draw_logins, draw_matrix,
		draw_tactics,  draw_ports,   draw_hogs,	  draw_coverage
	};
	struct smi_html *h = r->state;
	struct smi_buf *b = &r->sink->buf;
	int rc = smi_html_count_events(r, &h->events);
	size_t before = b->len, begun;

	smi_buf_str(b, "<h2 id=\"charts\">At a glance</h2>\n"
		       "<div class=\"charts\">\n");
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
