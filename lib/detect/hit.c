/* SPDX-License-Identifier: MIT */
#include "detect/hit.h"

#include <sysmon/sysmon.h>

#include "record/id.h"

static const char *const outcome_names[] = { "", "failure", "success" };

static bool lies_in(struct smi_span s, struct smi_span whole)
{
	return !s.len || (whole.len && s.p >= whole.p &&
			  s.p + s.len <= whole.p + whole.len);
}

/* A block behind the first one. */
struct piece {
	uint32_t next;
	char data[SMI_HIT_BLOCK - 4];
};

/*
 * Head of the packed bytes: pointers and the time as they are, the numbers with 7
 * bits a byte, then the places, with one byte a number where that does for all.
 */
#define HEAD_MAX 128
enum {
	NUMBER,
	OFFSET,
	ORDINAL,
	COUNT,
	PID,
	PORT,
	NNUMBERS
};
struct head {
	const struct smi_rule *rule;
	const char *file;
	int64_t time;
	uint64_t v[NNUMBERS];
	uint8_t family;
	bool has_user;
	uint32_t places[11]; /* raw.len; host, program, message, user, peer */
};
#define FIXED	 offsetof(struct head, v)
#define NPLACES	 11
#define WIDE	 0x80
#define HAS_USER 0x40

static size_t address_size(uint8_t family)
{
	return family == 6 ? 16 : family;
}

static char *pack_number(char *at, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*at++ = (char)(v | 0x80);
	*at++ = (char)v;
	return at;
}

static size_t pack_head(const struct head *h, char out[HEAD_MAX])
{
	uint32_t any = 0;
	char *at = out + FIXED;

	memcpy(out, h, FIXED);
	for (size_t i = 0; i < NNUMBERS; i++)
		at = pack_number(at, h->v[i]);
	for (size_t i = 0; i < NPLACES; i++)
		any |= h->places[i];
	*at++ = (char)(h->family | (h->has_user ? HAS_USER : 0) |
		       (any > UINT8_MAX ? WIDE : 0));
	if (any > UINT8_MAX) {
		memcpy(at, h->places, sizeof(h->places));
		return (size_t)(at - out) + sizeof(h->places);
	}
	for (size_t i = 0; i < NPLACES; i++)
		*at++ = (char)h->places[i];
	return (size_t)(at - out);
}

static const char *unpack_number(const char *p, uint64_t *out)
{
	unsigned shift = 0;

	*out = 0;
	do {
		*out |= (uint64_t)(*p & 0x7f) << shift;
		shift += 7;
	} while (*p++ & 0x80);
	return p;
}

static const char *unpack_head(const char *p, struct head *h)
{
	uint8_t flags;

	memcpy(h, p, FIXED);
	p += FIXED;
	for (size_t i = 0; i < NNUMBERS; i++)
		p = unpack_number(p, &h->v[i]);
	flags = (uint8_t)*p++;
	h->family = flags & 0x0f;
	h->has_user = flags & HAS_USER;
	if (flags & WIDE) {
		memcpy(h->places, p, sizeof(h->places));
		return p + sizeof(h->places);
	}
	for (size_t i = 0; i < NPLACES; i++)
		h->places[i] = (uint8_t)*p++;
	return p;
}

/* Where a part of from is, when from begins at base. */
static void place(struct smi_span s, struct smi_span from, size_t base,
		  uint32_t out[2])
{
	out[0] = s.len ? (uint32_t)(base + (size_t)(s.p - from.p)) : 0;
	out[1] = (uint32_t)s.len;
}

struct keeper {
	const struct smi_line *line;
	size_t end;		   /* where the next text goes */
	struct smi_span beside[5]; /* those that are not in raw */
	size_t nbeside;
};

/* A part of the raw line, or what a source made beside it: that goes behind. */
static void keep(struct keeper *k, struct smi_span s, uint32_t out[2])
{
	if (lies_in(s, k->line->raw)) {
		place(s, k->line->raw, 0, out);
		return;
	}
	out[0] = (uint32_t)k->end;
	out[1] = (uint32_t)s.len;
	k->end += s.len;
	k->beside[k->nbeside++] = s;
}

/* A part of the message, or else what a filter remembers of an earlier line. */
static void keep_within(struct keeper *k, struct smi_span s,
			const uint32_t message[2], uint32_t out[2])
{
	if (lies_in(s, k->line->message))
		place(s, k->line->message, message[0], out);
	else
		keep(k, s, out);
}

