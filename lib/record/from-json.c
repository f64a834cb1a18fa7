/* SPDX-License-Identifier: MIT */
#include "record/from-json.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "record/schema.h"

#define DEPTH_MAX 8 /* of records in records */
#define RECORDS_MAX                                                            \
	10000 /* in one; of each is far more in memory than in the text */
#define TEXTS_MAX 1000000 /* in its lists; 16 bytes of memory at least */
#define NAME_MAX_ 64
/* More digits than that a double does not tell apart. */
#define DIGITS_MAX 300
/* Up to here three decimals are exact; no number of ours comes near it. */
#define REAL_MAX 1e12

struct reader {
	struct smi_arena *a;
	struct smi_json j;
	struct smi_buf text;
	unsigned depth, records, texts;
	bool full;
};

static int read_record(struct reader *in, sm_record **out);

/* Escaped already by who made the record; what is not is escaped now. */
static bool is_text(struct smi_span s)
{
	while (s.len) {
		uint32_t cp;
		size_t n = smi_utf8_char(s, &cp);

		if (!n || cp < 0x20 || (cp >= 0x7f && cp <= 0x9f))
			return false;
		s = smi_span_skip(s, n);
	}
	return true;
}

/* NULL: another type, or no memory, which leaves the arena in error. */
static const char *read_text(struct reader *in)
{
	struct smi_json_value v;
	struct smi_span s;

	if (!smi_json_value(&in->j, &v) || v.type != SMI_JSON_STRING)
		return NULL;
	s = v.text;
	if (v.escaped) {
		smi_buf_clear(&in->text);
		smi_json_unescape(&in->text, s);
		in->a->failed |= in->text.failed;
		s = smi_buf_span(&in->text);
	}
	return is_text(s) ? smi_arena_strndup(in->a, s.p, s.len)
			  : smi_utf8_escape_dup(in->a, s);
}

static bool to_int(struct smi_span s, int64_t *out)
{
	bool minus = smi_span_starts(s, SMI_SPAN("-"));
	uint64_t u;

	s = smi_span_skip(s, minus);
	if (!smi_span_uint(s, INT64_MAX, &u))
		return false;
	*out = minus ? -(int64_t)u : (int64_t)u;
	return true;
}

/* strtod() would ask the locale what a point is. */
static bool to_real(struct smi_span s, double *out)
{
	bool minus = smi_span_starts(s, SMI_SPAN("-"));
	double v = 0, unit = 1;
	bool point = false;

	s = smi_span_skip(s, minus);
	if (!s.len || s.len > DIGITS_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.' && !point && i && i + 1 < s.len) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
		unit *= point ? 10 : 1;
	}
	v /= unit;
	if (!(v <= REAL_MAX))
		return false;
	*out = minus ? -v : v;
	return true;
}

static bool read_number(struct reader *in, sm_record *r, unsigned field,
			bool real)
{
	struct smi_json_value v;
	double d = 0;
	int64_t i = 0;

	if (!smi_json_value(&in->j, &v) || v.type != SMI_JSON_NUMBER ||
	    !(real ? to_real(v.text, &d) : to_int(v.text, &i)))
		return false;
	if (real)
		smi_set_real(r, field, d);
	else
		smi_set_int(r, field, i);
	return true;
}

static bool read_bool(struct reader *in, sm_record *r, unsigned field)
{
	struct smi_json_value v;

	if (!smi_json_value(&in->j, &v) || v.type != SMI_JSON_WORD ||
	    v.text.p[0] == 'n')
		return false;
	smi_set_int(r, field, v.text.p[0] == 't');
	return true;
}

static bool read_time(struct reader *in, sm_record *r, unsigned field)
{
	struct smi_json_value v;
	int64_t t;

	if (!smi_json_value(&in->j, &v) || v.type != SMI_JSON_STRING ||
	    !smi_time_parse(v.text, &t))
		return false;
	smi_set_int(r, field, t);
	return true;
}

/* A list of texts, or of records. */
static bool read_list(struct reader *in, sm_record *r, unsigned field,
		      bool records)
{
	SMI_VEC(const void *) list = { 0 };
	const void **v;
	bool good = smi_json_open(&in->j, '[');

	while (good && smi_json_element(&in->j)) {
		const void *one = NULL;
		sm_record *rec = NULL;

		if (!records && ++in->texts > TEXTS_MAX)
			in->full = true;
		else if (!records)
			one = read_text(in);
		else if (read_record(in, &rec) == 0)
			one = rec;
		good = one && smi_vec_push(&list, one);
		in->a->failed |= one && !good;
	}
	v = smi_arena_alloc(in->a, SMI_MAX(list.n, 1) * sizeof(*v));
	if (v && list.n)
		memcpy(v, list.v, list.n * sizeof(*v));
	if (v && records)
		smi_set_recs(in->a, r, field, (const sm_record *const *)v,
			     list.n);
	else if (v)
		smi_set_strs(in->a, r, field, (const char *const *)v, list.n);
	smi_vec_free(&list);
	return good;
}

static bool read_value(struct reader *in, sm_record *r, int type,
		       unsigned field)
{
	const char *s;

	switch (type) {
	case SM_TYPE_STR:
		s = read_text(in);
		smi_set_const(r, field, s);
		return s;
	case SM_TYPE_INT:
	case SM_TYPE_REAL:
		return read_number(in, r, field, type == SM_TYPE_REAL);
	case SM_TYPE_BOOL:
		return read_bool(in, r, field);
	case SM_TYPE_TIME:
		return read_time(in, r, field);
	default:
		return read_list(in, r, field, type == SM_TYPE_RECORDS);
	}
}

