/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_SERVICES_H
#define SMI_PROCESS_SERVICES_H

#include "base/fsroot.h"

/*
 * The processes that a machine's security rests on and that it starts at boot: the
 * units of a list (sshd, cron, rsyslog, auditd, agents...) that systemd has enabled
 * and nobody has masked, systemd.unit(5). None where it was not booted with systemd,
 * sd_booted(3). Names of processes, each once; how many.
 */
#define SMI_SERVICES_MAX 48
size_t smi_services_find(const struct smi_fsroot *root,
			 const char *names[SMI_SERVICES_MAX]);

#endif
