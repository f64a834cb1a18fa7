/* SPDX-License-Identifier: MIT */
#include "portscan/scan.h"

#include <stdlib.h>

#include "portscan/scan-ask.h"
#include "portscan/scan-held.h"
#include "portscan/scan-resume.h"
#include "portscan/udp-payload.h"

#define SLICE	       (5 * SMI_MSEC)
#define PROGRESS_EVERY (100 * SMI_MSEC)
#define BURST	       64 /* probes sent, answers taken, between looks around */

/* Tries of a port that does not answer, unless the caller says: so many while no
 * loss is known on the way to its host; with losses, as many as they ask for. */
#define TRIES	  3
#define MAX_TRIES 12
/* A UDP port has been asked all questions that are known for it. */
_Static_assert(SMI_UDP_QUESTIONS <= TRIES, "a question is never asked");
/* A host that has not answered is asked again so often. */
#define DARK_AGAIN SMI_SEC
/* The kernel sends the SYN of a socket that connects again after so long, and more
 * often later (RFC 6298, 2.1). */
#define KERNEL_AGAIN SMI_SEC

/* Attempts that fail on this side before a port is given up; and how long all
 * of them may fail before the scan is. */
#define OWN_TRIES 20
#define PAUSE	  (10 * SMI_MSEC)
#define STARVED	  (5 * SMI_SEC)
/* When descriptors were short, more are asked for so much later. */
#define ROOM_AGAIN SMI_SEC
#define BACKOFF	   2U
/* A program may take so long to answer, whatever the way to its host is. */
#define SLOW (500 * SMI_MSEC)
/* A machine on the own link has been looked for in vain then (mcast_solicit and
 * retrans_time_ms, three times one second, in arp(7)). */
#define LINK_WAIT (3100 * SMI_MSEC)
/* What a rate cap allows at once, when nothing was sent for a while. */
#define RATE_BURST (10 * SMI_MSEC)

unsigned smi_scan_tries(const struct smi_scan *s, const struct smi_scan_host *h)
{
	if (s->retries >= 0)
		return (unsigned)s->retries + 1;
	if (!h->lost)
		return TRIES;
	return smi_loss_tries(smi_loss_bound(h->lost, h->tries), s->nports,
			      TRIES, MAX_TRIES);
}

/* Slots for which there was no descriptor lie at the end of the same array. */
static void retire_slot(struct smi_scan *s, uint32_t slot)
{
	s->ops->drop(s->engine, slot);
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

/* One host is complete. */
static int end_host(struct smi_scan *s, struct smi_out *out, unsigned index)
{
	struct smi_scan_host *h = &s->hosts[index];
	int r = s->end_host ? 0 : smi_held_end(s, out, h);

	smi_scan_host_end(s, index);
	if (r == 0)
		r = smi_scan_host_record(s, out, h);
	h->held = NULL;
	return r;
}

int smi_scan_settled(struct smi_scan *s, struct smi_out *out, unsigned host)
{
	struct smi_scan_host *h = &s->hosts[host];
	int r = smi_held_check(s, out, h);

	s->done++;
	h->pending--;
	return r == 0 && h->pending == 0 && h->next == s->nports
		       ? end_host(s, out, host)
		       : r;
}

/* The last word on one port. */
static int settle(struct smi_scan *s, struct smi_out *out, uint32_t slot,
		  int state, const char *reason, int64_t rtt)
{
	unsigned host = s->slots[slot].host;
	uint16_t port = s->slots[slot].port;
	struct smi_scan_host *h = &s->hosts[host];
	int r = 0;

	smi_scan_free_slot(s, slot);
	s->dark_slots -= !h->live;
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
	case SM_PORT_OPEN_FILTERED:
		h->open_filtered++;
		break;
	default:
		h->failed++;
		break;
	}
	if (state == SM_PORT_OPEN && s->asks)
		return smi_scan_ask(s, out, host, port, reason, rtt);
	if (state == SM_PORT_OPEN && s->ops->datagrams)
		r = smi_scan_said_record(s, out, h, port, reason, rtt);
	else if (state == SM_PORT_OPEN)
		r = smi_held_port(s, out, h, port, reason, rtt, NULL);
	else if (smi_scan_is_wanted(s, h, port, state))
		r = smi_scan_port_record(s, out, h, port, state, reason, rtt);
	return r < 0 ? r : smi_scan_settled(s, out, host);
}

