/* SPDX-License-Identifier: MIT */
#include "report/syslog.h"

#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* So long a connection may take in all, so long a message, and so long leave. */
#define CONNECT_TIME (5 * SMI_SEC)
#define MESSAGE_TIME (2 * SMI_SEC)
#define LEAVE_TIME   (SMI_SEC / 2)
/* What fails is tried again so much later, twice as long each time. */
#define AGAIN	   SMI_SEC
#define MOST_AGAIN (60 * SMI_SEC)

struct smi_syslog {
	char *name; /* of the target, as it was given */
	struct smi_syslog_target target;
	struct smi_syslog_wire wire;
	struct smi_syslog_tls tls;
	int64_t pause, again_at;
	uint64_t sent, lost;
	int err; /* positive errno of the last that was lost */
};

int smi_syslog_wait(const struct smi_syslog_wire *w, short events)
{
	for (;;) {
		struct pollfd p = { .fd = w->fd, .events = events };
		int64_t left = w->deadline - smi_now_mono(w->ctx);
		int r = left > 0 ? poll(&p, 1, (int)(left / SMI_MSEC) + 1) : 0;

		if (left <= 0)
			return -ETIMEDOUT;
		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}

static int finish_connect(const struct smi_syslog_wire *w)
{
	int err = 0, r = smi_syslog_wait(w, POLLOUT);
	socklen_t len = sizeof(err);

	if (r < 0)
		return r;
	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

static int connect_to(struct smi_syslog_wire *w, int type,
		      const struct sockaddr *to, socklen_t len)
{
	static const int one = 1;
	int r = 0;

	smi_closep(&w->fd);
	w->fd = socket(to->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (w->fd < 0)
		return -errno;
	if (connect(w->fd, to, len) < 0)
		r = errno == EINPROGRESS || errno == EINTR ? finish_connect(w)
							   : -errno;
	if (r == 0 && type == SOCK_STREAM)
		(void)setsockopt(w->fd, SOL_SOCKET, SO_KEEPALIVE, &one,
				 sizeof(one));
	return r;
}

static int connect_path(struct smi_syslog_wire *w, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	memcpy(to.sun_path, path, strlen(path) + 1);
	return connect_to(w, SOCK_DGRAM, (const struct sockaddr *)&to,
			  sizeof(to));
}

/* *why: what getaddrinfo(3) says, where it is that. */
static int connect_host(struct smi_syslog_wire *w,
			const struct smi_syslog_target *t, const char **why)
{
	struct addrinfo hints = {
		.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV,
		.ai_socktype =
			t->way == SMI_SYSLOG_UDP ? SOCK_DGRAM : SOCK_STREAM,
	};
	struct addrinfo *list;
	int r = getaddrinfo(t->host, t->port, &hints, &list);

	if (r) {
		*why = r == EAI_SYSTEM ? NULL : gai_strerror(r);
		return r == EAI_MEMORY ? -ENOMEM
		       : *why	       ? -EHOSTUNREACH
				       : -errno;
	}
	r = -EHOSTUNREACH;
	for (const struct addrinfo *a = list; a && r < 0 && r != -ETIMEDOUT;
	     a = a->ai_next)
		r = connect_to(w, hints.ai_socktype, a->ai_addr, a->ai_addrlen);
	freeaddrinfo(list);
	return r;
}

static void allow(struct smi_syslog *s, int64_t time)
{
	s->wire.deadline = smi_now_mono(s->wire.ctx) + time;
}

static void leave(struct smi_syslog *s)
{
	allow(s, LEAVE_TIME);
	smi_syslog_tls_down(&s->tls, &s->wire);
	smi_closep(&s->wire.fd);
}

/* What is wrong with it shall not hold up each message. */
static void leave_for_now(struct smi_syslog *s)
{
	leave(s);
	s->pause = SMI_MIN(SMI_MAX(2 * s->pause, AGAIN), MOST_AGAIN);
	s->again_at = smi_now_mono(s->wire.ctx) + s->pause;
}

static int reach(struct smi_syslog *s, const char **why)
{
	int r;

	leave(s);
	allow(s, CONNECT_TIME);
	r = s->target.way == SMI_SYSLOG_UNIX
		    ? connect_path(&s->wire, s->target.host)
		    : connect_host(&s->wire, &s->target, why);
	if (r == 0 && s->target.way == SMI_SYSLOG_TLS)
		r = smi_syslog_tls_up(&s->tls, &s->wire, s->target.host, why);
	if (r < 0)
		leave_for_now(s);
	return r;
}

static struct smi_syslog *syslog_new(sm_ctx *ctx, const char *target)
{
	struct smi_syslog *s = smi_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->wire = (struct smi_syslog_wire){ .ctx = ctx, .fd = -1 };
	s->name = smi_strdup(target);
	if (s->name)
		return s;
	smi_syslog_free(s);
	return NULL;
}

int smi_syslog_open(sm_ctx *ctx, const char *target, struct smi_syslog **out)
{
	struct smi_syslog *s = syslog_new(ctx, target);
	const char *why;
	int r;

	if (!s)
		return smi_fail_nomem(ctx);
	why = smi_syslog_parse(smi_span_str(target), &s->target);
	r = why ? -EINVAL : reach(s, &why);
	if (r < 0)
		smi_fail(ctx, r, "syslog server '%s': %s", target,
			 why ? why : smi_strerror(-r));
	if (r == -EINVAL || r == -ENOMEM || r == -ENOTSUP) {
		smi_syslog_free(s);
		return r;
	}
	*out = s;
	return r < 0;
}

/* A stream that the other side has closed takes one more message, which is lost. */
static bool is_gone(struct smi_syslog *s)
{
	char byte;
	ssize_t n;

	if (s->wire.fd < 0)
		return true;
	if (s->target.way == SMI_SYSLOG_TLS)
		return smi_syslog_tls_gone(&s->tls, &s->wire);
	if (s->target.way != SMI_SYSLOG_TCP)
		return false;
	n = recv(s->wire.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}

int smi_syslog_send(const struct smi_syslog_wire *w, struct smi_span bytes)
{
	while (bytes.len) {
		ssize_t n = send(w->fd, bytes.p, bytes.len, MSG_NOSIGNAL);
		int r = n < 0 ? -errno : 0;

		if (r == -EAGAIN || r == -ENOBUFS)
			r = smi_syslog_wait(w, POLLOUT);
		else if (r == -EINTR)
			r = 0;
		if (r < 0)
			return r;
		bytes = smi_span_skip(bytes, (size_t)SMI_MAX(n, 0));
	}
	return 0;
}

static int send_all(struct smi_syslog *s, struct smi_span m)
{
	allow(s, MESSAGE_TIME);
	return s->target.way == SMI_SYSLOG_TLS
		       ? smi_syslog_tls_send(&s->tls, &s->wire, m)
		       : smi_syslog_send(&s->wire, m);
}

/* A message that came only in part is sent whole to the next connection. */
static void send_message(struct smi_syslog *s, struct smi_span m)
{
	const char *why = NULL;
	int r = is_gone(s) ? -ENOTCONN : send_all(s, m);

	if (r < 0 && r != -EMSGSIZE && r != -ETIMEDOUT &&
	    smi_now_mono(s->wire.ctx) >= s->again_at) {
		r = reach(s, &why);
		if (r == 0)
			r = send_all(s, m);
	}
	s->sent++;
	if (r == 0) {
		s->pause = 0;
		return;
	}
	if (!s->lost++)
		smi_log(s->wire.ctx, SM_LOG_WARNING, "syslog",
			"messages to '%s' are lost: %s", s->name,
			why ? why : smi_strerror(-r));
	/* What went before tells more than that it is not there. */
	if (r != -ENOTCONN || !s->err)
		s->err = -r;
	if (r != -EMSGSIZE && s->wire.fd >= 0)
		leave_for_now(s);
}

int smi_syslog_write(const void *data, size_t len, void *syslog)
{
	struct smi_syslog *s = syslog;
	struct smi_span rest = smi_span_of(data, len);

	while (rest.len) {
		uint64_t n = 0;
		size_t head = smi_span_digits(rest, &n) + 1;
		bool stream = s->target.way == SMI_SYSLOG_TCP ||
			      s->target.way == SMI_SYSLOG_TLS;

		send_message(s, stream ? smi_span_head(rest, head + n)
				       : smi_span_head(
						 smi_span_skip(rest, head), n));
		rest = smi_span_skip(rest, head + n);
	}
	return 0;
}

int smi_syslog_result(const struct smi_syslog *s)
{
	if (!s->lost)
		return 0;
	return smi_fail(s->wire.ctx, -EIO,
			"syslog server '%s': %llu of %llu messages were lost: "
			"%s",
			s->name, (unsigned long long)s->lost,
			(unsigned long long)s->sent, smi_strerror(s->err));
}

void smi_syslog_free(struct smi_syslog *s)
{
	if (!s)
		return;
	leave(s);
	smi_syslog_tls_free(&s->tls);
	free(s->name);
	free(s);
}
