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

#endif
