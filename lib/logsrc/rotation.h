/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_ROTATION_H
#define SMI_LOGSRC_ROTATION_H

#include "base/span.h"

/*
 * What logrotate(8) makes of a name: "auth.log.2", "auth.log-20260804",
 * "auth.log.1.gz". Those with the same base are one family.
 */
struct smi_rotated {
	struct smi_span base; /* "auth.log", with its directory */
	/* Sorts by age, the oldest first; the one that is written is last. */
	int64_t order;
	bool packed; /* by a suffix of packed.h */
};

struct smi_rotated smi_rotated_parse(const char *path);

#endif
