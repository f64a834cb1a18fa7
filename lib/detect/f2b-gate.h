/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_GATE_H
#define SMI_DETECT_F2B_GATE_H

#include "detect/fail2ban.h"
#include "record/line.h"

/*
 * Which filters can take a line at all, by what it begins with: " HOST PROGRAM["
 * behind its stamp. That is found out once for each such begin, by asking the
 * regexes whether anything that begins so could match, and remembered.
 */
struct smi_f2b_gate;
struct sm_ruleset;
int smi_f2b_gate_new(const struct sm_ruleset *rs, struct smi_f2b_gate **out);
void smi_f2b_gate_free(struct smi_f2b_gate *g);
/* A bit for each filter, by its number; open NULL: nothing is known. It holds for
 * filters whose detector is not smi_f2b_detector_is_loose(). */
struct smi_f2b_answer {
	const uint64_t *open; /* may take the line */
	const uint64_t
		*whole; /* see no date behind what the line begins with */
};
struct smi_f2b_answer smi_f2b_gate_ask(struct smi_f2b_gate *g,
				       struct smi_matcher *m,
				       const struct smi_line *line);

#endif
