/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_STARTS_H
#define SMI_DETECT_STARTS_H

#include "base/arena.h"
#include "detect/rule.h"

/*
 * The patterns of a group, told by how a message starts: one automaton of all that
 * are anchored, which reads until no more of them can fall out. It knows nothing
 * that PCRE2 does not know better; it is asked once for all of them.
 */
struct smi_candidate;
struct smi_starts;

/* NULL in *out for a few patterns, and for too many. -ENOMEM. */
int smi_starts_build(const struct smi_candidate *c, size_t n,
		     struct smi_arena *a, struct smi_starts **out);
/* Those that may take the message, a bit each; good until the next one. NULL when
 * memory is out. */
const uint64_t *smi_starts_read(const struct smi_starts *s,
				struct smi_matcher *m, struct smi_span message);

#endif
