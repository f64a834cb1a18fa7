/* SPDX-License-Identifier: MIT */
#include "api/own-rules.h"
#include "detect/ruleset.h"
#include "logsrc/header.h"

SM_EXPORT int sm_ruleset_new(sm_ctx *ctx, sm_ruleset **out)
{
	if (!ctx || !out)
		return smi_fail(ctx, -EINVAL,
				"a ruleset needs a context and a place");
	return smi_ruleset_new(ctx, smi_header_split, out);
}

int smi_own_rules(sm_ctx *ctx, sm_ruleset *rules, sm_ruleset **out)
{
	sm_ruleset *rs = rules ? sm_ruleset_ref(rules) : NULL;
	int r = rs ? 0 : sm_ruleset_new(ctx, &rs);

	if (r >= 0 && !rules)
		r = sm_ruleset_add_builtin(rs);
	if (r >= 0)
		r = sm_ruleset_freeze(rs);
	if (r < 0) {
		sm_ruleset_unref(rs);
		return r;
	}
	*out = rs;
	return 0;
}
