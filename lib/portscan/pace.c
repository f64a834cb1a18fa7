/* SPDX-License-Identifier: MIT */
#include "portscan/pace.h"

/* The window is not closed below this but for losses: so many at once harm no queue,
 * and fewer are slow on near hosts. */
#define LEAST_WINDOW 64
#define LOSSY_LEAST  4

/* What is not answered opens it up to here only. */
#define SILENT_WINDOW 256
/* After so many rounds without a queue it opens fast again. */
#define EASY_ROUNDS 3

/* Of a round trip. With fewer, rttvar follows. */
#define MANY_SAMPLES 16

#define MIN_WAIT    (20 * SMI_MSEC)
#define MIN_FLIGHT  (5 * SMI_MSEC)
#define DARK_FLIGHT (30 * SMI_MSEC) /* while the host has not answered */

/* Round trips vary by so much without a queue: this machine's own work. */
#define OWN_DELAY SMI_MSEC
#define GROUP	  8
/* After so many round trips the shortest is looked for anew: ways change. */
#define BASE_SAMPLES 16384

/* Losses are judged from so many on. */
#define ENOUGH_LOST 16
#define MANY_LOST   15 /* percent */
#define FEW_LOST    5
#define ENOUGH_CAME 64
#define GROW_PAUSE  (20 * SMI_MSEC)
#define MAX_PAUSE   (4 * SMI_SEC)
#define MAX_GAP	    (100 * SMI_MSEC)
#define GAP_BURST   (2 * SMI_MSEC)
/* Nearer, a clump is as long as the wait for the next look. */
#define FAR (10 * SMI_MSEC)

#define Z95 1.6449 /* of the normal distribution, one-sided */

static void note_swing(struct smi_rtt *r, int64_t sample, int64_t now)
{
	int64_t swing;

	r->low = SMI_MIN(r->low, sample);
	r->high = SMI_MAX(r->high, sample);
	swing = ++r->in_round < MANY_SAMPLES ? 0 : r->high - r->low;
	r->swing = SMI_MAX(r->swing, swing);
	if (now - r->round_at < r->srtt)
		return;
	r->swing = swing;
	r->low = r->high = sample;
	r->in_round = 0;
	r->round_at = now;
}

void smi_rtt_add(struct smi_rtt *r, int64_t sample, int64_t now)
{
	int64_t off;

	sample = SMI_MAX(sample, 1);
	if (!r->srtt) {
		r->srtt = sample;
		r->rttvar = sample / 2;
		r->base = r->next_base = sample;
		r->low = r->high = sample;
		r->round_at = now;
		return;
	}
	note_swing(r, sample, now);
	off = r->srtt > sample ? r->srtt - sample : sample - r->srtt;
	r->rttvar += (off - r->rttvar) / 4;
	r->srtt += (sample - r->srtt) / 8;
	r->srtt = SMI_MAX(r->srtt, 1);
	r->base = SMI_MIN(r->base, sample);
	r->next_base = SMI_MIN(r->next_base, sample);
	if (++r->samples % BASE_SAMPLES == 0) {
		r->base = r->next_base;
		r->next_base = sample;
	}
}

/* A queue that grew so much in one round trip may do so in the next. */
static int64_t margin(const struct smi_rtt *r)
{
	return SMI_MAX(4 * r->rttvar, SMI_MAX(2 * r->swing, r->srtt / 8));
}

int64_t smi_rtt_wait(const struct smi_rtt *r, unsigned attempt, int64_t limit)
{
	int64_t wait;

	if (!r->srtt)
		return limit;
	wait = SMI_MAX(r->srtt + margin(r), MIN_WAIT);
	for (; attempt > 0 && wait < limit; attempt--)
		wait *= 2;
	return SMI_MIN(wait, limit);
}

int64_t smi_rtt_flight(const struct smi_rtt *r)
{
	if (!r->srtt)
		return DARK_FLIGHT;
	return SMI_MAX(r->srtt + margin(r), MIN_FLIGHT);
}