static void make_head(struct head *h, struct keeper *k,
		      const struct smi_match *m, uint32_t ordinal)
{
	const struct smi_line *line = k->line;
	uint32_t *at = h->places + 1;

	h->rule = m->rule;
	h->file = line->file;
	h->time = line->time;
	h->v[NUMBER] = line->number;
	h->v[OFFSET] = line->offset;
	h->v[ORDINAL] = ordinal;
	h->v[COUNT] = m->count;
	h->v[PID] = (uint32_t)line->pid;
	h->v[PORT] = m->port;
	h->family = m->ip.family;
	h->has_user = m->has_user;
	h->places[0] = (uint32_t)line->raw.len;
	keep(k, line->host, at);
	keep(k, line->program, at + 2);
	keep(k, line->message, at + 4);
	keep_within(k, m->user, at + 4, at + 6);
	keep_within(k, m->source_host, at + 4, at + 8);
}

static size_t count_pieces(size_t size)
{
	size_t first = sizeof(((struct smi_hit *)0)->data);
	size_t each = sizeof(((struct piece *)0)->data);

	return size > first ? (size - first + each - 1) / each : 0;
}

void smi_hit_free(struct smi_pool *pool, struct smi_hit *h)
{
	size_t n = count_pieces(h->size);
	uint32_t number = h->next;

	for (size_t i = 0; i < n; i++) {
		struct piece *p = smi_pool_at(pool, number);

		number = i == 0 ? h->second : i + 1 < n ? p->next : 0;
		smi_pool_free(pool, p, sizeof(*p));
		pool->hits -= SMI_HIT_BLOCK;
	}
	smi_pool_free(pool, h, sizeof(*h));
	pool->hits -= SMI_HIT_BLOCK;
}

static int alloc_hit(struct smi_pool *pool, size_t size, struct smi_hit **out)
{
	bool full = false;
	struct smi_hit *h = smi_pool_alloc(pool, sizeof(*h), &full);

	if (!h)
		return full ? -ENOSPC : -ENOMEM;
	*h = (struct smi_hit){ .refs = 1, .size = sizeof(h->data) };
	pool->hits += SMI_HIT_BLOCK;
	for (size_t n = count_pieces(size); n; n--) {
		struct piece *p = smi_pool_alloc(pool, sizeof(*p), &full);

		if (!p) {
			smi_hit_free(pool, h);
			return full ? -ENOSPC : -ENOMEM;
		}
		pool->hits += SMI_HIT_BLOCK;
		p->next = h->second = h->next;
		h->next = smi_pool_number(pool, p);
		h->size += sizeof(p->data);
	}
	h->size = (uint32_t)size;
	*out = h;
	return 0;
}

struct writer {
	const struct smi_pool *pool;
	char *at;
	size_t left;
	uint32_t next;
};

static void put(struct writer *w, const char *p, size_t len)
{
	while (len) {
		size_t n;

		if (!w->left) {
			struct piece *piece = smi_pool_at(w->pool, w->next);

			w->at = piece->data;
			w->left = sizeof(piece->data);
			w->next = piece->next;
		}
		n = SMI_MIN(len, w->left);
		memcpy(w->at, p, n);
		w->at += n;
		w->left -= n;
		p += n;
		len -= n;
	}
}

int smi_hit_new(struct smi_pool *pool, const struct smi_line *line,
		const struct smi_match *m, uint32_t ordinal,
		struct smi_hit **out)
{
	struct keeper k = { .line = line, .end = line->raw.len };
	struct head head;
	struct writer w;
	struct smi_hit *h;
	char packed[HEAD_MAX];
	size_t n;
	int r;

	make_head(&head, &k, m, ordinal);
	n = pack_head(&head, packed);
	r = alloc_hit(pool, n + address_size(m->ip.family) + k.end, &h);
	if (r < 0)
		return r;
	w = (struct writer){ pool, h->data, sizeof(h->data), h->next };
	put(&w, packed, n);
	put(&w, (const char *)m->ip.b, address_size(m->ip.family));
	put(&w, line->raw.p, line->raw.len);
	for (size_t i = 0; i < k.nbeside; i++)
		put(&w, k.beside[i].p, k.beside[i].len);
	*out = h;
	return 0;
}

/* The packed bytes in one piece; NULL when memory is out. */
static const char *join(struct smi_arena *a, const struct smi_pool *pool,
			const struct smi_hit *h)
{
	char *all = smi_arena_alloc(a, h->size + 1);
	size_t done = SMI_MIN(h->size, sizeof(h->data));

	if (!all)
		return NULL;
	memcpy(all, h->data, done);
	for (uint32_t next = h->next; next;) {
		const struct piece *p = smi_pool_at(pool, next);
		size_t n = SMI_MIN(h->size - done, sizeof(p->data));

		memcpy(all + done, p->data, n);
		done += n;
		next = p->next;
	}
	return all;
}