/*
 * An open port of this machine without a listener is asked again: it may have
 * been another program's socket that met ours half way. A closed one with a listener
 * is, too: that may have begun just now.
 */
static bool is_doubtful(struct smi_scan *s, const struct smi_scan_probe *p,
			bool open)
{
	const struct smi_scan_host *h = &s->hosts[p->host];
	int64_t now = smi_now_mono(s->ctx);

	if (!h->local || p->doubted)
		return false;
	if (!open)
		return s->judged &&
		       smi_local_find_mute(&s->local, &h->ip, p->port, now);
	return !smi_local_find(&s->local, &h->ip, p->port, now) &&
	       !s->local.error;
}

static int ask_again(struct smi_scan *s, uint32_t slot)
{
	s->slots[slot].doubted = true;
	smi_scan_again(s, slot);
	return 0;
}

/*
 * The round trip of an answer, by Karn's rule: where it is not known which try was
 * answered, there is none. -1 then.
 */
static int64_t round_trip(const struct smi_scan *s,
			  const struct smi_scan_probe *p, int attempt,
			  int64_t now)
{
	int64_t rtt = -1;

	if (attempt == p->tries)
		rtt = now - p->sent;
	else if (attempt == 0)
		rtt = now - p->first;
	/* Perhaps it is that of a later SYN, which the kernel sent. */
	if (s->ops->asks_again && rtt >= KERNEL_AGAIN)
		return -1;
	return rtt;
}

static void note_losses(struct smi_scan *s, const struct smi_scan_probe *p,
			int attempt, int64_t now)
{
	struct smi_scan_host *h = &s->hosts[p->host];
	int64_t wait = smi_rtt_wait(&h->rtt, 0, s->timeout);
	int64_t before = attempt == p->tries ? p->before : p->first;

	h->tries += (unsigned)attempt + 1;
	if (!attempt)
		return;
	h->lost += (unsigned)attempt;
	smi_pace_lost(&h->pace, now, before, (unsigned)attempt, wait);
	smi_pace_lost(&s->pace, now, before, (unsigned)attempt, wait);
}

/* The host itself answered. Gives the round trip, -1: not known. */
static int64_t note_answer(struct smi_scan *s, const struct smi_scan_probe *p,
			   int attempt, int64_t now)
{
	struct smi_scan_host *h = &s->hosts[p->host];
	int64_t rtt = round_trip(s, p, attempt, now);
	int64_t sent = attempt == p->tries ? p->sent : p->first;

	if (!h->live)
		smi_scan_host_live(s, p->host);
	if (rtt >= 0) {
		smi_rtt_add(&h->rtt, rtt, now);
		smi_pace_answer(&h->pace, now, sent, rtt, h->rtt.base);
		smi_pace_answer(&s->pace, now, sent, rtt, h->rtt.base);
		smi_pace_smooth(&h->pace, &h->rtt);
	} else if (!h->rtt.srtt) {
		/* Too long rather than unknown. */
		smi_rtt_add(&h->rtt, now - p->first, now);
	}
	/* Of datagrams the tries that count were lost. */
	if (s->ops->datagrams)
		note_losses(s, p, p->tries, now);
	else if (attempt >= 0 && (rtt >= 0 || attempt > 0))
		note_losses(s, p, attempt, now);
	return rtt;
}

/* Nothing was learnt about the port. */
static int own_failure(struct smi_scan *s, struct smi_out *out, uint32_t slot,
		       int err, int64_t now)
{
	struct smi_scan_probe *p = &s->slots[slot];
	struct smi_scan_host *h = &s->hosts[p->host];

	h->last_error = err;
	if (err == ENOBUFS || err == ENOMEM || err == EAGAIN) {
		s->hold_until = now + PAUSE;
		s->pace.window = SMI_MAX(s->pace.window / 2, 1);
	}
	if (++p->own < OWN_TRIES) {
		smi_scan_again(s, slot);
		return 0;
	}
	return settle(s, out, slot, SM_PORT_UNKNOWN, "local-error", -1);
}

/* The port was asked once more only to see whether it would say so. */
static int end_witness(struct smi_scan *s, struct smi_out *out, uint32_t slot)
{
	unsigned host = s->slots[slot].host;
	struct smi_scan_host *h = &s->hosts[host];

	smi_scan_free_slot(s, slot);
	smi_scan_host_listed(s, host);
	return --h->pending == 0 && h->next == s->nports
		       ? end_host(s, out, host)
		       : 0;
}

