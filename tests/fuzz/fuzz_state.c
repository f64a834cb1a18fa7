/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "core/statefile.h"
#include "fuzz.h"
#include "logsrc/position.h"

/* What was read is written and read again: the text is the same from then on. */
static void positions(struct smi_span text)
{
	struct smi_positions ps = { 0 }, again = { 0 };
	struct smi_buf first = { 0 }, second = { 0 };

	if (smi_positions_read(&ps, text) == 0) {
		smi_positions_write(&ps, &first);
		if (smi_positions_read(&again, smi_buf_span(&first)) < 0)
			abort();
		smi_positions_write(&again, &second);
		if (!smi_span_eq(smi_buf_span(&first), smi_buf_span(&second)))
			abort();
	}
	smi_positions_free(&ps);
	smi_positions_free(&again);
	smi_buf_free(&first);
	smi_buf_free(&second);
}

static void file(const uint8_t *data, size_t size)
{
	struct smi_statefile s = { 0 };

	smi_buf_add(&s.text, data, size);
	if (smi_statefile_parse(&s) == 0)
		positions(smi_statefile_part(&s, "log"));
	smi_statefile_done(&s);
}

/* A state file, and the same bytes as the section of a log source. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	file(data, size);
	positions(smi_span_of(data, size));
	return 0;
}
