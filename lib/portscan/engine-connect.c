/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

/* linux/errqueue.h wants struct timespec. */
#include <time.h>

#include <linux/errqueue.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "portscan/engine.h"
#include "portscan/own-ports.h"
#include "portscan/reason.h"
#include "portscan/sockaddr.h"

/*
 * A TCP socket whose connect() was refused may connect() again, so a closed port
 * costs two system calls: one starts, the second collects the error and resets the
 * socket. Three rules keep that right:
 *
 * - Each socket is bound to a port by number. bind() to port 0 is undone by the
 *   first refusal, and then the kernel picks a port anew for each probe: on
 *   loopback sooner or later the one that is probed, which connects to itself.
 * - No port of this machine is probed while a socket of ours holds it: not by
 *   itself, and not by another one, which could meet it half way (RFC 9293, 3.5,
 *   simultaneous open). Ports that another engine probes meanwhile are never ours.
 * - What was not answered in time is asked anew by another socket; the first one
 *   stays for as long as there is room, since its answer may only be late.
 */

/* An eighth of the slots may keep an early socket. */
#define EARLY_SHARE 8

struct sock {
	int fd; /* -1: none yet */
	uint16_t sport;
	uint8_t family;
	bool busy;
	uint8_t attempt;
	uint8_t early_attempt;
	uint16_t early_sport;
	int early_fd; /* of the first try, while a further one is out; -1 */
	socklen_t addr_len;
	union smi_sockaddr addr; /* of the probe */
};

struct engine {
	int epoll;
	unsigned nslots;
	/* Slots that were used: the memory of the others is not touched. */
	unsigned used;
	bool by_fin;
	unsigned nearly; /* early sockets that are kept */
	struct smi_own_ports ports;
	struct sock socks[];
};

static int engine_open(unsigned nslots, const struct smi_ports *avoid,
		       void **out)
{
	struct engine *e =
		smi_zalloc(sizeof(*e) + nslots * sizeof(e->socks[0]));

	if (!e)
		return -ENOMEM;
	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (e->epoll < 0) {
		int r = -errno;

		free(e);
		return r;
	}
	smi_fd_reserve(e->epoll, nslots + nslots / EARLY_SHARE);
	e->nslots = nslots;
	smi_own_ports_init(&e->ports, avoid);
	*out = e;
	return 0;
}

static void engine_spare(void *engine, const struct smi_ports *ports)
{
	((struct engine *)engine)->ports.spared = *ports;
}

static void engine_end_by_fin(void *engine)
{
	((struct engine *)engine)->by_fin = true;
}

static int engine_fd(const void *engine)
{
	return ((const struct engine *)engine)->epoll;
}

static void close_sock(struct engine *e, struct sock *s)
{
	if (s->fd < 0)
		return;
	close(s->fd);
	smi_ports_del(&e->ports.held, s->sport);
	s->fd = -1;
	s->busy = false;
}

static void close_early(struct engine *e, struct sock *s)
{
	if (s->early_fd < 0)
		return;
	close(s->early_fd);
	smi_ports_del(&e->ports.held, s->early_sport);
	s->early_fd = -1;
	e->nearly--;
}

/* The try that is out was not answered in time, and another one follows. */
static void keep_early(struct engine *e, struct sock *s)
{
	if (s->early_fd >= 0 || e->nearly >= e->nslots / EARLY_SHARE) {
		close_sock(e, s);
		return;
	}
	s->early_fd = s->fd;
	s->early_sport = s->sport;
	s->early_attempt = s->attempt;
	e->nearly++;
	s->fd = -1;
	s->busy = false;
}

/* The early one has the answer: it stands in for the later one. */
static void swap_early(struct engine *e, struct sock *s)
{
	close_sock(e, s);
	s->fd = s->early_fd;
	s->sport = s->early_sport;
	s->attempt = s->early_attempt;
	s->busy = true;
	s->early_fd = -1;
	e->nearly--;
}

static int make_sock(struct engine *e, unsigned slot, uint8_t family)
{
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct sock *s = &e->socks[slot];
	uint16_t port;
	int fd = smi_own_ports_socket(&e->ports, e->epoll, family, SOCK_STREAM,
				      EPOLLOUT | EPOLLET, slot, &port);

	if (fd < 0)
		return fd;
	s->fd = fd;
	s->sport = port;
	s->family = family;
	s->busy = false;
	/* An open port is left by RST: nothing of ours stays in TIME_WAIT. */
	if (!e->by_fin &&
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) < 0) {
		int r = -errno;

		close_sock(e, s);
		return r;
	}
	return 0;
}

