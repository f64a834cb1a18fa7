/* SPDX-License-Identifier: MIT */
#include "base/tls-state.h"

#include <limits.h>
#include <stdio.h>

#ifdef SMI_WITH_OPENSSL

/* Old and weak ones too, but none that has no certificate or does not encrypt. */
#define CIPHERS "ALL:!aNULL:!eNULL:@SECLEVEL=0"

/* A server chooses the modulus, and one of 10,000 bits takes a minute of ours for
 * 60 connections. Larger ones than these are hardly seen. */
#define DH_MAX_BITS 4096
/* Smaller than this, OpenSSL's own callback refuses at every level. */
#define DH_MIN_SECURITY 80

static int bears(const SSL *ssl, const SSL_CTX *ctx, int op, int bits, int nid,
		 void *other, void *ex)
{
	const struct smi_openssl *o = ex;

	(void)ssl;
	(void)ctx;
	if (nid == NID_ffdhe6144 || nid == NID_ffdhe8192)
		return 0;
	if (op != SSL_SECOP_TMP_DH)
		return 1;
	return bits >= DH_MIN_SECURITY &&
	       (!other || o->EVP_PKEY_get_bits(other) <= DH_MAX_BITS);
}

static void set_up_look(struct smi_tls_lib *lib)
{
	struct smi_openssl *o = &lib->o;

	o->SSL_CTX_set_security_level(lib->ctx, 0);
	o->SSL_CTX_set_security_callback(lib->ctx, bears);
	o->SSL_CTX_set0_security_ex_data(lib->ctx, o);
	o->SSL_CTX_ctrl(lib->ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_VERSION,
			NULL);
	o->SSL_CTX_set_cipher_list(lib->ctx, CIPHERS);
	o->SSL_CTX_set_options(lib->ctx, SSL_OP_LEGACY_SERVER_CONNECT |
						 SSL_OP_IGNORE_UNEXPECTED_EOF |
						 SSL_OP_NO_TICKET |
						 SSL_OP_NO_COMPRESSION);
}

static void set_up_trust(struct smi_tls_lib *lib)
{
	struct smi_openssl *o = &lib->o;

	o->SSL_CTX_ctrl(lib->ctx, SSL_CTRL_SET_MIN_PROTO_VERSION,
			TLS1_2_VERSION, NULL);
	o->SSL_CTX_set_default_verify_paths(lib->ctx);
	o->SSL_CTX_set_verify(lib->ctx, SSL_VERIFY_PEER, NULL);
}

static int set_up(struct smi_tls_lib *lib)
{
	struct smi_openssl *o = &lib->o;

	/* A library context of its own: the program may use OpenSSL as well. */
	lib->libctx = o->OSSL_LIB_CTX_new();
	lib->ctx = lib->libctx ? o->SSL_CTX_new_ex(lib->libctx, NULL,
						   o->TLS_client_method())
			       : NULL;
	if (!lib->ctx)
		return -ENOMEM;
	o->SSL_CTX_ctrl(lib->ctx, SSL_CTRL_SET_MAX_PROTO_VERSION, 0, NULL);
	if (lib->aim == SMI_TLS_LOOK)
		set_up_look(lib);
	else
		set_up_trust(lib);
	return 0;
}

int smi_tls_lib_new(enum smi_tls_aim aim, struct smi_tls_lib **out, char *why,
		    size_t why_len)
{
	struct smi_tls_lib *lib = smi_zalloc(sizeof(*lib));
	int r;

	if (!lib)
		return -ENOMEM;
	r = smi_dl_openssl(&lib->dl, &lib->o, why, why_len);
	if (r < 0) {
		free(lib);
		return r;
	}
	lib->aim = aim;
	lib->o.ERR_set_mark();
	r = set_up(lib);
	lib->o.ERR_pop_to_mark();
	if (r < 0) {
		smi_tls_lib_free(lib);
		return r;
	}
	*out = lib;
	return 0;
}

void smi_tls_lib_free(struct smi_tls_lib *lib)
{
	if (!lib)
		return;
	if (lib->ctx)
		lib->o.SSL_CTX_free(lib->ctx);
	if (lib->libctx)
		lib->o.OSSL_LIB_CTX_free(lib->libctx);
	smi_dl_close(&lib->dl);
	free(lib);
}

static bool connect_bios(struct smi_tls *t)
{
	const struct smi_openssl *o = t->o;
	BIO *in = o->BIO_new(o->BIO_s_mem());
	BIO *out = o->BIO_new(o->BIO_s_mem());

	if (!in || !out) {
		if (in)
			o->BIO_free(in);
		if (out)
			o->BIO_free(out);
		return false;
	}
	/* Empty means that more may come. */
	o->BIO_ctrl(in, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL);
	o->BIO_ctrl(out, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL);
	o->SSL_set_bio(t->ssl, in, out);
	t->in = in;
	t->out = out;
	return true;
}

/* Whom it asks for, where that is a name; false: no certificate could be for it, or
 * memory is out. */
static bool expect(const struct smi_tls *t, const char **name)
{
	const struct smi_openssl *o = t->o;

	if (!*name)
		return false;
	if (o->X509_VERIFY_PARAM_set1_ip_asc(o->SSL_get0_param(t->ssl),
					     *name) == 1) {
		*name = NULL;
		return true;
	}
	return o->SSL_set1_host(t->ssl, *name) == 1;
}

