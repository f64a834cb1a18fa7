/* SPDX-License-Identifier: MIT */
/* What networks are run with: DNS, LDAP, RPC, TLS. */
#include "portscan/match-all.h"
#include "portscan/match-ask.h"

/* Passes a name (RFC 1035, 4.1.4), of which the labels do not matter. */
static void dns_name(struct smi_wire *w)
{
	uint64_t n;

	while ((n = smi_wire_be(w, 1)) != 0) {
		if (n >= 0xc0) {
			smi_wire_bytes(w, 1);
			return;
		}
		smi_wire_bytes(w, n);
	}
}

/* The text of the first answer of type TXT. */
static struct smi_span dns_txt(struct smi_wire *w, uint64_t questions,
			       uint64_t answers)
{
	enum {
		TXT = 16
	};

	for (; questions > 0 && !w->over; questions--) {
		dns_name(w);
		smi_wire_bytes(w, 4);
	}
	for (; answers > 0 && !w->over; answers--) {
		uint64_t type;
		struct smi_wire data;

		dns_name(w);
		type = smi_wire_be(w, 2);
		smi_wire_bytes(w, 6);
		data = smi_wire_part(w, smi_wire_be(w, 2));
		if (type == TXT)
			return smi_wire_bytes(&data, smi_wire_be(&data, 1));
	}
	return smi_span_str("");
}

/* version.bind, in words of the one who runs it. */
static void dns_version(struct smi_span text, struct smi_service_id *id)
{
	static const struct smi_text_product products[] = {
		{ "dnsmasq-", "dnsmasq" },
		{ "unbound ", "Unbound" },
		{ "PowerDNS Authoritative Server", "PowerDNS Authoritative" },
		{ "PowerDNS Recursor", "PowerDNS Recursor" },
		{ "Knot DNS", "Knot DNS" },
		{ "NSD ", "NSD" },
		{ "CoreDNS-", "CoreDNS" },
		{ "Microsoft DNS", "Microsoft DNS" },
	};

	if (smi_text_product(text, products, SMI_COUNT(products), id))
		return;
	/* BIND tells a number and nothing else. */
	id->version = smi_text_version(text);
	if (smi_span_starts(text, SMI_SPAN("9.")) && id->version.len > 0)
		id->product = smi_span_str("BIND");
	else
		smi_id_add(id, "version.bind ", text);
}

/* A whole response; its first two bytes are the number of the question. */
static enum smi_match dns_response(struct smi_wire body,
				   struct smi_service_id *id)
{
	enum {
		RESPONSE = 0x8000,
		RECURSION = 0x80
	};
	static const char *const codes[] = { "",	 "FORMERR", "SERVFAIL",
					     "NXDOMAIN", "NOTIMP",  "REFUSED" };
	uint64_t flags, questions, answers;
	struct smi_span text;
	unsigned code;

	smi_wire_be(&body, 2);
	flags = smi_wire_be(&body, 2);
	questions = smi_wire_be(&body, 2);
	answers = smi_wire_be(&body, 2);
	smi_wire_bytes(&body, 4);
	if (!(flags & RESPONSE))
		return SMI_MATCH_NO;
	code = flags & 15;
	text = dns_txt(&body, questions, answers);
	smi_id_set(id, "dns");
	if (!body.over && text.len > 0)
		dns_version(text, id);
	if (code < SMI_COUNT(codes))
		smi_id_add(id, "version.bind ", smi_span_str(codes[code]));
	if (flags & RECURSION)
		smi_id_add(id, "", SMI_SPAN("offers recursion"));
	return SMI_MATCH_YES;
}

/* The response behind its length (RFC 1035, 4.2.2). */
enum smi_match smi_match_dns(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply), body;
	uint64_t len = smi_wire_be(&w, 2);
	struct smi_span head = smi_span_head(w.left, 2);

	if ((!w.over && len < 12) ||
	    memcmp("sm", head.p, w.over ? 0 : head.len) != 0 ||
	    (reply.len > 4 && !(reply.p[4] & 0x80)))
		return SMI_MATCH_NO;
	body = smi_wire_part(&w, len);
	if (w.over)
		return smi_match_short(end);
	return dns_response(body, id);
}

/* In one datagram. */
enum smi_match smi_match_dns_udp(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	(void)end;
	if (reply.len < 12 || !smi_span_starts(reply, SMI_SPAN("sm")))
		return SMI_MATCH_NO;
	return dns_response(smi_wire_of(reply), id);
}

/* A length of BER; over where it has no end, or more than 4 bytes. */
static uint64_t ber_length(struct smi_wire *w)
{
	uint64_t n = smi_wire_be(w, 1);

	if (n < 0x80)
		return n;
	if (n == 0x80 || n > 0x84) {
		w->over = true;
		return 0;
	}
	return smi_wire_be(w, (unsigned)(n & 0x7f));
}

