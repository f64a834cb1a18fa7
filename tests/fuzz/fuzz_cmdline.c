/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "process/procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_args args = smi_procfs_args(smi_span_of(data, size));
	size_t nuls = 0;

	/* One argument more than there are NULs between them. */
	for (size_t i = 0; i < args.text.len; i++)
		nuls += args.text.p[i] == '\0';
	if (args.text.len > size || (args.n > 0 ? args.n != nuls + 1 : nuls))
		abort();
	return 0;
}
