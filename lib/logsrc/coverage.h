/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_COVERAGE_H
#define SMI_LOGSRC_COVERAGE_H

#include "core/job.h"
#include "logsrc/reader.h"

/* Remembers a line for the templates of its source; made is what smi_out_line()
 * gave. -ENOMEM. */
int smi_coverage_note(struct smi_reader *r, const struct smi_line *line,
		      int made);
/* The end of a source: its coverage record, and where lines were noted its
 * programs and templates, which are forgotten then. */
int smi_coverage_emit(struct smi_out *out, struct smi_reader *r);

#endif
