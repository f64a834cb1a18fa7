/* SPDX-License-Identifier: MIT */
#include "process/left-out.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum loss {
	HIDEPID,
	NO_DEADLINE,
	PACKAGES,
	/* What is counted: */
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
};
#define MIB(bytes)   ((bytes) >> 20)
#define LIMITS_TOLD  4
#define COUNTED_FROM REFUSED
static const struct {
	int err;
	const char *text;
	size_t limits[LIMITS_TOLD]; /* {a}, {b}, {c}, {d} */
} losses[] = {
	[HIDEPID] = { EPERM,
		      "The processes of other users are hidden (/proc is "
		      "mounted with hidepid): root sees them." },
	[NO_DEADLINE] = { 0, "No process can be started here that reads what "
			     "may block ({errno}): there is no deadline." },
	[PACKAGES] = { E2BIG,
		       "The package database could not be read whole, or "
		       "has more than {a} files: what is in no "
		       "package is not known.",
		       { SMI_PACKAGE_FILES_MAX } },
	[REFUSED] = { EACCES, "{count} of {total} processes could not be read "
			      "whole ({errno}): root sees more." },
	[REFUSED_ROOT] = { EACCES, "{count} of {total} processes could not be "
				   "read whole, even by root ({errno})." },
	[CMDLINES] = { E2BIG,
		       "{count} command lines are longer than {a} MiB, or than "
		       "what {b} MiB for all of them left: the rest of them is "
		       "left out.",
		       { MIB(SMI_CMDLINE_MAX), MIB(SMI_CMDLINES_MAX) } },
	[FILES] = { E2BIG,
		    "{count} processes have more than {a} open files, or "
		    "than what {b} for all of them left: the rest was "
		    "counted and not looked at.",
		    { SMI_FDS_MAX, SMI_FDS_ALL_MAX } },
	[THREADS] = { EPERM,
		      "{count} threads may have descriptors of their own, "
		      "which were not looked at: kcmp(2) is refused, or there "
		      "are too many of them." },
	[EVIDENCE] = { E2BIG,
		       "{count} environments or memory maps, the first of "
		       "them of process {pid}, are longer than "
		       "{a} MiB or {b} MiB, or than what {c} and {d} MiB for "
		       "all of them left: the checks did not see the rest.",
		       { MIB(SMI_ENVIRON_MAX), MIB(SMI_MAPS_MAX),
			 MIB(SMI_ENVIRONS_MAX), MIB(SMI_ALL_MAPS_MAX) } },
	[ALL_SOCKETS] = { E2BIG,
			  "{count} sockets beyond the first {a} were "
			  "not looked at.",
			  { SMI_SOCKETS_MAX } },
	[NAMESPACES] = { E2BIG,
			 "The sockets of {count} processes are unknown: they "
			 "are in more than {a} network namespaces.",
			 { SMI_NAMESPACES_MAX } },
	[NAMED_SOCKETS] = { E2BIG,
			    "{count} processes have more than {a} sockets, or "
			    "than what {b} for all of them left: the rest "
			    "is not named.",
			    { SMI_SOCKETS_OF_ONE_MAX, SMI_SOCKETS_NAMED_MAX } },
	[LATE] = { ETIMEDOUT,
		   "{count} of {total} processes were not read "
		   "before the deadline: what is missing is named in "
		   "their rows, and the checks did not see it." },
	[UNASKED] = { ETIMEDOUT,
		      "{count} of {total} processes were not read whole, since "
		      "the others took all the time that the deadline gives "
		      "for all together: what is missing is named in their "
		      "rows, and the checks did not see it." },
};

void smi_left_out_add(struct smi_left_out *l, const struct smi_snapshot *s)
{
	struct smi_sockets_left_out more = smi_sockets_left_out(s->sockets);

	smi_tally_add_losses(&l->tally, &s->tally);
	l->sockets.sockets += more.sockets;
	l->sockets.namespaces += more.namespaces;
}

bool smi_left_out_any(const struct smi_left_out *l)
{
	const struct smi_tally *t = &l->tally;

	for (unsigned i = 0; i < SMI_NOT_WHOLE_KINDS; i++)
		if (t->not_whole[i] > 0)
			return true;
	return t->cut > 0 || t->threads > 0 || t->fds_cut > 0 ||
	       t->sockets_cut > 0 || t->evidence_cut > 0 ||
	       l->sockets.sockets > 0 || l->sockets.namespaces > 0;
}

/* values: how many, of how many, and the first process that counts. */
static int tell_one(enum loss loss, int err, const uint64_t values[3],
		    struct smi_out *out)
{
	static const char *const names[] = { "count", "total", "pid", "a",
					     "b",     "c",     "d" };
	const char *args[2 * SMI_COUNT(names)];
	char text[SMI_COUNT(names)][24];

	for (size_t i = 0; i < SMI_COUNT(names); i++) {
		snprintf(text[i], sizeof(text[i]), "%" PRIu64,
			 i < 3 ? values[i]
			       : (uint64_t)losses[loss].limits[i - 3]);
		args[2 * i] = names[i];
		args[2 * i + 1] = text[i];
	}
	return smi_out_notice(out, err, "/proc", losses[loss].text, args,
			      SMI_COUNT(args));
}

int smi_left_out_tell(struct smi_left_out *l, const struct smi_snapshot *s,
		      bool hidepid, uint64_t total, struct smi_out *out)
{
	int unguarded = smi_guard_error(s->dir.guard);
	bool root = geteuid() == 0;
	const uint64_t *not_whole = l->tally.not_whole;
	const uint64_t counts[] = {
		[HIDEPID] = hidepid,
		[NO_DEADLINE] = unguarded < 0,
		[PACKAGES] = smi_packages_is_cut(s->packages),
		[REFUSED] = root ? 0 : not_whole[SMI_REFUSED],
		[REFUSED_ROOT] = root ? not_whole[SMI_REFUSED] : 0,
		[CMDLINES] = l->tally.cut,
		[FILES] = l->tally.fds_cut,
		[THREADS] = l->tally.threads,
		[EVIDENCE] = l->tally.evidence_cut,
		[ALL_SOCKETS] = l->sockets.sockets,
		[NAMESPACES] = l->sockets.namespaces,
		[NAMED_SOCKETS] = l->tally.sockets_cut,
		[LATE] = not_whole[SMI_LATE],
		[UNASKED] = not_whole[SMI_UNASKED],
	};
	int r = 0;

	for (unsigned i = 0; r == 0 && i < SMI_COUNT(losses); i++) {
		const uint64_t values[] = { counts[i], total,
					    (uint64_t)l->tally.evidence_of };

		if (counts[i] == 0 || l->told >> i & 1)
			continue;
		l->told |= 1U << i;
		r = tell_one(i, i == NO_DEADLINE ? -unguarded : losses[i].err,
			     values, out);
	}
	*l = (struct smi_left_out){ .told = l->told };
	return r;
}

void smi_left_out_again(struct smi_left_out *l)
{
	l->told &= (1U << COUNTED_FROM) - 1;
}
