/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_MATCH_ROWS_H
#define TESTS_UNIT_MATCH_ROWS_H

#include "base/span.h"

enum {
	IS_OPEN = 1,
	IS_TLS = 2,
	UP_TO_END = 4, /* it is complete when the peer has closed */
};

/* Replies of services, by their protocol's description or as a server of the
 * version in them has sent it, and what they tell. */
struct match_row {
	const char *asked; /* which matcher */
	struct smi_span reply;
	const char *service, *product, *version, *info;
	unsigned flags;
	const char *next; /* what is asked then, or NULL */
};
extern const struct match_row match_rows[];
extern const size_t match_nrows;

#endif