void smi_pace_init(struct smi_pace *p, unsigned first, unsigned max)
{
	*p = (struct smi_pace){ .window = SMI_MIN(SMI_MAX(first, 1), max),
				.least = SMI_MIN(LEAST_WINDOW, max),
				.max = max,
				.opening = true };
}

bool smi_pace_may_send(struct smi_pace *p, unsigned flight, int64_t now)
{
	if (flight < p->window)
		return now >= p->next_at;
	p->held = 2;
	return false;
}

void smi_pace_sent(struct smi_pace *p, int64_t now)
{
	int64_t gap;

	if (!p->since)
		p->since = now;
	p->sent++;
	gap = SMI_MAX(p->gap, p->smooth);
	if (gap)
		p->next_at = SMI_MAX(p->next_at, now - GAP_BURST) + gap;
}

void smi_pace_smooth(struct smi_pace *p, const struct smi_rtt *r)
{
	int64_t gap = r->srtt / p->window;

	p->smooth = 0;
	if (r->base >= FAR)
		p->smooth = p->opening ? gap / 2 : gap - gap / 4;
}

static int64_t tolerance(int64_t base)
{
	return SMI_MAX(base / 8, OWN_DELAY);
}

static void set_window(struct smi_pace *p, uint64_t window)
{
	window = SMI_MAX(window, p->least);
	p->window = (unsigned)SMI_MIN(window, p->max);
}

static void begin_round(struct smi_pace *p, int64_t now)
{
	p->round_at = now;
	p->before = p->here;
	p->here = p->window;
	p->rtts = p->bases = 0;
	p->held /= 2;
}

/*
 * What is on its way without a queue is the window times base / rtt; an eighth of the
 * window is added, and half of the way there is gone each round.
 */
static void end_round(struct smi_pace *p, int64_t now)
{
	uint64_t window = p->window, goal = window + window / 8 + 1;

	if (p->rtts > p->bases)
		goal = (uint64_t)((double)window * (double)p->bases /
				  (double)p->rtts) +
		       window / 8;
	if (goal < window || (p->held && now >= p->grow_at))
		set_window(p, (window + goal + 1) / 2);
	p->easy = goal > window && p->held && !p->gap ? p->easy + 1 : 0;
	p->opening = p->easy >= EASY_ROUNDS;
	begin_round(p, now);
}

static void begin_count(struct smi_pace *p, int64_t now)
{
	p->since = now;
	p->sent = p->came = p->lost = 0;
}

/*
 * Where losses have ended a narrower gap is tried. It is kept if more came through
 * than before it: which probes were lost is known late, when later tries of them are
 * answered, and what comes through tells at once that a limit is reached.
 */
static void narrow_gap(struct smi_pace *p, int64_t now, int64_t rtt)
{
	double rate;

	if (now < p->grow_at || p->came < ENOUGH_CAME ||
	    p->lost * 100 > FEW_LOST * (p->came + p->lost))
		return;
	rate = (double)p->came / (double)SMI_MAX(now - p->since - rtt, 1);
	if (p->gap_before && rate * 8 < p->rate_before * 9) {
		p->gap = p->gap_before;
		p->gap_before = 0;
		p->pause = SMI_MIN(2 * p->pause, MAX_PAUSE);
		p->grow_at = now + p->pause;
		begin_count(p, now);
		return;
	}
	if (p->gap_before)
		p->pause = GROW_PAUSE;
	p->gap_before = p->gap;
	p->rate_before = rate;
	p->gap -= p->gap / 4 + 1;
	p->grow_at = now + SMI_MAX(2 * rtt, GROW_PAUSE);
	begin_count(p, now);
}

/* true: the group is full, and low is its word. */
static bool add_to_group(struct smi_pace *p, int64_t rtt, int64_t base)
{
	int64_t more = SMI_MAX(rtt - base, 0);

	p->low = p->in_group ? SMI_MIN(p->low, more) : more;
	if (++p->in_group < GROUP)
		return false;
	p->in_group = 0;
	p->rtts += base + p->low;
	p->bases += base + tolerance(base);
	return true;
}

