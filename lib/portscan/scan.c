/* SPDX-License-Identifier: MIT */
#include "portscan/scan.h"

#include <stdlib.h>

#include "portscan/scan-state.h"

#define SLICE	       (5 * SMI_MSEC)
#define PROGRESS_EVERY (100 * SMI_MSEC)
#define BURST	       64 /* probes sent, answers taken, between looks around */

/* Tries of a port that does not answer, unless the caller says: so many, and so
 * many where the way to its host was seen to lose packets. */
#define TRIES	    3
#define LOSSY_TRIES 6

/* Attempts that fail on this side before a port is given up; and how long all
 * of them may fail before the scan is. */
#define OWN_TRIES 20
#define PAUSE	  (10 * SMI_MSEC)
#define STARVED	  (5 * SMI_SEC)
/* When descriptors were short, more are asked for so much later. */
#define ROOM_AGAIN SMI_SEC
/* What a rate cap allows at once, when nothing was sent for a while. */
#define RATE_BURST (10 * SMI_MSEC)

static unsigned max_tries(const struct smi_scan *s,
			  const struct smi_scan_host *h)
{
	if (s->retries >= 0)
		return (unsigned)s->retries + 1;
	return h->lossy ? LOSSY_TRIES : TRIES;
}

static void free_slot(struct smi_scan *s, unsigned slot)
{
	s->nout -= s->slots[slot].out;
	s->nlate -= s->slots[slot].late;
	s->slots[slot].out = s->slots[slot].late = false;
	s->free_slots[s->nfree++] = slot;
}

/* Slots for which there was no descriptor lie at the end of the same array. */
static void retire_slot(struct smi_scan *s, unsigned slot)
{
	s->nretired++;
	s->free_slots[s->nslots - s->nretired] = slot;
}

static void unretire_slots(struct smi_scan *s)
{
	while (s->nretired) {
		uint32_t slot = s->free_slots[s->nslots - s->nretired];

		s->nretired--;
		s->free_slots[s->nfree++] = slot;
	}
}

static void repeat(struct smi_scan *s, const struct smi_scan_probe *p)
{
	unsigned at = (s->again_head + s->nagain++) % s->nslots;

	s->again[at] = *p;
}

/* One host is complete. */
static int end_host(struct smi_scan *s, struct smi_out *out, unsigned index)
{
	s->free_hosts[s->nfree_hosts++] = (uint16_t)index;
	return smi_scan_host_record(s, out, &s->hosts[index]);
}

/* The last word on one port. */
static int settle(struct smi_scan *s, struct smi_out *out,
		  const struct smi_scan_probe *p, int state, const char *reason,
		  int64_t rtt)
{
	struct smi_scan_host *h = &s->hosts[p->host];
	int r = 0;

	s->done++;
	h->pending--;
	switch (state) {
	case SM_PORT_OPEN:
		h->open++;
		break;
	case SM_PORT_CLOSED:
		h->closed++;
		break;
	case SM_PORT_FILTERED:
		h->filtered++;
		break;
	default:
		h->failed++;
		break;
	}
	if (state == SM_PORT_OPEN || s->show == SM_SCAN_SHOW_ALL)
		r = smi_scan_port_record(s, out, h, p->port, state, reason,
					 rtt);
	if (r == 0 && h->pending == 0 && h->next == s->nports)
		r = end_host(s, out, p->host);
	return r;
}

/*
 * An open port of this machine without a listener is asked again: it may have
 * been another program's socket that met ours half way.
 */
static bool is_doubtful(struct smi_scan *s, const struct smi_scan_probe *p)
{
	const struct smi_scan_host *h = &s->hosts[p->host];

	return h->local && !p->doubted &&
	       !smi_local_find(&s->local, &h->ip, p->port,
			       smi_now_mono(s->ctx)) &&
	       !s->local.error;
}

