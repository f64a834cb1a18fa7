/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CORRELATE_H
#define SMI_DETECT_CORRELATE_H

#include "detect/detect.h"
#include "detect/hit.h"
#include "detect/key.h"
#include "detect/ruleset.h"

/*
 * Episodes out of events: one state a key in each correlation, in bounded memory.
 * The clock is that of the events.
 */
#define SMI_MAX_KEYS	   100000
#define SMI_EVIDENCE_BYTES (12u << 20)

/* An episode, as a finding is made of it. */
struct smi_episode {
	const struct smi_rule *rule;
	struct smi_span key;
	bool open;     /* it may go on */
	int64_t start; /* what tells it from others of its key */
	int64_t first, last;
	uint64_t count;
	uint64_t before; /* of them, before the event of "then" */
	struct smi_hit *const *evidence;
	size_t nevidence;
	const struct smi_hit *then; /* NULL: none, or it was not kept */
	/* The condition that it met. */
	uint64_t threshold;
	int64_t window;
};
/* 0 or a negative errno. */
typedef int (*smi_episode_fn)(const struct smi_episode *e, void *user);

/* What was given up for the sake of memory. */
struct smi_lost {
	uint64_t keys;	   /* states of keys that were evicted */
	uint64_t entries;  /* events that left a window early */
	uint64_t evidence; /* events that were not kept as evidence */
};

struct smi_correlator;
/* rs is frozen and outlives it. */
int smi_correlator_new(const sm_ruleset *rs,
		       const struct smi_threshold *thresholds, size_t n,
		       smi_episode_fn fn, void *user,
		       struct smi_correlator **out);
void smi_correlator_free(struct smi_correlator *c);
/* Tells each episode when it opens too. */
void smi_correlator_set_live(struct smi_correlator *c);
/* Nothing came, and it is this time by now: closes what has had its window. */
int smi_correlator_tick(struct smi_correlator *c, int64_t time);
/* One event, at a time that is known. ordinal is that of the line. */
int smi_correlator_feed(struct smi_correlator *c, const struct smi_line *line,
			const struct smi_match *m, int64_t time,
			uint32_t ordinal);
/* Closes all episodes; those of a live one are told as open: they might go on. */
int smi_correlator_flush(struct smi_correlator *c);
const struct smi_lost *smi_correlator_lost(const struct smi_correlator *c);

#endif
