/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_LEFT_OUT_H
#define SMI_PROCESS_LEFT_OUT_H

#include "core/job.h"
#include "process/snapshot.h"

/* What looks at processes left out, until it is told. */
struct smi_left_out {
	struct smi_tally tally;
	struct smi_sockets_left_out sockets;
	unsigned told; /* bits: kinds of loss */
};

/* What one look left out, to be added before its snapshot forgets it. */
void smi_left_out_add(struct smi_left_out *l, const struct smi_snapshot *s);
/* Whether anything waits to be told. */
bool smi_left_out_any(const struct smi_left_out *l);
/*
 * Tells it, of total processes that were looked at, and begins to count anew; each kind
 * of loss once, until smi_left_out_again(). 0 or a negative errno.
 */
int smi_left_out_tell(struct smi_left_out *l, const struct smi_snapshot *s,
		      bool hidepid, uint64_t total, struct smi_out *out);
/* What is counted may be told once more. */
void smi_left_out_again(struct smi_left_out *l);

#endif
