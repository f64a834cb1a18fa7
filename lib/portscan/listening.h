/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_LISTENING_H
#define SMI_PORTSCAN_LISTENING_H

#include "core/job.h"
#include "portscan/scan.h"

/*
 * The source (core/job.h) of this machine's own listeners, TCP and UDP: one record for
 * each address, port and process, by port. o has no target: -EINVAL otherwise.
 * needs: as smi_scan_new() has it.
 */
int smi_listening_new(sm_ctx *ctx, const struct sm_scan_opts *o,
		      struct smi_fieldset needs,
		      const struct smi_source_ops **ops, void **out);

#endif
