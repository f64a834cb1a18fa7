/* SPDX-License-Identifier: MIT */
#ifndef CLI_NOTICES_H
#define CLI_NOTICES_H

#include <sysmon/sysmon.h>

#include <stdbool.h>

#define NOTICES_KEPT 200

/* What the sections of one run have said; {0} is nothing. */
struct notices {
	char *v[NOTICES_KEPT];
	unsigned n;
};

/* Whether a section has said the same: of the same rules, each says that an entry has
 * expired. Losses are told each time. */
bool notices_know(struct notices *seen, const sm_notice *n);
void notices_free(struct notices *seen);

#endif
