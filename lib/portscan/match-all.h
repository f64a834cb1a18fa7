/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_MATCH_ALL_H
#define SMI_PORTSCAN_MATCH_ALL_H

#include "portscan/match-text.h"

/* A constant of type struct smi_span. */
#define SMI_REQUEST(lit)                                                       \
	{                                                                      \
		(lit), sizeof(lit) - 1                                         \
	}

/* All matchers but those of one datagram alone (udp-match.h), for the tables of match.c
 * and udp-payload.c. */
smi_match_fn smi_match_amqp;
smi_match_fn smi_match_dns;
smi_match_fn smi_match_dns_udp;
smi_match_fn smi_match_ftp;
smi_match_fn smi_match_http;
smi_match_fn smi_match_imap;
smi_match_fn smi_match_irc;
smi_match_fn smi_match_ldap;
smi_match_fn smi_match_memcached;
smi_match_fn smi_match_mongodb;
smi_match_fn smi_match_mqtt;
smi_match_fn smi_match_mysql;
smi_match_fn smi_match_nats;
smi_match_fn smi_match_nfs;
smi_match_fn smi_match_nfs_udp;
smi_match_fn smi_match_nntp;
smi_match_fn smi_match_pop3;
smi_match_fn smi_match_postgresql;
smi_match_fn smi_match_rdp;
smi_match_fn smi_match_redis;
smi_match_fn smi_match_rpcbind;
smi_match_fn smi_match_rpcbind_udp;
smi_match_fn smi_match_rsync;
smi_match_fn smi_match_smb;
smi_match_fn smi_match_smtp;
smi_match_fn smi_match_ssh;
smi_match_fn smi_match_telnet;
smi_match_fn smi_match_tls;
smi_match_fn smi_match_vnc;
smi_match_fn smi_match_x11;
smi_match_fn smi_match_xmpp;

/* A question of which its own file knows the bytes. */
extern const struct smi_question smi_ask_mongodb;

#endif
