/* SPDX-License-Identifier: MIT */
#include "portscan/scan-state.h"

/* Probes that nothing covers: at first, at least and at most. */
#define LEAST_REACH 16
#define MAX_REACH   4096

/* The same once it has shown, at least. */
#define LEAST_FAR 4

/* A host that has said nothing has so many probes out at first, and twice as many
 * each time that so long has passed. */
#define DARK_FIRST 8
#define DARK_TWICE (30 * SMI_MSEC)
#define DARK_MOST  256

/* The probe just before is covered, and those before it in a time in which a bucket
 * gets next to nothing: so much while its rate is not known, then this share of what it
 * needs for one message. */
#define COVER	    SMI_MSEC
#define COVER_SHARE 64
#define LEAST_COVER (SMI_MSEC / 20)
#define MOST_COVER  (5 * SMI_MSEC)

/* An empty bucket is looked at again after so long, and twice as long each time. */
#define LEAST_PAUSE (20 * SMI_MSEC)
#define MOST_PAUSE  (4 * SMI_SEC)

/* What a full bucket is taken to hold: so much, or what comes in this time. */
#define LEAST_FULL 4
#define FULL_TIME  (20 * SMI_MSEC)

/* Until the bucket is empty each message shortens the gap, by this share the first and
 * by more each further one: the rate was measured too low, or has grown. */
#define FASTER	    256
#define MOST_FASTER 4
/* The rate is measured over as many messages, and at most twice as many. */
#define MEASURED 32

/* A witness that answers makes a batch so many times as large, and a message makes it
 * smaller by this share. */
#define MORE 4

/* Tries of one port that nothing covers, and time spent so on one host. */
#define BLIND_TRIES 100
/* They become blind ones together (struct smi_scan_probe has both in a byte). */
_Static_assert(SMI_SCAN_RETRIES + BLIND_TRIES <= UINT8_MAX,
	       "tries of both sorts are counted in a byte");
#define PATIENCE (1800 * SMI_SEC)

void smi_scan_limit_init(struct smi_limit *l)
{
	*l = (struct smi_limit){ .newest = SMI_SCAN_NONE,
				 .reach = LEAST_REACH,
				 .batch = 1,
				 .burst = 1 };
}

static uint32_t blind(const struct smi_limit *l)
{
	return l->seq - l->covered;
}

static bool is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static bool is_bound(const struct smi_scan *s, const struct smi_scan_host *h)
{
	/* Without a slot of its own there is no witness. */
	return s->ops->datagrams && h->live && h->limit.nknown &&
	       !h->limit.tired && s->nslots > 2;
}

void smi_scan_limit_sent(struct smi_scan *s, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];
	struct smi_limit *l = &s->hosts[p->host].limit;

	p->seq = ++l->seq;
	p->covered = false;
	if (!l->begun)
		l->begun = p->sent;
	if (!p->witness && p->tries + p->blind >= (l->on ? 2 : 1))
		l->suspect = p->seq;
	p->older = l->newest;
	p->newer = SMI_SCAN_NONE;
	if (l->newest != SMI_SCAN_NONE)
		s->slots[l->newest].newer = slot;
	l->newest = slot;
}

void smi_scan_limit_gone(struct smi_scan *s, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];
	struct smi_limit *l = &s->hosts[p->host].limit;

	if (p->newer != SMI_SCAN_NONE)
		s->slots[p->newer].older = p->older;
	else
		l->newest = p->older;
	if (p->older != SMI_SCAN_NONE)
		s->slots[p->older].newer = p->newer;
}

static int64_t cover_time(const struct smi_limit *l)
{
	if (!l->gap)
		return COVER;
	return SMI_MIN(SMI_MAX(l->gap / COVER_SHARE, LEAST_COVER), MOST_COVER);
}

