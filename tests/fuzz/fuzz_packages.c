/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "process/packages.h"

/* Diversions, an empty line, and the list of a package: each of its paths is in it, but
 * those that are diverted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span text = smi_span_of(data, size), list = text, path;
	struct smi_packages *t = smi_packages_new();
	size_t end = 0;

	if (!t)
		abort();
	while (end + 1 < size && !(data[end] == '\n' && data[end + 1] == '\n'))
		end++;
	if (end + 1 < size) {
		if (smi_packages_divert(t, smi_span_head(text, end + 1)) < 0)
			abort();
		list = smi_span_skip(text, end + 2);
	}
	if (size > 0 && data[0] & 1)
		smi_packages_merge_usr(t);
	if (smi_packages_add(t, SMI_SPAN("web"), list) < 0)
		abort();
	while (end + 1 >= size && smi_span_split(&list, '\n', &path))
		if (path.len > 0 && path.p[0] == '/' &&
		    !smi_packages_name(t, path))
			abort();
	if (smi_packages_name(t, SMI_SPAN("relative")))
		abort();
	smi_packages_free(t);
	return 0;
}
