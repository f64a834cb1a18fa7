/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_RECORD_H
#define SMI_RECORD_RECORD_H

#include <stdatomic.h>
#include <sysmon/sysmon.h>

#include "base/arena.h"
#include "record/fields.h"
#include "record/kinds.h"

/* A type that no public field has: bytes as they were read. */
#define SMI_TYPE_RAW 100

struct smi_strs {
	size_t n;
	const char *const *v;
};
struct smi_recs {
	size_t n;
	const sm_record *const *v;
};

/* INT, BOOL, TIME: i. REAL: r. STR: s. The others point beside the record. */
union smi_value {
	int64_t i;
	double r;
	const char *s;
	const struct smi_strs *strs;
	const struct smi_recs *recs;
	const struct smi_span *raw;
};

/*
 * One value a field of the kind, and the set of those that are known. refs 0: it
 * lies in an arena, with all it points to; else it is one block of its own.
 */
struct sm_record {
	int kind;
	atomic_uint refs;
	struct smi_fieldset known;
	union smi_value v[];
};

static inline bool smi_rec_has(const sm_record *r, unsigned field)
{
	return smi_fieldset_has(&r->known, field);
}

/* Neutral for NULL, another kind, and what is not known. */
int64_t smi_rec_int(const sm_record *r, int kind, unsigned field);
double smi_rec_real(const sm_record *r, int kind, unsigned field);
const char *smi_rec_str(const sm_record *r, int kind, unsigned field);
int64_t smi_rec_time(const sm_record *r, int kind, unsigned field);
const struct smi_strs *smi_rec_strs(const sm_record *r, int kind,
				    unsigned field);
struct smi_span smi_rec_raw(const sm_record *r, int kind, unsigned field);

#endif