struct smi_tls *smi_tls_new(struct smi_tls_lib *lib, const char *name,
			    struct smi_span alpn)
{
	const struct smi_openssl *o = &lib->o;
	struct smi_tls *t = smi_zalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->o = o;
	t->ssl = o->SSL_new(lib->ctx);
	if (!t->ssl || !connect_bios(t)) {
		smi_tls_free(t);
		return NULL;
	}
	if (lib->aim == SMI_TLS_TRUST && !expect(t, &name)) {
		smi_tls_free(t);
		return NULL;
	}
	o->SSL_set_connect_state(t->ssl);
	if (name)
		o->SSL_ctrl(t->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
			    TLSEXT_NAMETYPE_host_name, (void *)(uintptr_t)name);
	if (alpn.len)
		o->SSL_set_alpn_protos(t->ssl, (const unsigned char *)alpn.p,
				       (unsigned)alpn.len);
	return t;
}

void smi_tls_free(struct smi_tls *t)
{
	if (!t)
		return;
	if (t->ssl)
		t->o->SSL_free(t->ssl);
	free(t);
}

bool smi_tls_put(struct smi_tls *t, struct smi_span bytes)
{
	int n = (int)SMI_MIN(bytes.len, (size_t)INT_MAX);

	return !n || t->o->BIO_write(t->in, bytes.p, n) == n;
}

size_t smi_tls_take(struct smi_tls *t, void *p, size_t len)
{
	int n = t->o->BIO_read(t->out, p, (int)SMI_MIN(len, (size_t)INT_MAX));

	return n > 0 ? (size_t)n : 0;
}

static bool wants_more(const struct smi_tls *t, int r)
{
	int why = t->o->SSL_get_error(t->ssl, r);

	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

enum smi_tls_state smi_tls_shake(struct smi_tls *t)
{
	enum smi_tls_state state = SMI_TLS_UP;
	int r;

	t->o->ERR_set_mark();
	r = t->o->SSL_do_handshake(t->ssl);
	if (r != 1)
		state = wants_more(t, r) ? SMI_TLS_MORE : SMI_TLS_FAILED;
	t->o->ERR_pop_to_mark();
	return state;
}

const char *smi_tls_problem(struct smi_tls *t)
{
	long r = t->o->SSL_get_verify_result(t->ssl);

	return r == X509_V_OK ? NULL : t->o->X509_verify_cert_error_string(r);
}

void smi_tls_end(struct smi_tls *t)
{
	t->o->ERR_set_mark();
	t->o->SSL_shutdown(t->ssl);
	t->o->ERR_pop_to_mark();
}

bool smi_tls_write(struct smi_tls *t, struct smi_span bytes)
{
	int n = (int)SMI_MIN(bytes.len, (size_t)INT_MAX), r = n;

	t->o->ERR_set_mark();
	if (n)
		r = t->o->SSL_write(t->ssl, bytes.p, n);
	t->o->ERR_pop_to_mark();
	return r == n;
}

ptrdiff_t smi_tls_read(struct smi_tls *t, void *p, size_t len)
{
	int r;

	t->o->ERR_set_mark();
	r = t->o->SSL_read(t->ssl, p, (int)SMI_MIN(len, (size_t)INT_MAX));
	if (r <= 0)
		r = wants_more(t, r) ? 0 : -1;
	t->o->ERR_pop_to_mark();
	return r;
}

#else

int smi_tls_lib_new(enum smi_tls_aim aim, struct smi_tls_lib **out, char *why,
		    size_t why_len)
{
	(void)aim;
	*out = NULL;
	if (why_len)
		snprintf(why, why_len, "not in this build");
	return -ENOTSUP;
}

void smi_tls_lib_free(struct smi_tls_lib *lib)
{
	(void)lib;
}

/* There is no lib to call these with. */
struct smi_tls *smi_tls_new(struct smi_tls_lib *lib, const char *name,
			    struct smi_span alpn)
{
	(void)lib;
	(void)name;
	(void)alpn;
	return NULL;
}

void smi_tls_free(struct smi_tls *t)
{
	(void)t;
}

bool smi_tls_put(struct smi_tls *t, struct smi_span bytes)
{
	(void)t;
	(void)bytes;
	return false;
}

size_t smi_tls_take(struct smi_tls *t, void *p, size_t len)
{
	(void)t;
	(void)p;
	(void)len;
	return 0;
}

enum smi_tls_state smi_tls_shake(struct smi_tls *t)
{
	(void)t;
	return SMI_TLS_FAILED;
}

const char *smi_tls_problem(struct smi_tls *t)
{
	(void)t;
	return NULL;
}

void smi_tls_end(struct smi_tls *t)
{
	(void)t;
}

bool smi_tls_write(struct smi_tls *t, struct smi_span bytes)
{
	(void)t;
	(void)bytes;
	return false;
}

ptrdiff_t smi_tls_read(struct smi_tls *t, void *p, size_t len)
{
	(void)t;
	(void)p;
	(void)len;
	return -1;
}

#endif
