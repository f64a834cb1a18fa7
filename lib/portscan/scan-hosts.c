/* SPDX-License-Identifier: MIT */
#include "portscan/scan-state.h"

/*
 * Hosts are taken up in the keyed order of the targets, each begins at a port of its
 * own in the common order of ports, and those in work take turns. What a scan that
 * is stopped must keep is therefore the key, targets.walked, and ip, first and next
 * of the hosts in work.
 *
 * A host that has answered nothing is dark: all such hosts share a small window and
 * a part of the slots, so that neighbours that answer do not wait behind them.
 */
#define DARK_WINDOW	64
#define MAX_DARK_WINDOW 256
#define DARK_PAUSE	(30 * SMI_MSEC)
#define UNLINKED_PROBES 4

void smi_scan_hosts_init(struct smi_scan *s)
{
	for (; s->nfree_hosts < SMI_SCAN_HOSTS; s->nfree_hosts++)
		s->free_hosts[s->nfree_hosts] =
			(uint16_t)(SMI_SCAN_HOSTS - 1 - s->nfree_hosts);
	for (unsigned i = 0; i < SMI_SCAN_TICKS; i++)
		s->wheel[i].head = s->wheel[i].tail = SMI_SCAN_NONE;
	s->dark_window = DARK_WINDOW;
	/* Hosts that have answered get what dark ones had between them. */
	smi_pace_init(&s->pace, MAX_DARK_WINDOW, s->nslots);
}

static struct smi_scan_list *list_of(struct smi_scan *s,
				     const struct smi_scan_host *h)
{
	return h->live ? &s->live : &s->dark;
}

static void unlist(struct smi_scan *s, struct smi_scan_host *h)
{
	struct smi_scan_list *l = list_of(s, h);
	uint16_t last = l->v[--l->n];

	l->v[h->place - 1] = last;
	s->hosts[last].place = h->place;
	h->place = 0;
}

void smi_scan_host_listed(struct smi_scan *s, unsigned host)
{
	struct smi_scan_host *h = &s->hosts[host];
	struct smi_scan_list *l = list_of(s, h);
	bool wanted = h->next < s->nports || h->again.head != SMI_SCAN_NONE ||
		      smi_scan_limit_lists(s, h);

	if (wanted && !h->place) {
		l->v[l->n++] = (uint16_t)host;
		h->place = (uint16_t)l->n;
	} else if (!wanted && h->place) {
		unlist(s, h);
	}
}

void smi_scan_host_live(struct smi_scan *s, unsigned host)
{
	struct smi_scan_host *h = &s->hosts[host];
	unsigned first = SMI_MIN(h->flight, MAX_DARK_WINDOW);

	if (h->place)
		unlist(s, h);
	/* All of them are slots: only an open port, which is an answer, can wait for
	 * something else. */
	s->dark_slots -= h->pending;
	h->live = true;
	/* So many were sent at once, and came through; they are still counted as on
	 * their way, for as long as that takes on a way that is not known. */
	smi_pace_init(&h->pace, first + DARK_WINDOW, s->nslots);
	smi_scan_host_listed(s, host);
}

void smi_scan_host_end(struct smi_scan *s, unsigned host)
{
	smi_scan_host_listed(s, host);
	s->free_hosts[s->nfree_hosts++] = (uint16_t)host;
}

/* Over its link. */
static void look_for_host(struct smi_scan_host *h)
{
	enum smi_link link = smi_ip_link(&h->ip);

	h->unlinked = link == SMI_LINK_ASKED || link == SMI_LINK_FAILED;
	h->absent = link == SMI_LINK_NOBODY;
}

unsigned smi_scan_host_begin(struct smi_scan *s, uint64_t number)
{
	unsigned index = s->free_hosts[--s->nfree_hosts];
	struct smi_scan_host *h = &s->hosts[index];
	int local;

	*h = (struct smi_scan_host){
		.number = number, .again = { SMI_SCAN_NONE, SMI_SCAN_NONE }
	};
	smi_scan_limit_init(&h->limit);
	smi_targets_at(&s->targets, number, &h->ip, &h->name);
	/* Where some ports come first, they do on each host. */
	if (!s->ops || !s->ops->datagrams)
		h->first = (uint32_t)(smi_siphash_u64(&s->key, number) %
				      s->nports);
	local = smi_ip_is_local(&h->ip);
	h->local = local == 1;
	h->near = local != 0;
	if (s->seeks_links && !h->near)
		look_for_host(h);
	smi_scan_host_listed(s, index);
	return index;
}

