/* SPDX-License-Identifier: MIT */
/* Terminals and screens from afar: SSH, Telnet, VNC, RDP, X11. */
#include "portscan/match-all.h"

/* What follows "SSH-2.0-" (RFC 4253, 4.2): software, blank, comments. */
static void ssh_software(struct smi_span line, struct smi_service_id *id)
{
	static const struct smi_text_product products[] = {
		{ "OpenSSH_for_Windows", "OpenSSH for Windows" },
		{ "OpenSSH", "OpenSSH" },
		{ "dropbear", "Dropbear" },
		{ "libssh2", "libssh2" },
		{ "libssh", "libssh" },
		{ "Cisco", "Cisco SSH" },
		{ "ROSSSH", "MikroTik RouterOS SSH" },
		{ "mod_sftp", "ProFTPD mod_sftp" },
		{ "Go", "Go x/crypto/ssh" },
	};
	struct smi_span software = smi_text_word(&line);

	for (size_t i = 0; i < SMI_COUNT(products); i++) {
		struct smi_span name = smi_span_str(products[i].mark);

		if (smi_span_starts(software, name) &&
		    smi_text_product(software, &products[i], 1, id))
			break;
	}
	if (id->product.len == 0)
		smi_text_name_version(software, id);
	smi_id_add(id, "", line);
}

enum smi_match smi_match_ssh(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	/* What OpenSSH says, in place of its version, to whom it refuses. */
	static const char *const refusals[] = {
		"Exceeded MaxStartups\r\n",
		"Not allowed at this time\r\n",
	};
	struct smi_span rest = reply, line, protocol;
	enum smi_match begins = smi_text_begins(reply, "SSH-", end);

	for (size_t i = 0; begins == SMI_MATCH_NO && i < SMI_COUNT(refusals);
	     i++) {
		begins = smi_text_begins(reply, refusals[i], end);
		if (begins != SMI_MATCH_YES)
			continue;
		smi_id_set(id, "ssh");
		id->product = smi_span_str("OpenSSH");
		smi_id_add(id, "", smi_span_str(refusals[i]));
		return SMI_MATCH_YES;
	}
	if (begins != SMI_MATCH_YES)
		return begins;
	if (!end && smi_span_find(reply, '\n') == reply.len)
		return SMI_MATCH_MORE;
	smi_id_set(id, "ssh");
	if (!smi_text_line(&rest, end, &line))
		return SMI_MATCH_YES;
	line = smi_span_skip(line, 4);
	if (!smi_span_split(&line, '-', &protocol))
		return SMI_MATCH_YES;
	smi_id_add(id, "protocol ", protocol);
	ssh_software(line, id);
	return SMI_MATCH_YES;
}

enum {
	TELNET_WILL = 251,
	TELNET_DONT = 254,
	TELNET_IAC = 255,
	TELNET_LAST_OPTION = 49, /* those that RFCs define */
};

/* RFC 854: it negotiates options before it prompts. */
enum smi_match smi_match_telnet(struct smi_span reply, bool end,
				struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t iac = smi_wire_be(&w, 1), verb = smi_wire_be(&w, 1),
		 option = smi_wire_be(&w, 1);

	if ((reply.len > 0 && iac != TELNET_IAC) ||
	    (reply.len > 1 && (verb < TELNET_WILL || verb > TELNET_DONT)))
		return SMI_MATCH_NO;
	if (w.over)
		return smi_match_short(end);
	if (option > TELNET_LAST_OPTION && option != 255)
		return SMI_MATCH_NO;
	smi_id_set(id, "telnet");
	return SMI_MATCH_YES;
}

