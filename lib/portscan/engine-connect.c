/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

/* linux/errqueue.h wants struct timespec. */
#include <time.h>

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fsroot.h"
#include "portscan/engine.h"
#include "portscan/random.h"

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
 *   simultaneous open).
 * - What was not answered in time is closed and made anew.
 */

union sockaddr_any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct sock {
	int fd; /* -1: none yet */
	uint16_t sport;
	uint8_t family;
	bool busy;
	socklen_t addr_len;
	union sockaddr_any addr; /* of the probe */
};

struct engine {
	int epoll;
	unsigned nslots;
	struct smi_random random;
	struct smi_ports avoid; /* not ours by preference */
	struct smi_ports held;	/* by our sockets */
	uint16_t range_first, range_last;
	struct sock socks[];
};

/* Tries at a free source port: in the range that the system takes its own from,
 * then anywhere that needs no privilege. */
#define RANGE_TRIES	32
#define OTHER_TRIES	64
#define FIRST_USER_PORT 1024

static socklen_t set_addr(union sockaddr_any *a, const struct smi_ip *ip,
			  uint16_t port)
{
	memset(a, 0, sizeof(*a));
	if (ip->family == 4) {
		a->in.sin_family = AF_INET;
		a->in.sin_port = htons(port);
		memcpy(&a->in.sin_addr, ip->b, 4);
		return sizeof(a->in);
	}
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons(port);
	a->in6.sin6_scope_id = ip->scope;
	memcpy(&a->in6.sin6_addr, ip->b, 16);
	return sizeof(a->in6);
}

static void read_local_range(struct engine *e)
{
	static const struct smi_fsroot here = { -1, NULL };
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	uint64_t first = 0, last = 0;
	struct smi_span s;

	(void)smi_fsroot_read(&here, "/proc/sys/net/ipv4/ip_local_port_range",
			      64, &text);
	s = smi_buf_span(&text);
	s = smi_span_skip(s, smi_span_digits(s, &first));
	smi_span_digits(smi_span_trim(s), &last);
	if (first < FIRST_USER_PORT || last < first || last > 65535) {
		first = 32768;
		last = 60999;
	}
	e->range_first = (uint16_t)first;
	e->range_last = (uint16_t)last;
}

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
	for (unsigned i = 0; i < nslots; i++)
		e->socks[i].fd = -1;
	e->nslots = nslots;
	e->avoid = *avoid;
	smi_random_init(&e->random);
	read_local_range(e);
	*out = e;
	return 0;
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
	smi_ports_del(&e->held, s->sport);
	s->fd = -1;
	s->busy = false;
}

static int bind_to(int fd, uint8_t family, uint16_t port)
{
	struct smi_ip any = { .family = family };
	union sockaddr_any a;
	socklen_t len = set_addr(&a, &any, port);

	return bind(fd, &a.sa, len) < 0 ? -errno : 0;
}

/* Draws in [first, last] until a port is free; the last errno otherwise. */
static int bind_within(struct engine *e, int fd, uint8_t family, unsigned first,
		       unsigned last, int tries, uint16_t *port)
{
	int r = -EADDRINUSE;

	while (tries-- > 0) {
		uint16_t p =
			(uint16_t)(first + smi_random_below(&e->random,
							    last - first + 1));

		/* The last draws of a crowded range take what there is. */
		if (smi_ports_has(&e->held, p) ||
		    (tries > 4 && smi_ports_has(&e->avoid, p)))
			continue;
		r = bind_to(fd, family, p);
		if (r == 0) {
			*port = p;
			return 0;
		}
		if (r != -EADDRINUSE && r != -EACCES)
			break;
	}
	return r == -EACCES ? -EADDRINUSE : r;
}

static int set_options(int fd, uint8_t family)
{
	static const int one = 1;
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	/* An open port is left by RST: nothing of ours stays in TIME_WAIT. */
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) < 0)
		return -errno;
	if (family == 6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof(one));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	}
	return 0;
}