/* The element that is next: its tag and content. */
static uint64_t ber_next(struct smi_wire *w, struct smi_wire *content)
{
	uint64_t tag = smi_wire_be(w, 1);

	*content = smi_wire_part(w, ber_length(w));
	return tag;
}

/* The first value of an attribute of a SearchResultEntry (RFC 4511, 4.5.2). */
static struct smi_span ldap_value(struct smi_wire entry, const char *name)
{
	struct smi_wire list, one, type, values, value;

	ber_next(&entry, &one);
	ber_next(&entry, &list);
	while (!list.over && list.left.len > 0) {
		ber_next(&list, &one);
		ber_next(&one, &type);
		ber_next(&one, &values);
		if (one.over ||
		    !smi_span_eq_nocase(type.left, smi_span_str(name)))
			continue;
		ber_next(&values, &value);
		return values.over ? smi_span_str("") : value.left;
	}
	return smi_span_str("");
}

static void ldap_root(struct smi_wire entry, struct smi_service_id *id)
{
	struct smi_span vendor = ldap_value(entry, "vendorName");
	struct smi_span version = ldap_value(entry, "vendorVersion");
	struct smi_span forest = ldap_value(entry, "rootDomainNamingContext");

	if (vendor.len > 0)
		id->product = vendor;
	else if (forest.len > 0)
		id->product = smi_span_str("Active Directory");
	else if (smi_text_has(entry.left, "OpenLDAProotDSE"))
		id->product = smi_span_str("OpenLDAP");
	/* "389-Directory/2.3.1 B2023" */
	smi_text_after(version, "/", &version);
	id->version = smi_text_version(version);
	smi_id_add(id, "", ldap_value(entry, "namingContexts"));
	smi_id_add(id, "host ", ldap_value(entry, "dnsHostName"));
}

/* A search of the root of all entries, which needs no name and password. */
enum smi_match smi_match_ldap(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	enum {
		MESSAGE = 0x30,
		INTEGER = 2,
		ENTRY = 0x64,
		DONE = 0x65
	};
	struct smi_wire w = smi_wire_of(reply), message, number, op;
	uint64_t tag, n;

	if (reply.len > 0 && reply.p[0] != MESSAGE)
		return SMI_MATCH_NO;
	ber_next(&w, &message);
	if (w.over)
		return smi_match_short(end);
	tag = ber_next(&message, &number);
	n = smi_wire_be(&number, 1);
	if (tag != INTEGER || number.over || n > 7)
		return SMI_MATCH_NO;
	tag = ber_next(&message, &op);
	if (message.over || (tag != ENTRY && tag != DONE && tag != 0x78))
		return SMI_MATCH_NO;
	smi_id_set(id, "ldap");
	if (tag == ENTRY)
		ldap_root(op, id);
	else
		smi_id_add(id, "", SMI_SPAN("tells nothing unasked"));
	return SMI_MATCH_YES;
}

/* Of a whole reply, the number of the call and its kind first; passes it. */
static enum smi_match rpc_status(struct smi_wire *body, uint64_t *status)
{
	uint64_t verifier;

	smi_wire_bytes(body, 8);
	if (smi_wire_be(body, 4) != 0) {
		*status = UINT64_MAX;
		return body->over ? SMI_MATCH_NO : SMI_MATCH_YES;
	}
	smi_wire_bytes(body, 4);
	verifier = smi_wire_be(body, 4);
	smi_wire_bytes(body, verifier);
	*status = smi_wire_be(body, 4);
	return body->over ? SMI_MATCH_NO : SMI_MATCH_YES;
}

/* A reply (RFC 5531, 9) that begins with head, our number and that it is a reply,
 * behind its record mark; *status is that of the call. */
static enum smi_match rpc_reply(struct smi_span reply, bool end,
				const char *head, struct smi_wire *body,
				uint64_t *status)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t mark = smi_wire_be(&w, 4);

	if ((reply.len > 0 && !(reply.p[0] & 0x80)) ||
	    (reply.len > 4 &&
	     memcmp(reply.p + 4, head, SMI_MIN(reply.len - 4, 8)) != 0))
		return SMI_MATCH_NO;
	*body = smi_wire_part(&w, mark & 0x7fffffff);
	if (w.over)
		return smi_match_short(end);
	return rpc_status(body, status);
}

/* The same in one datagram. */
static enum smi_match rpc_datagram(struct smi_span reply, const char *head,
				   struct smi_wire *body, uint64_t *status)
{
	if (!smi_span_starts(reply, smi_span_of(head, 8)))
		return SMI_MATCH_NO;
	*body = smi_wire_of(reply);
	return rpc_status(body, status);
}

