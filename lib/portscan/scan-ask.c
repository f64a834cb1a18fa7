/* SPDX-License-Identifier: MIT */
#include "portscan/scan-ask.h"

#include "portscan/scan-held.h"

#include <stdlib.h>
#include <sys/resource.h>

/* Ports asked at once; a quarter of the descriptors at most. */
#define PARALLEL 100
/* Ports that wait to be asked, before the scan does. */
#define QUEUE_FULL 4096
/* Where nearly each port of a host is open and so many in a row say nothing, the others
 * are not asked: it is a trap, or something answers for all of them. */
#define SILENT_MAX 20
/* Without a descriptor a port waits so long for the next try, and for all. */
#define PAUSE	  (20 * SMI_MSEC)
#define STARVED	  (5 * SMI_SEC)
#define LEAST_RTO (20 * SMI_MSEC)

struct ask {
	uint16_t host, port;
	const char *reason;
	int64_t rtt;
};

struct smi_asks {
	struct smi_svc *svc;
	SMI_VEC(struct ask) queue;
	size_t head;
	int64_t hold_until, starved_since;
	bool told_no_tls;
	unsigned parallel, nfree;
	uint16_t *free_cookies;
	struct ask *out; /* by cookie: with the prober */
};

struct call {
	struct smi_scan *s;
	struct smi_out *out;
};

static unsigned count_parallel(unsigned shares)
{
	struct rlimit limit;
	rlim_t n = PARALLEL;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur / 4 < n)
		n = limit.rlim_cur / 4;
	return (unsigned)SMI_MAX(n / shares, 1);
}

int smi_scan_asks_new(struct smi_scan *s, const struct sm_scan_opts *o,
		      unsigned shares)
{
	struct smi_svc_opts so = {
		.parallel = count_parallel(shares),
		.timeout = o->service_timeout_ms * SMI_MSEC,
		.max_reply = o->service_bytes,
		.fin = o->close == SM_SCAN_CLOSE_FIN,
		.clock = s->ctx->clock,
		.questions = smi_questions,
		.nquestions = smi_nquestions,
		.match = smi_match_reply,
	};
	struct smi_asks *a = smi_zalloc(sizeof(*a));
	int r;

	s->asks = a;
	s->asking = true;
	if (!a)
		return smi_fail_nomem(s->ctx);
	a->out = smi_alloc(so.parallel * sizeof(*a->out));
	a->free_cookies = smi_alloc(so.parallel * sizeof(*a->free_cookies));
	if (!a->out || !a->free_cookies)
		return smi_fail_nomem(s->ctx);
	a->parallel = so.parallel;
	for (; a->nfree < so.parallel; a->nfree++)
		a->free_cookies[a->nfree] = (uint16_t)a->nfree;
	r = smi_svc_new(&so, &a->svc);
	if (r == -ENOMEM)
		return smi_fail_nomem(s->ctx);
	return r < 0 ? smi_fail(s->ctx, r, "services cannot be asked: %s",
				smi_strerror(-r))
		     : 0;
}

void smi_scan_asks_free(struct smi_scan *s)
{
	struct smi_asks *a = s->asks;

	if (!a)
		return;
	smi_svc_free(a->svc);
	smi_vec_free(&a->queue);
	free(a->free_cookies);
	free(a->out);
	free(a);
	s->asks = NULL;
}

int smi_scan_asks_watch(struct smi_scan *s, struct smi_out *out)
{
	return s->asks ? smi_out_watch(out, smi_svc_fd(s->asks->svc)) : 0;
}

static int tell(struct smi_scan *s, struct smi_out *out, const struct ask *x,
		const struct smi_svc_found *found)
{
	int r = smi_held_port(s, out, &s->hosts[x->host], x->port, x->reason,
			      x->rtt, found);

	return r < 0 ? r : smi_scan_settled(s, out, x->host);
}

static size_t waiting(const struct smi_asks *a)
{
	return a->queue.n - a->head;
}

int smi_scan_ask(struct smi_scan *s, struct smi_out *out, unsigned host,
		 uint16_t port, const char *reason, int64_t rtt)
{
	struct ask x = { (uint16_t)host, port, reason, rtt };
	struct smi_asks *a = s->asks;

	if (!a)
		return tell(s, out, &x, NULL);
	if (!waiting(a))
		a->queue.n = a->head = 0;
	return smi_vec_push(&a->queue, x) ? 0 : smi_fail_nomem(s->ctx);
}

static int done(void *user, uint64_t cookie, const struct smi_svc_found *found)
{
	struct call *c = user;
	struct smi_asks *a = c->s->asks;
	struct ask x = a->out[cookie];
	struct smi_scan_host *h = &c->s->hosts[x.host];

	a->free_cookies[a->nfree++] = (uint16_t)cookie;
	h->asked += found->asked;
	h->late += found->late;
	h->spoke += found->spoke;
	h->silent = found->spoke ? 0 : h->silent + found->asked;
	return tell(c->s, c->out, &x, found);
}

