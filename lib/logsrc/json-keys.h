/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_JSON_KEYS_H
#define SMI_LOGSRC_JSON_KEYS_H

#include "base/span.h"

/* What a member of a JSON line is. */
enum smi_json_role {
	SMI_KEY_NONE,
	SMI_KEY_TIME,
	SMI_KEY_MESSAGE,
	SMI_KEY_PROGRAM,
	SMI_KEY_HOSTNAME, /* the machine that logs */
	SMI_KEY_HOST,	  /* that, or the virtual host of a request */
	SMI_KEY_PID,
	SMI_KEY_CLIENT,
	SMI_KEY_USER,
	SMI_KEY_VHOST,
	SMI_KEY_METHOD,
	SMI_KEY_URL,
	SMI_KEY_REQUEST, /* method, url and protocol */
	SMI_KEY_PROTOCOL,
	SMI_KEY_STATUS,
	SMI_KEY_BYTES,
	SMI_KEY_REFERER,
	SMI_KEY_AGENT,
	SMI_KEY_LOG, /* Docker: the container's line, and where it came from */
	SMI_KEY_STREAM,
	SMI_KEY_J_TIME, /* of journald; microseconds */
	SMI_KEY_J_HOST,
	SMI_KEY_J_PROGRAM,
	SMI_KEY_J_PID,
	SMI_KEY_J_MESSAGE,
	SMI_KEY_COUNT
};

struct smi_json_key {
	char name[30];
	uint8_t len, role, rank;
	bool inside; /* an object of this name is looked into */
};
#define SMI_JSON_KEY_MAX 30

/* The row of a key, NULL when it says nothing; outer: of the object it is in. */
const struct smi_json_key *smi_json_key(const struct smi_json_key *outer,
					struct smi_span key);
/* The same of what journald writes; exact, as some keys can be trusted and others
 * cannot. */
const struct smi_json_key *smi_json_journal_key(struct smi_span key);

#endif