int smi_hit_read(struct smi_arena *a, const struct smi_pool *pool,
		 const struct smi_hit *h, struct smi_kept *out)
{
	const char *p = join(a, pool, h);
	struct smi_span parts[5];
	struct head head;

	if (!p)
		return -ENOMEM;
	p = unpack_head(p, &head);
	*out = (struct smi_kept){ .ordinal = (uint32_t)head.v[ORDINAL] };
	out->m.rule = head.rule;
	out->m.ip.family = head.family;
	out->m.has_user = head.has_user;
	out->m.port = (uint16_t)head.v[PORT];
	out->m.count = head.v[COUNT];
	memcpy(out->m.ip.b, p, address_size(out->m.ip.family));
	p += address_size(out->m.ip.family);
	for (size_t i = 0; i < SMI_COUNT(parts); i++)
		parts[i] = smi_span_of(p + head.places[1 + 2 * i],
				       head.places[2 + 2 * i]);
	out->m.user = parts[3];
	out->m.source_host = parts[4];
	out->line = (struct smi_line){ .file = head.file,
				       .number = head.v[NUMBER],
				       .offset = head.v[OFFSET],
				       .time = head.time,
				       .raw = smi_span_of(p, head.places[0]),
				       .host = parts[0],
				       .program = parts[1],
				       .message = parts[2],
				       .pid = (int32_t)head.v[PID] };
	return 0;
}

void smi_hit_parts(const struct smi_hit *h, struct smi_hit_parts *out)
{
	memcpy(out, h->data, sizeof(*out));
}

void smi_hit_pack(const struct smi_pool *pool, const struct smi_hit *h,
		  struct smi_buf *out)
{
	size_t skip = sizeof(struct smi_hit_parts), done, n;

	smi_pack_uint(out, h->size - skip);
	done = SMI_MIN(h->size, sizeof(h->data));
	smi_buf_add(out, h->data + skip, done - skip);
	for (uint32_t next = h->next; next;) {
		const struct piece *p = smi_pool_at(pool, next);

		n = SMI_MIN(h->size - done, sizeof(p->data));
		smi_buf_add(out, p->data, n);
		done += n;
		next = p->next;
	}
}

/* Everything that unpack_head() and its places reach is there. */
static bool is_hit(struct smi_span s)
{
	struct smi_unpack u = { s, false };
	uint32_t places[NPLACES];
	uint8_t flags;

	smi_unpack_raw64(&u);
	for (size_t i = 0; i < NNUMBERS; i++)
		smi_unpack_uint(&u, UINT64_MAX);
	s = smi_unpack_bytes(&u, 1);
	if (u.bad)
		return false;
	flags = (uint8_t)s.p[0];
	s = smi_unpack_bytes(&u, flags & WIDE ? sizeof(places) : NPLACES);
	flags &= 0x0f;
	if (u.bad || (flags && flags != 4 && flags != 6))
		return false;
	for (size_t i = 0; i < NPLACES; i++)
		places[i] = (uint8_t)s.p[i];
	if (s.len > NPLACES)
		memcpy(places, s.p, sizeof(places));
	smi_unpack_bytes(&u, address_size(flags));
	if (u.bad || places[0] > u.rest.len)
		return false;
	for (size_t i = 1; i < NPLACES; i += 2)
		if (places[i] > u.rest.len ||
		    places[i + 1] > u.rest.len - places[i])
			return false;
	return true;
}

int smi_hit_unpack(struct smi_pool *pool, struct smi_unpack *in,
		   const struct smi_hit_parts *parts, struct smi_hit **out)
{
	struct smi_span s = smi_unpack_text(in, 1 << 20);
	struct writer w;
	struct smi_hit *h;
	int r;

	if (in->bad || !is_hit(s)) {
		in->bad = true;
		return 0;
	}
	r = alloc_hit(pool, sizeof(*parts) + s.len, &h);
	if (r < 0)
		return r;
	w = (struct writer){ pool, h->data, sizeof(h->data), h->next };
	put(&w, (const char *)parts, sizeof(*parts));
	put(&w, s.p, s.len);
	*out = h;
	return 0;
}

static void set_id(struct smi_arena *a, sm_record *r,
		   const struct smi_line *line, uint32_t ordinal)
{
	struct smi_id id;
	char text[SMI_ID_STRLEN];

	smi_id_begin(&id);
	smi_id_part(&id, line->host);
	smi_id_int(&id, line->time);
	smi_id_part(&id, line->raw);
	smi_id_int(&id, ordinal);
	smi_id_end(&id, text);
	smi_set_const(r, SMI_EVENT_ID,
		      smi_arena_strndup(a, text, SMI_ID_STRLEN - 1));
}

static bool want(const struct smi_fieldset *fields, unsigned f)
{
	return smi_fieldset_has(fields, f);
}

