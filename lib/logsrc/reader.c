/* SPDX-License-Identifier: MIT */
#include "logsrc/reader.h"

#include <stdlib.h>

#include "base/utf8.h"

int smi_reader_init(struct smi_reader *r, const struct smi_reader_ops *ops,
		    const char *name)
{
	SMI_CLEANUP(smi_buf_free) struct smi_buf shown = { 0 };

	r->ops = ops;
	r->watch = -1;
	r->counts.first = r->counts.last = INT64_MIN;
	smi_utf8_escape(&shown, smi_span_str(name));
	r->name = smi_strdup(name);
	if (!r->name || !smi_buf_cstr(&shown)) {
		smi_reader_done(r);
		return -ENOMEM;
	}
	r->shown = shown.p;
	shown = (struct smi_buf){ 0 };
	r->line.file = r->shown;
	r->line.room = &r->room;
	return 0;
}

void smi_reader_done(struct smi_reader *r)
{
	smi_position_done(&r->at);
	free(r->name);
	free(r->shown);
	free(r->templates);
	smi_line_room_done(&r->room);
	r->name = r->shown = NULL;
}
