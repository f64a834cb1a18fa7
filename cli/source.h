/* SPDX-License-Identifier: MIT */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

struct run;

/* A log as the user names it: "-", "journal", "journal:UNIT", a file. */
int source_add(struct run *run, const char *value);
/* Rules and time zone, when all options are known. */
int source_ready(struct run *run);

#endif
