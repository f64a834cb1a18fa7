/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_AHEAD_H
#define SMI_LOGSRC_AHEAD_H

#include "core/job.h"
#include "logsrc/batch.h"
#include "logsrc/state.h"

/*
 * Reads a merge ahead of who takes its lines, and has threads judge them. What is
 * told, and in which order, does not depend on their number. Lines come in
 * batches, as many as stand there: one that was written alone is a batch.
 */
struct smi_ahead_opts {
	struct smi_merge *merge;
	struct smi_log_state *state;
	int64_t since, until; /* other lines are told where there is a state */
	struct smi_out *out;
	size_t threads;
	/* The caller's thread reads, and the others judge only. */
	bool caller_reads;
};
struct smi_ahead;
/* *ahead stays NULL where there is nobody but the caller: no thread could be
 * started, or no stage has lines judged. A negative errno with its sentence. */
int smi_ahead_new(const struct smi_ahead_opts *o, struct smi_ahead **ahead);
/* False: see smi_workers_free(). */
bool smi_ahead_free(struct smi_ahead *a);
/* As smi_merge_next(). What is told lives until the next call. */
int smi_ahead_next(struct smi_ahead *a, struct smi_told *told);
/* The same of what was read already; 0 when that is all told. */
int smi_ahead_drain(struct smi_ahead *a, struct smi_told *told);
/* Nothing was read that has not been told. */
bool smi_ahead_is_empty(const struct smi_ahead *a);
/* Bytes that were read for what was told. */
uint64_t smi_ahead_done(const struct smi_ahead *a);

#endif
