/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[SMI_TIME_STRLEN];
	int64_t ns, again;

	if (size >= sizeof(ns)) {
		memcpy(&ns, data, sizeof(ns));
		smi_time_format(ns, text);
		if (ns != INT64_MIN &&
		    (!smi_time_parse(smi_span_str(text), &again) ||
		     again != ns))
			__builtin_trap();
	}
	if (smi_time_parse(smi_span_of(data, size), &ns)) {
		smi_time_format(ns, text);
		if (!smi_time_parse(smi_span_str(text), &again) || again != ns)
			__builtin_trap();
	}
	return 0;
}
