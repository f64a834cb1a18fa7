/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_ZOMBIES_H
#define SMI_DETECT_ZOMBIES_H

#include "base/map.h"
#include "core/job.h"

#define SMI_ZOMBIE_PARENTS_MAX 4096

/* The zombies of one list, by their parent. */
struct smi_zombie_parent {
	int32_t pid;
	uint32_t n;
	int64_t when;	/* the last was seen */
	sm_record *one; /* of the zombies */
};
struct smi_zombies {
	struct smi_map parents;
	uint64_t forgotten; /* zombies of more parents */
	bool is_over;	    /* the next one is of another list */
};

void smi_zombies_free(struct smi_zombies *z);
/* Counts it where it is one: 0 or -ENOMEM. */
int smi_zombies_see(struct smi_zombies *z, const sm_record *rec);
/* What is told of one parent; it refers to z. NULL: memory is out. */
sm_record *smi_zombies_finding(struct smi_arena *a,
			       const struct smi_zombie_parent *p,
			       double threshold);

#endif
