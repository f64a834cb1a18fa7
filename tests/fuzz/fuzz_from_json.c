/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "record/from-json.h"
#include "record/schema.h"
#include "report/format.h"

static void write(struct smi_buf *b, const sm_record *rec)
{
	struct smi_fieldlist all = { .n = 0 };
	const struct smi_kind *kind = smi_kind(rec->kind);

	for (unsigned f = 0; f < kind->nfields; f++)
		all.f[all.n++] = (uint8_t)f;
	smi_json_record(b, kind, &all, rec);
}

/* What was read is written, and that is read: the text is the same from then on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smi_arena a = { 0 };
	struct smi_buf first = { 0 }, second = { 0 };
	sm_record *rec;

	if (smi_rec_from_json(&a, smi_span_of(data, size), &rec) == 0) {
		write(&first, rec);
		if (smi_rec_from_json(&a, smi_buf_span(&first), &rec) < 0)
			abort();
		write(&second, rec);
		if (!smi_span_eq(smi_buf_span(&first), smi_buf_span(&second)))
			abort();
	}
	smi_buf_free(&first);
	smi_buf_free(&second);
	smi_arena_free(&a);
	return 0;
}
