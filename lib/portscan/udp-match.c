/* SPDX-License-Identifier: MIT */
/* Answers of what runs and finds networks: NTP, SNMP, names, boot, routing, VPNs. */
#include "portscan/udp-match.h"

#include "portscan/match-text.h"

static bool is_text(struct smi_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.p[i] < ' ' || s.p[i] > '~') &&
		    !smi_text_is_one(s.p[i], "\r\n\t"))
			return false;
	return s.len > 0;
}

/* RFC 867: one line with a time in it. */
enum smi_match smi_udp_match_daytime(struct smi_span reply, bool end,
				     struct smi_service_id *id)
{
	(void)end;
	if (reply.len > 128 || !is_text(reply) ||
	    smi_span_find(reply, ':') == reply.len)
		return SMI_MATCH_NO;
	smi_id_set(id, "daytime");
	smi_id_add(id, "", smi_span_trim(reply));
	return SMI_MATCH_YES;
}

enum smi_match smi_udp_match_qotd(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	(void)end;
	/* What comes back as it was is an echo. */
	if (!is_text(reply) || smi_span_eq_str(reply, "\n"))
		return SMI_MATCH_NO;
	smi_id_set(id, "qotd");
	return SMI_MATCH_YES;
}

/* RFC 864: rings of the printable characters. */
enum smi_match smi_udp_match_chargen(struct smi_span reply, bool end,
				     struct smi_service_id *id)
{
	unsigned rising = 0;

	(void)end;
	for (size_t i = 1; i < SMI_MIN(reply.len, 32U); i++)
		rising += reply.p[i] == reply.p[i - 1] + 1;
	if (!is_text(reply) || rising < 16)
		return SMI_MATCH_NO;
	smi_id_set(id, "chargen");
	return SMI_MATCH_YES;
}

/* RFC 868: seconds since 1900, in this age above 2^31. */
enum smi_match smi_udp_match_time(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	(void)end;
	if (reply.len != 4 || !(reply.p[0] & 0x80))
		return SMI_MATCH_NO;
	smi_id_set(id, "time");
	return SMI_MATCH_YES;
}

/* RFC 1350: an error, since the file is not there; data if it is. */
enum smi_match smi_udp_match_tftp(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	enum {
		DATA = 3,
		ERROR = 5,
		OACK = 6
	};
	struct smi_wire w = smi_wire_of(reply);
	uint64_t op = smi_wire_be(&w, 2), code = smi_wire_be(&w, 2);

	(void)end;
	if (w.over || (op != DATA && op != ERROR && op != OACK) ||
	    (op == ERROR && code > 8))
		return SMI_MATCH_NO;
	smi_id_set(id, "tftp");
	if (op == ERROR)
		smi_id_add(id, "says ", smi_wire_str(&w));
	else
		id->open = true;
	return SMI_MATCH_YES;
}

/* Whose clock it is: a name of four letters where it is a source of its own. */
static void ntp_source(struct smi_span ref, uint64_t stratum,
		       struct smi_service_id *id)
{
	smi_id_addf(id, "stratum %u", (unsigned)stratum);
	ref = smi_span_head(ref, smi_span_find(ref, '\0'));
	if (stratum <= 1 && is_text(ref))
		smi_id_add(id, stratum ? "source " : "kiss ", ref);
}

/* RFC 5905, 7.3: of a server, with our time of sending in it. */
enum smi_match smi_udp_match_ntp(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	enum {
		SERVER = 4
	};
	struct smi_wire w = smi_wire_of(reply);
	unsigned first = (unsigned)smi_wire_be(&w, 1);
	uint64_t stratum = smi_wire_be(&w, 1);
	struct smi_span ref, origin;

	(void)end;
	smi_wire_bytes(&w, 10);
	ref = smi_wire_bytes(&w, 4);
	smi_wire_bytes(&w, 8);
	origin = smi_wire_bytes(&w, 8);
	smi_wire_bytes(&w, 16);
	if (w.over || (first & 7) != SERVER ||
	    !smi_span_eq_str(origin, "sysmsysm"))
		return SMI_MATCH_NO;
	smi_id_set(id, "ntp");
	smi_id_addf(id, "version %u", first >> 3 & 7);
	ntp_source(ref, stratum, id);
	if (first >> 6 == 3)
		smi_id_add(id, "", SMI_SPAN("not synchronised"));
	return SMI_MATCH_YES;
}

/* Of kind "workstation" (0) and "group". */
static void nbstat_names(struct smi_wire *w, uint64_t n,
			 struct smi_service_id *id)
{
	for (bool host = false, group = false; n > 0 && !w->over; n--) {
		struct smi_span name = smi_wire_bytes(w, 15);
		uint64_t kind = smi_wire_be(w, 1), flags = smi_wire_be(w, 2);
		bool is_group = flags & 0x8000;

		if (w->over || kind != 0 || (is_group ? group : host))
			continue;
		group |= is_group;
		host |= !is_group;
		smi_id_add(id, is_group ? "group " : "host ",
			   smi_span_trim(name));
	}
}

/* RFC 1002, 4.2.18. */
enum smi_match smi_udp_match_nbstat(struct smi_span reply, bool end,
				    struct smi_service_id *id)
{
	enum {
		NBSTAT = 0x21
	};
	struct smi_wire w = smi_wire_of(reply);
	struct smi_span number = smi_wire_bytes(&w, 2);
	uint64_t flags = smi_wire_be(&w, 2), type;

