/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_MATCH_ASK_H
#define SMI_PORTSCAN_MATCH_ASK_H

/* Binary questions, byte by byte. Identifiers in them are "sysm". */

#define ZERO4  "\0\0\0\0"
#define ZERO16 ZERO4 ZERO4 ZERO4 ZERO4

/* The PostgreSQL message SSLRequest. */
#define SMI_ASK_POSTGRESQL "\0\0\0\x08\x04\xd2\x16\x2f"

/* OP_QUERY of 58 bytes: {isMaster: 1} on admin, which all versions answer. */
#define SMI_ASK_MONGODB                                                        \
	"\x3a\0\0\0sysm" ZERO4 "\xd4\x07\0\0" ZERO4 "admin.$cmd\0" ZERO4       \
	"\xff\xff\xff\xff\x13\0\0\0\x10isMaster\0\1\0\0\0\0"

/* [MS-SMB2] 2.2.3: all dialects from 2.0.2 to 3.1.1, the last with SHA-512. */
#define SMI_ASK_SMB                                                            \
	"\0\0\0\x82\xfeSMB\x40\0\0\0" ZERO4 "\0\0\1\0" ZERO16 ZERO16 ZERO16    \
	"\x24\0\5\0\1\0\0\0" ZERO4 "sysmsysmsysmsysm"                          \
	"\x70\0\0\0\1\0\0\0\2\2\x10\2\0\3\2\3\x11\3\0\0"                       \
	"\1\0\x0a\0" ZERO4 "\1\0\4\0\1\0salt"

/* [MS-RDPBCGR] 2.2.1.1: an X.224 connection request for TLS or CredSSP. */
#define SMI_ASK_RDP "\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\x0b\0\0\0"

/* A connection setup, least significant byte first, version 11.0. */
#define SMI_ASK_X11 "l\0\x0b\0\0\0\0\0\0\0\0\0"

/* MQTT 3.1.1, 3.1: CONNECT of a client without name, user and password. */
#define SMI_ASK_MQTT "\x10\x0c\0\4MQTT\4\2\0\x3c\0\0"

/* The protocol header of AMQP 0-9-1. */
#define SMI_ASK_AMQP "AMQP\0\0\x09\1"

/* RFC 4511, 4.5.1: all attributes of the root, of users and of operation. */
#define SMI_ASK_LDAP                                                           \
	"\x30\x2b\2\1\7\x63\x26\4\0\x0a\1\0\x0a\1\0\2\1\0\2\1\0\1\1\0"         \
	"\x87\x0bobjectClass\x30\6\4\1*\4\1+"

/* RFC 1035: the TXT of version.bind in the class CHAOS, recursion desired. */
#define SMI_ASK_DNS "\0\x1esm\1\0\0\1" ZERO4 "\0\0\7version\4bind\0\0\x10\0\3"

/* RFC 5531, 9: a call of a program, a version and a procedure, without
 * credentials, in one record of 40 bytes. */
#define SMI_RPCBIND_ID "smpm"
#define SMI_NFS_ID     "smnf"
#define SMI_ASK_RPC(id, program, version, procedure)                           \
	"\x80\0\0\x28" id ZERO4 "\0\0\0\2" program version procedure ZERO16
#define SMI_ASK_RPCBIND                                                        \
	SMI_ASK_RPC(SMI_RPCBIND_ID, "\0\1\x86\xa0", "\0\0\0\2", "\0\0\0\4")
#define SMI_ASK_NFS SMI_ASK_RPC(SMI_NFS_ID, "\0\1\x86\xa3", ZERO4, ZERO4)

/* RFC 6120, 4.2. */
#define SMI_ASK_XMPP                                                           \
	"<?xml version='1.0'?><stream:stream to='localhost' version='1.0' "    \
	"xmlns='jabber:client' "                                               \
	"xmlns:stream='http://etherx.jabber.org/streams'>"

#endif
