/* SPDX-License-Identifier: MIT */
#include "record/load.h"

const struct smi_load_kind smi_load_kinds[SMI_NLOADS] = {
	[SMI_LOAD_CPU] = { "cpu_hog", 80, "percent" },
	[SMI_LOAD_MEMORY] = { "memory_hog", 80, "percent" },
	[SMI_LOAD_DESCRIPTORS] = { "descriptor_hog", 90, "percent" },
	[SMI_LOAD_THREADS] = { "thread_hog", 1000, "a number" },
	[SMI_LOAD_IO] = { "io_hog", 100 << 20, "bytes per second" },
	[SMI_LOAD_ZOMBIES] = { "zombies", 20, "a number" },
	[SMI_LOAD_OOM] = { "oom_candidate", 1000, "a score" },
};

enum smi_load smi_load_of(struct smi_span kind)
{
	for (size_t i = SMI_LOAD_NONE + 1; i < SMI_NLOADS; i++)
		if (smi_span_eq_str(kind, smi_load_kinds[i].kind))
			return (enum smi_load)i;
	return SMI_LOAD_NONE;
}
