/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SYN_ROUTE_H
#define SMI_PORTSCAN_SYN_ROUTE_H

#include "portscan/syn-packet.h"

/*
 * From which address a peer is reached, and the SYN from there. The kernel is asked
 * as connect(2) would ask it; what it said is kept for the peers of late, for some
 * probes: addresses and routes change.
 */
struct smi_syn_route {
	struct smi_ip peer; /* family 0: nobody */
	struct smi_ip own;
	int err;       /* positive errno: there is no way */
	unsigned left; /* probes until the kernel is asked again */
	struct smi_syn_template syn;
};

struct smi_syn_routes {
	int fds[2]; /* of IPv4 and IPv6, -1: not open */
	struct smi_syn_route *list;
};

/* -ENOMEM. */
int smi_syn_routes_init(struct smi_syn_routes *r);
void smi_syn_routes_free(struct smi_syn_routes *r);
/* A negative errno when it cannot be asked for; 0 with *out, which may tell an
 * error of its own. It is good until the next call. */
int smi_syn_route_to(struct smi_syn_routes *r, const struct smi_ip *peer,
		     const struct smi_syn_route **out);

#endif