static void note_round_trip(struct smi_scan *s, const struct smi_scan_probe *p,
			    int64_t now)
{
	struct smi_scan_host *h = &s->hosts[p->host];
	bool first = !h->rtt.srtt;

	smi_rtt_add(&h->rtt, now - p->sent);
	smi_pace_answer(&s->pace, now - p->sent);
	if (first) /* what is out is now waited for less long */
		s->check_at = SMI_MIN(s->check_at, now + PAUSE);
	if (p->tries) {
		h->lossy = true;
		smi_pace_lost(&s->pace, now);
	}
}

/* Nothing was learnt about the port. */
static int own_failure(struct smi_scan *s, struct smi_out *out,
		       struct smi_scan_probe *p, int err, int64_t now)
{
	struct smi_scan_host *h = &s->hosts[p->host];

	h->last_error = err;
	if (err == ENOBUFS || err == ENOMEM || err == EAGAIN) {
		s->hold_until = now + PAUSE;
		s->pace.window = SMI_MAX(s->pace.window / 2, 1);
	}
	if (++p->own >= OWN_TRIES)
		return settle(s, out, p, SM_PORT_UNKNOWN, "local-error", -1);
	repeat(s, p);
	return 0;
}

static int take_answer(struct smi_scan *s, struct smi_out *out,
		       const struct smi_answer *a, int64_t now)
{
	struct smi_scan_probe p = s->slots[a->slot];
	int64_t rtt = now - p.sent;

	s->starved_since = 0;
	free_slot(s, a->slot);
	switch (a->verdict) {
	case SMI_VERDICT_OPEN:
		if (is_doubtful(s, &p)) {
			p.doubted = true;
			repeat(s, &p);
			return 0;
		}
		note_round_trip(s, &p, now);
		return settle(s, out, &p, SM_PORT_OPEN, a->reason, rtt);
	case SMI_VERDICT_CLOSED:
		note_round_trip(s, &p, now);
		return settle(s, out, &p, SM_PORT_CLOSED, a->reason, rtt);
	case SMI_VERDICT_FILTERED:
		return settle(s, out, &p, SM_PORT_FILTERED, a->reason, rtt);
	case SMI_VERDICT_REFUSED:
		s->hosts[p.host].last_error = a->err;
		return settle(s, out, &p, SM_PORT_UNKNOWN, "local-error", -1);
	case SMI_VERDICT_AGAIN:
		break;
	}
	return own_failure(s, out, &p, a->err, now);
}

/* How many answers, or a negative errno. */
static int take_answers(struct smi_scan *s, struct smi_out *out)
{
	struct smi_answer a[BURST];
	int n = s->ops->poll(s->engine, a, BURST), r;
	int64_t now;

	if (n < 0)
		return smi_fail(s->ctx, n, "the scan cannot go on: %s",
				smi_strerror(-n));
	if (n == 0)
		return 0;
	now = smi_now_mono(s->ctx);
	for (int i = 0; i < n; i++) {
		r = take_answer(s, out, &a[i], now);
		if (r < 0)
			return r;
	}
	return n;
}

static int time_out(struct smi_scan *s, struct smi_out *out, unsigned slot)
{
	struct smi_scan_probe p = s->slots[slot];

	s->ops->drop(s->engine, slot);
	free_slot(s, slot);
	p.tries++;
	if (p.tries >= max_tries(s, &s->hosts[p.host]))
		return settle(s, out, &p, SM_PORT_FILTERED, "no-response", -1);
	repeat(s, &p);
	return 0;
}

/* When the probe is to be looked at again; past: it has timed out. */
static int64_t check_probe(struct smi_scan *s, struct smi_scan_probe *p,
			   int64_t now)
{
	const struct smi_rtt *rtt = &s->hosts[p->host].rtt;
	int64_t end = p->sent + smi_rtt_wait(rtt, p->tries, s->timeout);
	int64_t late = p->sent + smi_rtt_flight(rtt);

	if (!p->late && late <= now) {
		p->late = true;
		s->nlate++;
	}
	return p->late ? end : SMI_MIN(late, end);
}

