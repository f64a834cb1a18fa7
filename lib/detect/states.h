/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_STATES_H
#define SMI_DETECT_STATES_H

#include "detect/window.h"

#define SMI_NO_STATE UINT32_MAX

/* An episode that has opened and not yet closed. */
#define SMI_EVIDENCE_HEAD 3
#define SMI_EVIDENCE_TAIL 3
struct smi_open {
	int64_t first, met; /* met: when the condition was true last */
	uint64_t count, before;
	struct smi_hit *head[SMI_EVIDENCE_HEAD];
	struct smi_hit *tail[SMI_EVIDENCE_TAIL]; /* oldest first */
	struct smi_hit *then;
	size_t nhead, ntail;
	bool then_seen;
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

/* One key of one correlation. */
struct smi_state {
	int64_t mark;	 /* the clock when it was touched last */
	int64_t last;	 /* its last event */
	int64_t covered; /* when something else spoke for this key last */
	int64_t quiet;	 /* opens nothing before */
	bool any;	 /* last is set */
	struct smi_open *open;
	struct smi_window window;
	struct smi_seen *seen;
	struct smi_recent *recent;
	uint64_t hash;
	char *key;
	uint32_t key_len;
	uint32_t newer, older; /* + 1 */
	int64_t queued;	       /* the mark it was queued with */
};

/*
 * A table of states. {0} is empty. The hash is keyed and stands for the key: among
 * 100,000 keys two of 64 bits meet once in a billion runs.
 *
 * The queue is by age, but a touch moves nothing: who comes to its end and was
 * touched since is queued again.
 */
struct smi_slot {
	uint64_t hash;
	uint32_t state; /* + 1 */
};
struct smi_states {
	struct smi_state *v;
	struct smi_slot *slots;
	uint32_t n, cap, nslots;
	uint32_t newest, oldest, free; /* + 1 */
};

void smi_states_free(struct smi_states *s);
/* SMI_NO_STATE where there is none. */
uint32_t smi_states_find(const struct smi_states *s, uint64_t hash);
/* A new one, touched at mark. -ENOMEM. Pointers to others move. */
int smi_states_add(struct smi_states *s, uint64_t hash, struct smi_span key,
		   int64_t mark, uint32_t *out);
/* The one that was not touched after mark for the longest time; SMI_NO_STATE where
 * there is none. */
uint32_t smi_states_older(struct smi_states *s, int64_t mark);
/* Any one, among the oldest; SMI_NO_STATE when it is empty. */
uint32_t smi_states_oldest(struct smi_states *s);
/* Its parts were freed before. */
void smi_states_remove(struct smi_states *s, uint32_t i);

#endif
