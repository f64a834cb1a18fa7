/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CORRELATE_H
#define SMI_DETECT_CORRELATE_H

#include "detect/detect.h"
#include "detect/hit.h"
#include "detect/key.h"
#include "detect/ruleset.h"

/*
 * Episodes out of events: windows of each key, in bounded memory. 100,000 keys that came once have room in it. When it is full,
 * those that came once go first, the longest quiet first.
 */
#define SMI_CORR_BYTES	   ((size_t)7936 * 1024)
#define SMI_CORR_KEY_BYTES ((size_t)6912 * 1024) /* of it, at most */
#define SMI_EVIDENCE_BYTES ((size_t)5 << 20)	 /* of it, at most */

/* An episode, as a finding is made of it. */
struct smi_episode {
	const struct smi_rule *rule;
	struct smi_span key;
	bool open;     /* it may go on */
	int64_t start; /* what tells it from others of its key */
	int64_t first, last;
	uint64_t count;
	uint64_t before;	     /* of them, before the event of "then" */
	const struct smi_pool *pool; /* of evidence */
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
	uint64_t keys;	   /* that were evicted */
	uint64_t most;	   /* events that one of them had counted, at most */
	uint64_t entries;  /* events that left a window early */
	uint64_t evidence; /* events that were not kept as evidence */
	uint64_t late; /* events older than the clock by more than a window */
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
/* Its clock, that is to see the time of each line before the line is fed. */
struct smi_corr_clock *smi_correlator_clock(struct smi_correlator *c);
/* Nothing came, and it is this time by now: closes what has had its window. */
int smi_correlator_tick(struct smi_correlator *c, int64_t time);
/* One event, at a time that is known. ordinal is that of the line. */
int smi_correlator_feed(struct smi_correlator *c, const struct smi_line *line,
			const struct smi_match *m, int64_t time,
			uint32_t ordinal);
/* Closes all episodes; those of a live one are told as open: they might go on. Those
 * that an earlier run told, and that have not gone on since, are not told again. 1
 * when there are more than it told: call it again. */
int smi_correlator_flush(struct smi_correlator *c);
/* What it knows, for another run with the same rules. last: what is open will be told
 * by flush. -ENOMEM. */
int smi_correlator_save(struct smi_correlator *c, bool last,
			struct smi_buf *out);
/* Of one that has seen nothing. -EBADMSG for a text that is damaged, -ENOTSUP for
 * one of other rules or another version, -ENOMEM: it has seen nothing then. */
int smi_correlator_load(struct smi_correlator *c, struct smi_span text);
const struct smi_lost *smi_correlator_lost(const struct smi_correlator *c);

#endif
