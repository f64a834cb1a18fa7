/* SPDX-License-Identifier: MIT */
/* MongoDB: BSON documents (bsonspec.org) in the messages of its wire protocol. */
#include "portscan/match-all.h"
#include "portscan/match-ask.h"

enum {
	OP_REPLY = 1,
	OP_MSG = 2013,
	REQUEST_ID = 0x6d737973,
	MAX_MESSAGE = 48000000, /* maxMessageSizeBytes */
};

struct bson_value {
	uint64_t type;
	struct smi_span
		text; /* the bytes of a value of up to 16, of a string */
};

/* The bytes of a value behind its name. */
static struct smi_span bson_bytes(struct smi_wire *w, uint64_t type)
{
	static const uint8_t sizes[] = {
		[0x01] = 8, [0x07] = 12, [0x08] = 1, [0x09] = 8,
		[0x10] = 4, [0x11] = 8,	 [0x12] = 8, [0x13] = 16,
	};
	struct smi_wire ahead = *w;

	switch (type) {
	case 0x02:
	case 0x0d:
	case 0x0e:
		return smi_wire_bytes(w, smi_wire_le(w, 4));
	case 0x03:
	case 0x04:
	case 0x0f:
		return smi_wire_bytes(w, smi_wire_le(&ahead, 4));
	case 0x05:
		return smi_wire_bytes(w, smi_wire_le(w, 4) + 1);
	case 0x0b:
		smi_wire_str(w);
		return smi_wire_str(w);
	case 0x06:
	case 0x0a:
	case 0x7f:
	case 0xff:
		return smi_span_str("");
	default:
		if (type >= SMI_COUNT(sizes) || sizes[type] == 0)
			w->over = true;
		return smi_wire_bytes(w, w->over ? 0 : sizes[type]);
	}
}

/* The element of that name, of the document alone and not of those inside. */
static bool bson_find(struct smi_span doc, const char *name,
		      struct bson_value *v)
{
	struct smi_wire w = smi_wire_of(doc);

	smi_wire_le(&w, 4);
	while (!w.over && (v->type = smi_wire_le(&w, 1)) != 0) {
		struct smi_span key = smi_wire_str(&w);

		v->text = bson_bytes(&w, v->type);
		if (!w.over && smi_span_eq_str(key, name))
			return true;
	}
	return false;
}

static bool bson_is_one(struct smi_span doc, const char *name)
{
	static const char one[] = "\0\0\0\0\0\0\xf0\x3f";
	struct bson_value v;

	if (!bson_find(doc, name, &v))
		return false;
	if (v.type == 0x01)
		return memcmp(v.text.p, one, 8) == 0;
	return v.text.len > 0 && v.text.p[0] == 1;
}

/* The document of an OP_REPLY or OP_MSG to us. */
static enum smi_match cut_document(struct smi_span reply, bool end,
				   struct smi_span *doc)
{
	struct smi_wire w = smi_wire_of(reply), body;
	uint64_t len = smi_wire_le(&w, 4), to, op, size;

	smi_wire_le(&w, 4);
	to = smi_wire_le(&w, 4);
	op = smi_wire_le(&w, 4);
	if (reply.len >= 4 && (len < 26 || len > MAX_MESSAGE))
		return SMI_MATCH_NO;
	if (reply.len >= 12 && to != REQUEST_ID)
		return SMI_MATCH_NO;
	if (!w.over && op != OP_REPLY && op != OP_MSG)
		return SMI_MATCH_NO;
	body = smi_wire_part(&w, len - 16);
	if (w.over)
		return smi_match_short(end);
	/* Flags, cursor, from, count; or flags and the kind of the section. */
	smi_wire_bytes(&body, op == OP_REPLY ? 20 : 5);
	*doc = body.left;
	size = smi_wire_le(&body, 4);
	if (body.over || size > doc->len)
		return SMI_MATCH_NO;
	*doc = smi_span_head(*doc, (size_t)size);
	return SMI_MATCH_YES;
}

static void set_mongodb(struct smi_service_id *id)
{
	smi_id_set(id, "mongodb");
	id->product = smi_span_str("MongoDB");
}

static enum smi_match match_databases(struct smi_span reply, bool end,
				      struct smi_service_id *id)
{
	struct smi_span doc;
	enum smi_match cut = cut_document(reply, end, &doc);

	if (cut != SMI_MATCH_YES)
		return cut;
	set_mongodb(id);
	id->open = bson_is_one(doc, "ok");
	if (!id->open)
		smi_id_add(id, "", SMI_SPAN("asks for credentials"));
	return SMI_MATCH_YES;
}

/* An OP_MSG of that length with a document of that length, one command on the
 * database admin. */
#define MSG(len, size, command)                                                \
	SMI_REQUEST(len "\0\0\0sysm\0\0\0\0\xdd\x07\0\0\0\0\0\0\0" size        \
			"\0\0\0\x10" command "\2$db\0\6\0\0\0admin\0\0")

static const struct smi_question ask_databases = {
	.name = "mongodb-databases",
	.request =
		MSG("\x47", "\x32", "listDatabases\0\1\0\0\0\x08nameOnly\0\1"),
	.match = match_databases,
};

static enum smi_match match_build(struct smi_span reply, bool end,
				  struct smi_service_id *id)
{
	struct smi_span doc;
	enum smi_match cut = cut_document(reply, end, &doc);
	struct bson_value v;

	if (cut != SMI_MATCH_YES)
		return cut;
	set_mongodb(id);
	if (bson_find(doc, "version", &v) && v.type == 0x02)
		id->version = smi_text_version(v.text);
	id->next = &ask_databases;
	return SMI_MATCH_YES;
}

static const struct smi_question ask_build = {
	.name = "mongodb-build",
	.request = MSG("\x38", "\x23", "buildInfo\0\1\0\0\0"),
	.match = match_build,
};

/* Of isMaster, which all versions answer, asked for by an OP_QUERY. */
enum smi_match smi_match_mongodb(struct smi_span reply, bool end,
				 struct smi_service_id *id)
{
	struct smi_span doc;
	enum smi_match cut = cut_document(reply, end, &doc);
	struct bson_value v;

	if (cut != SMI_MATCH_YES)
		return cut;
	set_mongodb(id);
	if (bson_find(doc, "setName", &v) && v.type == 0x02 && v.text.len > 0)
		smi_id_add(id, "replica set ",
			   smi_span_head(v.text, v.text.len - 1));
	id->next = &ask_build;
	return SMI_MATCH_YES;
}

const struct smi_question smi_ask_mongodb = {
	.name = "mongodb",
	.request = SMI_REQUEST(SMI_ASK_MONGODB),
	.match = smi_match_mongodb,
};
