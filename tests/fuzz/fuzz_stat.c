/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "process/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span text = smi_span_of(data, size);
	struct smi_stat st;
	int64_t ns;
	uint64_t v;

	/* The name lies in the text. */
	if (smi_procfs_stat(text, size & 1, &st) &&
	    (st.name.p < text.p || st.name.len > text.len || st.pid < 0))
		abort();
	(void)smi_procfs_seconds(text, &ns);
	(void)smi_procfs_number(text, SMI_SPAN("btime"), &v);
	return 0;
}
