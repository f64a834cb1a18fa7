/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_WORDS_H
#define SMI_DETECT_F2B_WORDS_H

#include "detect/fail2ban.h"

/*
 * Words that a line must have for a filter to take it, all looked for in one go. A
 * word may have been cut in two by the date that stood in it, so a half of it is
 * enough. Letters are alike in any case.
 */
struct smi_f2b_words;
struct sm_ruleset;
int smi_f2b_words_new(const struct sm_ruleset *rs, struct smi_f2b_words **out);
void smi_f2b_words_free(struct smi_f2b_words *w);
/* A bit for each filter that may take a line of ASCII; until the next call. */
const uint64_t *smi_f2b_words_find(struct smi_f2b_words *w,
				   struct smi_span line);

/* The longest text that is a part of all that the pattern matches, ASCII letters in
 * any case; empty when none is known. */
struct smi_span smi_f2b_must_have(struct smi_span pattern, char *room,
				  size_t size);

#endif
