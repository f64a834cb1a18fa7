/* SPDX-License-Identifier: MIT */
#include "portscan/syn-packet.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>

#include "portscan/reason.h"

/* RFC 9293, 3.1: where the fields of a TCP header are. */
enum {
	TCP_SOURCE = 0,
	TCP_DEST = 2,
	TCP_SEQ = 4,
	TCP_ACK = 8,
	TCP_OFFSET = 12,
	TCP_FLAGS = 13,
	TCP_WINDOW = 14,
	TCP_SUM = 16,
	TCP_OPTIONS = 20,
	TCP_LEN = 24, /* of a probe */
};
#define FLAG_SYN 0x02
#define FLAG_RST 0x04
#define FLAG_ACK 0x10

#define IP4_LEN	 20
#define IP6_LEN	 40
#define ICMP_LEN 8
#define HOPS	 64
/* What other systems begin with: some firewalls drop a SYN without an MSS. */
#define WINDOW 64240
#define MSS_4  1460
#define MSS_6  1440
/* Of a quoted TCP header at least this much is there (RFC 792). */
#define QUOTED_TCP 8

static inline void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static size_t ip_len(const struct smi_ip *ip)
{
	return ip->family == 4 ? 4 : 16;
}

uint64_t smi_syn_cookie(const struct smi_siphash_key *key,
			const struct smi_syn_ends *ends)
{
	uint8_t text[16 + 16 + 4 + 4];
	size_t len = ip_len(&ends->own);

	memcpy(text, ends->own.b, len);
	memcpy(text + len, ends->peer.b, len);
	put16(text + 2 * len, ends->own_port);
	put16(text + 2 * len + 2, ends->peer_port);
	put32(text + 2 * len + 4, ends->peer.scope);
	return smi_siphash(key, text, 2 * len + 8);
}

/* RFC 1071, before it is folded; len is even. */
static uint32_t add_words(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += get16(p + i);
	return sum;
}

static void write_ip4(uint8_t *p, const struct smi_ip *own,
		      const struct smi_ip *peer)
{
	p[0] = 4 << 4 | IP4_LEN / 4;
	put16(p + 2, IP4_LEN + TCP_LEN);
	put16(p + 6, IP_DF);
	p[8] = HOPS;
	p[9] = IPPROTO_TCP;
	memcpy(p + 12, own->b, 4);
	memcpy(p + 16, peer->b, 4);
}

static void write_ip6(uint8_t *p, const struct smi_ip *own,
		      const struct smi_ip *peer)
{
	p[0] = 6 << 4;
	put16(p + 4, TCP_LEN);
	p[6] = IPPROTO_TCP;
	p[7] = HOPS;
	memcpy(p + 8, own->b, 16);
	memcpy(p + 24, peer->b, 16);
}

void smi_syn_template_init(struct smi_syn_template *t, const struct smi_ip *own,
			   const struct smi_ip *peer)
{
	bool four = own->family == 4;
	uint8_t *tcp;

	memset(t, 0, sizeof(*t));
	t->tcp = four ? IP4_LEN : IP6_LEN;
	t->len = (uint8_t)(t->tcp + TCP_LEN);
	if (four)
		write_ip4(t->bytes, own, peer);
	else
		write_ip6(t->bytes, own, peer);
	tcp = t->bytes + t->tcp;
	tcp[TCP_OFFSET] = TCP_LEN / 4 << 4;
	tcp[TCP_FLAGS] = FLAG_SYN;
	put16(tcp + TCP_WINDOW, WINDOW);
	tcp[TCP_OPTIONS] = 2; /* maximum segment size, of 4 bytes */
	tcp[TCP_OPTIONS + 1] = 4;
	put16(tcp + TCP_OPTIONS + 2, four ? MSS_4 : MSS_6);
	t->sum = add_words(tcp, TCP_LEN) + add_words(own->b, ip_len(own)) +
		 add_words(peer->b, ip_len(peer)) + IPPROTO_TCP + TCP_LEN;
}

void smi_syn_write(const struct smi_syn_template *t, uint16_t own_port,
		   uint16_t peer_port, uint32_t seq, uint8_t out[SMI_SYN_MAX])
{
	uint32_t sum =
		t->sum + own_port + peer_port + (seq >> 16) + (seq & 0xffff);
	uint8_t *tcp = out + t->tcp;

	memcpy(out, t->bytes, SMI_SYN_MAX);
	put16(tcp + TCP_SOURCE, own_port);
	put16(tcp + TCP_DEST, peer_port);
	put32(tcp + TCP_SEQ, seq);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	put16(tcp + TCP_SUM, ~sum);
	/* Left at 0, the kernel draws an identification, which takes longer. */
	if (t->tcp == IP4_LEN)
		put16(out + 4, seq >> 16 | 1);
}

