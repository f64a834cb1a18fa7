/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_HIT_H
#define SMI_DETECT_HIT_H

#include "detect/match.h"
#include "record/build.h"

/*
 * A line that a rule took, kept as what an event record is made from: for lines
 * that may become evidence later.
 */
struct smi_hit {
	unsigned refs;
	uint32_t ordinal;
	size_t size;
	struct smi_line line; /* spans into data */
	struct smi_match match;
	char data[];
};

/* NULL when memory is out. Counts itself into *bytes. */
struct smi_hit *smi_hit_new(const struct smi_line *line,
			    const struct smi_match *m, uint32_t ordinal,
			    size_t *bytes);
static inline struct smi_hit *smi_hit_ref(struct smi_hit *h)
{
	if (h)
		h->refs++;
	return h;
}
void smi_hit_unref(struct smi_hit *h, size_t *bytes);

/* The record of an event with these fields. */
sm_record *smi_hit_record(struct smi_arena *a,
			  const struct smi_fieldset *fields,
			  const struct smi_line *line,
			  const struct smi_match *m, uint32_t ordinal);

/*
 * The ordinal of a line among equal ones (host, time, raw line), in bounded
 * memory: of the last lines only, which is where equal ones with one time are.
 */
#define SMI_ORDINALS 2048
struct smi_ordinals {
	struct {
		uint64_t hash;
		uint32_t next;
	} slots[SMI_ORDINALS];
};
uint32_t smi_ordinal(struct smi_ordinals *o, const struct smi_line *line);

#endif
