/* SPDX-License-Identifier: MIT */
#include "detect/accepted.h"

#include <inttypes.h>

#include "record/build.h"

int smi_accepted_add(struct smi_accepted *a, const struct smi_rule *rule)
{
	const struct smi_accepted_by one = { rule, 1 };

	a->n++;
	for (size_t i = 0; i < a->by.n; i++)
		if (a->by.v[i].rule == rule) {
			a->by.v[i].n++;
			return 0;
		}
	return smi_vec_push(&a->by, one) ? 0 : -ENOMEM;
}

void smi_accepted_free(struct smi_accepted *a)
{
	smi_vec_free(&a->by);
	a->n = 0;
}

void smi_accepted_log(const struct smi_accepted *a, sm_ctx *ctx)
{
	for (size_t i = 0; i < a->by.n; i++)
		smi_log(ctx, SM_LOG_INFO, "allow",
			"the entry %s accepted %" PRIu64 ": %s",
			a->by.v[i].rule->id, a->by.v[i].n,
			a->by.v[i].rule->reason);
}

int smi_accepted_tell(const struct smi_accepted *a, struct smi_out *out)
{
	sm_record *r;

	if (a->n == 0)
		return 0;
	smi_accepted_log(a, smi_out_ctx(out));
	r = smi_rec_new(smi_out_arena(out), SM_KIND_SUMMARY);
	smi_set_int(r, SMI_SUMMARY_ALLOWED, (int64_t)a->n);
	return smi_out_emit(out, r);
}
