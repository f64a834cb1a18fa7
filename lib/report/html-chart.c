/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/utf8.h"
#include "record/told.h"
#include "report/escape.h"
#include "report/html-draw.h"
#include "report/layout.h"

#define HIGH  110
#define CELLS (SMI_DRAW_WIDE - SMI_DRAW_LEFT)

void smi_html_text(struct smi_buf *b, const char *text)
{
	smi_esc_html(b, smi_span_str(text));
}

void smi_html_tr(struct smi_buf *b, const char *text)
{
	smi_html_text(b, smi_tr(text));
}

void smi_html_fill(struct smi_buf *b, const char *text, const char *const *args,
		   size_t n)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf told = { 0 };

	smi_people_fill(&told, text, args, n);
	smi_esc_html(b, smi_buf_span(&told));
	b->failed |= told.failed;
}

void smi_html_told(struct smi_buf *b, const sm_record *rec, unsigned field)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf told = { 0 };

	smi_told(&told, rec, field);
	smi_esc_html(b, smi_buf_span(&told));
	b->failed |= told.failed;
}

void smi_html_left_out(struct smi_buf *b, uint64_t n)
{
	char count[SMI_COUNT_STRLEN];

	smi_buf_str(b, "<p class=\"soft\">");
	smi_html_say(b, "And {count} more, which the other formats have.",
		     "count", smi_count_text(count, n));
	smi_buf_str(b, "</p>\n");
}

void smi_html_plural(struct smi_buf *b, uint64_t n, const char *one,
		     const char *many)
{
	smi_layout_count(b, n);
	smi_buf_char(b, ' ');
	smi_html_text(b, smi_trn(one, many, n));
}

void smi_chart_fill(struct smi_chart *c, const char *text,
		    const char *const *args, size_t n)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf told = { 0 };
	size_t at = strlen(c->note), room = sizeof(c->note) - 1 - at;

	smi_people_fill(&told, text, args, n);
	if (told.len > room)
		while (room && ((unsigned char)told.p[room] & 0xc0) == 0x80)
			room--;
	room = SMI_MIN(room, told.len);
	if (room)
		memcpy(c->note + at, told.p, room);
	c->note[at + room] = '\0';
	c->failed |= told.failed;
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
	smi_html_key(c->column[c->ncolumns], name ? name : "");
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

struct smi_chart_row *smi_chart_named(struct smi_chart *c, const char *label,
				      const char *others)
{
	char key[SMI_HTML_KEY];

	smi_html_key(key, label);
	for (size_t i = c->nrows; i; i--)
		if (!strcmp(c->row[i - 1].label, key))
			return &c->row[i - 1];
	if (c->nrows < SMI_HTML_SHOWN)
		return smi_chart_add(c, key);
	return c->nrows == SMI_HTML_SHOWN ? smi_chart_add(c, others)
					  : &c->row[SMI_HTML_SHOWN];
}

/* Whether it is drawn: it has a colour, and somewhere a value. */
static bool is_drawn(const struct smi_chart *c, size_t column)
{
	for (size_t i = 0; c->class[column] && i < c->nrows; i++)
		if (c->row[i].v[column] > 0)
			return true;
	return false;
}

static double sum_of(const struct smi_chart *c, size_t row)
{
	double sum = 0;

	for (size_t i = 0; i < c->ncolumns; i++)
		sum += c->class[i] ? c->row[row].v[i] : 0;
	return sum;
}

static double most_of(const struct smi_chart *c)
{
	double most = 0;

	for (size_t i = 0; i < c->nrows; i++)
		most = SMI_MAX(most, sum_of(c, i));
	return most > 0 ? most : 1;
}

uint64_t smi_draw_count(double v)
{
	const double most = 18446744073709549568.0; /* below 2^64 */

	return v > 0 ? (uint64_t)SMI_MIN(v, most) : 0;
}

static void add_value(struct smi_buf *b, const struct smi_chart *c, double v)
{
	if (c->decimals)
		smi_buf_real(b, v, c->decimals);
	else
		smi_layout_count(b, smi_draw_count(v));
}

