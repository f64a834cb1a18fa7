/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/un.h>

#include "report/syslog.h"

static const struct {
	const char *prefix;
	int way;
	const char *port; /* where none is given; NULL: it has none */
} ways[] = {
	{ "unix:", SMI_SYSLOG_UNIX, NULL },
	{ "udp:", SMI_SYSLOG_UDP, "514" },  /* RFC 5426 */
	{ "tcp:", SMI_SYSLOG_TCP, "601" },  /* RFC 6587 */
	{ "tls:", SMI_SYSLOG_TLS, "6514" }, /* RFC 5425 */
};

static bool keep(struct smi_span s, char *out, size_t size)
{
	if (!s.len || s.len >= size || memchr(s.p, '\0', s.len))
		return false;
	memcpy(out, s.p, s.len);
	out[s.len] = '\0';
	return true;
}

static const char *parse_path(struct smi_span s, struct smi_syslog_target *out)
{
	if (!s.len || *s.p != '/')
		return "behind unix: there is the path of a socket, as "
		       "/dev/log";
	if (s.len >= sizeof(((struct sockaddr_un *)0)->sun_path) ||
	    !keep(s, out->host, sizeof(out->host)))
		return "the path of a socket has 107 bytes at most";
	return NULL;
}

/* An address with colons has brackets. */
static const char *parse_host(struct smi_span s, struct smi_syslog_target *out)
{
	static const char *const bad =
		"no host and port, as logs.example.org:601, [2001:db8::1]:601 "
		"or without the port";
	size_t end = smi_span_find(s, ':');
	struct smi_span host = smi_span_head(s, end), rest;
	uint64_t port;

	if (s.len && *s.p == '[') {
		end = smi_span_find(s, ']');
		if (end == s.len)
			return bad;
		host = smi_span_skip(smi_span_head(s, end), 1);
		end++;
	}
	rest = smi_span_skip(s, end);
	if (!keep(host, out->host, sizeof(out->host)))
		return bad;
	if (!rest.len)
		return NULL;
	if (*rest.p != ':' ||
	    !smi_span_uint(smi_span_skip(rest, 1), 65535, &port) || !port)
		return bad;
	snprintf(out->port, sizeof(out->port), "%u", (unsigned)port);
	return NULL;
}

const char *smi_syslog_parse(struct smi_span text,
			     struct smi_syslog_target *out)
{
	for (size_t i = 0; i < SMI_COUNT(ways); i++) {
		struct smi_span rest = text;

		if (!smi_span_starts(text, smi_span_str(ways[i].prefix)))
			continue;
		*out = (struct smi_syslog_target){ .way = ways[i].way };
		rest = smi_span_skip(text, strlen(ways[i].prefix));
		if (smi_span_starts(rest, smi_span_str("//")))
			rest = smi_span_skip(rest, 2);
		if (!ways[i].port)
			return parse_path(rest, out);
		keep(smi_span_str(ways[i].port), out->port, sizeof(out->port));
		return parse_host(rest, out);
	}
	return "none of unix:/dev/log, udp:HOST:PORT, tcp:HOST:PORT and "
	       "tls:HOST:PORT";
}
