/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sys/resource.h>

#include "portscan/scan-resume.h"
#include "portscan/scan-threads.h"

/* So many hosts a share are enough to part hosts and not ports. */
#define HOSTS_TO_PART 4
/* Descriptors of a share that are no sockets, with room for some of those. */
#define DESCRIPTORS 16

bool smi_scan_cut_by_ports(const struct smi_scan *whole, unsigned shares)
{
	return whole->targets.count < (uint64_t)shares * HOSTS_TO_PART;
}

unsigned smi_scan_shares(const struct smi_scan *whole,
			 const struct sm_scan_opts *o)
{
	unsigned n = SMI_MAX(o->threads, 1);
	struct rlimit limit;

	if (o->max_inflight)
		n = SMI_MIN(n, o->max_inflight);
	if (smi_scan_cut_by_ports(whole, n))
		n = SMI_MIN(n, whole->nports);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		n = (unsigned)SMI_MIN(n, limit.rlim_cur / 2 / DESCRIPTORS);
	return SMI_MAX(n, 1);
}

/*
 * No share's socket lies on a port that another one probes, or two of them could meet
 * half way on this machine (RFC 9293, 3.5, simultaneous open).
 */
static int take_ports(struct smi_scan *s, const struct smi_scan *whole,
		      unsigned index, unsigned shares, struct smi_ports *others)
{
	s->ports = smi_alloc(whole->nports * sizeof(*s->ports));
	if (!s->ports)
		return -ENOMEM;
	for (uint32_t i = 0; i < whole->nports; i++) {
		if (i % shares == index)
			s->ports[s->nports++] = whole->ports[i];
		else
			smi_ports_add(others, whole->ports[i]);
	}
	return 0;
}

static int take_hosts(struct smi_scan *s, const struct smi_scan *whole,
		      unsigned index, unsigned shares)
{
	s->targets.walked = index;
	s->targets.stride = shares;
	s->nports = whole->nports;
	s->ports = smi_alloc(s->nports * sizeof(*s->ports));
	if (!s->ports)
		return -ENOMEM;
	memcpy(s->ports, whole->ports, s->nports * sizeof(*s->ports));
	return 0;
}

static int take_share(struct smi_scan *s, const struct smi_scan *whole,
		      const struct sm_scan_opts *o, const struct smi_kept *k,
		      unsigned index, unsigned shares)
{
	struct smi_ports others = { 0 };
	int r = smi_scan_cut_by_ports(whole, shares)
			? take_ports(s, whole, index, shares, &others)
			: take_hosts(s, whole, index, shares);

	if (r < 0)
		return smi_fail_nomem(s->ctx);
	r = smi_scan_equip(s, o, shares,
			   k ? (unsigned)k->shares.v[index].nwait : 0);
	if (r == 0 && s->ops->spare)
		s->ops->spare(s->engine, &others);
	return r;
}

int smi_scan_share_new(struct smi_scan *whole, const struct sm_scan_opts *o,
		       unsigned index, unsigned shares, sm_ctx *ctx,
		       struct smi_scan **out)
{
	const struct smi_kept *k = smi_scan_resume_kept(whole);
	struct smi_scan *s = smi_zalloc(sizeof(*s));
	int r;

	if (!s)
		return smi_fail_nomem(whole->ctx);
	s->ctx = sm_ctx_ref(ctx);
	s->udp = s->local.udp = whole->udp;
	s->asking = whole->asking;
	s->targets = whole->targets;
	s->timeout = whole->timeout;
	s->retries = whole->retries;
	s->show = whole->show;
	s->fields = whole->fields;
	s->judged = whole->judged;
	s->holds = whole->holds;
	s->is_share = true;
	s->key = whole->key;
	r = take_share(s, whole, o, k, index, shares);
	if (r < 0)
		smi_fail(whole->ctx, r, "%s", sm_ctx_errmsg(ctx));
	else if (k)
		r = smi_scan_resume_failed(whole,
					   smi_scan_restore(s, k, index));
	if (r < 0) {
		smi_scan_share_source.free(s);
		return r;
	}
	*out = s;
	return 0;
}

static int share_start(void *src, struct smi_out *out)
{
	return smi_scan_source.start(src, out);
}

static int share_cancelled(void *src, struct smi_out *out)
{
	return smi_scan_source.cancelled(src, out);
}

static int share_step(void *src, struct smi_out *out)
{
	return smi_scan_source.step(src, out);
}

static int share_settled(void *src, struct smi_out *out, bool ended)
{
	struct smi_scan *s = src;

	(void)out;
	return s->keep ? s->keep(s->keep_user, ended) : 0;
}

static void share_free(void *src)
{
	struct smi_scan *s = src;

	s->targets = (struct smi_targets){ 0 };
	smi_scan_source.free(s);
}

const struct smi_source_ops smi_scan_share_source = {
	.name = "scan-share",
	.start = share_start,
	.step = share_step,
	.cancelled = share_cancelled,
	.settled = share_settled,
	.free = share_free,
};

/* The mean, by how many answers each has seen. */
static int64_t mean(int64_t a, int64_t b, uint64_t na, uint64_t nb)
{
	double n = (double)(na + nb);

	return n > 0 ? (int64_t)(((double)a * (double)na +
				  (double)b * (double)nb) /
				 n)
		     : 0;
}

/* Of messages, of which each share was sent a part; 0: no limit has shown. */
static int64_t both_gaps(int64_t a, int64_t b)
{
	if (!a || !b)
		return a + b;
	return (int64_t)(1 / (1 / (double)a + 1 / (double)b));
}

void smi_scan_host_add(struct smi_scan_host *to,
		       const struct smi_scan_host *from)
{
	uint64_t here = to->rtt.srtt ? to->open + to->closed : 0;
	uint64_t there = from->rtt.srtt ? from->open + from->closed : 0;

	to->limit.gap = both_gaps(to->limit.gap, from->limit.gap);
	to->rtt.srtt = mean(to->rtt.srtt, from->rtt.srtt, here, there);
	to->rtt.rttvar = mean(to->rtt.rttvar, from->rtt.rttvar, here, there);
	to->open += from->open;
	to->closed += from->closed;
	to->filtered += from->filtered;
	to->open_filtered += from->open_filtered;
	to->unsure += from->unsure;
	to->failed += from->failed;
	to->unrouted += from->unrouted;
	to->probes += from->probes;
	to->resent += from->resent;
	to->tries += from->tries;
	to->lost += from->lost;
	to->asked += from->asked;
	to->spoke += from->spoke;
	to->unasked += from->unasked;
	to->starved += from->starved;
	to->late += from->late;
	if (from->last_error)
		to->last_error = from->last_error;
}
