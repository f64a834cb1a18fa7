/* SPDX-License-Identifier: MIT */
/* Answers of SNMP, and of what serves programs: HTTP's kin, media, stores. */
#include "portscan/match-all.h"
#include "portscan/udp-match.h"

/* The next element of BER, up to lengths of two bytes: its tag and content. */
static uint64_t ber_next(struct smi_wire *w, struct smi_wire *content)
{
	uint64_t tag = smi_wire_be(w, 1), n = smi_wire_be(w, 1);

	if (n > 0x82 || n == 0x80)
		w->over = true;
	else if (n > 0x80)
		n = smi_wire_be(w, (unsigned)(n & 0x7f));
	*content = smi_wire_part(w, n);
	return tag;
}

enum {
	BER_INTEGER = 2,
	BER_STRING = 4,
	BER_SEQUENCE = 0x30,
	SNMP_RESPONSE = 0xa2
};

/* The value of the first variable of a response. */
static struct smi_span snmp_value(struct smi_wire *pdu)
{
	struct smi_wire x, list, variable;

	for (int i = 0; i < 3; i++)
		ber_next(pdu, &x);
	ber_next(pdu, &list);
	ber_next(&list, &variable);
	ber_next(&variable, &x);
	if (ber_next(&variable, &x) != BER_STRING || variable.over ||
	    list.over || pdu->over)
		return smi_span_str("");
	return x.left;
}

/* RFC 3411, 5, SnmpEngineID: who made the engine. */
static void snmp_engine(struct smi_wire *message, struct smi_service_id *id)
{
	struct smi_wire header, text, params, engine;
	uint64_t maker;

	ber_next(message, &header);
	ber_next(message, &text);
	ber_next(&text, &params);
	ber_next(&params, &engine);
	maker = smi_wire_be(&engine, 4) & 0x7fffffff;
	smi_id_add(id, "", SMI_SPAN("SNMPv3"));
	if (engine.over)
		return;
	if (maker == 8072)
		id->product = smi_span_str("Net-SNMP");
	smi_id_addf(id, "engine of enterprise %u", (unsigned)maker);
}

/* RFC 3416; and RFC 3412, 6, with a report in it. */
enum smi_match smi_udp_match_snmp(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply), message, x, pdu;
	uint64_t tag = ber_next(&w, &message), version;

	(void)end;
	if (w.over || tag != BER_SEQUENCE ||
	    ber_next(&message, &x) != BER_INTEGER || x.left.len != 1)
		return SMI_MATCH_NO;
	version = smi_wire_be(&x, 1);
	if (version == 3 && smi_text_has(message.left, "sysm")) {
		smi_id_set(id, "snmp");
		snmp_engine(&message, id);
		return SMI_MATCH_YES;
	}
	if (version > 1 || ber_next(&message, &x) != BER_STRING ||
	    ber_next(&message, &pdu) != SNMP_RESPONSE || message.over)
		return SMI_MATCH_NO;
	smi_id_set(id, "snmp");
	smi_id_add(id, "", version ? SMI_SPAN("SNMPv2c") : SMI_SPAN("SNMPv1"));
	smi_id_add(id, "community ", x.left);
	smi_id_add(id, "", snmp_value(&pdu));
	/* Whoever knows "public" is a stranger. */
	id->open = true;
	return SMI_MATCH_YES;
}

/* What a head of HTTP's kind has behind a name. */
static struct smi_span header(struct smi_span text, const char *name)
{
	struct smi_span line;

	while (smi_text_line(&text, true, &line) && line.len > 0) {
		size_t colon = smi_span_find(line, ':');

		if (colon < line.len &&
		    smi_span_eq_nocase(
			    smi_span_trim(smi_span_head(line, colon)),
			    smi_span_str(name)))
			return smi_span_trim(smi_span_skip(line, colon + 1));
	}
	return smi_span_str("");
}

/* UPnP Device Architecture 1.1, 1.3.3. */
enum smi_match smi_udp_match_ssdp(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	(void)end;
	if (!smi_span_starts(reply, SMI_SPAN("HTTP/1.1 ")) &&
	    !smi_span_starts(reply, SMI_SPAN("NOTIFY ")))
		return SMI_MATCH_NO;
	smi_id_set(id, "ssdp");
	smi_id_add(id, "", header(reply, "SERVER"));
	smi_id_add(id, "at ", header(reply, "LOCATION"));
	return SMI_MATCH_YES;
}

