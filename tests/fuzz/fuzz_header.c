/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fuzz.h"
#include "logsrc/header.h"
#include "logsrc/lines.h"

static void inside(struct smi_span part, struct smi_span whole)
{
	if (part.len &&
	    (part.p < whole.p || part.p + part.len > whole.p + whole.len))
		abort();
}

static void check_web(const struct smi_web *w, struct smi_span raw)
{
	const struct smi_span parts[] = { w->client,  w->user, w->vhost,
					  w->method,  w->url,  w->protocol,
					  w->referer, w->agent };

	for (size_t i = 0; i < SMI_COUNT(parts); i++)
		inside(parts[i], raw);
	if (w->status && (w->status < 100 || w->status > 999))
		abort();
}

static void scan(struct smi_span raw, struct smi_stamp_clock *c)
{
	SMI_CLEANUP(smi_line_room_done) struct smi_line_room room = { 0 };
	struct smi_line line = { .raw = raw, .room = &room };

	smi_header_scan(&line, c);
	if (line.web)
		check_web(line.web, raw);
	inside(line.host, raw);
	inside(line.message, raw);
	/* Those of web servers are ours, not the line's. */
	if (line.header && line.header[0] != 'a' && line.header[0] != 'n')
		inside(line.program, raw);
	if (line.host.len > 255 || line.program.len > 128 || line.pid < 0)
		abort();
}

/* The first byte says how much a read gives; the rest is a log. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
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
			scan(line, &c);
			scan(line, NULL);
		}
	}
	smi_lines_done(&l);
	return 0;
}
