/* SPDX-License-Identifier: MIT */
#include "report/escape.h"
#include "report/format.h"
#include "report/machine.h"

/* Records in records: findings that rest on findings end here. */
#define DEPTH_MAX 4
#define DECIMALS  3

struct object {
	struct smi_buf *b;
	const struct smi_kind *kind;
	const struct smi_fieldlist *fields;
	const sm_record *rec;
	int depth;
};

static void record_at(struct smi_buf *b, const struct smi_kind *kind,
		      const struct smi_fieldlist *fields, const sm_record *rec,
		      int depth);

static void add_text(struct smi_buf *b, const char *text)
{
	smi_esc_json(b, smi_span_str(text));
}

static void add_nested(struct smi_buf *b, const sm_record *rec, int depth)
{
	struct smi_fieldlist all = { .n = 0 };
	const struct smi_kind *kind = smi_kind(rec->kind);

	for (unsigned f = 0; f < kind->nfields; f++)
		all.f[all.n++] = (uint8_t)f;
	record_at(b, kind, &all, rec, depth);
}

static bool shown(const struct object *o, unsigned f)
{
	const union smi_value *v = &o->rec->v[f];

	if (!smi_rec_has(o->rec, f))
		return false;
	switch (o->kind->fields[f].type) {
	case SM_TYPE_STR:
		return *v->s;
	case SM_TYPE_TIME:
		return v->i != SM_TIME_NONE;
	case SM_TYPE_REAL:
		return __builtin_isfinite(v->r);
	case SM_TYPE_RECORDS:
		return o->depth < DEPTH_MAX;
	case SM_TYPE_INT:
	case SM_TYPE_BOOL:
	case SM_TYPE_STRS:
		return true;
	default:
		return false;
	}
}

static void add_strs(struct smi_buf *b, const struct smi_strs *s)
{
	smi_buf_char(b, '[');
	for (size_t i = 0; i < s->n; i++) {
		if (i)
			smi_buf_char(b, ',');
		add_text(b, s->v[i]);
	}
	smi_buf_char(b, ']');
}

static void add_recs(struct smi_buf *b, const struct smi_recs *s, int depth)
{
	smi_buf_char(b, '[');
	for (size_t i = 0; i < s->n; i++) {
		if (i)
			smi_buf_char(b, ',');
		add_nested(b, s->v[i], depth);
	}
	smi_buf_char(b, ']');
}

static void add_value(const struct object *o, unsigned f)
{
	const union smi_value *v = &o->rec->v[f];
	char text[SMI_TIME_STRLEN];

	switch (o->kind->fields[f].type) {
	case SM_TYPE_INT:
		smi_buf_int(o->b, v->i);
		break;
	case SM_TYPE_BOOL:
		smi_buf_str(o->b, v->i ? "true" : "false");
		break;
	case SM_TYPE_REAL:
		smi_buf_real(o->b, v->r, DECIMALS);
		break;
	case SM_TYPE_STR:
		add_text(o->b, v->s);
		break;
	case SM_TYPE_TIME:
		add_text(o->b, smi_time_format(v->i, text));
		break;
	case SM_TYPE_STRS:
		add_strs(o->b, v->strs);
		break;
	case SM_TYPE_RECORDS:
		add_recs(o->b, v->recs, o->depth + 1);
		break;
	default:
		break;
	}
}

/* Names are of our own tables: there is nothing to escape in them. */
static void add_key(struct smi_buf *b, struct smi_span name, bool first)
{
	char *at;

	if (!smi_buf_reserve(b, name.len + 4))
		return;
	at = b->p + b->len;
	*at = ',';
	at += !first;
	*at++ = '"';
	memcpy(at, name.p, name.len);
	at += name.len;
	*at++ = '"';
	*at++ = ':';
	b->len = (size_t)(at - b->p);
}

/* Whether an earlier member of the list begins with the same prefix. */
static bool was_before(const struct object *o, size_t i, struct smi_span prefix)
{
	for (size_t j = 0; j < i; j++)
		if (shown(o, o->fields->f[j]) &&
		    smi_span_starts(
			    smi_span_str(o->kind->fields[o->fields->f[j]].name),
			    prefix))
			return true;
	return false;
}

static void add_members(const struct object *o, struct smi_span prefix,
			bool first);

/* An object for the i-th member, whose name has a dot behind the prefix, and all
 * others like it. */
static void add_group(const struct object *o, size_t i, struct smi_span prefix,
		      size_t dot, bool first)
{
	const char *name = o->kind->fields[o->fields->f[i]].name;
	struct smi_span group = smi_span_of(name, dot + 1);

	add_key(o->b, smi_span_of(name + prefix.len, dot - prefix.len), first);
	smi_buf_char(o->b, '{');
	add_members(o, group, true);
	smi_buf_char(o->b, '}');
}

