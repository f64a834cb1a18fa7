/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_TABLE_H
#define SMI_REPORT_TABLE_H

#include "record/schema.h"
#include "report/opts.h"

/*
 * Columns of one kind of record. All rows are measured, then the widths are fitted
 * into the line: text columns give way, the widest first; numbers and times do not.
 */
struct smi_column {
	size_t width;
	size_t fill; /* with blanks up to here, where it is not the width */
	bool number, text, known;
};
enum smi_table_look {
	SMI_TABLE_TEXT,
	SMI_TABLE_MD, /* rows of Markdown, of any width */
	SMI_TABLE_HTML,
};
struct smi_table {
	int kind;
	const struct smi_style *style;
	struct smi_fieldlist fields;
	struct smi_column columns[128];
	enum smi_table_look look;
	struct smi_buf cell;
};

/* The columns that were chosen, else those that people want to see first. 0 or
 * -ENOMEM. */
int smi_table_init(struct smi_table *t, int kind,
		   const struct smi_style *style);
void smi_table_done(struct smi_table *t);
/* Makes every column wide enough for the record. 0 or -ENOMEM. */
int smi_table_measure(struct smi_table *t, const sm_record *rec);
/* Columns that nobody chose and no record has anything in go. */
void smi_table_fit(struct smi_table *t);
void smi_table_header(struct smi_table *t, struct smi_buf *b);
void smi_table_row(struct smi_table *t, struct smi_buf *b,
		   const sm_record *rec);
void smi_table_end(struct smi_table *t, struct smi_buf *b);

#endif
