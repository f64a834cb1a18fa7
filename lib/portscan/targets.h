/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_TARGETS_H
#define SMI_PORTSCAN_TARGETS_H

#include "base/vec.h"
#include "portscan/block.h"
#include "portscan/perm.h"

/*
 * Addresses to scan, as ranges that are walked and never stored one by one. Each
 * address comes once, without those that are excluded, and with its name when it
 * was given by one.
 */

/* From first on, last included. An IPv6 range lies in one /64. */
struct smi_range {
	struct smi_ip first;
	uint64_t count;	  /* of addresses; 2^32 at most */
	const char *name; /* as given, for people; NULL: an address was */
};

/* A range, or a part of one, that is to be walked. */
struct smi_stretch {
	struct smi_ip first;
	uint64_t start; /* how many addresses come before */
	const char *name;
};

struct smi_targets {
	SMI_VEC(struct smi_range) items;
	SMI_VEC(struct smi_block) exclude;
	SMI_VEC(char *) names; /* that the items show, or that wait for it */
	/* The walk, once smi_targets_begin() was called. */
	SMI_VEC(struct smi_stretch) stretches;
	uint64_t count, walked;
	uint64_t stride; /* 0: 1 */
	bool shuffled;
	struct smi_perm order;
};

/* Ranges and names that one set may hold. */
#define SMI_TARGETS_MAX 1000000

void smi_targets_free(struct smi_targets *t);

/* As smi_block_parse() with limits: -E2BIG too, and the addresses of one link need
 * their zone. */
int smi_range_parse(struct smi_span text, struct smi_range *out,
		    const char **why);

/* false when memory is out. */
bool smi_targets_add(struct smi_targets *t,
		     const struct smi_range *r) SMI_CHECKED;
bool smi_targets_add_exclude(struct smi_targets *t,
			     const struct smi_block *b) SMI_CHECKED;
/* A copy that lives as long as t; NULL when memory is out. */
const char *smi_targets_name(struct smi_targets *t, struct smi_span name);

/* Puts the ranges in order, without what is excluded, and counts; nothing is added
 * afterwards. -ENOMEM. */
int smi_targets_begin(struct smi_targets *t);
/* Then: the walk goes by the key, not in order. */
void smi_targets_shuffle(struct smi_targets *t,
			 const struct smi_siphash_key *key);
/* The same in two parts: the number of the next one, and its address by that. */
bool smi_targets_step(struct smi_targets *t, uint64_t *number);
void smi_targets_at(const struct smi_targets *t, uint64_t number,
		    struct smi_ip *ip, const char **name);
/* The next address and the name it was given by (or NULL); false at the end. */
bool smi_targets_next(struct smi_targets *t, struct smi_ip *ip,
		      const char **name);

#endif
