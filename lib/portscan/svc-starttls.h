/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SVC_STARTTLS_H
#define SMI_PORTSCAN_SVC_STARTTLS_H

#include "portscan/match.h"

/*
 * How a plain connection asks for TLS, of bytes alone. A talk of zeros but for kind
 * begins with the first byte of the greeting.
 */
struct smi_starttls_talk {
	enum smi_starttls kind;
	uint8_t step;
	bool offered; /* the server listed it */
};

enum smi_starttls_next {
	SMI_STARTTLS_MORE, /* it has to say more first */
	SMI_STARTTLS_SEND, /* *send is to be sent, then go on */
	SMI_STARTTLS_GO,   /* what follows in *in is TLS */
	SMI_STARTTLS_NO,   /* it will not */
};

/* Cuts what it understood off *in. Never reads behind it. */
enum smi_starttls_next smi_starttls_step(struct smi_starttls_talk *t,
					 struct smi_span *in,
					 struct smi_span *send);

#endif
