/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CORRELATOR_H
#define SMI_DETECT_CORRELATOR_H

#include "base/vec.h"
#include "detect/corr-clock.h"
#include "detect/correlate.h"
#include "detect/states.h"

/* The inside of a correlator, for the files that make it up. */

/* A way to make keys, shared by the correlations that make them alike. */
struct smi_corr_group {
	const enum smi_role *roles;
	size_t n;
	uint8_t bits4, bits6;
	uint64_t salt;	/* no key of one group is one of another */
	int64_t span;	/* the longest of their windows */
	uint32_t clock; /* s of the time, when it was looked at last */
	uint32_t keep;	/* s that a key is kept without an event */
	uint32_t tidy;	/* s after which its stale states go; 0: never */
	/* Keys with one event that are asleep, and the others. */
	struct smi_key_queue single, many;
	uint32_t nsingle;
	uint32_t strip;	 /* the oldest single one that may have a hit */
	uint32_t untidy; /* the oldest of many that was not looked at */
	/* Of event number serial: */
	uint64_t serial, hash;
	bool has, admitted;
	struct smi_key *current; /* NULL: there is none */
	struct smi_buf text;
};

/* One correlation at work; one with a fallback prefix is two. */
struct smi_corr {
	const struct smi_rule *rule;
	struct smi_correlation conf; /* with thresholds */
	struct smi_corr_group *group;
	struct smi_wconf wconf;
	struct smi_open_queue open;
	uint16_t index;
	uint64_t
		need; /* with fewer events within the window it finds nothing */
	int64_t keep; /* a state without a further event */
	struct smi_corr *prefix; /* the one for prefixes; NULL: none */
	const uint16_t *yielders;
	size_t nyielders;
};

struct smi_correlator {
	const sm_ruleset *rs;
	const struct smi_rule **rules; /* by index, those of filters too */
	size_t nrules;
	SMI_VEC(char *) files;	/* of hits that were loaded */
	struct smi_corr *corrs; /* those of the set, then those for prefixes */
	size_t n;
	struct smi_corr_group *groups;
	size_t ngroups;
	struct smi_corr_clock clock;
	struct smi_siphash_key sip;
	smi_episode_fn fn;
	void *user;
	struct smi_lost lost;
	struct smi_pool pool;
	struct smi_keys keys;
	uint64_t serial;
	bool live;
	int failed; /* of an episode that was told to make room */
	struct smi_open **pending;
	size_t npending, ntold;
};

/* The event that is being counted. */
struct smi_corr_event {
	const struct smi_rule *rule;
	const struct smi_line *line; /* with m; NULL: all values are known */
	const struct smi_match *m;
	int64_t time;
	uint32_t weight;
	uint32_t ordinal;
	struct smi_hit *hit; /* made when the first one wants it */
	bool hit_tried, no_memory;
	uint32_t hashed; /* a bit a role whose value is known */
	uint64_t values[SMI_ROLE_NONE];
};

struct smi_hit *smi_corr_hit(struct smi_correlator *c,
			     struct smi_corr_event *ev);
/* Counts an event that comes so late that some correlation may not count it. */
void smi_corr_note_late(struct smi_correlator *c, const struct smi_feeds *feeds,
			int64_t time);
/* Where there are two, the one that is nearer to this time comes first. */
void smi_corr_near(struct smi_correlator *c, struct smi_state *st,
		   int64_t time);
/* The event begins another window of the key: the one that there is closes, or
 * steps aside where its time is not over. */
int smi_corr_part(struct smi_correlator *c, struct smi_corr *k,
		  struct smi_state *st, int64_t time);
/* The hash of a value of the event; many correlations ask for the same one. */
bool smi_corr_value(struct smi_correlator *c, struct smi_corr_event *ev,
		    enum smi_role role, uint64_t *out);
