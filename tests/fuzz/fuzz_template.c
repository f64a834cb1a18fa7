/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "logsrc/template.h"

/* Lines into one table: no count is lost, and no text runs over. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_templates *t = smi_zalloc(sizeof(*t));
	struct smi_span rest = smi_span_of(data, size), text;
	uint64_t lines = 0, counted = 0;

	while (t && smi_span_split(&rest, '\n', &text)) {
		struct smi_line line = { .raw = text, .message = text };

		line.program = smi_span_head(text, text.len % 3);
		smi_templates_add(t, &line, false);
		lines++;
	}
	if (t)
		smi_templates_sort(t);
	for (size_t i = 0; t && i < t->n; i++) {
		if (t->v[i].len > SMI_TEMPLATE_LEN ||
		    t->v[i].error >= t->v[i].count)
			abort();
		counted += t->v[i].count;
	}
	if (counted != lines)
		abort();
	free(t);
	return 0;
}
