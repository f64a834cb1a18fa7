/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_STATES_H
#define SMI_DETECT_STATES_H

#include "detect/keys.h"
#include "detect/window.h"

/* An episode that has opened and not yet closed. */
#define SMI_EVIDENCE_HEAD 3
#define SMI_EVIDENCE_TAIL 3
struct smi_open {
	struct smi_open *newer, *older; /* of its correlation */
	struct smi_key *key;
	struct smi_state *state;
	int64_t queued;	    /* its last event when it was queued */
	int64_t first, met; /* met: when the condition was true last */
	uint64_t count, before;
	struct smi_hit *head[SMI_EVIDENCE_HEAD];
	struct smi_hit *tail[SMI_EVIDENCE_TAIL]; /* oldest first */
	struct smi_hit *then;
	uint8_t nhead, ntail;
	bool then_seen;
	bool told;     /* while it was open */
	int64_t start; /* then: what its id was made of */
	/* What it had counted when an earlier run told it at its end; 0: none did. */
	uint64_t shown;
};

/* By age, but a touch moves nothing: who comes to its end and went on since is
 * queued again. */
struct smi_open_queue {
	struct smi_open *newest, *oldest;
	int64_t due; /* when the oldest was queued; INT64_MAX: none */
};

/* Of temporal: when each item came last, and where its chain began. */
struct smi_seen {
	int64_t time, start;
	struct smi_hit *hit;
	bool set;
};

/* The last events of once-per, as hashes. */
#define SMI_RECENT 64
struct smi_recent {
	uint64_t v[SMI_RECENT];
	uint32_t n;
};

/* What few states have. */
struct smi_more {
	int64_t quiet; /* opens nothing before */
	struct smi_seen *seen;
	struct smi_recent *recent;
};

/* One key of one correlation. */
struct smi_state {
	uint32_t next; /* of the key's, a number in the pool */
	uint16_t corr;
	bool any;	 /* last is set */
	bool split;	 /* the next one is of the same correlation */
	int64_t last;	 /* its last event */
	int64_t covered; /* when something else spoke for this key last */
	struct smi_open *open;
	struct smi_more *more;
	struct smi_window window;
};

/* NULL where there is none. */
static inline struct smi_state *smi_state_find(const struct smi_keys *k,
					       const struct smi_key *key,
					       uint16_t corr)
{
	struct smi_state *st;

	for (uint32_t i = SMI_KEY_STATES(key); i; i = st->next) {
		st = (struct smi_state *)smi_pool_at(k->pool, i);
		/* Of the others it will be asked in a moment. */
		__builtin_prefetch(st->open);
		__builtin_prefetch(st->window.e);
		if (st->corr == corr)
			return st;
	}
	return NULL;
}
/*
 * Where lines of a key come with times that are too far apart for one window, and
 * neither time is over, it has two: the nearer one counts a line, and stands first.
 */
static inline struct smi_state *smi_state_aside(const struct smi_keys *k,
						const struct smi_state *st)
{
	return st->split ? (struct smi_state *)smi_pool_at(k->pool, st->next)
			 : NULL;
}
/* One that has none. NULL when memory is out. */
struct smi_state *smi_state_add_aside(struct smi_keys *k, struct smi_state *st);
/* What they know. */
void smi_state_swap(struct smi_state *a, struct smi_state *b);
/* NULL when memory is out. */
struct smi_state *smi_state_add(struct smi_keys *k, struct smi_key *key,
				uint16_t corr);
/* Its parts were freed before. */
void smi_state_remove(struct smi_keys *k, struct smi_key *key,
		      struct smi_state *st);
void smi_open_push(struct smi_open_queue *q, struct smi_open *o);
void smi_open_pull(struct smi_open_queue *q, struct smi_open *o);

#endif
