/* SPDX-License-Identifier: MIT */
#include "portscan/scan-state.h"

/* What answers tell: of ports, and of the way to their hosts. */

/* Attempts that fail on this side before a port is given up. */
#define OWN_TRIES 20

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
	if (s->ops->asks_again && rtt >= SMI_SCAN_KERNEL_AGAIN)
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
		s->hold_until = now + SMI_SCAN_PAUSE;
		s->pace.window = SMI_MAX(s->pace.window / 2, 1);
	}
	if (++p->own < OWN_TRIES) {
		smi_scan_again(s, slot);
		return 0;
	}
	return smi_scan_settle_slot(s, out, slot, SM_PORT_UNKNOWN,
				    "local-error", -1);
}

int smi_scan_end_witness(struct smi_scan *s, struct smi_out *out, uint32_t slot)
{
	unsigned host = s->slots[slot].host;
	struct smi_scan_host *h = &s->hosts[host];

	smi_scan_free_slot(s, slot);
	smi_scan_host_listed(s, host);
	return --h->pending == 0 && h->next == s->nports
		       ? smi_scan_host_done(s, out, host)
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
	return smi_scan_settle_slot(s, out, a->slot, SM_PORT_FILTERED,
				    a->reason, rtt);
}

int smi_scan_take_answer(struct smi_scan *s, struct smi_out *out,
			 const struct smi_answer *a, int64_t now)
{
	struct smi_scan_probe *p = &s->slots[a->slot];
	int64_t rtt;

	s->starved_since = 0;
	if (s->ops->datagrams)
		note_message(s, a, now);
	smi_scan_hold(s, a->slot);
	if (p->witness)
		return smi_scan_end_witness(s, out, a->slot);
	s->said = a->said;
	switch (a->verdict) {
	case SMI_VERDICT_OPEN:
		if (is_doubtful(s, p, true))
			return ask_again(s, a->slot);
		rtt = note_answer(s, p, a->attempt, now);
		return smi_scan_settle_slot(s, out, a->slot, SM_PORT_OPEN,
					    a->reason, rtt);
	case SMI_VERDICT_CLOSED:
		if (is_doubtful(s, p, false))
			return ask_again(s, a->slot);
		rtt = note_answer(s, p, a->attempt, now);
		return smi_scan_settle_slot(s, out, a->slot, SM_PORT_CLOSED,
					    a->reason, rtt);
	case SMI_VERDICT_FILTERED:
		return take_filtered(s, out, a, now);
	case SMI_VERDICT_REFUSED:
		s->hosts[p->host].last_error = a->err;
		return smi_scan_settle_slot(s, out, a->slot, SM_PORT_UNKNOWN,
					    "local-error", -1);
	case SMI_VERDICT_AGAIN:
		break;
	}
	return own_failure(s, out, a->slot, a->err, now);
}

int smi_scan_take_answers(struct smi_scan *s, struct smi_out *out)
{
	struct smi_answer a[SMI_SCAN_BURST];
	int n = s->ops->poll(s->engine, a, SMI_SCAN_BURST), r;
	int64_t now;

	if (n < 0)
		return smi_fail(s->ctx, n, "the scan cannot go on: %s",
				smi_strerror(-n));
	if (n == 0)
		return 0;
	now = smi_now_mono(s->ctx);
	for (int i = 0; i < n; i++) {
		r = smi_scan_take_answer(s, out, &a[i], now);
		if (r < 0)
			return r;
	}
	return n;
}
