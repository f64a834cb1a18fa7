/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "report/html.h"

/*
 * When findings were. What a run sees now (its processes, its ports) and what logs
 * tell of last month do not fit on one scale: what is of the run itself has a column
 * of its own behind the others. What is far from most of the rest is left out, and
 * counted.
 */
#define HOUR	  (3600 * SMI_SEC)
#define DAY	  (24 * HOUR)
#define COLUMNS	  (SMI_CHART_ROWS - 2) /* behind them: a gap and the run */
#define YEAR_1900 (INT64_C(-2208988800) * SMI_SEC)
#define YEAR_2100 (INT64_C(4102444800) * SMI_SEC)

struct when {
	const struct smi_html *h;
	int64_t run; /* its start */
	int64_t *v;  /* of what is not of the run, sorted */
	size_t n, earlier, later, now, untimed;
	int64_t from, to, step;
};

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

static int compare(const void *va, const void *vb)
{
	int64_t a = *(const int64_t *)va, b = *(const int64_t *)vb;

	return a < b ? -1 : a > b;
}

/* Whether it tells of what the run saw itself, at whatever time that began. */
static bool is_now(const struct when *w, const sm_record *f, int64_t t)
{
	size_t n = sm_record_field_nitems(f, SMI_FINDING_EVIDENCE);

	for (size_t i = 0; i < n; i++) {
		int kind = sm_record_kind(
			sm_record_field_record(f, SMI_FINDING_EVIDENCE, i));

		if (kind == SM_KIND_PROCESS || kind == SM_KIND_PORT ||
		    kind == SM_KIND_HOST)
			return true;
	}
	return t >= w->run && t - w->run < DAY;
}

static void gather(struct when *w)
{
	for (size_t i = 0; i < w->h->nfindings; i++) {
		const sm_record *f = w->h->findings[i];
		int64_t t = time_of(f);

		if (t == SM_TIME_NONE)
			w->untimed++;
		else if (is_now(w, f, t))
			w->now++;
		else
			w->v[w->n++] = t;
	}
	if (w->n)
		qsort(w->v, w->n, sizeof(*w->v), compare);
}

static bool fits(int64_t from, int64_t to, int64_t step)
{
	return (floor_to(to, step) - floor_to(from, step)) / step < COLUMNS;
}

/* The step of at most a day with which all fit; else 0. */
static int64_t short_step(const struct when *w, size_t first, size_t last)
{
	static const int64_t hours[] = { 1, 2, 3, 6, 12, 24 };

	for (size_t i = 0; i < SMI_COUNT(hours); i++)
		if (fits(w->v[first], w->v[last], hours[i] * HOUR))
			return hours[i] * HOUR;
	return 0;
}

/* The span of days that has the most of them. */
static void densest(const struct when *w, size_t *first, size_t *last)
{
	size_t from = 0;

	*first = *last = 0;
	for (size_t i = 0; i < w->n; i++) {
		while (!fits(w->v[from], w->v[i], DAY))
			from++;
		if (i - from > *last - *first) {
			*first = from;
			*last = i;
		}
	}
}

static void choose(struct when *w)
{
	size_t first = 0, last = w->n - 1;
	int64_t days = 1;

	w->step = short_step(w, first, last);
	if (!w->step) {
		densest(w, &first, &last);
		if ((last - first + 1) * 10 >= w->n * 9) {
			w->step = short_step(w, first, last);
		} else {
			first = 0;
			last = w->n - 1;
		}
	}
	for (; !w->step; days *= 2)
		if (fits(w->v[first], w->v[last], days * DAY))
			w->step = days * DAY;
	w->earlier = first;
	w->later = w->n - 1 - last;
	w->from = floor_to(w->v[first], w->step);
	w->to = floor_to(w->v[last], w->step);
}

/* "2026-08-04", or "2026-08-04T10:00Z". */
static void add_row(struct smi_chart *c, int64_t t, int64_t step)
{
	char text[SMI_TIME_STRLEN], label[32];

	smi_time_format(t, text);
	snprintf(label, sizeof(label), step < DAY ? "%.16sZ" : "%.10s", text);
	smi_chart_add(c, label);
}

static void add_rows(const struct when *w, struct smi_chart *c)
{
	for (int64_t t = w->from; w->n && t <= w->to; t += w->step)
		add_row(c, t, w->step);
	if (w->now && w->n) {
		smi_chart_add(c, ""); /* a gap */
		smi_chart_add(c, smi_tr("this run"));
	} else if (w->now) {
		add_row(c, floor_to(w->run, HOUR), HOUR);
	}
}

static void count(const struct when *w, struct smi_chart *c)
{
	for (size_t i = 0; i < w->h->nfindings; i++) {
		const sm_record *f = w->h->findings[i];
		size_t severity = smi_html_severity_index(f);
		int64_t t = time_of(f);

		if (t == SM_TIME_NONE)
			continue;
		if (is_now(w, f, t))
			c->row[c->nrows - 1].v[severity]++;
		else if (floor_to(t, w->step) >= w->from &&
			 floor_to(t, w->step) <= w->to)
			c->row[(floor_to(t, w->step) - w->from) / w->step]
				.v[severity]++;
	}
}

static void note(struct smi_chart *c, size_t n, const char *text)
{
	char count[24];

	snprintf(count, sizeof(count), "%zu", n);
	if (n)
		smi_chart_note(c, text, "count", count);
}

static void add_note(const struct when *w, struct smi_chart *c)
{
	size_t hours = w->n ? (size_t)(w->step / HOUR) : 0;

	note(c, hours / 24,
	     hours == 24 ? "A column is {count} day; times are UTC."
			 : "A column is {count} days; times are UTC.");
	note(c, hours % 24,
	     hours == 1 ? "A column is {count} hour; times are UTC."
			: "A column is {count} hours; times are UTC.");
	note(c, w->n ? w->now : 0,
	     " The last one is what this run saw itself: {count}.");
	note(c, w->earlier, " Left out: {count} earlier.");
	note(c, w->later, " Left out: {count} later.");
	note(c, w->untimed, " Without a time: {count}.");
}

static void draw(struct smi_render *r, struct smi_chart *c, struct when *w)
{
	if (w->n)
		choose(w);
	smi_chart_start(c, "when",
			w->n && w->step >= DAY
				? "Findings by day and severity"
				: "Findings by hour and severity",
			"From");
	for (size_t i = 0; i < SMI_HTML_NSEVERITIES; i++)
		smi_chart_column(c, smi_tr(smi_html_severities[i]),
				 smi_html_severities[i]);
	add_rows(w, c);
	count(w, c);
	add_note(w, c);
	smi_chart_times(&r->sink->buf, c);
}

int smi_html_when(struct smi_render *r, struct smi_chart *c)
{
	struct when w = { .h = r->state };

	w.run = smi_rec_time(r->summary, SM_KIND_SUMMARY, SMI_SUMMARY_START);
	if (w.run < YEAR_1900 || w.run > YEAR_2100)
		w.run = r->generated;
	w.v = smi_realloc_array(NULL, SMI_MAX(w.h->nfindings, 1), sizeof(*w.v));
	if (!w.v)
		return smi_fail_nomem(r->ctx);
	gather(&w);
	if (w.n || w.now)
		draw(r, c, &w);
	free(w.v);
	return 0;
}
