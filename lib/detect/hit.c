/* SPDX-License-Identifier: MIT */
#include "detect/hit.h"

#include <stdlib.h>
#include <sysmon/sysmon.h>

#include "record/id.h"

static const char *const outcome_names[] = { "", "failure", "success" };

static bool lies_in(struct smi_span s, struct smi_span whole)
{
	return !s.len || (whole.len && s.p >= whole.p &&
			  s.p + s.len <= whole.p + whole.len);
}

static struct smi_span moved(struct smi_span s, struct smi_span from,
			     struct smi_span to)
{
	return s.len && lies_in(s, from)
		       ? smi_span_of(to.p + (s.p - from.p), s.len)
		       : smi_span_of("", 0);
}

struct smi_hit *smi_hit_new(const struct smi_line *line,
			    const struct smi_match *m, uint32_t ordinal,
			    size_t *bytes)
{
	const struct smi_span parts[] = { line->host, line->program,
					  line->message };
	size_t size = sizeof(struct smi_hit) + line->raw.len;
	struct smi_hit *h;
	char *p;

	/* What a source made beside the raw line goes behind it. */
	for (size_t i = 0; i < SMI_COUNT(parts); i++)
		size += lies_in(parts[i], line->raw) ? 0 : parts[i].len;
	h = smi_alloc(size);
	if (!h)
		return NULL;
	*h = (struct smi_hit){ .refs = 1,
			       .ordinal = ordinal,
			       .size = size,
			       .line = *line,
			       .match = *m };
	struct smi_span *spans[] = { &h->line.host, &h->line.program,
				     &h->line.message };
	h->line.raw.p = h->data;
	if (line->raw.len)
		memcpy(h->data, line->raw.p, line->raw.len);
	p = h->data + line->raw.len;
	for (size_t i = 0; i < SMI_COUNT(parts); i++) {
		*spans[i] = moved(parts[i], line->raw, h->line.raw);
		if (!parts[i].len || lies_in(parts[i], line->raw))
			continue;
		memcpy(p, parts[i].p, parts[i].len);
		*spans[i] = smi_span_of(p, parts[i].len);
		p += parts[i].len;
	}
	h->match.user = moved(m->user, line->message, h->line.message);
	h->match.source_host =
		moved(m->source_host, line->message, h->line.message);
	*bytes += size;
	return h;
}

void smi_hit_unref(struct smi_hit *h, size_t *bytes)
{
	if (!h || --h->refs)
		return;
	*bytes -= h->size;
	free(h);
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

uint32_t smi_ordinal(struct smi_ordinals *o, const struct smi_line *line)
{
	uint64_t h = mix((uint64_t)line->time, line->host.p, line->host.len);

	h = mix(h, line->raw.p, line->raw.len);
	if (o->slots[h % SMI_ORDINALS].hash != h)
		o->slots[h % SMI_ORDINALS].next = 0;
	o->slots[h % SMI_ORDINALS].hash = h;
	return o->slots[h % SMI_ORDINALS].next++;
}
