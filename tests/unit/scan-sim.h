/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCAN_SIM_H
#define TESTS_SCAN_SIM_H

#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "portscan/engine.h"
#include "portscan/scan-state.h"
#include "suite.h"

/*
 * A network and a clock of our own: a scan of a minute takes milliseconds, and is the
 * same each time but for the keys of the scan. An address is looked up by its last
 * byte; a port that divides by open_every is open.
 */
struct sim_path {
	int64_t rtt;
	int64_t jitter;	     /* a round trip is longer by up to this */
	unsigned loss;	     /* in 1000, each way */
	unsigned pps, queue; /* the narrowest link, 0: none */
	unsigned silent;     /* of 1000 ports, those that are dropped */
	unsigned rst_pps;    /* refusals a second, 0: any number */
	/* Refusals by a bucket that holds so many, of which each needs so long; it fills
	 * by steps. */
	unsigned bucket;
	int64_t refill, step;
	bool dark;
	int64_t later; /* from when on the round trip is longer by shift */
	int64_t shift;
};

struct sim_event {
	int64_t at;
	uint32_t slot, generation;
	int attempt;
	enum smi_verdict verdict;
};

#define SIM_HOSTS 256

struct sim {
	int64_t now;
	int64_t cost; /* of a probe or answer, for this machine */
	uint32_t random;
	bool forgets; /* a further try ends the wait for an earlier one */
	unsigned open_every;
	struct sim_path paths[SIM_HOSTS];
	int64_t link_free[SIM_HOSTS], rst_free[SIM_HOSTS];
	int64_t filled_at[SIM_HOSTS];
	unsigned tokens[SIM_HOSTS];
	bool datagrams;	   /* the ports are those of UDP */
	bool asks_again;   /* the kernel does, after 1, 3 and 7 s */
	uint32_t inflight; /* cap; 0: none */
	uint32_t retries;  /* and 1; 0: by default */
	struct sim_event *heap;
	size_t n, room;
	uint32_t generation[65536];
	int fd;
	uint64_t sent, dropped;
	unsigned most_out;
	struct smi_ports avoided; /* by the sockets of the engine */
};

static struct sim sim;

static unsigned sim_random(unsigned n)
{
	sim.random ^= sim.random << 13;
	sim.random ^= sim.random >> 17;
	sim.random ^= sim.random << 5;
	return (unsigned)((uint64_t)sim.random * n >> 32);
}

static void sim_add(struct sim_event ev)
{
	size_t i = sim.n++;

	if (sim.n > sim.room) {
		sim.room = 2 * sim.n;
		sim.heap = realloc(sim.heap, sim.room * sizeof(*sim.heap));
		ck_assert_ptr_nonnull(sim.heap);
	}
	for (; i && sim.heap[(i - 1) / 2].at > ev.at; i = (i - 1) / 2)
		sim.heap[i] = sim.heap[(i - 1) / 2];
	sim.heap[i] = ev;
}

static struct sim_event sim_take(void)
{
	struct sim_event top = sim.heap[0], last = sim.heap[--sim.n];
	size_t i = 0;

	for (size_t c; (c = 2 * i + 1) < sim.n; i = c) {
		if (c + 1 < sim.n && sim.heap[c + 1].at < sim.heap[c].at)
			c++;
		if (sim.heap[c].at >= last.at)
			break;
		sim.heap[i] = sim.heap[c];
	}
	if (sim.n)
		sim.heap[i] = last;
	return top;
}

static int sim_open(unsigned nslots, const struct smi_ports *avoid, void **out)
{
	sim.avoided = *avoid;
	ck_assert_uint_le(nslots, 65536);
	*out = &sim;
	return 0;
}

static int sim_fd(const void *engine)
{
	(void)engine;
	return sim.fd;
}

/* false: the link's queue is full. */
static bool sim_link(unsigned host, int64_t *at)
{
	const struct sim_path *p = &sim.paths[host];
	int64_t gap, start;

	if (!p->pps)
		return true;
	gap = SMI_SEC / p->pps;
	start = SMI_MAX(sim.link_free[host], *at);
	if ((start - *at) / gap >= p->queue)
		return false;
	*at = sim.link_free[host] = start + gap;
	return true;
}

/* A port that never answers. */
static bool sim_is_silent(const struct sim_path *p, uint16_t port)
{
	return port % sim.open_every && port * 7919U % 1000 < p->silent;
}

static bool sim_token(unsigned host, int64_t at)
{
	const struct sim_path *p = &sim.paths[host];
	int64_t since = at - sim.filled_at[host], more;

	if (!sim.filled_at[host]) {
		sim.filled_at[host] = at;
		sim.tokens[host] = p->bucket;
	} else {
		more = since / p->step * p->step / p->refill;
		sim.filled_at[host] += more * p->refill;
		more += sim.tokens[host];
		sim.tokens[host] = (unsigned)SMI_MIN(more, p->bucket);
	}
	if (!sim.tokens[host])
		return false;
	sim.tokens[host]--;
	return true;
}