enum smi_match smi_udp_match_sip(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	struct smi_span by = header(reply, "Server");

	(void)end;
	if (!smi_span_starts(reply, SMI_SPAN("SIP/2.0 ")))
		return SMI_MATCH_NO;
	smi_id_set(id, "sip");
	if (!by.len)
		by = header(reply, "User-Agent");
	smi_text_name_version(by, id);
	smi_id_add(id, "", by);
	return SMI_MATCH_YES;
}

enum smi_match smi_udp_match_wsd(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	struct smi_span types;

	(void)end;
	if (!smi_text_has(reply, "ProbeMatches"))
		return SMI_MATCH_NO;
	smi_id_set(id, "ws-discovery");
	if (smi_text_between(reply, "Types>", "<", &types))
		smi_id_add(id, "", types);
	return SMI_MATCH_YES;
}

/* The labels of a name that is not compressed, "_ssh._tcp.local". */
static void mdns_name(struct smi_wire w, struct smi_service_id *id)
{
	char text[64];
	size_t len = 0;
	uint64_t n;

	while ((n = smi_wire_be(&w, 1)) > 0 && n < 64) {
		struct smi_span label = smi_wire_bytes(&w, n);

		if (len + label.len + 1 >= sizeof(text) || w.over)
			break;
		text[len] = '.';
		len += len > 0;
		memcpy(text + len, label.p, label.len);
		len += label.len;
	}
	smi_id_add(id, "", smi_span_of(text, len));
}

/* RFC 6762: the first of the services that it tells of. */
enum smi_match smi_udp_match_mdns(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	enum {
		QUESTION = 30 + 4
	};
	struct smi_wire w = smi_wire_of(reply), data;
	uint64_t flags, answers;

	(void)end;
	smi_wire_bytes(&w, 2);
	flags = smi_wire_be(&w, 2);
	smi_wire_bytes(&w, 2);
	answers = smi_wire_be(&w, 2);
	smi_wire_bytes(&w, 4);
	if (w.over || !(flags & 0x8000))
		return SMI_MATCH_NO;
	smi_id_set(id, "mdns");
	if (!answers || !smi_text_has(w.left, "_dns-sd"))
		return SMI_MATCH_YES;
	smi_wire_bytes(&w, QUESTION);
	/* Its name is the question's: two bytes point there. */
	smi_wire_bytes(&w, 10);
	data = smi_wire_part(&w, smi_wire_be(&w, 2));
	if (!w.over)
		mdns_name(data, id);
	return SMI_MATCH_YES;
}

/* RFC 7252, 3: an acknowledgement, or a reset, of our message. */
enum smi_match smi_udp_match_coap(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t first = smi_wire_be(&w, 1), code = smi_wire_be(&w, 1);
	struct smi_span number = smi_wire_bytes(&w, 2), links;

	(void)end;
	if (w.over || (first & 0xe0) != 0x60 || !smi_span_eq_str(number, "sm"))
		return SMI_MATCH_NO;
	smi_id_set(id, "coap");
	if (code)
		smi_id_addf(id, "%u.%02u", (unsigned)(code >> 5),
			    (unsigned)(code & 31));
	if (smi_text_after(w.left, "\xff", &links))
		smi_id_add(id, "", links);
	return SMI_MATCH_YES;
}

/* RFC 8489, 14: attributes, each filled up to four bytes. */
enum smi_match smi_udp_match_stun(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	enum {
		SOFTWARE = 0x8022
	};
	struct smi_wire w = smi_wire_of(reply);
	uint64_t type = smi_wire_be(&w, 2), len = smi_wire_be(&w, 2);
	uint64_t cookie = smi_wire_be(&w, 4);
	struct smi_span number = smi_wire_bytes(&w, 12);

	(void)end;
	if (w.over || (type != 0x101 && type != 0x111) ||
	    cookie != 0x2112a442 || len != w.left.len ||
	    !smi_span_eq_str(number, "sysmsysmsysm"))
		return SMI_MATCH_NO;
	smi_id_set(id, "stun");
	while (w.left.len > 0 && !w.over) {
		uint64_t what = smi_wire_be(&w, 2), n = smi_wire_be(&w, 2);
		struct smi_span value = smi_wire_bytes(&w, n);

		smi_wire_bytes(&w, (4 - n % 4) % 4);
		if (what == SOFTWARE && value.len > 0)
			smi_id_add(id, "", value);
	}
	return SMI_MATCH_YES;
}

