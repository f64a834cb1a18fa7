/* SPDX-License-Identifier: MIT */
#include "record/line.h"

#include "record/record.h"

void smi_line_room_done(struct smi_line_room *room)
{
	smi_buf_free(&room->text);
}

/* A line is its record under another name; an event has the same fields. */
static const sm_record *record_of(const sm_line *l)
{
	return (const sm_record *)l;
}

static int kind_of(const sm_line *l)
{
	return l ? record_of(l)->kind : 0;
}

SM_EXPORT const sm_line *sm_record_line(const sm_record *rec)
{
	if (!rec || (rec->kind != SM_KIND_LINE && rec->kind != SM_KIND_EVENT))
		return NULL;
	return (const sm_line *)rec;
}

static const char *text(const sm_line *l, unsigned field)
{
	return smi_rec_str(record_of(l), kind_of(l), field);
}

static int64_t number(const sm_line *l, unsigned field)
{
	return smi_rec_int(record_of(l), kind_of(l), field);
}

SM_EXPORT const char *sm_line_file(const sm_line *l)
{
	return text(l, SMI_LINE_FILE);
}

SM_EXPORT uint64_t sm_line_number(const sm_line *l)
{
	return (uint64_t)number(l, SMI_LINE_NUMBER);
}

SM_EXPORT uint64_t sm_line_offset(const sm_line *l)
{
	return (uint64_t)number(l, SMI_LINE_OFFSET);
}

SM_EXPORT int64_t sm_line_time(const sm_line *l)
{
	return smi_rec_time(record_of(l), kind_of(l), SMI_LINE_TIME);
}

SM_EXPORT const char *sm_line_host(const sm_line *l)
{
	return text(l, SMI_LINE_HOST);
}

SM_EXPORT const char *sm_line_program(const sm_line *l)
{
	return text(l, SMI_LINE_PROGRAM);
}

SM_EXPORT int32_t sm_line_pid(const sm_line *l)
{
	return (int32_t)number(l, SMI_LINE_PID);
}

SM_EXPORT const char *sm_line_message(const sm_line *l)
{
	return text(l, SMI_LINE_MESSAGE);
}

SM_EXPORT const void *sm_line_raw(const sm_line *l, size_t *len)
{
	unsigned field =
		kind_of(l) == SM_KIND_EVENT ? SMI_EVENT_RAW : SMI_LINE_RAW;
	struct smi_span raw = smi_rec_raw(record_of(l), kind_of(l), field);
	bool known = l && smi_rec_has(record_of(l), field);

	if (len)
		*len = known ? raw.len : 0;
	return known ? raw.p : NULL;
}
