/* SPDX-License-Identifier: MIT */
#include "record/build.h"

#include "base/utf8.h"
#include "record/schema.h"

sm_record *smi_rec_new(struct smi_arena *a, int kind)
{
	const struct smi_kind *k = smi_kind(kind);
	size_t size = sizeof(sm_record) + k->nvalues * sizeof(union smi_value);
	sm_record *r = smi_arena_zalloc(a, size);

	if (r)
		r->kind = kind;
	return r;
}

static void set(sm_record *r, unsigned field, union smi_value v)
{
	r->v[field] = v;
	smi_fieldset_add(&r->known, field);
}

void smi_set_int(sm_record *r, unsigned field, int64_t v)
{
	if (r)
		set(r, field, (union smi_value){ .i = v });
}

void smi_set_real(sm_record *r, unsigned field, double v)
{
	if (r)
		set(r, field, (union smi_value){ .r = v });
}

void smi_set_const(sm_record *r, unsigned field, const char *s)
{
	if (r && s)
		set(r, field, (union smi_value){ .s = s });
}

void smi_set_text(struct smi_arena *a, sm_record *r, unsigned field,
		  struct smi_span s)
{
	if (r)
		smi_set_const(r, field, smi_utf8_escape_dup(a, s));
}

void smi_set_raw(struct smi_arena *a, sm_record *r, unsigned field,
		 struct smi_span s)
{
	struct smi_span *raw = r ? smi_arena_alloc(a, sizeof(*raw)) : NULL;
	char *p = raw ? smi_arena_strndup(a, s.p, s.len) : NULL;

	if (!p)
		return;
	*raw = (struct smi_span){ p, s.len };
	set(r, field, (union smi_value){ .raw = raw });
}

void smi_set_strs(struct smi_arena *a, sm_record *r, unsigned field,
		  const char *const *v, size_t n)
{
	struct smi_strs *list = r ? smi_arena_alloc(a, sizeof(*list)) : NULL;

	if (!list)
		return;
	*list = (struct smi_strs){ n, v };
	set(r, field, (union smi_value){ .strs = list });
}

void smi_set_recs(struct smi_arena *a, sm_record *r, unsigned field,
		  const sm_record *const *v, size_t n)
{
	struct smi_recs *list = r ? smi_arena_alloc(a, sizeof(*list)) : NULL;

	if (!list)
		return;
	*list = (struct smi_recs){ n, v };
	set(r, field, (union smi_value){ .recs = list });
}

void smi_set_severity(sm_record *finding, int severity)
{
	smi_set_int(finding, SMI_FINDING_SEVERITY_CODE, severity);
	smi_set_const(finding, SMI_FINDING_SEVERITY,
		      sm_severity_name(severity));
}

const sm_record *smi_rec_only(struct smi_arena *a, const sm_record *r,
			      const struct smi_fieldset *fields)
{
	const struct smi_kind *k = r ? smi_kind(r->kind) : NULL;
	struct smi_fieldset known;
	sm_record *some;

	if (!k)
		return NULL;
	known = r->known;
	for (unsigned f = 0; f < k->nfields; f++)
		if (!smi_fieldset_has(fields, f))
			smi_fieldset_del(&known, f);
	if (memcmp(&known, &r->known, sizeof(known)) == 0)
		return r;
	some = smi_rec_new(a, r->kind);
	if (!some)
		return NULL;
	memcpy(some->v, r->v, k->nvalues * sizeof(*r->v));
	some->known = known;
	return some;
}
