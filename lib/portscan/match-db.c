/* SPDX-License-Identifier: MIT */
/* Databases of SQL: MySQL and MariaDB, PostgreSQL. */
#include "portscan/match-all.h"

/* "8.0.36-0ubuntu0.22.04.1", and "5.5.5-10.11.6-MariaDB-0+deb12u1", where what is
 * before the first dash is for clients that know no version 10. */
static void mysql_version(struct smi_span text, struct smi_service_id *id)
{
	bool maria = smi_text_has(text, "MariaDB");
	size_t dash;

	id->product = smi_span_str(maria ? "MariaDB" : "MySQL");
	if (maria && smi_span_starts(text, SMI_SPAN("5.5.5-")))
		text = smi_span_skip(text, 6);
	dash = smi_span_find(text, '-');
	id->version = smi_text_version(smi_span_head(text, dash));
	text = smi_span_skip(text, dash + 1);
	if (smi_span_starts(text, SMI_SPAN("MariaDB")))
		text = smi_span_skip(text, SMI_SPAN("MariaDB-").len);
	smi_id_add(id, "", text);
}

static void mysql_error(struct smi_wire *w, struct smi_service_id *id)
{
	smi_id_set(id, "mysql");
	/* An SQL state: "#08004". */
	if (smi_span_starts(w->left, SMI_SPAN("#")))
		smi_wire_bytes(w, 6);
	if (smi_text_has(w->left, "MariaDB"))
		id->product = smi_span_str("MariaDB");
	else if (smi_text_has(w->left, "MySQL"))
		id->product = smi_span_str("MySQL");
	smi_id_add(id, "refused: ", w->left);
}

/* The packet HandshakeV10 of its client/server protocol, or an ERR_Packet. */
enum smi_match smi_match_mysql(struct smi_span reply, bool end,
			       struct smi_service_id *id)
{
	enum {
		HANDSHAKE = 10,
		ERROR = 255,
		CLIENT_SSL = 0x800
	};
	struct smi_wire w = smi_wire_of(reply), body;
	uint64_t len = smi_wire_le(&w, 3), seq = smi_wire_le(&w, 1), type, code;
	struct smi_span version;
	uint64_t capabilities;

	if (!w.over && (len < 5 || len > 1024 || seq > 1))
		return SMI_MATCH_NO;
	if (reply.len > 4 && (uint8_t)reply.p[4] != HANDSHAKE &&
	    (uint8_t)reply.p[4] != ERROR)
		return SMI_MATCH_NO;
	body = smi_wire_part(&w, len);
	if (w.over)
		return smi_match_short(end);
	type = smi_wire_le(&body, 1);
	if (type == ERROR) {
		code = smi_wire_le(&body, 2);
		if (code < 1000 || code >= 5000)
			return SMI_MATCH_NO;
		mysql_error(&body, id);
		return SMI_MATCH_YES;
	}
	version = smi_wire_str(&body);
	smi_wire_bytes(&body, 4 + 8 + 1);
	capabilities = smi_wire_le(&body, 2);
	if (body.over || smi_text_version(version).len == 0)
		return SMI_MATCH_NO;
	smi_id_set(id, "mysql");
	mysql_version(version, id);
	if (capabilities & CLIENT_SSL)
		smi_id_add(id, "", SMI_SPAN("offers TLS"));
	return SMI_MATCH_YES;
}

/* The text of field 'M' of an ErrorResponse. */
static struct smi_span pg_message(struct smi_wire *fields)
{
	while (!fields->over) {
		uint64_t type = smi_wire_be(fields, 1);
		struct smi_span text = smi_wire_str(fields);

		if (type == 'M')
			return text;
		if (type == 0)
			break;
	}
	return smi_span_str("");
}

static void pg_set(struct smi_service_id *id)
{
	smi_id_set(id, "postgresql");
	id->product = smi_span_str("PostgreSQL");
}

static void pg_parameter(struct smi_wire *body, struct smi_service_id *id)
{
	struct smi_span name = smi_wire_str(body), value = smi_wire_str(body);
	struct smi_span version = smi_text_version(value);

	if (body->over || !smi_span_eq_str(name, "server_version"))
		return;
	id->version = version;
	smi_id_add(id, "", smi_span_skip(value, version.len));
}

/* AuthenticationXXX of the messages of its protocol 3.0. */
static void pg_authentication(uint64_t how, struct smi_service_id *id)
{
	static const char *const names[] = {
		[2] = "Kerberos", [3] = "password in clear",
		[5] = "MD5",	  [7] = "GSSAPI",
		[9] = "SSPI",	  [10] = "SASL",
	};

	if (how == 0)
		id->open = true;
	else if (how < SMI_COUNT(names) && names[how])
		smi_id_add(id, "authentication ", smi_span_str(names[how]));
}

struct pg_message {
	uint64_t type, how; /* how: of an authentication */
	struct smi_wire body;
};

/* The next of the messages behind a startup message: type, length, body. */
static bool pg_next(struct smi_wire *w, struct pg_message *m)
{
	uint64_t len;

	m->type = smi_wire_be(w, 1);
	len = smi_wire_be(w, 4);
	m->body = smi_wire_part(w, len - 4);
	m->how = m->type == 'R' ? smi_wire_be(&m->body, 4) : 0;
	return !w->over && !m->body.over;
}

/* It asks for a password, refuses, or waits for a query. */
static bool pg_is_last(const struct pg_message *m)
{
	return m->type == 'E' || m->type == 'Z' || m->how != 0;
}

static enum smi_match match_pg_startup(struct smi_span reply, bool end,
				       struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply);
	struct pg_message m;
	bool some = false, last = false;

	if (reply.len > 0 && !smi_text_is_one(reply.p[0], "REv"))
		return SMI_MATCH_NO;
	while (!last && pg_next(&w, &m)) {
		some = true;
		last = pg_is_last(&m);
	}
	if (!last && !(end && some))
		return smi_match_short(end);
	pg_set(id);
	w = smi_wire_of(reply);
	for (last = false; !last && pg_next(&w, &m); last = pg_is_last(&m)) {
		if (m.type == 'R')
			pg_authentication(m.how, id);
		else if (m.type == 'S')
			pg_parameter(&m.body, id);
		else if (m.type == 'E')
			smi_id_add(id, "refused: ", pg_message(&m.body));
	}
	return SMI_MATCH_YES;
}

static const struct smi_question ask_pg_startup = {
	.name = "postgresql-startup",
	.request = SMI_REQUEST("\0\0\0\x29\0\3\0\0"
			       "user\0postgres\0database\0postgres\0\0"),
	.vague = true,
	.match = match_pg_startup,
};

/* To an SSLRequest the answer is one byte; an error message where it is too busy. */
enum smi_match smi_match_postgresql(struct smi_span reply, bool end,
				    struct smi_service_id *id)
{
	if (reply.len == 0)
		return smi_match_short(end);
	if (reply.p[0] == 'E')
		return match_pg_startup(reply, end, id);
	if (reply.len != 1 || (reply.p[0] != 'S' && reply.p[0] != 'N'))
		return SMI_MATCH_NO;
	pg_set(id);
	if (reply.p[0] == 'S')
		id->starttls = SMI_STARTTLS_POSTGRESQL;
	else
		smi_id_add(id, "", SMI_SPAN("no TLS"));
	id->next = &ask_pg_startup;
	return SMI_MATCH_YES;
}
