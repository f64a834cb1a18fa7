/* SPDX-License-Identifier: MIT */
#include "process/left-out.h"

#include <stdio.h>
#include <unistd.h>

enum loss {
	HIDEPID,
	REFUSED,
	REFUSED_ROOT,
	CMDLINES,
	FILES,
	THREADS,
	EVIDENCE,
	ALL_SOCKETS,
	NAMESPACES,
	NAMED_SOCKETS,
	LATE,
	UNASKED,
	NO_DEADLINE,
	PACKAGES,
};
static const struct {
	int err;
	const char *text;
} losses[] = {
	[HIDEPID] = { EPERM,
		      "The processes of other users are hidden (/proc is "
		      "mounted with hidepid): root sees them." },
	[REFUSED] = { EACCES, "{count} of {total} processes could not be read "
			      "whole ({errno}): root sees more." },
	[REFUSED_ROOT] = { EACCES, "{count} of {total} processes could not be "
				   "read whole, even by root ({errno})." },
	[CMDLINES] = { E2BIG,
		       "{count} command lines are longer than 2 MiB, or than "
		       "what 16 MiB for all of them left: the rest of them is "
		       "left out." },
	[FILES] = { E2BIG,
		    "{count} processes have more than 16384 open files, or "
		    "than what 1048576 for all of them left: the rest was "
		    "counted and not looked at." },
	[THREADS] = { EPERM,
		      "{count} threads may have descriptors of their own, "
		      "which were not looked at: kcmp(2) is refused, or there "
		      "are too many of them." },
	[EVIDENCE] = { E2BIG,
		       "{count} environments or memory maps are longer than 2 "
		       "MiB or 1 MiB, or than what 64 and 128 MiB for all of "
		       "them left: the checks did not see the rest." },
	[ALL_SOCKETS] = { E2BIG, "{count} sockets beyond the first 262144 were "
				 "not looked at." },
	[NAMESPACES] = { E2BIG,
			 "The sockets of {count} processes are unknown: they "
			 "are in more than 1024 network namespaces." },
	[NAMED_SOCKETS] = { E2BIG,
			    "{count} processes have more than 1024 sockets, or "
			    "than what 262144 for all of them left: the rest "
			    "is not named." },
	[LATE] = { ETIMEDOUT,
		   "{count} of {total} processes were not read "
		   "before the deadline: what is missing is named in "
		   "their rows, and the checks did not see it." },
	[UNASKED] = { ETIMEDOUT,
		      "{count} of {total} processes were not read whole, since "
		      "the others took all the time that the deadline gives "
		      "for all together: what is missing is named in their "
		      "rows, and the checks did not see it." },
	[NO_DEADLINE] = { 0, "No process can be started here that reads what "
			     "may block ({errno}): there is no deadline." },
	[PACKAGES] = { E2BIG,
		       "The package database could not be read whole, or "
		       "has more than 1048576 files: what is in no "
		       "package is not known." },
};

int smi_left_out_tell(const struct smi_snapshot *s, bool hidepid,
		      uint64_t total, unsigned *told, struct smi_out *out)
{
	struct smi_sockets_left_out left = smi_sockets_left_out(s->sockets);
	int unguarded = smi_guard_error(s->dir.guard);
	bool root = geteuid() == 0;
	const uint64_t counts[] = {
		[HIDEPID] = hidepid,
		[REFUSED] = root ? 0 : s->tally.refused,
		[REFUSED_ROOT] = root ? s->tally.refused : 0,
		[CMDLINES] = s->tally.cut,
		[FILES] = s->tally.fds_cut,
		[THREADS] = s->tally.threads,
		[EVIDENCE] = s->tally.evidence_cut,
		[ALL_SOCKETS] = left.sockets,
		[NAMESPACES] = left.namespaces,
		[NAMED_SOCKETS] = s->tally.sockets_cut,
		[LATE] = s->tally.late,
		[UNASKED] = s->tally.unasked,
		[NO_DEADLINE] = unguarded < 0,
		[PACKAGES] = smi_packages_is_cut(s->packages),
	};
	int r = 0;

	for (unsigned i = 0; r == 0 && i < SMI_COUNT(losses); i++) {
		if (counts[i] == 0 || *told >> i & 1)
			continue;
		*told |= 1U << i;
		r = smi_out_notice_count(
			out, i == NO_DEADLINE ? -unguarded : losses[i].err,
			"/proc", losses[i].text, counts[i], total);
	}
	return r;
}
