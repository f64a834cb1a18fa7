/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_SPAN_H
#define SMI_BASE_SPAN_H

#include "base/base.h"

/* Bytes that somebody else owns. Untrusted input is a span from its first read. */
struct smi_span {
	const char *p;
	size_t len;
};

#define SMI_SPAN(lit) ((struct smi_span){ (lit), sizeof(lit) - 1 })

static inline struct smi_span smi_span_of(const void *p, size_t len)
{
	return (struct smi_span){ (const char *)p, len };
}

/* NULL is the empty span. */
static inline struct smi_span smi_span_str(const char *s)
{
	return (struct smi_span){ s ? s : "", s ? strlen(s) : 0 };
}

static inline bool smi_span_eq(struct smi_span a, struct smi_span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool smi_span_eq_str(struct smi_span a, const char *s)
{
	return smi_span_eq(a, smi_span_str(s));
}

static inline bool smi_span_starts(struct smi_span a, struct smi_span pre)
{
	/* Most differ in the first byte, which costs no call. */
	return a.len >= pre.len &&
	       (pre.len == 0 ||
		(a.p[0] == pre.p[0] && memcmp(a.p, pre.p, pre.len) == 0));
}

/* With one of n. */
static inline bool smi_span_starts_one(struct smi_span a, const char *const *v,
				       size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a.len > 0 && v[i][0] == a.p[0] &&
		    smi_span_starts(a, smi_span_str(v[i])))
			return true;
	return false;
}

static inline bool smi_span_ends(struct smi_span a, struct smi_span post)
{
	return a.len >= post.len &&
	       (post.len == 0 ||
		memcmp(a.p + a.len - post.len, post.p, post.len) == 0);
}

/* Without its first n bytes; empty when it has fewer. */
static inline struct smi_span smi_span_skip(struct smi_span a, size_t n)
{
	n = SMI_MIN(n, a.len);
	return (struct smi_span){ a.p + n, a.len - n };
}

static inline struct smi_span smi_span_head(struct smi_span a, size_t n)
{
	return (struct smi_span){ a.p, SMI_MIN(n, a.len) };
}

/* The index of the first byte c, or a.len. */
static inline size_t smi_span_find(struct smi_span a, char c)
{
	const char *q = a.len ? (const char *)memchr(a.p, c, a.len) : NULL;

	return q ? (size_t)(q - a.p) : a.len;
}

/* Without spaces and tabs at both ends. */
struct smi_span smi_span_trim(struct smi_span a);

/* ASCII letters alike. */
bool smi_span_eq_nocase(struct smi_span a, struct smi_span b);

/*
 * Cuts what stands before the next sep off *rest into *tok. false when *rest is
 * used up; "a,,b" gives "a", "", "b"; "a," gives "a"; "" gives nothing.
 */
bool smi_span_split(struct smi_span *rest, char sep, struct smi_span *tok);

/* All of a is one decimal number (no sign, no space) of at most max. */
bool smi_span_uint(struct smi_span a, uint64_t max, uint64_t *out);

/* The decimal digits that a begins with: how many, 0 for none or overflow. */
size_t smi_span_digits(struct smi_span a, uint64_t *out);

/* Bytewise order, for sorting. */
int smi_span_cmp(struct smi_span a, struct smi_span b);

#endif
