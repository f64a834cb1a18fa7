/* SPDX-License-Identifier: MIT */
#ifndef SMI_API_OWN_RULES_H
#define SMI_API_OWN_RULES_H

#include "core/ctx.h"

/* A reference on the caller's rules, or where that is NULL the built-in ones:
 * frozen. */
int smi_own_rules(sm_ctx *ctx, sm_ruleset *rules, sm_ruleset **out);

#endif
