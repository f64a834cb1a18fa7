/* SPDX-License-Identifier: MIT */
#include "logsrc/json-keys.h"

/*
 * The members of JSON lines that mean something here: of nginx as most people name
 * them, Caddy, Traefik, Docker, ECS, GELF, and loggers of applications. A key is in
 * small letters and without _ - . @; one inside of another object has that one's
 * before it, so that "request_uri", "requestUri" and "request":{"uri":...} are one.
 * Of several with the same role the one of the lowest rank counts.
 */
#define KEY(name, role, rank, inside)                                          \
	{                                                                      \
		name, sizeof(name) - 1, role, rank, inside                     \
	}

/* Sorted by length, then by bytes. */
static const struct smi_json_key keys[] = {
	KEY("t", SMI_KEY_TIME, 2, false),
	KEY("ip", SMI_KEY_CLIENT, 3, false),
	KEY("ts", SMI_KEY_TIME, 0, false),
	KEY("log", SMI_KEY_LOG, 0, true),
	KEY("msg", SMI_KEY_MESSAGE, 0, false),
	KEY("pid", SMI_KEY_PID, 0, false),
	KEY("uri", SMI_KEY_URL, 1, false),
	KEY("url", SMI_KEY_URL, 1, true),
	KEY("date", SMI_KEY_TIME, 2, false),
	KEY("host", SMI_KEY_HOST, 0, true),
	KEY("http", SMI_KEY_NONE, 0, true),
	KEY("msec", SMI_KEY_TIME, 2, false),
	KEY("path", SMI_KEY_URL, 2, false),
	KEY("size", SMI_KEY_BYTES, 2, false),
	KEY("text", SMI_KEY_MESSAGE, 2, false),
	KEY("time", SMI_KEY_TIME, 0, false),
	KEY("user", SMI_KEY_USER, 1, true),
	KEY("verb", SMI_KEY_METHOD, 1, false),
	KEY("agent", SMI_KEY_AGENT, 2, false),
	KEY("bytes", SMI_KEY_BYTES, 1, false),
	KEY("event", SMI_KEY_MESSAGE, 3, true),
	KEY("proto", SMI_KEY_PROTOCOL, 1, false),
	KEY("vhost", SMI_KEY_VHOST, 0, false),
	KEY("client", SMI_KEY_CLIENT, 3, true),
	KEY("method", SMI_KEY_METHOD, 1, false),
	KEY("procid", SMI_KEY_PID, 0, false),
	KEY("source", SMI_KEY_NONE, 0, true),
	KEY("status", SMI_KEY_STATUS, 0, false),
	KEY("stream", SMI_KEY_STREAM, 0, false),
	KEY("userid", SMI_KEY_USER, 1, false),
	KEY("appname", SMI_KEY_PROGRAM, 0, false),
	KEY("asctime", SMI_KEY_TIME, 1, false),
	KEY("message", SMI_KEY_MESSAGE, 0, false),
	KEY("process", SMI_KEY_NONE, 0, true),
	KEY("program", SMI_KEY_PROGRAM, 0, false),
	KEY("referer", SMI_KEY_REFERER, 1, false),
	KEY("request", SMI_KEY_REQUEST, 0, true),
	KEY("urlpath", SMI_KEY_URL, 1, false),
	KEY("authuser", SMI_KEY_USER, 0, false),
	KEY("clientip", SMI_KEY_CLIENT, 1, false),
	KEY("datetime", SMI_KEY_TIME, 1, false),
	KEY("hostname", SMI_KEY_HOSTNAME, 0, false),
	KEY("httphost", SMI_KEY_VHOST, 1, false),
	KEY("protocol", SMI_KEY_PROTOCOL, 1, false),
	KEY("referrer", SMI_KEY_REFERER, 1, false),
	KEY("remoteip", SMI_KEY_CLIENT, 1, false),
	KEY("sourceip", SMI_KEY_CLIENT, 1, false),
	KEY("startutc", SMI_KEY_TIME, 1, false),
	KEY("username", SMI_KEY_USER, 1, false),
	KEY("bytessent", SMI_KEY_BYTES, 1, false),
	KEY("eventtime", SMI_KEY_TIME, 2, false),
	KEY("processid", SMI_KEY_PID, 0, false),
	KEY("timelocal", SMI_KEY_TIME, 1, false),
	KEY("timestamp", SMI_KEY_TIME, 0, false),
	KEY("urldomain", SMI_KEY_VHOST, 1, false),
	KEY("useragent", SMI_KEY_AGENT, 1, true),
	KEY("clientaddr", SMI_KEY_CLIENT, 2, false),
	KEY("clienthost", SMI_KEY_CLIENT, 0, false),
	KEY("httpmethod", SMI_KEY_METHOD, 1, false),
	KEY("httpstatus", SMI_KEY_STATUS, 0, false),
	KEY("processpid", SMI_KEY_PID, 0, false),
	KEY("remoteaddr", SMI_KEY_CLIENT, 0, false),
	KEY("remotehost", SMI_KEY_CLIENT, 2, false),
	KEY("remoteuser", SMI_KEY_USER, 0, false),
	KEY("requesturi", SMI_KEY_URL, 0, false),
	KEY("requesturl", SMI_KEY_URL, 0, false),
	KEY("servername", SMI_KEY_VHOST, 1, false),
	KEY("startlocal", SMI_KEY_TIME, 2, false),
	KEY("statuscode", SMI_KEY_STATUS, 0, false),
	KEY("fullmessage", SMI_KEY_MESSAGE, 2, false),
	KEY("httpreferer", SMI_KEY_REFERER, 0, false),
	KEY("httprequest", SMI_KEY_NONE, 0, true),
	KEY("processname", SMI_KEY_PROGRAM, 1, false),
	KEY("programname", SMI_KEY_PROGRAM, 0, false),
	KEY("requesthost", SMI_KEY_VHOST, 0, false),
	KEY("requestline", SMI_KEY_REQUEST, 0, false),
	KEY("requestpath", SMI_KEY_URL, 0, false),
	KEY("timeiso8601", SMI_KEY_TIME, 0, false),
	KEY("urloriginal", SMI_KEY_URL, 0, false),
	KEY("virtualhost", SMI_KEY_VHOST, 0, false),
	KEY("httpreferrer", SMI_KEY_REFERER, 0, false),
	KEY("httpresponse", SMI_KEY_NONE, 0, true),
	KEY("originstatus", SMI_KEY_STATUS, 2, false),
	KEY("requestproto", SMI_KEY_PROTOCOL, 0, false),
	KEY("responsecode", SMI_KEY_STATUS, 1, false),
	KEY("responsesize", SMI_KEY_BYTES, 1, false),
	KEY("shortmessage", SMI_KEY_MESSAGE, 1, false),
	KEY("bodybytessent", SMI_KEY_BYTES, 0, false),
	KEY("clientaddress", SMI_KEY_CLIENT, 1, false),
	KEY("contentlength", SMI_KEY_BYTES, 2, false),
	KEY("httpuseragent", SMI_KEY_AGENT, 0, false),
	KEY("requestmethod", SMI_KEY_METHOD, 0, false),
	KEY("sourceaddress", SMI_KEY_CLIENT, 2, false),
	KEY("clientusername", SMI_KEY_USER, 0, false),
	KEY("requestheaders", SMI_KEY_NONE, 0, true),
	KEY("requestreferer", SMI_KEY_REFERER, 0, false),
	KEY("responsestatus", SMI_KEY_STATUS, 0, false),
	KEY("serverprotocol", SMI_KEY_PROTOCOL, 0, false),
	KEY("requestclientip", SMI_KEY_CLIENT, 0, false),
	KEY("requestprotocol", SMI_KEY_PROTOCOL, 0, false),
	KEY("requestremoteip", SMI_KEY_CLIENT, 1, false),
	KEY("downstreamstatus", SMI_KEY_STATUS, 0, false),
	KEY("httpresponsebody", SMI_KEY_NONE, 0, true),
	KEY("requestuseragent", SMI_KEY_AGENT, 0, false),
	KEY("syslogidentifier", SMI_KEY_PROGRAM, 0, false),
	KEY("httprequestmethod", SMI_KEY_METHOD, 0, false),
	KEY("requestremoteaddr", SMI_KEY_CLIENT, 2, false),
	KEY("useragentoriginal", SMI_KEY_AGENT, 0, false),
	KEY("httprequestreferrer", SMI_KEY_REFERER, 0, false),
	KEY("downstreamcontentsize", SMI_KEY_BYTES, 0, false),
	KEY("httpresponsebodybytes", SMI_KEY_BYTES, 0, false),
	KEY("requestheadersreferer", SMI_KEY_REFERER, 0, false),
	KEY("httpresponsestatuscode", SMI_KEY_STATUS, 0, false),
	KEY("requestheadersuseragent", SMI_KEY_AGENT, 0, false),
};

