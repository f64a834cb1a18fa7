/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SYN_SOCKET_H
#define SMI_PORTSCAN_SYN_SOCKET_H

#include <stddef.h>

#include "portscan/ports.h"

/*
 * The ports that probes come from. They are bound and do not listen: nobody else
 * gets them, and the kernel, who knows of no connection there, ends by RST what an
 * open port began. Each try of a probe has its own. Another SYN from the same port
 * would have to be the very same one: a peer that remembers the first and gets one
 * with another number takes the connection for broken and resets it (RFC 9293,
 * 3.10.7.4), which looks like a closed port.
 */
#define SMI_SYN_TRIES 8
struct smi_syn_hold {
	int fds[SMI_SYN_TRIES]; /* -1: none */
	uint16_t ports[SMI_SYN_TRIES];
};
/* A negative errno: what is held then is to be let go, too. */
int smi_syn_hold(struct smi_syn_hold *h, const struct smi_ports *avoid);
void smi_syn_let_go(struct smi_syn_hold *h);
/* Which of the ports; -1: none of them. */
int smi_syn_held(const struct smi_syn_hold *h, uint16_t port);

/*
 * The raw sockets of half-open probes. Each takes what answers probes from those
 * ports, and nothing of the machine's other traffic. A descriptor, or a negative
 * errno: -EPERM without CAP_NET_RAW.
 */

/* Sends whole packets, IP header included; receives SYN-ACK and RST. Up to room
 * bytes of them wait; what does not fit is lost, as any packet may be. */
int smi_syn_open_tcp(uint8_t family, const struct smi_syn_hold *h, size_t room);
/* Sends the same, room bytes at once where that is allowed, and receives nothing. */
int smi_syn_open_out(uint8_t family, size_t room);
/* Receives what could not be delivered. */
int smi_syn_open_icmp(uint8_t family, const struct smi_syn_hold *h);

#endif
