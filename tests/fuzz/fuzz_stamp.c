/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "logsrc/stamp.h"

#define ZONE "CET-1CEST,M3.5.0,M10.5.0/3"

/* Lines of stamps: each must read the same with and without what was remembered
 * of those before it, where no hour comes twice; but for the order of day and month,
 * which the lines above tell. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_span rest = smi_span_of(data, size), text;
	struct smi_stamp_clock used, fresh, local;
	int64_t now = INT64_C(1785837601) * SMI_SEC, a = 0, b = 0, t;
	struct smi_tz *tz = NULL;
	struct smi_stamp s;

	if (smi_tz_parse_posix(SMI_SPAN(ZONE), &tz) < 0)
		return 0;
	smi_stamp_clock_init(&used, NULL, now);
	smi_stamp_clock_init(&local, tz, now);
	while (smi_span_split(&rest, '\n', &text)) {
		size_t n, m;

		smi_stamp_clock_init(&fresh, NULL, now);
		fresh.order = used.order;
		n = smi_stamp_read(&used, text, &s, &a);
		m = smi_stamp_read(&fresh, text, &s, &b);
		if (n > text.len || n != m || (n && a != b))
			abort();
		if (smi_stamp_read(&local, text, &s, &t) != n)
			abort();
		smi_stamp_scan_clf(text, &s);
		smi_stamp_scan_ctime(text, &s);
	}
	smi_tz_free(tz);
	return 0;
}
