/* SPDX-License-Identifier: MIT */
#include "portscan/svc-state.h"

#define GREET_WAIT (250 * SMI_MSEC)
#define PAUSE	   (20 * SMI_MSEC)
#define REFUSALS   2 /* of connections, before it is left alone */
#define CHAIN_MAX  4 /* questions that lead to one another */

/* Where a handshake is what a client begins with. */
static const uint16_t tls_ports[] = {
	261,  443,  448,  465,	563,  614,  636,  684,	695,   832,   853,
	989,  990,  992,  993,	994,  995,  1311, 2083, 2087,  2096,  2376,
	2484, 3269, 4433, 4443, 5061, 5349, 5671, 5986, 6443,  6514,  6679,
	6697, 8243, 8333, 8443, 8531, 8834, 8883, 9443, 10250, 12443, 16993,
};

static int64_t rto_of(const struct smi_svc_talk *t)
{
	return t->target.rto;
}

static int64_t greet_wait(const struct smi_svc *s, const struct smi_svc_talk *t)
{
	return SMI_MIN(SMI_MAX(GREET_WAIT, 3 * rto_of(t)), s->o.timeout / 4);
}

static bool is_hinted(const struct smi_question *q, uint16_t port)
{
	for (const uint16_t *p = q->ports; p && *p; p++)
		if (*p == port)
			return true;
	return false;
}

/* One that is expected to be understood is waited for longer. */
static int64_t ask_wait(const struct smi_svc *s, const struct smi_svc_talk *t)
{
	if (t->stage == SMI_SVC_NEXT || is_hinted(t->q, t->target.port))
		return s->o.timeout * 2 / 5;
	return SMI_MIN(SMI_MAX(s->o.timeout * 3 / 20, 2 * rto_of(t)),
		       s->o.timeout * 2 / 5);
}

static bool is_tls_port(uint16_t port)
{
	for (size_t i = 0; i < SMI_COUNT(tls_ports); i++)
		if (tls_ports[i] == port)
			return true;
	return false;
}

bool smi_svc_knows(const struct smi_svc *s, uint16_t port)
{
	for (unsigned i = 0; i < s->o.nquestions; i++)
		if (is_hinted(&s->o.questions[i], port))
			return true;
	return is_tls_port(port);
}

static bool take_question(const struct smi_svc *s, struct smi_svc_talk *t,
			  bool hinted)
{
	unsigned n = SMI_MIN(s->o.nquestions, (unsigned)SMI_SVC_QUESTIONS);

	for (unsigned i = 0; i < n; i++) {
		const struct smi_question *q = &s->o.questions[i];

		if ((t->tried[i / 64] >> (i % 64) & 1) ||
		    !(hinted ? is_hinted(q, t->target.port) : q->everywhere))
			continue;
		t->tried[i / 64] |= UINT64_C(1) << (i % 64);
		t->stage = SMI_SVC_QUESTION;
		t->q = q;
		return true;
	}
	return false;
}

static bool take_tls(struct smi_svc *s, struct smi_svc_talk *t)
{
	if (t->inside || t->tls_tried || !smi_svc_tls(s))
		return false;
	t->tls_tried = true;
	t->stage = SMI_SVC_TLS;
	return true;
}

static bool take_once(struct smi_svc_talk *t, bool *taken,
		      enum smi_svc_stage stage)
{
	if (*taken)
		return false;
	*taken = true;
	t->stage = stage;
	return true;
}

/* false: there is nothing left to try. */
static bool pick_stage(struct smi_svc *s, struct smi_svc_talk *t)
{
	t->q = NULL;
	if ((t->tls_wanted || is_tls_port(t->target.port)) && take_tls(s, t))
		return true;
	if (take_question(s, t, true) ||
	    take_once(t, &t->greeted, SMI_SVC_GREET) ||
	    take_question(s, t, false) || take_tls(s, t))
		return true;
	return !t->found.spoke && take_once(t, &t->listened, SMI_SVC_LISTEN);
}

