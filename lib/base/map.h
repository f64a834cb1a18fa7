/* SPDX-License-Identifier: MIT */
#ifndef SMI_BASE_MAP_H
#define SMI_BASE_MAP_H

#include "base/siphash.h"
#include "base/span.h"

/*
 * Byte strings to pointers, hashed with a random key: keys may be hostile. The
 * keys are copied in; the values are the caller's.
 */
struct smi_map_entry {
	uint64_t hash;
	struct smi_span key;
	void *value;
};
struct smi_map {
	struct smi_map_entry *slots; /* key.p NULL: free */
	size_t n, cap;
	struct smi_siphash_key sip;
};

/* {0} is an empty map. */
void smi_map_free(struct smi_map *m);
/* The value, or NULL. */
void *smi_map_get(const struct smi_map *m, struct smi_span key);
/* Adds or replaces; value is not NULL. false when memory is out. */
bool smi_map_put(struct smi_map *m, struct smi_span key,
		 void *value) SMI_CHECKED;
/* Takes it out and gives its value, or NULL. */
void *smi_map_remove(struct smi_map *m, struct smi_span key);
/* Walks in no order: i from 0; false at the end. Not while it changes. */
bool smi_map_next(const struct smi_map *m, size_t *i,
		  struct smi_map_entry *out);

#endif
