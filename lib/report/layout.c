/* SPDX-License-Identifier: MIT */
#include "report/layout.h"

#include "base/clock.h"
#include "base/nls.h"
#include "base/utf8.h"
#include "record/schema.h"
#include "record/told.h"
#include "report/escape.h"
#include "report/format.h"

#define ELLIPSIS "\xe2\x80\xa6"

/* How many bytes of the text take at most so many columns. */
static size_t fit(struct smi_span text, size_t columns, size_t *used)
{
	size_t at = 0;

	*used = 0;
	while (at < text.len) {
		uint32_t cp;
		size_t n = smi_utf8_char(smi_span_skip(text, at), &cp);
		size_t wide = n ? (size_t)SMI_MAX(smi_utf8_width(cp), 0) : 1;

		if (*used + wide > columns)
			break;
		*used += wide;
		at += SMI_MAX(n, 1);
	}
	return at;
}

size_t smi_layout_cut(struct smi_buf *b, struct smi_span text, size_t columns)
{
	size_t used, n = fit(text, columns ? columns : SIZE_MAX, &used);

	if (n < text.len) {
		n = fit(text, columns - 1, &used);
		smi_buf_add(b, text.p, n);
		smi_buf_str(b, ELLIPSIS);
		return used + 1;
	}
	smi_buf_span_add(b, text);
	return used;
}

/* Where to break the line: after how many bytes, and how many spaces follow. */
static size_t break_at(struct smi_span text, size_t columns)
{
	size_t used, n = fit(text, columns, &used), space = n;

	if (n == text.len || text.p[n] == ' ')
		return n;
	while (space && text.p[space - 1] != ' ')
		space--;
	if (space)
		return space;
	/* a word longer than the line, or a character wider */
	return n ? n : SMI_MAX(smi_utf8_char(text, NULL), 1);
}

void smi_layout_wrap(struct smi_buf *b, struct smi_span text, size_t columns,
		     size_t first, size_t indent)
{
	size_t at = first;

	for (;;) {
		size_t room = columns > at ? columns - at : 1;
		size_t n = break_at(text, columns ? room : SIZE_MAX);

		smi_buf_span_add(b, smi_span_trim(smi_span_head(text, n)));
		smi_buf_char(b, '\n');
		text = smi_span_trim(smi_span_skip(text, n));
		if (!text.len)
			return;
		smi_buf_fill(b, ' ', indent);
		at = indent;
	}
}

