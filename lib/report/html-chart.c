/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "report/escape.h"
#include "report/html.h"
#include "report/layout.h"

/*
 * Charts are drawn 360 units wide, which is a phone's width in pixels, and grow with
 * their card.
 */
#define WIDE  360
#define LEFT  34 /* labels of axes */
#define HIGH  110
#define CELLS 326 /* WIDE - LEFT */

void smi_html_text(struct smi_buf *b, const char *text)
{
	smi_esc_html(b, smi_span_str(text));
}

void smi_chart_start(struct smi_chart *c, const char *id, const char *title,
		     const char *first)
{
	*c = (struct smi_chart){ .id = id, .title = title, .first = first };
}

void smi_chart_column(struct smi_chart *c, const char *name, const char *class)
{
	if (c->ncolumns == SMI_CHART_COLUMNS)
		return;
	smi_html_key(c->column[c->ncolumns], name);
	c->class[c->ncolumns++] = class;
}

struct smi_chart_row *smi_chart_add(struct smi_chart *c, const char *label)
{
	struct smi_chart_row *row = &c->row[c->nrows];

	if (c->nrows == SMI_CHART_ROWS)
		return NULL;
	*row = (struct smi_chart_row){ .label = "" };
	smi_html_key(row->label, label);
	c->nrows++;
	return row;
}

static double sum_of(const struct smi_chart *c, size_t row)
{
	double sum = 0;

	for (size_t i = 0; i < c->ncolumns; i++)
		sum += c->row[row].v[i];
	return sum;
}

static double most_of(const struct smi_chart *c)
{
	double most = 0;

	for (size_t i = 0; i < c->nrows; i++)
		most = SMI_MAX(most, sum_of(c, i));
	return most > 0 ? most : 1;
}

static void add_value(struct smi_buf *b, const struct smi_chart *c, double v)
{
	if (c->decimals)
		smi_buf_real(b, v, c->decimals);
	else
		smi_layout_count(b, (uint64_t)v);
}

/* Text that fits into so many columns of a person's eye. */
static void add_short(struct smi_buf *b, const char *text, size_t columns)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf whole = { 0 }, cut = { 0 };

	smi_esc_term(&whole, smi_span_str(text));
	smi_layout_cut(&cut, smi_buf_span(&whole), columns);
	smi_esc_html(b, smi_buf_span(&cut));
	b->failed |= whole.failed | cut.failed;
}

static void begin(struct smi_buf *b, const struct smi_chart *c, double high)
{
	smi_buf_printf(b,
		       "<figure id=\"%s\"><figcaption>%s</figcaption>\n"
		       "<svg role=\"img\" aria-label=\"%s, as in the table "
		       "below\" viewBox=\"0 0 %d ",
		       c->id, c->title, c->title, WIDE);
	smi_buf_real(b, high, 0);
	smi_buf_str(b, "\">\n");
}

static void add_legend(struct smi_buf *b, const struct smi_chart *c)
{
	smi_buf_str(b, "<ul class=\"legend\">");
	for (size_t i = 0; i < c->ncolumns; i++) {
		smi_buf_printf(b, "<li><i class=\"k-%s\"></i>", c->class[i]);
		smi_html_text(b, c->column[i]);
		smi_buf_str(b, "</li>");
	}
	smi_buf_str(b, "</ul>\n");
}

static void add_rows(struct smi_buf *b, const struct smi_chart *c)
{
	for (size_t i = 0; i < c->nrows; i++) {
		smi_buf_str(b, "<tr><th scope=\"row\">");
		smi_html_text(b, c->row[i].label);
		smi_buf_str(b, "</th>");
		for (size_t k = 0; k < c->ncolumns; k++) {
			smi_buf_str(b, "<td class=\"n\">");
			add_value(b, c, c->row[i].v[k]);
			smi_buf_str(b, "</td>");
		}
		smi_buf_str(b, "</tr>\n");
	}
}

static void begin_table(struct smi_buf *b, const struct smi_chart *c)
{
	if (*c->note)
		smi_buf_printf(b, "<p>%s</p>\n", c->note);
	smi_buf_printf(b,
		       "<details><summary>Table</summary><div class=\"scroll\" "
		       "role=\"region\" tabindex=\"0\" aria-label=\"%s\">"
		       "<table>\n<thead><tr><th scope=\"col\">%s</th>",
		       c->title, c->first);
}

