/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_FOUND_H
#define SMI_LOGSRC_FOUND_H

#include "logsrc/open.h"

/*
 * Opens the logs that this machine (or the sysroot) has: the journal, or where it
 * has none the files that a syslog daemon writes; and those of web servers. Rotated
 * elders too. What was left out is told by notices; when there is nothing at all, a
 * failure with -ENOENT is added that names the places.
 */
int smi_log_find(struct smi_log_opening *o);

#endif
