/* SPDX-License-Identifier: MIT */
#include "record/record.h"

#include <stdlib.h>

#include "base/clock.h"
#include "record/copy.h"
#include "record/schema.h"

static const struct smi_strs no_strs;
static const struct smi_recs no_recs;

static const union smi_value *value_of(const sm_record *r, int kind,
				       unsigned field)
{
	if (!r || r->kind != kind || !smi_rec_has(r, field))
		return NULL;
	return &r->v[field];
}

int64_t smi_rec_int(const sm_record *r, int kind, unsigned field)
{
	const union smi_value *v = value_of(r, kind, field);

	return v ? v->i : 0;
}

double smi_rec_real(const sm_record *r, int kind, unsigned field)
{
	const union smi_value *v = value_of(r, kind, field);

	return v ? v->r : 0;
}

const char *smi_rec_str(const sm_record *r, int kind, unsigned field)
{
	const union smi_value *v = value_of(r, kind, field);

	return v ? v->s : "";
}

int64_t smi_rec_time(const sm_record *r, int kind, unsigned field)
{
	const union smi_value *v = value_of(r, kind, field);

	return v ? v->i : SM_TIME_NONE;
}

const struct smi_strs *smi_rec_strs(const sm_record *r, int kind,
				    unsigned field)
{
	const union smi_value *v = value_of(r, kind, field);

	return v ? v->strs : &no_strs;
}

struct smi_span smi_rec_raw(const sm_record *r, int kind, unsigned field)
{
	const union smi_value *v = value_of(r, kind, field);

	return v ? *v->raw : SMI_SPAN("");
}

SM_EXPORT int sm_record_kind(const sm_record *rec)
{
	return rec ? rec->kind : 0;
}

SM_EXPORT const char *sm_record_id(const sm_record *rec)
{
	const struct smi_kind *k = rec ? smi_kind(rec->kind) : NULL;

	if (!k || k->id < 0)
		return "";
	return smi_rec_str(rec, rec->kind, (unsigned)k->id);
}

SM_EXPORT sm_record *sm_record_ref(const sm_record *rec)
{
	sm_record *r = (sm_record *)(uintptr_t)rec;

	if (!r)
		return NULL;
	if (atomic_load_explicit(&r->refs, memory_order_relaxed) == 0)
		return smi_rec_own(r);
	atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
	return r;
}

SM_EXPORT void sm_record_unref(sm_record *rec)
{
	/* One that lies in an arena is its job's. */
	if (!rec || atomic_load_explicit(&rec->refs, memory_order_relaxed) == 0)
		return;
	if (atomic_fetch_sub_explicit(&rec->refs, 1, memory_order_acq_rel) == 1)
		free(rec);
}

/* The value of a public field when it is known and of the type. */
static const union smi_value *public_value(const sm_record *rec, size_t field,
					   int type)
{
	const struct smi_kind *k = rec ? smi_kind(rec->kind) : NULL;

	if (!k || field >= k->nfields || k->fields[field].type != type)
		return NULL;
	return value_of(rec, rec->kind, (unsigned)field);
}

SM_EXPORT int sm_record_has_field(const sm_record *rec, size_t field)
{
	const struct smi_kind *k = rec ? smi_kind(rec->kind) : NULL;

	return k && field < k->nfields && smi_rec_has(rec, (unsigned)field);
}

SM_EXPORT int64_t sm_record_field_int(const sm_record *rec, size_t field)
{
	const union smi_value *v = public_value(rec, field, SM_TYPE_INT);

	if (!v)
		v = public_value(rec, field, SM_TYPE_BOOL);
	if (v)
		return v->i;
	v = public_value(rec, field, SM_TYPE_TIME);
	if (v)
		return v->i;
	return rec && sm_kind_field_type(rec->kind, field) == SM_TYPE_TIME
		       ? SM_TIME_NONE
		       : 0;
}

SM_EXPORT double sm_record_field_real(const sm_record *rec, size_t field)
{
	const union smi_value *v = public_value(rec, field, SM_TYPE_REAL);

	return v ? v->r : 0;
}

SM_EXPORT const char *sm_record_field_str(const sm_record *rec, size_t field)
{
	const union smi_value *v = public_value(rec, field, SM_TYPE_STR);

	return v ? v->s : "";
}

static const struct smi_strs *public_strs(const sm_record *rec, size_t field)
{
	const union smi_value *v = public_value(rec, field, SM_TYPE_STRS);

	return v ? v->strs : &no_strs;
}

static const struct smi_recs *public_recs(const sm_record *rec, size_t field)
{
	const union smi_value *v = public_value(rec, field, SM_TYPE_RECORDS);

	return v ? v->recs : &no_recs;
}

SM_EXPORT size_t sm_record_field_nitems(const sm_record *rec, size_t field)
{
	return public_strs(rec, field)->n + public_recs(rec, field)->n;
}

SM_EXPORT const char *sm_record_field_item(const sm_record *rec, size_t field,
					   size_t i)
{
	const struct smi_strs *list = public_strs(rec, field);

	return i < list->n ? list->v[i] : "";
}

SM_EXPORT const sm_record *sm_record_field_record(const sm_record *rec,
						  size_t field, size_t i)
{
	const struct smi_recs *list = public_recs(rec, field);

	return i < list->n ? list->v[i] : NULL;
}

SM_EXPORT int sm_time_parse(const char *text, int64_t *out)
{
	if (!text || !out || !smi_time_parse(smi_span_str(text), out))
		return -EINVAL;
	return 0;
}
