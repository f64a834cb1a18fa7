/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_SNAPSHOT_H
#define SMI_PROCESS_SNAPSHOT_H

#include "base/users.h"
#include "process/cputime.h"
#include "process/evidence.h"
#include "process/guard.h"
#include "process/memo.h"
#include "process/packages.h"
#include "process/relays.h"
#include "process/reuse.h"
#include "process/sockets.h"
#include "process/tally.h"
#include "record/build.h"

/* Where a field comes from. */
enum smi_proc_files {
	SMI_FROM_STAT = 1 << 0,
	SMI_FROM_STATUS = 1 << 1,
	SMI_FROM_EITHER = 1 << 2, /* what is read anyway, else stat */
	SMI_FROM_CMDLINE = 1 << 3,
	SMI_FROM_EXE = 1 << 4,
	SMI_FROM_EXE_FILE = 1 << 5, /* the program's inode */
	SMI_FROM_EXE_DIR = 1 << 6,
	SMI_FROM_CGROUP = 1 << 7,
	SMI_FROM_CPU = 1 << 8, /* its clock, or stat */
	/* What is parsed of these files only when it is wanted. */
	SMI_FROM_MORE_STAT = 1 << 9,
	SMI_FROM_MORE_STATUS = 1 << 10,
	SMI_FROM_FD_COUNT = 1 << 11,
	SMI_FROM_FDS = 1 << 12, /* where each descriptor leads to */
	SMI_FROM_LIMITS = 1 << 13,
	SMI_FROM_SOCKETS = 1 << 14, /* of its network namespace */
	SMI_FROM_IO = 1 << 15,
	SMI_FROM_SMAPS = 1 << 16, /* the sums of it */
	SMI_FROM_CWD = 1 << 17,
	SMI_FROM_ROOT = 1 << 18,
	SMI_FROM_NAMESPACES = 1 << 19,
	SMI_FROM_OOM_SCORE = 1 << 20,
	SMI_FROM_LOGIN = 1 << 21,
	SMI_FROM_PRESSURE = 1 << 22, /* oom_score, of few */
	SMI_FROM_RELAY = 1 << 23,
	SMI_FROM_PARENT = 1 << 24,
	SMI_FROM_TRACER = 1 << 25,
	SMI_FROM_ENVIRON = 1 << 26,
	SMI_FROM_MAPS = 1 << 27,
	SMI_FROM_SPACES = 1 << 28,
	SMI_FROM_POWERS = 1 << 29, /* of status: capabilities and tracer */
	SMI_FROM_PACKAGE = 1 << 30,
};

/*
 * Takes one process after the other. The caller sets the directory, the fields and
 * what follows them, then calls smi_snapshot_prepare(). Each thread has a copy, with
 * room of its own.
 */
struct smi_snapshot {
	const sm_ctx *ctx;
	struct smi_procdir dir;
	bool is_copy;
	struct smi_fieldset chosen; /* asked for: they are named when refused */
	struct smi_fieldset fields; /* made: also what checks and order need */
	struct smi_fieldset late;   /* chosen, and made of few processes */
	const char *user; /* only processes of this real user; NULL: all */
	bool bystanders;  /* the others too, and marked */

	bool watch; /* lists are made again and again */
	bool rates; /* of input and output, from two looks */

	/* room */
	unsigned files;
	uint32_t uid;
	const struct smi_procs *procs; /* NULL: files only */
	struct smi_kernel kernel;
	struct smi_users *users;
	struct smi_buf status, stat, text, link, maps;
	struct smi_setting *setting; /* of the first, for all copies */
	struct smi_kin_room *kin;
	struct smi_memo memo;
	struct smi_reuse reuse; /* since the list */
	struct smi_pids tids;
	struct smi_fds fds;
	struct smi_sockets *sockets; /* of all copies */
	struct smi_relays *relays;   /* likewise */
	struct smi_packages *packages;
	smi_socket_list held;

	struct smi_tally tally;
};

/* Reads what all processes share. 0, or a negative errno with its sentence. */
int smi_snapshot_prepare(struct smi_snapshot *s, sm_ctx *ctx);
/* Another that takes the same from the same directory, as long as of lives. 0 or
 * -ENOMEM; it is to be freed either way. */
int smi_snapshot_copy(const struct smi_snapshot *of, struct smi_snapshot *out);
void smi_snapshot_free(struct smi_snapshot *s);

/* 1 and a record in the arena; 0 when the process has gone or is not wanted; or a
 * negative errno without a sentence: memory or descriptors are out. before may be
 * NULL. */
int smi_snapshot_take(struct smi_snapshot *s, struct smi_arena *a, int32_t pid,
		      const struct smi_cpu_look *before, sm_record **out);
/* For a process at a later time: sockets and relays are read anew, and the shared
 * limits begin anew. No copy is in use. */
void smi_snapshot_forget(struct smi_snapshot *s);
/* The same for a look at all, and whatever else is read once for all processes, but
 * the names of users. 0 or -ENOMEM. */
int smi_snapshot_renew(struct smi_snapshot *s);
/* Puts those of the made fields that cost much, and that nothing in needed has to
 * have of every process, off until smi_snapshot_add_late(). Before it is prepared. */
void smi_snapshot_defer(struct smi_snapshot *s,
			const struct smi_fieldset *needed);
/* Makes them, in the arena, unless the process has gone. As smi_snapshot_take(). */
int smi_snapshot_add_late(struct smi_snapshot *s, struct smi_arena *a,
			  sm_record *rec);
/* A record of a process of which nothing can be read; start in ticks, 0: not known.
 * NULL when memory is out. */
sm_record *smi_snapshot_bare(struct smi_snapshot *s, struct smi_arena *a,
			     int32_t pid, uint64_t start);
/* The arguments of a record, as cmdline has them. */
void smi_snapshot_set_args(struct smi_snapshot *s, struct smi_arena *a,
			   sm_record *rec, struct smi_span cmdline);
/* The first of two looks: 1, 0 or a negative errno as above. */
int smi_snapshot_look(struct smi_snapshot *s, int32_t pid,
		      struct smi_cpu_look *out);

/* Whether that number is a process, and not a thread of one: 1, 0, or a negative
 * errno. */
int smi_snapshot_is_process(struct smi_snapshot *s, int32_t pid);

#endif