/* One feed of an event on the current key of k's group, which is awake. */
int smi_corr_count(struct smi_correlator *c, struct smi_corr *k,
		   const struct smi_feed *f, struct smi_corr_event *ev,
		   bool *is_open);

/* With place for what is asked for. NULL when memory is out. */
struct smi_more *smi_corr_more(struct smi_correlator *c,
			       const struct smi_corr *k, struct smi_state *st,
			       bool seen, bool recent);
/* Drops all keys. */
void smi_correlator_forget(struct smi_correlator *c);

/* Keys: corr-keys.c */
/* A key that has so many events wakes, whatever they are. */
#define SMI_CORR_ASLEEP 24
/* Adds an event to one that sleeps, is in no queue, and has not so many. -ENOMEM. */
int smi_corr_list(struct smi_correlator *c, struct smi_key *key,
		  const struct smi_early *e);
/* Sets the current key of the group, where there is one. */
int smi_corr_key(struct smi_correlator *c, struct smi_corr_group *g,
		 struct smi_corr_event *ev);
/* The event counts for it: makes it where it is not there. */
int smi_corr_admit(struct smi_correlator *c, struct smi_corr_group *g,
		   struct smi_corr_event *ev);
int smi_corr_wake(struct smi_correlator *c, struct smi_corr_group *g);
/* All events of a sleeping key count for nothing any more. */
bool smi_corr_is_past(const struct smi_correlator *c,
		      const struct smi_corr_group *g,
		      const struct smi_key *key);
/* Of a sleeping key, what counts for nothing any more. Its n may be 0 then, and is
 * what says which queue it belongs to. */
int smi_corr_drop_past(struct smi_correlator *c, const struct smi_corr_group *g,
		       struct smi_key *key);
static inline bool smi_corr_is_awake(const struct smi_corr_group *g)
{
	return g->current && g->current->n == 0;
}

/* Room for them: corr-room.c */
void smi_corr_touch(struct smi_correlator *c, struct smi_corr_group *g,
		    struct smi_key *key);
void smi_corr_queue(struct smi_correlator *c, struct smi_corr_group *g,
		    struct smi_key *key);
void smi_corr_unqueue(struct smi_correlator *c, struct smi_corr_group *g,
		      struct smi_key *key);
/* What is too old by now goes. */
int smi_corr_sweep(struct smi_correlator *c, struct smi_corr_group *g);
/* Without a word. */
void smi_corr_drop_key(struct smi_correlator *c, struct smi_corr_group *g,
		       struct smi_key *key);
/* Of smi_pool; user is the correlator. */
bool smi_corr_reclaim(void *user, size_t size);

/* Episodes: episode.c */
int smi_episode_open(struct smi_correlator *c, struct smi_corr *k,
		     struct smi_key *key, struct smi_state *st,
		     struct smi_open **out);
/* With what lies in its window. */
int smi_episode_of_window(struct smi_correlator *c, struct smi_corr *k,
			  struct smi_key *key, struct smi_state *st);
void smi_episode_add(struct smi_correlator *c, struct smi_open *o,
		     struct smi_hit *hit);
/* It is told, unless something else spoke for it before it was told once. */
bool smi_episode_is_told(const struct smi_correlator *c,
			 const struct smi_corr *k, const struct smi_open *o);
/* What stands for all that it tells, in struct smi_open. */
static inline uint64_t smi_episode_weight(const struct smi_open *o)
{
	return o->count + o->then_seen;
}
/* Hands it to the caller where it is told, and is not what an earlier run told
 * already. */
int smi_episode_tell(struct smi_correlator *c, const struct smi_corr *k,
		     const struct smi_open *o, bool open);
/* While it is open, once. */
int smi_episode_announce(struct smi_correlator *c, const struct smi_corr *k,
			 struct smi_open *o);
/* Tells the open one, and back to a state that has seen nothing. */
int smi_episode_close(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st);
/* The same without a word. */
void smi_episode_drop(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st);

#endif
