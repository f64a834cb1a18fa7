/* SPDX-License-Identifier: MIT */
#include "detect/literals.h"
#include "fuzz.h"

#define MAX_LITERALS 64

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
}

static bool holds(struct smi_span text, struct smi_span s)
{
	for (size_t i = 0; i + s.len <= text.len; i++) {
		size_t k = 0;

		while (k < s.len && lower(text.p[i + k]) == lower(s.p[k]))
			k++;
		if (k == s.len)
			return true;
	}
	return false;
}

/* Lines of literals up to an empty one, then the text: the automaton and a naive
 * search must agree. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_arena_free) struct smi_arena a = { 0 };
	struct smi_span v[MAX_LITERALS], rest = smi_span_of(data, size), s;
	struct smi_literals *l;
	uint64_t found = 0;
	size_t n = 0;

	while (n < MAX_LITERALS && smi_span_split(&rest, '\n', &s) && s.len)
		v[n++] = s;
	if (smi_literals_build(v, n, &a, &l) < 0)
		return 0;
	smi_literals_find(l, rest, &found);
	for (size_t i = 0; i < n; i++)
		if ((found >> i & 1) != holds(rest, v[i]))
			__builtin_trap();
	return 0;
}
