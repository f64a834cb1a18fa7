/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_ALIKE_H
#define SMI_RECORD_ALIKE_H

#include "base/base.h"

/*
 * A host that answers alike for all of its ports: the scan holds these back by the rule
 * by which the check "tarpit" finds the host.
 */

/* So many ports, all open, are more services than a host has. */
#define SMI_ALIKE_MANY 200

/* One in 20 may be lost on the way, or be a real service. */
static inline bool smi_alike_few(int64_t n, int64_t all)
{
	return n * 20 <= all;
}

#endif
