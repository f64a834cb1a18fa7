/* SPDX-License-Identifier: MIT */
#include "logsrc/batch.h"

#include <stddef.h>
#include <stdlib.h>

int smi_batch_init(struct smi_batch *b, size_t verdict)
{
	*b = (struct smi_batch){ .stride = verdict, .cap = SMI_BATCH_BYTES };
	b->items = smi_alloc(SMI_BATCH_LINES * sizeof(*b->items));
	b->verdicts = smi_alloc(SMI_BATCH_LINES * verdict);
	b->text = smi_alloc(b->cap);
	if (b->items && b->verdicts && b->text)
		return 0;
	smi_batch_done(b);
	return -ENOMEM;
}

void smi_batch_done(struct smi_batch *b)
{
	free(b->items);
	free(b->verdicts);
	free(b->text);
	*b = (struct smi_batch){ 0 };
}

void smi_batch_clear(struct smi_batch *b)
{
	b->n = b->at = b->len = 0;
}

/* The spans of a line, and of the parts of an access line. */
static const size_t spans[] = {
	offsetof(struct smi_line, host),
	offsetof(struct smi_line, program),
	offsetof(struct smi_line, message),
	offsetof(struct smi_line, fields),
};
static const size_t web_spans[] = {
	offsetof(struct smi_web, client),  offsetof(struct smi_web, user),
	offsetof(struct smi_web, vhost),   offsetof(struct smi_web, method),
	offsetof(struct smi_web, url),	   offsetof(struct smi_web, protocol),
	offsetof(struct smi_web, referer), offsetof(struct smi_web, agent),
};

static struct smi_span *span_at(void *base, size_t offset)
{
	return (struct smi_span *)(void *)((char *)base + offset);
}

static bool lies_in(struct smi_span s, struct smi_span whole)
{
	return s.p >= whole.p && s.p + s.len <= whole.p + whole.len;
}

/* What the spans have outside of the raw line. */
static size_t outside(void *base, const size_t *at, size_t n,
		      struct smi_span raw)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		struct smi_span s = *span_at(base, at[i]);

		sum += lies_in(s, raw) ? 0 : s.len;
	}
	return sum;
}

static char *put(struct smi_batch *b, const void *p, size_t len)
{
	char *to = b->text + b->len;

	if (len)
		memcpy(to, p, len);
	b->len += len;
	return to;
}

/* To where raw was copied, or with a copy of their own. */
static void move_spans(struct smi_batch *b, void *base, const size_t *at,
		       size_t n, struct smi_span raw, char *copy)
{
	for (size_t i = 0; i < n; i++) {
		struct smi_span *s = span_at(base, at[i]);

		if (lies_in(*s, raw))
			s->p = copy + (s->p - raw.p);
		else if (s->p)
			s->p = put(b, s->p, s->len);
	}
}

static bool make_room(struct smi_batch *b, size_t need)
{
	char *text;

	if (need <= b->cap - b->len)
		return true;
	if (b->n)
		return false;
	text = smi_realloc(b->text, need);
	if (!text)
		return false;
	b->text = text;
	b->cap = need;
	return true;
}

static void copy_web(struct smi_batch *b, struct smi_line *line,
		     struct smi_span raw, char *copy)
{
	size_t align = _Alignof(struct smi_web);
	struct smi_web *web;

	b->len = (b->len + align - 1) / align * align;
	web = (struct smi_web *)(void *)put(b, line->web, sizeof(*web));
	move_spans(b, web, web_spans, SMI_COUNT(web_spans), raw, copy);
	line->web = web;
}

static int add_line(struct smi_batch *b, struct smi_batch_item *item)
{
	struct smi_line *line = &item->line;
	struct smi_span raw;
	size_t need;

	*line = *item->told.line;
	raw = line->raw;
	need = raw.len + outside(line, spans, SMI_COUNT(spans), raw);
	if (line->web)
		need += sizeof(*line->web) + _Alignof(struct smi_web) +
			outside((void *)(uintptr_t)line->web, web_spans,
				SMI_COUNT(web_spans), raw);
	if (!make_room(b, need))
		return b->n ? 0 : -ENOMEM;
	line->raw.p = put(b, raw.p, raw.len);
	move_spans(b, line, spans, SMI_COUNT(spans), raw,
		   (char *)(uintptr_t)line->raw.p);
	if (line->web)
		copy_web(b, line, raw, (char *)(uintptr_t)line->raw.p);
	line->room = NULL;
	item->told.line = line;
	return 1;
}

int smi_batch_add(struct smi_batch *b, const struct smi_told *told)
{
	struct smi_batch_item *item = &b->items[b->n];
	int r = 1;

	item->told = *told;
	if (told->what == SMI_MERGE_LINE)
		r = add_line(b, item);
	b->n += r == 1;
	return r;
}
