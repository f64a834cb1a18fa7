/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_REGEX_MEMORY_H
#define SMI_DETECT_REGEX_MEMORY_H

#include "base/base.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/*
 * What PCRE2 allocates, by the library's allocator. Its compiler of machine code
 * does not look at each allocation that fails, and reads at NULL then (10.42):
 * the code of a pattern has a heap of its own, from which such a failure ends the
 * compiler at once.
 */
struct smi_regex_heap;
int smi_regex_heap_new(struct smi_regex_heap **out);
/* After the code that is in it. */
void smi_regex_heap_free(struct smi_regex_heap *h);

/* heap NULL: plain allocations, for what makes no machine code. NULL: no memory. */
pcre2_general_context *smi_regex_context(struct smi_regex_heap *h);
void smi_regex_context_freep(pcre2_general_context **gc); /* SMI_CLEANUP */

/* Machine code for code, whose context is of h: 1; 0 where there can be none;
 * -ENOMEM, and the code works on as it did. */
int smi_regex_heap_jit(struct smi_regex_heap *h, pcre2_code *code);

#endif
