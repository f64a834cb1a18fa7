/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_PACE_H
#define SMI_PORTSCAN_PACE_H

#include "base/clock.h"

/* How many probes are on their way at once, and how long one is waited for. */

/*
 * One host's round trip, by RFC 6298; srtt 0: no answer yet. base is the shortest of
 * late, which is taken for the way without queues. swing is by how much the samples
 * of one round trip differed, this one or the last: with thousands of them srtt
 * follows a queue so closely that rttvar does not show how it grows.
 */
struct smi_rtt {
	int64_t srtt, rttvar; /* ns */
	int64_t base, next_base;
	unsigned samples;
	int64_t round_at, low, high; /* of this round trip */
	unsigned in_round;
	int64_t swing;
};
/* now: when it came. */
void smi_rtt_add(struct smi_rtt *r, int64_t sample, int64_t now);
/*
 * How long the given try (from 0) is waited for: from the host's round trips, not
 * less than 20 ms, twice as long with each further try, and never more than limit.
 * limit while the host has not answered.
 */
int64_t smi_rtt_wait(const struct smi_rtt *r, unsigned attempt, int64_t limit);

/*
 * After so long a probe is no longer taken to be on its way, though it may still be
 * waited for: it was lost or is ignored, and makes room for another.
 */
int64_t smi_rtt_flight(const struct smi_rtt *r);

/*
 * The window, of probes on their way, and where losses say so a gap between them:
 * one such for each host, and one over all.
 *
 * It opens twofold a round trip until round trips grow by a quarter: a queue fills.
 * Then it is kept where the queue is a tenth of it or so, which a way that only
 * delays or loses at random does not close. A sixth lost and more is congestion
 * whatever the delay: it closes, and probes go out no faster than they came
 * through. A port that answers when asked again tells a loss; one that never
 * answers tells nothing, it is filtered.
 */
struct smi_pace {
	unsigned window, least, max;
	unsigned before,
		here; /* the window when the last round began, and this */
	bool opening;
	unsigned easy;	  /* rounds without a queue */
	unsigned held;	  /* it held the scan up: 2 this round, 1 the last */
	int64_t round_at; /* an answer to what was sent later ends the round */
	/* Of its answers in groups of a few, each counted by its shortest, since that
	 * one shows a queue and not what comes and goes. */
	int64_t rtts, bases;
	int64_t low; /* of the group, over the base */
	unsigned in_group;
	int64_t long_since; /* low is large */
	bool answered;
	int64_t rtt; /* of the last answer */
	/* Of the tries since then: */
	int64_t since;
	uint64_t sent, came, lost;
	int64_t grow_at; /* after losses, not before */
	int64_t gap, next_at;
	/* A narrower gap is being tried: the one before, 0: none, and what came
	 * through with it; and how long after one that did not help. */
	int64_t gap_before;
	double rate_before;
	int64_t pause;
	int64_t smooth; /* a gap that spreads the window over a far round trip */
};
void smi_pace_init(struct smi_pace *p, unsigned first, unsigned max);
/* flight: how many are on their way. */
bool smi_pace_may_send(struct smi_pace *p, unsigned flight, int64_t now);
void smi_pace_sent(struct smi_pace *p, int64_t now);
/* Spreads the window over the round trip, where that is long: answers that come in
 * clumps would send probes in clumps, which fill queues that a rate does not. */
void smi_pace_smooth(struct smi_pace *p, const struct smi_rtt *r);
/* An answer to the try of that time, whose round trip is known, and its base. */
void smi_pace_answer(struct smi_pace *p, int64_t now, int64_t sent, int64_t rtt,
		     int64_t base);
/* A probe left the window unanswered. */
void smi_pace_silent(struct smi_pace *p);
/* n tries were lost, the last of them sent at that time; wait: for an answer. */
void smi_pace_lost(struct smi_pace *p, int64_t now, int64_t sent, unsigned n,
		   int64_t wait);

/*
 * The share of tries lost is not above this with 95 % certainty: Wilson's score bound,
 * one-sided. 1 where nothing is known.
 */
double smi_loss_bound(uint64_t lost, uint64_t tries);
/* Tries after which fewer than one port in a million scans of nports is missed at
 * that loss; least at least and most at most. */
unsigned smi_loss_tries(double loss, uint32_t nports, unsigned least,
			unsigned most);

#endif
