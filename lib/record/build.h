/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_BUILD_H
#define SMI_RECORD_BUILD_H

#include "record/record.h"

/*
 * Making records in an arena. Memory failures are the arena's: a setter that gets
 * no memory leaves its field unknown, and smi_arena_error() tells at the end.
 * A NULL record is accepted everywhere and nothing happens.
 */
sm_record *smi_rec_new(struct smi_arena *a, int kind);

void smi_set_int(sm_record *r, unsigned field,
		 int64_t v); /* BOOL and TIME too */
void smi_set_real(sm_record *r, unsigned field, double v);
/* s outlives the record: a constant, or in the same arena; valid clean UTF-8. */
void smi_set_const(sm_record *r, unsigned field, const char *s);
/* Copied; what people must not see raw is escaped (base/utf8.h). */
void smi_set_text(struct smi_arena *a, sm_record *r, unsigned field,
		  struct smi_span s);
/* Copied byte by byte. */
void smi_set_raw(struct smi_arena *a, sm_record *r, unsigned field,
		 struct smi_span s);
/* The array and what it points to outlive the record; n may be 0. */
void smi_set_strs(struct smi_arena *a, sm_record *r, unsigned field,
		  const char *const *v, size_t n);
void smi_set_recs(struct smi_arena *a, sm_record *r, unsigned field,
		  const sm_record *const *v, size_t n);
/* Severity, state: the number, and the text that goes with it. */
void smi_set_severity(sm_record *finding, int severity);

/* A deep copy in the arena, of a record from anywhere. */
sm_record *smi_rec_copy(struct smi_arena *a, const sm_record *r);

/* r, or where it has others than these, a record of its public fields among them and
 * of all hidden ones. What it holds is shared. NULL for NULL, or without memory, which
 * leaves the arena in error. */
const sm_record *smi_rec_only(struct smi_arena *a, const sm_record *r,
			      const struct smi_fieldset *fields);

/* Records as bytes, for a file that only this process reads. */
struct smi_buf;
void smi_rec_pack(struct smi_buf *b, const sm_record *r);
/* -EBADMSG when p is not what pack wrote; used tells how many bytes it took. */
int smi_rec_unpack(struct smi_arena *a, struct smi_span p, size_t *used,
		   sm_record **out);

#endif
