/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "logsrc/export.h"

static void inside(struct smi_span part, struct smi_span whole)
{
	if (part.len &&
	    (part.p < whole.p || part.p + part.len > whole.p + whole.len))
		abort();
}

static int read_entries(struct smi_export *e, struct smi_lines *l,
			struct smi_line *line)
{
	struct smi_span first;
	uint64_t offset;
	int r = 0;

	if (!e->on && smi_lines_next(l, &first, &offset))
		smi_export_first(e, first, offset);
	while (e->on && (r = smi_export_next(e, l, line)) > 0) {
		if (r == SMI_EXPORT_LINE) {
			inside(line->raw, smi_span_of(l->buf, l->end));
			continue;
		}
		inside(line->host, line->raw);
		inside(line->program, line->raw);
		inside(line->message, line->raw);
		if (line->raw.len > SMI_LINE_MAX)
			abort();
	}
	return r;
}

/* The first byte says how much a read gives, and whether it goes on from the middle
 * and may be written still; the rest is an export. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_line_room_done) struct smi_line_room parts = { 0 };
	SMI_CLEANUP(smi_export_done) struct smi_export e = { 0 };
	struct smi_line line = { .room = &parts };
	size_t step = size ? (size_t)data[0] * data[0] + 1 : 1;
	struct smi_lines l;
	bool leave;

	if (!size || smi_lines_init(&l, SMI_LINES_MIN) < 0)
		return 0;
	if (data[0] & 1)
		smi_export_go_on(&e, 7);
	leave = data[0] & 2;
	data++;
	size--;
	while (!l.at_end) {
		size_t room;
		char *p = smi_lines_room(&l, &room);

		room = SMI_MIN(SMI_MIN(room, step), size);
		memcpy(p, data, room);
		data += room;
		size -= room;
		if (!room && leave) {
			l.pos = l.end;
			smi_export_leave(&e);
		}
		smi_lines_filled(&l, room);
		if (read_entries(&e, &l, &line) < 0)
			break;
	}
	smi_lines_done(&l);
	return 0;
}
