/* SPDX-License-Identifier: MIT */
#include "portscan/match-http.h"

/* Half of a page is enough for its title. */
#define TITLE_WITHIN 16384

enum smi_match smi_http_read(struct smi_span reply, bool end,
			     struct smi_http *h)
{
	struct smi_span rest = reply, line, word;
	const char *from;
	uint64_t status = 0, length;
	bool head = false;

	if (!end && smi_span_find(rest, '\n') == rest.len)
		return SMI_MATCH_MORE;
	if (!smi_text_line(&rest, end, &line))
		return SMI_MATCH_NO;
	smi_text_word(&line);
	word = smi_text_word(&line);
	if (word.len != 3 || !smi_span_uint(word, 999, &status))
		return SMI_MATCH_NO;
	*h = (struct smi_http){ .status = (unsigned)status };
	from = rest.p;
	h->fields = smi_span_of(from, 0);
	while (!head && smi_text_line(&rest, end, &line)) {
		head = line.len == 0;
		h->fields.len = (size_t)(line.p + line.len - from);
	}
	if (!head && !end)
		return SMI_MATCH_MORE;
	h->body = head ? rest : smi_span_str("");
	h->whole = end || status == 204 || status == 304;
	if (smi_span_uint(smi_http_field(h, "Content-Length"), SIZE_MAX,
			  &length)) {
		h->whole = h->whole || h->body.len >= length;
		h->body = smi_span_head(h->body, (size_t)length);
	}
	return SMI_MATCH_YES;
}

struct smi_span smi_http_field(const struct smi_http *h, const char *name)
{
	struct smi_span rest = h->fields, line, found;

	while (smi_span_split(&rest, '\n', &line)) {
		if (smi_span_split(&line, ':', &found) &&
		    smi_span_eq_nocase(found, smi_span_str(name))) {
			if (smi_span_ends(line, SMI_SPAN("\r")))
				line.len--;
			return smi_span_trim(line);
		}
	}
	return smi_span_str("");
}

/* What a page says of itself; entities are left as they are. */
static bool title_of(struct smi_span body, struct smi_span *title)
{
	size_t at;

	body = smi_span_head(body, TITLE_WITHIN);
	at = smi_text_find_nocase(body, "<title");
	body = smi_span_skip(body, at);
	body = smi_span_skip(body, smi_span_find(body, '>') + 1);
	at = smi_text_find_nocase(body, "</title");
	*title = smi_span_head(body, at);
	return at < body.len;
}

/* Nothing that comes would change what is told. */
static bool is_enough(const struct smi_http *h)
{
	struct smi_span type = smi_http_field(h, "Content-Type"), title;

	if (h->whole || h->body.len >= TITLE_WITHIN)
		return true;
	/* Why it is a bad request stands anywhere, and an API in all of it. */
	if (h->status == 400 || type.len == 0 || smi_text_has(type, "json") ||
	    smi_text_has(type, "text/plain"))
		return false;
	return !smi_text_has(type, "html") || title_of(h->body, &title);
}

/* How servers answer to one who speaks plainly to a TLS port. */
static bool is_tls(const struct smi_http *h)
{
	static const char *const words[] = {
		"plain HTTP request was sent to HTTPS port",
		"speaking plain HTTP to an SSL-enabled server port",
		"sent an HTTP request to an HTTPS server",
		"This combination of host and port requires TLS",
	};

	for (size_t i = 0; i < SMI_COUNT(words); i++)
		if (h->status == 400 && smi_text_has(h->body, words[i]))
			return true;
	return false;
}

static void set_http(const struct smi_http *h, const char *service,
		     struct smi_service_id *id)
{
	struct smi_span server = smi_http_field(h, "Server"), title;

	smi_id_set(id, service);
	smi_text_name_version(smi_text_word(&server), id);
	id->tls = is_tls(h);
	smi_id_addf(id, "%u", h->status);
	smi_id_add(id, "", server);
	smi_id_add(id, "", smi_http_field(h, "X-Powered-By"));
	smi_id_add(id, "location: ", smi_http_field(h, "Location"));
	if (title_of(h->body, &title))
		smi_id_add(id, "title: ", title);
}

enum smi_match smi_match_http(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	static const struct {
		const char *begin, *service;
	} protocols[] = {
		{ "HTTP/1.", "http" },
		{ "RTSP/1.0 ", "rtsp" },
		{ "SIP/2.0 ", "sip" },
	};
	enum smi_match begins = SMI_MATCH_NO;
	struct smi_http h;
	size_t i;

	for (i = 0; i < SMI_COUNT(protocols) && begins == SMI_MATCH_NO; i++)
		begins = smi_text_begins(reply, protocols[i].begin, end);
	if (begins != SMI_MATCH_YES)
		return begins;
	begins = smi_http_read(reply, end, &h);
	if (begins != SMI_MATCH_YES)
		return begins;
	if (!is_enough(&h))
		return SMI_MATCH_MORE;
	set_http(&h, protocols[i - 1].service, id);
	if (i == 1)
		smi_http_api(&h, id);
	return SMI_MATCH_YES;
}
