/* SPDX-License-Identifier: MIT */
#include "detect/ruleset.h"
#include "logsrc/header.h"

SM_EXPORT int sm_ruleset_new(sm_ctx *ctx, sm_ruleset **out)
{
	if (!ctx || !out)
		return smi_fail(ctx, -EINVAL,
				"a ruleset needs a context and a place");
	return smi_ruleset_new(ctx, smi_header_split, out);
}
