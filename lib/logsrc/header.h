/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_HEADER_H
#define SMI_LOGSRC_HEADER_H

#include "logsrc/stamp.h"
#include "record/line.h"

/*
 * Splits line->raw: fills time, host, program, pid, message, header, and web in
 * line->room. time is INT64_MIN where no stamp tells it. Without an understood
 * header (header NULL) the message is the whole line. The spans lie in raw, or in
 * room->text. c NULL: as for stamps.
 */
void smi_header_scan(struct smi_line *line, struct smi_stamp_clock *c);
/* The same without a stream: an smi_header_fn. */
void smi_header_split(struct smi_line *line);

#endif
