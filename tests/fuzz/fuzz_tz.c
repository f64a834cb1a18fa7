/* SPDX-License-Identifier: MIT */
#include "base/tz.h"
#include "fuzz.h"

static void use(struct smi_tz *tz)
{
	static const int64_t near[] = { INT64_MIN,  -5000000000, -1,	   0,
					1774746000, 4102444800,	 INT64_MAX };

	for (size_t i = 0; i < SMI_COUNT(near); i++) {
		int32_t offset = smi_tz_offset(tz, near[i]);
		int64_t out[2];
		int n;

		if (offset < -604800 || offset > 604800)
			__builtin_trap();
		n = smi_tz_local(tz, near[i], out);
		if (n < 0 || n > 2)
			__builtin_trap();
		/* A time that was shown is found again. */
		if (near[i] < -(INT64_C(1) << 40) || near[i] > INT64_C(1) << 40)
			continue;
		if (smi_tz_local(tz, near[i] + offset, out) < 1)
			__builtin_trap();
	}
	smi_tz_free(tz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_tz *tz = NULL;

	if (smi_tz_parse_tzif(data, size, &tz) == 0)
		use(tz);
	if (smi_tz_parse_posix(smi_span_of(data, size), &tz) == 0)
		use(tz);
	return 0;
}
