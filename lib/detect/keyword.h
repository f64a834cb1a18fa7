/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_KEYWORD_H
#define SMI_DETECT_KEYWORD_H

#include "base/span.h"

/*
 * The generic words: failed, failure, error, denied, ... as whole words in any
 * case; never where the count of it is zero ("0 errors", "errors: 0"), never
 * as part of name=value or of a path.
 */
/* The first word of text that counts. */
bool smi_keywords_find(struct smi_span text, struct smi_span *word);

#endif