void smi_draw_short(struct smi_buf *b, const char *text, size_t columns)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf whole = { 0 }, cut = { 0 };

	smi_esc_term(&whole, smi_span_str(text));
	smi_layout_cut(&cut, smi_buf_span(&whole), columns);
	smi_esc_html(b, smi_buf_span(&cut));
	b->failed |= whole.failed | cut.failed;
}

void smi_draw_begin(struct smi_buf *b, const struct smi_chart *c, double high)
{
	smi_buf_printf(b, "<figure id=\"%s\"><figcaption>", c->id);
	smi_html_tr(b, c->title);
	smi_buf_str(b, "</figcaption>\n<svg role=\"img\" aria-label=\"");
	smi_html_say(b, "{title}, as in the table below", "title",
		     smi_tr(c->title));
	smi_buf_printf(b, "\" viewBox=\"0 0 %d ", SMI_DRAW_WIDE);
	smi_buf_real(b, high, 0);
	smi_buf_str(b, "\">\n");
}

static void add_legend(struct smi_buf *b, const struct smi_chart *c)
{
	smi_buf_str(b, "<ul class=\"legend\">");
	for (size_t i = 0; i < c->ncolumns; i++) {
		if (!is_drawn(c, i))
			continue;
		smi_buf_printf(b, "<li><i class=\"k-%s\"></i>", c->class[i]);
		smi_html_text(b, c->column[i]);
		smi_buf_str(b, "</li>");
	}
	smi_buf_str(b, "</ul>\n");
}

static void add_rows(struct smi_buf *b, const struct smi_chart *c)
{
	for (size_t i = 0; i < c->nrows; i++) {
		if (!*c->row[i].label)
			continue;
		smi_buf_str(b, "<tr><th scope=\"row\">");
		smi_html_text(b, c->row[i].label);
		smi_buf_str(b, "</th>");
		for (size_t k = 0; k < c->ncolumns; k++) {
			if (!*c->column[k])
				continue;
			smi_buf_str(b, "<td class=\"n\">");
			add_value(b, c, c->row[i].v[k]);
			smi_buf_str(b, "</td>");
		}
		smi_buf_str(b, "</tr>\n");
	}
}

void smi_draw_table(struct smi_buf *b, const struct smi_chart *c)
{
	b->failed |= c->failed;
	if (*c->note) {
		smi_buf_str(b, "<p>");
		smi_html_text(b, c->note);
		smi_buf_str(b, "</p>\n");
	}
	smi_buf_str(b, "<details><summary>");
	smi_html_tr(b, "Table");
	smi_buf_str(b, "</summary><div class=\"scroll\" role=\"region\" "
		       "tabindex=\"0\" aria-label=\"");
	smi_html_tr(b, c->title);
	smi_buf_str(b, "\"><table>\n<caption class=\"vh\">");
	smi_html_tr(b, c->title);
	smi_buf_str(b, "</caption><thead><tr><th scope=\"col\">");
	smi_html_tr(b, c->first);
	smi_buf_str(b, "</th>");
}

void smi_draw_table_end(struct smi_buf *b)
{
	smi_buf_str(b, "</tbody></table></div></details></figure>\n");
}

void smi_draw_end(struct smi_buf *b, const struct smi_chart *c, bool legend)
{
	smi_buf_str(b, "</svg>\n");
	if (legend)
		add_legend(b, c);
	smi_draw_values(b, c);
}

void smi_draw_values(struct smi_buf *b, const struct smi_chart *c)
{
	smi_draw_table(b, c);
	for (size_t k = 0; k < c->ncolumns; k++) {
		if (!*c->column[k])
			continue;
		smi_buf_str(b, "<th scope=\"col\" class=\"n\">");
		smi_html_text(b, c->column[k]);
		smi_buf_str(b, "</th>");
	}
	smi_buf_str(b, "</tr></thead><tbody>\n");
	add_rows(b, c);
	smi_draw_table_end(b);
}

void smi_draw_rect(struct smi_buf *b, const char *class, double x, double y,
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
	smi_draw_rect(b, name, x, y, width, high);
}

void smi_draw_text(struct smi_buf *b, const char *class, double x, double y,
		   const char *anchor)
{
	smi_buf_printf(b, "<text class=\"%s\" text-anchor=\"%s\" x=\"", class,
		       anchor);
	smi_buf_real(b, x, 1);
	smi_buf_str(b, "\" y=\"");
	smi_buf_real(b, y, 1);
	smi_buf_str(b, "\">");
}

