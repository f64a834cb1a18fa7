/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_LANES_H
#define SMI_BASE_LANES_H

#include "base/base.h"

/* Sixteen bytes at a time: GCC's vectors are plain C on any machine. A comparison
 * makes a lane all ones or 0. */
#define SMI_LANES 16
typedef uint8_t smi_lanes __attribute__((vector_size(SMI_LANES)));

static inline smi_lanes smi_lanes_load(const void *p)
{
	smi_lanes v;

	memcpy(&v, p, SMI_LANES);
	return v;
}

static inline bool smi_lanes_any(smi_lanes v)
{
	uint64_t any[SMI_LANES / 8];

	memcpy(any, &v, SMI_LANES);
	return (any[0] | any[1]) != 0;
}

#endif
