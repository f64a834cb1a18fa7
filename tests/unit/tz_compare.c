/* SPDX-License-Identifier: MIT */
/* Reads what tz-python.py says, and says where smi_tz_open()'s zone differs. */
#include <inttypes.h>
#include <stdio.h>

#include "base/tz.h"

static struct smi_tz *tz;
static char zone[100];

static bool open_zone(const char *line)
{
	smi_tz_free(tz);
	tz = NULL;
	return sscanf(line, "Z %99s", zone) == 1 &&
	       smi_tz_open(NULL, zone, &tz) == 0;
}

static bool offset_is(const char *line)
{
	int64_t t;
	int want;

	return tz && sscanf(line, "O %" SCNd64 " %d", &t, &want) == 2 &&
	       smi_tz_offset(tz, t) == want;
}

static bool local_is(const char *line)
{
	int64_t t, first, last, out[2] = { 0, 0 };
	int want, n;

	if (!tz || sscanf(line, "L %" SCNd64 " %d %" SCNd64 " %" SCNd64, &t,
			  &want, &first, &last) != 4)
		return false;
	n = smi_tz_local(tz, t, out);
	return n == want && out[0] == first && (n < 2 || out[1] == last);
}

int main(void)
{
	char line[200];
	int n = 0, bad = 0;

	for (; fgets(line, sizeof(line), stdin); n++) {
		bool ok = line[0] == 'Z'   ? open_zone(line)
			  : line[0] == 'O' ? offset_is(line)
					   : local_is(line);

		if (!ok && bad++ < 20)
			printf("%s: %s", zone, line);
	}
	smi_tz_free(tz);
	printf("%d lines, %d differ\n", n, bad);
	return bad > 0 || n < 1000;
}
