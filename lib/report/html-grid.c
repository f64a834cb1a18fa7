/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "report/escape.h"
#include "report/html-draw.h"
#include "report/layout.h"

/* Charts of fields: values by two things, and times of several logs. */

static double most_in(const struct smi_chart *c)
{
	double most = 0;

	for (size_t i = 0; i < c->nrows; i++)
		for (size_t k = 0; k < c->ncolumns; k++)
			most = SMI_MAX(most, c->row[i].v[k]);
	return most;
}

#define NAME_MAX 13 /* columns of a name before its row */
#define HEAD_MAX 15 /* columns of a name that stands askew */

/* Addresses of one network differ at their end. */
static void add_head(struct smi_buf *b, const char *name)
{
	size_t len = strlen(name), tail = 7;

	if (len > HEAD_MAX && strspn(name, "0123456789abcdef:.") == len) {
		smi_esc_html(b, smi_span_of(name, HEAD_MAX - 1 - tail));
		smi_buf_str(b, "\342\200\246");
		name += len - tail;
	}
	smi_draw_short(b, name, HEAD_MAX);
}

/* Hours are far more than fit: each sixth. Names stand askew. */
static void add_heads(struct smi_buf *b, const struct smi_chart *c, double left,
		      double step, double top)
{
	bool askew = c->ncolumns < SMI_CHART_COLUMNS;

	for (size_t k = 0; k < c->ncolumns; k += askew ? 1 : 6) {
		double x = left + step * (double)k + (askew ? step / 2 : 0);

		smi_buf_str(b, "<text class=\"dim\" transform=\"translate(");
		smi_buf_real(b, x, 1);
		smi_buf_char(b, ' ');
		smi_buf_real(b, top - 4, 1);
		smi_buf_printf(b, ")%s\">", askew ? " rotate(-50)" : "");
		add_head(b, c->column[k]);
		smi_buf_str(b, "</text>\n");
	}
}

static void add_cell(struct smi_buf *b, const char *class, double share,
		     double x, double y, double step)
{
	char name[32];
	int q = share > 0.8 ? 5 : 1 + (int)(share * 5);

	snprintf(name, sizeof(name), "k-%s q%d", class, q);
	if (share > 0)
		smi_draw_rect(b, name, x, y, step - 2, 16);
	else
		smi_draw_rect(b, "bed", x, y, step - 2, 16);
	smi_buf_str(b, "/>\n");
}

/* A name may be as wide as it wants: the row is drawn over what is beyond its room, and
 * the whole of it is shown to who points at it. */
static void add_name(struct smi_buf *b, double y, double room, const char *name)
{
	smi_buf_str(b, "<g><title>");
	smi_html_text(b, name);
	smi_buf_str(b, "</title>");
	smi_draw_label(b, "", 0, y + 12, "start", name, NAME_MAX);
	smi_buf_str(b, "</g>\n");
	smi_draw_rect(b, "paper", room, y, SMI_DRAW_WIDE - room, 18);
	smi_buf_str(b, "/>\n");
}

void smi_chart_grid(struct smi_buf *b, const struct smi_chart *c)
{
	bool hours = c->ncolumns == SMI_CHART_COLUMNS;
	double left = hours ? SMI_DRAW_LEFT : 92, top = hours ? 16 : 84;
	double room = SMI_DRAW_WIDE - left - (hours ? 0 : 40);
	double step = SMI_MIN(room / (double)c->ncolumns, 30);
	double most = SMI_MAX(most_in(c), 1);
	char most_text[SMI_COUNT_STRLEN];

	smi_draw_begin(b, c, top + 18 * (double)c->nrows);
	add_heads(b, c, left, step, top);
	for (size_t i = 0; i < c->nrows; i++) {
		double y = top + 18 * (double)i;

		if (hours)
			smi_draw_label(b, "dim", left - 5, y + 12, "end",
				       c->row[i].label, 5);
		else
			add_name(b, y, left - 4, c->row[i].label);
		for (size_t k = 0; k < c->ncolumns; k++)
			add_cell(b, c->class[k], c -> row[i].v[k] / most,
				 left + step * (double)k, y, step);
	}
	smi_buf_str(b, "</svg>\n");
	if (most_in(c) > 0) {
		smi_buf_str(b, "<p>");
		smi_html_say(
			b, "A stronger colour is more, up to {count}.", "count",
			smi_count_text(most_text, smi_draw_count(most_in(c))));
		smi_buf_str(b, "</p>\n");
	}
	smi_draw_values(b, c);
}