static int start(struct smi_scan *s, const struct ask *x, int64_t now)
{
	struct smi_asks *a = s->asks;
	const struct smi_scan_host *h = &s->hosts[x->host];
	uint16_t cookie = a->free_cookies[a->nfree - 1];
	struct smi_svc_target t = { h->ip, x->port, h->name, 0, cookie };
	int r;

	if (h->rtt.srtt)
		t.rto = SMI_MAX(h->rtt.srtt + 4 * h->rtt.rttvar, LEAST_RTO);
	r = smi_svc_start(a->svc, &t, now);
	if (r < 0)
		return r;
	a->nfree--;
	a->out[cookie] = *x;
	a->starved_since = 0;
	return 0;
}

/* There was no descriptor. 1: the port is told without, 0: it waits. */
static int starve(struct smi_scan *s, struct smi_out *out, const struct ask *x,
		  int64_t now)
{
	struct smi_asks *a = s->asks;
	int r;

	a->hold_until = now + PAUSE;
	if (!a->starved_since)
		a->starved_since = now;
	if (now - a->starved_since < STARVED)
		return 0;
	s->hosts[x->host].starved++;
	r = tell(s, out, x, NULL);
	return r < 0 ? r : 1;
}

/* One port in 20 may be filtered, as the check "tarpit" has it. What a number is known
 * for is asked all the same: these are few, and what matters most is among them. */
static bool is_wasted(const struct smi_scan *s, const struct smi_scan_host *h,
		      uint16_t port)
{
	return h->silent >= SILENT_MAX && !h->closed &&
	       (uint64_t)h->filtered * 20 <= h->open &&
	       !smi_svc_knows(s->asks->svc, port);
}

/* 1: it is off the queue, 0: not now. */
static int take_one(struct smi_scan *s, struct smi_out *out,
		    const struct ask *x, int64_t now)
{
	struct smi_scan_host *h = &s->hosts[x->host];
	int r;

	if (is_wasted(s, h, x->port)) {
		h->unasked++;
		r = tell(s, out, x, NULL);
		return r < 0 ? r : 1;
	}
	if (!smi_svc_room(s->asks->svc) || now < s->asks->hold_until)
		return 0;
	r = start(s, x, now);
	if (r == -ENOMEM)
		return smi_fail_nomem(s->ctx);
	return r < 0 ? starve(s, out, x, now) : 1;
}

static int take_queue(struct smi_scan *s, struct smi_out *out, int64_t now)
{
	struct smi_asks *a = s->asks;
	int n = 0;

	while (waiting(a) && !smi_out_full(out)) {
		struct ask x = a->queue.v[a->head];
		int r = take_one(s, out, &x, now);

		if (r <= 0)
			return r < 0 ? r : n;
		a->head++;
		n++;
	}
	return n;
}

static int tell_no_tls(struct smi_scan *s, struct smi_out *out)
{
	const char *why = smi_svc_no_tls(s->asks->svc);
	const char *args[] = { "why", why };

	if (!why || s->asks->told_no_tls)
		return 0;
	s->asks->told_no_tls = true;
	return smi_out_notice(out, ENOTSUP, NULL,
			      "Services that speak TLS are not asked what "
			      "they are: OpenSSL 3 cannot be used here "
			      "({why}).",
			      args, SMI_COUNT(args));
}

int smi_scan_asks_step(struct smi_scan *s, struct smi_out *out)
{
	struct call c = { s, out };
	int n, more;

	if (!s->asks)
		return 0;
	n = smi_svc_step(s->asks->svc, smi_now_mono(s->ctx), done, &c);
	if (n == -ENOMEM)
		return smi_fail_nomem(s->ctx);
	if (n < 0)
		return n;
	/* The step may have taken a while, which is not of the time of new ones. */
	more = take_queue(s, out, smi_now_mono(s->ctx));
	if (more >= 0 && tell_no_tls(s, out) < 0)
		return -ENOMEM;
	return more < 0 ? more : n + more;
}

void smi_scan_asks_each(const struct smi_scan *s,
			void (*fn)(void *user, unsigned host, uint16_t port),
			void *user)
{
	const struct smi_asks *a = s->asks;
	bool unused[PARALLEL] = { false };

	for (size_t i = a ? a->head : 0; a && i < a->queue.n; i++)
		fn(user, a->queue.v[i].host, a->queue.v[i].port);
	for (unsigned i = 0; a && i < a->nfree; i++)
		unused[a->free_cookies[i]] = true;
	for (unsigned i = 0; a && i < a->parallel; i++)
		if (!unused[i])
			fn(user, a->out[i].host, a->out[i].port);
}

int smi_scan_asks_stop(struct smi_scan *s, struct smi_out *out)
{
	struct smi_asks *a = s->asks;
	struct call c = { s, out };
	int r;

	if (!a)
		return 0;
	r = smi_svc_stop(a->svc, done, &c);
	if (r == -ENOMEM)
		return smi_fail_nomem(s->ctx);
	while (r >= 0 && waiting(a))
		r = tell(s, out, &a->queue.v[a->head++], NULL);
	return r < 0 ? r : 0;
}

int64_t smi_scan_asks_alarm(const struct smi_scan *s)
{
	const struct smi_asks *a = s->asks;
	int64_t at;

	if (!a)
		return INT64_MAX;
	at = smi_svc_alarm(a->svc);
	return waiting(a) && smi_svc_room(a->svc) ? SMI_MIN(at, a->hold_until)
						  : at;
}

bool smi_scan_asks_full(const struct smi_scan *s)
{
	return s->asks && waiting(s->asks) >= QUEUE_FULL;
}
