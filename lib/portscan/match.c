/* SPDX-License-Identifier: MIT */
#include "portscan/match-all.h"
#include "portscan/match-ask.h"

const struct smi_greeting smi_greetings[] = {
	{ "ssh", smi_match_ssh },     { "smtp", smi_match_smtp },
	{ "ftp", smi_match_ftp },     { "pop3", smi_match_pop3 },
	{ "imap", smi_match_imap },   { "mysql", smi_match_mysql },
	{ "vnc", smi_match_vnc },     { "telnet", smi_match_telnet },
	{ "rsync", smi_match_rsync }, { "nntp", smi_match_nntp },
	{ "nats", smi_match_nats },   { "irc", smi_match_irc },
	{ "tls", smi_match_tls },
};
const unsigned smi_ngreetings = SMI_COUNT(smi_greetings);

/* Ports as IANA registers them, and those of habit. */
#define PORTS(...)                                                             \
	(const uint16_t[])                                                     \
	{                                                                      \
		__VA_ARGS__, 0                                                 \
	}

const struct smi_question smi_questions[] = {
	{
		.name = "http",
		/* No Host: Redis takes that for an attack, and hangs up. */
		.request = SMI_REQUEST("GET / HTTP/1.0\r\n\r\n"),
		.ports = PORTS(80, 81, 443, 591, 631, 2375, 2379, 3000, 5000,
			       6443, 8000, 8008, 8080, 8081, 8443, 8500, 8888,
			       9090, 9100, 9200, 10250),
		.everywhere = true,
		.match = smi_match_http,
	},
	{
		.name = "redis",
		.request = SMI_REQUEST("PING\r\n"),
		.ports = PORTS(6379, 26379),
		.match = smi_match_redis,
	},
	{
		.name = "memcached",
		.request = SMI_REQUEST("version\r\n"),
		.ports = PORTS(11211),
		.everywhere = true,
		.match = smi_match_memcached,
	},
	{
		.name = "postgresql",
		.request = SMI_REQUEST(SMI_ASK_POSTGRESQL),
		.ports = PORTS(5432, 5433),
		.everywhere = true,
		.vague = true,
		.match = smi_match_postgresql,
	},
	{
		.name = "mongodb",
		.request = SMI_REQUEST(SMI_ASK_MONGODB),
		.ports = PORTS(27017, 27018, 27019),
		.everywhere = true,
		.match = smi_match_mongodb,
	},
	{
		.name = "smb",
		.request = SMI_REQUEST(SMI_ASK_SMB),
		.ports = PORTS(445),
		.match = smi_match_smb,
	},
	{
		.name = "ldap",
		.request = SMI_REQUEST(SMI_ASK_LDAP),
		.ports = PORTS(389, 3268),
		.everywhere = true,
		.match = smi_match_ldap,
	},
	{
		.name = "mqtt",
		.request = SMI_REQUEST(SMI_ASK_MQTT),
		.ports = PORTS(1883),
		.everywhere = true,
		.match = smi_match_mqtt,
	},
	{
		.name = "amqp",
		.request = SMI_REQUEST(SMI_ASK_AMQP),
		.ports = PORTS(5672),
		.match = smi_match_amqp,
	},
	{
		.name = "rdp",
		.request = SMI_REQUEST(SMI_ASK_RDP),
		.ports = PORTS(3389),
		.everywhere = true,
		.match = smi_match_rdp,
	},
	{
		.name = "dns",
		.request = SMI_REQUEST(SMI_ASK_DNS),
		.ports = PORTS(53),
		.match = smi_match_dns,
	},
	{
		.name = "rpcbind",
		.request = SMI_REQUEST(SMI_ASK_RPCBIND),
		.ports = PORTS(111),
		.everywhere = true,
		.match = smi_match_rpcbind,
	},
	{
		.name = "nfs",
		.request = SMI_REQUEST(SMI_ASK_NFS),
		.ports = PORTS(2049),
		.match = smi_match_nfs,
	},
	{
		.name = "x11",
		.request = SMI_REQUEST(SMI_ASK_X11),
		.ports = PORTS(6000, 6001, 6002, 6003, 6004, 6005, 6006, 6007,
			       6008, 6009),
		.match = smi_match_x11,
	},
	{
		.name = "xmpp",
		.request = SMI_REQUEST(SMI_ASK_XMPP),
		.ports = PORTS(5222, 5269),
		.match = smi_match_xmpp,
	},
	{
		.name = "irc-hello",
		.request = SMI_REQUEST("NICK smprobe\r\n"
				       "USER smprobe 0 * :smprobe\r\n"),
		.ports = PORTS(194, 6665, 6666, 6667, 6668, 6669),
		.match = smi_match_irc,
	},
};
const unsigned smi_nquestions = SMI_COUNT(smi_questions);

/* The first that does not say no. */
static enum smi_match match_tables(const struct smi_question *q,
				   struct smi_span reply, bool end,
				   struct smi_service_id *id)
{
	enum smi_match m = SMI_MATCH_NO;

	for (unsigned i = 0; i < smi_ngreetings && m == SMI_MATCH_NO; i++)
		m = smi_greetings[i].match(reply, end, id);
	for (unsigned i = 0; i < smi_nquestions && m == SMI_MATCH_NO; i++) {
		if (!smi_questions[i].vague && &smi_questions[i] != q)
			m = smi_questions[i].match(reply, end, id);
	}
	return m;
}

enum smi_match smi_match_reply(const struct smi_question *q,
			       struct smi_span reply, bool end,
			       struct smi_service_id *id)
{
	enum smi_match m = SMI_MATCH_NO;

	if (q)
		m = q->match(reply, end, id);
	return m == SMI_MATCH_NO ? match_tables(q, reply, end, id) : m;
}
