/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

/* Characters that do not take one column, in order. */
static const struct {
	uint32_t first, last;
	uint8_t columns;
} widths[] = {
#include "base/width-table.h"
};

int smi_utf8_width(uint32_t cp)
{
	size_t lo = 0, hi = SMI_COUNT(widths);

	if (cp < widths[0].first)
		return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) ? 0 : 1;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (cp < widths[mid].first)
			hi = mid;
		else if (cp > widths[mid].last)
			lo = mid + 1;
		else
			return widths[mid].columns;
	}
	return 1;
}

size_t smi_utf8_columns(struct smi_span s)
{
	size_t columns = 0;

	while (s.len > 0) {
		uint32_t cp = 0;
		size_t n = smi_utf8_char(s, &cp);

		/* A byte that is no character is shown as one sign. */
		columns += n ? (size_t)smi_utf8_width(cp) : 1;
		s = smi_span_skip(s, n ? n : 1);
	}
	return columns;
}
