/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_TELLING_H
#define SMI_LOGSRC_TELLING_H

#include "core/job.h"
#include "logsrc/batch.h"

/* What becomes of the lines that were read: counted, judged, handed on. */
struct smi_telling {
	int64_t since, until; /* ns; INT64_MIN, INT64_MAX: open ends */
	bool lines, coverage; /* as smi_log_source_opts has them */
	struct smi_fieldset fields;
};

/* told, of the kind that what says (enum smi_merge_result). A negative errno with
 * its sentence. */
int smi_tell(const struct smi_telling *t, struct smi_out *out, int what,
	     const struct smi_told *told);
/* What of r was left out since this was told last: the counts of all notices add
 * up. */
int smi_tell_losses(struct smi_out *out, struct smi_reader *r);
/* r is at its end, which may be a failure (a positive errno). */
int smi_tell_end(struct smi_out *out, struct smi_reader *r, int err);

#endif
