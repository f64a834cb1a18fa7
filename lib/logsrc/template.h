/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_TEMPLATE_H
#define SMI_LOGSRC_TEMPLATE_H

#include "base/span.h"
#include "core/job.h"
#include "record/line.h"

#define SMI_TEMPLATE_LEN 160
#define SMI_TEMPLATES	 200 /* that are counted at once */
#define SMI_PROGRAMS	 64

/*
 * A text with its variable parts masked: numbers <n>, addresses <ip>, hexadecimal
 * <hex>, quoted text <str>, names behind words such as "user" <name>. Lines of one
 * format string have one template. Its length; longer ones are cut.
 */
size_t smi_template_mask(struct smi_span text, char out[SMI_TEMPLATE_LEN]);

struct smi_template {
	uint64_t hash, count, error; /* at most so many are other ones' */
	uint8_t len, program_len;
	uint16_t sample_len;
	bool parsed; /* its header was understood */
	char text[SMI_TEMPLATE_LEN], program[64], sample[256];
};

struct smi_template_program {
	uint64_t lines, matched, harmless;
	uint8_t len;
	char name[64]; /* "" with lines: those without a name */
};

/*
 * What one source has, in bounded memory: of more templates than there is room for
 * the most frequent are kept, and error tells by how much a count may be too high
 * (space saving, Metwally et al. 2005).
 */
struct smi_templates {
	struct smi_template v[SMI_TEMPLATES];
	size_t n;
	struct smi_template_program programs[SMI_PROGRAMS];
	size_t nprograms;
	struct smi_template_program others; /* programs that had no room */
};

/* made: SMI_LINE_TAKEN and SMI_LINE_TELLS, or 0. */
void smi_templates_add(struct smi_templates *t, const struct smi_line *line,
		       int made);
/* The most frequent first. */
void smi_templates_sort(struct smi_templates *t);

#endif
