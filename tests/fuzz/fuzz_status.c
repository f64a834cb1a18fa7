/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "process/cgroup.h"
#include "process/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span text = smi_span_of(data, size);
	char room[SMI_NAME_MAX];
	struct smi_status st;

	if (smi_procfs_status(text, size & 1, &st)) {
		struct smi_span name = smi_procfs_name(st.name, room);

		/* Taking the escapes out never makes it longer. */
		if (name.len > st.name.len || st.tgid < 0)
			abort();
	}
	(void)smi_procfs_count(text, SMI_SPAN("NSpid:"));
	(void)smi_cgroup_container(smi_cgroup_path(text));
	(void)smi_cgroup_runtime(text);
	(void)smi_cgroup_slice(text);
	/* A name that can stand in a list of units. */
	if (smi_span_find(smi_cgroup_unit(text), '/') <
	    smi_cgroup_unit(text).len)
		abort();
	(void)smi_cgroup_v1_path(text, SMI_SPAN("memory"));
	return 0;
}
