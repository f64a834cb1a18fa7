/* SPDX-License-Identifier: MIT */
#include "report/escape.h"
#include "report/nmap.h"

/* What nmap-xml has no elements for is told as the results of scripts are. */

void smi_nmap_attr(struct smi_buf *b, const char *name, const char *text)
{
	smi_buf_char(b, ' ');
	smi_buf_str(b, name);
	smi_buf_str(b, "=\"");
	smi_esc_xml(b, smi_span_str(text));
	smi_buf_char(b, '"');
}

static void add_elem(struct smi_buf *b, const char *key, struct smi_span text)
{
	smi_buf_str(b, "<elem");
	if (key)
		smi_nmap_attr(b, "key", key);
	smi_buf_char(b, '>');
	smi_esc_xml(b, text);
	smi_buf_str(b, "</elem>\n");
}

static void add_list(struct smi_buf *b, const sm_record *rec, unsigned f)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	const struct smi_field *field = &smi_kind(rec->kind)->fields[f];
	size_t n = sm_record_field_nitems(rec, f);

	smi_buf_str(b, "<table");
	smi_nmap_attr(b, "key", field->name);
	smi_buf_str(b, ">\n");
	for (size_t i = 0; i < n; i++) {
		smi_buf_clear(&text);
		if (field->type == SM_TYPE_STRS)
			smi_buf_str(&text, rec->v[f].strs->v[i]);
		else
			smi_brief(&text, rec->v[f].recs->v[i]);
		add_elem(b, NULL, smi_buf_span(&text));
		b->failed |= text.failed;
	}
	smi_buf_str(b, "</table>\n");
}

static void add_field(struct smi_buf *b, const sm_record *rec, unsigned f)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	const struct smi_field *field = &smi_kind(rec->kind)->fields[f];

	if (!smi_rec_has(rec, f))
		return;
	if (field->type == SM_TYPE_STRS || field->type == SM_TYPE_RECORDS) {
		add_list(b, rec, f);
		return;
	}
	smi_scalar_text(&text, field->type, &rec->v[f]);
	if (text.len)
		add_elem(b, field->name, smi_buf_span(&text));
	b->failed |= text.failed;
}

/* Its members that the elements of a port or host have no attribute for. */
static bool is_extra(int kind, unsigned f)
{
	if (kind == SM_KIND_HOST)
		return f >= SMI_HOST_PROBES;
	if (kind == SM_KIND_PORT)
		return f == SMI_PORT_PID || f == SMI_PORT_PROCESS ||
		       f == SMI_PORT_BANNER || f >= SMI_PORT_TLS_VERSION;
	return true;
}

bool smi_nmap_has_extras(const struct smi_render *r, const sm_record *rec)
{
	const struct smi_fieldlist *list = &r->fields[rec->kind];

	for (size_t i = 0; i < list->n; i++)
		if (is_extra(rec->kind, list->f[i]) &&
		    smi_rec_has(rec, list->f[i]))
			return true;
	return false;
}

static void add_members(struct smi_render *r, const sm_record *rec)
{
	const struct smi_fieldlist *list = &r->fields[rec->kind];

	for (size_t i = 0; i < list->n; i++)
		if (is_extra(rec->kind, list->f[i]))
			add_field(&r->sink->buf, rec, list->f[i]);
}

/* "sysmon-" and what: what tools for results of scripts tell them apart by. */
static void open_script(struct smi_buf *b, const char *what)
{
	smi_buf_str(b, "<script id=\"sysmon-");
	smi_esc_xml(b, smi_span_str(what));
	smi_buf_str(b, "\" output=\"");
}

void smi_nmap_script(struct smi_render *r, const sm_record *rec,
		     const char *what, const char *output)
{
	struct smi_buf *b = &r->sink->buf;

	open_script(b, what);
	smi_esc_xml(b, smi_span_str(output));
	smi_buf_str(b, "\">\n");
	add_members(r, rec);
	smi_buf_str(b, "</script>\n");
}

static const char *finding_text(const struct smi_nmap_finding *f,
				unsigned field)
{
	return smi_rec_str(f->rec, SM_KIND_FINDING, field);
}

/* One script alone: ndiff cannot put several of a port in order. */
void smi_nmap_port_script(struct smi_render *r, const sm_record *rec)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	struct smi_buf *b = &r->sink->buf;
	size_t n;
	struct smi_nmap_finding *f = smi_nmap_findings(r->state, rec, &n);

	if (!n && !smi_nmap_has_extras(r, rec))
		return;
	smi_brief(&text, rec);
	for (size_t i = 0; i < n; i++) {
		smi_buf_char(&text, '\n');
		smi_buf_str(&text, finding_text(&f[i], SMI_FINDING_SEVERITY));
		smi_buf_str(&text, ": ");
		smi_buf_str(&text, finding_text(&f[i], SMI_FINDING_TITLE));
	}
	open_script(b, "port");
	smi_esc_xml(b, smi_buf_span(&text));
	b->failed |= text.failed;
	smi_buf_str(b, "\">\n");
	add_members(r, rec);
	for (size_t i = 0; i < n; i++) {
		f[i].written = true;
		smi_buf_str(b, "<table key=\"finding\">\n");
		add_members(r, f[i].rec);
		smi_buf_str(b, "</table>\n");
	}
	smi_buf_str(b, "</script>\n");
}

static void add_finding(struct smi_render *r, struct smi_nmap_finding *f)
{
	const char *kind = finding_text(f, SMI_FINDING_KIND);

	f->written = true;
	smi_nmap_script(r, f->rec, *kind ? kind : "finding",
			finding_text(f, SMI_FINDING_TITLE));
}

static int add_notice(const sm_record *rec, void *user)
{
	struct smi_render *r = user;

	smi_nmap_script(r, rec, "notice",
			smi_rec_str(rec, SM_KIND_NOTICE, SMI_NOTICE_TEXT));
	return smi_sink_push(r->sink);
}

int smi_nmap_others(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	struct smi_nmap *x = r->state;
	bool open = sm_report_size(r->report, SM_KIND_NOTICE) > 0;
	int rc = 0;

	for (size_t i = 0; i < x->findings.n; i++)
		open |= !x->findings.v[i].written;
	if (!open)
		return 0;
	smi_buf_str(b, "<postscript>");
	for (size_t i = 0; i < x->findings.n && rc == 0; i++) {
		if (!x->findings.v[i].written)
			add_finding(r, &x->findings.v[i]);
		rc = smi_sink_push(r->sink);
	}
	if (rc == 0)
		rc = smi_report_each(r->report, SM_KIND_NOTICE, 0, add_notice,
				     r);
	smi_buf_str(b, "</postscript>\n");
	return rc;
}
