/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_UDP_MATCH_H
#define SMI_PORTSCAN_UDP_MATCH_H

#include "portscan/match.h"

/* Matchers of answers in one datagram (match.h): end is always true, and none ever
 * says SMI_MATCH_MORE. */
smi_match_fn smi_udp_match_asf;
smi_match_fn smi_udp_match_chargen;
smi_match_fn smi_udp_match_coap;
smi_match_fn smi_udp_match_daytime;
smi_match_fn smi_udp_match_dht;
smi_match_fn smi_udp_match_dtls;
smi_match_fn smi_udp_match_ike;
smi_match_fn smi_udp_match_mdns;
smi_match_fn smi_udp_match_memcached;
smi_match_fn smi_udp_match_mssql;
smi_match_fn smi_udp_match_natpmp;
smi_match_fn smi_udp_match_nbstat;
smi_match_fn smi_udp_match_ntp;
smi_match_fn smi_udp_match_openvpn;
smi_match_fn smi_udp_match_qotd;
smi_match_fn smi_udp_match_quic;
smi_match_fn smi_udp_match_rip;
smi_match_fn smi_udp_match_sip;
smi_match_fn smi_udp_match_snmp;
smi_match_fn smi_udp_match_ssdp;
smi_match_fn smi_udp_match_stun;
smi_match_fn smi_udp_match_tftp;
smi_match_fn smi_udp_match_time;
smi_match_fn smi_udp_match_wsd;
smi_match_fn smi_udp_match_xdmcp;

#endif
