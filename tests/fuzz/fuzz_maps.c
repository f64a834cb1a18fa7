/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "process/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span text = smi_span_of(data, size);
	struct smi_span exe = smi_span_head(text, smi_span_find(text, '\n'));
	struct smi_maps m;

	smi_maps_read(text, exe, 7, &m);
	for (size_t i = 0; i < SMI_MAP_NKINDS; i++) {
		const struct smi_mapping *map = &m.kinds[i];

		/* What is told can be run, and lies in the text. */
		if (map->rights.len == 0)
			continue;
		if (!map->exec || map->end < map->start ||
		    map->rights.p < text.p ||
		    map->path.p + map->path.len > text.p + text.len)
			abort();
	}
	if (m.kinds[SMI_MAP_WRITABLE].rights.len == 0 && m.anonymous > 0)
		abort();
	return 0;
}