static void add_span_head(struct smi_buf *b, const char *head)
{
	smi_buf_str(b, "<th scope=\"col\">");
	smi_html_tr(b, head);
	smi_buf_str(b, "</th>");
}

static void add_span_rows(struct smi_buf *b, const struct smi_chart *c)
{
	static const char *const heads[] = { "First", "Last", "Silent from",
					     "Silent to" };

	for (size_t k = 0; k < SMI_COUNT(heads); k++)
		add_span_head(b, heads[k]);
	smi_buf_str(b, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < c->nrows; i++) {
		const double *v = c->row[i].v;

		smi_buf_str(b, "<tr><th scope=\"row\">");
		smi_html_text(b, c->row[i].label);
		smi_buf_str(b, "</th>");
		for (size_t k = 0; k < SMI_COUNT(heads); k++) {
			smi_buf_str(b, "<td class=\"t\">");
			if (k < 2 || v[3] > v[2])
				smi_layout_time(b, (int64_t)v[k] * SMI_SEC);
			smi_buf_str(b, "</td>");
		}
		smi_buf_str(b, "</tr>\n");
	}
	smi_draw_table_end(b);
}

static void add_ends(struct smi_buf *b, double from, double to, double y)
{
	smi_draw_text(b, "dim", 0, y, "start");
	smi_layout_time(b, (int64_t)from * SMI_SEC);
	smi_buf_str(b, "</text>\n");
	smi_draw_text(b, "dim", SMI_DRAW_WIDE, y, "end");
	smi_layout_time(b, (int64_t)to * SMI_SEC);
	smi_buf_str(b, "</text>\n");
}

static void add_span(struct smi_buf *b, const char *class, double y,
		     double from, double to)
{
	double x = from * SMI_DRAW_WIDE, width = to * SMI_DRAW_WIDE - x;

	width = SMI_MAX(width, 2);
	smi_draw_rect(b, class, SMI_MIN(x, SMI_DRAW_WIDE - width), y + 16,
		      width, 7);
	smi_buf_str(b, "/>\n");
}

void smi_chart_spans(struct smi_buf *b, const struct smi_chart *c)
{
	double from = c->row[0].v[0], to = c->row[0].v[1], high;

	for (size_t i = 0; i < c->nrows; i++) {
		from = SMI_MIN(from, c->row[i].v[0]);
		to = SMI_MAX(to, c->row[i].v[1]);
	}
	to = SMI_MAX(to, from + 1);
	high = 27 * (double)c->nrows;
	smi_draw_begin(b, c, high + 16);
	for (size_t i = 0; i < c->nrows; i++) {
		double y = 27 * (double)i;
		const double *v = c->row[i].v;

		smi_draw_label(b, "", 0, y + 11, "start", c->row[i].label, 52);
		smi_draw_rect(b, "bed", 0, y + 16, SMI_DRAW_WIDE, 7);
		smi_buf_str(b, "/>\n");
		add_span(b, "k-good", y, (v[0] - from) / (to - from),
			 (v[1] - from) / (to - from));
		if (v[3] > v[2])
			add_span(b, "gap", y, (v[2] - from) / (to - from),
				 (v[3] - from) / (to - from));
	}
	add_ends(b, from, to, high + 11);
	smi_buf_str(b, "</svg>\n");
	smi_draw_table(b, c);
	add_span_rows(b, c);
}
