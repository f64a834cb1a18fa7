/* SPDX-License-Identifier: MIT */
#include "portscan/udp-payload.h"

#include "portscan/match-all.h"
#include "portscan/match-ask.h"
#include "portscan/udp-ask.h"
#include "portscan/udp-match.h"

/* Ports as IANA registers them, and those of habit. */
#define PORTS(...)                                                             \
	(const uint16_t[])                                                     \
	{                                                                      \
		__VA_ARGS__, 0                                                 \
	}
/* Behind the record mark, or the length, that streams need. */
#define REST(lit, skip)                                                        \
	{                                                                      \
		(lit) + (skip), sizeof(lit) - 1 - (skip)                       \
	}
#define ASK SMI_REQUEST

const struct smi_udp_row smi_udp_rows[] = {
	/* These answer whatever comes (RFC 862 to 868). */
	{ PORTS(7), { ASK("sysmon\r\n") }, NULL, false },
	{ PORTS(13), { ASK("\n") }, smi_udp_match_daytime, false },
	{ PORTS(17), { ASK("\n") }, smi_udp_match_qotd, false },
	{ PORTS(19), { ASK("\n") }, smi_udp_match_chargen, false },
	{ PORTS(37), { ASK("") }, smi_udp_match_time, false },
	{ PORTS(53),
	  { ASK(SMI_UDP_DNS), ASK(SMI_UDP_DNS_ROOT) },
	  smi_match_dns_udp,
	  false },
	{ PORTS(69), { ASK(SMI_UDP_TFTP) }, smi_udp_match_tftp, true },
	{ PORTS(111),
	  { REST(SMI_ASK_RPCBIND, 4) },
	  smi_match_rpcbind_udp,
	  false },
	{ PORTS(123), { ASK(SMI_UDP_NTP) }, smi_udp_match_ntp, false },
	{ PORTS(137), { ASK(SMI_UDP_NBSTAT) }, smi_udp_match_nbstat, false },
	{ PORTS(161),
	  { ASK(SMI_UDP_SNMP("\1")), ASK(SMI_UDP_SNMP3),
	    ASK(SMI_UDP_SNMP("\0")) },
	  smi_udp_match_snmp,
	  false },
	{ PORTS(177), { ASK(SMI_UDP_XDMCP) }, smi_udp_match_xdmcp, false },
	{ PORTS(389), { ASK(SMI_ASK_LDAP) }, smi_match_ldap, false },
	{ PORTS(443, 853, 8443),
	  { ASK(SMI_UDP_QUIC), ASK(SMI_UDP_DTLS) },
	  smi_udp_match_quic,
	  false },
	{ PORTS(500),
	  { ASK(SMI_UDP_IKE2), ASK(SMI_UDP_IKE1) },
	  smi_udp_match_ike,
	  false },
	{ PORTS(4500),
	  { ASK(Z4 SMI_UDP_IKE2), ASK(Z4 SMI_UDP_IKE1) },
	  smi_udp_match_ike,
	  false },
	{ PORTS(520), { ASK(SMI_UDP_RIP) }, smi_udp_match_rip, false },
	{ PORTS(623), { ASK(SMI_UDP_ASF) }, smi_udp_match_asf, false },
	{ PORTS(1194), { ASK(SMI_UDP_OPENVPN) }, smi_udp_match_openvpn, false },
	{ PORTS(1434), { ASK(SMI_UDP_MSSQL) }, smi_udp_match_mssql, false },
	{ PORTS(1900), { ASK(SMI_UDP_SSDP) }, smi_udp_match_ssdp, false },
	{ PORTS(2049), { REST(SMI_ASK_NFS, 4) }, smi_match_nfs_udp, false },
	{ PORTS(3478), { ASK(SMI_UDP_STUN) }, smi_udp_match_stun, false },
	{ PORTS(3702), { ASK(SMI_UDP_WSD) }, smi_udp_match_wsd, false },
	{ PORTS(4433, 5349, 5684),
	  { ASK(SMI_UDP_DTLS) },
	  smi_udp_match_dtls,
	  false },
	{ PORTS(5060), { ASK(SMI_UDP_SIP) }, smi_udp_match_sip, false },
	{ PORTS(5351), { ASK(SMI_UDP_NATPMP) }, smi_udp_match_natpmp, false },
	{ PORTS(5353), { ASK(SMI_UDP_MDNS) }, smi_udp_match_mdns, false },
	{ PORTS(5683), { ASK(SMI_UDP_COAP) }, smi_udp_match_coap, false },
	{ PORTS(6881), { ASK(SMI_UDP_DHT) }, smi_udp_match_dht, false },
	{ PORTS(11211),
	  { ASK(SMI_UDP_MEMCACHED) },
	  smi_udp_match_memcached,
	  false },
	/* DHCP, NetBIOS datagrams, syslog and WireGuard: silent to strangers. */
	{ PORTS(67, 68, 138, 514, 51820), { ASK("") }, NULL, false },
};
const unsigned smi_udp_nrows = SMI_COUNT(smi_udp_rows);

const struct smi_udp_row *smi_udp_row(uint16_t port)
{
	for (unsigned i = 0; i < smi_udp_nrows; i++)
		for (const uint16_t *p = smi_udp_rows[i].ports; *p; p++)
			if (*p == port)
				return &smi_udp_rows[i];
	return NULL;
}

struct smi_span smi_udp_payload(uint16_t port, unsigned attempt)
{
	const struct smi_udp_row *row = smi_udp_row(port);
	unsigned n = 1;

	if (!row)
		return smi_span_str("");
	while (n < SMI_UDP_QUESTIONS && row->ask[n].len > 0)
		n++;
	return row->ask[attempt % n];
}

void smi_udp_ports(struct smi_ports *set)
{
	for (unsigned i = 0; i < smi_udp_nrows; i++)
		for (const uint16_t *p = smi_udp_rows[i].ports; *p; p++)
			smi_ports_add(set, *p);
}

/* What was asked came back as it was. */
static bool is_echo(const struct smi_udp_row *row, struct smi_span answer)
{
	for (unsigned i = 0; i < SMI_UDP_QUESTIONS; i++)
		if (answer.len > 0 && smi_span_eq(row->ask[i], answer))
			return true;
	return false;
}

enum smi_match smi_udp_match(uint16_t port, struct smi_span answer,
			     struct smi_service_id *id)
{
	const struct smi_udp_row *row = smi_udp_row(port);

	if (!row)
		return SMI_MATCH_NO;
	/* Whatever is asked: our own question would be one to be recognised. */
	if (is_echo(row, answer)) {
		smi_id_set(id, "echo");
		return SMI_MATCH_YES;
	}
	return row->match ? row->match(answer, true, id) : SMI_MATCH_NO;
}
