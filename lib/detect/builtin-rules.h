/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_BUILTIN_RULES_H
#define SMI_DETECT_BUILTIN_RULES_H

#include "base/base.h"

/* The rule files that are part of the library, as text. text-to-c.sh makes the
 * table; its last row is all zero. */
struct smi_builtin_rules {
	const char *name; /* "sshd.yaml" */
	const char *text;
	size_t len;
};
extern const struct smi_builtin_rules smi_builtin_rules[];

#endif
