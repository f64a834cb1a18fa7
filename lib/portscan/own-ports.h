/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_OWN_PORTS_H
#define SMI_PORTSCAN_OWN_PORTS_H

#include "portscan/ports.h"
#include "portscan/random.h"

/* Source ports of an engine: each is bound by number, at random. */
struct smi_own_ports {
	struct smi_random random;
	struct smi_ports avoid;	 /* not ours by preference */
	struct smi_ports spared; /* never ours */
	struct smi_ports held; /* by our sockets; their owner takes them out */
	uint16_t first, last;  /* where the system takes its own from */
};

void smi_own_ports_init(struct smi_own_ports *o, const struct smi_ports *avoid);
/* Binds fd, to no address, and adds the port to held. A negative errno. */
int smi_own_ports_bind(struct smi_own_ports *o, int fd, uint8_t family,
		       uint16_t *port);

/*
 * A socket that does not block and hears ICMP messages (IP_RECVERR), bound like that,
 * in an epoll set with fd << 32 | slot for its data. type: SOCK_STREAM, for TCP, or
 * SOCK_DGRAM, for UDP. The descriptor, or a negative errno.
 */
int smi_own_ports_socket(struct smi_own_ports *o, int epoll, uint8_t family,
			 int type, uint32_t events, unsigned slot,
			 uint16_t *port);

#endif
