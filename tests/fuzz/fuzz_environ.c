/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "process/environ.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span rest = smi_span_of(data, size), name, value;
	size_t bytes = 0;

	while (smi_environ_next_told(&rest, &name, &value)) {
		bytes += name.len + 1 + value.len;
		/* A name is what stands before the first "=". */
		if (smi_span_find(name, '=') != name.len ||
		    smi_span_find(value, '\0') != value.len || bytes > size)
			abort();
		if (!smi_span_starts(name, SMI_SPAN("LD_")) &&
		    !smi_span_starts(name, SMI_SPAN("HIST")))
			abort();
	}
	return 0;
}
