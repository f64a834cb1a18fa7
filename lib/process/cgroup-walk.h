/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_CGROUP_WALK_H
#define SMI_PROCESS_CGROUP_WALK_H

#include "process/procdir.h"

/* The processes that the cgroups of the unified hierarchy list, one cgroup after the
 * other. {0} is before the walk. */
struct smi_cgroup_walk {
	SMI_VEC(char *) todo; /* paths below the mount */
	struct smi_buf text;
	bool begun;
	int fd; /* of the mount */
	size_t seen;
	bool cut; /* there were more than can be looked at */
};
#define SMI_CGROUPS_MAX ((size_t)65536)

/* 0, or a negative errno: nothing is walked then. */
int smi_cgroup_walk_begin(struct smi_cgroup_walk *w, const char *mount);
/* Adds the processes of the next cgroup to pids. 1; 0 at the end; -ENOMEM. */
int smi_cgroup_walk_next(struct smi_cgroup_walk *w, struct smi_pids *pids);
void smi_cgroup_walk_end(struct smi_cgroup_walk *w);

#endif