static void cover(struct smi_scan *s, const struct smi_scan_probe *p)
{
	int64_t time = MOST_COVER;

	for (uint32_t i = p->older; i != SMI_SCAN_NONE; i = s->slots[i].older) {
		struct smi_scan_probe *q = &s->slots[i];

		if (q->covered || p->sent - q->sent > time)
			return;
		q->covered = true;
		time = cover_time(&s->hosts[p->host].limit);
	}
}

/* Tries from before the first message were blind. */
static void begin(struct smi_scan *s, unsigned host)
{
	for (unsigned i = 0; i < s->nslots; i++) {
		struct smi_scan_probe *p = &s->slots[i];

		if (p->state == SMI_SLOT_FREE || p->host != host)
			continue;
		p->blind = (uint8_t)(p->blind + p->tries);
		p->tries = 0;
	}
}

static void remember(struct smi_limit *l, uint16_t port)
{
	if (l->nknown < SMI_LIMIT_KNOWN)
		l->known[l->nknown++] = port;
	else
		l->known[l->turn++ % SMI_LIMIT_KNOWN] = port;
}

static void count_message(struct smi_limit *l, int64_t sent)
{
	l->came++;
	l->all++;
	if (!l->gap) {
		l->burst = SMI_MIN(2 * l->burst, MAX_REACH);
		return;
	}
	l->gap -= l->gap * SMI_MIN(l->came, MOST_FASTER) / FASTER;
	/* There was more than was known of: so there may be. */
	if (l->gap && sent < l->empty_at + l->came * l->gap)
		l->empty_at = sent - ((int64_t)l->came + 1) * l->gap;
}

void smi_scan_limit_message(struct smi_scan *s, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];
	struct smi_limit *l = &s->hosts[p->host].limit;

	cover(s, p);
	if (!l->nknown)
		begin(s, p->host);
	if (is_after(p->seq, l->covered))
		l->covered = p->seq;
	if (p->witness) {
		/* None of those before it is closed: there are more such. */
		l->asked = false;
		l->reach *= 2;
		l->batch *= MORE;
	} else {
		remember(l, p->port);
		l->reach++;
		l->batch -= l->batch / MORE;
		l->batch -= l->batch > 1 && l->batch < MORE;
	}
	l->reach = SMI_MIN(l->reach, MAX_REACH);
	l->batch = SMI_MIN(l->batch, l->reach);
	count_message(l, p->sent);
}

/* What the bucket holds by now. */
static int64_t level(struct smi_limit *l, int64_t now)
{
	int64_t full = SMI_MAX(FULL_TIME / l->gap, LEAST_FULL);
	int64_t n = (now - l->empty_at) / l->gap - l->came;

	if (n > full) {
		l->empty_at = now - (full + l->came) * l->gap;
		n = full;
	}
	return n;
}

/* How many can be answered now. */
static int64_t room(struct smi_limit *l, int64_t now)
{
	return l->gap ? SMI_MAX(level(l, now), 0) : l->burst;
}

/* So many are blind that a witness is needed. */
static bool is_far(struct smi_limit *l, int64_t now)
{
	int64_t n = l->reach;

	if (l->on)
		n = SMI_MIN(n, SMI_MAX(room(l, now) * l->batch, LEAST_FAR));
	return blind(l) > 0 && blind(l) >= n;
}

bool smi_scan_limit_may_send(struct smi_scan *s, struct smi_scan_host *h,
			     int64_t now)
{
	struct smi_limit *l = &h->limit;

	if (!is_bound(s, h))
		return true;
	if (l->on && now - l->on_since > PATIENCE)
		l->tired = true;
	if (is_far(l, now))
		return false;
	if (!l->on)
		return true;
	if (now < l->next_at)
		return false;
	return h->flight < room(l, now) * l->batch;
}

