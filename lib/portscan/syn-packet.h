/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SYN_PACKET_H
#define SMI_PORTSCAN_SYN_PACKET_H

#include "base/ip.h"
#include "base/siphash.h"

/* The packets of half-open probes: SYNs as they are written, and what comes back
 * as it is read. Bytes from the network are untrusted. */

/* Who asks whom. */
struct smi_syn_ends {
	struct smi_ip own, peer;
	uint16_t own_port, peer_port;
};

/*
 * What nobody foretells who did not see the probe: its low half is the sequence
 * number, which an answer carries back. The upper half may serve as a hash.
 */
uint64_t smi_syn_cookie(const struct smi_siphash_key *key,
			const struct smi_syn_ends *ends);

/* A SYN from one address to another, from and to all their ports. */
#define SMI_SYN_MAX 64
struct smi_syn_template {
	uint8_t bytes[SMI_SYN_MAX];
	uint8_t len, tcp; /* where TCP begins */
	uint32_t sum;	  /* of what is the same to all ports */
};
void smi_syn_template_init(struct smi_syn_template *t, const struct smi_ip *own,
			   const struct smi_ip *peer);
/* The whole packet with its IP header, t->len bytes. The checksum and the total
 * length of an IPv4 header are the kernel's to fill. */
void smi_syn_write(const struct smi_syn_template *t, uint16_t own_port,
		   uint16_t peer_port, uint32_t seq, uint8_t out[SMI_SYN_MAX]);

enum smi_syn_says {
	SMI_SYN_ACCEPTS,
	SMI_SYN_REFUSES,
	SMI_SYN_UNREACHED,
};
struct smi_syn_reply {
	enum smi_syn_says says;
	struct smi_syn_ends ends; /* of the probe; scopes are 0 */
	uint32_t seq;		  /* of the probe */
	const char *reason;
};
/*
 * What raw sockets receive. false: no answer to a SYN, or cut short. Whether it is
 * one to a SYN of ours is for the caller to ask, by the cookie.
 */
/* Of IPPROTO_TCP, with its IPv4 header. */
bool smi_syn_read_tcp4(struct smi_span packet, struct smi_syn_reply *out);
/* Of IPPROTO_TCP over IPv6, where the kernel cuts the header off. */
bool smi_syn_read_tcp6(struct smi_span segment, const struct smi_ip *own,
		       const struct smi_ip *peer, struct smi_syn_reply *out);
/* Of IPPROTO_ICMP, with its IPv4 header; of IPPROTO_ICMPV6, without one. */
bool smi_syn_read_icmp4(struct smi_span packet, struct smi_syn_reply *out);
bool smi_syn_read_icmp6(struct smi_span message, struct smi_syn_reply *out);

#endif
