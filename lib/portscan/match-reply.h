/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_MATCH_REPLY_H
#define SMI_PORTSCAN_MATCH_REPLY_H

#include "portscan/match-text.h"

/*
 * The reply of FTP and SMTP, which both begin with "220 " (RFC 959, 4.2; RFC 5321,
 * 4.2): one line, or several of which the last has a blank behind the code.
 */
struct smi_reply {
	unsigned code;
	bool whole;	      /* its last line came */
	struct smi_span line; /* the text of the first line */
	struct smi_span text; /* and of all, with codes in between */
};
enum smi_match smi_reply_read(struct smi_span said, bool end,
			      struct smi_reply *r);

enum smi_reply_kind {
	SMI_REPLY_OTHER,
	SMI_REPLY_SMTP,
	SMI_REPLY_FTP,
};
/* Whose greeting it is, by the words in it. */
enum smi_reply_kind smi_reply_kind(const struct smi_reply *r);

/* A name with a dot in it, or "[192.0.2.1]". */
bool smi_reply_is_host(struct smi_span word);

#endif
