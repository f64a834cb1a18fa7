/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_STATES_H
#define SMI_DETECT_STATES_H

#include "detect/keys.h"
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
	uint32_t nhead, ntail;
	bool then_seen;
	bool told;     /* while it was open */
	int64_t start; /* then: what its id was made of */
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
	struct smi_open *open;
	struct smi_window window;
	struct smi_seen *seen;
	struct smi_recent *recent;
	uint32_t key;
	uint32_t newer, older; /* + 1 */
	bool any;	       /* last is set */
	int64_t queued;	       /* the mark it was queued with */
};

/*
 * The states of one correlation, found by the keys that it shares with others:
 * as number seat of each key. {0} with keys and seat is empty.
 *
 * The queue is by age, but a touch moves nothing: who comes to its end and was
 * touched since is queued again.
 */
struct smi_states {
	struct smi_keys *keys;
	uint32_t seat;
	struct smi_state *v;
	uint32_t n, cap;
	uint32_t newest, oldest, free; /* + 1 */
	int64_t due; /* when the oldest was queued; INT64_MAX: none */
};

void smi_states_free(struct smi_states *s);
/* SMI_NO_STATE where there is none. */
static inline uint32_t smi_states_find(const struct smi_states *s, uint32_t key)
{
	return key == SMI_NO_KEY ? SMI_NO_STATE
				 : *smi_keys_seat(s->keys, key, s->seat) - 1;
}
/* A new one, touched at mark. -ENOMEM. Pointers to others move. */
int smi_states_add(struct smi_states *s, uint32_t key, int64_t mark,
		   uint32_t *out);
/* The one that was not touched after mark for the longest time; SMI_NO_STATE where
 * there is none. */
uint32_t smi_states_older(struct smi_states *s, int64_t mark);
/* Any one, among the oldest; SMI_NO_STATE when it is empty. */
uint32_t smi_states_oldest(struct smi_states *s);
/* Its parts were freed before. Without another state its key goes too. */
void smi_states_remove(struct smi_states *s, uint32_t i);

#endif
