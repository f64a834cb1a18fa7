/* SPDX-License-Identifier: MIT */
#include "portscan/reason.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "portscan/sockaddr.h"
#include "portscan/sockdiag.h"

/* RFC 792, RFC 1812 5.2.7.1. */
static const char *const v4[] = {
	[0] = "net-unreachable",   [1] = "host-unreachable",
	[2] = "proto-unreachable", [3] = "port-unreachable",
	[5] = "source-route",	   [6] = "net-unreachable",
	[7] = "host-unreachable",  [8] = "host-unreachable",
	[9] = "admin-prohibited",  [10] = "admin-prohibited",
	[11] = "net-unreachable",  [12] = "host-unreachable",
	[13] = "admin-prohibited", [14] = "admin-prohibited",
	[15] = "admin-prohibited",
};

/* RFC 4443, 3.1. */
static const char *const v6[] = {
	[0] = "net-unreachable",  [1] = "admin-prohibited",
	[2] = "net-unreachable",  [3] = "host-unreachable",
	[4] = "port-unreachable", [5] = "admin-prohibited",
	[6] = "admin-prohibited",
};

const char *smi_reason_icmp(uint8_t family, uint8_t type, uint8_t code)
{
	if (family == 4 && type == ICMP_DEST_UNREACH && code < SMI_COUNT(v4))
		return v4[code];
	if (family == 6 && type == ICMP6_DST_UNREACH && code < SMI_COUNT(v6))
		return v6[code];
	/* Its way goes in a circle. */
	if ((family == 4 && type == ICMP_TIME_EXCEEDED) ||
	    (family == 6 && type == ICMP6_TIME_EXCEEDED))
		return "host-unreachable";
	return NULL;
}

const char *smi_reason_errno(int err)
{
	switch (err) {
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENONET:
		return "host-unreachable";
	case ENETUNREACH:
	case ENETDOWN:
		return "net-unreachable";
	case EACCES:
		return "admin-prohibited";
	case ENOPROTOOPT:
		return "proto-unreachable";
	case ETIMEDOUT:
		return "no-response";
	default:
		return NULL;
	}
}

bool smi_reason_is_ours(const char *reason, const union smi_sockaddr *from)
{
	struct smi_ip ip = { 0 };

	if (strcmp(reason, "host-unreachable"))
		return false;
	if (from->sa.sa_family == AF_INET) {
		ip.family = 4;
		memcpy(ip.b, &from->in.sin_addr, 4);
	} else if (from->sa.sa_family == AF_INET6) {
		ip.family = 6;
		memcpy(ip.b, &from->in6.sin6_addr, 16);
		ip.scope = from->in6.sin6_scope_id;
	}
	return ip.family && smi_ip_is_local(&ip) == 1;
}
