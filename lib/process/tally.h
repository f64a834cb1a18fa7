/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_TALLY_H
#define SMI_PROCESS_TALLY_H

#include "base/base.h"

/* How many sockets of one process are named, and of all together; once these are
 * named, the first few of each are. */
#define SMI_SOCKETS_OF_ONE_MAX ((size_t)1024)
#define SMI_SOCKETS_OF_ONE_MIN ((size_t)16)
#define SMI_SOCKETS_NAMED_MAX  ((size_t)1 << 18)

/* Why a process was not read whole. It counts once, by the last of these. */
enum smi_not_whole {
	SMI_WHOLE,
	SMI_REFUSED, /* something of it was */
	SMI_UNASKED, /* others were late, and it was not asked */
	SMI_LATE,    /* it was not read before the deadline */
	SMI_NOT_WHOLE_KINDS
};

/* What of a list was left out, and what rows took of limits that all share. */
struct smi_tally {
	uint64_t not_whole[SMI_NOT_WHOLE_KINDS]; /* processes */
	uint64_t
		threads; /* whose descriptors are not known to be the process's */
	uint64_t cut;	 /* command lines over their limit */
	size_t cmdlines;       /* bytes of them */
	uint64_t fds_cut;      /* processes with descriptors over the limit */
	size_t links;	       /* of descriptors that were read */
	size_t sockets;	       /* that were named */
	uint64_t sockets_cut;  /* processes with more of them */
	int32_t evidence_of;   /* the first process with one of: */
	uint64_t evidence_cut; /* environments and maps over their limits */
	size_t environs, maps; /* bytes of them */
};

/* A process that has counted as one of these before, SMI_WHOLE where not. Gives what it
 * counts as now. */
enum smi_not_whole smi_tally_process(struct smi_tally *t,
				     enum smi_not_whole before,
				     enum smi_not_whole now);
/* How much of a kind one process may take, where all may take so much together and have
 * taken some: at most, and at least. */
size_t smi_tally_room(size_t taken, size_t all, size_t most, size_t least);
/* As if others had taken nearly all: what is left is a share for one part of a
 * list. */
void smi_tally_share(struct smi_tally *t);
/* What came since; false where something was left out. */
bool smi_tally_since(const struct smi_tally *t, const struct smi_tally *before,
		     struct smi_tally *out);
/* Adds; false, and nothing is added, where that is more than a limit allows. */
bool smi_tally_add(struct smi_tally *t, const struct smi_tally *more);
/* Adds what was left out, whatever was taken. */
void smi_tally_add_losses(struct smi_tally *t, const struct smi_tally *more);

#endif
