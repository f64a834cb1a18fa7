/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_TLS_H
#define SMI_BASE_TLS_H

#include "base/span.h"

/*
 * The client's side of TLS, of bytes alone: who has the connection brings what came
 * and sends what is to go out.
 */
enum smi_tls_aim {
	/* To see what a server has: nothing is verified, and what is weak is spoken,
	 * too. */
	SMI_TLS_LOOK,
	/* To tell it something: TLS 1.2 and later, and a certificate for its name by
	 * who is trusted on this system. */
	SMI_TLS_TRUST,
};
struct smi_tls_lib;
/* -ENOMEM; -ENOTSUP and why when there is no library for it here. */
int smi_tls_lib_new(enum smi_tls_aim aim, struct smi_tls_lib **out, char *why,
		    size_t why_len);
void smi_tls_lib_free(struct smi_tls_lib *lib);

struct smi_tls;
/* name: the server that is asked for, or NULL (which none is trusted by). alpn: as it is sent, each protocol
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
/* Why it failed, as far as that was the certificate's fault; else NULL. */
const char *smi_tls_problem(struct smi_tls *t);
/* Inside of it, when it is up. read: bytes, 0 for none now, -1 at the end. */
bool smi_tls_write(struct smi_tls *t, struct smi_span bytes);
ptrdiff_t smi_tls_read(struct smi_tls *t, void *p, size_t len);
/* Nothing more will be written: the server is told (close_notify). */
void smi_tls_end(struct smi_tls *t);

#endif
