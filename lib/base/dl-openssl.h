/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_DL_OPENSSL_H
#define SMI_BASE_DL_OPENSSL_H

#include "base/dl.h"

#ifdef SMI_WITH_OPENSSL
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* Of libssl.so.3; what is libcrypto's comes with it. */
struct smi_openssl {
	OSSL_LIB_CTX *(*OSSL_LIB_CTX_new)(void);
	void (*OSSL_LIB_CTX_free)(OSSL_LIB_CTX *libctx);
	const SSL_METHOD *(*TLS_client_method)(void);
	SSL_CTX *(*SSL_CTX_new_ex)(OSSL_LIB_CTX *libctx, const char *propq,
				   const SSL_METHOD *method);
	void (*SSL_CTX_free)(SSL_CTX *ctx);
	long (*SSL_CTX_ctrl)(SSL_CTX *ctx, int cmd, long larg, void *parg);
	uint64_t (*SSL_CTX_set_options)(SSL_CTX *ctx, uint64_t options);
	void (*SSL_CTX_set_security_level)(SSL_CTX *ctx, int level);
	void (*SSL_CTX_set_security_callback)(
		SSL_CTX *ctx,
		int (*cb)(const SSL *ssl, const SSL_CTX *ctx, int op, int bits,
			  int nid, void *other, void *ex));
	void (*SSL_CTX_set0_security_ex_data)(SSL_CTX *ctx, void *ex);
	int (*SSL_CTX_set_default_verify_paths)(SSL_CTX *ctx);
	void (*SSL_CTX_set_verify)(SSL_CTX *ctx, int mode,
				   SSL_verify_cb callback);
	int (*SSL_CTX_set_cipher_list)(SSL_CTX *ctx, const char *list);
	SSL *(*SSL_new)(SSL_CTX *ctx);
	void (*SSL_free)(SSL *ssl);
	void (*SSL_set_bio)(SSL *ssl, BIO *rbio, BIO *wbio);
	void (*SSL_set_connect_state)(SSL *ssl);
	long (*SSL_ctrl)(SSL *ssl, int cmd, long larg, void *parg);
	int (*SSL_set_alpn_protos)(SSL *ssl, const unsigned char *protos,
				   unsigned len);
	X509_VERIFY_PARAM *(*SSL_get0_param)(SSL *ssl);
	int (*SSL_set1_host)(SSL *ssl, const char *name);
	long (*SSL_get_verify_result)(const SSL *ssl);
	const char *(*X509_verify_cert_error_string)(long n);
	int (*X509_VERIFY_PARAM_set1_ip_asc)(X509_VERIFY_PARAM *param,
					     const char *ip);
	int (*SSL_do_handshake)(SSL *ssl);
	int (*SSL_get_error)(const SSL *ssl, int ret);
	int (*SSL_read)(SSL *ssl, void *buf, int num);
	int (*SSL_write)(SSL *ssl, const void *buf, int num);
	int (*SSL_shutdown)(SSL *ssl);
	OSSL_HANDSHAKE_STATE (*SSL_get_state)(const SSL *ssl);
	int (*SSL_get_peer_signature_type_nid)(const SSL *ssl, int *nid);
	const char *(*SSL_get_version)(const SSL *ssl);
	const SSL_CIPHER *(*SSL_get_current_cipher)(const SSL *ssl);
	const SSL_CIPHER *(*SSL_get_pending_cipher)(const SSL *ssl);
	const char *(*SSL_CIPHER_get_name)(const SSL_CIPHER *cipher);
	void (*SSL_get0_alpn_selected)(const SSL *ssl,
				       const unsigned char **data,
				       unsigned *len);
	X509 *(*SSL_get1_peer_certificate)(const SSL *ssl);
	const BIO_METHOD *(*BIO_s_mem)(void);
	BIO *(*BIO_new)(const BIO_METHOD *type);
	int (*BIO_free)(BIO *bio);
	int (*BIO_read)(BIO *bio, void *data, int len);
	int (*BIO_write)(BIO *bio, const void *data, int len);
	long (*BIO_ctrl)(BIO *bio, int cmd, long larg, void *parg);
	void (*X509_free)(X509 *x);
	X509_NAME *(*X509_get_subject_name)(const X509 *x);
	X509_NAME *(*X509_get_issuer_name)(const X509 *x);
	int (*X509_NAME_print_ex)(BIO *out, const X509_NAME *name, int indent,
				  unsigned long flags);
	const ASN1_TIME *(*X509_get0_notBefore)(const X509 *x);
	const ASN1_TIME *(*X509_get0_notAfter)(const X509 *x);
	int (*ASN1_TIME_to_tm)(const ASN1_TIME *t, struct tm *tm);
	void *(*X509_get_ext_d2i)(const X509 *x, int nid, int *crit, int *idx);
	void (*GENERAL_NAMES_free)(GENERAL_NAMES *names);
	int (*OPENSSL_sk_num)(const OPENSSL_STACK *st);
	void *(*OPENSSL_sk_value)(const OPENSSL_STACK *st, int i);
	const unsigned char *(*ASN1_STRING_get0_data)(const ASN1_STRING *s);
	int (*ASN1_STRING_length)(const ASN1_STRING *s);
	int (*X509_self_signed)(X509 *x, int verify_signature);
	int (*X509_digest)(const X509 *x, const EVP_MD *type, unsigned char *md,
			   unsigned *len);
	const EVP_MD *(*EVP_sha256)(void);
	int (*EVP_PKEY_get_bits)(const EVP_PKEY *key);
	int (*ERR_set_mark)(void);
	int (*ERR_pop_to_mark)(void);
};

/* -ENOTSUP and why when this system has none, or one older than 3.0. */
int smi_dl_openssl(struct smi_dl *dl, struct smi_openssl *fns, char *why,
		   size_t why_len);
#endif

#endif
