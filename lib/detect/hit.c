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

/* Where a part of from is, when from begins at base. */
static struct smi_place place(struct smi_span s, struct smi_span from,
			      uint32_t base)
{
	if (!s.len || !lies_in(s, from))
		return (struct smi_place){ 0 };
	return (struct smi_place){ base + (uint32_t)(s.p - from.p),
				   (uint32_t)s.len };
}

/* A part of the raw line, or what a source made beside it: that goes behind. */
static struct smi_place keep(struct smi_hit *h, struct smi_span s,
			     struct smi_span raw, uint32_t *end)
{
	struct smi_place at = { *end, (uint32_t)s.len };

	if (lies_in(s, raw))
		return place(s, raw, 0);
	memcpy(h->data + *end, s.p, s.len);
	*end += at.len;
	return at;
}

/* A part of the message, or else what a filter remembers of an earlier line. */
static struct smi_place keep_within(struct smi_hit *h, struct smi_span s,
				    const struct smi_line *line, uint32_t *end)
{
	if (lies_in(s, line->message))
		return place(s, line->message, h->message.at);
	return keep(h, s, line->raw, end);
}

int smi_hit_new(struct smi_pool *pool, const struct smi_line *line,
		const struct smi_match *m, uint32_t ordinal,
		struct smi_hit **out)
{
	const struct smi_span parts[] = { line->host, line->program,
					  line->message, m->user,
					  m->source_host };
	size_t size = sizeof(struct smi_hit) + line->raw.len;
	uint32_t end = (uint32_t)line->raw.len;
	bool full = false;
	struct smi_hit *h;

	for (size_t i = 0; i < SMI_COUNT(parts); i++)
		size += lies_in(parts[i], line->raw) ? 0 : parts[i].len;
	h = smi_pool_alloc(pool, size, &full);
	if (!h)
		return full ? -ENOSPC : -ENOMEM;
	*h = (struct smi_hit){ .refs = 1,
			       .ordinal = ordinal,
			       .size = (uint32_t)size,
			       .raw_len = end,
			       .file = line->file,
			       .header = line->header,
			       .number = line->number,
			       .offset = line->offset,
			       .time = line->time,
			       .rule = m->rule,
			       .count = (uint32_t)m->count,
			       .pid = line->pid,
			       .family = m->ip.family,
			       .has_user = m->has_user,
			       .port = m->port };
	if (end)
		memcpy(h->data, line->raw.p, end);
	memcpy(h->address, m->ip.b, sizeof(h->address));
	h->host = keep(h, line->host, line->raw, &end);
	h->program = keep(h, line->program, line->raw, &end);
	h->message = keep(h, line->message, line->raw, &end);
	h->user = keep_within(h, m->user, line, &end);
	h->source_host = keep_within(h, m->source_host, line, &end);
	*out = h;
	return 0;
}

static struct smi_span text(const struct smi_hit *h, struct smi_place at)
{
	return smi_span_of(h->data + at.at, at.len);
}

void smi_hit_read(const struct smi_hit *h, struct smi_line *line,
		  struct smi_match *m)
{
	*line = (struct smi_line){ .file = h->file,
				   .number = h->number,
				   .offset = h->offset,
				   .time = h->time,
				   .raw = smi_span_of(h->data, h->raw_len),
				   .host = text(h, h->host),
				   .program = text(h, h->program),
				   .message = text(h, h->message),
				   .pid = h->pid,
				   .header = h->header };
	*m = (struct smi_match){ .rule = h->rule,
				 .user = text(h, h->user),
				 .source_host = text(h, h->source_host),
				 .ip = { .family = h->family },
				 .port = h->port,
				 .has_user = h->has_user,
				 .count = h->count };
	memcpy(m->ip.b, h->address, sizeof(m->ip.b));
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
