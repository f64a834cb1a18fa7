/* SPDX-License-Identifier: MIT */
#include "logsrc/stamp.h"

/* How many digits such times have between 2001 and 2286. */
static const struct {
	size_t digits;
	int64_t unit; /* ns */
} units[] = {
	{ 10, SMI_SEC },
	{ 13, SMI_SEC / 1000 },
	{ 16, SMI_SEC / 1000000 },
	{ 19, 1 },
};

bool smi_stamp_epoch(struct smi_span s, int64_t *ns)
{
	uint64_t t;
	size_t n = smi_span_digits(s, &t);

	for (size_t i = 0; i < SMI_COUNT(units); i++) {
		int64_t unit = units[i].unit, part = 0;

		if (n != units[i].digits || t > INT64_MAX / (uint64_t)unit)
			continue;
		if (n < s.len && s.p[n] != '.')
			return false;
		for (size_t k = n + 1; k < s.len; k++) {
			if ((unsigned)(s.p[k] - '0') > 9)
				return false;
			unit /= 10;
			part += (s.p[k] - '0') * unit;
		}
		*ns = (int64_t)t * units[i].unit + part;
		return n == s.len || n + 1 < s.len;
	}
	return false;
}
