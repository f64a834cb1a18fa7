/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "portscan/engine.h"
#include "portscan/reason.h"
#include "portscan/syn-out.h"
#include "portscan/syn-slots.h"
#include "portscan/syn-socket.h"

/*
 * Half-open probes from raw sockets. The port that an answer comes to tells which try
 * it answers.
 *
 * An answer is believed when it carries the cookie of a probe that is out. One that
 * is forged, from elsewhere or comes twice makes no result.
 */

#define PACKET	192 /* enough of an ICMP message */
#define CONTROL 128
/* What a waiting answer takes of the receive buffer, in the kernel's count. */
#define ROOM	   2048
#define LEAST_ROOM (256 * 1024)
/* The kernel keeps 212,992 bytes, so counted, for each neighbour that it looks for
 * (unres_qlen_bytes in arp(7)). */
#define SILENT_ROOM (8 * 1024 * 1024)
/* Packets looked at in one poll, whatever they are. */
#define MAX_READ 4096

/*
 * Packets that wait for a link-layer address count against their socket for seconds:
 * what goes to hosts that have not answered has one of its own, which only sends.
 */
struct way {
	int icmp; /* -1: not open */
	/* The socket of the live ones is not in the epoll while each look at it
	 * finds many: there every packet would wake it up. */
	bool unwatched;
	struct smi_syn_out live, silent;
};

struct inbox {
	union smi_sockaddr from[SMI_SYN_BATCH];
	struct iovec parts[SMI_SYN_BATCH];
	struct mmsghdr messages[SMI_SYN_BATCH];
	uint8_t packets[SMI_SYN_BATCH][PACKET];
	_Alignas(struct cmsghdr) uint8_t controls[SMI_SYN_BATCH][CONTROL];
};

enum source {
	TCP4,
	ICMP4,
	TCP6,
	ICMP6,
	NSOURCES
};

struct engine {
	int epoll;
	struct smi_syn_hold hold;
	struct smi_siphash_key key;
	struct smi_syn_routes routes;
	struct way *ways[2]; /* of IPv4 and IPv6 */
	struct inbox in;
	uint32_t failed; /* first slot that did not get out, + 1 */
	unsigned nslots;
	struct smi_syn_slots slots;
};

static int watch(struct engine *e, int fd, enum source source)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = source };

	return epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

static void close_way(struct way *w)
{
	if (!w)
		return;
	smi_closep(&w->live.fd);
	smi_closep(&w->silent.fd);
	smi_closep(&w->icmp);
	free(w);
}

static int open_way(struct engine *e, uint8_t family)
{
	struct way *w = smi_zalloc(sizeof(*w));
	size_t room = SMI_MAX((size_t)e->nslots * ROOM, LEAST_ROOM);
	int r;

	if (!w)
		return -ENOMEM;
	smi_syn_out_init(&w->live);
	smi_syn_out_init(&w->silent);
	w->icmp = -1;
	r = w->live.fd = smi_syn_open_tcp(family, &e->hold, room);
	if (r >= 0)
		r = w->silent.fd = smi_syn_open_out(family, SILENT_ROOM);
	if (r >= 0)
		r = w->icmp = smi_syn_open_icmp(family, &e->hold);
	if (r >= 0)
		r = watch(e, w->live.fd, family == 4 ? TCP4 : TCP6);
	if (r >= 0)
		r = watch(e, w->icmp, family == 4 ? ICMP4 : ICMP6);
	if (r < 0) {
		close_way(w);
		return r;
	}
	e->ways[family == 6] = w;
	return 0;
}

static void engine_free(void *engine)
{
	struct engine *e = engine;

	close_way(e->ways[0]);
	close_way(e->ways[1]);
	smi_syn_routes_free(&e->routes);
	smi_syn_let_go(&e->hold);
	if (e->epoll >= 0)
		close(e->epoll);
	smi_syn_slots_free(&e->slots);
	free(e);
}

