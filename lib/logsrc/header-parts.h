/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_HEADER_PARTS_H
#define SMI_LOGSRC_HEADER_PARTS_H

#include "logsrc/header.h"

/* The scanners of smi_header_scan(), a file each: false when the line is none of
 * theirs; what they filled by then is cleared by the caller. */

/* Access logs of web servers. The message is the whole line: who asks is a part
 * of it. */
bool smi_header_web(struct smi_line *l, struct smi_stamp_clock *c);

#endif
