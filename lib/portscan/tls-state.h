/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_TLS_STATE_H
#define SMI_PORTSCAN_TLS_STATE_H

#include "base/dl-openssl.h"
#include "portscan/tls.h"

/* Shared by the files tls*.c. */
#ifdef SMI_WITH_OPENSSL
struct smi_tls_lib {
	struct smi_dl dl;
	struct smi_openssl o;
	OSSL_LIB_CTX *libctx;
	SSL_CTX *ctx;
};

struct smi_tls {
	const struct smi_openssl *o;
	SSL *ssl;
	BIO *in, *out; /* the server's bytes, and ours; they belong to ssl */
};

/* Of a certificate from anywhere. */
void smi_tls_cert_facts(const struct smi_openssl *o, X509 *cert,
			struct smi_arena *a, struct smi_tls_facts *f);
#endif

#endif
