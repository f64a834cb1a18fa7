/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SYN_OUT_H
#define SMI_PORTSCAN_SYN_OUT_H

#include <sys/socket.h>

#include "portscan/sockaddr.h"
#include "portscan/syn-route.h"

/* Packets of one system call. */
#define SMI_SYN_BATCH 64

/* What was written down for a raw socket, of one family. Those before first have gone
 * out. */
struct smi_syn_out {
	int fd; /* -1: not open */
	unsigned first, n;
	unsigned slots[SMI_SYN_BATCH];
	union smi_sockaddr to[SMI_SYN_BATCH];
	struct iovec parts[SMI_SYN_BATCH];
	struct mmsghdr messages[SMI_SYN_BATCH];
	uint8_t packets[SMI_SYN_BATCH][SMI_SYN_MAX];
};
void smi_syn_out_init(struct smi_syn_out *o);
static inline bool smi_syn_out_full(const struct smi_syn_out *o)
{
	return o->n == SMI_SYN_BATCH;
}
/* There is room for it. */
void smi_syn_out_add(struct smi_syn_out *o, unsigned slot, uint32_t seq,
		     const struct smi_syn_route *route, uint16_t own_port,
		     uint16_t port);
/* What the kernel refuses is told to fail. false: the rest waits until the socket has
 * room. */
bool smi_syn_out_flush(struct smi_syn_out *o,
		       void (*fail)(void *user, unsigned slot, int err),
		       void *user);

#endif
