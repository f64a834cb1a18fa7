/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CHECK_FINDING_H
#define SMI_DETECT_CHECK_FINDING_H

#include "detect/check.h"

/* The parts of a finding of a check. Where memory is out, those that give nothing leave
 * the arena in error. */
sm_record *smi_check_finding(struct smi_arena *a, const struct smi_check *c,
			     int severity, int64_t when);
/* The same on another day by user and what; the same process by episode, too. */
void smi_check_ids(struct smi_arena *a, sm_record *f, const struct smi_check *c,
		   struct smi_span user, struct smi_span what,
		   struct smi_span episode);
/* Adds a name and a value to v, and 2 to *n. */
void smi_check_arg(struct smi_arena *a, const char **v, size_t *n,
		   const char *name, struct smi_span value);
/* The placeholders that are no fields of a finding; NULL: memory is out. */
const struct smi_strs *smi_check_args(struct smi_arena *a,
				      const struct smi_check *c,
				      const sm_record *rec, double threshold,
				      struct smi_span detail);
/* note may be NULL. false where memory is out. */
bool smi_check_sentences(struct smi_arena *a, sm_record *f,
			 const struct smi_check *c, const char *note,
			 const struct smi_strs *args);
void smi_check_evidence(struct smi_arena *a, sm_record *f,
			const sm_record *rec);

#endif
