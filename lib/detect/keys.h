/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_KEYS_H
#define SMI_DETECT_KEYS_H

#include "base/span.h"
#include "detect/pool.h"

/*
 * The keys of all correlations. A key is asleep while its few events can make no
 * finding: they are only listed, the first one within the key. Then it wakes, and
 * has a state in each correlation that counts it.
 */
struct smi_early {
	int64_t time;
	uint32_t hit; /* in the pool of hits, 0: not kept */
	uint32_t value[2], weight;
	uint16_t rule;	    /* its index */
	uint8_t values : 6; /* bits: which there are */
	bool thinned : 1;   /* its hit is not wanted any more */
	bool lasts : 1;	    /* it counts for the longest windows of the group */
	/* Of the first one, what is so of any in the list: it weighs more than 1;
	 * it is older than the one before it; its lasts is another. */
	bool heavy : 1, unsorted : 1, differs : 1;
	/* The one that came before it; of the first the one that came last. Two
	 * that follow one another share a block. */
	uint32_t next;
};
struct smi_key {
	uint64_t hash;
	struct smi_early first;
	uint32_t mark; /* s: when it was touched last */
	uint32_t newer, older;
	uint16_t len;
	uint8_t n; /* events, 0: it is awake */
	char text[];
};
/* Of one that is awake, in first. */
#define SMI_KEY_STATES(key) ((key)->first.next)
#define SMI_KEY_QUEUED(key) ((key)->first.weight)

/* By age; {0} is empty. */
struct smi_key_queue {
	uint32_t newest, oldest;
};

/*
 * The hash is keyed and stands for the key: among 100,000 keys two of 64 bits meet
 * once in a billion runs.
 */
struct smi_keys {
	struct smi_pool *pool;
	uint32_t *slots; /* number in the pool, and bits of the hash above it */
	uint32_t nslots, n;
};

void smi_keys_free(struct smi_keys *k);
/* NULL where there is none. */
struct smi_key *smi_keys_find(const struct smi_keys *k, uint64_t hash);
/* -ENOMEM. It is in no queue and has no event. */
int smi_keys_add(struct smi_keys *k, uint64_t hash, struct smi_span text,
		 struct smi_key **out);
/* It is in no queue any more. */
void smi_keys_remove(struct smi_keys *k, struct smi_key *key);
void smi_keys_push(struct smi_keys *k, struct smi_key_queue *q,
		   struct smi_key *key);
void smi_keys_pull(struct smi_keys *k, struct smi_key_queue *q,
		   struct smi_key *key);
static inline struct smi_span smi_key_span(const struct smi_key *key)
{
	return smi_span_of(key->text, key->len);
}
static inline struct smi_key *smi_keys_at(const struct smi_keys *k,
					  uint32_t number)
{
	return smi_pool_at(k->pool, number);
}

#endif