static bool sim_answers(unsigned host, uint16_t port, int64_t at)
{
	const struct sim_path *p = &sim.paths[host];
	bool open = port % sim.open_every == 0;

	if (p->dark || sim_is_silent(p, port))
		return false;
	if (!open && p->bucket)
		return sim_token(host, at);
	if (open || !p->rst_pps)
		return true;
	if (at < sim.rst_free[host])
		return false;
	sim.rst_free[host] = at + SMI_SEC / p->rst_pps;
	return true;
}

/* *at: when the probe is there, and its answer on its way. */
static bool sim_crosses(unsigned host, uint16_t port, int64_t *at)
{
	const struct sim_path *p = &sim.paths[host];

	if (sim_random(1000) < p->loss || !sim_link(host, at)) {
		sim.dropped++;
		return false;
	}
	if (!sim_answers(host, port, *at))
		return false;
	if (sim_random(1000) >= p->loss)
		return true;
	sim.dropped++;
	return false;
}

static enum smi_sent sim_send(void *engine, unsigned slot,
			      const struct smi_ip *ip, uint16_t port,
			      unsigned attempt, bool near, bool silent,
			      struct smi_answer *answer)
{
	unsigned host = ip->b[3];
	const struct sim_path *p = &sim.paths[host];
	int64_t at = sim.now, back;

	(void)engine;
	(void)silent;
	(void)near;
	(void)answer;
	sim.now += sim.cost;
	sim.sent++;
	if (!attempt || sim.forgets)
		sim.generation[slot]++;
	for (int64_t again = SMI_SEC; !sim_crosses(host, port, &at);
	     again *= 2) {
		if (!sim.asks_again || again > 4 * SMI_SEC)
			return SMI_SENT;
		at += again;
	}
	back = p->rtt + (p->jitter ? sim_random((unsigned)p->jitter) : 0);
	if (p->later && sim.now >= p->later)
		back += p->shift;
	sim_add((struct sim_event){ at + back, slot, sim.generation[slot],
				    (int)attempt,
				    port % sim.open_every ? SMI_VERDICT_CLOSED
							  : SMI_VERDICT_OPEN });
	return SMI_SENT;
}

static int sim_poll(void *engine, struct smi_answer *answers, int n)
{
	int count = 0;

	(void)engine;
	while (count < n && sim.n && sim.heap[0].at <= sim.now) {
		struct sim_event ev = sim_take();

		if (ev.generation != sim.generation[ev.slot])
			continue;
		sim.now += sim.cost;
		sim.generation[ev.slot]++;
		answers[count++] = (struct smi_answer){
			.slot = ev.slot,
			.attempt = ev.attempt,
			.verdict = ev.verdict,
			.reason = "syn-ack",
		};
	}
	return count;
}

static void sim_drop(void *engine, unsigned slot)
{
	(void)engine;
	sim.generation[slot]++;
}

static void sim_free(void *engine)
{
	(void)engine;
}

static const struct smi_engine_ops sim_engine = {
	.method = "sim",
	.open = sim_open,
	.fd = sim_fd,
	.send = sim_send,
	.poll = sim_poll,
	.drop = sim_drop,
	.free = sim_free,
};

static const struct smi_engine_ops sim_connect = {
	.method = "sim",
	.asks_again = true,
	.open = sim_open,
	.fd = sim_fd,
	.send = sim_send,
	.poll = sim_poll,
	.drop = sim_drop,
	.free = sim_free,
};

static const struct smi_engine_ops sim_datagrams = {
	.method = "sim",
	.datagrams = true,
	.open = sim_open,
	.fd = sim_fd,
	.send = sim_send,
	.poll = sim_poll,
	.drop = sim_drop,
	.free = sim_free,
};

static int64_t sim_time(void *user)
{
	(void)user;
	return sim.now;
}

static const struct smi_clock sim_clock = { sim_time, sim_time, NULL };

/* The scan, but where it would wait the clock goes on. */
static int sim_start(void *src, struct smi_out *out)
{
	return smi_scan_source.start(src, out);
}

static int sim_step(void *src, struct smi_out *out)
{
	int r = smi_scan_source.step(src, out);
	int64_t next = sim.now + SMI_MSEC;

	if (r != -EAGAIN)
		return r;
	if (sim.n)
		next = SMI_MIN(next, sim.heap[0].at);
	sim.now = SMI_MAX(next, sim.now + 1);
	return 1;
}

static void sim_free_scan(void *src)
{
	smi_scan_source.free(src);
}

static const struct smi_source_ops sim_source = {
	.name = "sim",
	.start = sim_start,
	.step = sim_step,
	.free = sim_free_scan,
};

