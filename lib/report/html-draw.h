/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_HTML_DRAW_H
#define SMI_REPORT_HTML_DRAW_H

#include "report/html.h"

/* What the charts are drawn with. They are 360 units wide, which is a phone's width in
 * pixels, and grow with their card. */
#define SMI_DRAW_WIDE 360
#define SMI_DRAW_LEFT 34 /* labels of axes */

/* The figure up to its drawing, and from its drawing on with the table of all values. */
void smi_draw_begin(struct smi_buf *b, const struct smi_chart *c, double high);
void smi_draw_end(struct smi_buf *b, const struct smi_chart *c, bool legend);
/* Of the latter, the table. */
void smi_draw_values(struct smi_buf *b, const struct smi_chart *c);
/* The same in parts, for a table of another kind: its first heading is there. */
void smi_draw_table(struct smi_buf *b, const struct smi_chart *c);
void smi_draw_table_end(struct smi_buf *b);

/* An element that is left open: "/>" ends it. */
void smi_draw_rect(struct smi_buf *b, const char *class, double x, double y,
		   double width, double high);
/* An element that is left open: text and "</text>" follow. */
void smi_draw_text(struct smi_buf *b, const char *class, double x, double y,
		   const char *anchor);
/* A number of things, of a value that a saved report may have any of. */
uint64_t smi_draw_count(double v);
/* Text that fits into so many columns of a person's eye. */
void smi_draw_short(struct smi_buf *b, const char *text, size_t columns);
void smi_draw_label(struct smi_buf *b, const char *class, double x, double y,
		    const char *anchor, const char *text, size_t columns);

#endif
