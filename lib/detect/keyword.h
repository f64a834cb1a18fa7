/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_KEYWORD_H
#define SMI_DETECT_KEYWORD_H

#include "base/span.h"

/*
 * The generic words: failed, failure, error, denied, ... as whole words in any
 * case; never where the count of it is zero ("0 errors", "errors: 0"), never
 * as part of name=value or of a path.
 *
 * Wu and Manber (1994), with blocks of two letters: looks at about every third
 * byte.
 */
#define SMI_KEYWORD_BLOCKS 1024
struct smi_keywords {
	uint8_t shift[SMI_KEYWORD_BLOCKS];
};
void smi_keywords_init(struct smi_keywords *k);
/* The first word of text that counts. */
bool smi_keywords_find(const struct smi_keywords *k, struct smi_span text,
		       struct smi_span *word);

#endif
