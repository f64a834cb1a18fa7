/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_FILTER_H
#define SMI_RECORD_FILTER_H

#include "record/record.h"

/*
 * A condition over the public fields of one kind of record:
 *
 *   or    := and { ("or" | "||") and }
 *   and   := not { ("and" | "&&") not }
 *   not   := ("not" | "!") not | "(" or ")" | term
 *   term  := FIELD [ OP VALUE ]
 *   OP    := = | == | != | < | <= | > | >= | ~ | !~
 *   VALUE := a word, or text in single or double quotes (\ keeps the next byte)
 *
 * A field alone: it is there, and neither 0, false nor empty. Numbers, times
 * (RFC 3339) and sizes (K, M, G, T behind them: times 1024) have an order; text
 * and lists are compared as they are shown, ~ is "contains", and a list is equal
 * when one of its items is. What is compared with an unknown value is false, and
 * "!=", "!~" are "not =", "not ~".
 */
#define SMI_FILTER_MAX	     4096 /* bytes */
#define SMI_FILTER_TERMS_MAX 128
#define SMI_FILTER_DEPTH_MAX 32

struct smi_filter;

/* Why it is refused: the byte where, and what the matter is. */
struct smi_filter_error {
	size_t at;
	char why[240];
};

/* -EINVAL, -ENOENT for a field that the kind has not, -ENOMEM. */
int smi_filter_new(int kind, struct smi_span text, struct smi_filter **out,
		   struct smi_filter_error *err);
void smi_filter_free(struct smi_filter *f);
/* A copy counts: each is freed. */
struct smi_filter *smi_filter_ref(struct smi_filter *f);
/* Adds the fields that it reads. */
void smi_filter_fields(const struct smi_filter *f, struct smi_fieldset *set);
bool smi_filter_match(const struct smi_filter *f, const sm_record *rec);

#endif
