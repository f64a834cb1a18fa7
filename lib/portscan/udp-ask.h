/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_UDP_ASK_H
#define SMI_PORTSCAN_UDP_ASK_H

/* Questions in one datagram, byte by byte. Identifiers in them are "sysm". */

#define Z4  "\0\0\0\0"
#define Z8  Z4 Z4
#define Z16 Z8 Z8
#define Z64 Z16 Z16 Z16 Z16

/* RFC 1035: the TXT of version.bind in the class CHAOS, recursion desired; and the
 * name servers of the root. */
#define SMI_UDP_DNS	 "sm\1\0\0\1" Z4 "\0\0\7version\4bind\0\0\x10\0\3"
#define SMI_UDP_DNS_ROOT "sm\1\0\0\1" Z4 "\0\0\0\0\2\0\1"

/* RFC 6763, 9: which services there are; asked by one who listens elsewhere than on
 * port 5353, so that the answer comes to us alone (RFC 6762, 6.7). */
#define SMI_UDP_MDNS                                                           \
	"sm\0\0\0\1" Z4 "\0\0\x09_services\7_dns-sd\4_udp\5local\0\0\x0c\0\1"

/* RFC 5905, 7.3: version 4, mode 3 (client); the last is our time of sending. */
#define SMI_UDP_NTP "\x23\0\6\xec" Z4 Z16 Z16 "sysmsysm"

/* RFC 1002, 4.2.17: the status of the node, whatever its name is ("*"). */
#define SMI_UDP_NBSTAT                                                         \
	"sm\0\0\0\1" Z4 "\0\0\x20"                                             \
	"CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0\0\x21\0\1"

/* RFC 3416: get sysDescr.0 with the community "public"; version 0 is SNMPv1, 1 is
 * SNMPv2c. */
#define SMI_UDP_SNMP(version)                                                  \
	"\x30\x29\2\1" version "\4\6public\xa0\x1c\2\4sysm\2\1\0\2\1\0"        \
	"\x30\x0e\x30\x0c\6\x08\x2b\6\1\2\1\1\1\0\5\0"
/* RFC 3414, 4: who the engine is, which all tell. */
#define SMI_UDP_SNMP3                                                          \
	"\x30\x3e\2\1\3\x30\x11\2\4sysm\2\3\0\xff\xe3\4\1\4\2\1\3"             \
	"\4\x10\x30\x0e\4\0\2\1\0\2\1\0\4\0\4\0\4\0"                           \
	"\x30\x14\4\0\4\0\xa0\x0e\2\4sysm\2\1\0\2\1\0\x30\0"

/* RFC 2408: main mode, AES-256 and 3DES with SHA-1, a shared key, group 2. */
#define IKE1_TRANSFORM(more, len, number, cipher)                              \
	more "\0\0" len number "\1\0\0" cipher                                 \
	     "\x80\2\0\2\x80\3\0\1\x80\4\0\2\x80\x0b\0\1\0\x0c\0\4\0\0\x70"    \
	     "\x80"
#define SMI_UDP_IKE1                                                           \
	"sysmsysm" Z8 "\1\x10\2\0" Z4 "\0\0\0\x7c"                             \
	"\0\0\0\x60\0\0\0\1\0\0\0\1\0\0\0\x54\1\1\0\2" IKE1_TRANSFORM(         \
		"\3", "\x28", "\1", "\x80\1\0\7\x80\x0e\1\0")                  \
		IKE1_TRANSFORM("\0", "\x24", "\2", "\x80\1\0\5")
/* RFC 7296, 1.2: AES-CBC-256 with SHA-256, groups 31 and 14, a key of group 31. */
#define SMI_UDP_IKE2                                                           \
	"sysmsysm" Z8 "\x21\x20\x22\x08" Z4 "\0\0\0\xa0"                       \
	"\x22\0\0\x38\0\0\0\x34\1\1\0\5"                                       \
	"\3\0\0\x0c\1\0\0\x0c\x80\x0e\1\0\3\0\0\x08\2\0\0\5"                   \
	"\3\0\0\x08\3\0\0\x0c\3\0\0\x08\4\0\0\x1f\0\0\0\x08\4\0\0\x0e"         \
	"\x28\0\0\x28\0\x1f\0\0"                                               \
	"sysmonsysmonsysmonsysmonsysmon12"                                     \
	"\0\0\0\x24"                                                           \
	"noncenoncenoncenoncenoncenonce12"

