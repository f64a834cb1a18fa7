/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_CGROUP_H
#define SMI_BASE_CGROUP_H

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
/* What made it: "docker", "containerd", "podman", "cri-o", "lxc" or
 * "systemd-nspawn"; empty where the path does not say. */
struct smi_span smi_cgroup_runtime(struct smi_span path);

/*
 * systemd's unit and slice, as sd_pid_get_unit(3) and sd_pid_get_slice(3) know
 * them: the first part that is no slice, and the last slice before it ("-.slice" where
 * there is none). The prefix that keeps names apart from the kernel's files
 * ("_cgroup.x.service") is taken off. Empty where systemd did not make the cgroup.
 */
struct smi_span smi_cgroup_unit(struct smi_span path);
struct smi_span smi_cgroup_slice(struct smi_span path);

#endif
