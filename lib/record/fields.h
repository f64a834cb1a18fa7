/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_FIELDS_H
#define SMI_RECORD_FIELDS_H

#include "base/span.h"

/* A set of field numbers of one kind; also in an order, for tables. */
struct smi_fieldset {
	uint64_t w[2];
};

static inline bool smi_fieldset_has(const struct smi_fieldset *s, unsigned f)
{
	return s->w[f >> 6] >> (f & 63) & 1;
}
static inline void smi_fieldset_add(struct smi_fieldset *s, unsigned f)
{
	s->w[f >> 6] |= UINT64_C(1) << (f & 63);
}
static inline void smi_fieldset_del(struct smi_fieldset *s, unsigned f)
{
	s->w[f >> 6] &= ~(UINT64_C(1) << (f & 63));
}
static inline struct smi_fieldset smi_fieldset_or(struct smi_fieldset a,
						  struct smi_fieldset b)
{
	return (struct smi_fieldset){ { a.w[0] | b.w[0], a.w[1] | b.w[1] } };
}
static inline bool smi_fieldset_empty(const struct smi_fieldset *s)
{
	return !(s->w[0] | s->w[1]);
}

/* The fields of the kind that are shown when nobody chose: every public one but
 * those that have to be named. */
struct smi_fieldset smi_fieldset_default(int kind);

struct smi_fieldlist {
	uint8_t f[128];
	size_t n;
};

/*
 * "pid,ppid,name" (spaces around names allowed): the set, and the order when list
 * is not NULL. -ENOENT for a name that the kind has not, -EINVAL for an empty list
 * or one twice; bad is then the name as it was given (borrowed from text).
 */
int smi_fields_parse(int kind, const char *text, struct smi_fieldset *set,
		     struct smi_fieldlist *list, struct smi_span *bad);

/* The field that is meant where the kind has none of that name; NULL: none is near. */
struct smi_kind;
const char *smi_fields_near(const struct smi_kind *k, struct smi_span name);

#endif
