/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_LITERALS_H
#define SMI_DETECT_LITERALS_H

#include "base/arena.h"

/*
 * Which of many literals a text holds, in one pass and in time that depends on
 * the length of the text alone: the automaton of Aho and Corasick (1975), over
 * classes of bytes. ASCII letters are alike in both cases.
 */
#define SMI_LITERALS_MAX       4096
#define SMI_LITERALS_MAX_BYTES 8192 /* of all literals together */

struct smi_literals;

/* Lies in the arena. No literal may be empty. -E2BIG over the bounds, -ENOMEM. */
int smi_literals_build(const struct smi_span *v, size_t n, struct smi_arena *a,
		       struct smi_literals **out);
/* Sets the bit i of found for each literal v[i] that text holds; it clears none.
 * found has a bit for each literal. */
void smi_literals_find(const struct smi_literals *l, struct smi_span text,
		       uint64_t *found);
/* The bytes that it takes. */
size_t smi_literals_size(const struct smi_literals *l);

#endif