const char *smi_count_text(char out[SMI_COUNT_STRLEN], uint64_t n)
{
	size_t i = SMI_COUNT_STRLEN, left = 3;

	out[--i] = '\0';
	do {
		if (!left) {
			out[--i] = ',';
			left = 3;
		}
		left--;
		out[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return out + i;
}

void smi_layout_count(struct smi_buf *b, uint64_t n)
{
	char text[SMI_COUNT_STRLEN];

	smi_buf_str(b, smi_count_text(text, n));
}

void smi_layout_plural(struct smi_buf *b, uint64_t n, const char *one,
		       const char *many)
{
	smi_layout_count(b, n);
	smi_buf_char(b, ' ');
	smi_buf_str(b, smi_trn(one, many, n));
}

void smi_layout_size(struct smi_buf *b, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	double v = (double)bytes / 1024;
	size_t u = 0;

	if (bytes < 1024) {
		smi_buf_printf(b, "%llu B", (unsigned long long)bytes);
		return;
	}
	for (; v >= 1024 && u + 1 < SMI_COUNT(units); u++)
		v /= 1024;
	smi_buf_real(b, v, v < 100);
	smi_buf_printf(b, " %s", units[u]);
}

void smi_layout_time(struct smi_buf *b, int64_t ns)
{
	char text[SMI_TIME_STRLEN];
	int64_t part = ns % SMI_SEC;

	if (ns != SM_TIME_NONE)
		ns -= part < 0 ? part + SMI_SEC : part;
	smi_buf_str(b, smi_time_format(ns, text));
}

/* Fields that are shown in another way than their type says. */
static const struct {
	const char *name;
	enum {
		SIZE,
		PERCENT,
		EXACT
	} as;
} ways[] = {
	{ "rss", SIZE },
	{ "bytes", SIZE },
	{ "peak_memory", SIZE },
	{ "cpu_percent", PERCENT },
	{ "cpu_percent_lifetime", PERCENT },
	{ "memory_percent", PERCENT },
	{ "rtt_ms", EXACT },
};

static int way_of(const char *name)
{
	for (size_t i = 0; i < SMI_COUNT(ways); i++)
		if (!strcmp(ways[i].name, name))
			return ways[i].as;
	return -1;
}

/* One decimal always, so that the points stand below one another. */
static void add_percent(struct smi_buf *b, double v)
{
	size_t from = b->len;

	smi_buf_real(b, v, 1);
	if (!b->failed && !memchr(b->p + from, '.', b->len - from))
		smi_buf_str(b, ".0");
}

static void add_real(struct smi_buf *b, double v, int way)
{
	if (way == PERCENT)
		add_percent(b, v);
	else
		smi_buf_real(b, v, way == EXACT ? 3 : 1);
}

static void add_recs(struct smi_buf *b, const struct smi_recs *recs)
{
	for (size_t i = 0; i < recs->n; i++) {
		smi_buf_str(b, i ? "; " : "");
		smi_brief_told(b, recs->v[i]);
	}
}

static void cell_text(struct smi_buf *b, const sm_record *rec, unsigned number)
{
	const struct smi_field *field = &smi_kind(rec->kind)->fields[number];
	const union smi_value *v = &rec->v[number];
	int way = way_of(field->name);

	switch (field->type) {
	case SM_TYPE_INT:
		if (way == SIZE && v->i >= 0)
			smi_layout_size(b, (uint64_t)v->i);
		else
			smi_buf_int(b, v->i);
		break;
	case SM_TYPE_BOOL:
		smi_buf_str(b, v->i ? smi_tr("yes") : smi_tr("no"));
		break;
	case SM_TYPE_REAL:
		if (__builtin_isfinite(v->r))
			add_real(b, v->r, way);
		break;
	case SM_TYPE_STR:
		smi_told(b, rec, number);
		break;
	case SM_TYPE_TIME:
		smi_layout_time(b, v->i);
		break;
	case SM_TYPE_STRS:
		for (size_t i = 0; i < v->strs->n; i++) {
			smi_buf_str(b, i ? ", " : "");
			smi_buf_str(b, v->strs->v[i]);
		}
		break;
	case SM_TYPE_RECORDS:
		add_recs(b, v->recs);
		break;
	default:
		break;
	}
}

#define LEVELS_SHOWN 24

/* The name of a process in a tree stands below its parent's. */
static void indent(struct smi_buf *b, const sm_record *rec, unsigned field)
{
	int64_t depth;

	if (rec->kind != SM_KIND_PROCESS || field != SMI_PROC_NAME)
		return;
	depth = smi_rec_int(rec, SM_KIND_PROCESS, SMI_PROC_DEPTH);
	if (depth <= 0)
		return;
	smi_buf_fill(b, ' ', 2 * (size_t)SMI_MIN(depth - 1, LEVELS_SHOWN));
	smi_buf_str(b, "\\_ ");
}

void smi_layout_cell(struct smi_buf *b, const sm_record *rec, unsigned field)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };

	if (smi_rec_has(rec, field))
		cell_text(&text, rec, field);
	b->failed |= text.failed;
	indent(b, rec, field);
	if (text.len)
		smi_esc_term(b, smi_buf_span(&text));
	else
		smi_buf_char(b, '-');
}

const char *smi_layout_severity(bool on, int64_t severity)
{
	if (!on)
		return "";
	return severity >= SM_SEV_CRITICAL ? "\033[1;31m"
	       : severity >= SM_SEV_HIGH   ? "\033[31m"
	       : severity >= SM_SEV_MEDIUM ? "\033[33m"
	       : severity >= SM_SEV_LOW	   ? "\033[36m"
					   : "\033[2m";
}

const char *smi_layout_bold(bool on)
{
	return on ? "\033[1m" : "";
}

const char *smi_layout_plain(bool on)
{
	return on ? "\033[0m" : "";
}
