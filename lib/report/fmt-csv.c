/* SPDX-License-Identifier: MIT */
#include "report/escape.h"
#include "report/format.h"

/*
 * RFC 4180: one header for all kinds, lines end with CR LF. Columns are "section"
 * (the kind) and then every member of every kind once. The items of a list are
 * joined by ";"; within an item it is \x3b.
 *
 * Where members were chosen, they are the only columns, and a record of another kind
 * is a row only if it has something in one of them.
 *
 * A file of one kind has every member of this kind, and no "section".
 */
#define COLUMNS_MAX 256

struct columns {
	const char *name[COLUMNS_MAX];
	size_t n;
	bool chosen;
	/* The field that a column shows of each kind, or -1. */
	int16_t field[SMI_NKINDS + 1][COLUMNS_MAX];
	/* Of each kind the columns that show one. */
	uint8_t shown[SMI_NKINDS + 1][COLUMNS_MAX];
	size_t nshown[SMI_NKINDS + 1];
	struct smi_buf cell;
};

/* The order in which their members become columns. */
static const uint8_t kinds[] = {
	SM_KIND_PORT,	SM_KIND_PROCESS,  SM_KIND_EVENT,    SM_KIND_FINDING,
	SM_KIND_NOTICE, SM_KIND_COVERAGE, SM_KIND_SUMMARY,  SM_KIND_HOST,
	SM_KIND_LINE,	SM_KIND_RULE,	  SM_KIND_TEMPLATE, SM_KIND_RUN,
	SM_KIND_CHANGE, SM_KIND_ABILITY,
};

static bool has_column(const struct columns *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->name[i], name))
			return true;
	return false;
}

static void add_columns(struct smi_render *r, int kind)
{
	const struct smi_fieldlist *list = &r->fields[kind];
	struct columns *c = r->state;

	for (size_t i = 0; i < list->n; i++) {
		const char *name = smi_kind(kind)->fields[list->f[i]].name;

		if (!has_column(c, name) && c->n < COLUMNS_MAX)
			c->name[c->n++] = name;
	}
}

/* The field of that name if it is shown, or -1. */
static int16_t find_field(const struct smi_render *r, int kind,
			  const char *name)
{
	const struct smi_fieldlist *list = &r->fields[kind];

	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(smi_kind(kind)->fields[list->f[i]].name, name))
			return list->f[i];
	return -1;
}

static void name_columns(struct smi_render *r)
{
	struct columns *c = r->state;

	if (r->style->only) {
		add_columns(r, r->style->only);
		return;
	}
	for (size_t i = 0; i < SMI_COUNT(kinds); i++)
		if (r->style->fields[kinds[i]].n)
			add_columns(r, kinds[i]);
	c->chosen = c->n > 0;
	for (size_t i = 0; !c->chosen && i < SMI_COUNT(kinds); i++)
		add_columns(r, kinds[i]);
}

static void find_column(const struct smi_render *r, int kind, size_t column)
{
	struct columns *c = r->state;

	c->field[kind][column] = find_field(r, kind, c->name[column]);
	if (c->field[kind][column] >= 0)
		c->shown[kind][c->nshown[kind]++] = (uint8_t)column;
}

static int csv_begin(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	struct columns *c = r->state;

	name_columns(r);
	for (int kind = 1; kind <= SMI_NKINDS; kind++)
		for (size_t i = 0; i < c->n; i++)
			find_column(r, kind, i);
	if (!r->style->only)
		smi_buf_str(b, "section");
	for (size_t i = 0; i < c->n; i++) {
		if (i || !r->style->only)
			smi_buf_char(b, ',');
		smi_esc_csv(b, smi_span_str(c->name[i]));
	}
	smi_buf_str(b, "\r\n");
	return smi_sink_push(r->sink);
}

static void add_item(struct smi_buf *b, struct smi_span s, bool first)
{
	if (!first)
		smi_buf_char(b, ';');
	while (s.len) {
		size_t n = smi_span_find(s, ';');

		smi_buf_add(b, s.p, n);
		if (n < s.len)
			smi_buf_str(b, "\\x3b");
		s = smi_span_skip(s, SMI_MIN(n + 1, s.len));
	}
}

static void add_recs(struct smi_buf *b, const struct smi_recs *recs)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf one = { 0 };

	for (size_t i = 0; i < recs->n; i++) {
		smi_buf_clear(&one);
		smi_brief(&one, recs->v[i]);
		add_item(b, smi_buf_span(&one), i == 0);
		b->failed |= one.failed;
	}
}

static void cell_text(struct smi_buf *b, int type, const union smi_value *v)
{
	switch (type) {
	case SM_TYPE_STRS:
		for (size_t i = 0; i < v->strs->n; i++)
			add_item(b, smi_span_str(v->strs->v[i]), i == 0);
		break;
	case SM_TYPE_RECORDS:
		add_recs(b, v->recs);
		break;
	default:
		smi_scalar_text(b, type, v);
		break;
	}
}

static bool is_row(const struct smi_render *r, const sm_record *rec)
{
	const struct columns *c = r->state;

	if (!c->chosen || r->style->fields[rec->kind].n)
		return true;
	for (size_t i = 0; i < c->n; i++) {
		int f = c->field[rec->kind][i];

		if (f >= 0 && smi_rec_has(rec, (unsigned)f))
			return true;
	}
	return false;
}

static void add_cell(struct smi_render *r, int type, const union smi_value *v)
{
	struct smi_buf *b = &r->sink->buf;
	struct columns *c = r->state;

	if (type == SM_TYPE_STR) {
		smi_esc_csv(b, smi_span_str(v->s));
	} else if (type == SM_TYPE_INT) {
		smi_buf_int(b, v->i);
	} else {
		smi_buf_clear(&c->cell);
		cell_text(&c->cell, type, v);
		b->failed |= c->cell.failed;
		smi_esc_csv(b, smi_buf_span(&c->cell));
	}
}

static int csv_record(struct smi_render *r, const sm_record *rec)
{
	const struct smi_kind *kind = smi_kind(rec->kind);
	struct smi_buf *b = &r->sink->buf;
	struct columns *c = r->state;
	size_t first = !r->style->only, commas = 0, start = b->len;

	if (!is_row(r, rec))
		return 0;
	if (first)
		smi_esc_csv(b, smi_span_str(kind->name));
	for (size_t i = 0; i < c->nshown[rec->kind]; i++) {
		size_t column = c->shown[rec->kind][i];
		int f = c->field[rec->kind][column];

		if (!smi_rec_has(rec, (unsigned)f))
			continue;
		smi_buf_fill(b, ',', column + first - commas);
		commas = column + first;
		add_cell(r, kind->fields[f].type, &rec->v[f]);
	}
	smi_buf_fill(b, ',', c->n - 1 + first - commas);
	/* a reader passes over an empty line */
	if (b->len == start)
		smi_buf_str(b, "\"\"");
	smi_buf_str(b, "\r\n");
	return smi_sink_push(r->sink);
}

static void csv_done(void *state)
{
	struct columns *c = state;

	smi_buf_free(&c->cell);
}

const struct smi_format smi_format_csv = {
	.number = SM_FORMAT_CSV,
	.name = "csv",
	.state_size = sizeof(struct columns),
	.columns = true,
	.sections = true,
	.done = csv_done,
	.begin = csv_begin,
	.record = csv_record,
	.end = csv_record,
};
