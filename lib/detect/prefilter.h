/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_PREFILTER_H
#define SMI_DETECT_PREFILTER_H

#include "base/arena.h"
#include "detect/starts.h"

/*
 * From a line to the few patterns that may take it: a hash of the program gives a
 * group of patterns, the first bytes of the message a set of bits in it.
 */
struct smi_candidate {
	const struct smi_rule *rule;
	const struct smi_pattern *pattern;
};
struct smi_group {
	struct smi_span program; /* "": the header names none */
	bool others;		 /* of all programs that have no group */
	struct smi_candidate *c; /* in the order of the rules */
	size_t n, words;
	/* Of each 64 candidates: a row for each half of each of the bytes that
	 * their gates know. */
	const struct smi_rows *rows;
	struct smi_starts *starts; /* NULL: the rows are all there is */
};
struct smi_rows {
	struct {
		uint64_t low[16], high[16];
	} byte[SMI_GATE_BEGIN];
};
struct smi_webset;
struct smi_dispatch {
	struct smi_group *groups; /* the last one is for all other programs */
	size_t n;
	uint16_t *slots; /* index + 1 */
	size_t nslots;
	struct smi_webset *web; /* rules on access lines; NULL: none */
};

int smi_dispatch_build(struct smi_dispatch *d, struct smi_rule *const *rules,
		       size_t n, struct smi_arena *a);
/* The rules are shared by threads that match at the same time: this is where a line
 * gets at them, and so where anything that is put off until a group is needed is
 * made, once, under a lock. */
const struct smi_group *smi_dispatch_find(const struct smi_dispatch *d,
					  struct smi_span program);

/* Of the 64 candidates from w * 64 on: those that a message can begin with. alive is
 * what the group's starts say, NULL without them. */
static inline uint64_t smi_group_may_take(const struct smi_group *g, size_t w,
					  const uint64_t *alive,
					  struct smi_span message)
{
	const struct smi_rows *rows = &g->rows[w];
	size_t n = SMI_MIN(message.len, (size_t)SMI_GATE_BEGIN);
	uint64_t bits = alive ? alive[w] : UINT64_MAX;

	for (size_t i = 0; i < n && bits; i++) {
		unsigned char c = (unsigned char)message.p[i];

		bits &= rows->byte[i].low[c & 15] & rows->byte[i].high[c >> 4];
	}
	return bits;
}

#endif
