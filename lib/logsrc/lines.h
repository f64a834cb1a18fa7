/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_LINES_H
#define SMI_LOGSRC_LINES_H

#include "base/span.h"

/* Longer lines are passed over whole: cut ones would be matched wrongly. */
#define SMI_LINE_MAX  ((size_t)65536)
#define SMI_LINES_BOM "\xEF\xBB\xBF"
/* The least and the usual size of the buffer. */
#define SMI_LINES_MIN (SMI_LINE_MAX + 16384)
#define SMI_LINES_CAP ((size_t)256 * 1024 + SMI_LINE_MAX)

/*
 * Cuts a stream of blocks into lines. A line ends with LF or CR LF, the last one
 * with the stream too; a byte order mark at its start is no part of it.
 */
struct smi_lines {
	char *buf;
	size_t cap, pos, end;
	uint64_t offset; /* in the stream, of buf[0] */
	uint64_t number; /* of the line that was given last; from 1 */
	uint64_t skipped;
	bool at_end, skipping;
};

int smi_lines_init(struct smi_lines *l, size_t cap);
void smi_lines_done(struct smi_lines *l);
/* Another stream begins, at this offset and behind so many lines. What was passed
 * over is still counted. */
void smi_lines_restart(struct smi_lines *l, uint64_t offset, uint64_t number);
/* 1 and a line, which lives until the next call on l; 0: room is to be filled,
 * or, after the end, nothing more. */
int smi_lines_next(struct smi_lines *l, struct smi_span *line,
		   uint64_t *offset);
/* Up to max bytes that stand next, whatever they are: how many, 0 as above. */
size_t smi_lines_take(struct smi_lines *l, size_t max, struct smi_span *out);
/* Where the next block goes, at least one byte: call smi_lines_filled() then;
 * 0 bytes are the end of the stream. */
char *smi_lines_room(struct smi_lines *l, size_t *len);
void smi_lines_filled(struct smi_lines *l, size_t len);

#endif
