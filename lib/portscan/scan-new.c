/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sys/resource.h>

#include "portscan/resolve.h"
#include "portscan/scan-ask.h"
#include "portscan/scan-held.h"
#include "portscan/scan-resume.h"
#include "portscan/scan-threads.h"
#include "portscan/udp-payload.h"

/* What is never answered is waited for this long: round trips of 3 s are. */
#define DEFAULT_TIMEOUT (3500 * SMI_MSEC)
/* Probes that wait for an answer unless the caller says; half of the descriptors at
 * most, since they are the program's. */
#define DEFAULT_INFLIGHT 4096
#define LEAST_INFLIGHT	 4

/* So many ports leave enough others to send from. */
#define AVOIDABLE_PORTS 16384

static int copy_ranges(struct smi_targets *to, const struct smi_targets *from)
{
	for (size_t i = 0; i < from->items.n; i++)
		if (!smi_targets_add(to, &from->items.v[i]))
			return -ENOMEM;
	for (size_t i = 0; i < from->exclude.n; i++)
		if (!smi_targets_add_exclude(to, &from->exclude.v[i]))
			return -ENOMEM;
	return 0;
}

static int add_addresses(struct smi_targets *t, const struct smi_addresses *a,
			 const char *name, bool exclude)
{
	for (size_t i = 0; i < a->list.n; i++) {
		struct smi_range r = { a->list.v[i], 1, name };
		struct smi_block b = { r.first, r.first };

		if (!(exclude ? smi_targets_add_exclude(t, &b)
			      : smi_targets_add(t, &r)))
			return -ENOMEM;
	}
	return 0;
}

/* A name that has no address is remembered, but one to be excluded is an error:
 * what the caller wants spared must not be scanned. */
static int resolve(struct smi_scan *s, const struct smi_scan_name *n)
{
	struct smi_addresses a = { 0 };
	const char *name;
	int r = smi_resolve(n->name, &a);

	name = r == -ENOMEM
		       ? NULL
		       : smi_targets_name(&s->targets, smi_span_str(n->name));
	if (!name) {
		r = smi_fail_nomem(s->ctx);
	} else if (r == 0) {
		r = add_addresses(&s->targets, &a, name, n->exclude);
		if (r < 0)
			r = smi_fail_nomem(s->ctx);
	} else if (n->exclude) {
		r = smi_fail(s->ctx, -ENOENT,
			     "'%s', which is not to be scanned, cannot be "
			     "resolved: no address of that name was found",
			     n->name);
	} else {
		r = smi_vec_push(&s->unresolved, name) ? 0
						       : smi_fail_nomem(s->ctx);
	}
	smi_vec_free(&a.list);
	return r;
}

static int set_targets(struct smi_scan *s, const struct sm_scan_opts *o)
{
	int r;

	if (!o->targets.items.n && !o->names.n)
		return smi_fail(s->ctx, -EINVAL,
				"there is nothing to scan: no target was "
				"given");
	r = copy_ranges(&s->targets, &o->targets);
	if (r < 0)
		return smi_fail_nomem(s->ctx);
	for (size_t i = 0; i < o->names.n; i++) {
		r = resolve(s, &o->names.v[i]);
		if (r < 0)
			return r;
	}
	if (!s->targets.items.n)
		return smi_fail(s->ctx, -ENOENT,
				"'%s' cannot be resolved: no address of that "
				"name was found",
				s->unresolved.v[0]);
	if (smi_targets_begin(&s->targets) < 0)
		return smi_fail_nomem(s->ctx);
	if (!s->targets.count)
		return smi_fail(s->ctx, -EINVAL,
				"there is nothing to scan: all targets are "
				"excluded");
	/* Neighbours are mostly behind the same router: not all at once. */
	smi_targets_shuffle(&s->targets, &s->key);
	return 0;
}

/* Of UDP, unless the caller says, those of which a question is known. */
static const struct smi_ports *ports_of(const struct sm_scan_opts *o,
					struct smi_ports *known)
{
	if (o->protocol != SM_SCAN_UDP)
		return &o->ports;
	if (o->ports_set)
		return &o->ports_udp;
	smi_udp_ports(known);
	return known;
}

/* What most likely answers, by the table of questions: an open port needs no message
 * of the kernel. */
