/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_SENTENCE_H
#define SMI_RECORD_SENTENCE_H

#include "base/buf.h"
#include "record/record.h"

/*
 * "{count} failed logins from {source_ip}": each {name} becomes what args (name,
 * value, name, value, ...; may be NULL) or else the record (may be NULL) has under that
 * name; what neither knows becomes "?". {{ and }} are braces.
 */
void smi_sentence_fill(struct smi_buf *b, const char *text,
		       const struct smi_strs *args, const sm_record *r);
/* The same, in an arena: NULL when memory is out. */
const char *smi_sentence_dup(struct smi_arena *a, const char *text,
			     const struct smi_strs *args, const sm_record *r);
/* -EINVAL when braces do not match or a name is empty; else how many names. */
int smi_sentence_check(struct smi_span text);
/* A field's value as people read it: numbers, RFC 3339 times, lists by ", ". */
void smi_sentence_value(struct smi_buf *b, const sm_record *r, unsigned field);

#endif
