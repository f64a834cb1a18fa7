/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_IP_H
#define SMI_BASE_IP_H

#include "base/span.h"

/* An IPv4 (family 4, first 4 bytes) or IPv6 address (family 6); network order.
 * Unused bytes are 0, so that two are equal when their bytes are. */
struct smi_ip {
	uint8_t family;
	uint8_t b[16];
	uint32_t scope; /* interface index of a link-local one, else 0 */
};
struct smi_prefix {
	struct smi_ip ip; /* host bits are 0 */
	uint8_t bits;
};
#define SMI_IP_STRLEN 64

/*
 * All of s is one address. IPv4: four decimal numbers without leading zeros
 * (RFC 6943, 3.1.1). IPv6: RFC 4291, any case; ::ffff:a.b.c.d becomes IPv4. A zone
 * ("%eth0", "%2") is read on IPv6: a number gives scope, a name is looked up
 * only by smi_ip_parse_zone(); smi_ip_parse() leaves scope 0 and drops it.
 */
bool smi_ip_parse(struct smi_span s, struct smi_ip *out);
/* -EINVAL: no address. -ENODEV: the zone names no interface here. */
int smi_ip_parse_zone(struct smi_span s, struct smi_ip *out);
/* RFC 5952, with "%N" where scope is not 0. Gives out. */
const char *smi_ip_format(const struct smi_ip *ip, char out[SMI_IP_STRLEN]);
bool smi_ip_eq(const struct smi_ip *a, const struct smi_ip *b);
/* By family, then numerically. */
int smi_ip_cmp(const struct smi_ip *a, const struct smi_ip *b);
/* The next address; false behind the last one. */
bool smi_ip_next(struct smi_ip *ip);
/* 0.0.0.0, ::. */
bool smi_ip_is_any(const struct smi_ip *ip);
bool smi_ip_is_loopback(const struct smi_ip *ip);
bool smi_ip_is_link_local(const struct smi_ip *ip);

/* "10.0.0.0/8", "2001:db8::/32", or an address (all bits). Host bits of the text
 * are cut off. */
bool smi_prefix_parse(struct smi_span s, struct smi_prefix *out);
bool smi_prefix_has(const struct smi_prefix *p, const struct smi_ip *ip);
/* The prefix of that many bits around ip. */
struct smi_prefix smi_prefix_of(const struct smi_ip *ip, uint8_t bits);
const char *smi_prefix_format(const struct smi_prefix *p,
			      char out[SMI_IP_STRLEN]);

#endif
