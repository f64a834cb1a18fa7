/* SPDX-License-Identifier: MIT */
#include "portscan/pace.h"

/* More than this in flight is slower on near hosts, less on none. */
#define FIRST_WINDOW 64
/* Up to here, and until a loss, it grows by a quarter a round trip; then by steps,
 * and only by what is answered. */
#define FAST_WINDOW 256
#define STEP	    16

#define MIN_WAIT   (100 * SMI_MSEC)
#define MIN_FLIGHT (20 * SMI_MSEC)
#define MIN_ROUND  (10 * SMI_MSEC)
#define MAX_ROUND  (200 * SMI_MSEC)
#define DARK_ROUND (50 * SMI_MSEC) /* while nobody has answered */

void smi_rtt_add(struct smi_rtt *r, int64_t sample)
{
	int64_t off;

	sample = SMI_MAX(sample, 1);
	if (!r->srtt) {
		r->srtt = sample;
		r->rttvar = sample / 2;
		return;
	}
	off = r->srtt > sample ? r->srtt - sample : sample - r->srtt;
	r->rttvar += (off - r->rttvar) / 4;
	r->srtt += (sample - r->srtt) / 8;
	r->srtt = SMI_MAX(r->srtt, 1);
}

int64_t smi_rtt_wait(const struct smi_rtt *r, unsigned attempt, int64_t limit)
{
	int64_t wait;

	if (!r->srtt)
		return limit;
	wait = SMI_MAX(r->srtt + 4 * r->rttvar, MIN_WAIT);
	for (; attempt > 0 && wait < limit; attempt--)
		wait *= 2;
	return SMI_MIN(wait, limit);
}

int64_t smi_rtt_flight(const struct smi_rtt *r)
{
	int64_t flight = r->srtt + 4 * r->rttvar;

	if (!r->srtt)
		return DARK_ROUND;
	return SMI_MIN(SMI_MAX(flight, MIN_FLIGHT), MAX_ROUND);
}

void smi_pace_init(struct smi_pace *p, unsigned max)
{
	*p = (struct smi_pace){ .window = SMI_MIN(FIRST_WINDOW, max),
				.max = max };
}

static int64_t round_trip(const struct smi_pace *p)
{
	if (!p->rtt.srtt)
		return DARK_ROUND;
	return SMI_MIN(SMI_MAX(p->rtt.srtt, MIN_ROUND), MAX_ROUND);
}

void smi_pace_answer(struct smi_pace *p, int64_t sample)
{
	smi_rtt_add(&p->rtt, sample);
	p->answered = true;
}

void smi_pace_stalled(struct smi_pace *p, int64_t now)
{
	unsigned more = STEP;

	if (now < p->grow_at)
		return;
	p->grow_at = now + round_trip(p);
	if (!p->answered && p->window >= FAST_WINDOW)
		return;
	if (!p->lossy && p->window < FAST_WINDOW)
		more = SMI_MAX(p->window / 4, 1);
	p->window = SMI_MIN(p->window + more, p->max);
	p->answered = false;
}

void smi_pace_lost(struct smi_pace *p, int64_t now)
{
	unsigned least = SMI_MIN(FIRST_WINDOW, p->max);

	p->lossy = true;
	if (now < p->shrink_at)
		return;
	p->window = SMI_MAX(p->window / 2, least);
	/* What is on its way now was sent before: it tells the same loss. */
	p->shrink_at = now + 4 * MIN_WAIT;
	p->grow_at = now + round_trip(p);
}
