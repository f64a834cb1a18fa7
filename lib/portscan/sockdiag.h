/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SOCKDIAG_H
#define SMI_PORTSCAN_SOCKDIAG_H

#include "base/ip.h"
#include "base/vec.h"

/* What the kernel says about this machine's own sockets and addresses, through
 * netlink: no privilege needed. */

struct smi_listener {
	struct smi_ip ip; /* all bytes 0: any address */
	uint16_t port;
	bool udp;
	bool v6only;
	bool shared;	 /* with a socket of another user, at all the same */
	uint32_t device; /* the interface that it is bound to, 0: none */
	uint32_t uid;	 /* of its socket's maker */
	uint64_t inode;	 /* of its socket */
};
struct smi_own_ip {
	struct smi_ip ip;
	uint32_t device; /* the interface that has it */
};
struct smi_listeners {
	SMI_VEC(struct smi_listener) list; /* by port */
	/* Known where a listener is bound to an interface. */
	SMI_VEC(struct smi_own_ip) own;
};

void smi_listeners_free(struct smi_listeners *l);
enum {
	SMI_LISTEN_TCP = 1 << 0,
	SMI_LISTEN_UDP = 1 << 1,
};
/*
 * Replaces the list by all sockets of these protocols that listen now in this network
 * namespace (sock_diag(7), linux/inet_diag.h); of UDP, those that have a port and no
 * peer. A negative errno leaves it empty.
 */
int smi_listeners_read(struct smi_listeners *l, unsigned protocols);
/* The number of the interface "lo", in every network namespace. */
#define SMI_LOOPBACK_DEVICE 1
/*
 * Who would answer this machine at that address of its own and port: the most exact
 * one, [::] also for IPv4 unless it is for IPv6 only. One that is bound to an interface
 * answers where that has the address; to another, it is named only where there is no
 * other listener. NULL: nobody.
 */
const struct smi_listener *smi_listeners_find(const struct smi_listeners *l,
					      const struct smi_ip *ip,
					      uint16_t port, bool udp);

/* Is ip an address of this machine? By its routing tables (rtnetlink(7)); true
 * for all of 127.0.0.0/8. A negative errno where that cannot be asked. */
int smi_ip_is_local(const struct smi_ip *ip);
/* What the table of neighbours (rtnetlink(7)) says of an address, or of the router
 * before it. */
enum smi_link {
	SMI_LINK_UNKNOWN, /* it is not reached over a link; or before Linux 5.0 */
	SMI_LINK_ASKED,	  /* nobody has answered for it yet */
	SMI_LINK_THERE,
	SMI_LINK_FAILED, /* it was looked for in vain */
	SMI_LINK_NOBODY, /* a broadcast or multicast address: no single machine's */
};
enum smi_link smi_ip_link(const struct smi_ip *ip);

#endif