static void end_table(struct smi_buf *b)
{
	smi_buf_str(b, "</tbody></table></div></details></figure>\n");
}

static void end(struct smi_buf *b, const struct smi_chart *c, bool legend)
{
	smi_buf_str(b, "</svg>\n");
	if (legend)
		add_legend(b, c);
	begin_table(b, c);
	for (size_t k = 0; k < c->ncolumns; k++) {
		smi_buf_str(b, "<th scope=\"col\" class=\"n\">");
		smi_html_text(b, c->column[k]);
		smi_buf_str(b, "</th>");
	}
	smi_buf_str(b, "</tr></thead><tbody>\n");
	add_rows(b, c);
	end_table(b);
}

static void add_rect(struct smi_buf *b, const char *class, double x, double y,
		     double width, double high)
{
	const double at[] = { x, y, width, high };
	const char *const names[] = { "x", "y", "width", "height" };

	smi_buf_printf(b, "<rect class=\"%s\"", class);
	for (size_t i = 0; i < SMI_COUNT(at); i++) {
		smi_buf_printf(b, " %s=\"", names[i]);
		smi_buf_real(b, at[i], 2);
		smi_buf_char(b, '"');
	}
}

static void add_part(struct smi_buf *b, const char *class, double x, double y,
		     double width, double high)
{
	char name[32];

	snprintf(name, sizeof(name), "k-%s", class);
	add_rect(b, name, x, y, width, high);
}

static void begin_text(struct smi_buf *b, const char *class, double x, double y,
		       const char *anchor)
{
	smi_buf_printf(b, "<text class=\"%s\" text-anchor=\"%s\" x=\"", class,
		       anchor);
	smi_buf_real(b, x, 1);
	smi_buf_str(b, "\" y=\"");
	smi_buf_real(b, y, 1);
	smi_buf_str(b, "\">");
}

static void add_label(struct smi_buf *b, const char *class, double x, double y,
		      const char *anchor, const char *text, size_t columns)
{
	begin_text(b, class, x, y, anchor);
	add_short(b, text, columns);
	smi_buf_str(b, "</text>\n");
}

void smi_chart_bars(struct smi_buf *b, const struct smi_chart *c)
{
	double most = most_of(c);

	begin(b, c, 27 * (double)c->nrows);
	for (size_t i = 0; i < c->nrows; i++) {
		double x = 0, y = 27 * (double)i;

		add_label(b, "", 0, y + 11, "start", c->row[i].label, 44);
		begin_text(b, "num", WIDE, y + 11, "end");
		add_value(b, c, sum_of(c, i));
		smi_buf_str(b, "</text>\n");
		add_rect(b, "bed", 0, y + 16, WIDE, 7);
		smi_buf_str(b, "/>\n");
		for (size_t k = 0; k < c->ncolumns; k++) {
			double width = c->row[i].v[k] / most * WIDE;

			if (!(width > 0))
				continue;
			/* what is there can be seen */
			width = SMI_MAX(width, 1.5);
			width = SMI_MIN(width, WIDE - x);
			add_part(b, c->class[k], x, y + 16, width, 7);
			smi_buf_str(b, "/>\n");
			x += width;
		}
	}
	end(b, c, c->ncolumns > 1);
}

static void add_columns(struct smi_buf *b, const struct smi_chart *c)
{
	double most = most_of(c), step = CELLS / (double)c->nrows;
	double gap = step > 6 ? 2 : step > 3 ? 1 : 0;

	step = SMI_MIN(step, 40);
	for (size_t i = 0; i < c->nrows; i++) {
		double y = HIGH;

		for (size_t k = 0; k < c->ncolumns; k++) {
			double high = c->row[i].v[k] / most * (HIGH - 10);

			if (!(high > 0))
				continue;
			y -= high;
			add_part(b, c->class[k], LEFT + step * (double)i, y,
				 step - gap, high);
			smi_buf_str(b, "/>\n");
		}
	}
}

