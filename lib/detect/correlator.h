/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_CORRELATOR_H
#define SMI_DETECT_CORRELATOR_H

#include "detect/correlate.h"
#include "detect/states.h"

/* The inside of a correlator, for the files that make it up. */

/* A way to make keys, shared by the correlations that make them alike. */
struct smi_corr_group {
	const enum smi_role *roles;
	size_t n;
	uint8_t bits4, bits6;
	struct smi_keys keys;
	/* Of event number serial: */
	uint64_t serial, hash;
	bool has;
	uint32_t current; /* its key, SMI_NO_KEY: not known yet */
	struct smi_buf text;
};

/* One correlation at work; one with a fallback prefix is two. */
struct smi_corr {
	const struct smi_rule *rule;
	struct smi_correlation conf; /* with thresholds */
	struct smi_corr_group *group;
	struct smi_wconf wconf;
	struct smi_states states;
	int64_t now;
	int64_t keep;		 /* a state without a further event */
	struct smi_corr *prefix; /* the one for prefixes; NULL: none */
	const uint16_t *yielders;
	size_t nyielders;
};

struct smi_correlator {
	const sm_ruleset *rs;
	struct smi_corr *corrs; /* those of the set, then those for prefixes */
	size_t n;
	struct smi_corr_group *groups;
	size_t ngroups;
	struct smi_siphash_key sip;
	smi_episode_fn fn;
	void *user;
	struct smi_lost lost;
	struct smi_pool hits, pool;
	uint64_t serial;
	bool live;
};

/* The event that is being counted. */
struct smi_corr_event {
	const struct smi_line *line;
	const struct smi_match *m;
	int64_t time;
	uint32_t ordinal;
	struct smi_hit *hit; /* made when the first one wants it */
	bool hit_tried, no_memory;
	uint32_t hashed; /* a bit a role whose value is known */
	uint64_t values[SMI_ROLE_NONE];
};

struct smi_hit *smi_corr_hit(struct smi_correlator *c,
			     struct smi_corr_event *ev);

/* Episodes: episode.c */
int smi_episode_open(struct smi_correlator *c, struct smi_corr *k,
		     struct smi_state *st, int64_t time);
void smi_episode_add(struct smi_correlator *c, struct smi_open *o,
		     struct smi_hit *hit);
/* Hands it to the caller, unless something else spoke for it before it was told
 * once. */
int smi_episode_tell(struct smi_correlator *c, const struct smi_corr *k,
		     const struct smi_state *st, bool open);
/* While it is open, once. */
int smi_episode_announce(struct smi_correlator *c, const struct smi_corr *k,
			 const struct smi_state *st);
/* Tells the open one, and back to a state that has seen nothing. */
int smi_episode_close(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st);
/* The same without a word. */
void smi_episode_drop(struct smi_correlator *c, struct smi_corr *k,
		      struct smi_state *st);

#endif
