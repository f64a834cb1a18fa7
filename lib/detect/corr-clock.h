/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CORR_CLOCK_H
#define SMI_DETECT_CORR_CLOCK_H

#include "base/clock.h"

/*
 * What time it is, by the lines of a log. Single lines may be wrong: one is forged,
 * or comes from a machine whose clock is. So the time moves on when so many lines
 * more say that it is later than say that it is not, to the earliest of them; and
 * the same way back.
 */
#define SMI_CLOCK_VOTES 16
/* Lines in a hurry overtake others: so much earlier is no other opinion. */
#define SMI_CLOCK_NEAR (60 * SMI_SEC)

struct smi_corr_clock {
	int64_t now;
	uint32_t later, earlier; /* votes */
	int64_t lead, lag;	 /* the earliest and the latest of them */
	int64_t recent[3];	 /* of later, the last one first */
};

/* Before the first line: no time at all, and all times are later. */
#define SMI_CLOCK_UNSET (INT64_MIN / 2)

static inline void smi_corr_clock_init(struct smi_corr_clock *c)
{
	*c = (struct smi_corr_clock){ .now = SMI_CLOCK_UNSET,
				      .lead = INT64_MAX,
				      .lag = INT64_MIN };
}

/* A line has this time. */
static inline void smi_corr_clock_see(struct smi_corr_clock *c, int64_t time)
{
	if (time > c->now) {
		c->recent[2] = c->recent[1];
		c->recent[1] = c->recent[0];
		c->recent[0] = time;
		c->lead = SMI_MIN(c->lead, time);
		if (++c->later < SMI_CLOCK_VOTES)
			return;
		c->now = c->lead;
	} else if (time >= c->now - SMI_CLOCK_NEAR) {
		c->earlier -= c->earlier > 0;
		c->later -= c->later > 0;
		if (c->later)
			return;
		c->lead = INT64_MAX;
		return;
	} else {
		c->lag = SMI_MAX(c->lag, time);
		if (++c->earlier < SMI_CLOCK_VOTES)
			return;
		c->now = c->lag;
	}
	c->later = c->earlier = 0;
	c->lead = INT64_MAX;
	c->lag = INT64_MIN;
}

/* While nothing more comes: the last three lines need no others to confirm them, but
 * a single one is not believed. SMI_CLOCK_UNSET before the first. */
static inline int64_t smi_corr_clock_guess(const struct smi_corr_clock *c)
{
	const int64_t *v = c->recent;

	if (c->later >= SMI_COUNT(c->recent))
		return SMI_MAX(c->now, SMI_MIN(v[0], SMI_MIN(v[1], v[2])));
	return c->now == SMI_CLOCK_UNSET && c->later ? c->lead : c->now;
}

/* now, or what the first lines say, of three of which one may be wrong. */
static inline int64_t smi_corr_clock_roughly(const struct smi_corr_clock *c)
{
	const int64_t *v = c->recent;
	int64_t low = SMI_MIN(v[0], v[1]), high = SMI_MAX(v[0], v[1]);

	if (c->now != SMI_CLOCK_UNSET || c->later < SMI_COUNT(c->recent))
		return c->now;
	return SMI_MAX(low, SMI_MIN(high, v[2]));
}

#endif
