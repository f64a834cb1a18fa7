/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "process/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_proc_event ev;
	uint32_t cpu, seq;
	int r = smi_connector_parse(smi_span_of(data, size), &ev, &cpu, &seq);

	if (r == 1 && (ev.pid <= 0 || ev.mono < 0 || ev.what > SMI_PROC_EXIT))
		abort();
	return 0;
}
