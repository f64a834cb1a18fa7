/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_MAPS_H
#define SMI_PROCESS_MAPS_H

#include "base/span.h"
#include "record/kinds.h"

/* A line of /proc/PID/maps, proc_pid_maps(5). */
struct smi_mapping {
	uint64_t start, end;
	bool write, exec;
	struct smi_span rights; /* "r-xp", in the text */
	struct smi_span path;	/* or "[stack]", "" */
};

/* What of a process's memory can be run and is no library or program as it lies on
 * disk: the first of each kind, without rights where there is none. */
struct smi_maps {
	struct smi_mapping kinds[SMI_MAP_NKINDS];
	uint64_t anonymous; /* bytes that can be written and run */
	/* Libraries are mapped that make machine code by design: much of it, or a
	 * few pages. */
	bool jit, small_jit;
	/* Something can be run, which is so once a program has been made ready. */
	bool code;
	/* The file of the program is mapped to be run; is mapped at all. */
	bool exe_runs, exe_lies;
};
/* exe is the path of the program itself, which is passed over, and inode its number; 0:
 * not known. */
void smi_maps_read(struct smi_span text, struct smi_span exe, uint64_t inode,
		   struct smi_maps *out);

#endif
