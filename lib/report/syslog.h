/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_SYSLOG_H
#define SMI_REPORT_SYSLOG_H

#include "core/ctx.h"

/* Where syslog messages go. */
struct smi_syslog_target {
	enum {
		SMI_SYSLOG_UNIX,
		SMI_SYSLOG_UDP,
		SMI_SYSLOG_TCP,
	} way;
	/* A path of a socket, or a name or address. */
	char host[256];
	char port[6];
};
/* "unix:/dev/log", "udp:HOST[:PORT]", "tcp:[2001:db8::1]:PORT"; "//" may stand behind
 * the colon. NULL, or why it is none of these, as in "'x': ...". */
const char *smi_syslog_parse(struct smi_span text,
			     struct smi_syslog_target *out);

/*
 * A server that takes messages. When it goes away it is looked for again, once a
 * second where it is not found; what it could not be given until then is lost, and counted.
 */
struct smi_syslog;
/* Connects. Negative errno with its sentence. */
int smi_syslog_open(sm_ctx *ctx, const char *target, struct smi_syslog **out);
/* A sm_write_fn: messages, each whole and behind its length in bytes and a space. Waits
 * for a server that is slow, but not long. */
int smi_syslog_write(const void *data, size_t len, void *syslog);
/* Whether all were taken: 0, or -EIO with its sentence. */
int smi_syslog_result(const struct smi_syslog *s);
/* NULL is fine. */
void smi_syslog_free(struct smi_syslog *s);

#endif
