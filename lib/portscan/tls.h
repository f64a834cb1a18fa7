/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_TLS_H
#define SMI_PORTSCAN_TLS_H

#include "base/arena.h"

/*
 * The client's side of TLS, of bytes alone: who has the connection brings what came
 * and sends what is to go out. Nothing is verified, and what is weak is spoken, too:
 * the aim is to see what a server has.
 */
struct smi_tls_lib;
/* -ENOMEM; -ENOTSUP and why when there is no library for it here. */
int smi_tls_lib_new(struct smi_tls_lib **out, char *why, size_t why_len);
void smi_tls_lib_free(struct smi_tls_lib *lib);

struct smi_tls;
/* name: the server that is asked for, or NULL. alpn: as it is sent, each protocol
 * behind its length; or empty. NULL when memory is out. */
struct smi_tls *smi_tls_new(struct smi_tls_lib *lib, const char *name,
			    struct smi_span alpn);
void smi_tls_free(struct smi_tls *t);

/* What came from the server; false when memory is out. */
bool smi_tls_put(struct smi_tls *t, struct smi_span bytes);
/* What is to be sent to it, up to len bytes; 0: nothing. */
size_t smi_tls_take(struct smi_tls *t, void *p, size_t len);

enum smi_tls_state {
	SMI_TLS_MORE, /* it waits for the server */
	SMI_TLS_UP,
	SMI_TLS_FAILED,
};
enum smi_tls_state smi_tls_shake(struct smi_tls *t);
/* Inside of it, when it is up. read: bytes, 0 for none now, -1 at the end. */
bool smi_tls_write(struct smi_tls *t, struct smi_span bytes);
ptrdiff_t smi_tls_read(struct smi_tls *t, void *p, size_t len);

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

#endif