static void known_first(struct smi_scan *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->nports; i++) {
		uint16_t port = s->ports[i];

		if (!smi_udp_row(port))
			continue;
		s->ports[i] = s->ports[n];
		s->ports[n++] = port;
	}
}

/*
 * In random order: neither a service nor a counter of probes sees a sweep. The order is
 * part of the format of a file to go on from, which has how many ports of a host were
 * begun and not which; what gives another order makes the files of before an error.
 */
static int set_ports(struct smi_scan *s, const struct smi_ports *set)
{
	/* By the key, so that a scan that goes on has the same order. */
	struct smi_random random = { s->key, UINT64_C(1) << 62 };

	s->nports = (uint32_t)set->n;
	/* A list of IPv6 prefixes can have more probes than a number holds. */
	s->total =
		SMI_MIN(s->targets.count, UINT64_MAX / s->nports) * s->nports;
	s->ports = smi_alloc(set->n * sizeof(*s->ports));
	if (!s->ports)
		return smi_fail_nomem(s->ctx);
	smi_ports_list(set, s->ports);
	for (uint32_t i = s->nports; i > 1; i--) {
		uint32_t j = smi_random_below(&random, i);
		uint16_t port = s->ports[i - 1];

		s->ports[i - 1] = s->ports[j];
		s->ports[j] = port;
	}
	if (s->udp)
		known_first(s);
	return 0;
}

/* Of one scan, or of one of so many shares. */
static unsigned count_slots(const struct sm_scan_opts *o,
			    const struct smi_engine_ops *ops, unsigned shares)
{
	unsigned n = o->max_inflight ? o->max_inflight : DEFAULT_INFLIGHT;
	struct rlimit limit;

	if (ops->sockets && getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur / 2 < n)
		n = (unsigned)SMI_MAX(limit.rlim_cur / 2, LEAST_INFLIGHT);
	if (o->max_inflight)
		n = SMI_MIN(n, o->max_inflight);
	return SMI_MAX(n / shares, 1);
}

static int set_slots(struct smi_scan *s)
{
	unsigned n = s->nslots;

	s->slots = smi_zalloc(n * sizeof(*s->slots));
	s->free_slots = smi_alloc(n * sizeof(*s->free_slots));
	if (!s->slots || !s->free_slots)
		return smi_fail_nomem(s->ctx);
	for (s->nfree = 0; s->nfree < n; s->nfree++)
		s->free_slots[s->nfree] = n - 1 - s->nfree;
	smi_scan_hosts_init(s);
	return 0;
}

static int try_engine(struct smi_scan *s, const struct sm_scan_opts *o,
		      const struct smi_engine_ops *ops, unsigned shares,
		      unsigned slots)
{
	static const struct smi_ports none;
	struct smi_ports known = { 0 };
	const struct smi_ports *ports = ports_of(o, &known);
	int r;

	s->ops = ops;
	s->seeks_links = !o->engine;
	s->nslots = SMI_MAX(count_slots(o, ops, shares), slots);
	r = ops->open(s->nslots, ports->n <= AVOIDABLE_PORTS ? ports : &none,
		      &s->engine);
	if (r == 0 && o->close == SM_SCAN_CLOSE_FIN && ops->end_by_fin)
		ops->end_by_fin(s->engine);
	return r == -ENOMEM ? smi_fail_nomem(s->ctx) : r;
}

static int open_engine(struct smi_scan *s, const struct sm_scan_opts *o,
		       unsigned shares, unsigned slots)
{
	const struct smi_engine_ops *first = o->engine;
	int r;

	if (!first && s->udp)
		first = &smi_engine_udp;
	if (!first)
		first = o->method == SM_SCAN_CONNECT ? &smi_engine_connect
						     : &smi_engine_syn;
	r = try_engine(s, o, first, shares, slots);
	if (r == 0 || r == -ENOMEM)
		return r;
	if (o->method == SM_SCAN_AUTO && !o->engine && !s->udp) {
		s->no_syn = -r;
		r = try_engine(s, o, &smi_engine_connect, shares, slots);
		if (r == 0 || r == -ENOMEM)
			return r;
	}
	if (o->method == SM_SCAN_SYN && r == -EPERM)
		return smi_fail(s->ctx, r,
				"method syn needs raw sockets, which this user "
				"may not open (CAP_NET_RAW); connect and auto "
				"need no privilege");
	return smi_fail(s->ctx, r, "the scan cannot start: %s",
			smi_strerror(-r));
}