/* RFC 1350: a file that nobody has. */
#define SMI_UDP_TFTP "\0\1sysmon-probe\0octet\0"

#define SMI_UDP_SSDP                                                           \
	"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"                \
	"MAN: \"ssdp:discover\"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n"

/* RFC 3261, 11. */
#define SMI_UDP_SIP                                                            \
	"OPTIONS sip:sysmon@localhost SIP/2.0\r\n"                             \
	"Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK-sysmon\r\n"           \
	"Max-Forwards: 70\r\nFrom: <sip:sysmon@localhost>;tag=sysm\r\n"        \
	"To: <sip:sysmon@localhost>\r\nCall-ID: sysmon@localhost\r\n"          \
	"CSeq: 1 OPTIONS\r\nContact: <sip:sysmon@localhost>\r\n"               \
	"Accept: application/sdp\r\nContent-Length: 0\r\n\r\n"

/* RFC 7252, RFC 6690: GET /.well-known/core, confirmable. */
#define SMI_UDP_COAP "\x40\1sm\xbb.well-known\4core"

/* RFC 8489, 2: a binding request. */
#define SMI_UDP_STUN "\0\1\0\0\x21\x12\xa4\x42sysmsysmsysm"

/* The header of memcached's protocol.txt, and a question. */
#define SMI_UDP_MEMCACHED "sm\0\0\0\1\0\0version\r\n"

/* RFC 9000, 6: a version that nobody has (15), in a datagram of the least length that
 * is answered (14.1). */
#define SMI_UDP_QUIC                                                           \
	"\xc0\x1a\x2a\x3a\x4a\x08sysmsysm\x08sysmsysm" Z64 Z64 Z64 Z64 Z64 Z64 \
		Z64 Z64 Z64 Z64 Z64 Z64 Z64 Z64 Z64 Z64 Z64 Z64 Z16 Z8 "\0"

/* RFC 6347, 4.2.1: a ClientHello without a cookie. */
#define SMI_UDP_DTLS                                                           \
	"\x16\xfe\xff\0\0" Z4 "\0\0\0\x3c\1\0\0\x30\0\0\0\0\0\0\0\x30\xfe\xfd" \
	"sysmonsysmonsysmonsysmonsysmon12\0\0"                                 \
	"\0\x08\xc0\x2b\xc0\x2f\0\x2f\0\x9c\1\0"

/* RFC 2453, 3.9.1: the whole table. */
#define SMI_UDP_RIP "\1\2\0\0" Z16 "\0\0\0\x10"
/* X Display Manager Control Protocol: a query without authentication. */
#define SMI_UDP_XDMCP "\0\1\0\2\0\1\0"
/* DSP0136, 3.2.4.2: is it there? */
#define SMI_UDP_ASF "\6\0\xff\6\0\0\x11\xbe\x80\0\0\0"
/* A hard reset of key method 2, which opens no session before it is answered. */
#define SMI_UDP_OPENVPN "\x38sysmsysm\0" Z4
/* [MC-SQLR] 2.2.2: all instances of this machine. */
#define SMI_UDP_MSSQL "\3"
/* RFC 6886, 3.2: the outer address. */
#define SMI_UDP_NATPMP "\0\0"
/* BEP 5. */
#define SMI_UDP_DHT "d1:ad2:id20:sysmonsysmonsysmon12e1:q4:ping1:t2:sm1:y1:qe"

/* WS-Discovery 1.1, 5.2: whoever is there. */
#define SMI_UDP_WSD                                                            \
	"<?xml version=\"1.0\"?><s:Envelope "                                  \
	"xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "                 \
	"xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "        \
	"xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\">"         \
	"<s:Header><a:Action>"                                                 \
	"http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"     \
	"<a:MessageID>urn:uuid:7379736d-6f6e-4000-8000-7379736d6f6e"           \
	"</a:MessageID><a:To>"                                                 \
	"urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"       \
	"<s:Body><d:Probe/></s:Body></s:Envelope>"

#endif
