/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_MATCH_HTTP_H
#define SMI_PORTSCAN_MATCH_HTTP_H

#include "portscan/match-all.h"

/* A response of HTTP/1 (RFC 9112), or of a protocol that looks like it. */
struct smi_http {
	unsigned status;	/* 0: a page without a head, as of HTTP/0.9 */
	struct smi_span fields; /* the lines of the head that are whole */
	struct smi_span body;
	bool whole; /* all of the body came */
};

/* MORE: not all of the head came. */
enum smi_match smi_http_read(struct smi_span reply, bool end,
			     struct smi_http *h);
/* The first field of that name, ASCII letters alike; may be empty. */
struct smi_span smi_http_field(const struct smi_http *h, const char *name);

/* The string of a JSON text, which is whole, at key or, where inner is given, at
 * inner below it; empty: none. */
struct smi_span smi_http_json(const struct smi_http *h, const char *key,
			      const char *inner);

/* Recognises what has an API of its own, and what it may be asked next. */
void smi_http_api(const struct smi_http *h, struct smi_service_id *id);

#endif
