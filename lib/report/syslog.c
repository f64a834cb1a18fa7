/* SPDX-License-Identifier: MIT */
#include "report/syslog.h"

#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* So long the server may take for a connection, or for room for a message. */
#define PATIENCE_MS 5000
#define AGAIN	    SMI_SEC

struct smi_syslog {
	sm_ctx *ctx;
	char *name; /* of the target, as it was given */
	struct smi_syslog_target target;
	int fd; /* -1: it went away */
	struct smi_syslog_tls tls;
	int64_t again_at;
	uint64_t sent, lost;
	int err; /* positive errno of the last that was lost */
};

int smi_syslog_wait(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int r;

	do
		r = poll(&p, 1, PATIENCE_MS);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return r ? 0 : -ETIMEDOUT;
}

static int finish_connect(int fd)
{
	int err = 0, r = smi_syslog_wait(fd, POLLOUT);
	socklen_t len = sizeof(err);

	if (r < 0)
		return r;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

static int connect_to(int type, const struct sockaddr *to, socklen_t len)
{
	static const int one = 1;
	SMI_AUTOCLOSE int fd =
		socket(to->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, to, len) < 0)
		r = errno == EINPROGRESS || errno == EINTR ? finish_connect(fd)
							   : -errno;
	if (r < 0)
		return r;
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one,
				 sizeof(one));
	r = fd;
	fd = -1;
	return r;
}

static int connect_path(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	memcpy(to.sun_path, path, strlen(path) + 1);
	return connect_to(SOCK_DGRAM, (const struct sockaddr *)&to, sizeof(to));
}

/* *why: what getaddrinfo(3) says, where it is that. */
static int connect_host(const struct smi_syslog_target *t, const char **why)
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
	for (const struct addrinfo *a = list; a && r < 0; a = a->ai_next)
		r = connect_to(hints.ai_socktype, a->ai_addr, a->ai_addrlen);
	freeaddrinfo(list);
	return r;
}

static void leave(struct smi_syslog *s)
{
	smi_syslog_tls_down(&s->tls, s->fd);
	smi_closep(&s->fd);
}

/* A server that refuses is asked again a while later. */
static int reach(struct smi_syslog *s, const char **why)
{
	int r;

	leave(s);
	r = s->target.way == SMI_SYSLOG_UNIX ? connect_path(s->target.host)
					     : connect_host(&s->target, why);
	if (r >= 0) {
		s->fd = r;
		r = s->target.way == SMI_SYSLOG_TLS
			    ? smi_syslog_tls_up(&s->tls, s->fd, s->target.host,
						why)
			    : 0;
	}
	if (r < 0)
		leave(s);
	s->again_at = smi_now_mono(s->ctx) + (r < 0 ? AGAIN : 0);
	return r;
}

int smi_syslog_open(sm_ctx *ctx, const char *target, struct smi_syslog **out)
{
	struct smi_syslog *s = smi_zalloc(sizeof(*s));
	const char *why;
	int r;

	if (!s)
		return smi_fail_nomem(ctx);
	s->ctx = ctx;
	s->fd = -1;
	s->name = smi_strdup(target);
	if (!s->name) {
		smi_syslog_free(s);
		return smi_fail_nomem(ctx);
	}
	why = smi_syslog_parse(smi_span_str(target), &s->target);
	if (why) {
		smi_syslog_free(s);
		return smi_fail(ctx, -EINVAL, "syslog server '%s': %s", target,
				why);
	}
	r = reach(s, &why);
	if (r < 0) {
		smi_syslog_free(s);
		return smi_fail(ctx, r, "syslog server '%s': %s", target,
				why ? why : smi_strerror(-r));
	}
	*out = s;
	return 0;
}

/* A stream that the other side has closed takes one more message, which is lost. */
static bool is_gone(struct smi_syslog *s)
{
	char byte;
	ssize_t n;

	if (s->fd < 0)
		return true;
	if (s->target.way == SMI_SYSLOG_TLS)
		return smi_syslog_tls_gone(&s->tls, s->fd);
	if (s->target.way != SMI_SYSLOG_TCP)
		return false;
	n = recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}

int smi_syslog_send(int fd, struct smi_span bytes)
{
	while (bytes.len) {
		ssize_t n = send(fd, bytes.p, bytes.len, MSG_NOSIGNAL);
		int r = n < 0 ? -errno : 0;

		if (r == -EAGAIN || r == -ENOBUFS)
			r = smi_syslog_wait(fd, POLLOUT);
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
	return s->target.way == SMI_SYSLOG_TLS
		       ? smi_syslog_tls_send(&s->tls, s->fd, m)
		       : smi_syslog_send(s->fd, m);
}

/* A message that came only in part is sent whole to the next connection. */
static void send_message(struct smi_syslog *s, struct smi_span m)
{
	const char *why = NULL;
	int r = is_gone(s) ? -ENOTCONN : send_all(s, m);

	if (r < 0 && r != -EMSGSIZE && smi_now_mono(s->ctx) >= s->again_at) {
		r = reach(s, &why);
		if (r == 0)
			r = send_all(s, m);
	}
	s->sent++;
	if (r == 0)
		return;
	if (!s->lost++)
		smi_log(s->ctx, SM_LOG_WARNING, "syslog",
			"messages to '%s' are lost: %s", s->name,
			why ? why : smi_strerror(-r));
	s->err = -r;
	if (r != -EMSGSIZE)
		leave(s);
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
	return smi_fail(s->ctx, -EIO,
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
