/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_ALLOW_H
#define SMI_DETECT_ALLOW_H

#include "core/job.h"
#include "detect/rule.h"

/* The entry of a set that accepts findings of this key now; NULL: none does. */
const struct smi_rule *smi_allow_find(const sm_ruleset *rs, const char *key,
				      int64_t now);
/* The same for what a check found of a process. */
const struct smi_rule *smi_allow_process(const sm_ruleset *rs,
					 const char *check,
					 const sm_record *rec, int64_t now);
/* Adds the fields that entries of a set ask for. */
void smi_allow_fields(const sm_ruleset *rs, struct smi_fieldset *set);
/* Whether an entry is past its date. */
bool smi_allow_is_over(const struct smi_rule *r, int64_t now);
/* A notice for each entry that is past its date. */
int smi_allow_notices(const sm_ruleset *rs, int64_t now, struct smi_out *out);

#endif
