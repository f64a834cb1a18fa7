/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "record/build.h"
#include "record/schema.h"

/*
 * Kind, set of known fields, then their values in order; numbers of 8 bytes in
 * the machine's order, texts and lists behind their length. A file of it is
 * written and read by one process, so there is no version.
 */
static void pack_u64(struct smi_buf *b, uint64_t v)
{
	smi_buf_add(b, &v, sizeof(v));
}

static void pack_bytes(struct smi_buf *b, struct smi_span s)
{
	pack_u64(b, s.len);
	smi_buf_span_add(b, s);
}

static void pack_value(struct smi_buf *b, int type, union smi_value v)
{
	switch (type) {
	case SM_TYPE_STR:
		pack_bytes(b, smi_span_str(v.s));
		break;
	case SM_TYPE_STRS:
		pack_u64(b, v.strs->n);
		for (size_t i = 0; i < v.strs->n; i++)
			pack_bytes(b, smi_span_str(v.strs->v[i]));
		break;
	case SM_TYPE_RECORDS:
		pack_u64(b, v.recs->n);
		for (size_t i = 0; i < v.recs->n; i++)
			smi_rec_pack(b, v.recs->v[i]);
		break;
	case SMI_TYPE_RAW:
		pack_bytes(b, *v.raw);
		break;
	default:
		pack_u64(b, (uint64_t)v.i);
	}
}

void smi_rec_pack(struct smi_buf *b, const sm_record *r)
{
	const struct smi_kind *k = smi_kind(r->kind);

	pack_u64(b, (uint64_t)r->kind);
	pack_u64(b, r->known.w[0]);
	pack_u64(b, r->known.w[1]);
	for (unsigned f = 0; f < k->nvalues; f++)
		if (smi_rec_has(r, f))
			pack_value(b, k->fields[f].type, r->v[f]);
}

struct reader {
	struct smi_arena *a;
	struct smi_span rest;
	unsigned depth;
};

/* Findings hold events and events hold nothing: more is not our writing. */
#define MAX_DEPTH 8

static bool read_u64(struct reader *in, uint64_t *out)
{
	if (in->rest.len < sizeof(*out))
		return false;
	memcpy(out, in->rest.p, sizeof(*out));
	in->rest = smi_span_skip(in->rest, sizeof(*out));
	return true;
}

static bool read_text(struct reader *in, struct smi_span *out)
{
	uint64_t len;
	char *s;

	if (!read_u64(in, &len) || len > in->rest.len)
		return false;
	s = smi_arena_strndup(in->a, in->rest.p, (size_t)len);
	in->rest = smi_span_skip(in->rest, (size_t)len);
	*out = smi_span_of(s ? s : "", s ? (size_t)len : 0);
	return true;
}

static bool read_record(struct reader *in, sm_record **out);

/* Each element takes 8 bytes at least, so a length that lies is found before
 * memory is asked for. */
static bool read_count(struct reader *in, uint64_t *n)
{
	return read_u64(in, n) && *n <= in->rest.len / 8;
}

static bool read_strs(struct reader *in, sm_record *r, unsigned field)
{
	uint64_t n;
	const char **v;

	if (!read_count(in, &n))
		return false;
	v = smi_arena_alloc(in->a, (size_t)n * sizeof(*v));
	for (uint64_t i = 0; i < n; i++) {
		struct smi_span s;

		if (!read_text(in, &s))
			return false;
		if (v)
			v[i] = s.p;
	}
	if (v)
		smi_set_strs(in->a, r, field, v, (size_t)n);
	return true;
}

static bool read_recs(struct reader *in, sm_record *r, unsigned field)
{
	uint64_t n;
	const sm_record **v;

	if (!read_count(in, &n))
		return false;
	v = smi_arena_alloc(in->a, (size_t)n * sizeof(*v));
	for (uint64_t i = 0; i < n; i++) {
		sm_record *one;

		if (!read_record(in, &one))
			return false;
		if (v)
			v[i] = one;
	}
	if (v)
		smi_set_recs(in->a, r, field, v, (size_t)n);
	return true;
}

static bool read_value(struct reader *in, sm_record *r, int type,
		       unsigned field)
{
	struct smi_span s;
	uint64_t u;

	switch (type) {
	case SM_TYPE_STR:
		if (!read_text(in, &s))
			return false;
		smi_set_const(r, field, s.p);
		return true;
	case SM_TYPE_STRS:
		return read_strs(in, r, field);
	case SM_TYPE_RECORDS:
		return read_recs(in, r, field);
	case SMI_TYPE_RAW:
		if (!read_text(in, &s))
			return false;
		smi_set_raw(in->a, r, field, s);
		return true;
	default:
		if (!read_u64(in, &u))
			return false;
		smi_set_int(r, field, (int64_t)u);
		return true;
	}
}

/* Every bit of the set is a value of the kind. */
static bool known_fits(const struct smi_kind *k,
		       const struct smi_fieldset *known)
{
	for (unsigned f = k->nvalues; f < SMI_MAX_VALUES; f++)
		if (smi_fieldset_has(known, f))
			return false;
	return true;
}

static bool read_record(struct reader *in, sm_record **out)
{
	uint64_t kind;
	struct smi_fieldset known;
	const struct smi_kind *k;
	sm_record *r;

	if (in->depth == MAX_DEPTH || !read_u64(in, &kind) ||
	    !read_u64(in, &known.w[0]) || !read_u64(in, &known.w[1]))
		return false;
	k = kind <= SMI_NKINDS ? smi_kind((int)kind) : NULL;
	if (!k || !known_fits(k, &known))
		return false;
	in->depth++;
	r = smi_rec_new(in->a, (int)kind);
	for (unsigned f = 0; f < k->nvalues; f++)
		if (smi_fieldset_has(&known, f) &&
		    !read_value(in, r, k->fields[f].type, f))
			return false;
	in->depth--;
	*out = r;
	return true;
}

int smi_rec_unpack(struct smi_arena *a, struct smi_span p, size_t *used,
		   sm_record **out)
{
	struct reader in = { a, p, 0 };
	sm_record *r;

	if (!read_record(&in, &r))
		return -EBADMSG;
	if (smi_arena_error(a))
		return -ENOMEM;
	*used = p.len - in.rest.len;
	*out = r;
	return 0;
}
