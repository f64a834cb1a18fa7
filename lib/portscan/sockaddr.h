/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SOCKADDR_H
#define SMI_PORTSCAN_SOCKADDR_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/ip.h"

union smi_sockaddr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Gives the length. */
static inline socklen_t smi_sockaddr_set(union smi_sockaddr *a,
					 const struct smi_ip *ip, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	if (ip->family == 4) {
		a->in.sin_family = AF_INET;
		a->in.sin_port = htons(port);
		memcpy(&a->in.sin_addr, ip->b, 4);
		return sizeof(a->in);
	}
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons(port);
	a->in6.sin6_scope_id = ip->scope;
	memcpy(&a->in6.sin6_addr, ip->b, 16);
	return sizeof(a->in6);
}

#endif
