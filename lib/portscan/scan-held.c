/* SPDX-License-Identifier: MIT */
#include "portscan/scan-held.h"

#include <stdlib.h>

#include "portscan/reason.h"
#include "portscan/svc.h"
#include "record/build.h"

/* Beyond these only the numbers are kept. */
#define KNOWN_MAX 256

struct known {
	uint16_t port;
	bool asked;
	const char *reason;
	int64_t rtt, time;
};

struct smi_held {
	SMI_VEC(struct known) list;
	struct smi_ports *more; /* NULL: none */
};

static bool looks_alike(const struct smi_scan_host *h)
{
	return h->closed == 0 && smi_alike_few(h->filtered, h->open) &&
	       smi_alike_few(h->spoke, h->asked);
}

void smi_held_free(struct smi_scan_host *h)
{
	if (!h->held)
		return;
	smi_vec_free(&h->held->list);
	free(h->held->more);
	free(h->held);
	h->held = NULL;
}

static uint32_t count(const struct smi_scan_host *h)
{
	const struct smi_held *x = h->held;

	return x ? (uint32_t)(x->list.n + (x->more ? x->more->n : 0)) : 0;
}

static bool add(struct smi_scan_host *h, const struct known *port)
{
	if (!h->held)
		h->held = smi_zalloc(sizeof(*h->held));
	if (!h->held)
		return false;
	if (h->held->list.n < KNOWN_MAX)
		return smi_vec_push(&h->held->list, *port);
	if (!h->held->more)
		h->held->more = smi_zalloc(sizeof(*h->held->more));
	if (!h->held->more)
		return false;
	smi_ports_add(h->held->more, port->port);
	return true;
}

/* What a record of an open port is for. */
static int tell(struct smi_scan *s, struct smi_out *out,
		const struct smi_scan_host *h, const struct known *port,
		enum smi_port_use use)
{
	const struct smi_svc_found found = { .asked = port->asked };
	sm_record *r;
	int e = smi_scan_open_record(s, out, h, port->port, port->reason,
				     port->rtt, port->asked ? &found : NULL,
				     &r);

	if (e < 0)
		return e;
	if (smi_rec_has(r, SMI_PORT_TIME))
		smi_set_int(r, SMI_PORT_TIME, port->time);
	if (use != SMI_PORT_USE_ALL)
		smi_set_int(r, SMI_PORT_USE, use);
	return smi_scan_hand_on(s, out, r);
}

int smi_held_port(struct smi_scan *s, struct smi_out *out,
		  struct smi_scan_host *h, uint16_t port, const char *reason,
		  int64_t rtt, const struct smi_svc_found *found)
{
	const struct known x = { port, found && found->asked, reason, rtt,
				 smi_now_wall(s->ctx) };
	int r = 0;

	if (!s->holds || !looks_alike(h) || (found && found->spoke))
		return smi_scan_asked_record(s, out, h, port, reason, rtt,
					     found);
	if (s->show == SM_SCAN_SHOW_ALL)
		r = tell(s, out, h, &x, SMI_PORT_USE_SHOW);
	if (r == 0 && !add(h, &x))
		return smi_fail_nomem(s->ctx);
	return r;
}

/* One of which nothing but the number is known, and that each engine of TCP calls open
 * for the same reason. */
static struct known known_open(const struct smi_scan *s, uint16_t port)
{
	return (struct known){ port, false, SMI_REASON_SYN_ACK, -1,
			       smi_now_wall(s->ctx) };
}

/* Of the ports of this machine: whether somebody has it, and is to be told. */
static bool is_heard(struct smi_scan *s, const struct smi_scan_host *h,
		     uint16_t port)
{
	return smi_local_find(&s->local, &h->ip, port, smi_now_mono(s->ctx));
}

/* all: or those with a listener only. */
static int release(struct smi_scan *s, struct smi_out *out,
		   struct smi_scan_host *h, bool all)
{
	enum smi_port_use use = s->show == SM_SCAN_SHOW_ALL ? SMI_PORT_USE_JUDGE
							    : SMI_PORT_USE_ALL;
	const struct smi_held *x = h->held;
	int r = 0;

	for (size_t i = 0; r == 0 && i < x->list.n; i++)
		if (all || is_heard(s, h, x->list.v[i].port))
			r = tell(s, out, h, &x->list.v[i], use);
	for (uint32_t port = 1; r == 0 && x->more && port <= UINT16_MAX;
	     port++) {
		struct known more = known_open(s, (uint16_t)port);

		if (smi_ports_has(x->more, more.port) &&
		    (all || is_heard(s, h, more.port)))
			r = tell(s, out, h, &more, use);
	}
	return r;
}

static int release_all(struct smi_scan *s, struct smi_out *out,
		       struct smi_scan_host *h)
{
	int r = release(s, out, h, true);

	smi_held_free(h);
	return r;
}

int smi_held_check(struct smi_scan *s, struct smi_out *out,
		   struct smi_scan_host *h)
{
	return h->held && !looks_alike(h) ? release_all(s, out, h) : 0;
}

