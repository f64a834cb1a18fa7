/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_MEMO_H
#define SMI_PROCESS_MEMO_H

#include <sys/stat.h>

#include "base/arena.h"
#include "base/map.h"

/*
 * What was read of one process and holds for others that have the same: their program,
 * their control groups. Of one look, since names and rights change.
 */
struct smi_memo {
	struct smi_map exes, cgroups;
	struct smi_arena arena;
};

/* By what the kernel calls it; where a backend tells that. */
struct smi_likeness {
	/* The program and the root directory, an entry and a mount each; 0: not
	 * known. */
	uint64_t exe[4];
	/* What /proc/PID/exe is to be found as, to be sure that it is the same yet. */
	dev_t exe_dev;
	uint64_t exe_inode;
	uint64_t cgroups; /* 0: not known */
};

struct smi_memo_exe {
	struct smi_span link; /* of /proc/PID/exe */
	struct stat file, dir;
	bool has_dir; /* its directory was found */
};

void smi_memo_free(struct smi_memo *m);
void smi_memo_forget(struct smi_memo *m);

/* NULL: to be read. */
const struct smi_memo_exe *smi_memo_exe(const struct smi_memo *m,
					const struct smi_likeness *like);
/* Copied, unless it is another than was seen. 0 or -ENOMEM. */
int smi_memo_keep_exe(struct smi_memo *m, const struct smi_likeness *like,
		      const struct smi_memo_exe *exe);

/* The path; false: to be read. */
bool smi_memo_cgroup(const struct smi_memo *m, const struct smi_likeness *like,
		     struct smi_span *path);
/* Copied. It holds once two processes have the same: one alone may have been moved
 * since it was seen. 0 or -ENOMEM. */
int smi_memo_keep_cgroup(struct smi_memo *m, const struct smi_likeness *like,
			 struct smi_span path);

#endif
