/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_NEAR_H
#define SMI_DETECT_NEAR_H

#include "detect/regex.h"

/* How far a pattern that does not match gets: the longest beginning of its text,
 * cut between the parts of its outermost level, that does, and where in the
 * subject that match ends. */
struct smi_near {
	size_t pattern, subject; /* bytes */
};

/* 1, 0 when not even a beginning fits or the pattern cannot be cut, -ENOMEM. */
int smi_near_find(struct smi_span pattern, struct smi_matcher *m,
		  struct smi_span subject, struct smi_near *out);

#endif
