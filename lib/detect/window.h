/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_WINDOW_H
#define SMI_DETECT_WINDOW_H

#include "detect/hit.h"

/*
 * The events of one key within the last span, by time, and how often each value
 * of a field is among them. {0} is empty.
 */
struct smi_wentry {
	int64_t time;
	uint32_t weight, value;
	struct smi_hit *hit; /* NULL: not kept */
};
struct smi_wvalue {
	int64_t seen;
	uint32_t value;
	bool excepted;
	uint64_t weight;
};
struct smi_window {
	struct smi_wentry *e; /* e[head] is the oldest */
	uint32_t head, n, cap;
	uint32_t nv, capv;
	uint32_t distinct; /* values that count */
	uint64_t weight;
	uint64_t flagged; /* of it */
	struct smi_wvalue *v;
};

/* What is the same for all windows of a correlation. */
struct smi_wconf {
	int64_t span;
	uint64_t max_per_value; /* 0: no such limit */
	uint32_t max_entries;
	bool values; /* keep count of them */
	bool flags;  /* a value is 1 or 0, and those of 1 are summed up */
	struct smi_pool *pool;
	uint64_t *cut; /* counts entries that were left out for max_entries */
};

void smi_window_free(struct smi_window *w, const struct smi_wconf *c);
/* Drops what is older than now - span. */
void smi_window_prune(struct smi_window *w, const struct smi_wconf *c,
		      int64_t now);
/* Drops the oldest while at least need is left. */
void smi_window_trim(struct smi_window *w, const struct smi_wconf *c,
		     uint64_t need);
/* Takes a reference of hit. -ENOMEM. */
int smi_window_add(struct smi_window *w, const struct smi_wconf *c,
		   struct smi_wentry entry);
/* A value does not count from now on. -ENOMEM. */
int smi_window_except(struct smi_window *w, const struct smi_wconf *c,
		      uint32_t value, int64_t now);
/* Of one that has entries but no values: those it had, in this order, in room for
 * cap. false where there cannot be so many, or memory is out. */
bool smi_window_set_values(struct smi_window *w, const struct smi_wconf *c,
			   uint32_t cap);
void smi_window_put_value(struct smi_window *w, const struct smi_wconf *c,
			  struct smi_wvalue v);
/* The entries are of at least so many slots of time. */
bool smi_window_has_slots(const struct smi_window *w, int64_t slot,
			  uint64_t want);
/* The entry's value counts. */
bool smi_window_counts(const struct smi_window *w, const struct smi_wconf *c,
		       const struct smi_wentry *e);

#endif