/* A closed port, or what stands before the host, said so. */
static bool is_message(const struct smi_answer *a)
{
	return a->verdict == SMI_VERDICT_CLOSED ||
	       (a->verdict == SMI_VERDICT_FILTERED && a->by_target);
}

/* While the slot is out. */
static void note_message(struct smi_scan *s, const struct smi_answer *a,
			 int64_t now)
{
	const struct smi_scan_probe *p = &s->slots[a->slot];

	if (p->state != SMI_SLOT_OUT)
		return;
	if (is_message(a))
		smi_scan_limit_message(s, a->slot);
	else if (p->witness)
		smi_scan_limit_no_witness(s, a->slot, false, now);
}

static int take_filtered(struct smi_scan *s, struct smi_out *out,
			 const struct smi_answer *a, int64_t now)
{
	struct smi_scan_probe *p = &s->slots[a->slot];
	int64_t rtt = a->by_target ? note_answer(s, p, a->attempt, now)
				   : round_trip(s, p, a->attempt, now);
	struct smi_scan_host *h = &s->hosts[p->host];

	/* Its other ports are not asked: they would wait for the same. */
	h->absent |= a->by_us && !h->live;
	return settle(s, out, a->slot, SM_PORT_FILTERED, a->reason, rtt);
}

static int take_answer(struct smi_scan *s, struct smi_out *out,
		       const struct smi_answer *a, int64_t now)
{
	struct smi_scan_probe *p = &s->slots[a->slot];
	int64_t rtt;

	s->starved_since = 0;
	if (s->ops->datagrams)
		note_message(s, a, now);
	smi_scan_hold(s, a->slot);
	if (p->witness)
		return end_witness(s, out, a->slot);
	s->said = a->said;
	switch (a->verdict) {
	case SMI_VERDICT_OPEN:
		if (is_doubtful(s, p, true))
			return ask_again(s, a->slot);
		rtt = note_answer(s, p, a->attempt, now);
		return settle(s, out, a->slot, SM_PORT_OPEN, a->reason, rtt);
	case SMI_VERDICT_CLOSED:
		if (is_doubtful(s, p, false))
			return ask_again(s, a->slot);
		rtt = note_answer(s, p, a->attempt, now);
		return settle(s, out, a->slot, SM_PORT_CLOSED, a->reason, rtt);
	case SMI_VERDICT_FILTERED:
		return take_filtered(s, out, a, now);
	case SMI_VERDICT_REFUSED:
		s->hosts[p->host].last_error = a->err;
		return settle(s, out, a->slot, SM_PORT_UNKNOWN, "local-error",
			      -1);
	case SMI_VERDICT_AGAIN:
		break;
	}
	return own_failure(s, out, a->slot, a->err, now);
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

/* Of datagrams the wait stops growing early: an answer to an earlier try is taken as
 * well, and each try is one of a port alone. */
static unsigned backoff(const struct smi_scan *s,
			const struct smi_scan_probe *p)
{
	return s->ops->datagrams ? SMI_MIN(p->tries, BACKOFF) : p->tries;
}

/* When a port that is out is given up, or sent once more. */
static int64_t wait_until(const struct smi_scan *s,
			  const struct smi_scan_probe *p)
{
	const struct smi_scan_host *h = &s->hosts[p->host];
	int64_t step = SMI_MIN(s->timeout, DARK_AGAIN);

	if (h->live) {
		int64_t wait = smi_rtt_wait(&h->rtt, backoff(s, p), s->timeout);

		if (s->ops->is_slow && s->ops->is_slow(p->port) &&
		    p->tries + 1U >= smi_scan_tries(s, h))
			wait = SMI_MAX(wait, SMI_MIN(SLOW, s->timeout));
		return p->sent + wait;
	}
	/* All tries of a dark host share one timeout, though none is cut short: many
	 * of our own take longer. */
	if (s->ops->asks_again && s->timeout > KERNEL_AGAIN)
		return p->first + s->timeout;
	if (p->tries + 1U < smi_scan_tries(s, h))
		return p->sent + step;
	return SMI_MAX(p->first + s->timeout, p->sent + step);
}

/* Its last try has been waited for. */
static bool is_given_up(const struct smi_scan *s,
			const struct smi_scan_probe *p)
{
	const struct smi_scan_host *h = &s->hosts[p->host];

	if (p->tries + 1U >= smi_scan_tries(s, h))
		return true;
	return !h->live && s->ops->asks_again && s->timeout > KERNEL_AGAIN;
}

/* The try of the slot, which is in no row, was not answered. */
static int end_try(struct smi_scan *s, struct smi_out *out, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];

	if (!is_given_up(s, p)) {
		p->tries++;
		smi_scan_again(s, slot);
		return 0;
	}
	p->state = SMI_SLOT_HELD;
	s->ops->drop(s->engine, slot);
	return settle(s, out, slot,
		      s->ops->datagrams ? SM_PORT_OPEN_FILTERED
					: SM_PORT_FILTERED,
		      "no-response", -1);
}