static void prepare_inbox(struct inbox *in)
{
	for (unsigned i = 0; i < SMI_SYN_BATCH; i++) {
		in->parts[i] = (struct iovec){ in->packets[i], PACKET };
		in->messages[i].msg_hdr = (struct msghdr){
			.msg_iov = &in->parts[i],
			.msg_iovlen = 1,
			.msg_control = in->controls[i],
		};
	}
}

static int set_up(struct engine *e, const struct smi_ports *avoid)
{
	int r;

	if (smi_syn_slots_init(&e->slots, e->nslots) < 0)
		return -ENOMEM;
	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (e->epoll < 0)
		return -errno;
	r = smi_syn_hold(&e->hold, avoid);
	if (r == 0)
		r = smi_syn_routes_init(&e->routes);
	/* The other family's when it is needed. Where one may have these, one
	 * may have those. */
	return r < 0 ? r : open_way(e, 4);
}

static int engine_open(unsigned nslots, const struct smi_ports *avoid,
		       void **out)
{
	struct engine *e = smi_zalloc(sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	e->epoll = -1;
	for (size_t i = 0; i < SMI_SYN_TRIES; i++)
		e->hold.fds[i] = -1;
	e->routes.fds[0] = e->routes.fds[1] = -1;
	e->nslots = nslots;
	smi_siphash_random_key(&e->key);
	prepare_inbox(&e->in);
	r = set_up(e, avoid);
	if (r < 0) {
		engine_free(e);
		return r;
	}
	*out = e;
	return 0;
}

static int engine_fd(const void *engine)
{
	return ((const struct engine *)engine)->epoll;
}

/* What the kernel says instead of sending. */
static void judge_error(int err, struct smi_answer *a)
{
	a->err = err;
	a->reason = smi_reason_errno(err);
	a->verdict = SMI_VERDICT_AGAIN;
	if (a->reason)
		a->verdict = SMI_VERDICT_FILTERED;
	else if (err == EPERM || err == EAFNOSUPPORT || err == EINVAL)
		a->verdict = SMI_VERDICT_REFUSED;
}

static void fail(void *engine, unsigned slot, int err)
{
	struct engine *e = engine;
	struct smi_syn_slot *s = &e->slots.v[slot];

	if (!s->out)
		return;
	smi_syn_unlist(&e->slots, s);
	s->err = (uint16_t)err;
	if (s->failed)
		return;
	s->failed = true;
	s->next = e->failed;
	e->failed = slot + 1;
}

static void engine_flush(void *engine)
{
	struct engine *e = engine;

	for (size_t i = 0; i < SMI_COUNT(e->ways); i++) {
		if (!e->ways[i])
			continue;
		smi_syn_out_flush(&e->ways[i]->live, fail, e);
		smi_syn_out_flush(&e->ways[i]->silent, fail, e);
	}
}

static enum smi_sent engine_send(void *engine, unsigned slot,
				 const struct smi_ip *ip, uint16_t port,
				 unsigned attempt, bool near, bool silent,
				 struct smi_answer *answer)
{
	struct engine *e = engine;
	struct smi_syn_slot *s = &e->slots.v[slot];
	const struct smi_syn_route *route;
	struct smi_syn_ends ends;
	struct smi_syn_out *box;
	int r = 0;

	(void)near;
	*answer = (struct smi_answer){ .slot = slot, .attempt = (int)attempt };
	if (!e->ways[ip->family == 6])
		r = open_way(e, ip->family);
	if (r < 0)
		return smi_sent_without(answer, r);
	box = silent ? &e->ways[ip->family == 6]->silent
		     : &e->ways[ip->family == 6]->live;
	if (smi_syn_out_full(box) && !smi_syn_out_flush(box, fail, e))
		return SMI_SENT_NOT_NOW;
	smi_syn_unlist(&e->slots, s);
	s->err = 0;
	r = smi_syn_route_to(&e->routes, ip, &route);
	if (r < 0)
		return smi_sent_without(answer, r);
	if (route->err) {
		judge_error(route->err, answer);
		return SMI_SENT_ANSWERED;
	}
	/* That of the first try: one cookie stands for all of them. */
	ends = (struct smi_syn_ends){ route->own, route->peer, e->hold.ports[0],
				      port };
	s->cookie = smi_syn_cookie(&e->key, &ends);
	s->attempt = (uint8_t)attempt;
	smi_syn_list(&e->slots, s);
	smi_syn_out_add(box, slot, (uint32_t)s->cookie, route,
			e->hold.ports[attempt % SMI_SYN_TRIES], port);
	if (smi_syn_out_full(box))
		smi_syn_out_flush(box, fail, e);
	return SMI_SENT;
}

static int take_failed(struct engine *e, struct smi_answer *answers, int n)
{
	int count = 0;

	while (e->failed && count < n) {
		unsigned slot = e->failed - 1;
		struct smi_syn_slot *s = &e->slots.v[slot];

		e->failed = s->next;
		s->failed = false;
		if (!s->err)
			continue;
		answers[count] = (struct smi_answer){ .slot = slot,
						      .attempt = s->attempt };
		judge_error(s->err, &answers[count++]);
		s->err = 0;
	}
	return count;
}

static struct smi_ip ip_from(const void *in6_addr)
{
	struct smi_ip ip = { .family = 6 };

	memcpy(ip.b, in6_addr, 16);
	return ip;
}

static bool read_tcp6(struct msghdr *m, struct smi_span bytes,
		      struct smi_syn_reply *reply)
{
	const union smi_sockaddr *from = m->msg_name;
	struct smi_ip peer = ip_from(&from->in6.sin6_addr);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct in6_pktinfo to;
		struct smi_ip own;

		if (c->cmsg_level != IPPROTO_IPV6 ||
		    c->cmsg_type != IPV6_PKTINFO)
			continue;
		memcpy(&to, CMSG_DATA(c), sizeof(to));
		own = ip_from(&to.ipi6_addr);
		return smi_syn_read_tcp6(bytes, &own, &peer, reply);
	}
	return false;
}