/* Ends the probes that were waited for long enough. */
static int check_timeouts(struct smi_scan *s, struct smi_out *out, int64_t now)
{
	if (now < s->check_at)
		return 0;
	s->check_at = INT64_MAX;
	for (unsigned i = 0; i < s->nslots; i++) {
		int64_t at;
		int r;

		if (!s->slots[i].out)
			continue;
		at = check_probe(s, &s->slots[i], now);
		if (at > now) {
			s->check_at = SMI_MIN(s->check_at, at);
			continue;
		}
		r = time_out(s, out, i);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The next host gets its place; false: there is none, or no place now. */
static bool next_host(struct smi_scan *s)
{
	struct smi_scan_host *h;
	unsigned index;
	int local;

	if (s->targets_end || !s->nfree_hosts)
		return false;
	index = s->free_hosts[s->nfree_hosts - 1];
	h = &s->hosts[index];
	*h = (struct smi_scan_host){ 0 };
	if (!smi_targets_next(&s->targets, &h->ip, &h->name)) {
		s->targets_end = true;
		return false;
	}
	local = smi_ip_is_local(&h->ip);
	h->local = local == 1;
	h->near = local != 0;
	s->nfree_hosts--;
	s->current = (int)index;
	return true;
}

/* What to probe next: a repetition, or the next port. */
static bool next_probe(struct smi_scan *s, struct smi_scan_probe *p)
{
	struct smi_scan_host *h;

	if (s->nagain) {
		*p = s->again[s->again_head];
		s->again_head = (s->again_head + 1) % s->nslots;
		s->nagain--;
		return true;
	}
	if (s->current < 0 && !next_host(s))
		return false;
	h = &s->hosts[s->current];
	*p = (struct smi_scan_probe){ .host = (uint16_t)s->current,
				      .port = s->ports[h->next++] };
	h->pending++;
	if (h->next == s->nports)
		s->current = -1;
	return true;
}

/* 1: another slot may have a socket, 0: not now. */
static int no_room(struct smi_scan *s, unsigned slot, int err, int64_t now)
{
	retire_slot(s, slot);
	s->room_at = now + ROOM_AGAIN;
	if (s->nfree)
		return 1;
	if (s->nout)
		return 0;
	/* Not one socket can be had: others may give theirs back. */
	if (!s->starved_since)
		s->starved_since = now;
	if (now - s->starved_since > STARVED)
		return smi_fail(s->ctx, -err, "no probe can be sent: %s",
				smi_strerror(err));
	s->room_at = now + PAUSE;
	return 0;
}

/* 1: sent, settled, or worth another try at once; 0: not now. */
static int send_probe(struct smi_scan *s, struct smi_out *out,
		      struct smi_scan_probe *p)
{
	unsigned slot = s->free_slots[--s->nfree];
	struct smi_scan_host *h = &s->hosts[p->host];
	struct smi_answer a;
	enum smi_sent sent;
	int r;

	p->sent = smi_now_mono(s->ctx);
	sent = s->ops->send(s->engine, slot, &h->ip, p->port, p->tries, h->near,
			    &a);
	if (sent == SMI_SENT_NOT_NOW || sent == SMI_SENT_NO_ROOM) {
		repeat(s, p);
		if (sent == SMI_SENT_NO_ROOM)
			return no_room(s, slot, a.err, p->sent);
		free_slot(s, slot);
		return 0;
	}
	h->probes++;
	h->resent += p->tries > 0;
	s->slots[slot] = *p;
	s->slots[slot].out = true;
	s->slots[slot].late = false;
	s->nout++;
	if (sent == SMI_SENT_ANSWERED) {
		if (a.verdict == SMI_VERDICT_FILTERED) {
			h->unrouted++;
			h->last_error = a.err;
		}
		r = take_answer(s, out, &a, p->sent);
		return r < 0 ? r : 1;
	}
	s->check_at =
		SMI_MIN(s->check_at,
			p->sent + smi_rtt_wait(&h->rtt, p->tries, s->timeout));
	return 1;
}

static bool may_send(struct smi_scan *s, int64_t now)
{
	if (now < s->hold_until || now < s->send_at)
		return false;
	return s->nout - s->nlate < s->pace.window && s->nfree;
}

/* How many probes went out, or a negative errno. */
static int send_probes(struct smi_scan *s, struct smi_out *out, int64_t now)
{
	struct smi_scan_probe p;
	int n = 0, r;

	if (s->nretired && now >= s->room_at)
		unretire_slots(s);
	while (n < BURST && may_send(s, now) && next_probe(s, &p)) {
		r = send_probe(s, out, &p);
		if (r < 0)
			return r;
		if (r == 0)
			break;
		n++;
		if (s->send_gap)
			s->send_at = SMI_MAX(s->send_at, now - RATE_BURST) +
				     s->send_gap;
	}
	if (s->ops->flush)
		s->ops->flush(s->engine);
	return n;
}

static bool is_complete(const struct smi_scan *s)
{
	return s->targets_end && s->nfree_hosts == SMI_SCAN_HOSTS;
}

static int show_progress(struct smi_scan *s, struct smi_out *out, int64_t now)
{
	if (now < s->progress_at)
		return 0;
	s->progress_at = now + PROGRESS_EVERY;
	return smi_out_progress(out, s->done, s->total);
}

/* Nothing to do until an answer comes, or time has passed. */
static int wait_for_answers(struct smi_scan *s, struct smi_out *out,
			    int64_t now)
{
	int64_t at = s->check_at;
	bool more = s->nagain || s->current >= 0 ||
		    (!s->targets_end && s->nfree_hosts);
	int r;

	if (more) {
		if (s->nout - s->nlate >= s->pace.window) {
			smi_pace_stalled(&s->pace, now);
			at = SMI_MIN(at, s->pace.grow_at);
		} else if (s->nfree) {
			/* Also when it has passed since nothing was sent. */
			at = SMI_MIN(at, SMI_MAX(s->hold_until, s->send_at));
		}
		if (s->nretired)
			at = SMI_MIN(at, s->room_at);
	}
	r = smi_out_alarm(out, SMI_MAX(at, now + SMI_MSEC));
	return r < 0 ? r : -EAGAIN;
}

static int scan_start(void *src, struct smi_out *out)
{
	struct smi_scan *s = src;
	int r = smi_out_watch(out, s->ops->fd(s->engine));

	s->progress_at = smi_now_mono(s->ctx) + PROGRESS_EVERY;
	return r < 0 ? r : smi_scan_unresolved(s, out);
}

static int scan_step(void *src, struct smi_out *out)
{
	struct smi_scan *s = src;
	int64_t start = smi_now_mono(s->ctx), now = start;
	int r, got, sent;

	do {
		got = take_answers(s, out);
		if (got < 0)
			return got;
		/* An answer that is here is never too late. */
		r = got < BURST ? check_timeouts(s, out, now) : 0;
		if (r < 0)
			return r;
		sent = send_probes(s, out, now);
		if (sent < 0)
			return sent;
		now = smi_now_mono(s->ctx);
		r = show_progress(s, out, now);
		if (r < 0)
			return r;
		if (is_complete(s))
			return 0;
		if (!got && !sent)
			return wait_for_answers(s, out, now);
	} while (now - start < SLICE && !smi_out_full(out));
	return 1;
}

static void scan_free(void *src)
{
	struct smi_scan *s = src;

	if (s->engine)
		s->ops->free(s->engine);
	smi_local_free(&s->local);
	smi_services_free(&s->services);
	smi_targets_free(&s->targets);
	smi_vec_free(&s->unresolved);
	free(s->ports);
	free(s->slots);
	free(s->free_slots);
	free(s->again);
	sm_ctx_unref(s->ctx);
	free(s);
}

const struct smi_source_ops smi_scan_source = {
	.name = "scan",
	.start = scan_start,
	.step = scan_step,
	.free = scan_free,
};
