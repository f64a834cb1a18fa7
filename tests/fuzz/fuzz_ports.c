/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "portscan/ports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct smi_fsroot here = { -1, NULL };
	struct smi_ports set = { 0 };
	struct smi_ports_error err = { { NULL, 0 }, NULL };
	uint16_t *list;

	if (size > 4096 ||
	    smi_ports_parse(smi_span_of(data, size), &here, &set, &err) < 0)
		return 0;
	list = malloc(set.n * sizeof(*list));
	if (!list)
		return 0;
	smi_ports_list(&set, list);
	for (size_t i = 0; i < set.n; i++)
		if (!list[i] || (i && list[i] <= list[i - 1]))
			abort();
	free(list);
	return 0;
}
