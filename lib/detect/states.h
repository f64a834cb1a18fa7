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
	uint64_t hash;
	char *key;
	uint32_t key_len;
	uint32_t newer, older; /* by mark */
	bool any;	       /* last is set */
	int64_t mark;	       /* the clock when it was touched last */
	int64_t last;	       /* its last event */
	int64_t covered;       /* when something else spoke for this key last */
	int64_t quiet;	       /* opens nothing before */
	struct smi_window window;
	struct smi_open *open;
	struct smi_seen *seen;
	struct smi_recent *recent;
};

/* A table of states and their order of use. {0} is empty. */
struct smi_states {
	struct smi_state *v;
	uint32_t *slots; /* index + 1 */
	uint32_t n, cap, nslots;
	uint32_t newest, oldest, free; /* + 1 */
};

void smi_states_free(struct smi_states *s);
/* SMI_NO_STATE where there is none. */
uint32_t smi_states_find(const struct smi_states *s, uint64_t hash,
			 struct smi_span key);
/* A new one, which is the newest. -ENOMEM. Pointers to others move. */
int smi_states_add(struct smi_states *s, uint64_t hash, struct smi_span key,
		   uint32_t *out);
/* Makes it the newest. */
void smi_states_touch(struct smi_states *s, uint32_t i, int64_t mark);
/* Its parts were freed before. */
void smi_states_remove(struct smi_states *s, uint32_t i);
static inline uint32_t smi_states_oldest(const struct smi_states *s)
{
	return s->oldest ? s->oldest - 1 : SMI_NO_STATE;
}

#endif