void smi_chart_times(struct smi_buf *b, const struct smi_chart *c)
{
	size_t last = c->nrows - 1;
	double step = SMI_MIN(CELLS / (double)c->nrows, 40);

	begin(b, c, HIGH + 20);
	smi_buf_printf(b,
		       "<path class=\"axis\" d=\"M%d %d.5H%dM%d 10.5H%d\"/>\n",
		       LEFT, HIGH, WIDE, LEFT, WIDE);
	begin_text(b, "dim num", LEFT - 5, 14, "end");
	add_value(b, c, most_of(c));
	smi_buf_str(b, "</text>\n");
	add_label(b, "dim num", LEFT - 5, HIGH, "end", "0", 2);
	add_columns(b, c);
	add_label(b, "dim", LEFT, HIGH + 15, "start", c->row[0].label, 20);
	if (last && step * (double)c->nrows > 250)
		add_label(b, "dim", LEFT + step * (double)c->nrows, HIGH + 15,
			  "end", c->row[last].label, 20);
	end(b, c, true);
}

static double most_cell(const struct smi_chart *c)
{
	double most = 0;

	for (size_t i = 0; i < c->nrows; i++)
		for (size_t k = 0; k < c->ncolumns; k++)
			most = SMI_MAX(most, c->row[i].v[k]);
	return most > 0 ? most : 1;
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
		add_short(b, c->column[k], 17);
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
		add_rect(b, name, x, y, step - 2, 16);
	else
		add_rect(b, "bed", x, y, step - 2, 16);
	smi_buf_str(b, "/>\n");
}

void smi_chart_grid(struct smi_buf *b, const struct smi_chart *c)
{
	bool hours = c->ncolumns == SMI_CHART_COLUMNS;
	double left = hours ? LEFT : 84, top = hours ? 16 : 84;
	double room = WIDE - left - (hours ? 0 : 40);
	double step = SMI_MIN(room / (double)c->ncolumns, 30);
	double most = most_cell(c);

	begin(b, c, top + 18 * (double)c->nrows);
	add_heads(b, c, left, step, top);
	for (size_t i = 0; i < c->nrows; i++) {
		double y = top + 18 * (double)i;

		add_label(b, hours ? "dim" : "", left - 5, y + 12, "end",
			  c->row[i].label, hours ? 5 : 13);
		for (size_t k = 0; k < c->ncolumns; k++)
			add_cell(b, c->class[k], c -> row[i].v[k] / most,
				 left + step * (double)k, y, step);
	}
	end(b, c, false);
}

static void add_span_rows(struct smi_buf *b, const struct smi_chart *c)
{
	smi_buf_str(b, "<th scope=\"col\">First</th><th scope=\"col\">Last</th>"
		       "</tr></thead><tbody>\n");
	for (size_t i = 0; i < c->nrows; i++) {
		smi_buf_str(b, "<tr><th scope=\"row\">");
		smi_html_text(b, c->row[i].label);
		for (size_t k = 0; k < 2; k++) {
			smi_buf_str(b, k ? "</td><td>" : "</th><td>");
			smi_layout_time(b, (int64_t)c->row[i].v[k] * SMI_SEC);
		}
		smi_buf_str(b, "</td></tr>\n");
	}
	end_table(b);
}

static void add_ends(struct smi_buf *b, double from, double to, double y)
{
	begin_text(b, "dim", 0, y, "start");
	smi_layout_time(b, (int64_t)from * SMI_SEC);
	smi_buf_str(b, "</text>\n");
	begin_text(b, "dim", WIDE, y, "end");
	smi_layout_time(b, (int64_t)to * SMI_SEC);
	smi_buf_str(b, "</text>\n");
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
	begin(b, c, high + 16);
	for (size_t i = 0; i < c->nrows; i++) {
		double y = 27 * (double)i;
		double x = (c->row[i].v[0] - from) / (to - from) * WIDE;
		double width =
			(c->row[i].v[1] - c->row[i].v[0]) / (to - from) * WIDE;

		add_label(b, "", 0, y + 11, "start", c->row[i].label, 52);
		add_rect(b, "bed", 0, y + 16, WIDE, 7);
		smi_buf_str(b, "/>\n");
		width = SMI_MAX(width, 2);
		add_rect(b, "k-good", SMI_MIN(x, WIDE - width), y + 16, width,
			 7);
		smi_buf_str(b, "/>\n");
	}
	add_ends(b, from, to, high + 11);
	smi_buf_str(b, "</svg>\n");
	begin_table(b, c);
	add_span_rows(b, c);
}