static struct sock *sock_of(struct engine *e, unsigned slot)
{
	for (; e->used <= slot; e->used++)
		e->socks[e->used].fd = e->socks[e->used].early_fd = -1;
	return &e->socks[slot];
}

/* Frees a port that one of our sockets has; false while that one is in use. */
static bool give_up_port(struct engine *e, uint16_t port)
{
	for (unsigned i = 0; i < e->used; i++) {
		struct sock *s = &e->socks[i];

		if (s->early_fd >= 0 && s->early_sport == port) {
			close_early(e, s);
			return true;
		}
		if (s->fd < 0 || s->sport != port)
			continue;
		if (s->busy)
			return false;
		close_sock(e, s);
		return true;
	}
	return true;
}

/* What the ICMP message says more exactly than the errno made of it. */
static const char *icmp_reason(const struct sock_extended_err *x)
{
	if (x->ee_origin == SO_EE_ORIGIN_ICMP)
		return smi_reason_icmp(4, x->ee_type, x->ee_code);
	if (x->ee_origin == SO_EE_ORIGIN_ICMP6)
		return smi_reason_icmp(6, x->ee_type, x->ee_code);
	return NULL;
}

/* Takes the last ICMP message from the socket's queue: its reason, or NULL. */
static const char *read_icmp(int fd, bool *by_us)
{
	const char *reason = NULL;

	for (;;) {
		char space[512];
		struct msghdr m = { .msg_control = space,
				    .msg_controllen = sizeof(space) };

		if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return reason;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c;
		     c = CMSG_NXTHDR(&m, c)) {
			struct {
				struct sock_extended_err x;
				union smi_sockaddr offender;
			} got;
			const char *told;

			if ((c->cmsg_level != IPPROTO_IP ||
			     c->cmsg_type != IP_RECVERR) &&
			    (c->cmsg_level != IPPROTO_IPV6 ||
			     c->cmsg_type != IPV6_RECVERR))
				continue;
			memset(&got, 0, sizeof(got));
			memcpy(&got, CMSG_DATA(c),
			       SMI_MIN(c->cmsg_len - CMSG_LEN(0), sizeof(got)));
			told = icmp_reason(&got.x);
			if (!told)
				continue;
			reason = told;
			*by_us = smi_reason_is_ours(told, &got.offender);
		}
	}
}

/* Did the socket meet itself, or another one that we hold? */
static bool is_own_connection(const struct engine *e, const struct sock *s)
{
	union smi_sockaddr own, peer;
	socklen_t own_len = sizeof(own), peer_len = sizeof(peer);

	memset(&own, 0, sizeof(own));
	memset(&peer, 0, sizeof(peer));
	if (getsockname(s->fd, &own.sa, &own_len) < 0 ||
	    getpeername(s->fd, &peer.sa, &peer_len) < 0)
		return false; /* it is gone again, so there was another side */
	/* Port and address lie at the same place in both. */
	return own_len == peer_len &&
	       smi_ports_has(&e->ports.held, ntohs(peer.in.sin_port)) &&
	       memcmp(&own, &peer, own_len) == 0;
}

static void judge_connected(struct engine *e, struct sock *s,
			    struct smi_answer *a)
{
	if (is_own_connection(e, s)) {
		a->verdict = SMI_VERDICT_AGAIN;
		a->err = EADDRINUSE;
	} else {
		a->verdict = SMI_VERDICT_OPEN;
		a->reason = SMI_REASON_SYN_ACK;
	}
	close_sock(e, s);
}

/* The errno that connect() gave for a probe, as an answer. */
static void judge_error(struct engine *e, struct sock *s, int err,
			struct smi_answer *a)
{
	const char *reason;

	s->busy = false;
	a->err = err;
	switch (err) {
	case ECONNREFUSED:
		reason = read_icmp(s->fd, &a->by_us);
		a->verdict = reason ? SMI_VERDICT_FILTERED : SMI_VERDICT_CLOSED;
		a->reason = reason ? reason : "conn-refused";
		return;
	case ECONNRESET:
	case EPIPE:
		/* Only a connection that was there can be reset. */
		a->verdict = SMI_VERDICT_OPEN;
		a->reason = SMI_REASON_SYN_ACK;
		close_sock(e, s);
		return;
	case EPERM:
	case EAFNOSUPPORT:
	case EINVAL:
		a->verdict = SMI_VERDICT_REFUSED;
		close_sock(e, s);
		return;
	default:
		break;
	}
	reason = smi_reason_errno(err);
	a->verdict = reason ? SMI_VERDICT_FILTERED : SMI_VERDICT_AGAIN;
	a->reason = reason;
	if (reason) {
		const char *exact = read_icmp(s->fd, &a->by_us);

		a->reason = exact ? exact : reason;
		return;
	}
	close_sock(e, s);
}

