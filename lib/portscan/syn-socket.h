/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SYN_SOCKET_H
#define SMI_PORTSCAN_SYN_SOCKET_H

#include <stddef.h>
#include <stdint.h>

/*
 * The raw sockets of half-open probes. Each takes what answers probes from one port
 * of ours, and nothing of the machine's other traffic. A descriptor, or a negative
 * errno: -EPERM without CAP_NET_RAW.
 */

/* Sends whole packets, IP header included; receives SYN-ACK and RST. Up to room
 * bytes of them wait; what does not fit is lost, as any packet may be. */
int smi_syn_open_tcp(uint8_t family, uint16_t port, size_t room);
/* Receives what could not be delivered. */
int smi_syn_open_icmp(uint8_t family, uint16_t port);

#endif
