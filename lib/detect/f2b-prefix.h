/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_PREFIX_H
#define SMI_DETECT_F2B_PREFIX_H

#include "detect/f2b-session.h"

/*
 * What a prefregex catches is decided by what a line begins with, up to the first
 * byte of its message: remembered for lines that begin alike, but for the digits
 * of pids and such. For prefregexes whose content is all of the rest.
 */
struct smi_f2b_prefix;
/* *out stays NULL for any other. -ENOMEM. */
int smi_f2b_prefix_new(const struct smi_f2b_regex *pref,
		       struct smi_f2b_prefix **out);
void smi_f2b_prefix_free(struct smi_f2b_prefix *p);
/* Of a line in ASCII with its LF: true, and what was caught, where that is known. */
bool smi_f2b_prefix_recall(struct smi_f2b_prefix *p, struct smi_span line,
			   struct smi_f2b_caught *out);
/* What the prefregex caught in it. -ENOMEM, else 0. */
int smi_f2b_prefix_learn(struct smi_f2b_prefix *p, struct smi_matcher *m,
			 struct smi_span line, const struct smi_f2b_caught *c);
/* No digit of a line is told from another one, but by how many there are. */
bool smi_f2b_is_blind(struct smi_span pattern);

#endif
