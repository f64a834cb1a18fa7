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
#include "portscan/udp-payload.h"

/*
 * A connected UDP socket hears its peer and nobody else, and the kernel gives it the
 * ICMP messages about its datagrams (udp(7), ip(7): IP_RECVERR). It keeps its source
 * address for as long as it has the same peer, and its port for good, so that it can
 * be used again for another port of the same host.
 *
 * What was sent to itself comes back as an answer: no port of this machine is probed
 * while a socket of ours holds it.
 */

/* The longest answer that is read whole. */
#define ANSWER_MAX 2048
#define ANSWERS	   64
/* Datagrams and messages of one socket in a row: the others have their turn. */
#define READS 64

struct sock {
	int fd; /* -1: none yet */
	uint16_t sport;
	bool busy;
	bool moves; /* it is not connected: an answer comes from any port */
	uint8_t attempt;
	socklen_t addr_len;
	struct smi_ip ip;
	union smi_sockaddr addr; /* of the probe */
};

struct engine {
	int epoll;
	/* Slots that were used: the memory of the others is not touched. */
	unsigned used;
	struct smi_own_ports ports;
	char said[ANSWERS][ANSWER_MAX];
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
	smi_fd_reserve(e->epoll, nslots);
	smi_own_ports_init(&e->ports, avoid);
	*out = e;
	return 0;
}

