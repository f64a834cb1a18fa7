/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/cgroup.h"
#include "fuzz.h"

/* One directory of the path, whole or a piece of it. */
static bool is_part(struct smi_span s, struct smi_span of)
{
	return s.len == 0 || (s.p >= of.p && s.p + s.len <= of.p + of.len &&
			      smi_span_find(s, '/') == s.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span text = smi_span_of(data, size);
	struct smi_span path = smi_cgroup_path(text);
	struct smi_span v1 = smi_cgroup_v1_path(text, SMI_SPAN("memory"));
	struct smi_span id = smi_cgroup_container(path);
	struct smi_span unit = smi_cgroup_unit(path);
	struct smi_span slice = smi_cgroup_slice(path);

	if ((path.len > 0 && path.p[0] != '/') ||
	    (v1.len > 0 && v1.p[0] != '/') ||
	    smi_span_find(path, '\n') < path.len)
		abort();
	if (!is_part(id, path) || !is_part(unit, path))
		abort();
	/* No runtime without what it made; each unit is in a slice. */
	if ((id.len == 0 && smi_cgroup_runtime(path).len > 0) ||
	    (unit.len > 0 && slice.len == 0))
		abort();
	if (slice.len > 0 && !smi_span_ends(slice, SMI_SPAN(".slice")))
		abort();
	return 0;
}
