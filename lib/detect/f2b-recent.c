/* SPDX-License-Identifier: MIT */
#include "detect/f2b-recent.h"

void smi_f2b_recent_free(struct smi_f2b_recent *r)
{
	smi_buf_free(&r->text);
}

static struct smi_f2b_old *old_at(struct smi_f2b_recent *r, uint64_t i)
{
	return &r->v[i % SMI_F2B_MAX_LINES];
}

/* What no window has room for is forgotten. */
static void forget(struct smi_f2b_recent *r)
{
	size_t from;

	while (r->first < r->n &&
	       r->text.len - old_at(r, r->first)->at > SMI_F2B_WINDOW_BYTES)
		r->first++;
	from = r->first < r->n ? old_at(r, r->first)->at : r->text.len;
	memmove(r->text.p, r->text.p + from, r->text.len - from);
	r->text.len -= from;
	for (uint64_t i = r->first; i < r->n; i++)
		old_at(r, i)->at -= from;
}

int smi_f2b_recent_add(struct smi_f2b_recent *r, const struct smi_line *line)
{
	if (r->text.len > 2 * SMI_F2B_WINDOW_BYTES)
		forget(r);
	if (r->n - r->first == SMI_F2B_MAX_LINES)
		r->first++;
	*old_at(r, r->n) =
		(struct smi_f2b_old){ .at = r->text.len,
				      .len = line->raw.len,
				      .fields = line->fields.len,
				      .has_fields = line->fields.p != NULL,
				      .file = line->file,
				      .header = line->header };
	smi_buf_span_add(&r->text, line->raw);
	smi_buf_span_add(&r->text, line->fields);
	if (smi_buf_error(&r->text))
		return -ENOMEM;
	r->n++;
	return 0;
}

struct smi_line smi_f2b_recent_line(const struct smi_f2b_recent *r, uint64_t i)
{
	const struct smi_f2b_old *o = &r->v[i % SMI_F2B_MAX_LINES];

	struct smi_span raw = smi_span_of(r->text.p + o->at, o->len);
	struct smi_line line = { .file = o->file,
				 .header = o->header,
				 .time = INT64_MIN,
				 .raw = raw };

	if (o->has_fields)
		line.fields = smi_span_of(raw.p + raw.len, o->fields);
	return line;
}