/* RFC 6143, 7.1.2 and the registry of its section 8.1.2. */
static const char *rfb_security(uint64_t type)
{
	static const struct {
		uint8_t type;
		const char *name;
	} names[] = {
		{ 1, "none" },	 { 2, "VNC password" }, { 5, "RA2" },
		{ 6, "RA2ne" },	 { 16, "Tight" },	{ 17, "Ultra" },
		{ 18, "TLS" },	 { 19, "VeNCrypt" },	{ 20, "SASL" },
		{ 30, "Apple" }, { 129, "RA2-256" },	{ 0, NULL },
	};

	for (size_t i = 0; names[i].name; i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

static void add_security(struct smi_service_id *id, uint64_t type)
{
	const char *name = rfb_security(type);

	if (name)
		smi_id_add(id, "security ", smi_span_str(name));
	else
		smi_id_addf(id, "security %u", (unsigned)type);
	id->open = id->open || type == 1;
}

/* Why it refuses: a length and a text. */
static enum smi_match rfb_reason(struct smi_wire *w, bool end,
				 struct smi_service_id *id)
{
	struct smi_span reason = smi_wire_bytes(w, smi_wire_be(w, 4));

	if (w->over && !end)
		return SMI_MATCH_MORE;
	smi_id_set(id, "vnc");
	smi_id_add(id, "refused: ", reason);
	return SMI_MATCH_YES;
}

static enum smi_match match_rfb_types(struct smi_span reply, bool end,
				      struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t n = smi_wire_be(&w, 1);
	struct smi_span types;

	if (!w.over && n == 0)
		return rfb_reason(&w, end, id);
	types = smi_wire_bytes(&w, n);
	if (w.over)
		return smi_match_short(end);
	smi_id_set(id, "vnc");
	for (size_t i = 0; i < types.len; i++)
		add_security(id, (uint8_t)types.p[i]);
	return SMI_MATCH_YES;
}

/* Version 3.3: the server decides. */
static enum smi_match match_rfb_type(struct smi_span reply, bool end,
				     struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t type = smi_wire_be(&w, 4);

	if (w.over)
		return smi_match_short(end);
	if (type == 0)
		return rfb_reason(&w, end, id);
	smi_id_set(id, "vnc");
	add_security(id, type);
	return SMI_MATCH_YES;
}

static const struct smi_question ask_rfb_types = {
	.name = "vnc-security",
	.request = SMI_REQUEST("RFB 003.008\n"),
	.vague = true,
	.match = match_rfb_types,
};
static const struct smi_question ask_rfb_type = {
	.name = "vnc-security-3.3",
	.request = SMI_REQUEST("RFB 003.003\n"),
	.vague = true,
	.match = match_rfb_type,
};

/* "RFB 003.008\n" */
enum smi_match smi_match_vnc(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	enum smi_match begins = smi_text_begins(reply, "RFB ", end);
	struct smi_span major = smi_span_head(smi_span_skip(reply, 4), 3),
			minor = smi_span_head(smi_span_skip(reply, 8), 3);
	uint64_t v, of_it;

	if (begins != SMI_MATCH_YES)
		return begins;
	if (reply.len < 12)
		return smi_match_short(end);
	if (reply.p[7] != '.' || reply.p[11] != '\n' ||
	    !smi_span_uint(major, 999, &v) ||
	    !smi_span_uint(minor, 999, &of_it))
		return SMI_MATCH_NO;
	smi_id_set(id, "vnc");
	smi_id_addf(id, "protocol %u.%u", (unsigned)v, (unsigned)of_it);
	id->next = v > 3 || of_it >= 7 ? &ask_rfb_types : &ask_rfb_type;
	return SMI_MATCH_YES;
}

enum {
	RDP_CONFIRM = 0xd0,
	RDP_NEG_RESPONSE = 2,
	RDP_NEG_FAILURE = 3,
};

/* [MS-RDPBCGR] 2.2.1.2: an X.224 connection confirm in a TPKT (RFC 1006), with the
 * security protocol that the server has chosen. */
enum smi_match smi_match_rdp(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	static const char *const chosen[] = {
		"standard RDP security",
		"TLS",
		"CredSSP",
		NULL,
		"RDSTLS",
		NULL,
		NULL,
		NULL,
		"CredSSP",
	};
	struct smi_wire w = smi_wire_of(reply);
	enum smi_match begins = smi_text_begins(reply, "\x03", end);
	uint64_t zero, len, header, code, type, protocol;

	if (begins != SMI_MATCH_YES)
		return begins;
	smi_wire_be(&w, 1);
	zero = smi_wire_be(&w, 1);
	len = smi_wire_be(&w, 2);
	header = smi_wire_be(&w, 1);
	code = smi_wire_be(&w, 1);
	if (zero != 0 ||
	    (!w.over && (code != RDP_CONFIRM || len < 11 || header + 5 != len)))
		return SMI_MATCH_NO;
	smi_wire_bytes(&w, 5);
	if (w.over || reply.len < len)
		return smi_match_short(end);
	smi_id_set(id, "rdp");
	type = smi_wire_be(&w, 1);
	smi_wire_bytes(&w, 3);
	protocol = smi_wire_le(&w, 4);
	if (w.over || len < 19)
		smi_id_add(id, "security ", smi_span_str(chosen[0]));
	else if (type == RDP_NEG_RESPONSE && protocol < SMI_COUNT(chosen) &&
		 chosen[protocol])
		smi_id_add(id, "security ", smi_span_str(chosen[protocol]));
	else if (type == RDP_NEG_FAILURE)
		smi_id_addf(id, "refused: %u", (unsigned)protocol);
	return SMI_MATCH_YES;
}

enum {
	X11_FAILED,
	X11_SUCCESS,
	X11_AUTHENTICATE,
};

/* X.Org writes its version in decimal digits: 12101007 is 21.1.7, 12004000 is
 * 1.20.4. */
static void x11_release(uint64_t release, struct smi_service_id *id)
{
	unsigned r = (unsigned)release, minor = r / 100000 % 100,
		 patch = r / 1000 % 100;

	if (r / 10000000 == 1 && minor > 20)
		smi_id_version(id, "%u.%u.%u", minor, patch, r % 1000);
	else
		smi_id_version(id, "%u.%u.%u", r / 10000000, minor, patch);
}

/* X Window System Protocol, Connection Setup. */
enum smi_match smi_match_x11(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	uint64_t status = smi_wire_le(&w, 1), len = smi_wire_le(&w, 1);
	uint64_t major = smi_wire_le(&w, 2), release, told, before = 0;
	struct smi_span vendor;

	if (status > X11_AUTHENTICATE ||
	    (reply.len > 2 && (reply.p[2] != 11)) || (!w.over && major != 11))
		return SMI_MATCH_NO;
	smi_wire_le(&w, 2);
	/* Screens and visuals make it long; what tells is at its beginning. */
	told = 4 * smi_wire_le(&w, 2);
	release = smi_wire_le(&w, status == X11_SUCCESS ? 4 : 0);
	if (status == X11_SUCCESS) {
		smi_wire_bytes(&w, 12);
		len = smi_wire_le(&w, 2);
		smi_wire_bytes(&w, 14);
		before = 32;
	}
	vendor = smi_wire_bytes(&w, len);
	if (w.over)
		return smi_match_short(end);
	if (before + len > told)
		return SMI_MATCH_NO;
	smi_id_set(id, "x11");
	id->open = status == X11_SUCCESS;
	if (id->open && smi_text_has(vendor, "X.Org")) {
		id->product = smi_span_str("X.Org");
		x11_release(release, id);
	}
	smi_id_add(id, id->open ? "vendor " : "refused: ", vendor);
	return SMI_MATCH_YES;
}
