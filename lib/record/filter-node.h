/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_FILTER_NODE_H
#define SMI_RECORD_FILTER_NODE_H

#include "record/filter.h"

/* What a filter is made of, for the files that parse and match it. */
enum op {
	IS_SET,
	EQ,
	LT,
	LE,
	GT,
	GE,
	HAS
};
enum node_kind {
	TERM,
	NOT,
	AND,
	OR
};
struct smi_filter_node {
	uint8_t kind, op, field, type;
	uint16_t left, right; /* of AND and OR; NOT has left */
	union {
		int64_t i;
		double r;
	} number;
	struct smi_span text; /* in the filter's room */
};

struct smi_filter {
	unsigned refs;
	uint16_t root, n;
	char *room;
	struct smi_filter_node nodes[];
};

/* One of a set of characters; NUL is none. */
static inline bool smi_is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* The value of a comparison, as its field has it: false where it is none. */
bool smi_filter_set_value(struct smi_filter_node *node, struct smi_span text);

#endif
