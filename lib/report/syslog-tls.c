/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "report/syslog.h"

/* Of what a server says, before each message. */
#define MOST_READS 64

/* What the library has made goes to the server. */
static int drain(struct smi_syslog_tls *t, const struct smi_syslog_wire *w)
{
	char bytes[4096];
	size_t n;
	int r = 0;

	while (r == 0 && (n = smi_tls_take(t->tls, bytes, sizeof(bytes))) > 0)
		r = smi_syslog_send(w, smi_span_of(bytes, n));
	return r;
}

/* 1: something came; 0: nothing is here; -EPIPE at the end. */
static int take_in(struct smi_syslog_tls *t, const struct smi_syslog_wire *w)
{
	char bytes[4096];
	ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	return smi_tls_put(t->tls, smi_span_of(bytes, (size_t)n)) ? 1 : -ENOMEM;
}

static int shake_hands(struct smi_syslog_tls *t,
		       const struct smi_syslog_wire *w, const char **why)
{
	for (;;) {
		enum smi_tls_state state = smi_tls_shake(t->tls);
		int r = drain(t, w);

		if (state == SMI_TLS_FAILED) {
			*why = smi_tls_problem(t->tls);
			*why = *why ? *why : "the TLS handshake failed";
			return -EIO;
		}
		if (r < 0 || state == SMI_TLS_UP)
			return r;
		r = smi_syslog_wait(w, POLLIN);
		if (r == 0)
			r = take_in(t, w);
		if (r < 0)
			return r;
	}
}

int smi_syslog_tls_up(struct smi_syslog_tls *t, const struct smi_syslog_wire *w,
		      const char *host, const char **why)
{
	int r = 0;

	if (!t->lib) {
		r = smi_tls_lib_new(SMI_TLS_TRUST, &t->lib, t->why,
				    sizeof(t->why));
		if (r < 0) {
			*why = r == -ENOTSUP ? t->why : NULL;
			return r;
		}
	}
	t->tls = smi_tls_new(t->lib, host, smi_span_str(""));
	return t->tls ? shake_hands(t, w, why) : -ENOMEM;
}

int smi_syslog_tls_send(struct smi_syslog_tls *t,
			const struct smi_syslog_wire *w, struct smi_span bytes)
{
	return smi_tls_write(t->tls, bytes) ? drain(t, w) : -EPIPE;
}

bool smi_syslog_tls_gone(struct smi_syslog_tls *t,
			 const struct smi_syslog_wire *w)
{
	char ignored[1024];
	int r = 1;

	for (int i = 0; r > 0 && i < MOST_READS; i++)
		r = take_in(t, w);
	while (r >= 0) {
		ptrdiff_t n = smi_tls_read(t->tls, ignored, sizeof(ignored));

		if (n == 0)
			return false;
		r = n < 0 ? -EPIPE : 0;
	}
	return true;
}

void smi_syslog_tls_down(struct smi_syslog_tls *t,
			 const struct smi_syslog_wire *w)
{
	if (t->tls && w->fd >= 0) {
		smi_tls_end(t->tls);
		drain(t, w);
	}
	smi_tls_free(t->tls);
	t->tls = NULL;
}

void smi_syslog_tls_free(struct smi_syslog_tls *t)
{
	smi_tls_free(t->tls);
	smi_tls_lib_free(t->lib);
	*t = (struct smi_syslog_tls){ 0 };
}