void smi_svc_end(struct smi_svc *s, struct smi_svc_talk *t)
{
	if (t->done)
		return;
	if (t->phase == SMI_SVC_SHAKING)
		smi_svc_learn_tls(s, t);
	else
		smi_svc_keep_banner(s, t);
	smi_svc_sum_up(s, t);
	smi_svc_hang_up(s, t);
	t->done = true;
}

static void reconnect(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	int r;

	smi_svc_hang_up(s, t);
	r = smi_svc_connect(s, t);
	if (r == 0) {
		t->phase = SMI_SVC_CONNECTING;
		t->until = now + s->o.timeout / 3;
	} else if (r == -ENOMEM) {
		s->failed = true;
		smi_svc_end(s, t);
	} else if (r == -EMFILE || r == -ENFILE || r == -ENOBUFS ||
		   r == -EADDRNOTAVAIL || r == -EAGAIN) {
		t->phase = SMI_SVC_PAUSING;
		t->until = now + PAUSE;
	} else {
		smi_svc_refused(s, t, now);
	}
}

static void begin_tls(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	smi_svc_empty(s, &t->in);
	t->phase = SMI_SVC_SHAKING;
	t->fresh = false;
	t->until = now + s->o.timeout / 2;
	if (!smi_svc_shake(s, t)) {
		s->failed = true;
		smi_svc_end(s, t);
	}
}

static void run_starttls(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	for (;;) {
		struct smi_span in = smi_buf_span(&t->in), send;
		enum smi_starttls_next next =
			smi_starttls_step(&t->starttls, &in, &send);
		size_t used = t->in.len - in.len;

		if (used)
			memmove(t->in.p, t->in.p + used, in.len);
		t->in.len = in.len;
		if (next == SMI_STARTTLS_SEND) {
			smi_svc_say(s, t, send);
			continue;
		}
		if (next == SMI_STARTTLS_GO)
			begin_tls(s, t, now);
		else if (next == SMI_STARTTLS_NO || t->in.len >= s->o.max_reply)
			smi_svc_end(s, t);
		return;
	}
}

/* The connection is there: the stage begins. */
static void enter(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	smi_svc_empty(s, &t->in);
	t->phase = SMI_SVC_WAITING;
	t->longer = false;
	switch (t->stage) {
	case SMI_SVC_GREET:
		t->until = now + greet_wait(s, t);
		break;
	case SMI_SVC_LISTEN:
		t->until = t->deadline;
		break;
	case SMI_SVC_STARTTLS:
		t->until = now + s->o.timeout / 2;
		break;
	case SMI_SVC_TLS:
		begin_tls(s, t, now);
		break;
	default:
		t->until = now + ask_wait(s, t);
		t->fresh = false;
		smi_svc_say(s, t, t->q->request);
		break;
	}
}

static void go_on(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	bool kept = t->fd >= 0 && t->fresh && t->phase == SMI_SVC_WAITING;

	if (!pick_stage(s, t))
		smi_svc_end(s, t);
	else if (kept)
		enter(s, t, now);
	else
		reconnect(s, t, now);
}

void smi_svc_begin(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	(void)pick_stage(s, t);
	t->phase = SMI_SVC_CONNECTING;
	t->until = now + s->o.timeout / 3;
}

void smi_svc_connected(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	t->found.asked = true;
	t->fresh = true;
	if (t->inside)
		begin_tls(s, t, now);
	else
		enter(s, t, now);
}

void smi_svc_refused(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	if (++t->refused >= REFUSALS) {
		smi_svc_end(s, t);
		return;
	}
	smi_svc_hang_up(s, t);
	t->phase = SMI_SVC_PAUSING;
	t->until = now + PAUSE + 2 * rto_of(t);
}

/* An alert record: it was spoken to in plain text. */
static bool is_alert(struct smi_span in)
{
	return in.len >= 3 && in.p[0] == 0x15 && in.p[1] == 3 && in.p[2] <= 4;
}

