/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_BUF_H
#define SMI_BASE_BUF_H

#include <stdarg.h>

#include "base/span.h"

/*
 * Growing bytes. {0} is empty. A failure is sticky: later additions do nothing,
 * and smi_buf_error() tells at the end; len stays what was added before.
 */
struct smi_buf {
	char *p;
	size_t len, cap;
	bool failed;
};

void smi_buf_free(struct smi_buf *b); /* also for SMI_CLEANUP */
static inline void smi_buf_clear(struct smi_buf *b)
{
	b->len = 0;
	b->failed = false;
}
static inline int smi_buf_error(const struct smi_buf *b)
{
	return b->failed ? -ENOMEM : 0;
}
static inline struct smi_span smi_buf_span(const struct smi_buf *b)
{
	return (struct smi_span){ b->p ? b->p : "", b->len };
}

/* Room for len more bytes at p + len; false when memory is out. */
bool smi_buf_grow(struct smi_buf *b, size_t len);
static inline bool smi_buf_reserve(struct smi_buf *b, size_t len)
{
	return (len <= b->cap - b->len && !b->failed) || smi_buf_grow(b, len);
}
void smi_buf_add(struct smi_buf *b, const void *p, size_t len);
void smi_buf_span_add(struct smi_buf *b, struct smi_span s);
void smi_buf_str(struct smi_buf *b, const char *s);
static inline void smi_buf_char(struct smi_buf *b, char c)
{
	if (smi_buf_reserve(b, 1))
		b->p[b->len++] = c;
}
void smi_buf_fill(struct smi_buf *b, char c, size_t n);
void smi_buf_int(struct smi_buf *b, int64_t v);
void smi_buf_uint(struct smi_buf *b, uint64_t v);
/* Shortest of at most digits decimals: 3.5, 0.01, 12. "0" for what is not finite. */
void smi_buf_real(struct smi_buf *b, double v, int digits);
void smi_buf_printf(struct smi_buf *b, const char *fmt, ...) SMI_PRINTF(2, 3);
void smi_buf_vprintf(struct smi_buf *b, const char *fmt, va_list ap);
/* Ends it with a NUL that does not count; NULL when something has failed. */
const char *smi_buf_cstr(struct smi_buf *b);

#endif