static enum smi_sent engine_send(void *engine, unsigned slot,
				 const struct smi_ip *ip, uint16_t port,
				 unsigned attempt, bool near, bool silent,
				 struct smi_answer *answer)
{
	struct engine *e = engine;
	struct sock *s = sock_of(e, slot);
	int r;

	(void)silent;
	*answer = (struct smi_answer){ .slot = slot, .attempt = (int)attempt };
	if (s->busy && attempt)
		keep_early(e, s);
	else if (s->busy)
		close_sock(e, s);
	if (near && smi_ports_has(&e->ports.held, port) &&
	    !give_up_port(e, port))
		return SMI_SENT_NOT_NOW;
	if (s->fd >= 0 && s->family != ip->family)
		close_sock(e, s);
	if (s->fd < 0) {
		/* It must not draw the very port that it will probe. */
		bool avoided = smi_ports_has(&e->ports.held, port);

		smi_ports_add(&e->ports.held, port);
		r = make_sock(e, slot, ip->family);
		if (!avoided)
			smi_ports_del(&e->ports.held, port);
		if (r < 0)
			return smi_sent_without(answer, r);
	}
	s->attempt = (uint8_t)attempt;
	s->addr_len = smi_sockaddr_set(&s->addr, ip, port);
	r = connect(s->fd, &s->addr.sa, s->addr_len);
	if (r < 0 && errno == EINPROGRESS) {
		s->busy = true;
		return SMI_SENT;
	}
	if (r == 0)
		judge_connected(e, s, answer);
	else
		judge_error(e, s, errno, answer);
	close_early(e, s);
	return SMI_SENT_ANSWERED;
}

/*
 * What connect() says of the probe: 0, or a positive errno. An ICMP message that came
 * while it was still at work only lies in the queue: the socket would go on for a
 * second, until its next SYN. *reason tells of that.
 */
static int probe_error(struct sock *s, int fd, unsigned events,
		       const char **reason, bool *by_us)
{
	int err = connect(fd, &s->addr.sa, s->addr_len) < 0 ? errno : 0;

	*reason = NULL;
	if (err == EISCONN)
		return 0;
	if ((err == EALREADY || err == EINTR) && (events & EPOLLERR))
		*reason = read_icmp(fd, by_us);
	return err;
}

/* false: the probe is still on its way. */
static bool collect(struct engine *e, const struct epoll_event *ev,
		    struct smi_answer *a)
{
	unsigned slot = (uint32_t)ev->data.u64;
	int fd = (int)(ev->data.u64 >> 32), err;
	struct sock *s = &e->socks[slot];
	bool early = fd == s->early_fd;
	const char *reason;
	bool by_us = false;

	if (!early && (!s->busy || fd != s->fd))
		return false;
	err = probe_error(s, fd, ev->events, &reason, &by_us);
	if ((err == EALREADY || err == EINTR) && !reason)
		return false;
	if (early)
		swap_early(e, s);
	*a = (struct smi_answer){ .slot = slot, .attempt = s->attempt };
	if (reason) {
		a->verdict = SMI_VERDICT_FILTERED;
		a->reason = reason;
		a->by_us = by_us;
		close_sock(e, s);
	} else if (!err) {
		judge_connected(e, s, a);
	} else {
		judge_error(e, s, err, a);
	}
	close_early(e, s);
	return true;
}

static int engine_poll(void *engine, struct smi_answer *answers, int n)
{
	struct engine *e = engine;
	struct epoll_event ev[64];
	int got, count = 0;

	got = epoll_wait(e->epoll, ev, SMI_MIN(n, (int)SMI_COUNT(ev)), 0);
	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < got; i++)
		count += collect(e, &ev[i], &answers[count]);
	return count;
}

static void engine_drop(void *engine, unsigned slot)
{
	struct engine *e = engine;

	close_sock(e, sock_of(e, slot));
	close_early(e, sock_of(e, slot));
}

static void engine_free(void *engine)
{
	struct engine *e = engine;

	for (unsigned i = 0; i < e->used; i++) {
		if (e->socks[i].fd >= 0)
			close(e->socks[i].fd);
		if (e->socks[i].early_fd >= 0)
			close(e->socks[i].early_fd);
	}
	close(e->epoll);
	free(e);
}

const struct smi_engine_ops smi_engine_connect = {
	.method = "connect",
	.sockets = true,
	.asks_again = true,
	.open = engine_open,
	.fd = engine_fd,
	.send = engine_send,
	.poll = engine_poll,
	.spare = engine_spare,
	.end_by_fin = engine_end_by_fin,
	.drop = engine_drop,
	.free = engine_free,
};