static int make_sock(struct engine *e, unsigned slot, uint8_t family)
{
	struct epoll_event ev = { .events = EPOLLOUT | EPOLLET,
				  .data.u32 = slot };
	SMI_AUTOCLOSE int fd =
		socket(family == 4 ? AF_INET : AF_INET6,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	uint16_t port = 0;
	int r;

	if (fd < 0)
		return -errno;
	r = set_options(fd, family);
	if (r == 0)
		r = bind_within(e, fd, family, e->range_first, e->range_last,
				RANGE_TRIES, &port);
	if (r == -EADDRINUSE)
		r = bind_within(e, fd, family, FIRST_USER_PORT, 65535,
				OTHER_TRIES, &port);
	if (r == 0 && epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		r = -errno;
	if (r < 0)
		return r;
	e->socks[slot] =
		(struct sock){ .fd = fd, .sport = port, .family = family };
	smi_ports_add(&e->held, port);
	fd = -1;
	return 0;
}

/* Frees a port that one of our sockets has; false while that one is in use. */
static bool give_up_port(struct engine *e, uint16_t port)
{
	for (unsigned i = 0; i < e->nslots; i++) {
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

static const char *unreachable_reason(int err)
{
	switch (err) {
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENONET:
		return "host-unreachable";
	case ENETUNREACH:
	case ENETDOWN:
		return "net-unreachable";
	case EACCES:
		return "admin-prohibited";
	case ENOPROTOOPT:
		return "proto-unreachable";
	case ETIMEDOUT:
		return "no-response";
	default:
		return NULL;
	}
}

/* What the ICMP message says more exactly than the errno made of it
 * (RFC 792, RFC 1812 5.2.7.1; RFC 4443 3.1). */
static const char *icmp_reason(const struct sock_extended_err *x)
{
	static const char *const v4[] = {
		[0] = "net-unreachable",   [1] = "host-unreachable",
		[2] = "proto-unreachable", [3] = "port-unreachable",
		[5] = "source-route",	   [6] = "net-unreachable",
		[7] = "host-unreachable",  [8] = "host-unreachable",
		[9] = "admin-prohibited",  [10] = "admin-prohibited",
		[11] = "net-unreachable",  [12] = "host-unreachable",
		[13] = "admin-prohibited", [14] = "admin-prohibited",
		[15] = "admin-prohibited",
	};
	static const char *const v6[] = {
		[0] = "net-unreachable",  [1] = "admin-prohibited",
		[2] = "net-unreachable",  [3] = "host-unreachable",
		[4] = "port-unreachable", [5] = "admin-prohibited",
		[6] = "admin-prohibited",
	};

	if (x->ee_origin == SO_EE_ORIGIN_ICMP && x->ee_type == 3 &&
	    x->ee_code < SMI_COUNT(v4))
		return v4[x->ee_code];
	if (x->ee_origin == SO_EE_ORIGIN_ICMP6 && x->ee_type == 1 &&
	    x->ee_code < SMI_COUNT(v6))
		return v6[x->ee_code];
	return NULL;
}

/* Takes the last ICMP message from the socket's queue: its reason, or NULL. */
static const char *read_icmp(int fd)
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
			struct sock_extended_err x;

			if ((c->cmsg_level != IPPROTO_IP ||
			     c->cmsg_type != IP_RECVERR) &&
			    (c->cmsg_level != IPPROTO_IPV6 ||
			     c->cmsg_type != IPV6_RECVERR))
				continue;
			memcpy(&x, CMSG_DATA(c), sizeof(x));
			reason = icmp_reason(&x) ? icmp_reason(&x) : reason;
		}
	}
}

/* Did the socket meet itself, or another one that we hold? */
static bool is_own_connection(const struct engine *e, const struct sock *s)
{
	union sockaddr_any own, peer;
	socklen_t own_len = sizeof(own), peer_len = sizeof(peer);

	memset(&own, 0, sizeof(own));
	memset(&peer, 0, sizeof(peer));
	if (getsockname(s->fd, &own.sa, &own_len) < 0 ||
	    getpeername(s->fd, &peer.sa, &peer_len) < 0)
		return false; /* it is gone again, so there was another side */
	/* Port and address lie at the same place in both. */
	return own_len == peer_len &&
	       smi_ports_has(&e->held, ntohs(peer.in.sin_port)) &&
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
		a->reason = "syn-ack";
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
		reason = read_icmp(s->fd);
		a->verdict = reason ? SMI_VERDICT_FILTERED : SMI_VERDICT_CLOSED;
		a->reason = reason ? reason : "conn-refused";
		return;
	case ECONNRESET:
	case EPIPE:
		/* Only a connection that was there can be reset. */
		a->verdict = SMI_VERDICT_OPEN;
		a->reason = "syn-ack";
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
	reason = unreachable_reason(err);
	a->verdict = reason ? SMI_VERDICT_FILTERED : SMI_VERDICT_AGAIN;
	a->reason = reason;
	if (reason) {
		const char *exact = read_icmp(s->fd);

		a->reason = exact ? exact : reason;
		return;
	}
	close_sock(e, s);
}

static enum smi_sent no_room(struct smi_answer *a, int r)
{
	a->err = -r;
	if (r == -EAFNOSUPPORT || r == -EPERM || r == -EACCES) {
		a->verdict = SMI_VERDICT_REFUSED;
		return SMI_SENT_ANSWERED;
	}
	return SMI_SENT_NO_ROOM;
}

static enum smi_sent engine_send(void *engine, unsigned slot,
				 const struct smi_ip *ip, uint16_t port,
				 unsigned attempt, bool near,
				 struct smi_answer *answer)
{
	struct engine *e = engine;
	struct sock *s = &e->socks[slot];
	int r;

	(void)attempt;
	*answer = (struct smi_answer){ .slot = slot, .attempt = -1 };
	if (s->busy)
		close_sock(e, s);
	if (near && smi_ports_has(&e->held, port) && !give_up_port(e, port))
		return SMI_SENT_NOT_NOW;
	if (s->fd >= 0 && s->family != ip->family)
		close_sock(e, s);
	if (s->fd < 0) {
		/* It must not draw the very port that it will probe. */
		bool avoided = smi_ports_has(&e->held, port);

		smi_ports_add(&e->held, port);
		r = make_sock(e, slot, ip->family);
		if (!avoided)
			smi_ports_del(&e->held, port);
		if (r < 0)
			return no_room(answer, r);
	}
	s->addr_len = set_addr(&s->addr, ip, port);
	if (connect(s->fd, &s->addr.sa, s->addr_len) == 0) {
		judge_connected(e, s, answer);
		return SMI_SENT_ANSWERED;
	}
	if (errno == EINPROGRESS) {
		s->busy = true;
		return SMI_SENT;
	}
	judge_error(e, s, errno, answer);
	return SMI_SENT_ANSWERED;
}

/*
 * An ICMP message that came while connect() was still at work only lies in the
 * queue: the socket would go on for a second, until its next SYN.
 */
static bool collect_icmp(struct engine *e, struct sock *s, struct smi_answer *a)
{
	const char *reason = read_icmp(s->fd);

	if (!reason)
		return false;
	a->verdict = SMI_VERDICT_FILTERED;
	a->reason = reason;
	close_sock(e, s);
	return true;
}

/* false: the probe is still on its way. */
static bool collect(struct engine *e, const struct epoll_event *ev,
		    struct smi_answer *a)
{
	unsigned slot = ev->data.u32;
	struct sock *s = &e->socks[slot];
	int r;

	if (!s->busy)
		return false;
	*a = (struct smi_answer){ .slot = slot, .attempt = -1 };
	r = connect(s->fd, &s->addr.sa, s->addr_len);
	if (r < 0 && (errno == EALREADY || errno == EINTR))
		return (ev->events & EPOLLERR) && collect_icmp(e, s, a);
	if (r == 0 || errno == EISCONN)
		judge_connected(e, s, a);
	else
		judge_error(e, s, errno, a);
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

	close_sock(e, &e->socks[slot]);
}

static void engine_free(void *engine)
{
	struct engine *e = engine;

	for (unsigned i = 0; i < e->nslots; i++)
		if (e->socks[i].fd >= 0)
			close(e->socks[i].fd);
	close(e->epoll);
	free(e);
}

const struct smi_engine_ops smi_engine_connect = {
	.method = "connect",
	.sockets = true,
	.open = engine_open,
	.fd = engine_fd,
	.send = engine_send,
	.poll = engine_poll,
	.drop = engine_drop,
	.free = engine_free,
};
