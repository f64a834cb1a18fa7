/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_PROC_H
#define SMI_PROCESS_PROC_H

#include "base/vec.h"
#include "core/job.h"
#include "core/opts.h"
#include "record/filter.h"
#include "record/load.h"

struct sm_proc_opts {
	struct smi_opts head;
	struct smi_fieldset fields;
	int32_t pid;
	char *user;
	struct smi_filter *filter; /* NULL: none */
	bool checks;
	sm_ruleset *rules; /* NULL: none */
	SMI_VEC(char *) important;
	bool important_defaults;
	double thresholds[SMI_NLOADS];
	bool io_is_set; /* its threshold */
	int64_t interval_ms, watch_ms, deadline_ms;
	int sort;
	uint32_t top;
	int hidden;
	int backend;
	bool follow;
	uint32_t threads;
};

/* The defaults, without a context. */
void smi_proc_opts_defaults(struct sm_proc_opts *o);

/* The source that lists processes; also is made beside the chosen fields. What it
 * needs of o is copied. */
int smi_proc_source_new(sm_ctx *ctx, const struct sm_proc_opts *o,
			struct smi_fieldset also, void **out);
extern const struct smi_source_ops smi_proc_source_ops;

#endif