/* The next host gets its place; false: there is none, or no place now. */
static bool next_host(struct smi_scan *s)
{
	uint64_t number;

	if (s->targets_end || !s->nfree_hosts || s->live.n >= SMI_SCAN_LIVE)
		return false;
	if (!smi_targets_step(&s->targets, &number)) {
		s->targets_end = true;
		return false;
	}
	smi_scan_host_begin(s, number);
	return true;
}

static uint32_t take_slot(struct smi_scan *s, unsigned host, uint16_t port)
{
	uint32_t slot = s->free_slots[--s->nfree];
	struct smi_scan_host *h = &s->hosts[host];

	s->slots[slot] = (struct smi_scan_probe){ .host = (uint16_t)host,
						  .port = port,
						  .state = SMI_SLOT_HELD };
	h->pending++;
	s->dark_slots += !h->live;
	return slot;
}

void smi_scan_port_begin(struct smi_scan *s, unsigned host, uint16_t port)
{
	smi_scan_again(s, take_slot(s, host, port));
}

static void unqueue(struct smi_scan *s, struct smi_scan_host *h, uint32_t slot)
{
	smi_scan_unlink(s, &h->again, slot);
	s->slots[slot].state = SMI_SLOT_HELD;
}

/* One slot is left for a witness (scan-limit.h). */
static bool has_slots(const struct smi_scan *s)
{
	return s->nfree > (s->ops->datagrams && s->nslots > 2 ? 1U : 0U);
}

/* A port of the host that was not probed before may be, where there are slots. */
static bool may_begin(const struct smi_scan *s, const struct smi_scan_host *h)
{
	/* More of them would wait, and be lost, with these. */
	if (h->unlinked && !h->live && h->pending >= UNLINKED_PROBES)
		return false;
	return h->next < s->nports;
}

static bool can_send(const struct smi_scan *s, const struct smi_scan_host *h,
		     bool slots)
{
	return h->again.head != SMI_SCAN_NONE || (slots && may_begin(s, h));
}

/* What the host repeats takes turns with what is new: where most ports are silent,
 * the last one begins early. Where packets are lost it goes first, since its answers
 * tell how many; but where messages are few, it is new ones that may be worth one. */
static uint32_t take_from(struct smi_scan *s, unsigned host)
{
	struct smi_scan_host *h = &s->hosts[host];
	uint32_t slot = h->again.head;

	h->fresh = (!h->fresh || h->limit.on) && !h->pace.gap && has_slots(s) &&
		   may_begin(s, h);
	if (slot != SMI_SCAN_NONE && !h->fresh)
		unqueue(s, h, slot);
	else
		slot = take_slot(s, host,
				 s->ports[(h->first + h->next++) % s->nports]);
	smi_scan_host_listed(s, host);
	return slot;
}

/* A port that is known to be closed, once more. */
static uint32_t take_witness(struct smi_scan *s, unsigned host)
{
	struct smi_limit *l = &s->hosts[host].limit;
	uint32_t slot = take_slot(s, host, smi_scan_limit_witness(l));

	s->slots[slot].witness = true;
	smi_scan_host_listed(s, host);
	return slot;
}

static uint32_t next_of(struct smi_scan *s, unsigned host, int64_t now)
{
	struct smi_scan_host *h = &s->hosts[host];
	bool more = can_send(s, h, has_slots(s)) &&
		    smi_scan_limit_may_send(s, h, now);

	if (!more && !s->ops->datagrams)
		return SMI_SCAN_NONE;
	if (s->ops->datagrams && smi_scan_limit_wants_witness(s, h, more, now))
		return take_witness(s, host);
	if (!more || !smi_pace_may_send(&h->pace, h->flight, now))
		return SMI_SCAN_NONE;
	smi_pace_sent(&s->pace, now);
	smi_pace_sent(&h->pace, now);
	return take_from(s, host);
}

static uint32_t next_live(struct smi_scan *s, int64_t now)
{
	if (!s->live.n || !smi_pace_may_send(&s->pace, s->flight, now))
		return SMI_SCAN_NONE;
	for (unsigned k = 0; k < s->live.n; k++) {
		unsigned host = s->live.v[s->turn++ % s->live.n];
		uint32_t slot = next_of(s, host, now);

		if (slot != SMI_SCAN_NONE)
			return slot;
	}
	return SMI_SCAN_NONE;
}

