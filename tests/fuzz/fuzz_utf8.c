/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf b = { 0 };
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	struct smi_span in = smi_span_of(data, size), out;
	const char *dup = smi_utf8_escape_dup(&a, in);

	smi_utf8_escape(&b, in);
	out = smi_buf_span(&b);
	if (!dup || smi_buf_error(&b) < 0)
		return 0;
	if (!smi_span_eq_str(out, dup) || !smi_utf8_valid(out))
		__builtin_trap();
	if (smi_utf8_clean(in) != smi_span_eq(in, out))
		__builtin_trap();
	for (size_t i = 0; i < out.len; i++) {
		if ((unsigned char)out.p[i] < 0x20 || out.p[i] == 0x7f)
			__builtin_trap();
	}
	smi_utf8_columns(in);
	return 0;
}
