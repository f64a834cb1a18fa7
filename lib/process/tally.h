/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_TALLY_H
#define SMI_PROCESS_TALLY_H

#include "base/base.h"

/* Of the sockets that all processes of a list name. */
#define SMI_SOCKETS_NAMED_MAX ((size_t)1 << 18)

/* What of a list was left out, and what rows took of limits that all share. */
struct smi_tally {
	uint64_t refused; /* processes of which something was refused */
	uint64_t late;	  /* that were not read before the deadline */
	uint64_t unasked; /* that were not asked, since others were late */
	uint64_t cut;	  /* command lines over their limit */
	size_t cmdlines;  /* bytes of them */
	uint64_t
		threads; /* whose descriptors are not known to be the process's */
	uint64_t fds_cut;      /* processes with descriptors over the limit */
	size_t links;	       /* of descriptors that were read */
	size_t sockets;	       /* that were named */
	uint64_t sockets_cut;  /* processes with more of them */
	uint64_t evidence_cut; /* environments and maps over their limits */
	size_t environs, maps; /* bytes of them */
};

/* As if others had taken nearly all: what is left is a share for one part of a
 * list. */
void smi_tally_share(struct smi_tally *t);
/* What came since; false where something was left out. */
bool smi_tally_since(const struct smi_tally *t, const struct smi_tally *before,
		     struct smi_tally *out);
/* Adds; false, and nothing is added, where that is more than a limit allows. */
bool smi_tally_add(struct smi_tally *t, const struct smi_tally *more);

#endif
