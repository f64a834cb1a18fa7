/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_STATE_H
#define SMI_LOGSRC_STATE_H

#include "core/job.h"
#include "core/statefile.h"
#include "logsrc/merge.h"

/* How far each log was told, from one run to the next. */
struct smi_log_state {
	char *path; /* NULL: nothing is kept */
	struct smi_statefile file;
	struct smi_positions positions;
	bool ready, changed;
	bool failed;   /* to be written; that was told */
	int64_t saved; /* monotonic */
};

void smi_log_state_done(struct smi_log_state *s);
/* A negative errno with its sentence. */
int smi_log_state_load(struct smi_log_state *s, sm_ctx *ctx);
/* A stream goes on where it was, when its clock has been set up; elders that were
 * told already are let go. A negative errno with its sentence. */
int smi_log_state_resume(struct smi_log_state *s, struct smi_stream *st,
			 struct smi_out *out);
/* The position is behind r's line, which whoever reads ahead notes before it is told:
 * nothing is written until all that was noted is told. A negative errno with its
 * sentence. */
int smi_log_state_note(struct smi_log_state *s, struct smi_reader *r,
		       sm_ctx *ctx);
/* The next settle writes the file. */
bool smi_log_state_is_due(const struct smi_log_state *s, const sm_ctx *ctx);
/* Writes the file, once a second and at the end. */
int smi_log_state_settle(struct smi_log_state *s, const struct smi_merge *m,
			 struct smi_out *out, bool ended);

#endif
