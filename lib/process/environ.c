/* SPDX-License-Identifier: MIT */
#include "process/environ.h"

/* ld.so(8), bash(1) */
const char *const smi_environ_told[SMI_ENVIRON_TOLD] = {
	"LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH",
	"HISTFILE",   "HISTSIZE", "HISTFILESIZE",
};

static bool is_told(struct smi_span name)
{
	for (size_t i = 0; i < SMI_ENVIRON_TOLD; i++)
		if (smi_span_eq_str(name, smi_environ_told[i]))
			return true;
	return false;
}

bool smi_environ_next_told(struct smi_span *rest, struct smi_span *name,
			   struct smi_span *value)
{
	struct smi_span one;

	while (smi_span_split(rest, '\0', &one)) {
		size_t n;

		/* Most names are none of these by their first letter. */
		if (one.len == 0 || (one.p[0] != 'L' && one.p[0] != 'H'))
			continue;
		n = smi_span_find(one, '=');
		if (n == one.len || !is_told(smi_span_head(one, n)))
			continue;
		*name = smi_span_head(one, n);
		*value = smi_span_skip(one, n + 1);
		return true;
	}
	return false;
}