struct rpc_program {
	uint32_t number;
	const char *name;
};

/* The versions of a program in the list of a portmapper, "nfs 3-4 on 2049". */
static void rpc_program(struct smi_wire list, const struct rpc_program *p,
			struct smi_service_id *id)
{
	enum {
		TCP = 6
	};
	uint64_t first = UINT64_MAX, last = 0, port = 0;

	while (!list.over && smi_wire_be(&list, 4) == 1) {
		uint64_t number = smi_wire_be(&list, 4);
		uint64_t version = smi_wire_be(&list, 4);
		uint64_t protocol = smi_wire_be(&list, 4);
		uint64_t at = smi_wire_be(&list, 4);

		if (list.over || number != p->number)
			continue;
		first = SMI_MIN(first, version);
		last = SMI_MAX(last, version);
		port = protocol == TCP ? at : port;
	}
	if (first > last)
		return;
	if (first == last)
		smi_id_addf(id, "%s %u on %u", p->name, (unsigned)first,
			    (unsigned)port);
	else
		smi_id_addf(id, "%s %u-%u on %u", p->name, (unsigned)first,
			    (unsigned)last, (unsigned)port);
}

/* The list of all programs, by PMAPPROC_DUMP (RFC 1833, 3). */
static void rpcbind_list(struct smi_wire body, uint64_t status,
			 struct smi_service_id *id)
{
	static const struct rpc_program programs[] = {
		{ 100000, "portmapper" }, { 100003, "nfs" },
		{ 100005, "mountd" },	  { 100021, "nlockmgr" },
		{ 100024, "status" },	  { 100004, "ypserv" },
		{ 100007, "ypbind" },	  { 100227, "nfs_acl" },
		{ 100011, "rquotad" },
	};

	smi_id_set(id, "rpcbind");
	id->open = status == 0;
	for (size_t i = 0; id->open && i < SMI_COUNT(programs); i++)
		rpc_program(body, &programs[i], id);
}

enum smi_match smi_match_rpcbind(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	struct smi_wire body;
	uint64_t status;
	enum smi_match m = rpc_reply(reply, end, SMI_RPCBIND_ID "\0\0\0\1",
				     &body, &status);

	if (m == SMI_MATCH_YES)
		rpcbind_list(body, status, id);
	return m;
}

enum smi_match smi_match_rpcbind_udp(struct smi_span reply, bool end,
				     struct smi_service_id *id)
{
	struct smi_wire body;
	uint64_t status;
	enum smi_match m =
		rpc_datagram(reply, SMI_RPCBIND_ID "\0\0\0\1", &body, &status);

	(void)end;
	if (m == SMI_MATCH_YES)
		rpcbind_list(body, status, id);
	return m;
}

/* Asked for version 0 of its program, which is none, it tells the first and the
 * last that it has. */
static void nfs_versions(struct smi_wire body, uint64_t status,
			 struct smi_service_id *id)
{
	enum {
		SUCCESS = 0,
		PROG_MISMATCH = 2
	};
	uint64_t first = smi_wire_be(&body, 4), last = smi_wire_be(&body, 4);

	if (status == PROG_MISMATCH && !body.over) {
		smi_id_set(id, "nfs");
		smi_id_addf(id, "versions %u-%u", (unsigned)first,
			    (unsigned)last);
		return;
	}
	smi_id_set(id, status == SUCCESS ? "nfs" : "rpc");
}

enum smi_match smi_match_nfs(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	struct smi_wire body;
	uint64_t status;
	enum smi_match m =
		rpc_reply(reply, end, SMI_NFS_ID "\0\0\0\1", &body, &status);

	if (m == SMI_MATCH_YES)
		nfs_versions(body, status, id);
	return m;
}

enum smi_match smi_match_nfs_udp(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	struct smi_wire body;
	uint64_t status;
	enum smi_match m =
		rpc_datagram(reply, SMI_NFS_ID "\0\0\0\1", &body, &status);

	(void)end;
	if (m == SMI_MATCH_YES)
		nfs_versions(body, status, id);
	return m;
}

/* RFC 8446, 6: an alert, to what was no handshake. */
enum smi_match smi_match_tls(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	enum smi_match begins = smi_text_begins(reply, "\x15\3", end);

	if (begins != SMI_MATCH_YES)
		return begins;
	if (reply.len < 7)
		return smi_match_short(end);
	if (reply.p[2] < 0 || reply.p[2] > 4 || reply.p[3] != 0 ||
	    reply.p[4] != 2 || (reply.p[5] != 1 && reply.p[5] != 2))
		return SMI_MATCH_NO;
	smi_id_set(id, "tls");
	id->tls = true;
	return SMI_MATCH_YES;
}
