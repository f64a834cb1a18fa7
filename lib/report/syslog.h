/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_SYSLOG_H
#define SMI_REPORT_SYSLOG_H

#include "base/tls.h"
#include "core/ctx.h"

/* Where syslog messages go. */
struct smi_syslog_target {
	enum {
		SMI_SYSLOG_UNIX,
		SMI_SYSLOG_UDP,
		SMI_SYSLOG_TCP,
		SMI_SYSLOG_TLS,
	} way;
	/* A path of a socket, or a name or address. */
	char host[256];
	char port[6];
};
/* "unix:/dev/log", "udp:HOST[:PORT]", "tcp:[2001:db8::1]:PORT", "tls:..."; "//" may stand behind
 * the colon. NULL, or why it is none of these, as in "'x': ...". */
const char *smi_syslog_parse(struct smi_span text,
			     struct smi_syslog_target *out);

/*
 * A server that takes messages. When it goes away it is looked for again, soon
 * and then ever more seldom; what it could not be given until then is lost, and counted.
 */
struct smi_syslog;
/* Connects: 0. 1: it cannot be reached yet, of which there is a sentence. -EINVAL, -ENOMEM,
 * -ENOTSUP. */
int smi_syslog_open(sm_ctx *ctx, const char *target, struct smi_syslog **out);
/* A sm_write_fn: messages, each whole and behind its length in bytes and a space. Waits
 * for a server that is slow, but not long. */
int smi_syslog_write(const void *data, size_t len, void *syslog);
/* Whether all were taken: 0, or -EIO with its sentence. */
int smi_syslog_result(const struct smi_syslog *s);
/* NULL is fine. */
void smi_syslog_free(struct smi_syslog *s);

/* A connection, and how long it may take: whatever the server does, nothing waits for
 * longer. */
struct smi_syslog_wire {
	sm_ctx *ctx;
	int fd;		  /* -1: there is none */
	int64_t deadline; /* monotonic */
};
/* All of the bytes, and what is awaited. 0, or a negative errno. */
int smi_syslog_send(const struct smi_syslog_wire *w, struct smi_span bytes);
int smi_syslog_wait(const struct smi_syslog_wire *w, short events);

/*
 * TLS on a connection (RFC 5425): the server has to have a certificate for the host by
 * who is trusted on this system. All zeros: not up. The library stays for the next
 * connection.
 */
struct smi_syslog_tls {
	struct smi_tls_lib *lib;
	struct smi_tls *tls;
	char why[256]; /* it could not be had */
};
/* 0, or a negative errno; *why is then a sentence, or NULL. */
int smi_syslog_tls_up(struct smi_syslog_tls *t, const struct smi_syslog_wire *w,
		      const char *host, const char **why);
int smi_syslog_tls_send(struct smi_syslog_tls *t,
			const struct smi_syslog_wire *w, struct smi_span bytes);
/* Whether the server has closed; what else it says is of no use. */
bool smi_syslog_tls_gone(struct smi_syslog_tls *t,
			 const struct smi_syslog_wire *w);
/* Takes leave of the server. */
void smi_syslog_tls_down(struct smi_syslog_tls *t,
			 const struct smi_syslog_wire *w);
void smi_syslog_tls_free(struct smi_syslog_tls *t);

#endif
