/* SPDX-License-Identifier: MIT */
/* Brokers of messages: MQTT, AMQP, NATS. */
#include "base/json.h"
#include "portscan/match-all.h"

enum {
	MQTT_CONNACK = 0x20,
	MQTT_SUBACK = 0x90,
	MQTT_PUBLISH = 0x30,
};

/* To a subscription of the topic where Mosquitto tells its version: SUBACK, then
 * the message that was retained, or first the message. */
static enum smi_match match_mqtt_version(struct smi_span reply, bool end,
					 struct smi_service_id *id)
{
	struct smi_wire w = smi_wire_of(reply), body;
	struct smi_span topic, text;
	uint64_t type;

	do {
		type = smi_wire_be(&w, 1) & 0xf0;
		body = smi_wire_part(&w, smi_wire_be(&w, 1));
		if (w.over)
			return smi_match_short(end);
		if (type != MQTT_SUBACK && type != MQTT_PUBLISH)
			return SMI_MATCH_NO;
	} while (type != MQTT_PUBLISH);
	topic = smi_wire_bytes(&body, smi_wire_be(&body, 2));
	if (!smi_span_eq_str(topic, "$SYS/broker/version"))
		return SMI_MATCH_NO;
	text = body.left;
	if (!smi_span_starts(text, SMI_SPAN("mosquitto version ")))
		return SMI_MATCH_NO;
	smi_id_set(id, "mqtt");
	id->product = smi_span_str("Mosquitto");
	id->version = smi_text_version(smi_span_skip(text, 18));
	return SMI_MATCH_YES;
}

static const struct smi_question ask_mqtt_version = {
	.name = "mqtt-version",
	.request = SMI_REQUEST("\x82\x18\0\1\0\x13$SYS/broker/version\0"),
	.match = match_mqtt_version,
};

/* MQTT 3.1.1, 3.2: what it says to a CONNECT without user and password. */
enum smi_match smi_match_mqtt(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	static const char *const refusals[] = {
		NULL,
		"refused: protocol version",
		"refused: client identifier",
		"refused: not available",
		"asks for user and password",
		"asks for credentials",
	};
	enum smi_match begins = smi_text_begins(reply, "\x20\2", end);
	uint8_t code;

	if (begins != SMI_MATCH_YES)
		return begins;
	if (reply.len < 4)
		return smi_match_short(end);
	code = (uint8_t)reply.p[3];
	if ((uint8_t)reply.p[2] > 1 || code >= SMI_COUNT(refusals))
		return SMI_MATCH_NO;
	smi_id_set(id, "mqtt");
	id->open = code == 0;
	if (id->open)
		id->next = &ask_mqtt_version;
	else
		smi_id_add(id, "", smi_span_str(refusals[code]));
	return SMI_MATCH_YES;
}

/* A value of a field table of AMQP 0-9-1 (4.2.5.5, and its errata); text: of a long
 * string. */
static void amqp_value(struct smi_wire *w, struct smi_span *text)
{
	static const char sizes[] = "t1b1B1s2U2u2I4i4l8L8f4d8T8D5V0";
	uint64_t type = smi_wire_be(w, 1);

	*text = smi_span_str("");
	if (type == 'S' || type == 'x' || type == 'F' || type == 'A') {
		*text = smi_wire_bytes(w, smi_wire_be(w, 4));
		if (type != 'S')
			*text = smi_span_str("");
		return;
	}
	for (const char *s = sizes; *s; s += 2) {
		if ((uint64_t)s[0] == type) {
			smi_wire_bytes(w, (uint64_t)(s[1] - '0'));
			return;
		}
	}
	w->over = true;
}

/* The string of that name in a table. */
static struct smi_span amqp_field(struct smi_wire table, const char *name)
{
	while (!table.over && table.left.len > 0) {
		struct smi_span key =
			smi_wire_bytes(&table, smi_wire_be(&table, 1));
		struct smi_span text;

		amqp_value(&table, &text);
		if (!table.over && smi_span_eq_str(key, name))
			return text;
	}
	return smi_span_str("");
}

