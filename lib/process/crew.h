/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_CREW_H
#define SMI_PROCESS_CREW_H

#include "process/snapshot.h"

/* Threads that take the processes of a list, which their owner gets in its order. */
struct smi_crew;
struct smi_crew_opts {
	/* As long as the crew lives. */
	const struct smi_snapshot *snap;
	const struct smi_pids *pids;
	const struct smi_cpu_looks *looks;
	size_t threads; /* with the owner's */
	bool keep;	/* the records, not only until smi_crew_turn() */
};
/* NULL where there is no second thread. -ENOMEM. */
int smi_crew_new(const struct smi_crew_opts *o, struct smi_crew **out);
void smi_crew_free(struct smi_crew *c);

/* As smi_snapshot_take(), of the next process of the list, for which none is left
 * otherwise. What shared limits would have left out is taken again by tally's owner,
 * into a: nothing depends on who was first. */
int smi_crew_take(struct smi_crew *c, struct smi_snapshot *owner,
		  struct smi_arena *a, int32_t pid, sm_record **out);
/* No more until smi_crew_turn(), which ends the life of what was taken before. */
bool smi_crew_is_spent(const struct smi_crew *c);
void smi_crew_turn(struct smi_crew *c);

#endif