void smi_draw_label(struct smi_buf *b, const char *class, double x, double y,
		    const char *anchor, const char *text, size_t columns)
{
	smi_draw_text(b, class, x, y, anchor);
	smi_draw_short(b, text, columns);
	smi_buf_str(b, "</text>\n");
}

void smi_chart_bars(struct smi_buf *b, const struct smi_chart *c)
{
	double most = most_of(c);

	smi_draw_begin(b, c, 27 * (double)c->nrows);
	for (size_t i = 0; i < c->nrows; i++) {
		double x = 0, y = 27 * (double)i;

		smi_draw_label(b, "", 0, y + 11, "start", c->row[i].label, 44);
		smi_draw_text(b, "num", SMI_DRAW_WIDE, y + 11, "end");
		add_value(b, c, sum_of(c, i));
		smi_buf_str(b, "</text>\n");
		smi_draw_rect(b, "bed", 0, y + 16, SMI_DRAW_WIDE, 7);
		smi_buf_str(b, "/>\n");
		for (size_t k = 0; k < c->ncolumns; k++) {
			double width = c->row[i].v[k] / most * SMI_DRAW_WIDE;

			if (!(width > 0) || !c->class[k])
				continue;
			/* what is there can be seen */
			width = SMI_MAX(width, 1.5);
			width = SMI_MIN(width, SMI_DRAW_WIDE - x);
			add_part(b, c->class[k], x, y + 16, width, 7);
			smi_buf_str(b, "/>\n");
			x += width;
		}
	}
	smi_draw_end(b, c, c->ncolumns > 1);
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
			add_part(b, c->class[k],
				 SMI_DRAW_LEFT + step * (double)i, y,
				 step - gap, high);
			smi_buf_str(b, "/>\n");
		}
	}
}

static double columns_of(const char *text)
{
	return (double)smi_utf8_columns(smi_span_str(text));
}

/* Below the axis: the first time, and what stands at its right end, where there is
 * room; before a gap the last time as well. */
static void add_times(struct smi_buf *b, const struct smi_chart *c, double step)
{
	size_t last = c->nrows - 1;
	double wide = 5.6 * (double)strlen(c->row[0].label),
	       at = SMI_DRAW_LEFT + wide;
	double end = SMI_DRAW_LEFT + step * (double)c->nrows, x;

	smi_draw_label(b, "dim", SMI_DRAW_LEFT, HIGH + 15, "start",
		       c->row[0].label, 20);
	if (last > 2 && !*c->row[last - 1].label) {
		x = SMI_MIN(end - 2 * step, SMI_DRAW_WIDE - 60);
		if (x - wide > at + 6) {
			smi_draw_label(b, "dim", x, HIGH + 15, "end",
				       c->row[last - 2].label, 20);
			at = x;
		}
	}
	x = SMI_MAX(end, at + 8 + 5.6 * columns_of(c->row[last].label));
	if (last && x <= SMI_DRAW_WIDE)
		smi_draw_label(b, "dim", x, HIGH + 15, "end",
			       c->row[last].label, 20);
}

void smi_chart_times(struct smi_buf *b, const struct smi_chart *c)
{
	double step = SMI_MIN(CELLS / (double)c->nrows, 40);

	smi_draw_begin(b, c, HIGH + 20);
	smi_buf_printf(b,
		       "<path class=\"axis\" d=\"M%d %d.5H%dM%d 10.5H%d\"/>\n",
		       SMI_DRAW_LEFT, HIGH, SMI_DRAW_WIDE, SMI_DRAW_LEFT,
		       SMI_DRAW_WIDE);
	/* above the line: it may be as long as it wants */
	smi_draw_text(b, "dim num", 0, 8, "start");
	add_value(b, c, most_of(c));
	smi_buf_str(b, "</text>\n");
	smi_draw_label(b, "dim num", SMI_DRAW_LEFT - 5, HIGH, "end", "0", 2);
	add_columns(b, c);
	add_times(b, c, step);
	smi_draw_end(b, c, true);
}
