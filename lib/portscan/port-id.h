/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_PORT_ID_H
#define SMI_PORTSCAN_PORT_ID_H

#include "base/ip.h"
#include "core/ctx.h"
#include "record/record.h"

/* The id of a port's record: the same of each scan of it. protocol: "tcp". */
void smi_port_set_id(sm_ctx *ctx, struct smi_arena *a, sm_record *r,
		     const struct smi_ip *ip, const char *protocol,
		     uint16_t port);

#endif
