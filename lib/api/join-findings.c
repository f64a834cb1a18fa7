/* SPDX-License-Identifier: MIT */
#include "api/own-rules.h"
#include "detect/join.h"

SM_EXPORT int sm_join_new(sm_ctx *ctx, sm_ruleset *ruleset, sm_join **out)
{
	sm_ruleset *rs;
	int r;

	if (!ctx || !out)
		return -EINVAL;
	r = smi_own_rules(ctx, ruleset, &rs);
	if (r < 0)
		return smi_rc(r);
	r = smi_join_new(ctx, rs, out);
	sm_ruleset_unref(rs);
	return r;
}
