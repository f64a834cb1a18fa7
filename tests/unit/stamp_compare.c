/* SPDX-License-Identifier: MIT */
/* Reads what stamp-python.py says, and says where the time of a stamp differs. */
#include <inttypes.h>
#include <stdio.h>

#include "logsrc/stamp.h"

static int64_t time_of(struct smi_stamp_clock *c, struct smi_span s)
{
	struct smi_stamp stamp;
	int64_t t = INT64_MIN;

	if (s.len > 2 && s.p[2] == '/' && smi_stamp_scan_clf(s, &stamp))
		return smi_stamp_time(c, &stamp);
	smi_stamp_read(c, s, &stamp, &t);
	return t;
}

int main(void)
{
	struct smi_stamp_clock c;
	struct smi_tz *tz = NULL;
	char line[200];
	int n = 0, bad = 0;

	if (smi_tz_open(NULL, "Europe/Berlin", &tz) < 0)
		return 1;
	/* 2026-11-04T12:00:00Z */
	smi_stamp_clock_init(&c, tz, INT64_C(1793793600) * SMI_SEC);
	for (; fgets(line, sizeof(line), stdin); n++) {
		struct smi_span s = smi_span_str(line);
		int64_t want = 0, got;
		size_t at = smi_span_find(s, ' ') + 1;

		s = smi_span_head(s, smi_span_find(s, '\n'));
		got = time_of(&c, smi_span_skip(s, at));
		if (sscanf(line, "%" SCNd64, &want) != 1 ||
		    (got != want && bad++ < 20))
			printf("%s is not %" PRId64 "\n", line, got);
	}
	smi_tz_free(tz);
	printf("%d stamps, %d differ\n", n, bad);
	return bad > 0 || n < 1000;
}