/* The same, where a closed port may be silent as well. */
static int end_silent(struct smi_scan *s, struct smi_out *out, uint32_t slot,
		      int64_t now)
{
	struct smi_scan_probe *p = &s->slots[slot];
	struct smi_scan_host *h = &s->hosts[p->host];
	bool counts = smi_scan_limit_counts(s, slot);

	if (p->witness)
		smi_scan_limit_no_witness(s, slot, true, now);
	smi_scan_limit_gone(s, slot);
	if (p->witness || !counts)
		p->state = SMI_SLOT_HELD;
	if (p->witness) {
		s->ops->drop(s->engine, slot);
		return end_witness(s, out, slot);
	}
	if (counts) {
		/* Nothing was to prove any more that a message was left for it. */
		if (is_given_up(s, p))
			h->unsure += h->live && h->limit.tired;
		return end_try(s, out, slot);
	}
	p->blind++;
	if (!smi_scan_limit_is_enough(s, slot)) {
		smi_scan_again(s, slot);
		return 0;
	}
	h->unsure++;
	s->ops->drop(s->engine, slot);
	return settle(s, out, slot, SM_PORT_OPEN_FILTERED, "no-response", -1);
}

/* Of a host that has not answered, and of whose link-layer address nothing was known. */
static void look_for_link(struct smi_scan *s, const struct smi_scan_probe *p,
			  int64_t now)
{
	struct smi_scan_host *h = &s->hosts[p->host];
	enum smi_link link;

	if (now < h->link_at)
		return;
	h->link_at = now + PAUSE;
	link = smi_ip_link(&h->ip);
	h->unlinked = link == SMI_LINK_ASKED || link == SMI_LINK_FAILED;
	/* It may be asked for anew since it failed, by further tries. */
	h->absent = h->unlinked && now - h->began >= LINK_WAIT;
	h->unlinked &= now - h->began < s->timeout;
	if (!h->unlinked)
		smi_scan_host_listed(s, p->host);
}

/* The slot is out, and in no row. */
static int end_absent(struct smi_scan *s, struct smi_out *out, uint32_t slot)
{
	smi_scan_landed(s, slot);
	s->nout--;
	s->slots[slot].state = SMI_SLOT_HELD;
	s->ops->drop(s->engine, slot);
	return settle(s, out, slot, SM_PORT_FILTERED, "host-unreachable", -1);
}

/* The slot is out of its row. */
static int look_at(struct smi_scan *s, struct smi_out *out, uint32_t slot,
		   int64_t now)
{
	struct smi_scan_probe *p = &s->slots[slot];
	struct smi_scan_host *h = &s->hosts[p->host];
	int64_t end = wait_until(s, p);
	int64_t late = p->sent + smi_rtt_flight(&h->rtt);

	if (p->flying && late <= now) {
		smi_scan_landed(s, slot);
		smi_pace_silent(&h->pace);
		smi_pace_silent(&s->pace);
	}
	if (!h->live && h->unlinked)
		look_for_link(s, p, now);
	if (!h->live && h->absent)
		return end_absent(s, out, slot);
	if (!h->live && h->unlinked && h->began + LINK_WAIT > now)
		end = SMI_MIN(end, h->began + LINK_WAIT);
	if (end > now) {
		/* A dark host may turn live, which shortens the wait. */
		if (!h->live)
			end = SMI_MIN(end, now + (now - p->first) / 4 + PAUSE);
		smi_scan_arm(s, slot, p->flying ? SMI_MIN(late, end) : end);
		return 0;
	}
	smi_scan_landed(s, slot);
	s->nout--;
	return s->ops->datagrams ? end_silent(s, out, slot, now)
				 : end_try(s, out, slot);
}