/* RFC 6347, 4.1: a record of a handshake, or an alert. */
enum smi_match smi_udp_match_dtls(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	enum {
		ALERT = 21,
		HANDSHAKE = 22
	};
	struct smi_wire w = smi_wire_of(reply);
	uint64_t kind = smi_wire_be(&w, 1), version = smi_wire_be(&w, 2);
	uint64_t len;

	(void)end;
	smi_wire_bytes(&w, 8);
	len = smi_wire_be(&w, 2);
	if (w.over || (kind != ALERT && kind != HANDSHAKE) ||
	    (version != 0xfeff && version != 0xfefd && version != 0x0100) ||
	    len > w.left.len || !len)
		return SMI_MATCH_NO;
	smi_id_set(id, "dtls");
	return SMI_MATCH_YES;
}

/* RFC 9000, 17.2.1: the versions that there are. */
enum smi_match smi_udp_match_quic(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t first = smi_wire_be(&w, 1), version = smi_wire_be(&w, 4);
	struct smi_span to = smi_wire_bytes(&w, smi_wire_be(&w, 1));

	smi_wire_bytes(&w, smi_wire_be(&w, 1));
	if (w.over || !(first & 0x80) || version ||
	    !smi_span_eq_str(to, "sysmsysm") || !w.left.len || w.left.len % 4)
		return smi_udp_match_dtls(reply, end, id);
	smi_id_set(id, "quic");
	for (int i = 0; i < 8 && w.left.len > 0; i++) {
		uint64_t v = smi_wire_be(&w, 4);

		if (v == 1)
			smi_id_add(id, "", SMI_SPAN("version 1"));
		else if (v == 0x6b3343cf)
			smi_id_add(id, "", SMI_SPAN("version 2"));
		else if (v >> 8 == 0xff0000)
			smi_id_addf(id, "draft %u", (unsigned)(v & 0xff));
	}
	return SMI_MATCH_YES;
}

/* [MC-SQLR] 2.2.5: "ServerName;HOST;InstanceName;...;Version;15.0.2000.5;". */
enum smi_match smi_udp_match_mssql(struct smi_span reply, bool end,
				   struct smi_service_id *id)
{
	struct smi_span text = smi_span_skip(reply, 3), x;

	(void)end;
	if (reply.len < 3 || reply.p[0] != 5 ||
	    !smi_text_has(text, "ServerName;"))
		return SMI_MATCH_NO;
	smi_id_set(id, "ms-sql-m");
	id->product = smi_span_str("Microsoft SQL Server");
	if (smi_text_between(text, "Version;", ";", &x))
		id->version = smi_text_version(x);
	if (smi_text_between(text, "ServerName;", ";", &x))
		smi_id_add(id, "host ", x);
	if (smi_text_between(text, "InstanceName;", ";", &x))
		smi_id_add(id, "instance ", x);
	return SMI_MATCH_YES;
}

/* BEP 5: a response, or an error, to our number. */
enum smi_match smi_udp_match_dht(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	(void)end;
	if (!smi_span_starts(reply, SMI_SPAN("d")) ||
	    !smi_text_has(reply, "1:t2:sm") ||
	    (!smi_text_has(reply, "1:y1:r") && !smi_text_has(reply, "1:y1:e")))
		return SMI_MATCH_NO;
	smi_id_set(id, "bittorrent");
	smi_id_add(id, "", SMI_SPAN("a node of the DHT"));
	return SMI_MATCH_YES;
}

/* The header of eight bytes, then what TCP has. */
enum smi_match smi_udp_match_memcached(struct smi_span reply, bool end,
				       struct smi_service_id *id)
{
	if (!smi_span_starts(reply, SMI_SPAN("sm\0\0")) || reply.len < 8)
		return SMI_MATCH_NO;
	return smi_match_memcached(smi_span_skip(reply, 8), end, id);
}
