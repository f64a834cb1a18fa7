/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_CGROUP_H
#define SMI_PROCESS_CGROUP_H

#include "base/span.h"

/*
 * /proc/PID/cgroup (cgroups(7)): the path below the unified hierarchy; where that
 * has none but the root, the one of systemd's hierarchy. Empty when there is none.
 */
struct smi_span smi_cgroup_path(struct smi_span text);
/* The path below the hierarchy of one controller of cgroups version 1. */
struct smi_span smi_cgroup_v1_path(struct smi_span text,
				   struct smi_span controller);

/*
 * The id of the container that a cgroup belongs to, or its name where the runtime
 * knows only names (LXC, systemd-nspawn); empty outside of containers. The
 * innermost of several.
 */
struct smi_span smi_cgroup_container(struct smi_span path);

#endif