/*
 * The members whose names begin with prefix ("tls." or ""), without it; the next
 * dot makes an object inside.
 */
static void add_members(const struct object *o, struct smi_span prefix,
			bool first)
{
	for (size_t i = 0; i < o->fields->n; i++) {
		unsigned f = o->fields->f[i];
		const char *name = o->kind->fields[f].name;
		size_t n = prefix.len;

		if (!shown(o, f) ||
		    (n && !smi_span_starts(smi_span_str(name), prefix)))
			continue;
		while (name[n] && name[n] != '.')
			n++;
		if (!name[n]) {
			add_key(o->b,
				smi_span_of(name + prefix.len, n - prefix.len),
				first);
			add_value(o, f);
		} else if (was_before(o, i, smi_span_of(name, n + 1))) {
			continue;
		} else {
			add_group(o, i, prefix, n, first);
		}
		first = false;
	}
}

static void record_at(struct smi_buf *b, const struct smi_kind *kind,
		      const struct smi_fieldlist *fields, const sm_record *rec,
		      int depth)
{
	const struct object o = { b, kind, fields, rec, depth };

	smi_buf_str(b, "{\"type\":");
	add_text(b, kind->name);
	add_members(&o, SMI_SPAN(""), false);
	smi_buf_char(b, '}');
}

void smi_json_record(struct smi_buf *b, const struct smi_kind *kind,
		     const struct smi_fieldlist *fields, const sm_record *rec)
{
	record_at(b, kind, fields, rec, 0);
}

static void add_record(struct smi_render *r, const sm_record *rec)
{
	smi_json_record(&r->sink->buf, smi_kind(rec->kind),
			&r->fields[rec->kind], rec);
}

static int ndjson_begin(struct smi_render *r)
{
	(void)r;
	return 0;
}

static int ndjson_record(struct smi_render *r, const sm_record *rec)
{
	add_record(r, rec);
	smi_buf_char(&r->sink->buf, '\n');
	return smi_sink_push(r->sink);
}

const struct smi_format smi_format_ndjson = {
	.number = SM_FORMAT_NDJSON,
	.name = "ndjson",
	.begin = ndjson_begin,
	.record = ndjson_record,
	.end = ndjson_record,
};

struct list {
	struct smi_render *r;
	bool more;
};

static int list_record(const sm_record *rec, void *user)
{
	struct list *l = user;

	smi_buf_str(&l->r->sink->buf, l->more ? ",\n" : "\n");
	l->more = true;
	add_record(l->r, rec);
	return smi_sink_push(l->r->sink);
}

static void add_known(struct smi_buf *b, const char *name, const char *value,
		      bool *first)
{
	if (!*value)
		return;
	add_key(b, smi_span_str(name), *first);
	add_text(b, value);
	*first = false;
}

static int json_head(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	char text[SMI_TIME_STRLEN];
	struct smi_machine m;
	bool first = true;
	int rc = smi_machine_of(&m, r);

	if (rc < 0)
		return rc;
	smi_buf_str(b, "{\"schema\":\"sysmon/1\",\"generated\":");
	add_text(b, smi_time_format(r->generated, text));
	if (r->style->title) {
		smi_buf_str(b, ",\"title\":");
		add_text(b, r->style->title);
	}
	smi_buf_str(b, ",\n\"host\":{");
	add_known(b, "hostname", m.hostname, &first);
	add_known(b, "id", m.id, &first);
	add_known(b, "os", m.os, &first);
	add_known(b, "kernel", m.kernel, &first);
	add_known(b, "arch", m.arch, &first);
	smi_buf_char(b, '}');
	return 0;
}

static int json_whole(struct smi_render *r)
{
	struct smi_buf *b = &r->sink->buf;
	int rc = json_head(r);

	for (size_t i = 0; rc == 0 && i < SMI_NSECTIONS; i++) {
		const struct smi_section *s = &smi_sections[i];
		struct list l = { r, false };

		if (!s->always && !sm_report_size(r->report, s->kind))
			continue;
		smi_buf_str(b, ",\n");
		add_text(b, s->name);
		smi_buf_str(b, ":[");
		rc = smi_report_each(r->report, s->kind, r->style->min_severity,
				     list_record, &l);
		smi_buf_str(b, l.more ? "\n]" : "]");
	}
	if (rc)
		return rc;
	smi_buf_str(b, ",\n\"summary\":");
	add_record(r, r->summary);
	smi_buf_str(b, "}\n");
	return smi_sink_push(r->sink);
}

const struct smi_format smi_format_json = {
	.number = SM_FORMAT_JSON,
	.name = "json",
	.whole = json_whole,
};
