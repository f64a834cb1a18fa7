/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_CROSSVIEW_H
#define SMI_PROCESS_CROSSVIEW_H

#include "core/job.h"
#include "process/hidden.h"
#include "process/kernel.h"
#include "process/mounts.h"

/*
 * What is hidden from the list, as evidence in it: processes that other views show
 * than the list, and those on whose directory something is mounted.
 */
struct smi_crossview {
	struct smi_mounts mounts;
	struct smi_hidden hidden;
	bool sweeping;
	const char *unswept; /* why hidden ones cannot be looked for; NULL */
	int err;	     /* of that; 0 */
};

/* Reads the mounts; where some lie on processes, dir looks below them from now on, if
 * it may. 0 or -ENOMEM. */
int smi_crossview_begin(struct smi_crossview *cv, const sm_ctx *ctx,
			struct smi_procdir *dir);
/* Looks for hidden processes, too; where only some processes can be seen at all, it
 * cannot. all: smi_hidden. 0 or -ENOMEM. */
int smi_crossview_sweep(struct smi_crossview *cv, const sm_ctx *ctx,
			struct smi_procdir *dir, bool all);
/* 1: call again; 0: at the end; or a negative errno. */
int smi_crossview_step(struct smi_crossview *cv, const sm_ctx *ctx);
void smi_crossview_free(struct smi_crossview *cv);

/* Adds the hidden ones to the list; false when memory is out. */
bool smi_crossview_add(const struct smi_crossview *cv,
		       struct smi_pids *pids) SMI_CHECKED;
/* Writes what is known of the process into its record. Whether that is anything; rec
 * may be NULL to know that. */
bool smi_crossview_mark(const struct smi_crossview *cv, struct smi_arena *a,
			int32_t pid, sm_record *rec);
/* What was left out, but what *told has already. */
int smi_crossview_tell(const struct smi_crossview *cv, unsigned *told,
		       struct smi_out *out);

#endif
