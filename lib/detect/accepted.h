/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_ACCEPTED_H
#define SMI_DETECT_ACCEPTED_H

#include "base/vec.h"
#include "core/job.h"
#include "detect/rule.h"

/* How many findings allow entries have accepted, and which; {0} is none. The rules have
 * to stay. */
struct smi_accepted_by {
	const struct smi_rule *rule;
	uint64_t n;
};
struct smi_accepted {
	uint64_t n;
	SMI_VEC(struct smi_accepted_by) by;
};

/* One more by this entry: 0 or -ENOMEM. */
int smi_accepted_add(struct smi_accepted *a, const struct smi_rule *rule);
void smi_accepted_free(struct smi_accepted *a);
/* The entries with their numbers, to who hears the log. */
void smi_accepted_log(const struct smi_accepted *a, sm_ctx *ctx);
/* That, and the number for the summary: a record of that kind with it alone. Nothing for
 * none. */
int smi_accepted_tell(const struct smi_accepted *a, struct smi_out *out);

#endif
