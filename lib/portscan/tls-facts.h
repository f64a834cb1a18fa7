/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_TLS_FACTS_H
#define SMI_PORTSCAN_TLS_FACTS_H

#include "base/arena.h"
#include "base/tls-state.h"

#define SMI_TLS_MAX_SANS 100

/* What is not known is NULL or SM_TIME_NONE. Texts are clean UTF-8, in the arena. */
struct smi_tls_facts {
	const char *version, *cipher, *alpn;
	/* Of the certificate, when there was one: sha256 is there then. */
	const char *subject, *issuer, *sha256;
	const char **san;
	size_t nsan, more_sans; /* shown, and left out */
	int64_t not_before, not_after;
	bool self_signed;
	bool proved; /* the server has the key of its certificate */
};
/* Also of a handshake that failed, when the server had chosen. -ENOMEM; -ENOENT
 * when there is nothing to tell. */
int smi_tls_facts(struct smi_tls *t, struct smi_arena *a,
		  struct smi_tls_facts *f);

#ifdef SMI_WITH_OPENSSL
/* Of a certificate from anywhere. */
void smi_tls_cert_facts(const struct smi_openssl *o, X509 *cert,
			struct smi_arena *a, struct smi_tls_facts *f);
#endif

#endif
