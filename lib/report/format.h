/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_FORMAT_H
#define SMI_REPORT_FORMAT_H

#include "report/report.h"
#include "report/sink.h"

/* One report being written in one format. */
struct smi_format;
struct smi_render {
	sm_ctx *ctx;
	const struct smi_format *format;
	const struct smi_style *style;
	struct smi_sink *sink;
	/* What to show of each kind, in this order. */
	struct smi_fieldlist fields[SMI_NKINDS + 1];
	int64_t generated;
	/* Of a whole report only. */
	const sm_report *report;
	const sm_record *summary;
	void *state; /* of the format, state_size bytes, zeroed */
};

/*
 * A format either takes one record after the other (begin, record, end: it can be
 * written while the work goes on), or writes a whole report. All of them give 0 or
 * what the sink gave.
 */
struct smi_format {
	int number;
	const char *name;
	const char *suffix; /* of files; NULL: its name */
	size_t state_size;
	bool columns;		   /* each row has all members */
	bool sections;		   /* it can be a file of each kind */
	void (*done)(void *state); /* frees what is in it; may be NULL */
	int (*begin)(struct smi_render *r);
	int (*record)(struct smi_render *r, const sm_record *rec);
	int (*end)(struct smi_render *r, const sm_record *summary);
	int (*whole)(struct smi_render *r);
};

extern const struct smi_format smi_format_txt, smi_format_csv, smi_format_json,
	smi_format_ndjson, smi_format_nmap_xml, smi_format_md, smi_format_prom,
	smi_format_ecs, smi_format_html, smi_format_table;
/* Findings as messages, each behind its length (RFC 6587, 3.4.1); no file has it. */
extern const struct smi_format smi_format_syslog;

/* NULL, with its sentence, for a number that is no format. */
const struct smi_format *smi_format_find(sm_ctx *ctx, int number);

/* Gets the state; sink, report and summary are the caller's to set. */
int smi_render_init(struct smi_render *r, sm_ctx *ctx,
		    const struct smi_format *f, const struct smi_style *style);
void smi_render_done(struct smi_render *r);

/* sm_report_write() with the names looked up. */
int smi_report_write(const sm_report *report, const struct smi_format *format,
		     const struct smi_style *style, sm_write_fn fn, void *user);

/* The order of the kinds in formats for machines, and what all of a kind are called.
 * always: a document has them also where there are none. */
#define SMI_NSECTIONS 13
struct smi_section {
	uint8_t kind;
	bool always;
	const char *name;
};
extern const struct smi_section smi_sections[SMI_NSECTIONS];

/* One object, "type" first. */
void smi_json_record(struct smi_buf *b, const struct smi_kind *kind,
		     const struct smi_fieldlist *fields, const sm_record *rec);
/* A value that is no list, as it is: nothing is escaped. "" for what has no text. */
void smi_scalar_text(struct smi_buf *b, int type, const union smi_value *v);
/* What a record of evidence says, in one line. */
void smi_brief(struct smi_buf *b, const sm_record *rec);
/* The same for people, in their language. */
void smi_brief_told(struct smi_buf *b, const sm_record *rec);

#endif
