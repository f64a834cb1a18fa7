/* SPDX-License-Identifier: MIT */
#include "report/table.h"

#include "base/nls.h"
#include "base/utf8.h"
#include "report/escape.h"
#include "report/layout.h"

#define GAP	 2
#define TEXT_MIN 4
/* Of a table of any width: one cell of a megabyte does not make all of its column so. */
#define FILL_MAX 200

static const struct {
	uint8_t kind;
	const char *fields;
} views[] = {
	{ SM_KIND_PORT,
	  "address,port,protocol,state,service,product,version,pid,process,"
	  "user" },
	{ SM_KIND_PROCESS,
	  "pid,user,state,cpu_percent,memory_percent,rss,name,cmdline" },
	{ SM_KIND_LINE, "time,host,program,pid,message" },
	{ SM_KIND_EVENT, "time,action,source_ip,user,message" },
	{ SM_KIND_FINDING, "severity,title,count,last" },
	{ SM_KIND_COVERAGE, "source,lines,matched,unparsed,skipped,bytes" },
	{ SM_KIND_TEMPLATE,
	  "source,state,program,count,matched,harmless,template" },
	{ SM_KIND_HOST,
	  "address,hostname,state,open,closed,filtered,open_filtered" },
	{ SM_KIND_RUN,
	  "run,start,hostname,sections,open,findings,critical,high" },
	{ SM_KIND_CHANGE, "change,what,severity,subject,before,after" },
	{ SM_KIND_RULE, "id,severity,status,title,reason,file,line" },
	{ SM_KIND_ABILITY, "status,part,name,text,next_step" },
};

/* Shorter than the name in capitals. */
static const struct {
	const char *name, *heading;
} headings[] = {
	{ "cpu_percent", "CPU%" },
	{ "cpu_percent_lifetime", "LIFE%" },
	{ "open_filtered", "OPEN|FILTERED" },
	{ "memory_percent", "MEM%" },
	{ "state", "STATE" },
	{ "cmdline", "COMMAND" },
	{ "protocol", "PROTO" },
	{ "source_ip", "SOURCE" },
};

static void add_heading(struct smi_buf *b, const char *name)
{
	char capitals[40];
	size_t n = 0;

	for (size_t i = 0; i < SMI_COUNT(headings); i++) {
		if (!strcmp(headings[i].name, name)) {
			smi_esc_term(b,
				     smi_span_str(smi_tr(headings[i].heading)));
			return;
		}
	}
	for (; *name && n + 1 < sizeof(capitals); name++)
		capitals[n++] = *name >= 'a' && *name <= 'z'
					? (char)(*name - 'a' + 'A')
					: *name;
	capitals[n] = '\0';
	smi_esc_term(b, smi_span_str(smi_tr(capitals)));
}

static const char *view_of(int kind)
{
	for (size_t i = 0; i < SMI_COUNT(views); i++)
		if (views[i].kind == kind)
			return views[i].fields;
	return NULL;
}

static void heading_of(struct smi_table *t, size_t column)
{
	smi_buf_clear(&t->cell);
	add_heading(&t->cell,
		    smi_kind(t->kind)->fields[t->fields.f[column]].name);
}

int smi_table_init(struct smi_table *t, int kind, const struct smi_style *style)
{
	struct smi_fieldset set;
	struct smi_span bad;

	*t = (struct smi_table){ .kind = kind, .style = style };
	if (style->fields[kind].n || !view_of(kind))
		smi_style_fields(style, kind, true, &t->fields);
	else
		smi_fields_parse(kind, view_of(kind), &set, &t->fields, &bad);
	for (size_t i = 0; i < t->fields.n; i++) {
		int type = smi_kind(kind)->fields[t->fields.f[i]].type;

		heading_of(t, i);
		if (smi_buf_error(&t->cell))
			return -ENOMEM;
		t->columns[i] = (struct smi_column){
			.width = smi_utf8_columns(smi_buf_span(&t->cell)),
			.number = type == SM_TYPE_INT || type == SM_TYPE_REAL,
			.text = type == SM_TYPE_STR || type == SM_TYPE_STRS ||
				type == SM_TYPE_RECORDS,
		};
	}
	return 0;
}

void smi_table_done(struct smi_table *t)
{
	smi_buf_free(&t->cell);
}

int smi_table_measure(struct smi_table *t, const sm_record *rec)
{
	for (size_t i = 0; i < t->fields.n; i++) {
		struct smi_column *c = &t->columns[i];

		smi_buf_clear(&t->cell);
		smi_layout_cell(&t->cell, rec, t->fields.f[i]);
		if (smi_buf_error(&t->cell))
			return -ENOMEM;
		c->width = SMI_MAX(c->width,
				   smi_utf8_columns(smi_buf_span(&t->cell)));
		c->known |= smi_rec_has(rec, t->fields.f[i]);
	}
	return 0;
}

static void drop_unknown(struct smi_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->fields.n; i++) {
		if (!t->columns[i].known)
			continue;
		t->columns[n] = t->columns[i];
		t->fields.f[n++] = t->fields.f[i];
	}
	t->fields.n = n;
}

static size_t total(const struct smi_table *t)
{
	size_t sum = 0;

	for (size_t i = 0; i < t->fields.n; i++)
		sum += t->columns[i].width + (i ? GAP : 0);
	return sum;
}

