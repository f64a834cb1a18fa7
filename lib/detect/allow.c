/* SPDX-License-Identifier: MIT */
#include "detect/allow.h"

#include "detect/ruleset.h"
#include "record/build.h"

static bool expired(const struct smi_rule *r, int64_t now)
{
	return r->expires != INT64_MAX && now > r->expires;
}

const struct smi_rule *smi_allow_find(const sm_ruleset *rs, const char *key,
				      int64_t now)
{
	for (size_t i = 0; rs && i < rs->rules.n; i++) {
		const struct smi_rule *r = rs->rules.v[i];

		if (r->type == SMI_RULE_ALLOW && !expired(r, now) &&
		    strcmp(r->key, key) == 0)
			return r;
	}
	return NULL;
}

int smi_allow_tell(uint64_t n, struct smi_out *out)
{
	sm_record *r;

	if (n == 0)
		return 0;
	r = smi_rec_new(smi_out_arena(out), SM_KIND_SUMMARY);
	smi_set_int(r, SMI_SUMMARY_ALLOWED, (int64_t)n);
	return smi_out_emit(out, r);
}

int smi_allow_notices(const sm_ruleset *rs, int64_t now, struct smi_out *out)
{
	for (size_t i = 0; rs && i < rs->rules.n; i++) {
		const struct smi_rule *r = rs->rules.v[i];
		char when[SMI_TIME_STRLEN];
		const char *args[] = { "id", r->id, "expires", when };
		int rc;

		if (r->type != SMI_RULE_ALLOW || !expired(r, now))
			continue;
		smi_time_format(r->expires, when);
		rc = smi_out_notice(out, 0, r->file,
				    "the allow entry {id} expired at {expires} "
				    "and has no effect",
				    args, SMI_COUNT(args));
		if (rc < 0)
			return rc;
	}
	return 0;
}
