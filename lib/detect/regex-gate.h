/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_REGEX_GATE_H
#define SMI_DETECT_REGEX_GATE_H

#include "base/span.h"

/*
 * What each subject of a pattern has, and what can be looked for in a few steps
 * before PCRE2 is asked. Where nothing is known, everything passes.
 */
#define SMI_GATE_BEGIN 8  /* bytes that a match begins with */
#define SMI_GATE_TEXTS 12 /* of which a subject has one */
#define SMI_GATE_BYTES 96
struct smi_gate_text {
	uint8_t at, len;
	uint8_t rarest; /* the byte that is looked for */
};
struct smi_gate {
	uint8_t first[32]; /* the bytes that a subject can begin with */
	/* The same of the first bytes, by halves: bit (c & 15) of low and bit
	 * (c >> 4) of high. */
	struct {
		uint16_t low, high;
	} begin[SMI_GATE_BEGIN];
	struct smi_gate_text text; /* it has this one; len 0: none is known */
	struct smi_gate_text any[SMI_GATE_TEXTS]; /* and one of these */
	uint8_t nany;
	char bytes[SMI_GATE_BYTES]; /* of the texts */
	uint64_t need[4];	    /* the bytes of text, a bit each */
};

/* text has been compiled; anchored: it matches at the begin of a subject only.
 * -ENOMEM. */
int smi_gate_make(struct smi_gate *g, struct smi_span text, bool anchored);
/* Nothing is known. */
void smi_gate_open(struct smi_gate *g);
/* false: the pattern does not match. */
bool smi_gate_passes(const struct smi_gate *g, struct smi_span subject);

/* The bytes of a subject, for gates that are asked about the same one. */
static inline void smi_gate_bytes(struct smi_span subject, uint64_t have[4])
{
	have[0] = have[1] = have[2] = have[3] = 0;
	for (size_t i = 0; i < subject.len; i++) {
		unsigned char c = (unsigned char)subject.p[i];

		have[c >> 6] |= UINT64_C(1) << (c & 63);
	}
}

/* false: the pattern does not match. */
static inline bool smi_gate_has_bytes(const struct smi_gate *g,
				      const uint64_t have[4])
{
	return !((g->need[0] & ~have[0]) | (g->need[1] & ~have[1]) |
		 (g->need[2] & ~have[2]) | (g->need[3] & ~have[3]));
}

static inline struct smi_span smi_gate_text(const struct smi_gate *g,
					    struct smi_gate_text t)
{
	return smi_span_of(g->bytes + t.at, t.len);
}

static inline bool smi_gate_may_begin(const struct smi_gate *g, unsigned char c)
{
	return g->first[c >> 3] >> (c & 7) & 1;
}

#endif
