/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_RESOLVE_H
#define SMI_PORTSCAN_RESOLVE_H

#include "base/ip.h"
#include "base/vec.h"

struct smi_addresses {
	SMI_VEC(struct smi_ip) list;
};

/*
 * All addresses of a name, each once, in the order of getaddrinfo(3), which may
 * block. Those that no route leads to are left out where others remain. -ENOENT:
 * there is none, -EAGAIN: the name service does not answer, else a negative errno.
 */
int smi_resolve(const char *name, struct smi_addresses *out);

#endif
