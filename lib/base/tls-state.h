/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_TLS_STATE_H
#define SMI_BASE_TLS_STATE_H

#include "base/dl-openssl.h"
#include "base/tls.h"

/* What OpenSSL's functions are called with. */
#ifdef SMI_WITH_OPENSSL
struct smi_tls_lib {
	struct smi_dl dl;
	struct smi_openssl o;
	OSSL_LIB_CTX *libctx;
	SSL_CTX *ctx;
	enum smi_tls_aim aim;
};

struct smi_tls {
	const struct smi_openssl *o;
	SSL *ssl;
	BIO *in, *out; /* the server's bytes, and ours; they belong to ssl */
};
#endif

#endif
