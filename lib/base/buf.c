/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdio.h>

void smi_buf_free(struct smi_buf *b)
{
	free(b->p);
	*b = (struct smi_buf){ 0 };
}

bool smi_buf_grow(struct smi_buf *b, size_t len)
{
	size_t need, cap;
	char *p;

	if (b->failed)
		return false;
	if (len <= b->cap - b->len)
		return true;
	if (__builtin_add_overflow(b->len, len, &need) || need > PTRDIFF_MAX) {
		b->failed = true;
		return false;
	}
	cap = SMI_MAX(b->cap, 64);
	while (cap < need)
		cap *= 2;
	p = smi_realloc(b->p, cap);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void smi_buf_add(struct smi_buf *b, const void *p, size_t len)
{
	if (len == 0 || !smi_buf_reserve(b, len))
		return;
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

void smi_buf_span_add(struct smi_buf *b, struct smi_span s)
{
	smi_buf_add(b, s.p, s.len);
}

void smi_buf_str(struct smi_buf *b, const char *s)
{
	smi_buf_add(b, s, strlen(s));
}

void smi_buf_fill(struct smi_buf *b, char c, size_t n)
{
	if (n == 0 || !smi_buf_reserve(b, n))
		return;
	memset(b->p + b->len, c, n);
	b->len += n;
}

void smi_buf_uint(struct smi_buf *b, uint64_t v)
{
	char text[20];
	size_t i = sizeof(text);

	do {
		text[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	smi_buf_add(b, text + i, sizeof(text) - i);
}

void smi_buf_int(struct smi_buf *b, int64_t v)
{
	char text[21];
	size_t i = sizeof(text);
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do {
		text[--i] = (char)('0' + u % 10);
		u /= 10;
	} while (u > 0);
	if (v < 0)
		text[--i] = '-';
	smi_buf_add(b, text + i, sizeof(text) - i);
}

void smi_buf_vprintf(struct smi_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	if (!smi_buf_reserve(b, strlen(fmt) + 1))
		return;
	va_copy(again, ap);
	n = vsnprintf(b->p + b->len, b->cap - b->len, fmt, ap);
	if (n < 0) {
		b->failed = true;
	} else if ((size_t)n < b->cap - b->len) {
		b->len += (size_t)n;
	} else if (smi_buf_reserve(b, (size_t)n + 1)) {
		vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void smi_buf_printf(struct smi_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	smi_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *smi_buf_cstr(struct smi_buf *b)
{
	if (!smi_buf_reserve(b, 1))
		return NULL;
	b->p[b->len] = '\0';
	return b->p;
}
