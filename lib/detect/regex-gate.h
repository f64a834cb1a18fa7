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
};

/* text has been compiled; anchored: it matches at the begin of a subject only.
 * -ENOMEM. */
int smi_gate_make(struct smi_gate *g, struct smi_span text, bool anchored);
/* Nothing is known. */
void smi_gate_open(struct smi_gate *g);
/* false: the pattern does not match. */
bool smi_gate_passes(const struct smi_gate *g, struct smi_span subject);

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
