/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "process/hidden.h"
#include "process/mounts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_mounts_free) struct smi_mounts m = { 0 };
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_span text = smi_span_of(data, size);
	int32_t top;

	if (!smi_mounts_parse(&m, text) || m.over.n > SMI_MOUNTS_OVER_MAX)
		abort();
	for (size_t i = 0; i < m.over.n; i++)
		if (m.over.v[i].pid <= 0 || !m.over.v[i].what)
			abort();
	smi_mount_text(&b, text);
	if (b.len > size)
		abort();
	top = smi_hidden_top(32768, 1, text, text);
	if (top < 1 || top > 32768)
		abort();
	return 0;
}
