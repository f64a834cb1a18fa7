/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_HTML_H
#define SMI_REPORT_HTML_H

#include "base/map.h"
#include "report/format.h"
#include "report/machine.h"
#include "report/people.h"

/* The parts of fmt-html.c: what is counted, charts, findings. */

#define SMI_HTML_NSEVERITIES 5
#define SMI_HTML_TOP	     256 /* candidates that are watched */
#define SMI_HTML_SHOWN	     12	 /* of them are shown */
#define SMI_HTML_KEY	     96	 /* bytes; a longer name ends in an ellipsis */

/*
 * The most frequent of any number of names in little memory: a first pass finds
 * candidates, each name with more than 1/256 of all among them, a second one counts
 * those that are left exactly.
 */
struct smi_html_name {
	char key[SMI_HTML_KEY];
	uint64_t hash, n;
};
struct smi_html_top {
	struct smi_html_name v[SMI_HTML_TOP];
	size_t n;
	uint64_t others; /* second pass: of names that are not here */
};
/* The text; cut where a character begins, with an ellipsis then. */
void smi_html_key(char out[SMI_HTML_KEY], const char *text);
void smi_html_top_guess(struct smi_html_top *t, const char *key, uint64_t n);
/* Ends the first pass: keeps the first ones and counts them anew. */
void smi_html_top_keep(struct smi_html_top *t);
/* Second pass: the place of the name, -1 for the others. */
int smi_html_top_count(struct smi_html_top *t, const char *key, uint64_t n);
/* Places by count, the highest first. */
void smi_html_top_order(const struct smi_html_top *t,
			size_t order[SMI_HTML_SHOWN]);

/* What log events tell of logins and sources. */
struct smi_html_events {
	struct smi_html_top sources, users;
	uint64_t matrix[SMI_HTML_SHOWN][SMI_HTML_SHOWN]; /* users, sources */
	uint64_t logins[2][7][24]; /* failed, accepted; Monday first, UTC */
	uint64_t nlogins[2];
};
int smi_html_count_events(struct smi_render *r, struct smi_html_events *e);

/*
 * One chart and the table behind it: rows with a value for each column. A column
 * without a class is told in the table only, one without a name nowhere.
 */
#define SMI_CHART_COLUMNS 24
#define SMI_CHART_ROWS	  48
struct smi_chart_row {
	char label[SMI_HTML_KEY];
	double v[SMI_CHART_COLUMNS];
};
struct smi_chart {
	const char *id, *title, *first; /* first: heading of the labels */
	const char *class[SMI_CHART_COLUMNS];
	char column[SMI_CHART_COLUMNS][SMI_HTML_KEY];
	size_t ncolumns, nrows;
	int decimals;
	struct smi_chart_row row[SMI_CHART_ROWS];
	char note[400]; /* under it */
	bool failed;	/* memory was out for the note */
};
void smi_chart_start(struct smi_chart *c, const char *id, const char *title,
		     const char *first);
void smi_chart_column(struct smi_chart *c, const char *name, const char *class);
/* Adds the translation of a text to the note, filled with names and values. */
#define smi_chart_note(c, text, ...)                                           \
	smi_chart_fill(                                                        \
		(c), smi_tr(text), (const char *const[]){ __VA_ARGS__ },       \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))
void smi_chart_fill(struct smi_chart *c, const char *text,
		    const char *const *args, size_t n);
/* NULL when there are rows enough. */
struct smi_chart_row *smi_chart_add(struct smi_chart *c, const char *label);
/* The row of that name; when there are rows enough, the last one, which is called
 * others then. */
struct smi_chart_row *smi_chart_named(struct smi_chart *c, const char *label,
				      const char *others);
/* A bar for each row with a part for each column, as long as the sum. */
void smi_chart_bars(struct smi_buf *b, const struct smi_chart *c);
/* The same upright and narrow: rows are times. */
void smi_chart_times(struct smi_buf *b, const struct smi_chart *c);
/* A field for each value, darker for more. */
void smi_chart_grid(struct smi_buf *b, const struct smi_chart *c);
/* The first two columns of each row are when it begins and ends; the next two when the
 * longest gap in it does, or 0. */
void smi_chart_spans(struct smi_buf *b, const struct smi_chart *c);

struct smi_html {
	struct smi_machine machine;
	struct smi_html_events events;
	struct smi_chart chart;
	struct smi_html_top ports;  /* "tcp 443" */
	struct smi_map changes;	    /* of ports: subject to what became of it */
	const sm_record **findings; /* by severity and kind */
	size_t nfindings;
};

/* Text or an attribute's value; the translation of one, and one that is filled. */
void smi_html_text(struct smi_buf *b, const char *text);
void smi_html_tr(struct smi_buf *b, const char *text);
#define smi_html_say(b, text, ...)                                             \
	smi_html_fill((b), smi_tr(text), (const char *const[]){ __VA_ARGS__ }, \
		      sizeof((const char *const[]){ __VA_ARGS__ }) /           \
			      sizeof(char *))
void smi_html_fill(struct smi_buf *b, const char *text, const char *const *args,
		   size_t n);
/* A field, as smi_told() has it. */
void smi_html_told(struct smi_buf *b, const sm_record *rec, unsigned field);
/* "And 5 more, which the other formats have." */
void smi_html_left_out(struct smi_buf *b, uint64_t n);
void smi_html_plural(struct smi_buf *b, uint64_t n, const char *one,
		     const char *many);
/* "critical" to "info", and which of them a finding has. */
extern const char *const smi_html_severities[SMI_HTML_NSEVERITIES];
size_t smi_html_severity_index(const sm_record *finding);
const char *smi_html_severity(const sm_record *finding);
int smi_html_charts(struct smi_render *r);
int smi_html_when(struct smi_render *r, struct smi_chart *c);
int smi_html_ports(struct smi_render *r, struct smi_chart *c);
/* What changed since the run before: a chart, counts for the summary, and all. */
int smi_html_since(struct smi_render *r, struct smi_chart *c);
void smi_html_change_tiles(struct smi_render *r);
int smi_html_changes(struct smi_render *r);
/* Gets findings[] ready. 0 or -ENOMEM. */
int smi_html_sort(struct smi_render *r);
/* The worst kinds with what to do next, and all findings. */
void smi_html_next_steps(struct smi_render *r);
int smi_html_findings(struct smi_render *r);
/* The tactic of an ATT&CK technique, "Other" where it is not known here. */
const char *smi_html_tactic(const char *technique);
extern const char smi_html_style[];

#endif