/* It has answered nothing that is understood. */
static void stage_over(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	bool spoke = t->in.len > 0;

	if (is_alert(smi_buf_span(&t->in)))
		t->tls_wanted = t->found.spoke = true;
	else
		smi_svc_keep_banner(s, t);
	t->fresh &= !spoke;
	smi_svc_empty(s, &t->in);
	switch (t->stage) {
	case SMI_SVC_QUESTION:
		go_on(s, t, now);
		return;
	case SMI_SVC_GREET:
		/* Who speaks first, and is not known, is no server of ours. */
		if (!spoke) {
			go_on(s, t, now);
			return;
		}
		break;
	default:
		break;
	}
	smi_svc_end(s, t);
}

/* Inside of a TLS that was asked for, there is no way back to where it was. */
static bool may_reconnect(const struct smi_svc_talk *t)
{
	return !t->inside || !t->found.starttls;
}

static void ask_next(struct smi_svc *s, struct smi_svc_talk *t,
		     const struct smi_question *q, int64_t now)
{
	/* Not all of the last answer was read. */
	if (t->in.len >= s->o.max_reply)
		smi_svc_hang_up(s, t);
	if (!q || t->chain++ >= CHAIN_MAX || (t->fd < 0 && !may_reconnect(t))) {
		smi_svc_end(s, t);
		return;
	}
	t->stage = SMI_SVC_NEXT;
	t->q = q;
	t->next = NULL;
	if (t->fd >= 0)
		enter(s, t, now);
	else
		reconnect(s, t, now);
}

static void begin_starttls(struct smi_svc *s, struct smi_svc_talk *t,
			   const struct smi_service_id *id, int64_t now)
{
	bool greeting = t->stage == SMI_SVC_GREET || t->stage == SMI_SVC_LISTEN;

	t->starttls = (struct smi_starttls_talk){ .kind = id->starttls };
	t->next = id->next;
	t->stage = SMI_SVC_STARTTLS;
	if (id->starttls == SMI_STARTTLS_POSTGRESQL) {
		if (t->fd >= 0)
			begin_tls(s, t, now);
		else
			smi_svc_end(s, t);
	} else if (greeting && t->fd >= 0) {
		t->until = now + s->o.timeout / 2;
		run_starttls(s, t, now);
	} else {
		reconnect(s, t, now);
	}
}

static void understood(struct smi_svc *s, struct smi_svc_talk *t,
		       const struct smi_service_id *id, int64_t now)
{
	smi_svc_learn(s, t, id);
	if (id->tls && !t->inside && take_tls(s, t))
		reconnect(s, t, now);
	else if (id->starttls != SMI_STARTTLS_NONE && !t->inside &&
		 smi_svc_tls(s))
		begin_starttls(s, t, id, now);
	else {
		/* It waits for a handshake that cannot be. */
		if (id->starttls == SMI_STARTTLS_POSTGRESQL && !t->inside)
			smi_svc_hang_up(s, t);
		ask_next(s, t, id->next, now);
	}
}

static enum smi_match match(const struct smi_svc *s,
			    const struct smi_svc_talk *t, bool end,
			    struct smi_service_id *id)
{
	struct smi_span reply = smi_buf_span(&t->in);

	if (t->stage == SMI_SVC_NEXT)
		return t->q->match(reply, end, id);
	return s->o.match(t->q, reply, end, id);
}

/* false: it may say more. */
static bool judge(struct smi_svc *s, struct smi_svc_talk *t, bool end,
		  int64_t now)
{
	struct smi_service_id id;
	enum smi_match m;

	memset(&id, 0, sizeof(id));
	m = match(s, t, end, &id);
	if (m == SMI_MATCH_YES)
		understood(s, t, &id, now);
	else if (m == SMI_MATCH_NO || end)
		stage_over(s, t, now);
	else
		return false;
	return true;
}