/* A queue fills: a machine on the way that stood still for a moment is none. */
static bool queue_stays(struct smi_pace *p, int64_t now, int64_t base)
{
	if (p->low <= 2 * tolerance(base)) {
		p->long_since = 0;
		return false;
	}
	if (!p->long_since)
		p->long_since = now;
	return now - p->long_since >= base / 2;
}

/* What tells so was sent a round ago: when the window was half of this, or just as
 * wide, where it cannot open further. */
static void close_opening(struct smi_pace *p, int64_t now, int64_t base)
{
	double fits =
		(double)p->before * (double)base / (double)(base + p->low);

	p->opening = false;
	p->easy = 0;
	p->long_since = 0;
	set_window(p, SMI_MAX((uint64_t)fits, p->window / 2));
	begin_round(p, now);
}

void smi_pace_answer(struct smi_pace *p, int64_t now, int64_t sent, int64_t rtt,
		     int64_t base)
{
	bool full = add_to_group(p, rtt, base);

	p->answered = true;
	p->rtt = rtt;
	p->came += sent >= p->since;
	if (p->gap)
		narrow_gap(p, now, rtt);
	if (p->opening && full && queue_stays(p, now, base)) {
		close_opening(p, now, base);
	} else if (p->opening) {
		p->window = SMI_MIN(p->window + !!p->held, p->max);
		if (sent >= p->round_at)
			begin_round(p, now);
	} else if (sent >= p->round_at) {
		end_round(p, now);
	}
}

void smi_pace_silent(struct smi_pace *p)
{
	if (p->opening && p->answered && p->window < SILENT_WINDOW)
		p->window = SMI_MIN(p->window + !!p->held, p->max);
}

/*
 * Probes go out no faster than they came through, since the window closed. At first
 * most of those that are not answered are lost, and not known to be yet: what came in
 * that time counts then. Later most of them are repeats of silent ports.
 */
static void widen_gap(struct smi_pace *p, int64_t now)
{
	double time = (double)(now - p->since);
	double share = (double)(p->came + 1) / (double)(p->came + p->lost + 1);
	double gap = time / ((double)p->sent + 1) / share;
	double came = SMI_MAX(time - (double)p->rtt, time / 4) /
		      ((double)p->came + 1);

	if (!p->gap)
		gap = SMI_MAX(gap, came * 4 / 5);
	p->gap = SMI_MIN((int64_t)gap, MAX_GAP);
}

void smi_pace_lost(struct smi_pace *p, int64_t now, int64_t sent, unsigned n,
		   int64_t wait)
{
	if (sent < p->since)
		return;
	p->lost += n;
	if (p->lost < ENOUGH_LOST ||
	    p->lost * 100 < MANY_LOST * (p->came + p->lost))
		return;
	p->opening = false;
	p->least = SMI_MIN(LOSSY_LEAST, p->max);
	widen_gap(p, now);
	set_window(p, (uint64_t)p->window * 7 / 10);
	p->gap_before = 0;
	p->pause = SMI_MAX(p->pause, GROW_PAUSE);
	p->grow_at = now + SMI_MAX(wait, p->pause);
	begin_count(p, now);
}

/* Newton's method, for x in [0, 1] or a little more. */
static double square_root(double x)
{
	double y = 1;

	for (int i = 0; i < 40; i++)
		y = (y + x / y) / 2;
	return y;
}

double smi_loss_bound(uint64_t lost, uint64_t tries)
{
	double n = (double)tries, p, z2 = Z95 * Z95;

	if (!tries)
		return 1;
	p = (double)lost / n;
	return (p + z2 / (2 * n) +
		Z95 * square_root(p * (1 - p) / n + z2 / (4 * n * n))) /
	       (1 + z2 / n);
}

unsigned smi_loss_tries(double loss, uint32_t nports, unsigned least,
			unsigned most)
{
	double miss = nports * 1e6;
	unsigned n = 0;

	while (n < most && (n < least || miss > 1)) {
		miss *= loss;
		n++;
	}
	return n;
}