static void set_line(struct smi_arena *a, sm_record *r,
		     const struct smi_fieldset *fields,
		     const struct smi_line *line)
{
	if (want(fields, SMI_EVENT_FILE))
		smi_set_const(r, SMI_EVENT_FILE, line->file);
	if (want(fields, SMI_EVENT_NUMBER) && line->number)
		smi_set_int(r, SMI_EVENT_NUMBER, (int64_t)line->number);
	if (want(fields, SMI_EVENT_OFFSET) && line->number)
		smi_set_int(r, SMI_EVENT_OFFSET, (int64_t)line->offset);
	if (want(fields, SMI_EVENT_TIME) && line->time != SM_TIME_NONE)
		smi_set_int(r, SMI_EVENT_TIME, line->time);
	if (want(fields, SMI_EVENT_HOST) && line->host.len)
		smi_set_text(a, r, SMI_EVENT_HOST, line->host);
	if (want(fields, SMI_EVENT_PROGRAM) && line->program.len)
		smi_set_text(a, r, SMI_EVENT_PROGRAM, line->program);
	if (want(fields, SMI_EVENT_PID) && line->pid)
		smi_set_int(r, SMI_EVENT_PID, line->pid);
	if (want(fields, SMI_EVENT_MESSAGE)) {
		smi_set_text(a, r, SMI_EVENT_MESSAGE, line->message);
		smi_set_raw(a, r, SMI_EVENT_RAW, line->raw);
	}
}

static void set_peer(struct smi_arena *a, sm_record *r,
		     const struct smi_fieldset *fields,
		     const struct smi_match *m)
{
	char text[SMI_IP_STRLEN];

	if (want(fields, SMI_EVENT_SOURCE_IP) && m->ip.family) {
		smi_ip_format(&m->ip, text);
		smi_set_const(r, SMI_EVENT_SOURCE_IP,
			      smi_arena_strndup(a, text, strlen(text)));
	}
	if (want(fields, SMI_EVENT_SOURCE_PORT) && m->port)
		smi_set_int(r, SMI_EVENT_SOURCE_PORT, m->port);
	if (want(fields, SMI_EVENT_SOURCE_HOST) && m->source_host.len)
		smi_set_text(a, r, SMI_EVENT_SOURCE_HOST, m->source_host);
	if (want(fields, SMI_EVENT_USER) && m->has_user)
		smi_set_text(a, r, SMI_EVENT_USER, m->user);
}

sm_record *smi_hit_record(struct smi_arena *a,
			  const struct smi_fieldset *fields,
			  const struct smi_line *line,
			  const struct smi_match *m, uint32_t ordinal)
{
	sm_record *r = smi_rec_new(a, SM_KIND_EVENT);
	const struct smi_rule *rule = m->rule;

	if (!r)
		return NULL;
	if (want(fields, SMI_EVENT_ID))
		set_id(a, r, line, ordinal);
	set_line(a, r, fields, line);
	if (want(fields, SMI_EVENT_RULE))
		smi_set_const(r, SMI_EVENT_RULE, rule->id);
	if (want(fields, SMI_EVENT_ACTION))
		smi_set_const(r, SMI_EVENT_ACTION, rule->action);
	if (want(fields, SMI_EVENT_OUTCOME) && rule->outcome) {
		smi_set_const(r, SMI_EVENT_OUTCOME,
			      outcome_names[rule->outcome]);
		smi_set_int(r, SMI_EVENT_OUTCOME_CODE, rule->outcome);
	}
	if (want(fields, SMI_EVENT_FAILURE))
		smi_set_int(r, SMI_EVENT_FAILURE, rule->failure);
	set_peer(a, r, fields, m);
	if (want(fields, SMI_EVENT_COUNT))
		smi_set_int(r, SMI_EVENT_COUNT, (int64_t)m->count);
	return r;
}

/* No secret is in it: who makes two lines meet here gives one of them another
 * ordinal, no more. */
static uint64_t mix(uint64_t h, const void *p, size_t len)
{
	const unsigned char *q = p;
	uint64_t w;

	for (; len >= 8; len -= 8, q += 8) {
		memcpy(&w, q, 8);
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	w = len;
	while (len--)
		w = w << 8 | *q++;
	h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

uint64_t smi_line_hash(const struct smi_line *line)
{
	uint64_t h = mix(0, line->host.p, line->host.len);

	h = mix(h, line->raw.p, line->raw.len);
	return h ? h : 1;
}

uint32_t smi_ordinal(struct smi_ordinals *o, uint64_t hash, int64_t time)
{
	uint64_t h = mix(hash, &time, sizeof(time));

	if (o->slots[h % SMI_ORDINALS].hash != h)
		o->slots[h % SMI_ORDINALS].next = 0;
	o->slots[h % SMI_ORDINALS].hash = h;
	return o->slots[h % SMI_ORDINALS].next++;
}
