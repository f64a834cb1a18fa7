/* SPDX-License-Identifier: MIT */
#include "portscan/scan.h"

#include <stdlib.h>

#include "portscan/scan-ask.h"
#include "portscan/scan-held.h"
#include "portscan/scan-resume.h"

#define SLICE	       (5 * SMI_MSEC)
#define PROGRESS_EVERY (100 * SMI_MSEC)

/* So long may all attempts fail on this side before the scan is given up. */
#define STARVED (5 * SMI_SEC)
/* When descriptors were short, more are asked for so much later. */
#define ROOM_AGAIN SMI_SEC
/* What a rate cap allows at once, when nothing was sent for a while. */
#define RATE_BURST (10 * SMI_MSEC)

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

int smi_scan_host_done(struct smi_scan *s, struct smi_out *out, unsigned index)
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
		       ? smi_scan_host_done(s, out, host)
		       : r;
}

int smi_scan_settle_slot(struct smi_scan *s, struct smi_out *out, uint32_t slot,
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
	s->room_at = now + SMI_SCAN_PAUSE;
	s->hold_until = now + SMI_SCAN_PAUSE;
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
static int send_slot(struct smi_scan *s, struct smi_out *out, uint32_t slot,
		     int64_t now)
{
	struct smi_scan_host *h = &s->hosts[s->slots[slot].host];
	struct smi_scan_probe *p;
	struct smi_answer a;
	enum smi_sent sent;
	unsigned tries;
	int r;

	if (h->absent && !h->live) {
		r = smi_scan_settle_slot(s, out, slot, SM_PORT_FILTERED,
					 "host-unreachable", -1);
		return r < 0 ? r : 1;
	}
	do {
		p = &s->slots[slot];
		p->before = p->sent;
		/* What is only written down goes out with the burst. */
		p->sent = s->ops->flush ? now : smi_now_mono(s->ctx);
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
	r = smi_scan_take_answer(s, out, &a, p->sent);
	return r < 0 ? r : 1;
}

/* How many probes went out, or a negative errno. */
static int send_probes(struct smi_scan *s, struct smi_out *out, int64_t now)
{
	int n = 0, r;

	if (s->nretired && now >= s->room_at)
		unretire_slots(s);
	while (n < SMI_SCAN_BURST && now >= s->hold_until &&
	       now >= s->send_at && !smi_scan_asks_full(s)) {
		uint32_t slot = smi_scan_next(s, now);

		if (slot == SMI_SCAN_NONE)
			break;
		r = send_slot(s, out, slot, now);
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
		got = smi_scan_take_answers(s, out);
		if (got < 0)
			return got;
		if (got)
			now = smi_now_mono(s->ctx);
		/* An answer that is here is never too late. */
		r = got < SMI_SCAN_BURST ? smi_scan_check_timeouts(s, out, now)
					 : 0;
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

	if (r == 0 && !s->is_share)
		r = smi_scan_cut_notice(s, out, s->done);
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