	(void)end;
	smi_wire_bytes(&w, 8 + 34);
	type = smi_wire_be(&w, 2);
	smi_wire_bytes(&w, 8);
	if (w.over || !smi_span_eq_str(number, "sm") || !(flags & 0x8000) ||
	    type != NBSTAT)
		return SMI_MATCH_NO;
	smi_id_set(id, "netbios-ns");
	nbstat_names(&w, smi_wire_be(&w, 1), id);
	return SMI_MATCH_YES;
}

/* Willing or not, with the name and the state of the host in it. */
enum smi_match smi_udp_match_xdmcp(struct smi_span reply, bool end,
				   struct smi_service_id *id)
{
	enum {
		WILLING = 5,
		UNWILLING = 6
	};
	struct smi_wire w = smi_wire_of(reply);
	uint64_t version = smi_wire_be(&w, 2), op = smi_wire_be(&w, 2);
	uint64_t len = smi_wire_be(&w, 2);

	(void)end;
	if (w.over || version != 1 || (op != WILLING && op != UNWILLING) ||
	    len != w.left.len)
		return SMI_MATCH_NO;
	smi_id_set(id, "xdmcp");
	id->open = op == WILLING;
	if (op == WILLING)
		smi_wire_bytes(&w, smi_wire_be(&w, 2));
	smi_id_add(id, "host ", smi_wire_bytes(&w, smi_wire_be(&w, 2)));
	smi_id_add(id, "", smi_wire_bytes(&w, smi_wire_be(&w, 2)));
	return SMI_MATCH_YES;
}

/* Both versions have the same head (RFC 7296, 3.1). Behind four zeros on port 4500. */
enum smi_match smi_udp_match_ike(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t version;

	(void)end;
	if (smi_span_starts(reply, SMI_SPAN("\0\0\0\0")))
		smi_wire_bytes(&w, 4);
	if (!smi_span_starts(w.left, SMI_SPAN("sysmsysm")))
		return SMI_MATCH_NO;
	smi_wire_bytes(&w, 17);
	version = smi_wire_be(&w, 1);
	smi_wire_bytes(&w, 10);
	if (w.over || version >> 4 < 1 || version >> 4 > 2)
		return SMI_MATCH_NO;
	smi_id_set(id, "isakmp");
	smi_id_addf(id, "IKEv%u", (unsigned)(version >> 4));
	return SMI_MATCH_YES;
}

/* RFC 2453, 4: a response, of entries of 20 bytes. */
enum smi_match smi_udp_match_rip(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t command = smi_wire_be(&w, 1), version = smi_wire_be(&w, 1);
	uint64_t zero = smi_wire_be(&w, 2);

	(void)end;
	if (w.over || command != 2 || version < 1 || version > 2 || zero ||
	    !w.left.len || w.left.len % 20)
		return SMI_MATCH_NO;
	smi_id_set(id, "rip");
	id->open = true;
	smi_id_addf(id, "RIPv%u, %u routes", (unsigned)version,
		    (unsigned)(w.left.len / 20));
	return SMI_MATCH_YES;
}

/* DSP0136, 3.2.4.3: a presence pong. */
enum smi_match smi_udp_match_asf(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	(void)end;
	if (reply.len < 28 || !smi_span_starts(reply, SMI_SPAN("\6\0")) ||
	    reply.p[3] != 6 ||
	    !smi_span_starts(smi_span_skip(reply, 4),
			     SMI_SPAN("\0\0\x11\xbe\x40")))
		return SMI_MATCH_NO;
	smi_id_set(id, "asf-rmcp");
	if (reply.p[20] & 0x80)
		smi_id_add(id, "", SMI_SPAN("IPMI"));
	return SMI_MATCH_YES;
}

/* The server's hard reset, with our session in its acknowledgement. */
enum smi_match smi_udp_match_openvpn(struct smi_span reply, bool end,
				     struct smi_service_id *id)
{
	enum {
		HARD_RESET_SERVER_V2 = 8
	};

	(void)end;
	if (reply.len < 14 ||
	    (uint8_t)reply.p[0] >> 3 != HARD_RESET_SERVER_V2 ||
	    !smi_text_has(smi_span_skip(reply, 9), "sysmsysm"))
		return SMI_MATCH_NO;
	smi_id_set(id, "openvpn");
	return SMI_MATCH_YES;
}

/* RFC 6886, 3.2: the outer address, or why not. */
enum smi_match smi_udp_match_natpmp(struct smi_span reply, bool end,
				    struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t head = smi_wire_be(&w, 2), result = smi_wire_be(&w, 2);
	struct smi_span ip;

	(void)end;
	smi_wire_bytes(&w, 4);
	if (w.over || head != 0x80 || result > 5 || reply.len > 16)
		return SMI_MATCH_NO;
	ip = smi_wire_bytes(&w, 4);
	smi_id_set(id, "nat-pmp");
	if (!w.over && result == 0)
		smi_id_addf(id, "outer address %u.%u.%u.%u", (uint8_t)ip.p[0],
			    (uint8_t)ip.p[1], (uint8_t)ip.p[2],
			    (uint8_t)ip.p[3]);
	return SMI_MATCH_YES;
}
