/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_SCHEMA_H
#define SMI_RECORD_SCHEMA_H

#include "record/record.h"

/* One row a field, in the order of kinds.h; hidden ones have names too, for
 * sentences, but no number outside. */
struct smi_field {
	const char *name, *ecs;
	uint8_t type;
	bool by_name; /* made, and a column, only when it was named */
};

struct smi_kind {
	const char *name;
	const struct smi_field *fields;
	uint8_t nfields, nvalues;
	int id; /* the field that identifies a record, -1: none */
};

/* NULL for a number that is no kind. Kinds count from 1 without a gap. */
const struct smi_kind *smi_kind(int kind);
/* The number of a public field by its name, -ENOENT where there is none. */
int smi_kind_find(const struct smi_kind *k, struct smi_span name);
#define SMI_NKINDS 14

#endif
