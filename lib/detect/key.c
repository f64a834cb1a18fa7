/* SPDX-License-Identifier: MIT */
#include "detect/key.h"

#include "base/utf8.h"

struct maker {
	struct smi_buf *b;
	const struct smi_line *line;
	const struct smi_match *m;
	uint8_t bits4, bits6;
	size_t max; /* of a value */
};

static void add_part(struct maker *k, enum smi_role role, struct smi_span bytes)
{
	size_t len = SMI_MIN(bytes.len, k->max);
	char head[2] = { (char)role, (char)len };

	smi_buf_add(k->b, head, sizeof(head));
	smi_buf_add(k->b, bytes.p, len);
}

/* A peer that is known by name only stands for itself. */
static bool add_peer(struct maker *k)
{
	const struct smi_match *m = k->m;
	uint8_t cut = m->ip.family == 4 ? k->bits4 : k->bits6;
	bool want_prefix = k->bits4 || k->bits6;
	struct smi_prefix p;
	uint8_t bytes[18];

	if (!m->ip.family && m->source_host.len && !want_prefix) {
		add_part(k, SMI_ROLE_SOURCE_HOST, m->source_host);
		return true;
	}
	if (!m->ip.family || (want_prefix && !cut))
		return false;
	if (!cut)
		cut = m->ip.family == 4 ? 32 : 128;
	p = smi_prefix_of(&m->ip, cut);
	bytes[0] = p.ip.family;
	bytes[1] = p.bits;
	memcpy(bytes + 2, p.ip.b, 16);
	add_part(k, SMI_ROLE_SOURCE_IP,
		 smi_span_of(bytes, p.ip.family == 4 ? 6 : 18));
	return true;
}

static struct smi_span text_of(enum smi_role role, const struct smi_line *line,
			       const struct smi_match *m)
{
	switch (role) {
	case SMI_ROLE_SOURCE_HOST:
		return m->source_host;
	case SMI_ROLE_USER:
		return m->user;
	case SMI_ROLE_HOST:
		return line->host;
	case SMI_ROLE_PROGRAM:
		return line->program;
	case SMI_ROLE_URL:
		return line->web ? line->web->url : smi_span_of("", 0);
	default:
		return smi_span_of("", 0);
	}
}

static const uint16_t *port_of(enum smi_role role, const struct smi_match *m)
{
	if (role == SMI_ROLE_SOURCE_PORT)
		return &m->port;
	return role == SMI_ROLE_DEST_PORT ? &m->dest_port : NULL;
}

static bool add_role(struct maker *k, enum smi_role role)
{
	const struct smi_match *m = k->m;
	struct smi_span text = text_of(role, k->line, m);
	const uint16_t *port = port_of(role, m);

	if (port) {
		text = smi_span_of(port, sizeof(*port));
		if (!*port)
			return false;
	} else if (!text.len && (role != SMI_ROLE_USER || !m->has_user)) {
		return false;
	}
	add_part(k, role, text);
	return true;
}

bool smi_key_make(struct smi_buf *b, const enum smi_role *roles, size_t n,
		  const struct smi_line *line, const struct smi_match *m,
		  uint8_t bits4, uint8_t bits6)
{
	struct maker k = { b, line, m, bits4, bits6, SMI_KEY_MAX_TEXT };

	if (n > 1)
		k.max = SMI_KEY_MAX / n - 2;
	smi_buf_clear(b);
	for (size_t i = 0; i < n; i++) {
		bool ok = roles[i] == SMI_ROLE_SOURCE_IP
				  ? add_peer(&k)
				  : add_role(&k, roles[i]);

		if (!ok)
			return false;
	}
	return true;
}

bool smi_key_next(struct smi_span *key, struct smi_key_part *out)
{
	size_t len;

	if (key->len < 2)
		return false;
	len = (unsigned char)key->p[1];
	out->role = (enum smi_role)key->p[0];
	out->bytes = smi_span_head(smi_span_skip(*key, 2), len);
	*key = smi_span_skip(*key, 2 + len);
	return true;
}

static bool is_port(enum smi_role role)
{
	return role == SMI_ROLE_SOURCE_PORT || role == SMI_ROLE_DEST_PORT;
}

static bool check_part(const struct smi_key_part *part, enum smi_role role)
{
	struct smi_span b = part->bytes;

	/* A peer that is known by name only stands for itself. */
	if (part->role != role &&
	    (role != SMI_ROLE_SOURCE_IP || part->role != SMI_ROLE_SOURCE_HOST))
		return false;
	if (is_port(part->role))
		return b.len == sizeof(uint16_t);
	if (part->role != SMI_ROLE_SOURCE_IP)
		return true;
	return (b.len == 6 && b.p[0] == 4 && (uint8_t)b.p[1] <= 32) ||
	       (b.len == 18 && b.p[0] == 6 && (uint8_t)b.p[1] <= 128);
}

bool smi_key_check(struct smi_span key, const enum smi_role *roles, size_t n)
{
	struct smi_key_part part;

	for (size_t i = 0; i < n; i++)
		if (key.len < 2 || key.len - 2 < (uint8_t)key.p[1] ||
		    !smi_key_next(&key, &part) || !check_part(&part, roles[i]))
			return false;
	return key.len == 0;
}

static void add_address(struct smi_buf *b, struct smi_span bytes)
{
	struct smi_prefix p = { 0 };
	char text[SMI_IP_STRLEN];

	p.ip.family = (uint8_t)bytes.p[0];
	p.bits = (uint8_t)bytes.p[1];
	memcpy(p.ip.b, bytes.p + 2, bytes.len - 2);
	if (p.bits == (p.ip.family == 4 ? 32 : 128))
		smi_buf_str(b, smi_ip_format(&p.ip, text));
	else
		smi_buf_str(b, smi_prefix_format(&p, text));
}

void smi_key_text(struct smi_buf *b, const struct smi_key_part *part)
{
	uint16_t port;

	if (part->role == SMI_ROLE_SOURCE_IP) {
		add_address(b, part->bytes);
	} else if (is_port(part->role)) {
		memcpy(&port, part->bytes.p, sizeof(port));
		smi_buf_uint(b, port);
	} else {
		smi_utf8_escape(b, part->bytes);
	}
}

/* Of another domain than texts: no name hashes like an address on purpose. */
static uint64_t hash_address(const struct smi_siphash_key *sip,
			     const struct smi_ip *ip)
{
	struct smi_siphash_key own = { ~sip->k0, sip->k1 };
	uint32_t v4;

	if (ip->family != 4)
		return smi_siphash(&own, ip->b, sizeof(ip->b));
	memcpy(&v4, ip->b, sizeof(v4));
	return smi_siphash_u64(&own, v4);
}

bool smi_key_value(const struct smi_siphash_key *sip, enum smi_role role,
		   const struct smi_line *line, const struct smi_match *m,
		   uint64_t *out)
{
	const uint16_t *port = port_of(role, m);
	struct smi_span text;

	if (role == SMI_ROLE_SOURCE_IP && m->ip.family) {
		*out = hash_address(sip, &m->ip);
		return true;
	}
	text = text_of(role, line, m);
	if (role == SMI_ROLE_SOURCE_IP)
		text = m->source_host;
	else if (port && *port)
		text = smi_span_of(port, sizeof(*port));
	else if (role == SMI_ROLE_USER && !m->has_user)
		return false;
	if (!text.len && role != SMI_ROLE_USER)
		return false;
	*out = smi_siphash(sip, text.p,
			   SMI_MIN(text.len, (size_t)SMI_KEY_MAX_TEXT));
	return true;
}