/* What a scan told. */
struct sim_seen {
	unsigned open, closed, filtered, hosts;
	unsigned silent; /* of UDP: open or filtered */
	unsigned wrong;	 /* of these, ports that would have told */
	char notice[256];
	int64_t probes, resent, lost;
	double srtt_ms, confidence; /* of the last host */
	int64_t end,
		last[SIM_HOSTS]; /* of the scan; of the last answer of each */
};

static int64_t sim_count(const sm_record *rec, const char *name)
{
	int f = sm_kind_field(SM_KIND_HOST, name);

	ck_assert_int_ge(f, 0);
	return sm_record_field_int(rec, (size_t)f);
}

static double sim_real(const sm_record *rec, const char *name)
{
	int f = sm_kind_field(SM_KIND_HOST, name);

	ck_assert_int_ge(f, 0);
	return sm_record_field_real(rec, (size_t)f);
}

static int sim_see(const sm_event *ev, void *user)
{
	const sm_record *rec = sm_event_record(ev);
	const sm_port *p = sm_record_port(rec);
	struct sim_seen *s = user;
	struct smi_ip ip;

	if (sm_event_kind(ev) == SM_EVENT_NOTICE)
		snprintf(s->notice, sizeof(s->notice), "%s",
			 sm_notice_text(sm_record_notice(rec)));
	if (p) {
		s->silent += sm_port_state(p) == SM_PORT_OPEN_FILTERED;
		s->wrong += sm_port_state(p) == SM_PORT_OPEN_FILTERED &&
			    !sim_is_silent(&sim.paths[1], sm_port_number(p));
		s->open += sm_port_state(p) == SM_PORT_OPEN;
		s->closed += sm_port_state(p) == SM_PORT_CLOSED;
		s->filtered += sm_port_state(p) == SM_PORT_FILTERED;
		if (sm_port_state(p) != SM_PORT_FILTERED &&
		    sm_port_state(p) != SM_PORT_OPEN_FILTERED &&
		    smi_ip_parse(smi_span_str(sm_port_address(p)), &ip))
			s->last[ip.b[3]] = sim.now;
	}
	if (sm_record_kind(rec) != SM_KIND_HOST)
		return SM_CONTINUE;
	s->hosts++;
	s->probes += sim_count(rec, "probes");
	s->resent += sim_count(rec, "resent");
	s->lost += sim_count(rec, "lost");
	s->srtt_ms = sim_real(rec, "srtt_ms");
	s->confidence = sim_real(rec, "confidence");
	return SM_CONTINUE;
}

static void sim_init(void)
{
	sim = (struct sim){ .now = 1000 * SMI_SEC,
			    .cost = 2000,
			    .random = 2463534242,
			    .open_every = 100,
			    .fd = eventfd(0, EFD_CLOEXEC) };
	ck_assert_int_ge(sim.fd, 0);
}

static void sim_done(void)
{
	close(sim.fd);
	free(sim.heap);
}

static struct sim_seen sim_run(const char *target, const char *ports)
{
	struct sim_seen seen = { 0 };
	int64_t start = sim.now;
	sm_scan_opts *o;
	sm_ctx *ctx;
	sm_job *job;
	const struct smi_fieldset none = { 0 };
	const struct smi_source_ops *ops;
	void *scan;

	ck_assert_int_eq(sm_ctx_new(&ctx), 0);
	ctx->clock = &sim_clock;
	ck_assert_int_eq(sm_scan_opts_new(ctx, &o), 0);
	ck_assert_int_eq(sm_scan_opts_add_target(o, target), 0);
	if (ports)
		ck_assert_int_eq(sm_scan_opts_set_ports(o, ports), 0);
	ck_assert_int_eq(sm_scan_opts_set_fields(o, "address,port,state"), 0);
	sm_scan_opts_set_show(o, SM_SCAN_SHOW_ALL);
	if (sim.datagrams)
		ck_assert_int_eq(sm_scan_opts_set_protocol(o, SM_SCAN_UDP), 0);
	if (sim.inflight)
		ck_assert_int_eq(sm_scan_opts_set_max_inflight(o, sim.inflight),
				 0);
	if (sim.retries)
		ck_assert_int_eq(sm_scan_opts_set_retries(o, sim.retries - 1),
				 0);
	o->engine = sim.datagrams    ? &sim_datagrams
		    : sim.asks_again ? &sim_connect
				     : &sim_engine;
	ck_assert_int_eq(smi_scan_new(ctx, o, none, &ops, &scan), 0);
	ck_assert_int_eq(smi_job_new(ctx, &sim_source, scan, &job), 0);
	ck_assert_int_eq(smi_job_verb(job, sim_see, &seen), 0);
	sm_scan_opts_free(o);
	sm_ctx_unref(ctx);
	seen.end = sim.now - start;
	for (unsigned i = 0; i < SIM_HOSTS; i++)
		seen.last[i] -= start;
	return seen;
}

#endif
