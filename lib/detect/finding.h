/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_FINDING_H
#define SMI_DETECT_FINDING_H

#include "detect/correlate.h"

/* The record of an episode. NULL when memory is out. */
sm_record *smi_episode_finding(struct smi_arena *a,
			       const struct smi_episode *e);

/* Templates (record/sentence.h); an empty one says nothing. */
struct smi_finding_texts {
	const char *title, *why, *next_step;
};

/* What every finding has, of a closed episode; the texts are borrowed. */
void smi_finding_head(sm_record *f, const char *rule, const char *kind,
		      int severity, int64_t first, int64_t last,
		      uint64_t count);
/* Fills the templates from the finding and its arguments, which are set before.
 * false when memory is out. */
bool smi_finding_sentences(struct smi_arena *a, sm_record *f,
			   const struct smi_finding_texts *t);

#endif