void smi_svc_heard(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	t->found.spoke = true;
	t->fresh = false;
	if (t->stage == SMI_SVC_STARTTLS) {
		run_starttls(s, t, now);
		return;
	}
	if (judge(s, t, t->in.len >= s->o.max_reply, now) || t->longer)
		return;
	/* It looks like one that is known: that is worth more time. */
	t->longer = true;
	t->until = SMI_MAX(t->until, now + s->o.timeout * 2 / 5);
}

/* It hung up without a word. */
static void hung_up(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	switch (t->stage) {
	case SMI_SVC_QUESTION:
		t->tls_wanted = true;
		go_on(s, t, now);
		return;
	case SMI_SVC_NEXT:
		if (!t->again && may_reconnect(t)) {
			t->again = true;
			reconnect(s, t, now);
			return;
		}
		break;
	case SMI_SVC_GREET:
		t->wrapped = !t->inside && !t->found.spoke;
		break;
	default:
		break;
	}
	smi_svc_end(s, t);
}

void smi_svc_closed(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	smi_svc_hang_up(s, t);
	if (t->phase == SMI_SVC_CONNECTING)
		smi_svc_refused(s, t, now);
	else if (t->phase == SMI_SVC_SHAKING)
		smi_svc_shaken(s, t, false, now);
	else if (t->stage == SMI_SVC_STARTTLS)
		smi_svc_end(s, t);
	else if (t->in.len)
		judge(s, t, true, now);
	else
		hung_up(s, t, now);
}

static void enter_tls(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	bool first = !t->inside;

	smi_svc_empty(s, &t->in);
	t->phase = SMI_SVC_WAITING;
	t->inside = true;
	if (!first) {
		enter(s, t, now);
	} else if (t->stage == SMI_SVC_STARTTLS) {
		ask_next(s, t, t->next, now);
	} else {
		memset(t->tried, 0, sizeof(t->tried));
		t->greeted = false;
		t->listened = true;
		t->fresh = true;
		go_on(s, t, now);
	}
}

/* What came instead of a handshake, in plain text. */
static void judge_plain(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	t->stage = SMI_SVC_QUESTION;
	t->phase = SMI_SVC_WAITING;
	t->found.spoke |= t->in.len > 0;
	t->q = NULL;
	if (t->in.len && !is_alert(smi_buf_span(&t->in)) &&
	    t->in.p[0] != 0x16) {
		judge(s, t, true, now);
		return;
	}
	smi_svc_empty(s, &t->in);
	go_on(s, t, now);
}

void smi_svc_shaken(struct smi_svc *s, struct smi_svc_talk *t, bool up,
		    int64_t now)
{
	smi_svc_learn_tls(s, t);
	if (up) {
		enter_tls(s, t, now);
		return;
	}
	smi_svc_hang_up(s, t);
	if (t->stage != SMI_SVC_TLS || t->inside || t->found.tls) {
		smi_svc_empty(s, &t->in);
		smi_svc_end(s, t);
	} else if (is_alert(smi_buf_span(&t->in)) && !t->no_alpn) {
		t->no_alpn = true;
		reconnect(s, t, now);
	} else {
		judge_plain(s, t, now);
	}
}

void smi_svc_late(struct smi_svc *s, struct smi_svc_talk *t, int64_t now)
{
	bool last = now >= t->deadline;

	if (t->phase == SMI_SVC_PAUSING && !last) {
		reconnect(s, t, now);
		return;
	}
	if (t->phase == SMI_SVC_CONNECTING && !last) {
		smi_svc_refused(s, t, now);
		return;
	}
	if (t->phase == SMI_SVC_SHAKING)
		smi_svc_shaken(s, t, false, now);
	else if (t->phase == SMI_SVC_WAITING && t->in.len &&
		 t->stage != SMI_SVC_STARTTLS)
		judge(s, t, true, now);
	else if (t->phase == SMI_SVC_WAITING && !last)
		stage_over(s, t, now);
	if (!last)
		return;
	t->found.late = t->put_off >= s->o.timeout && !t->found.spoke;
	t->found.asked &= !t->found.late;
	smi_svc_end(s, t);
}