static struct smi_ip ip_of(uint8_t family, const uint8_t *p)
{
	struct smi_ip ip = { .family = family };

	memcpy(ip.b, p, family == 4 ? 4 : 16);
	return ip;
}

static bool read_tcp(const uint8_t *tcp, size_t len, struct smi_syn_reply *out)
{
	uint8_t flags;

	if (len < TCP_OPTIONS)
		return false;
	flags = tcp[TCP_FLAGS];
	if (!(flags & FLAG_ACK))
		return false;
	if (flags & FLAG_RST) {
		out->says = SMI_SYN_REFUSES;
		out->reason = "reset";
	} else if (flags & FLAG_SYN) {
		out->says = SMI_SYN_ACCEPTS;
		out->reason = SMI_REASON_SYN_ACK;
	} else {
		return false;
	}
	out->ends.peer_port = get16(tcp + TCP_SOURCE);
	out->ends.own_port = get16(tcp + TCP_DEST);
	out->seq = get32(tcp + TCP_ACK) - 1;
	return true;
}

/* The length of an IPv4 header that is all there; 0: it is not. */
static size_t ip4_header(const uint8_t *p, size_t len)
{
	size_t n = len < IP4_LEN ? 0 : (size_t)(p[0] & 15) * 4;

	if (n < IP4_LEN || n > len || p[0] >> 4 != 4)
		return 0;
	return n;
}

bool smi_syn_read_tcp4(struct smi_span packet, struct smi_syn_reply *out)
{
	const uint8_t *p = (const uint8_t *)packet.p;
	size_t header = ip4_header(p, packet.len);

	if (!header || p[9] != IPPROTO_TCP ||
	    !read_tcp(p + header, packet.len - header, out))
		return false;
	out->ends.peer = ip_of(4, p + 12);
	out->ends.own = ip_of(4, p + 16);
	return true;
}

bool smi_syn_read_tcp6(struct smi_span segment, const struct smi_ip *own,
		       const struct smi_ip *peer, struct smi_syn_reply *out)
{
	if (!read_tcp((const uint8_t *)segment.p, segment.len, out))
		return false;
	out->ends.own = *own;
	out->ends.peer = *peer;
	return true;
}

/* The beginning of a SYN, as somebody quotes it who could not deliver it. */
static bool read_quoted_tcp(const uint8_t *tcp, size_t len,
			    struct smi_syn_reply *out)
{
	if (len < QUOTED_TCP)
		return false;
	out->says = SMI_SYN_UNREACHED;
	out->ends.own_port = get16(tcp + TCP_SOURCE);
	out->ends.peer_port = get16(tcp + TCP_DEST);
	out->seq = get32(tcp + TCP_SEQ);
	return true;
}

bool smi_syn_read_icmp4(struct smi_span packet, struct smi_syn_reply *out)
{
	const uint8_t *p = (const uint8_t *)packet.p;
	size_t len = packet.len, header = ip4_header(p, len);

	if (!header || p[9] != IPPROTO_ICMP || len - header < ICMP_LEN)
		return false;
	p += header;
	len -= header + ICMP_LEN;
	out->reason = smi_reason_icmp(4, p[0], p[1]);
	p += ICMP_LEN;
	header = ip4_header(p, len);
	if (!out->reason || !header || p[9] != IPPROTO_TCP ||
	    !read_quoted_tcp(p + header, len - header, out))
		return false;
	out->ends.own = ip_of(4, p + 12);
	out->ends.peer = ip_of(4, p + 16);
	return true;
}

bool smi_syn_read_icmp6(struct smi_span message, struct smi_syn_reply *out)
{
	const uint8_t *p = (const uint8_t *)message.p;

	if (message.len < ICMP_LEN + IP6_LEN)
		return false;
	out->reason = smi_reason_icmp(6, p[0], p[1]);
	p += ICMP_LEN;
	/* Probes have no extension headers. */
	if (!out->reason || p[0] >> 4 != 6 || p[6] != IPPROTO_TCP ||
	    !read_quoted_tcp(p + IP6_LEN, message.len - ICMP_LEN - IP6_LEN,
			     out))
		return false;
	out->ends.own = ip_of(6, p + 8);
	out->ends.peer = ip_of(6, p + 24);
	return true;
}
