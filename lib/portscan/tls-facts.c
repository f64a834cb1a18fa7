/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <time.h>

#include <sysmon/sysmon.h>

#include "base/clock.h"
#include "base/ip.h"
#include "base/utf8.h"
#include "portscan/tls-facts.h"

#ifdef SMI_WITH_OPENSSL

#define NAME_MAX_BYTES 1024 /* of a subject or issuer */
#define SAN_MAX_BYTES  256
/* RFC 4514: UTF-8 stays as it is. */
#define NAME_FLAGS (XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB)
/* The whole seconds that a number of nanoseconds since 1970 can tell. */
#define LAST_SECOND (INT64_MAX / SMI_SEC)

static const char *name_text(const struct smi_openssl *o, struct smi_arena *a,
			     const X509_NAME *name)
{
	BIO *text = o->BIO_new(o->BIO_s_mem());
	char bytes[NAME_MAX_BYTES];
	const char *out = NULL;

	if (!text)
		return NULL;
	if (name && o->X509_NAME_print_ex(text, name, 0, NAME_FLAGS) >= 0) {
		int n = o->BIO_read(text, bytes, (int)sizeof(bytes));

		out = smi_utf8_escape_dup(
			a, smi_span_of(bytes, n > 0 ? (size_t)n : 0));
	}
	o->BIO_free(text);
	return out;
}

static int64_t time_of(const struct smi_openssl *o, const ASN1_TIME *t)
{
	struct tm tm;
	int64_t s;

	memset(&tm, 0, sizeof(tm));
	if (!t || o->ASN1_TIME_to_tm(t, &tm) != 1)
		return SM_TIME_NONE;
	s = smi_date_to_days((int64_t)tm.tm_year + 1900, tm.tm_mon + 1,
			     tm.tm_mday) *
		    86400 +
	    tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	s = SMI_MAX(SMI_MIN(s, LAST_SECOND), -LAST_SECOND);
	return s * SMI_SEC;
}

static struct smi_span bytes_of(const struct smi_openssl *o,
				const ASN1_STRING *s)
{
	int n = s ? o->ASN1_STRING_length(s) : 0;

	return smi_span_of(n > 0 ? o->ASN1_STRING_get0_data(s) : NULL,
			   n > 0 ? (size_t)n : 0);
}

static const char *address_text(struct smi_arena *a, struct smi_span b)
{
	struct smi_ip ip = { .family = b.len == 4 ? 4 : 6 };
	char text[SMI_IP_STRLEN];

	if (b.len != 4 && b.len != 16)
		return NULL;
	memcpy(ip.b, b.p, b.len);
	smi_ip_format(&ip, text);
	return smi_arena_strndup(a, text, strlen(text));
}

/* NULL for names that are no text, such as a directory's. */
static const char *san_text(const struct smi_openssl *o, struct smi_arena *a,
			    const GENERAL_NAME *g)
{
	switch (g->type) {
	case GEN_DNS:
	case GEN_EMAIL:
	case GEN_URI:
		return smi_utf8_escape_dup(
			a, smi_span_head(bytes_of(o, g->d.ia5), SAN_MAX_BYTES));
	case GEN_IPADD:
		return address_text(a, bytes_of(o, g->d.ip));
	default:
		return NULL;
	}
}

static void add_sans(const struct smi_openssl *o, X509 *cert,
		     struct smi_arena *a, struct smi_tls_facts *f)
{
	GENERAL_NAMES *names =
		o->X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	const OPENSSL_STACK *st = (const OPENSSL_STACK *)names;
	int n = names ? o->OPENSSL_sk_num(st) : 0;

	f->san = n > 0 ? smi_arena_alloc(a, SMI_TLS_MAX_SANS * sizeof(*f->san))
		       : NULL;
	for (int i = 0; f->san && i < n; i++) {
		const char *text;

		if (f->nsan == SMI_TLS_MAX_SANS) {
			f->more_sans = (size_t)(n - i);
			break;
		}
		text = san_text(o, a, o->OPENSSL_sk_value(st, i));
		if (text)
			f->san[f->nsan++] = text;
	}
	if (names)
		o->GENERAL_NAMES_free(names);
}

static const char *sha256_text(const struct smi_openssl *o, X509 *cert,
			       struct smi_arena *a)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	char text[2 * EVP_MAX_MD_SIZE + 1];
	unsigned n = 0;

	if (o->X509_digest(cert, o->EVP_sha256(), md, &n) != 1)
		return NULL;
	for (unsigned i = 0; i < n; i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", md[i]);
	return smi_arena_strndup(a, text, 2 * (size_t)n);
}

void smi_tls_cert_facts(const struct smi_openssl *o, X509 *cert,
			struct smi_arena *a, struct smi_tls_facts *f)
{
	f->subject = name_text(o, a, o->X509_get_subject_name(cert));
	f->issuer = name_text(o, a, o->X509_get_issuer_name(cert));
	f->not_before = time_of(o, o->X509_get0_notBefore(cert));
	f->not_after = time_of(o, o->X509_get0_notAfter(cert));
	f->self_signed = o->X509_self_signed(cert, 1) == 1;
	f->sha256 = sha256_text(o, cert, a);
	add_sans(o, cert, a, f);
}

static const char *alpn_text(const struct smi_tls *t, struct smi_arena *a)
{
	const unsigned char *p = NULL;
	unsigned n = 0;

	t->o->SSL_get0_alpn_selected(t->ssl, &p, &n);
	return n ? smi_utf8_escape_dup(a, smi_span_of(p, n)) : NULL;
}

static const char *copied(struct smi_arena *a, const char *s)
{
	return s ? smi_arena_strndup(a, s, strlen(s)) : NULL;
}

/* By a handshake that is done, or by a signature: one that is wrong ends the handshake
 * in the state in which it was read. */
static bool has_proved(const struct smi_tls *t)
{
	OSSL_HANDSHAKE_STATE state = t->o->SSL_get_state(t->ssl);
	int nid;

	return state == TLS_ST_OK ||
	       (t->o->SSL_get_peer_signature_type_nid(t->ssl, &nid) == 1 &&
		state != TLS_ST_CR_KEY_EXCH && state != TLS_ST_CR_CERT_VRFY);
}

int smi_tls_facts(struct smi_tls *t, struct smi_arena *a,
		  struct smi_tls_facts *f)
{
	const struct smi_openssl *o = t->o;
	const SSL_CIPHER *cipher = o->SSL_get_current_cipher(t->ssl);
	X509 *cert = o->SSL_get1_peer_certificate(t->ssl);

	*f = (struct smi_tls_facts){ .not_before = SM_TIME_NONE,
				     .not_after = SM_TIME_NONE };
	if (!cipher)
		cipher = o->SSL_get_pending_cipher(t->ssl);
	if (!cert && !cipher)
		return -ENOENT;
	o->ERR_set_mark();
	f->version = copied(a, o->SSL_get_version(t->ssl));
	f->cipher = cipher ? copied(a, o->SSL_CIPHER_get_name(cipher)) : NULL;
	f->alpn = alpn_text(t, a);
	f->proved = has_proved(t);
	if (cert) {
		smi_tls_cert_facts(o, cert, a, f);
		o->X509_free(cert);
	}
	o->ERR_pop_to_mark();
	return smi_arena_error(a);
}

#else

int smi_tls_facts(struct smi_tls *t, struct smi_arena *a,
		  struct smi_tls_facts *f)
{
	(void)t;
	(void)a;
	(void)f;
	return -ENOENT;
}

#endif
