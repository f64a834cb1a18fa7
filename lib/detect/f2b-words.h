/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_WORDS_H
#define SMI_DETECT_F2B_WORDS_H

#include "detect/fail2ban.h"

/*
 * Words that a line must have for a filter to take it, all looked for in one go. A
 * word may have been cut in two by the date that stood in it: then a half of it is
 * enough. Letters are alike in any case.
 */
struct smi_f2b_words;
struct sm_ruleset;
int smi_f2b_words_new(const struct sm_ruleset *rs, struct smi_f2b_words **out);
void smi_f2b_words_free(struct smi_f2b_words *w);
/*
 * Of the filters in open, by their numbers, those that may take a line of ASCII;
 * until the next call. whole: those for which no date stands within the line, so
 * that halves are not asked for.
 */
const uint64_t *smi_f2b_words_find(struct smi_f2b_words *w,
				   struct smi_span line, const uint64_t *open,
				   const uint64_t *whole);

#endif
