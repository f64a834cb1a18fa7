/* SPDX-License-Identifier: MIT */
/* Stores of keys: Redis, memcached. */
#include "portscan/match-all.h"

/* "name:value\r\n" of INFO. */
static struct smi_span info_value(struct smi_span text, const char *name)
{
	struct smi_span value = smi_span_str("");

	smi_text_between(text, name, "\r", &value);
	return value;
}

/* A bulk string, "$" length "\r\n" text "\r\n", with one "name:value" a line. */
static enum smi_match match_redis_info(struct smi_span reply, bool end,
				       struct smi_service_id *id)
{
	static const struct {
		const char *name, *product;
	} versions[] = {
		{ "\nvalkey_version:", "Valkey" },
		{ "\ndragonfly_version:", "Dragonfly" },
		{ "\nredis_version:", "Redis" },
	};
	struct smi_span rest = reply, line;
	uint64_t len;

	if (reply.len > 0 && reply.p[0] == '-')
		return smi_match_redis(reply, end, id);
	if (reply.len > 0 && reply.p[0] != '$')
		return SMI_MATCH_NO;
	if (smi_span_find(rest, '\n') == rest.len ||
	    !smi_text_line(&rest, end, &line))
		return smi_match_short(end);
	if (!smi_span_uint(smi_span_skip(line, 1), UINT16_MAX, &len))
		return SMI_MATCH_NO;
	if (rest.len < len)
		return smi_match_short(end);
	/* The line end before the first name. */
	rest = (struct smi_span){ rest.p - 1, (size_t)len + 1 };
	smi_id_set(id, "redis");
	id->open = true;
	for (size_t i = 0; i < SMI_COUNT(versions) && !id->version.len; i++) {
		id->version = info_value(rest, versions[i].name);
		id->product = smi_span_str(id->version.len ? versions[i].product
							   : "");
	}
	smi_id_add(id, "", info_value(rest, "\nredis_mode:"));
	smi_id_add(id, "", info_value(rest, "\nos:"));
	return SMI_MATCH_YES;
}

static const struct smi_question ask_redis_info = {
	.name = "redis-info",
	.request = SMI_REQUEST("INFO server\r\n"),
	.match = match_redis_info,
};

/* RESP: "+PONG\r\n", or an error that begins with a word in capitals. */
enum smi_match smi_match_redis(struct smi_span reply, bool end,
			       struct smi_service_id *id)
{
	static const struct {
		const char *begin, *info;
		bool open, next;
	} replies[] = {
		{ "+PONG\r\n", "", true, true },
		{ "-NOAUTH ", "asks for a password", false, false },
		{ "-DENIED ", "protected mode", false, false },
		{ "-LOADING ", "loading", false, true },
		{ "-MASTERDOWN ", "", false, true },
		{ "-ERR operation not permitted", "asks for a password", false,
		  false },
		{ "-ERR unknown command", "", false, true },
		{ "-ERR wrong number of arguments for 'get' command", "", false,
		  true },
	};

	for (size_t i = 0; i < SMI_COUNT(replies); i++) {
		enum smi_match begins =
			smi_text_begins(reply, replies[i].begin, end);

		if (begins == SMI_MATCH_NO)
			continue;
		if (begins == SMI_MATCH_MORE)
			return begins;
		smi_id_set(id, "redis");
		id->product = smi_span_str("Redis");
		smi_id_add(id, "", smi_span_str(replies[i].info));
		id->open = replies[i].open;
		id->next = replies[i].next ? &ask_redis_info : NULL;
		return SMI_MATCH_YES;
	}
	return SMI_MATCH_NO;
}

/* "VERSION 1.6.18\r\n". One that wants credentials says no more than that. */
enum smi_match smi_match_memcached(struct smi_span reply, bool end,
				   struct smi_service_id *id)
{
	static const char locked[] = "CLIENT_ERROR unauthenticated\r\n";
	enum smi_match begins = smi_text_begins(reply, "VERSION ", end);
	struct smi_span rest = smi_span_skip(reply, 8), line;

	if (begins == SMI_MATCH_NO) {
		begins = smi_text_begins(reply, locked, end);
		if (begins != SMI_MATCH_YES)
			return begins;
		smi_id_set(id, "memcached");
		id->product = smi_span_str("memcached");
		smi_id_add(id, "", SMI_SPAN("asks for credentials"));
		return SMI_MATCH_YES;
	}
	if (begins != SMI_MATCH_YES || smi_span_find(rest, '\n') == rest.len ||
	    !smi_text_line(&rest, end, &line))
		return smi_match_short(end);
	if (smi_text_version(line).len == 0)
		return SMI_MATCH_NO;
	smi_id_set(id, "memcached");
	id->product = smi_span_str("memcached");
	id->version = smi_text_version(line);
	id->open = true;
	return SMI_MATCH_YES;
}
