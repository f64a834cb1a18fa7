/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
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
	return 0;
}
