/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "portscan/targets.h"

/* Targets, one a line; those behind a "!" are excluded. The walk must give as many
 * addresses as the count says, none of them twice in a row. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_targets t = { .nsingle = 0 };
	struct smi_span rest = smi_span_of(data, size), line;
	struct smi_ip ip, last = { 0 };
	uint64_t count, walked = 0;
	const char *name;

	while (smi_span_split(&rest, '\n', &line)) {
		bool exclude = smi_span_starts(line, SMI_SPAN("!"));
		struct smi_range r;
		const char *why;

		line = smi_span_skip(line, exclude);
		if (smi_range_parse(line, &r, &why) != 1)
			continue;
		if (!(exclude ? smi_targets_add_exclude(&t, &r)
			      : smi_targets_add(&t, &r)))
			abort();
	}
	if (smi_targets_begin(&t) < 0)
		abort();
	count = smi_targets_count(&t);
	for (; walked < 5000 && smi_targets_next(&t, &ip, &name); walked++) {
		if (walked && smi_ip_eq(&ip, &last))
			abort();
		last = ip;
	}
	if (walked < 5000 ? walked != count : count < walked)
		abort();
	smi_targets_free(&t);
	return 0;
}
