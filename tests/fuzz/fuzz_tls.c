/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "portscan/tls-facts.h"

/* A certificate in DER, or behind a byte 0 what a server says after our hello. */
#ifdef SMI_WITH_OPENSSL

typedef X509 *d2i_fn(X509 **out, const unsigned char **p, long len);

static void check_text(const char *s)
{
	struct smi_span span = smi_span_str(s ? s : "");

	if (span.len > 16384 || !smi_utf8_valid(span))
		abort();
	for (size_t i = 0; i < span.len; i++)
		if ((unsigned char)span.p[i] < ' ')
			abort();
}

static void check_facts(const struct smi_tls_facts *f)
{
	check_text(f->version);
	check_text(f->cipher);
	check_text(f->alpn);
	check_text(f->subject);
	check_text(f->issuer);
	if (f->sha256 && strlen(f->sha256) != 64)
		abort();
	if (f->nsan > SMI_TLS_MAX_SANS)
		abort();
	for (size_t i = 0; i < f->nsan; i++) {
		if (!f->san[i])
			abort();
		check_text(f->san[i]);
	}
}

static void read_certificate(const struct smi_tls_lib *lib, struct smi_arena *a,
			     const uint8_t *data, size_t size)
{
	struct smi_tls_facts f = { 0 };
	const unsigned char *p = data;
	d2i_fn *d2i;
	X509 *cert;

	/* The conversion that POSIX asks for (dlsym(3)). */
	*(void **)&d2i = dlsym(lib->dl.handle, "d2i_X509");
	if (!d2i)
		abort();
	cert = d2i(NULL, &p, (long)size);
	if (!cert)
		return;
	smi_tls_cert_facts(&lib->o, cert, a, &f);
	if (!f.sha256 && smi_arena_error(a) == 0)
		abort();
	check_facts(&f);
	lib->o.X509_free(cert);
}

static void shake_hands(struct smi_tls_lib *lib, struct smi_arena *a,
			const uint8_t *data, size_t size)
{
	struct smi_tls *t = smi_tls_new(lib, NULL, SMI_SPAN("\2h2"));
	struct smi_tls_facts f;
	char out[4096];

	if (!t)
		return;
	while (size && smi_tls_shake(t) == SMI_TLS_MORE) {
		size_t n = SMI_MIN(size, 512);

		while (smi_tls_take(t, out, sizeof(out)))
			;
		smi_tls_put(t, smi_span_of(data, n));
		data += n;
		size -= n;
	}
	smi_tls_shake(t);
	if (smi_tls_facts(t, a, &f) == 0)
		check_facts(&f);
	smi_tls_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct smi_tls_lib *lib;
	struct smi_arena a = { 0 };
	char why[128];

	if (!size ||
	    (!lib && smi_tls_lib_new(SMI_TLS_LOOK, &lib, why, sizeof(why)) < 0))
		return 0;
	if (data[0])
		read_certificate(lib, &a, data, size);
	else
		shake_hands(lib, &a, data + 1, size - 1);
	smi_arena_free(&a);
	return 0;
}

#else

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)data;
	(void)size;
	return 0;
}

#endif