void smi_table_fit(struct smi_table *t)
{
	size_t line = t->style->width;

	if (!t->style->fields[t->kind].n)
		drop_unknown(t);
	if (t->look != SMI_TABLE_TEXT)
		return;
	if (!line) {
		for (size_t i = 0; i < t->fields.n; i++)
			t->columns[i].fill =
				SMI_MIN(t->columns[i].width, FILL_MAX);
		return;
	}
	for (size_t i = 0; i < t->fields.n; i++)
		if (t->columns[i].text)
			t->columns[i].width =
				SMI_MIN(t->columns[i].width, line);
	for (size_t sum = total(t); sum > line; sum--) {
		struct smi_column *widest = NULL;

		for (size_t i = 0; i < t->fields.n; i++)
			if (t->columns[i].text &&
			    t->columns[i].width > TEXT_MIN &&
			    (!widest || t->columns[i].width > widest->width))
				widest = &t->columns[i];
		if (!widest)
			return;
		widest->width--;
	}
}

static size_t fill_of(const struct smi_column *c)
{
	return c->fill ? c->fill : c->width;
}

static void add_md_cell(struct smi_table *t, struct smi_buf *b, size_t i)
{
	smi_buf_str(b, i ? " | " : "| ");
	smi_esc_md(b, smi_buf_span(&t->cell));
	smi_buf_str(b, i + 1 == t->fields.n ? " |" : "");
	b->failed |= t->cell.failed;
}

static void add_md_rule(const struct smi_table *t, struct smi_buf *b)
{
	for (size_t i = 0; i < t->fields.n; i++)
		smi_buf_str(b, t->columns[i].number ? "|---:" : "|---");
	smi_buf_str(b, "|\n");
}

static void add_cell(struct smi_table *t, struct smi_buf *b, size_t i,
		     const char *start)
{
	const struct smi_column *c = &t->columns[i];
	struct smi_span text = smi_buf_span(&t->cell);
	size_t wide = SMI_MIN(smi_utf8_columns(text), c->width);
	bool last = i + 1 == t->fields.n;

	if (t->look == SMI_TABLE_MD) {
		add_md_cell(t, b, i);
		return;
	}
	if (i)
		smi_buf_fill(b, ' ', GAP);
	if (c->number)
		smi_buf_fill(b, ' ', fill_of(c) - SMI_MIN(wide, fill_of(c)));
	smi_buf_str(b, start);
	wide = smi_layout_cut(b, text, c->width);
	smi_buf_str(b, *start ? smi_layout_plain(true) : "");
	if (!c->number && !last && wide < fill_of(c))
		smi_buf_fill(b, ' ', fill_of(c) - wide);
	b->failed |= t->cell.failed;
}

static void add_html_header(struct smi_table *t, struct smi_buf *b)
{
	smi_buf_str(b, "<table>\n<thead><tr>");
	for (size_t i = 0; i < t->fields.n; i++) {
		heading_of(t, i);
		smi_buf_printf(b, "<th scope=\"col\"%s>",
			       t->columns[i].number ? " class=\"n\"" : "");
		smi_esc_html(b, smi_buf_span(&t->cell));
		b->failed |= t->cell.failed;
		smi_buf_str(b, "</th>");
	}
	smi_buf_str(b, "</tr></thead><tbody>\n");
}

static void add_html_row(struct smi_table *t, struct smi_buf *b,
			 const sm_record *rec)
{
	smi_buf_str(b, "<tr>");
	for (size_t i = 0; i < t->fields.n; i++) {
		smi_buf_clear(&t->cell);
		smi_layout_cell(&t->cell, rec, t->fields.f[i]);
		smi_buf_str(b,
			    t->columns[i].number ? "<td class=\"n\">" : "<td>");
		smi_esc_html(b, smi_buf_span(&t->cell));
		b->failed |= t->cell.failed;
		smi_buf_str(b, "</td>");
	}
	smi_buf_str(b, "</tr>\n");
}

void smi_table_end(struct smi_table *t, struct smi_buf *b)
{
	if (t->look == SMI_TABLE_HTML)
		smi_buf_str(b, "</tbody></table>\n");
}

void smi_table_header(struct smi_table *t, struct smi_buf *b)
{
	if (t->look == SMI_TABLE_HTML) {
		add_html_header(t, b);
		return;
	}
	for (size_t i = 0; i < t->fields.n; i++) {
		heading_of(t, i);
		add_cell(t, b, i, smi_layout_bold(t->style->color));
	}
	smi_buf_char(b, '\n');
	if (t->look == SMI_TABLE_MD)
		add_md_rule(t, b);
}

void smi_table_row(struct smi_table *t, struct smi_buf *b, const sm_record *rec)
{
	if (t->look == SMI_TABLE_HTML) {
		add_html_row(t, b, rec);
		return;
	}
	for (size_t i = 0; i < t->fields.n; i++) {
		bool severity = t->kind == SM_KIND_FINDING &&
				t->fields.f[i] == SMI_FINDING_SEVERITY;
		const char *start = "";

		if (severity)
			start = smi_layout_severity(
				t->style->color,
				smi_rec_int(rec, SM_KIND_FINDING,
					    SMI_FINDING_SEVERITY_CODE));
		smi_buf_clear(&t->cell);
		smi_layout_cell(&t->cell, rec, t->fields.f[i]);
		add_cell(t, b, i, start);
	}
	smi_buf_char(b, '\n');
}