/* The bytes of a key that count; 0 is dropped. */
static const char folded[256] = {
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',
	['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
	['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e',
	['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j',
	['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o',
	['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't',
	['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y',
	['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd',
	['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i',
	['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n',
	['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's',
	['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x',
	['y'] = 'y', ['z'] = 'z',
};

static const struct smi_json_key *find(const char *name, size_t len)
{
	size_t low = 0, high = SMI_COUNT(keys);

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct smi_json_key *k = &keys[mid];
		int order = len == k->len  ? memcmp(name, k->name, len)
			    : len < k->len ? -1
					   : 1;

		if (order == 0)
			return k;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const struct smi_json_key *smi_json_key(const struct smi_json_key *outer,
					struct smi_span key)
{
	char name[SMI_JSON_KEY_MAX];
	size_t n = outer ? outer->len : 0;

	if (key.len > SMI_JSON_KEY_MAX)
		return NULL;
	if (n)
		memcpy(name, outer->name, n);
	for (size_t i = 0; i < key.len; i++) {
		unsigned char c = (unsigned char)key.p[i];

		if (!folded[c] && c != '_' && c != '-' && c != '.' && c != '@')
			return NULL;
		if (n == sizeof(name))
			return NULL;
		name[n] = folded[c];
		n += folded[c] != 0;
	}
	return find(name, n);
}

/* journald writes keys that begin with _ itself; all others are its clients'. */
static const struct smi_json_key journal_keys[] = {
	KEY("__REALTIME_TIMESTAMP", SMI_KEY_J_TIME, 1, false),
	KEY("_SOURCE_REALTIME_TIMESTAMP", SMI_KEY_J_TIME, 0, false),
	KEY("_HOSTNAME", SMI_KEY_J_HOST, 0, false),
	KEY("SYSLOG_IDENTIFIER", SMI_KEY_J_PROGRAM, 0, false),
	KEY("_COMM", SMI_KEY_J_PROGRAM, 1, false),
	KEY("SYSLOG_PID", SMI_KEY_J_PID, 0, false),
	KEY("_PID", SMI_KEY_J_PID, 1, false),
	KEY("MESSAGE", SMI_KEY_J_MESSAGE, 0, false),
};

const struct smi_json_key *smi_json_journal_key(struct smi_span key)
{
	if (!key.len || (key.p[0] != '_' && key.p[0] != 'S' && key.p[0] != 'M'))
		return NULL;
	for (size_t i = 0; i < SMI_COUNT(journal_keys); i++)
		if (key.len == journal_keys[i].len &&
		    memcmp(key.p, journal_keys[i].name, key.len) == 0)
			return &journal_keys[i];
	return NULL;
}