/* Ends the probes that were waited for long enough. */
static int check_timeouts(struct smi_scan *s, struct smi_out *out, int64_t now)
{
	struct smi_scan_row row;

	while (smi_scan_tick(s, now, &row)) {
		for (uint32_t i = row.head, next; i != SMI_SCAN_NONE;
		     i = next) {
			int r;

			next = s->slots[i].next;
			r = look_at(s, out, i, now);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* Another slot takes the probe over, if there is one. 1: it may be sent there at
 * once, 0: not now. */
static int no_room(struct smi_scan *s, uint32_t *slot, int err, int64_t now)
{
	uint32_t had = *slot;

	s->room_at = now + ROOM_AGAIN;
	if (s->nfree) {
		*slot = s->free_slots[--s->nfree];
		s->slots[*slot] = s->slots[had];
		s->slots[had].state = SMI_SLOT_FREE;
		retire_slot(s, had);
		return 1;
	}
	smi_scan_again(s, had);
	if (s->nout)
		return 0;
	/* Not one socket can be had: others may give theirs back. */
	if (!s->starved_since)
		s->starved_since = now;
	if (now - s->starved_since > STARVED)
		return smi_fail(s->ctx, -err, "no probe can be sent: %s",
				smi_strerror(err));
	s->room_at = now + PAUSE;
	s->hold_until = now + PAUSE;
	return 0;
}

static void put_out(struct smi_scan *s, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];
	struct smi_scan_host *h = &s->hosts[p->host];

	if (!h->probes++)
		h->began = p->sent;
	h->resent += p->tries > 0 || p->blind > 0 || p->witness;
	p->state = SMI_SLOT_OUT;
	s->nout++;
	if (s->ops->datagrams) {
		smi_scan_limit_sent(s, slot);
		smi_scan_host_listed(s, p->host);
	}
	smi_scan_take_off(s, slot);
	smi_scan_arm(s, slot, p->sent + smi_rtt_flight(&h->rtt));
}

/* 1: sent, or settled; 0: not now. */
static int send_slot(struct smi_scan *s, struct smi_out *out, uint32_t slot)
{
	struct smi_scan_host *h = &s->hosts[s->slots[slot].host];
	struct smi_scan_probe *p;
	struct smi_answer a;
	enum smi_sent sent;
	unsigned tries;
	int r;

	if (h->absent && !h->live) {
		r = settle(s, out, slot, SM_PORT_FILTERED, "host-unreachable",
			   -1);
		return r < 0 ? r : 1;
	}
	do {
		p = &s->slots[slot];
		p->before = p->sent;
		p->sent = smi_now_mono(s->ctx);
		tries = p->tries + p->blind;
		p->first = tries ? p->first : p->sent;
		sent = s->ops->send(s->engine, slot, &h->ip, p->port, tries,
				    h->near, !h->live, &a);
		r = sent == SMI_SENT_NO_ROOM ? no_room(s, &slot, a.err, p->sent)
					     : 0;
	} while (r > 0);
	if (r < 0 || sent == SMI_SENT_NO_ROOM)
		return r;
	if (sent == SMI_SENT_NOT_NOW) {
		smi_scan_again(s, slot);
		return 0;
	}
	put_out(s, slot);
	if (sent != SMI_SENT_ANSWERED)
		return 1;
	if (a.verdict == SMI_VERDICT_FILTERED) {
		h->unrouted++;
		h->last_error = a.err;
	}
	r = take_answer(s, out, &a, p->sent);
	return r < 0 ? r : 1;
}

/* How many probes went out, or a negative errno. */
static int send_probes(struct smi_scan *s, struct smi_out *out, int64_t now)
{
	int n = 0, r;

	if (s->nretired && now >= s->room_at)
		unretire_slots(s);
	while (n < BURST && now >= s->hold_until && now >= s->send_at &&
	       !smi_scan_asks_full(s)) {
		uint32_t slot = smi_scan_next(s, now);

		if (slot == SMI_SCAN_NONE)
			break;
		r = send_slot(s, out, slot);
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

bool smi_scan_is_complete(const struct smi_scan *s)
{
	return s->targets_end && s->nfree_hosts == SMI_SCAN_HOSTS;
}

static int show_progress(struct smi_scan *s, struct smi_out *out, int64_t now)
{
	if (now < s->progress_at)
		return 0;
	s->progress_at = now + PROGRESS_EVERY;
	/* Of a scan that goes on, ports that were held back are probed again. */
	return smi_out_progress(out, SMI_MIN(s->done, s->total), s->total);
}

/* Nothing to do until an answer comes, or time has passed. */
static int wait_for_answers(struct smi_scan *s, struct smi_out *out,
			    int64_t now)
{
	int64_t at = smi_scan_wheel_next(s), more;
	int r;

	if (!smi_scan_asks_full(s) && smi_scan_has_more(s, now, &more)) {
		/* Also when it has passed since nothing was sent. */
		more = SMI_MAX(more, SMI_MAX(s->hold_until, s->send_at));
		at = SMI_MIN(at, more);
		if (s->nretired)
			at = SMI_MIN(at, s->room_at);
	}
	at = SMI_MIN(at, smi_scan_asks_alarm(s));
	r = smi_out_alarm(out, SMI_MAX(at, now + SMI_MSEC));
	return r < 0 ? r : -EAGAIN;
}

static int tell_method(const struct smi_scan *s, struct smi_out *out)
{
	if (s->no_syn == EPERM || s->no_syn == EACCES)
		return smi_out_notice(out, s->no_syn, "method",
				      "Raw sockets are not allowed for this "
				      "user (CAP_NET_RAW): the scan goes by "
				      "connect.",
				      NULL, 0);
	return s->no_syn ? smi_out_notice(out, s->no_syn, "method",
					  "Raw sockets cannot be had here "
					  "({errno}): the scan goes by "
					  "connect.",
					  NULL, 0)
			 : 0;
}

static int scan_start(void *src, struct smi_out *out)
{
	struct smi_scan *s = src;
	int r = smi_out_watch(out, s->ops->fd(s->engine));

	s->progress_at = smi_now_mono(s->ctx) + PROGRESS_EVERY;
	s->wheel_at = smi_now_mono(s->ctx) / SMI_MSEC;
	/* It needs a descriptor, of which the probes may leave none. */
	if (r == 0)
		r = smi_out_alarm(out, s->progress_at);
	if (r == 0)
		r = smi_scan_asks_watch(s, out);
	if (r == 0)
		r = tell_method(s, out);
	return r < 0 ? r : smi_scan_resume_start(s, out);
}

static int scan_step(void *src, struct smi_out *out)
{
	struct smi_scan *s = src;
	int64_t start = smi_now_mono(s->ctx), now = start;
	int r, got, sent, asked;

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
		asked = smi_scan_asks_step(s, out);
		if (asked < 0)
			return asked;
		r = show_progress(s, out, now);
		if (r < 0)
			return r;
		if (smi_scan_is_complete(s))
			return 0;
		if (!got && !sent && !asked)
			return wait_for_answers(s, out, now);
	} while (now - start < SLICE && !smi_out_full(out));
	return 1;
}

/* What is held back is kept by who goes on. */
static int scan_cancelled(void *src, struct smi_out *out)
{
	struct smi_scan *s = src;
	int r = smi_scan_asks_stop(s, out);

	for (unsigned i = 0; i < SMI_SCAN_HOSTS && !s->resume && !s->goes_on;
	     i++)
		if (r == 0 && s->hosts[i].held)
			r = smi_held_stop(s, out, &s->hosts[i]);
	return r;
}

static void scan_free(void *src)
{
	struct smi_scan *s = src;

	smi_scan_asks_free(s);
	for (unsigned i = 0; i < SMI_SCAN_HOSTS; i++)
		smi_held_free(&s->hosts[i]);
	if (s->engine)
		s->ops->free(s->engine);
	smi_scan_resume_free(s->resume);
	smi_local_free(&s->local);
	smi_services_free(&s->services);
	smi_targets_free(&s->targets);
	smi_vec_free(&s->unresolved);
	free(s->ports);
	free(s->slots);
	free(s->free_slots);
	sm_ctx_unref(s->ctx);
	free(s);
}

const struct smi_source_ops smi_scan_source = {
	.name = "scan",
	.start = scan_start,
	.step = scan_step,
	.cancelled = scan_cancelled,
	.settled = smi_scan_resume_settled,
	.free = scan_free,
};
