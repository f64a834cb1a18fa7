/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_FOLLOW_H
#define SMI_PROCESS_FOLLOW_H

#include "core/job.h"
#include "process/events.h"
#include "process/left-out.h"
#include "process/lineage.h"
#include "record/filter.h"

/* Starts and ends of processes as records, by the best way to learn of them that
 * there is. */
struct smi_proc_follow {
	struct smi_snapshot *snap;
	const struct smi_filter *filter; /* NULL: all */
	int32_t pid;			 /* 0: all */
	struct smi_left_out *left_out;	 /* of the list until now */

	const struct smi_events_ops *ops; /* NULL: not begun */
	void *self;
	struct smi_lineage kin;
	uint64_t execs, gone; /* programs started, and over before a look */
	uint64_t looks;	      /* since what they left out was told */
	int64_t looks_told_at;
	uint64_t told; /* of the lost ones */
	int64_t told_at;
	int64_t renewed; /* what all processes share */
};

/* What is needed of each process, beside what was chosen. */
void smi_proc_follow_fields(struct smi_fieldset *fields);
/* What is set above ops is set. From now on no event is missed. 0, or a negative
 * errno without a sentence. */
int smi_proc_follow_begin(struct smi_proc_follow *f, const sm_ctx *ctx);
/* One of the list, for what descends from it. -ENOMEM. */
int smi_proc_follow_know(struct smi_proc_follow *f, const sm_record *rec);
/* The list is over: says by which way, and waits for events. */
int smi_proc_follow_start(struct smi_proc_follow *f, struct smi_out *out);
/* 1: call again; -EAGAIN: there are none; else it failed, with a sentence. */
int smi_proc_follow_step(struct smi_proc_follow *f, struct smi_out *out);
/* It was cancelled: what was left out. */
int smi_proc_follow_end(struct smi_proc_follow *f, struct smi_out *out);
void smi_proc_follow_free(struct smi_proc_follow *f);

#endif
