/* SPDX-License-Identifier: MIT */
#include "record/copy.h"

#include "record/build.h"
#include "record/schema.h"

/*
 * One walk over the field table serves for both: with p NULL it only measures,
 * else it fills a block of that size. All parts are aligned to 8 bytes.
 */
struct block {
	char *p;
	size_t used;
};

static void *take(struct block *b, size_t size)
{
	void *at = b->p ? b->p + b->used : NULL;

	b->used += (size + 7) & ~(size_t)7;
	return at;
}

static void *take_copy(struct block *b, const void *src, size_t size)
{
	void *at = take(b, size);

	if (at && size)
		memcpy(at, src, size);
	return at;
}

static const struct smi_strs *copy_strs(struct block *b,
					const struct smi_strs *from)
{
	struct smi_strs *list = take(b, sizeof(*list));
	const char **v = take(b, from->n * sizeof(*v));

	for (size_t i = 0; i < from->n; i++) {
		char *s = take_copy(b, from->v[i], strlen(from->v[i]) + 1);

		if (v)
			v[i] = s;
	}
	if (list)
		*list = (struct smi_strs){ from->n, v };
	return list;
}

static sm_record *copy_record(struct block *b, const sm_record *from);

static const struct smi_recs *copy_recs(struct block *b,
					const struct smi_recs *from)
{
	struct smi_recs *list = take(b, sizeof(*list));
	const sm_record **v = take(b, from->n * sizeof(*v));

	for (size_t i = 0; i < from->n; i++) {
		sm_record *r = copy_record(b, from->v[i]);

		if (v)
			v[i] = r;
	}
	if (list)
		*list = (struct smi_recs){ from->n, v };
	return list;
}

static const struct smi_span *copy_raw(struct block *b,
				       const struct smi_span *from)
{
	struct smi_span *raw = take(b, sizeof(*raw));
	char *p = take_copy(b, from->p, from->len);

	if (raw)
		*raw = (struct smi_span){ p, from->len };
	return raw;
}

static union smi_value copy_value(struct block *b, int type,
				  union smi_value from)
{
	switch (type) {
	case SM_TYPE_STR:
		return (union smi_value){ .s = take_copy(b, from.s,
							 strlen(from.s) + 1) };
	case SM_TYPE_STRS:
		return (union smi_value){ .strs = copy_strs(b, from.strs) };
	case SM_TYPE_RECORDS:
		return (union smi_value){ .recs = copy_recs(b, from.recs) };
	case SMI_TYPE_RAW:
		return (union smi_value){ .raw = copy_raw(b, from.raw) };
	default:
		return from;
	}
}

static sm_record *copy_record(struct block *b, const sm_record *from)
{
	const struct smi_kind *k = smi_kind(from->kind);
	sm_record *r = take(b, sizeof(*r) + k->nvalues * sizeof(r->v[0]));

	if (r) {
		r->kind = from->kind;
		atomic_init(&r->refs, 0);
		r->known = from->known;
	}
	for (unsigned f = 0; f < k->nvalues; f++) {
		union smi_value v = { .i = 0 };

		if (smi_rec_has(from, f))
			v = copy_value(b, k->fields[f].type, from->v[f]);
		if (r)
			r->v[f] = v;
	}
	return r;
}

size_t smi_rec_size(const sm_record *r)
{
	struct block b = { NULL, 0 };

	copy_record(&b, r);
	return b.used;
}

sm_record *smi_rec_own(const sm_record *r)
{
	struct block b = { NULL, 0 };
	sm_record *copy;

	copy_record(&b, r);
	b.p = smi_alloc(b.used);
	if (!b.p)
		return NULL;
	b.used = 0;
	copy = copy_record(&b, r);
	atomic_init(&copy->refs, 1);
	return copy;
}

sm_record *smi_rec_copy(struct smi_arena *a, const sm_record *r)
{
	struct block b = { NULL, 0 };

	if (!r)
		return NULL;
	copy_record(&b, r);
	b.p = smi_arena_alloc(a, b.used);
	if (!b.p)
		return NULL;
	b.used = 0;
	return copy_record(&b, r);
}