int smi_scan_equip(struct smi_scan *s, const struct sm_scan_opts *o,
		   unsigned shares, unsigned slots)
{
	int r;

	s->send_gap = o->rate_pps ? SMI_SEC * shares / o->rate_pps : 0;
	r = open_engine(s, o, shares, slots);
	if (r == 0)
		r = set_slots(s);
	/* What a datagram was answered with is all that is asked. */
	if (r == 0 && o->services && !s->ops->datagrams)
		r = smi_scan_asks_new(s, o, shares);
	return r;
}

static int check_method(sm_ctx *ctx, const struct sm_scan_opts *o)
{
	if (o->protocol != SM_SCAN_UDP || o->method == SM_SCAN_AUTO)
		return 0;
	return smi_fail(ctx, -EINVAL,
			"method %s is one of TCP: a scan of UDP ports has a "
			"single method, and needs none to be named",
			o->method == SM_SCAN_SYN ? "syn" : "connect");
}

/* What is to be probed, and nothing yet to do it with. */
static int plan(sm_ctx *ctx, const struct sm_scan_opts *o,
		struct smi_fieldset needs, struct smi_scan **out)
{
	struct smi_scan *s = smi_zalloc(sizeof(*s));
	struct smi_ports known = { .n = 0 };
	int r;

	if (!s)
		return smi_fail_nomem(ctx);
	s->udp = s->local.udp = o->protocol == SM_SCAN_UDP;
	s->ctx = sm_ctx_ref(ctx);
	s->timeout = o->timeout_ms ? o->timeout_ms * SMI_MSEC : DEFAULT_TIMEOUT;
	s->retries = o->retries;
	s->show = o->show;
	s->asking = o->services;
	s->judged = !smi_fieldset_empty(&needs);
	s->shown = o->fields;
	s->fields = smi_fieldset_or(o->fields, needs);
	smi_siphash_random_key(&s->key);
	r = o->resume ? smi_scan_resume_open(s, o->resume) : 0;
	if (r == 0)
		r = set_targets(s, o);
	if (r == 0)
		r = set_ports(s, ports_of(o, &known));
	/* An open port of UDP has spoken. */
	s->holds = !s->udp && s->nports >= SMI_ALIKE_MANY &&
		   (s->judged || s->show != SM_SCAN_SHOW_ALL);
	if (r == 0 && smi_scan_resume_kept(s))
		r = smi_scan_resume_check(s, smi_scan_resume_kept(s));
	if (r < 0)
		smi_scan_source.free(s);
	else
		*out = s;
	return r;
}

static int equip_whole(struct smi_scan *s, const struct sm_scan_opts *o)
{
	const struct smi_kept *k = smi_scan_resume_kept(s);
	int r = smi_scan_equip(s, o, 1, k ? (unsigned)k->shares.v[0].nwait : 0);

	if (r == 0 && k)
		r = smi_scan_resume_failed(s, smi_scan_restore(s, k, 0));
	return r;
}

int smi_scan_new(sm_ctx *ctx, const struct sm_scan_opts *o,
		 struct smi_fieldset needs, const struct smi_source_ops **ops,
		 void **out)
{
	const struct smi_kept *kept;
	struct smi_scan *s = NULL;
	unsigned shares;
	int r = smi_opts_check(o ? &o->head : NULL, ctx);

	if (r < 0)
		return r;
	if (!o)
		return smi_fail(ctx, -EINVAL,
				"there is nothing to scan: no target was "
				"given");
	r = check_method(ctx, o);
	if (r == 0)
		r = plan(ctx, o, needs, &s);
	if (r < 0)
		return r;
	kept = smi_scan_resume_kept(s);
	shares = kept ? (unsigned)kept->shares.n : smi_scan_shares(s, o);
	if (shares > 1) {
		*ops = &smi_scan_threads_source;
		return smi_scan_threads_new(s, o, shares, out);
	}
	r = equip_whole(s, o);
	if (r < 0) {
		smi_scan_source.free(s);
		return r;
	}
	*ops = &smi_scan_source;
	*out = s;
	return 0;
}
