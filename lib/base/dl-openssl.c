/* SPDX-License-Identifier: MIT */
#include "base/dl-openssl.h"

#ifdef SMI_WITH_OPENSSL

static const struct smi_dl_sym syms[] = {
	SMI_DL_SYM(struct smi_openssl, OSSL_LIB_CTX_new),
	SMI_DL_SYM(struct smi_openssl, OSSL_LIB_CTX_free),
	SMI_DL_SYM(struct smi_openssl, TLS_client_method),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_new_ex),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_free),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_ctrl),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_set_options),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_set_security_level),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_set_security_callback),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_set0_security_ex_data),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_set_default_verify_paths),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_set_verify),
	SMI_DL_SYM(struct smi_openssl, SSL_CTX_set_cipher_list),
	SMI_DL_SYM(struct smi_openssl, SSL_new),
	SMI_DL_SYM(struct smi_openssl, SSL_free),
	SMI_DL_SYM(struct smi_openssl, SSL_set_bio),
	SMI_DL_SYM(struct smi_openssl, SSL_set_connect_state),
	SMI_DL_SYM(struct smi_openssl, SSL_ctrl),
	SMI_DL_SYM(struct smi_openssl, SSL_set_alpn_protos),
	SMI_DL_SYM(struct smi_openssl, SSL_get0_param),
	SMI_DL_SYM(struct smi_openssl, SSL_set1_host),
	SMI_DL_SYM(struct smi_openssl, SSL_get_verify_result),
	SMI_DL_SYM(struct smi_openssl, X509_verify_cert_error_string),
	SMI_DL_SYM(struct smi_openssl, X509_VERIFY_PARAM_set1_ip_asc),
	SMI_DL_SYM(struct smi_openssl, SSL_do_handshake),
	SMI_DL_SYM(struct smi_openssl, SSL_get_error),
	SMI_DL_SYM(struct smi_openssl, SSL_read),
	SMI_DL_SYM(struct smi_openssl, SSL_write),
	SMI_DL_SYM(struct smi_openssl, SSL_shutdown),
	SMI_DL_SYM(struct smi_openssl, SSL_get_state),
	SMI_DL_SYM(struct smi_openssl, SSL_get_peer_signature_type_nid),
	SMI_DL_SYM(struct smi_openssl, SSL_get_version),
	SMI_DL_SYM(struct smi_openssl, SSL_get_current_cipher),
	SMI_DL_SYM(struct smi_openssl, SSL_get_pending_cipher),
	SMI_DL_SYM(struct smi_openssl, SSL_CIPHER_get_name),
	SMI_DL_SYM(struct smi_openssl, SSL_get0_alpn_selected),
	SMI_DL_SYM(struct smi_openssl, SSL_get1_peer_certificate),
	SMI_DL_SYM(struct smi_openssl, BIO_s_mem),
	SMI_DL_SYM(struct smi_openssl, BIO_new),
	SMI_DL_SYM(struct smi_openssl, BIO_free),
	SMI_DL_SYM(struct smi_openssl, BIO_read),
	SMI_DL_SYM(struct smi_openssl, BIO_write),
	SMI_DL_SYM(struct smi_openssl, BIO_ctrl),
	SMI_DL_SYM(struct smi_openssl, X509_free),
	SMI_DL_SYM(struct smi_openssl, X509_get_subject_name),
	SMI_DL_SYM(struct smi_openssl, X509_get_issuer_name),
	SMI_DL_SYM(struct smi_openssl, X509_NAME_print_ex),
	SMI_DL_SYM(struct smi_openssl, X509_get0_notBefore),
	SMI_DL_SYM(struct smi_openssl, X509_get0_notAfter),
	SMI_DL_SYM(struct smi_openssl, ASN1_TIME_to_tm),
	SMI_DL_SYM(struct smi_openssl, X509_get_ext_d2i),
	SMI_DL_SYM(struct smi_openssl, GENERAL_NAMES_free),
	SMI_DL_SYM(struct smi_openssl, OPENSSL_sk_num),
	SMI_DL_SYM(struct smi_openssl, OPENSSL_sk_value),
	SMI_DL_SYM(struct smi_openssl, ASN1_STRING_get0_data),
	SMI_DL_SYM(struct smi_openssl, ASN1_STRING_length),
	SMI_DL_SYM(struct smi_openssl, X509_self_signed),
	SMI_DL_SYM(struct smi_openssl, X509_digest),
	SMI_DL_SYM(struct smi_openssl, EVP_sha256),
	SMI_DL_SYM(struct smi_openssl, EVP_PKEY_get_bits),
	SMI_DL_SYM(struct smi_openssl, ERR_set_mark),
	SMI_DL_SYM(struct smi_openssl, ERR_pop_to_mark),
};

SMI_DL_NOTE("tls", "suggested", "services of scans and syslog servers by TLS",
	    SMI_SONAME_OPENSSL);

int smi_dl_openssl(struct smi_dl *dl, struct smi_openssl *fns, char *why,
		   size_t why_len)
{
	return smi_dl_open(dl, SMI_SONAME_OPENSSL, syms, SMI_COUNT(syms), fns,
			   why, why_len);
}

#endif
