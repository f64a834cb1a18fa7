/* SPDX-License-Identifier: MIT */
#ifndef SMI_RECORD_LOAD_H
#define SMI_RECORD_LOAD_H

#include "base/span.h"

/* What a process may have too much of: a finding of its own, above a threshold. */
enum smi_load {
	SMI_LOAD_NONE,
	SMI_LOAD_CPU,
	SMI_LOAD_MEMORY,
	SMI_LOAD_DESCRIPTORS,
	SMI_LOAD_THREADS,
	SMI_LOAD_IO,
	SMI_LOAD_ZOMBIES,
	SMI_LOAD_OOM,
	SMI_NLOADS
};
struct smi_load_kind {
	const char *kind; /* of the finding */
	double threshold; /* unless another is set */
	const char *unit;
};
/* By number. */
extern const struct smi_load_kind smi_load_kinds[SMI_NLOADS];
/* SMI_LOAD_NONE where no load has the name. */
enum smi_load smi_load_of(struct smi_span kind);

#endif
