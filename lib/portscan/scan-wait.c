/* SPDX-License-Identifier: MIT */
#include "portscan/scan-state.h"
#include "portscan/udp-payload.h"

/* How long what is not answered is waited for, and how often it is asked. */

/* Tries of a port that does not answer, unless the caller says: so many while no
 * loss is known on the way to its host; with losses, as many as they ask for. */
#define TRIES	  3
#define MAX_TRIES 12
/* A UDP port has been asked all questions that are known for it. */
_Static_assert(SMI_UDP_QUESTIONS <= TRIES, "a question is never asked");
/* A host that has not answered is asked again so often. */
#define DARK_AGAIN SMI_SEC
#define BACKOFF	   2U
/* A program may take so long to answer, whatever the way to its host is. */
#define SLOW (500 * SMI_MSEC)
/* A machine on the own link has been looked for in vain then (mcast_solicit and
 * retrans_time_ms, three times one second, in arp(7)). */
#define LINK_WAIT (3100 * SMI_MSEC)

unsigned smi_scan_tries(const struct smi_scan *s, const struct smi_scan_host *h)
{
	if (s->retries >= 0)
		return (unsigned)s->retries + 1;
	if (!h->lost)
		return TRIES;
	return smi_loss_tries(smi_loss_bound(h->lost, h->tries), s->nports,
			      TRIES, MAX_TRIES);
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
	if (s->ops->asks_again && s->timeout > SMI_SCAN_KERNEL_AGAIN)
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
	return !h->live && s->ops->asks_again &&
	       s->timeout > SMI_SCAN_KERNEL_AGAIN;
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
	return smi_scan_settle_slot(s, out, slot,
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
		return smi_scan_end_witness(s, out, slot);
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
	return smi_scan_settle_slot(s, out, slot, SM_PORT_OPEN_FILTERED,
				    "no-response", -1);
}

/* Of a host that has not answered, and of whose link-layer address nothing was known. */
static void look_for_link(struct smi_scan *s, const struct smi_scan_probe *p,
			  int64_t now)
{
	struct smi_scan_host *h = &s->hosts[p->host];
	enum smi_link link;

	if (now < h->link_at)
		return;
	h->link_at = now + SMI_SCAN_PAUSE;
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
	return smi_scan_settle_slot(s, out, slot, SM_PORT_FILTERED,
				    "host-unreachable", -1);
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
			end = SMI_MIN(end, now + (now - p->first) / 4 +
						   SMI_SCAN_PAUSE);
		smi_scan_arm(s, slot, p->flying ? SMI_MIN(late, end) : end);
		return 0;
	}
	smi_scan_landed(s, slot);
	s->nout--;
	return s->ops->datagrams ? end_silent(s, out, slot, now)
				 : end_try(s, out, slot);
}

int smi_scan_check_timeouts(struct smi_scan *s, struct smi_out *out,
			    int64_t now)
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
