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

enum smi_not_whole smi_tally_process(struct smi_tally *t,
				     enum smi_not_whole before,
				     enum smi_not_whole now)
{
	if (now <= before)
		return before;
	if (before != SMI_WHOLE)
		t->not_whole[before]--;
	t->not_whole[now]++;
	return now;
}

static void add_counts(struct smi_tally *t, const struct smi_tally *more)
{
	t->threads += more->threads;
	for (unsigned i = 0; i < SMI_NOT_WHOLE_KINDS; i++)
		t->not_whole[i] += more->not_whole[i];
}

size_t smi_tally_room(size_t taken, size_t all, size_t most, size_t least)
{
	return SMI_MAX(SMI_MIN(all - SMI_MIN(taken, all), most), least);
}

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
	*out = (struct smi_tally){ .threads = t->threads - before->threads };
	for (unsigned i = 0; i < SMI_NOT_WHOLE_KINDS; i++)
		out->not_whole[i] = t->not_whole[i] - before->not_whole[i];
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
	add_counts(t, more);
	return true;
}

void smi_tally_add_losses(struct smi_tally *t, const struct smi_tally *more)
{
	add_counts(t, more);
	t->cut += more->cut;
	t->fds_cut += more->fds_cut;
	t->sockets_cut += more->sockets_cut;
	if (t->evidence_cut == 0)
		t->evidence_of = more->evidence_of;
	t->evidence_cut += more->evidence_cut;
}
