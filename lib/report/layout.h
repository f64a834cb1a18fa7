/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_LAYOUT_H
#define SMI_REPORT_LAYOUT_H

#include "base/buf.h"
#include "record/record.h"

/* Text for people on lines of a width; 0 columns: no limit. Text is escaped for the
 * terminal before it comes here. */

/* What fits, with an ellipsis at its end where it is cut. Gives the columns used. */
size_t smi_layout_cut(struct smi_buf *b, struct smi_span text, size_t columns);
/*
 * Breaks lines at spaces, and within words that are longer than a line. The first
 * line begins at column first, the others at indent, which is filled with spaces.
 * Ends with a newline.
 */
void smi_layout_wrap(struct smi_buf *b, struct smi_span text, size_t columns,
		     size_t first, size_t indent);

/* 1234567: "1,234,567". */
#define SMI_COUNT_STRLEN 27
const char *smi_count_text(char out[SMI_COUNT_STRLEN], uint64_t n);
void smi_layout_count(struct smi_buf *b, uint64_t n);
/* "1 port", "1,000 ports". */
void smi_layout_plural(struct smi_buf *b, uint64_t n, const char *one,
		       const char *many);
/* "512 B", "1.5 MiB". */
void smi_layout_size(struct smi_buf *b, uint64_t bytes);
/* To the second. */
void smi_layout_time(struct smi_buf *b, int64_t ns);
/* A field as it stands in a table, in the people's language, escaped; "-" where it is not known. */
void smi_layout_cell(struct smi_buf *b, const sm_record *rec, unsigned field);

/* SGR sequences; nothing where on is false. */
const char *smi_layout_severity(bool on, int64_t severity);
const char *smi_layout_bold(bool on);
const char *smi_layout_plain(bool on);

#endif
