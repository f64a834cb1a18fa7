/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_PACE_H
#define SMI_PORTSCAN_PACE_H

#include "base/clock.h"

/* How many probes are on their way at once, and how long one is waited for. */

/* One host's round trip, by RFC 6298; srtt 0: no answer yet. */
struct smi_rtt {
	int64_t srtt, rttvar; /* ns */
};
void smi_rtt_add(struct smi_rtt *r, int64_t sample);
/*
 * How long the given try (from 0) is waited for: limit while the host has not
 * answered; then from its round trips, twice as long with each further try, and
 * never more than limit.
 */
int64_t smi_rtt_wait(const struct smi_rtt *r, unsigned attempt, int64_t limit);

/*
 * After so long a probe is no longer taken to be on its way, though it may still be
 * waited for: it was lost or is ignored, and makes room for another.
 */
int64_t smi_rtt_flight(const struct smi_rtt *r);

/*
 * The window, of probes on their way, opens while answers come and it is what holds
 * the scan up. It closes by half when probes were lost: a port that answers only
 * when asked again tells so. One that never answers tells nothing: it is filtered.
 */
struct smi_pace {
	unsigned window, max;
	bool lossy;
	bool answered;	    /* since the window grew */
	struct smi_rtt rtt; /* over all hosts */
	int64_t grow_at, shrink_at;
};
void smi_pace_init(struct smi_pace *p, unsigned max);
void smi_pace_answer(struct smi_pace *p, int64_t sample);
/* All of the window is out and nothing comes in. */
void smi_pace_stalled(struct smi_pace *p, int64_t now);
void smi_pace_lost(struct smi_pace *p, int64_t now);

#endif
