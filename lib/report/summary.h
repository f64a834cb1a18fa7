/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_SUMMARY_H
#define SMI_REPORT_SUMMARY_H

#include "core/ctx.h"
#include "record/build.h"
#include "record/schema.h"
#include "report/opts.h"

/* When the run of a report or writer began, and what its wall and CPU seconds count
 * from: when that was made. */
struct smi_run {
	sm_ctx *ctx; /* NULL: not started */
	int64_t wall, mono, cpu;
	bool compared;
	int64_t baseline; /* the start of that run, or SM_TIME_NONE */
	sm_record *saved; /* the summary of the run that is told of instead */
};
void smi_run_start(struct smi_run *run, sm_ctx *ctx);
void smi_run_done(struct smi_run *run);
/* What a summary that was written once says of its run holds from then on; one
 * without an id is no such. 0 or -ENOMEM. */
int smi_run_saved(struct smi_run *run, const sm_record *summary);

/* By what something was seen: a word of ours. */
#define SMI_WAY_MAX 16

struct smi_counts {
	uint64_t kind[SMI_NKINDS + 1];
	uint64_t open, lines, bytes, allowed;
	uint64_t severity[5];				/* info first */
	char backend[SMI_WAY_MAX], events[SMI_WAY_MAX]; /* "": unknown */
	char order[SMI_WAY_MAX], unchecked[SMI_WAY_MAX];
};
void smi_counts_add(struct smi_counts *c, const sm_record *rec);
/* A finding that was counted takes another severity. */
void smi_counts_change(struct smi_counts *c, int from, int to);

/*
 * The summary record, in the arena; NULL when memory is out. When the style has a
 * time, what differs from run to run is left out.
 */
sm_record *smi_summary(struct smi_arena *a, sm_ctx *ctx,
		       const struct smi_run *run, const struct smi_counts *c,
		       const struct smi_style *style);

#endif