/* The method Connection.Start in a frame; or the header of the version that it
 * speaks instead. */
enum smi_match smi_match_amqp(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	enum {
		METHOD = 1,
		CONNECTION = 10,
		START = 10,
		FRAME_END = 0xce
	};
	struct smi_wire w = smi_wire_of(reply), body, table;
	enum smi_match begins = smi_text_begins(reply, "AMQP", end);
	uint64_t type, channel, class_method;
	static const char start[] = "\1\0\0";

	if (begins == SMI_MATCH_MORE)
		return begins;
	if (begins == SMI_MATCH_YES) {
		if (reply.len < 8)
			return smi_match_short(end);
		smi_id_set(id, "amqp");
		smi_id_addf(id, "protocol %u.%u.%u", (uint8_t)reply.p[5],
			    (uint8_t)reply.p[6], (uint8_t)reply.p[7]);
		return SMI_MATCH_YES;
	}
	if (memcmp(reply.p, start, SMI_MIN(reply.len, 3)) != 0)
		return SMI_MATCH_NO;
	type = smi_wire_be(&w, 1);
	channel = smi_wire_be(&w, 2);
	body = smi_wire_part(&w, smi_wire_be(&w, 4));
	if (w.over) {
		if (reply.len >= 11 &&
		    memcmp(reply.p + 7, "\0\x0a\0\x0a", 4) != 0)
			return SMI_MATCH_NO;
		return smi_match_short(end);
	}
	class_method = smi_wire_be(&body, 4);
	if (type != METHOD || channel != 0 ||
	    class_method != (CONNECTION << 16 | START))
		return SMI_MATCH_NO;
	smi_wire_bytes(&body, 2);
	table = smi_wire_part(&body, smi_wire_be(&body, 4));
	if (body.over)
		return SMI_MATCH_NO;
	smi_id_set(id, "amqp");
	id->product = amqp_field(table, "product");
	id->version = smi_text_version(amqp_field(table, "version"));
	smi_id_add(id, "", amqp_field(table, "platform"));
	smi_id_add(id, "cluster ", amqp_field(table, "cluster_name"));
	return SMI_MATCH_YES;
}

/* A scalar of the object; empty: none. */
static struct smi_span nats_member(struct smi_span object, const char *name)
{
	struct smi_json j;
	struct smi_json_value v;
	struct smi_span key;

	smi_json_init(&j, object);
	smi_json_open(&j, '{');
	while (smi_json_member(&j, &key)) {
		if (!smi_span_eq_str(key, name))
			smi_json_skip(&j);
		else if (smi_json_value(&j, &v))
			return v.text;
	}
	return smi_span_str("");
}

static bool is_object(struct smi_span text)
{
	struct smi_json j;

	smi_json_init(&j, text);
	return smi_json_peek(&j) == SMI_JSON_OBJECT && smi_json_skip(&j) &&
	       smi_json_done(&j);
}

/* INFO {"server_id":"N...","version":"2.9.10",...} */
enum smi_match smi_match_nats(struct smi_span reply, bool end,
			      struct smi_service_id *id)
{
	enum smi_match begins = smi_text_begins(reply, "INFO {", end);
	size_t n = smi_span_find(reply, '\n');
	struct smi_span info = smi_span_skip(smi_span_head(reply, n), 5);

	if (begins != SMI_MATCH_YES)
		return begins;
	if (n == reply.len)
		return smi_match_short(end);
	if (!is_object(info) || !nats_member(info, "server_id").len)
		return SMI_MATCH_NO;
	smi_id_set(id, "nats");
	id->product = smi_span_str("nats-server");
	id->version = smi_text_version(nats_member(info, "version"));
	id->open = !smi_span_eq_str(nats_member(info, "auth_required"), "true");
	if (!id->open)
		smi_id_add(id, "", SMI_SPAN("asks for credentials"));
	if (smi_span_eq_str(nats_member(info, "tls_required"), "true"))
		smi_id_add(id, "", SMI_SPAN("requires TLS"));
	return SMI_MATCH_YES;
}
