/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "logsrc/header.h"
#include "logsrc/lines.h"

static bool lies_in(struct smi_span part, struct smi_span whole)
{
	return !part.len ||
	       (part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

/* In the line, or in what was unescaped of it. */
static void inside(struct smi_span part, const struct smi_line *l)
{
	if (!lies_in(part, l->raw) &&
	    !lies_in(part, smi_buf_span(&l->room->text)))
		abort();
}

static void check_web(const struct smi_web *w, const struct smi_line *l)
{
	const struct smi_span parts[] = { w->client,  w->user, w->vhost,
					  w->method,  w->url,  w->protocol,
					  w->referer, w->agent };

	for (size_t i = 0; i < SMI_COUNT(parts); i++)
		inside(parts[i], l);
	if (w->status && (w->status < 100 || w->status > 999))
		abort();
}

/* Names that a form of line stands for. */
static bool is_ours(struct smi_span program)
{
	static const char *const names[] = { "apache2", "audit", "kernel",
					     "nginx" };

	for (size_t i = 0; i < SMI_COUNT(names); i++)
		if (smi_span_eq_str(program, names[i]))
			return true;
	return false;
}

static void scan(struct smi_span raw, struct smi_stamp_clock *c,
		 struct smi_line_room *room)
{
	struct smi_line line = { .raw = raw, .room = room };

	smi_header_scan(&line, c);
	if (line.web)
		check_web(line.web, &line);
	inside(line.host, &line);
	inside(line.message, &line);
	if (!is_ours(line.program))
		inside(line.program, &line);
	if (line.host.len > 255 || line.program.len > 128 || line.pid < 0)
		abort();
	/* What is unescaped never moves. */
	if (room->text.cap > 4 * SMI_LINE_MAX)
		abort();
}

/* The first byte says how much a read gives; the rest is a log. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SMI_CLEANUP(smi_line_room_done) struct smi_line_room parts = { 0 };
	struct smi_stamp_clock c;
	struct smi_lines l;
	struct smi_span line;
	uint64_t offset;
	size_t step = size ? (size_t)data[0] * data[0] + 1 : 1;

	smi_stamp_clock_init(&c, NULL, INT64_C(1785837601) * SMI_SEC);
	if (!size || smi_lines_init(&l, SMI_LINES_MIN) < 0)
		return 0;
	data++;
	size--;
	while (!l.at_end) {
		size_t room;
		char *p = smi_lines_room(&l, &room);

		room = SMI_MIN(SMI_MIN(room, step), size);
		memcpy(p, data, room);
		data += room;
		size -= room;
		smi_lines_filled(&l, room);
		while (smi_lines_next(&l, &line, &offset)) {
			if (line.len > SMI_LINE_MAX ||
			    memchr(line.p, '\n', line.len))
				abort();
			scan(line, &c, &parts);
			scan(line, NULL, &parts);
		}
	}
	smi_lines_done(&l);
	return 0;
}