static bool read_reply(enum source source, struct msghdr *m,
		       struct smi_span bytes, struct smi_syn_reply *reply)
{
	const union smi_sockaddr *from = m->msg_name;
	bool ok;

	switch (source) {
	case TCP4:
		return smi_syn_read_tcp4(bytes, reply);
	case ICMP4:
		return smi_syn_read_icmp4(bytes, reply);
	case TCP6:
		ok = read_tcp6(m, bytes, reply);
		break;
	default:
		ok = smi_syn_read_icmp6(bytes, reply);
		break;
	}
	if (ok && smi_ip_is_link_local(&reply->ends.peer))
		reply->ends.peer.scope = from->in6.sin6_scope_id;
	return ok;
}

/* The latest try up to the last one that came from that port; -1: none did. */
static int attempt_from(unsigned held, unsigned last)
{
	unsigned back = (last - held) % SMI_SYN_TRIES;

	return back > last ? -1 : (int)(last - back);
}

static bool judge_reply(struct engine *e, struct smi_syn_reply *reply,
			struct smi_answer *a)
{
	static const enum smi_verdict verdicts[] = {
		[SMI_SYN_ACCEPTS] = SMI_VERDICT_OPEN,
		[SMI_SYN_REFUSES] = SMI_VERDICT_CLOSED,
		[SMI_SYN_UNREACHED] = SMI_VERDICT_FILTERED,
	};
	int held = smi_syn_held(&e->hold, reply->ends.own_port), attempt;
	uint64_t cookie;
	struct smi_syn_slot *s;

	if (held < 0)
		return false;
	reply->ends.own_port = e->hold.ports[0];
	cookie = smi_syn_cookie(&e->key, &reply->ends);
	if (reply->seq != (uint32_t)cookie)
		return false;
	s = smi_syn_find(&e->slots, cookie);
	attempt = s ? attempt_from((unsigned)held, s->attempt) : -1;
	if (attempt < 0)
		return false;
	smi_syn_unlist(&e->slots, s);
	*a = (struct smi_answer){
		.slot = (unsigned)(s - e->slots.v),
		.attempt = attempt,
		.verdict = verdicts[reply->says],
		.reason = reply->reason,
	};
	return true;
}