int64_t smi_scan_limit_next(struct smi_scan *s, struct smi_scan_host *h,
			    int64_t now)
{
	struct smi_limit *l = &h->limit;
	int64_t at;

	if (!is_bound(s, h))
		return now;
	if (is_far(l, now))
		return INT64_MAX;
	if (!l->on)
		return now;
	at = l->gap ? l->empty_at + ((int64_t)l->came + 1) * l->gap : 0;
	at = SMI_MAX(at, l->next_at);
	/* What is on its way comes first. */
	return at > now || !h->flight ? SMI_MAX(at, now) : INT64_MAX;
}

bool smi_scan_limit_dark(const struct smi_scan *s,
			 const struct smi_scan_host *h, int64_t now)
{
	uint32_t most = DARK_FIRST;

	if (!s->ops->datagrams || !h->limit.begun)
		return true;
	for (int64_t t = now - h->limit.begun;
	     t > DARK_TWICE && most < DARK_MOST; t -= DARK_TWICE)
		most *= 2;
	return h->flight < most;
}

bool smi_scan_limit_lists(const struct smi_scan *s,
			  const struct smi_scan_host *h)
{
	const struct smi_limit *l = &h->limit;

	return is_bound(s, h) && h->pending && !l->asked &&
	       is_after(l->suspect, l->covered);
}

bool smi_scan_limit_wants_witness(struct smi_scan *s, struct smi_scan_host *h,
				  bool more, int64_t now)
{
	struct smi_limit *l = &h->limit;

	if (!is_bound(s, h) || l->asked || !s->nfree)
		return false;
	return is_far(l, now) || (!more && is_after(l->suspect, l->covered));
}

uint16_t smi_scan_limit_witness(struct smi_limit *l)
{
	l->asked = true;
	return l->known[l->turn++ % l->nknown];
}

static void measure(struct smi_limit *l, int64_t at)
{
	if (l->all)
		l->gap = SMI_MAX((at - l->all_at) / l->all, 1);
	if (l->all < 2 * MEASURED)
		return;
	l->all_at = at - (at - l->all_at) / 2;
	l->all /= 2;
}

/* The bucket was empty at that time. */
static void found_empty(struct smi_limit *l, int64_t at, int64_t now)
{
	int64_t silent = now - l->empty_at;

	l->burst = 1;
	if (!l->on) {
		l->on = true;
		l->on_since = now;
		l->all_at = at;
		l->all = 0;
		l->gap = 0;
	} else if (!l->came) {
		silent = SMI_MAX(l->gap ? silent / MORE : silent, LEAST_PAUSE);
		l->next_at = now + SMI_MIN(silent, MOST_PAUSE);
		return;
	}
	measure(l, at);
	l->next_at = now;
	l->empty_at = at;
	l->came = 0;
}

void smi_scan_limit_no_witness(struct smi_scan *s, uint32_t slot, bool silent,
			       int64_t now)
{
	const struct smi_scan_probe *p = &s->slots[slot];
	struct smi_limit *l = &s->hosts[p->host].limit;

	l->asked = false;
	/* Those before it stay blind for good: they are asked again. */
	l->covered = is_after(p->seq, l->covered) ? p->seq : l->covered;
	if (silent) {
		l->reach = SMI_MAX(l->reach / 2, LEAST_REACH);
		found_empty(l, p->sent, now);
		return;
	}
	/* It is closed no longer. */
	for (unsigned i = 0; i < l->nknown; i++)
		if (l->known[i] == p->port)
			l->known[i--] = l->known[--l->nknown];
}

bool smi_scan_limit_counts(struct smi_scan *s, uint32_t slot)
{
	struct smi_scan_probe *p = &s->slots[slot];
	struct smi_scan_host *h = &s->hosts[p->host];

	if (!is_bound(s, h))
		return true;
	return p->covered;
}

bool smi_scan_limit_is_enough(const struct smi_scan *s, uint32_t slot)
{
	const struct smi_scan_probe *p = &s->slots[slot];

	return p->blind >= BLIND_TRIES ||
	       (s->retries >= 0 && p->tries + p->blind > s->retries);
}
