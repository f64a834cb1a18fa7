/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_MATCH_H
#define SMI_PORTSCAN_MATCH_H

#include "base/span.h"

/*
 * Which service an open port is, by what it says. A matcher is a pure function of
 * the bytes that came, which an attacker chose: it reads within them, allocates
 * nothing and keeps nothing.
 */
enum smi_match {
	SMI_MATCH_NO,
	SMI_MATCH_MORE, /* it may be, when more bytes have come */
	SMI_MATCH_YES,
};

/* How a plain connection of that service turns into a TLS one. */
enum smi_starttls {
	SMI_STARTTLS_NONE,
	SMI_STARTTLS_SMTP,
	SMI_STARTTLS_IMAP,
	SMI_STARTTLS_POP3,
	SMI_STARTTLS_FTP,
	SMI_STARTTLS_POSTGRESQL, /* the question was it: the next bytes are TLS */
};

struct smi_service_id {
	const char *service; /* "ssh"; a constant */
	/* Raw bytes of the reply, constants, or of space; empty: not told. */
	struct smi_span product, version, info;
	char space[256]; /* for a text that stands nowhere as it is */
	bool tls;	 /* it wants a TLS handshake before it says more */
	bool open;	 /* it served one who has shown no credentials */
	enum smi_starttls starttls;
	/*
	 * What would tell more, or NULL. It is asked on the same connection (inside
	 * of TLS, where starttls led there), or on a new one where the peer has
	 * closed that. Its matcher gets the new bytes and an id of its own. What that
	 * tells of service, product and version replaces what was known, its info
	 * comes behind the other; what it leaves empty, or does not match, changes
	 * nothing.
	 */
	const struct smi_question *next;
};

/* An id that was not matched is left untouched. end: no more bytes will come, and
 * the result is never SMI_MATCH_MORE. */
typedef enum smi_match smi_match_fn(struct smi_span reply, bool end,
				    struct smi_service_id *id);

/* A service that speaks first. Tried in the order of the table. */
struct smi_greeting {
	const char *name;
	smi_match_fn *match;
};
extern const struct smi_greeting smi_greetings[];
extern const unsigned smi_ngreetings;

/* A question for a service that waits for one. */
struct smi_question {
	const char *name;
	struct smi_span request;
	const uint16_t *ports; /* where it is asked first, ends on 0; or NULL */
	bool everywhere;       /* and where no hint helped, in table order */
	bool vague; /* its answer means nothing to another question */
	smi_match_fn *match;
};
extern const struct smi_question smi_questions[];
extern const unsigned smi_nquestions;

/*
 * What was said after q was asked, or unasked where q is NULL: by the matcher of q,
 * then those of the greetings and of the other questions, for many say who they
 * are when they are spoken to in a wrong language. The first that does not say no
 * decides.
 */
enum smi_match smi_match_reply(const struct smi_question *q,
			       struct smi_span reply, bool end,
			       struct smi_service_id *id);

#endif