static int read_source(struct engine *e, enum source source,
		       struct smi_answer *answers, int n)
{
	const struct way *w = e->ways[source >= TCP6];
	int fd = source == TCP4 || source == TCP6 ? w->live.fd : w->icmp;
	int count = 0, left = MAX_READ, asked, got;

	do {
		asked = SMI_MIN(n - count, SMI_SYN_BATCH);
		for (int i = 0; i < asked; i++) {
			struct msghdr *m = &e->in.messages[i].msg_hdr;

			/* The packets of one source tell it themselves. */
			m->msg_name = source == TCP4 ? NULL : &e->in.from[i];
			m->msg_namelen = sizeof(e->in.from[i]);
			m->msg_controllen = source == TCP4 ? 0 : CONTROL;
		}
		got = recvmmsg(fd, e->in.messages, (unsigned)asked,
			       MSG_DONTWAIT, NULL);
		for (int i = 0; i < got; i++) {
			struct mmsghdr *m = &e->in.messages[i];
			struct smi_span bytes = smi_span_of(
				e->in.packets[i], SMI_MIN(m->msg_len, PACKET));
			struct smi_syn_reply reply = { 0 };

			if (!read_reply(source, &m->msg_hdr, bytes, &reply) ||
			    !judge_reply(e, &reply, &answers[count]))
				continue;
			answers[count].by_us =
				reply.reason &&
				smi_reason_is_ours(reply.reason,
						   &e->in.from[i]);
			count++;
		}
		left -= got;
	} while (got == asked && count < n && left > 0);
	return count;
}

/* got: how many of n answers the last look found. */
static int watch_while_few(struct engine *e, enum source source, int got, int n)
{
	struct way *w = e->ways[source >= TCP6];
	bool many = got >= SMI_MIN(n, SMI_SYN_BATCH);
	int r = 0;

	if (many == w->unwatched)
		return 0;
	if (!many)
		r = watch(e, w->live.fd, source);
	else if (epoll_ctl(e->epoll, EPOLL_CTL_DEL, w->live.fd, NULL) < 0)
		r = -errno;
	if (r == 0)
		w->unwatched = many;
	return r;
}

static int read_tcp(struct engine *e, enum source source,
		    struct smi_answer *answers, int n)
{
	int got = n > 0 ? read_source(e, source, answers, n) : 0;
	int r = watch_while_few(e, source, got, n);

	return r < 0 ? r : got;
}

static int engine_poll(void *engine, struct smi_answer *answers, int n)
{
	static const enum source tcp[] = { TCP4, TCP6 };
	struct engine *e = engine;
	struct epoll_event ev[NSOURCES];
	int count = take_failed(e, answers, n), got, r = 0;

	for (size_t i = 0; i < SMI_COUNT(tcp); i++) {
		if (!e->ways[i] || !e->ways[i]->unwatched)
			continue;
		r = read_tcp(e, tcp[i], answers + count, n - count);
		if (r < 0)
			return r;
		count += r;
	}
	/* Another source has its look as soon as there is room for it. */
	if (count == n)
		return count;
	got = epoll_wait(e->epoll, ev, NSOURCES, 0);
	if (got < 0)
		return errno == EINTR ? count : -errno;
	for (int i = 0; r >= 0 && i < got && count < n; i++) {
		enum source source = (enum source)ev[i].data.u32;

		r = source == TCP4 || source == TCP6
			    ? read_tcp(e, source, answers + count, n - count)
			    : read_source(e, source, answers + count,
					  n - count);
		count += SMI_MAX(r, 0);
	}
	return r < 0 ? r : count;
}

static void engine_drop(void *engine, unsigned slot)
{
	struct engine *e = engine;

	smi_syn_unlist(&e->slots, &e->slots.v[slot]);
	e->slots.v[slot].err = 0;
}

const struct smi_engine_ops smi_engine_syn = {
	.method = "syn",
	.open = engine_open,
	.fd = engine_fd,
	.send = engine_send,
	.flush = engine_flush,
	.poll = engine_poll,
	.drop = engine_drop,
	.free = engine_free,
};