/* "tls" is no field, and "tls.version" is one. */
static bool is_group(const struct smi_kind *k, struct smi_span name)
{
	for (unsigned f = 0; f < k->nfields; f++)
		if (smi_span_starts(smi_span_str(k->fields[f].name), name) &&
		    k->fields[f].name[name.len] == '.')
			return true;
	return false;
}

/* The members of an object that is open; prefix is "" or "tls.". */
static bool read_members(struct reader *in, sm_record *r,
			 struct smi_span prefix)
{
	const struct smi_kind *k = smi_kind(r->kind);
	struct smi_span key;

	while (smi_json_member(&in->j, &key)) {
		char name[NAME_MAX_];
		size_t len = prefix.len + key.len;
		bool good = len + 1 < sizeof(name);
		int f = -ENOENT;

		if (good) {
			memcpy(name, prefix.p, prefix.len);
			memcpy(name + prefix.len, key.p, key.len);
			f = smi_kind_find(k, smi_span_of(name, len));
		}
		if (f >= 0) {
			good = read_value(in, r, k->fields[f].type,
					  (unsigned)f);
		} else if (good && smi_json_peek(&in->j) == SMI_JSON_OBJECT &&
			   is_group(k, smi_span_of(name, len))) {
			name[len++] = '.';
			good = smi_json_open(&in->j, '{') &&
			       read_members(in, r, smi_span_of(name, len));
		} else {
			good = smi_json_skip(&in->j);
		}
		if (!good)
			return false;
	}
	return !in->j.failed;
}

/* By the member "type" of the object that is next, which stays next. */
static int find_kind(const struct reader *in)
{
	struct smi_json j = in->j;
	struct smi_json_value v = { 0 };
	struct smi_span key;

	if (!smi_json_open(&j, '{'))
		return -EBADMSG;
	while (smi_json_member(&j, &key)) {
		if (!smi_span_eq_str(key, "type")) {
			smi_json_skip(&j);
			continue;
		}
		if (!smi_json_value(&j, &v) || v.type != SMI_JSON_STRING)
			return -EBADMSG;
		for (int kind = 1; kind <= SMI_NKINDS; kind++)
			if (smi_span_eq_str(v.text, smi_kind(kind)->name))
				return kind;
		return -ENOENT;
	}
	return -EBADMSG;
}

/* The number that goes with a text: its place in names, NULL at the end. */
static void set_code(sm_record *r, unsigned from, unsigned to,
		     const char *const *names)
{
	const char *s = smi_rec_str(r, r->kind, from);

	for (int i = 0; names[i]; i++)
		if (*names[i] && !strcmp(names[i], s))
			smi_set_int(r, to, i);
}

static void set_codes(sm_record *r)
{
	static const char *const ports[] = {
		"",	     "open", "closed", "filtered", "open|filtered",
		"listening", NULL
	};
	static const char *const findings[] = { "", "open", "closed", NULL };
	static const char *const outcomes[] = { "", "failure", "success",
						NULL };
	int severity;

	switch (r->kind) {
	case SM_KIND_PORT:
		set_code(r, SMI_PORT_STATE, SMI_PORT_STATE_CODE, ports);
		break;
	case SM_KIND_PROCESS:
		if (smi_rec_has(r, SMI_PROC_STATE))
			smi_set_int(r, SMI_PROC_STATE_CODE,
				    (unsigned char)r->v[SMI_PROC_STATE].s[0]);
		break;
	case SM_KIND_EVENT:
		set_code(r, SMI_EVENT_OUTCOME, SMI_EVENT_OUTCOME_CODE,
			 outcomes);
		break;
	case SM_KIND_FINDING:
		set_code(r, SMI_FINDING_STATE, SMI_FINDING_STATE_CODE,
			 findings);
		severity = sm_severity_by_name(
			smi_rec_str(r, SM_KIND_FINDING, SMI_FINDING_SEVERITY));
		if (severity > 0)
			smi_set_severity(r, severity);
		break;
	default:
		break;
	}
}

static int read_record(struct reader *in, sm_record **out)
{
	int kind = find_kind(in);
	sm_record *r;

	if (kind < 0 || in->depth == DEPTH_MAX)
		return kind < 0 ? kind : -EBADMSG;
	in->full = ++in->records > RECORDS_MAX;
	if (in->full)
		return -E2BIG;
	r = smi_rec_new(in->a, kind);
	if (!r)
		return -ENOMEM;
	in->depth++;
	if (!smi_json_open(&in->j, '{') || !read_members(in, r, SMI_SPAN("")))
		return in->a->failed ? -ENOMEM : in->full ? -E2BIG : -EBADMSG;
	in->depth--;
	set_codes(r);
	*out = r;
	return in->a->failed ? -ENOMEM : 0;
}

int smi_rec_from_json(struct smi_arena *a, struct smi_span text,
		      sm_record **out)
{
	struct reader in = { .a = a };
	sm_record *r = NULL;
	int rc;

	smi_json_init(&in.j, text);
	rc = read_record(&in, &r);
	if (rc == 0 && !smi_json_done(&in.j))
		rc = -EBADMSG;
	smi_buf_free(&in.text);
	if (rc == 0)
		*out = r;
	return rc;
}
