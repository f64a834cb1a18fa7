/* SPDX-License-Identifier: MIT */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <sysmon/sysmon.h>

#include <stdbool.h>

/* The report as a table over the terminal on standard output, from its first line
 * to its last but one; what does not fit is left out. first: what was on it goes. A
 * negative errno. */
int screen_draw(const sm_report *report, sm_report_opts *opts, bool first);

#endif
