/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_LEFT_OUT_H
#define SMI_PROCESS_LEFT_OUT_H

#include "core/job.h"
#include "process/snapshot.h"

/*
 * Tells what a list of total processes left out; each kind of loss once in a list that
 * is made again and again (told: bits, 0 before the first). 0 or a negative errno.
 */
int smi_left_out_tell(const struct smi_snapshot *s, bool hidepid,
		      uint64_t total, unsigned *told, struct smi_out *out);

#endif
