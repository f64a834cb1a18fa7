/* SPDX-License-Identifier: MIT */
#ifndef SMI_API_ABILITY_H
#define SMI_API_ABILITY_H

#include <sysmon/sysmon.h>

#include "core/job.h"

#define SMI_ABILITY_ROOM 6

/* One row: sentences with {name} for args, pairs of a name and a value; NULL ends them.
 * next_step NULL: there is nothing to do. */
struct smi_ability {
	const char *name, *part;
	int status; /* SM_ABILITY_* */
	const char *sentence, *next_step;
	const char *args[SMI_ABILITY_ROOM];
};

/* 0 or -ENOMEM. */
int smi_ability_tell(struct smi_out *out, const struct smi_ability *a);
/* NULL: out of memory. */
sm_record *smi_ability_record(struct smi_arena *arena,
			      const struct smi_ability *a,
			      const char *const *args, size_t nargs);

/* What each part of the library can see; each tells one row or more. */
typedef int smi_ability_fn(sm_ctx *ctx, struct smi_out *out);
smi_ability_fn smi_ability_raw_sockets, smi_ability_own_sockets,
	smi_ability_tls;
smi_ability_fn smi_ability_proc, smi_ability_other_users, smi_ability_events;
smi_ability_fn smi_ability_descriptors;
smi_ability_fn smi_ability_journal, smi_ability_logs, smi_ability_packed,
	smi_ability_zone;
smi_ability_fn smi_ability_rules, smi_ability_history;

#endif
