/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_MATCH_WIRE_H
#define SMI_PORTSCAN_MATCH_WIRE_H

#include "portscan/match.h"

/*
 * Reads a binary reply from front to back, within it. What lies beyond its end is
 * read as zeros and empty spans, and sets over for good.
 */
struct smi_wire {
	struct smi_span left;
	bool over;
};

static inline struct smi_wire smi_wire_of(struct smi_span reply)
{
	return (struct smi_wire){ .left = reply };
}

static inline struct smi_span smi_wire_bytes(struct smi_wire *w, uint64_t n)
{
	struct smi_span s = smi_span_str("");

	if (w->over || n > w->left.len) {
		w->over = true;
		return s;
	}
	s = smi_span_head(w->left, (size_t)n);
	w->left = smi_span_skip(w->left, (size_t)n);
	return s;
}

/* Numbers of up to 8 bytes, the most significant first or last. */
static inline uint64_t smi_wire_be(struct smi_wire *w, unsigned n)
{
	struct smi_span s = smi_wire_bytes(w, n);
	uint64_t v = 0;

	for (size_t i = 0; i < s.len; i++)
		v = v << 8 | (uint8_t)s.p[i];
	return v;
}

static inline uint64_t smi_wire_le(struct smi_wire *w, unsigned n)
{
	struct smi_span s = smi_wire_bytes(w, n);
	uint64_t v = 0;

	for (size_t i = s.len; i > 0; i--)
		v = v << 8 | (uint8_t)s.p[i - 1];
	return v;
}

/* Up to a NUL, which is passed. */
static inline struct smi_span smi_wire_str(struct smi_wire *w)
{
	size_t n = smi_span_find(w->left, '\0');
	struct smi_span s = smi_wire_bytes(w, (uint64_t)n + 1);

	return smi_span_head(s, n);
}

/* The next n bytes as a reply of their own; over when there are fewer. */
static inline struct smi_wire smi_wire_part(struct smi_wire *w, uint64_t n)
{
	struct smi_wire part = smi_wire_of(smi_wire_bytes(w, n));

	part.over = w->over;
	return part;
}

/* The verdict on a reply that is right as far as it came. */
static inline enum smi_match smi_match_short(bool end)
{
	return end ? SMI_MATCH_NO : SMI_MATCH_MORE;
}

#endif
