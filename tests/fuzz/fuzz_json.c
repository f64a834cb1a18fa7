/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/json.h"
#include "fuzz.h"

static void walk(struct smi_json *j, int depth, struct smi_buf *b)
{
	enum smi_json_type type = smi_json_peek(j);
	struct smi_json_value v;
	struct smi_span key;

	if (depth > 20) {
		smi_json_skip(j);
	} else if (type == SMI_JSON_OBJECT) {
		smi_json_open(j, '{');
		while (smi_json_member(j, &key))
			walk(j, depth + 1, b);
	} else if (type == SMI_JSON_ARRAY) {
		smi_json_open(j, '[');
		while (smi_json_element(j))
			walk(j, depth + 1, b);
	} else if (smi_json_value(j, &v)) {
		smi_buf_clear(b);
		smi_json_unescape(b, v.text);
		if (b->len > v.text.len)
			abort();
	}
}

/* What can be walked through can be skipped, and ends at the same byte. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	struct smi_json walked, skipped;

	smi_json_init(&walked, smi_span_of(data, size));
	walk(&walked, 0, &b);
	smi_json_init(&skipped, smi_span_of(data, size));
	smi_json_skip(&skipped);
	if (!walked.failed && !skipped.failed && walked.p != skipped.p)
		abort();
	smi_buf_clear(&b);
	smi_json_unescape(&b, smi_span_of(data, size));
	if (b.len > size)
		abort();
	return 0;
}
