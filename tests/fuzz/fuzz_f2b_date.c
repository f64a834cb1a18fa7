/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/f2b-date.h"
#include "fuzz.h"

static void look(const struct smi_f2b_dates *d, struct smi_span text)
{
	struct smi_f2b_clock c = { NULL, 1785837600, INT64_MIN };
	struct smi_f2b_detector *x;
	struct smi_f2b_stamp s;
	struct smi_matcher *m;
	struct smi_span line;

	if (smi_matcher_new(&m) < 0 || smi_f2b_detector_new(d, &x) < 0)
		abort();
	while (smi_span_split(&text, '\n', &line)) {
		if (smi_f2b_detect(x, m, line, &c, &s) < 0)
			abort();
		if (s.begin > s.end || s.end > line.len ||
		    (!s.found && s.time != INT64_MIN))
			abort();
	}
	smi_f2b_detector_free(x);
	smi_matcher_free(m);
}

/* A datepattern, and behind a NUL lines to look for dates in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct smi_f2b_dates d;
	struct smi_span all = smi_span_of(data, size);
	struct smi_span text = smi_span_head(all, smi_span_find(all, '\0'));
	struct smi_arena a = { 0 };
	struct smi_regex_error err;

	if (smi_f2b_dates_compile(&d, text, &a, &err) == 0)
		look(&d, smi_span_skip(all, text.len + 1));
	smi_f2b_dates_release(&d);
	smi_arena_free(&a);
	return 0;
}
