/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_OUT_H
#define SMI_CORE_OUT_H

#include <stdatomic.h>

#include "base/vec.h"
#include "core/job.h"
#include "core/loop.h"

#define SMI_MAX_STAGES 4

/* The inside of a job that its source and stages see as smi_out: for job.c and out.c
 * alone. */
struct smi_stage {
	const struct smi_stage_ops *ops;
	void *data;
	bool flushed;
};

struct smi_out {
	sm_ctx *ctx;
	struct smi_arena arena;
	SMI_VEC(sm_event) queue;
	size_t head;
	struct smi_loop loop;
	struct smi_stage stages[SMI_MAX_STAGES];
	size_t nstages;
	atomic_bool cancelled;
	bool complete, partial;
};

#endif
