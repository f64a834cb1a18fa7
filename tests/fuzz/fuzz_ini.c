/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "detect/ini.h"
#include "fuzz.h"

/* Options know a line of the text, and their names are lower case. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_arena a = { 0 };
	struct smi_ini ini = { { 0 } };
	struct smi_ini_error err = { 0 };
	int r = smi_ini_parse(&ini, &a, smi_span_of(data, size), &err);

	if (r < 0 && !err.text)
		abort();
	for (size_t i = 0; r == 0 && i < ini.entries.n; i++) {
		const struct smi_ini_entry *e = &ini.entries.v[i];

		if (!e->line || e->line > size + 1 || !e->section.len)
			abort();
		for (size_t k = 0; k < e->name.len; k++)
			if (e->name.p[k] >= 'A' && e->name.p[k] <= 'Z')
				abort();
	}
	smi_ini_free(&ini);
	smi_arena_free(&a);
	return 0;
}
