/* SPDX-License-Identifier: MIT */
/* Talk among people: IRC, XMPP. */
#include "portscan/match-all.h"

/* "prefix 004 nick server version modes modes" (RFC 2812, 5.1). */
static struct smi_span irc_version(struct smi_span line)
{
	struct smi_span number;

	if (smi_span_starts(line, SMI_SPAN(":")))
		smi_text_word(&line);
	number = smi_text_word(&line);
	if (!smi_span_eq_str(number, "004"))
		return smi_span_str("");
	smi_text_word(&line);
	smi_text_word(&line);
	return smi_text_word(&line);
}

/* A line that a server may say first: ":server NOTICE AUTH :*** Looking up". */
static bool irc_is_line(struct smi_span line)
{
	static const char *const words[] = { "NOTICE", "PING", "ERROR", "001",
					     "020",    "433",  "451",	"461" };
	struct smi_span word;

	if (smi_span_starts(line, SMI_SPAN(":")))
		smi_text_word(&line);
	word = smi_text_word(&line);
	for (size_t i = 0; i < SMI_COUNT(words); i++)
		if (smi_span_eq_str(word, words[i]))
			return smi_text_has(line, " :");
	return false;
}

enum smi_match smi_match_irc(struct smi_span reply, bool end,
			     struct smi_service_id *id)
{
	static const char *const begins[] = { ":", "NOTICE ",
					      "PING :", "ERROR :" };
	enum smi_match m = SMI_MATCH_NO;
	struct smi_span rest = reply, line, version, host = smi_span_str("");
	bool closed;

	for (size_t i = 0; i < SMI_COUNT(begins) && m == SMI_MATCH_NO; i++)
		m = smi_text_begins(reply, begins[i], end);
	if (m != SMI_MATCH_YES)
		return m;
	if (smi_span_find(reply, '\n') == reply.len)
		return smi_match_short(end);
	smi_text_line(&rest, end, &line);
	if (!irc_is_line(line))
		return SMI_MATCH_NO;
	if (line.p[0] == ':')
		host = smi_span_skip(line, 1);
	do {
		version = irc_version(line);
		closed = smi_span_starts(line, SMI_SPAN("ERROR"));
	} while (!version.len && !closed &&
		 smi_span_find(rest, '\n') < rest.len &&
		 smi_text_line(&rest, end, &line));
	if (!version.len && !closed && !end)
		return SMI_MATCH_MORE;
	smi_id_set(id, "irc");
	if (version.len)
		smi_text_name_version(version, id);
	smi_id_add(id, "server ", smi_text_word(&host));
	if (closed)
		smi_id_add(id, "", line);
	return SMI_MATCH_YES;
}

/* RFC 6120, 4.2 and 4.3: a stream and its features; XEP-0115 tells the program. */
enum smi_match smi_match_xmpp(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	static const struct smi_text_product products[] = {
		{ "http://prosody.im", "Prosody" },
		{ "process-one.net/en/ejabberd", "ejabberd" },
		{ "igniterealtime.org/projects/openfire", "Openfire" },
		{ "tigase", "Tigase" },
	};
	enum smi_match xml = smi_text_begins(reply, "<?xml ", end);
	enum smi_match stream = smi_text_begins(reply, "<stream:", end);
	struct smi_span head, features;
	bool all;

	if (xml == SMI_MATCH_NO && stream == SMI_MATCH_NO)
		return SMI_MATCH_NO;
	if (!smi_text_between(reply, "<stream:stream", ">", &head))
		return smi_match_short(end || reply.len > 2048);
	if (!smi_text_has(head, "http://etherx.jabber.org/streams"))
		return SMI_MATCH_NO;
	all = smi_text_between(reply, "<stream:features", "</stream:features>",
			       &features);
	if (!all && !end && !smi_text_has(reply, "</stream:stream>"))
		return SMI_MATCH_MORE;
	smi_id_set(id, "xmpp");
	if (smi_text_has(head, "jabber:server"))
		smi_id_add(id, "", SMI_SPAN("between servers"));
	if (all) {
		smi_text_product(features, products, SMI_COUNT(products), id);
		id->version = smi_span_str("");
		if (smi_text_has(features, "urn:ietf:params:xml:ns:xmpp-tls"))
			smi_id_add(id, "", SMI_SPAN("offers STARTTLS"));
	}
	return SMI_MATCH_YES;
}
