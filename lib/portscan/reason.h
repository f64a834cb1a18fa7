/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_REASON_H
#define SMI_PORTSCAN_REASON_H

#include "base/base.h"

/* Reasons, in the words of sm_port_reason(). Of a port of TCP that is open: */
#define SMI_REASON_SYN_ACK "syn-ack"
/* And of what is filtered: */

/* Of an ICMP (family 4) or ICMPv6 (6) message that says that a packet did not
 * arrive. NULL: it says something else. */
const char *smi_reason_icmp(uint8_t family, uint8_t type, uint8_t code);
/* Of the errno that the kernel makes of such a message, or of a route that is
 * missing. NULL: of neither. */
const char *smi_reason_errno(int err);

union smi_sockaddr;
/* "host-unreachable", and from is an address of this machine: on its own link nobody
 * has the address that was probed. */
bool smi_reason_is_ours(const char *reason, const union smi_sockaddr *from);

#endif
