/* SPDX-License-Identifier: MIT */
#include "base/span.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct smi_span smi_span_trim(struct smi_span a)
{
	while (a.len > 0 && is_blank(a.p[0]))
		a = smi_span_skip(a, 1);
	while (a.len > 0 && is_blank(a.p[a.len - 1]))
		a.len--;
	return a;
}

static unsigned char to_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool smi_span_eq_nocase(struct smi_span a, struct smi_span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (to_lower((unsigned char)a.p[i]) !=
		    to_lower((unsigned char)b.p[i]))
			return false;
	}
	return true;
}

bool smi_span_split(struct smi_span *rest, char sep, struct smi_span *tok)
{
	size_t n;

	if (rest->len == 0)
		return false;
	n = smi_span_find(*rest, sep);
	*tok = smi_span_head(*rest, n);
	*rest = smi_span_skip(*rest, n + 1);
	return true;
}

size_t smi_span_digits(struct smi_span a, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < a.len && a.p[i] >= '0' && a.p[i] <= '9'; i++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(a.p[i] - '0'), &v))
			return 0;
	}
	if (i > 0)
		*out = v;
	return i;
}

bool smi_span_uint(struct smi_span a, uint64_t max, uint64_t *out)
{
	uint64_t v;

	if (a.len == 0 || smi_span_digits(a, &v) != a.len || v > max)
		return false;
	*out = v;
	return true;
}

int smi_span_cmp(struct smi_span a, struct smi_span b)
{
	size_t n = SMI_MIN(a.len, b.len);
	int r = n ? memcmp(a.p, b.p, n) : 0;

	if (r != 0)
		return r;
	return (a.len > b.len) - (a.len < b.len);
}
