/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_FINDING_H
#define SMI_DETECT_FINDING_H

#include "detect/correlate.h"

/* The record of a finished episode. NULL when memory is out. */
sm_record *smi_episode_finding(struct smi_arena *a,
			       const struct smi_episode *e);

#endif