/* Dark hosts leave a quarter of the slots to others. */
static bool dark_has_slots(const struct smi_scan *s)
{
	return s->nfree && s->dark_slots < s->nslots - s->nslots / 4;
}

/* The window of the dark ones opens with time: there is nothing else to go by. */
static bool dark_may_send(struct smi_scan *s, int64_t now)
{
	if (s->dark_flight < s->dark_window)
		return true;
	if (!s->dark_at) {
		s->dark_at = now + DARK_PAUSE;
	} else if (now >= s->dark_at) {
		s->dark_window = SMI_MIN(2 * s->dark_window, MAX_DARK_WINDOW);
		s->dark_at = 0;
	}
	return s->dark_flight < s->dark_window;
}

static uint32_t next_dark(struct smi_scan *s, int64_t now)
{
	bool slots = dark_has_slots(s);

	if (!dark_may_send(s, now))
		return SMI_SCAN_NONE;
	/* New ones first: most of them turn out to be live. */
	if (slots && next_host(s))
		return take_from(s, s->dark.v[s->dark.n - 1]);
	for (unsigned k = 0; k < s->dark.n; k++) {
		unsigned host = s->dark.v[s->turn++ % s->dark.n];

		if (can_send(s, &s->hosts[host], slots) &&
		    smi_scan_limit_dark(s, &s->hosts[host], now))
			return take_from(s, host);
	}
	return SMI_SCAN_NONE;
}

uint32_t smi_scan_next(struct smi_scan *s, int64_t now)
{
	uint32_t slot = next_live(s, now);

	return slot == SMI_SCAN_NONE ? next_dark(s, now) : slot;
}

void smi_scan_again(struct smi_scan *s, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];

	p->state = SMI_SLOT_AGAIN;
	smi_scan_push(s, &s->hosts[p->host].again, slot);
	smi_scan_host_listed(s, p->host);
}

void smi_scan_hold(struct smi_scan *s, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];

	if (p->state == SMI_SLOT_OUT) {
		smi_scan_disarm(s, slot);
		s->nout--;
		if (s->ops->datagrams)
			smi_scan_limit_gone(s, slot);
	} else if (p->state == SMI_SLOT_AGAIN) {
		unqueue(s, &s->hosts[p->host], slot);
		smi_scan_host_listed(s, p->host);
	}
	smi_scan_landed(s, slot);
	p->state = SMI_SLOT_HELD;
}

void smi_scan_free_slot(struct smi_scan *s, uint32_t slot)
{
	smi_scan_hold(s, slot);
	s->slots[slot].state = SMI_SLOT_FREE;
	s->free_slots[s->nfree++] = slot;
}

/* When time alone lets a dark host send. */
static int64_t dark_next(const struct smi_scan *s, bool fresh, int64_t now)
{
	bool slots = dark_has_slots(s);

	if (s->dark_flight >= s->dark_window)
		return s->dark_at ? s->dark_at : INT64_MAX;
	if (fresh && slots)
		return now;
	for (unsigned k = 0; k < s->dark.n; k++) {
		const struct smi_scan_host *h = &s->hosts[s->dark.v[k]];

		if (can_send(s, h, slots) && smi_scan_limit_dark(s, h, now))
			return now;
	}
	return INT64_MAX;
}

bool smi_scan_has_more(struct smi_scan *s, int64_t now, int64_t *at)
{
	bool fresh =
		!s->targets_end && s->nfree_hosts && s->live.n < SMI_SCAN_LIVE;

	*at = dark_next(s, fresh, now);
	for (unsigned k = 0; k < s->live.n; k++) {
		struct smi_scan_host *h = &s->hosts[s->live.v[k]];
		int64_t next;

		if (!can_send(s, h, has_slots(s)) ||
		    s->flight >= s->pace.window || h->flight >= h->pace.window)
			continue;
		next = SMI_MAX(h->pace.next_at, s->pace.next_at);
		if (s->ops->datagrams)
			next = SMI_MAX(next, smi_scan_limit_next(s, h, now));
		*at = SMI_MIN(*at, next);
	}
	return fresh || s->live.n || s->dark.n;
}