static uint32_t count_heard(struct smi_scan *s, const struct smi_scan_host *h)
{
	const struct smi_held *x = h->held;
	uint32_t n = 0;

	for (size_t i = 0; i < x->list.n; i++)
		n += is_heard(s, h, x->list.v[i].port);
	for (uint32_t port = 1; x->more && port <= UINT16_MAX; port++)
		n += smi_ports_has(x->more, (uint16_t)port) &&
		     is_heard(s, h, (uint16_t)port);
	return n;
}

static int notice(const struct smi_scan *s, struct smi_out *out,
		  const struct smi_scan_host *h, const char *text,
		  uint32_t count)
{
	char address[SMI_IP_STRLEN];

	if (s->show == SM_SCAN_SHOW_ALL || !count)
		return 0;
	return smi_out_notice_count(out, 0, smi_ip_format(&h->ip, address),
				    text, count, h->open);
}

/* It answers for all of them. */
static int tell_alike(struct smi_scan *s, struct smi_out *out,
		      struct smi_scan_host *h)
{
	uint32_t n = count(h), heard = h->local ? count_heard(s, h) : 0;
	int r = 0;

	if (h->local && s->local.error == ENOMEM)
		return smi_fail_nomem(s->ctx);
	if (h->local && !s->local.error) {
		h->heard = heard;
		h->unheard = n - heard;
	}
	if (heard)
		r = release(s, out, h, false);
	if (r == 0)
		r = notice(s, out, h,
			   "{count} of {total} open ports of {source} are not "
			   "told one by one: all that were probed are open, "
			   "and nothing was heard from them.",
			   n - heard);
	smi_held_free(h);
	return r;
}

int smi_held_end(struct smi_scan *s, struct smi_out *out,
		 struct smi_scan_host *h)
{
	if (!h->held)
		return 0;
	return looks_alike(h) && h->open >= SMI_ALIKE_MANY
		       ? tell_alike(s, out, h)
		       : release_all(s, out, h);
}

int smi_held_stop(struct smi_scan *s, struct smi_out *out,
		  struct smi_scan_host *h)
{
	uint32_t n = count(h);

	if (n < SMI_ALIKE_MANY)
		return n ? release_all(s, out, h) : 0;
	smi_held_free(h);
	return notice(s, out, h,
		      "{count} of {total} open ports of {source} are not told: "
		      "all that were probed before the scan was stopped are "
		      "open, and nothing was heard from them.",
		      n);
}

void smi_held_keep(const struct smi_scan_host *h, struct smi_buf *out)
{
	const struct smi_held *x = h->held;
	struct smi_ports all = { .n = 0 };

	if (!x)
		return;
	if (x->more)
		all = *x->more;
	for (size_t i = 0; i < x->list.n; i++)
		smi_ports_add(&all, x->list.v[i].port);
	smi_kept_add_held(out, &all);
}

/* In ascending order, as they are kept. */
static int restore_word(const struct smi_scan *s, struct smi_scan_host *h,
			const struct smi_kept_word *w,
			const struct smi_ports *probed)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		uint16_t port = (uint16_t)(w->at * 64U + bit);
		struct known x;

		if (!(w->bits >> bit & 1))
			continue;
		if (!smi_ports_has(probed, port) || count(h) >= h->open)
			return -EBADMSG;
		x = known_open(s, port);
		if (!add(h, &x))
			return -ENOMEM;
	}
	return 0;
}

int smi_held_restore(const struct smi_scan *s, struct smi_scan_host *h,
		     const struct smi_kept *k, const struct smi_kept_host *kept)
{
	struct smi_ports probed = { .n = 0 };
	int r = 0;

	for (uint32_t i = 0; kept->nheld > 0 && i < s->nports; i++)
		smi_ports_add(&probed, s->ports[i]);
	for (size_t i = 0; i < kept->nwait; i++)
		smi_ports_del(&probed, k->waits.v[kept->wait_at + i]);
	for (size_t i = 0; r == 0 && i < kept->nheld; i++)
		r = restore_word(s, h, &k->helds.v[kept->held_at + i], &probed);
	return r;
}

static int take_over(struct smi_scan_host *to, const struct smi_held *x)
{
	for (size_t i = 0; i < x->list.n; i++)
		if (!add(to, &x->list.v[i]))
			return -ENOMEM;
	for (uint32_t port = 1; x->more && port <= UINT16_MAX; port++) {
		struct known more = x->list.v[0];

		more = (struct known){ (uint16_t)port, false, more.reason, -1,
				       more.time };
		if (smi_ports_has(x->more, more.port) && !add(to, &more))
			return -ENOMEM;
	}
	return 0;
}

int smi_held_move(struct smi_scan_host *to, struct smi_scan_host *from)
{
	int r = 0;

	if (!to->held) {
		to->held = from->held;
		from->held = NULL;
	} else if (from->held) {
		r = take_over(to, from->held);
	}
	smi_held_free(from);
	return r;
}

int smi_held_copy(struct smi_scan_host *to, const struct smi_scan_host *from)
{
	int r;

	to->held = NULL;
	r = from->held ? take_over(to, from->held) : 0;
	if (r < 0)
		smi_held_free(to);
	return r;
}