static void engine_spare(void *engine, const struct smi_ports *ports)
{
	((struct engine *)engine)->ports.spared = *ports;
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

static int make_sock(struct engine *e, unsigned slot, uint8_t family)
{
	struct sock *s = &e->socks[slot];
	uint16_t port;
	int fd =
		smi_own_ports_socket(&e->ports, e->epoll, family, SOCK_DGRAM,
				     EPOLLIN | EPOLLERR | EPOLLET, slot, &port);

	if (fd < 0)
		return fd;
	s->fd = fd;
	s->sport = port;
	s->busy = false;
	return 0;
}

static struct sock *sock_of(struct engine *e, unsigned slot)
{
	for (; e->used <= slot; e->used++)
		e->socks[e->used].fd = -1;
	return &e->socks[slot];
}

/* Frees a port that one of our sockets has; false while that one is in use. */
static bool give_up_port(struct engine *e, uint16_t port)
{
	for (unsigned i = 0; i < e->used; i++) {
		struct sock *s = &e->socks[i];

		if (s->fd < 0 || s->sport != port)
			continue;
		if (s->busy)
			return false;
		close_sock(e, s);
		return true;
	}
	return true;
}

static bool is_from(const struct sock *s, const union smi_sockaddr *from)
{
	if (from->sa.sa_family != s->addr.sa.sa_family)
		return false;
	if (s->ip.family == 4)
		return memcmp(&from->in.sin_addr, s->ip.b, 4) == 0;
	return memcmp(&from->in6.sin6_addr, s->ip.b, 16) == 0;
}

/* Port lies at the same place in both. */
static bool is_from_port(const struct sock *s, const union smi_sockaddr *from)
{
	return is_from(s, from) && from->in.sin_port == s->addr.in.sin_port;
}

/* The probe was answered; false: it was not, and goes on. */
static bool judge_message(const struct sock *s,
			  const struct sock_extended_err *x,
			  const union smi_sockaddr *offender,
			  struct smi_answer *a)
{
	uint8_t family = s->ip.family;
	bool told = x->ee_origin == SO_EE_ORIGIN_ICMP ||
		    x->ee_origin == SO_EE_ORIGIN_ICMP6;

	if (!told)
		return false;
	a->by_target = is_from(s, offender);
	a->reason = smi_reason_icmp(family, x->ee_type, x->ee_code);
	if (!a->reason)
		return false;
	a->by_us = smi_reason_is_ours(a->reason, offender);
	a->verdict = a->by_target && strcmp(a->reason, "port-unreachable") == 0
			     ? SMI_VERDICT_CLOSED
			     : SMI_VERDICT_FILTERED;
	return true;
}

/* 1: *a is the answer; 0: there was a message of another kind; -1: there is none. */
static int read_message(const struct sock *s, struct smi_answer *a)
{
	union smi_sockaddr about, offender;
	char space[512], some[1];
	struct iovec io = { some, sizeof(some) };
	struct msghdr m = { .msg_name = &about,
			    .msg_namelen = sizeof(about),
			    .msg_iov = &io,
			    .msg_iovlen = 1,
			    .msg_control = space,
			    .msg_controllen = sizeof(space) };

	memset(&about, 0, sizeof(about));
	if (recvmsg(s->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return -1;
	if (!is_from_port(s, &about))
		return 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct {
			struct sock_extended_err x;
			union smi_sockaddr offender;
		} got;
		size_t len = c->cmsg_len - CMSG_LEN(0);

		if ((c->cmsg_level != IPPROTO_IP ||
		     c->cmsg_type != IP_RECVERR) &&
		    (c->cmsg_level != IPPROTO_IPV6 ||
		     c->cmsg_type != IPV6_RECVERR))
			continue;
		memset(&got, 0, sizeof(got));
		memcpy(&got, CMSG_DATA(c), SMI_MIN(len, sizeof(got)));
		offender = got.offender;
		if (judge_message(s, &got.x, &offender, a))
			return 1;
	}
	return 0;
}

/* The same of datagrams. An error that lies there is taken off. */
static int read_datagram(const struct sock *s, char said[ANSWER_MAX],
			 struct smi_answer *a)
{
	union smi_sockaddr from;
	socklen_t len = sizeof(from);
	ssize_t n;

	memset(&from, 0, sizeof(from));
	n = recvfrom(s->fd, said, ANSWER_MAX, MSG_DONTWAIT, &from.sa, &len);
	if (n < 0)
		return errno == EAGAIN ? -1 : 0;
	if (s->moves ? !is_from(s, &from) : !is_from_port(s, &from))
		return 0;
	a->verdict = SMI_VERDICT_OPEN;
	a->reason = "udp-response";
	a->said = smi_span_of(said, (size_t)n);
	return 1;
}

/* A datagram says more than a message does. */
static bool read_answer(struct sock *s, char said[ANSWER_MAX],
			struct smi_answer *a)
{
	int left = READS, r;

	*a = (struct smi_answer){ .attempt = s->attempt ? -1 : 0 };
	do {
		r = read_datagram(s, said, a);
	} while (r == 0 && --left > 0);
	if (r > 0)
		return true;
	for (left = READS, r = 0; r == 0 && left > 0; left--)
		r = read_message(s, a);
	return r > 0;
}

static void judge_errno(int err, struct smi_answer *a)
{
	a->err = err;
	if (err == EPERM || err == EAFNOSUPPORT || err == EINVAL) {
		a->verdict = SMI_VERDICT_REFUSED;
		return;
	}
	a->reason = smi_reason_errno(err);
	a->verdict = a->reason ? SMI_VERDICT_FILTERED : SMI_VERDICT_AGAIN;
}

static int start(struct sock *s)
{
	return s->moves ? 0 : connect(s->fd, &s->addr.sa, s->addr_len);
}

static int send_payload(const struct sock *s, uint16_t port, unsigned attempt)
{
	struct smi_span p = smi_udp_payload(port, attempt);
	ssize_t n = -1;

	/* What is left of an earlier message is told by the first call, once. */
	for (int i = 0; i < 3 && n < 0; i++) {
		n = s->moves ? sendto(s->fd, p.p, p.len, MSG_NOSIGNAL,
				      &s->addr.sa, s->addr_len)
			     : send(s->fd, p.p, p.len, MSG_NOSIGNAL);
		if (n < 0 && errno != ECONNREFUSED && errno != EHOSTUNREACH)
			return -errno;
	}
	return n < 0 ? -errno : 0;
}

static bool is_same_host(const struct smi_ip *a, const struct smi_ip *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->b, b->b, a->family == 4 ? 4 : 16) == 0;
}

/* A socket for the probe; 0, or a negative errno. */
static int prepare(struct engine *e, unsigned slot, const struct smi_ip *ip,
		   uint16_t port)
{
	const struct smi_udp_row *row = smi_udp_row(port);
	struct sock *s = &e->socks[slot];
	bool moves = row && row->moves, avoided;
	int r;

	if (s->fd >= 0 && (!is_same_host(&s->ip, ip) || s->moves || moves))
		close_sock(e, s);
	s->ip = *ip;
	s->moves = moves;
	s->addr_len = smi_sockaddr_set(&s->addr, ip, port);
	if (s->fd >= 0)
		return 0;
	/* Not by itself. */
	avoided = smi_ports_has(&e->ports.held, port);
	smi_ports_add(&e->ports.held, port);
	r = make_sock(e, slot, ip->family);
	if (!avoided)
		smi_ports_del(&e->ports.held, port);
	return r;
}

static enum smi_sent engine_send(void *engine, unsigned slot,
				 const struct smi_ip *ip, uint16_t port,
				 unsigned attempt, bool near, bool silent,
				 struct smi_answer *answer)
{
	struct engine *e = engine;
	struct sock *s = sock_of(e, slot);
	int r = 0;

	(void)silent;
	*answer = (struct smi_answer){ .slot = slot,
				       .attempt = attempt ? -1 : 0 };
	/* A further try keeps its socket: the answer to an earlier one may come. */
	if (s->busy && !attempt)
		close_sock(e, s);
	if (near && smi_ports_has(&e->ports.held, port) &&
	    !give_up_port(e, port))
		return SMI_SENT_NOT_NOW;
	if (!s->busy) {
		r = prepare(e, slot, ip, port);
		if (r < 0)
			return smi_sent_without(answer, r);
		r = start(s) < 0 ? -errno : 0;
	}
	s->attempt = (uint8_t)SMI_MIN(attempt, 255U);
	if (r == 0)
		r = send_payload(s, port, attempt);
	if (r == 0) {
		s->busy = true;
		return SMI_SENT;
	}
	close_sock(e, s);
	judge_errno(-r, answer);
	return SMI_SENT_ANSWERED;
}

/* false: the probe is still on its way. */
static bool collect(struct engine *e, const struct epoll_event *ev,
		    char said[ANSWER_MAX], struct smi_answer *a)
{
	unsigned slot = (uint32_t)ev->data.u64;
	struct sock *s = &e->socks[slot];

	if ((int)(ev->data.u64 >> 32) != s->fd)
		return false;
	if (!s->busy) {
		/* It is settled, and something comes all the same. */
		close_sock(e, s);
		return false;
	}
	if (!read_answer(s, said, a))
		return false;
	a->slot = slot;
	s->busy = false;
	/* More of it may come, which would be no answer to another probe. */
	if (a->verdict == SMI_VERDICT_OPEN)
		close_sock(e, s);
	return true;
}

static int engine_poll(void *engine, struct smi_answer *answers, int n)
{
	struct engine *e = engine;
	struct epoll_event ev[ANSWERS];
	int got, count = 0;

	got = epoll_wait(e->epoll, ev, SMI_MIN(n, ANSWERS), 0);
	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < got; i++)
		count += collect(e, &ev[i], e->said[count], &answers[count]);
	return count;
}

static bool engine_is_slow(uint16_t port)
{
	return smi_udp_row(port) != NULL;
}

static void engine_drop(void *engine, unsigned slot)
{
	struct engine *e = engine;

	close_sock(e, sock_of(e, slot));
}

static void engine_free(void *engine)
{
	struct engine *e = engine;

	for (unsigned i = 0; i < e->used; i++)
		if (e->socks[i].fd >= 0)
			close(e->socks[i].fd);
	close(e->epoll);
	free(e);
}

const struct smi_engine_ops smi_engine_udp = {
	.method = "udp",
	.sockets = true,
	.datagrams = true,
	.open = engine_open,
	.fd = engine_fd,
	.send = engine_send,
	.poll = engine_poll,
	.spare = engine_spare,
	.is_slow = engine_is_slow,
	.drop = engine_drop,
	.free = engine_free,
};
