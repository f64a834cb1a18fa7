/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_TARGETS_H
#define SMI_PORTSCAN_TARGETS_H

#include "base/ip.h"
#include "base/vec.h"

/*
 * Addresses to scan, as ranges that are walked and never stored one by one. Single
 * addresses come first, with the name they were given by, then the ranges; each
 * address once, without those that are excluded.
 */

/* From first on, last included. An IPv6 range lies in one /64. */
struct smi_range {
	struct smi_ip first;
	uint64_t count;	  /* of addresses; 2^32 at most */
	const char *name; /* as given, for people; NULL: an address was */
};

struct smi_targets {
	SMI_VEC(struct smi_range) items;
	SMI_VEC(struct smi_range) exclude;
	SMI_VEC(char *) names; /* that the items show, or that wait for it */
	/* The walk, once smi_targets_begin() was called. */
	size_t nsingle, item;
	uint64_t offset;
};

/* Ranges and names that one set may hold. */
#define SMI_TARGETS_MAX 1000000

void smi_targets_free(struct smi_targets *t);

/*
 * "10.0.0.1", "10.0.0.0/24", "10.0.0.1-20", "10.0.0.1-10.0.1.20", "fe80::1%eth0",
 * "2001:db8::/120". 1: it is one of these. 0: it may be a name. -EINVAL, -ENODEV
 * and -E2BIG, with the reason in *why.
 */
int smi_range_parse(struct smi_span text, struct smi_range *out,
		    const char **why);
/* Could be the name of a host (RFC 1123, with underscores). */
bool smi_host_name_valid(struct smi_span text);

/* false when memory is out. */
bool smi_targets_add(struct smi_targets *t,
		     const struct smi_range *r) SMI_CHECKED;
bool smi_targets_add_exclude(struct smi_targets *t,
			     const struct smi_range *r) SMI_CHECKED;
/* A copy that lives as long as t; NULL when memory is out. */
const char *smi_targets_name(struct smi_targets *t, struct smi_span name);

/* Puts the ranges in order; nothing is added afterwards. */
int smi_targets_begin(struct smi_targets *t);
/* The next address and the name it was given by (or NULL); false at the end. */
bool smi_targets_next(struct smi_targets *t, struct smi_ip *ip,
		      const char **name);
/* How many there are; leaves the walk at its beginning. */
uint64_t smi_targets_count(struct smi_targets *t);

#endif
