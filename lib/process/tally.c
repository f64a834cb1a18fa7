/* SPDX-License-Identifier: MIT */
#include "process/tally.h"

#include "process/fds.h"
#include "process/procdir.h"

/* The limits, and for how many parts of a list each is enough. */
#define LIMITS(X)                                                              \
	X(cmdlines, SMI_CMDLINES_MAX)                                          \
	X(links, SMI_FDS_ALL_MAX)                                              \
	X(sockets, SMI_SOCKETS_NAMED_MAX)                                      \
	X(environs, SMI_ENVIRONS_MAX)                                          \
	X(maps, SMI_ALL_MAPS_MAX)
#define SHARES 16

void smi_tally_share(struct smi_tally *t)
{
	*t = (struct smi_tally){ 0 };
#define X(what, max) t->what = (max) - (max) / SHARES;
	LIMITS(X)
#undef X
}

bool smi_tally_since(const struct smi_tally *t, const struct smi_tally *before,
		     struct smi_tally *out)
{
	*out = (struct smi_tally){
		.refused = t->refused - before->refused,
		.late = t->late - before->late,
		.unasked = t->unasked - before->unasked,
		.threads = t->threads - before->threads,
	};
#define X(what, max) out->what = t->what - before->what;
	LIMITS(X)
#undef X
	return t->cut == before->cut && t->fds_cut == before->fds_cut &&
	       t->sockets_cut == before->sockets_cut &&
	       t->evidence_cut == before->evidence_cut;
}

bool smi_tally_add(struct smi_tally *t, const struct smi_tally *more)
{
#define X(what, max)                                                           \
	if (t->what + more->what > (max))                                      \
		return false;
	LIMITS(X)
#undef X
#define X(what, max) t->what += more->what;
	LIMITS(X)
#undef X
	t->refused += more->refused;
	t->late += more->late;
	t->unasked += more->unasked;
	t->threads += more->threads;
	return true;
}
