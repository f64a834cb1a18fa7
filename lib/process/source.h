/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_SOURCE_H
#define SMI_PROCESS_SOURCE_H

#include "process/backend.h"
#include "process/crew.h"
#include "process/crossview.h"
#include "process/follow.h"
#include "process/snapshot.h"

/* The source that lists processes: what it is to do, and how far it is. */
enum smi_phase {
	SWEEP, /* for hidden processes */
	LOOK,  /* the first of two looks */
	PAUSE, /* between them */
	LIST,
	READ,
	EMIT, /* what was kept to be sorted */
	TELL, /* what was left out */
	FOLLOW,
};

struct smi_proc_source {
	sm_ctx *ctx;
	char *user;
	struct smi_filter *filter;
	int32_t pid;
	int64_t interval; /* ns; 0: one look */
	int64_t watch;	  /* ns between lists; 0: one list */
	int64_t patience; /* ns for a process to be read; 0: no end */
	int sort;
	uint32_t top, shown;
	bool checks;
	int hidden;

	int backend;
	size_t threads;
	struct smi_crew *crew; /* while it reads */
	struct smi_snapshot snap;
	struct smi_procs procs;
	struct smi_pids pids;
	struct smi_cpu_looks looks;
	struct smi_cpu_looks fresh; /* for the next list */
	struct smi_crossview cross;
	bool follows;
	struct smi_proc_follow follow;
	enum smi_phase phase;
	size_t next; /* of pids, or of kept */
	int64_t deadline;
	int64_t swept; /* when hidden processes were looked for */
	int64_t round; /* when this list was due; 0 before the first */
	struct smi_left_out left_out;
	unsigned cross_told; /* smi_crossview_tell() */
	const char *named;   /* the backend that was told of */
	bool hidepid;	     /* other users' processes are not even listed */

	SMI_VEC(sm_record *) kept;
	struct smi_arena arena; /* of kept */
};

/* smi_source_ops */
int smi_source_start(void *source, struct smi_out *out);
void smi_source_free(void *source);

/* Mounts, and processes that are hidden. 0 or -ENOMEM with its sentence. */
int smi_source_crossview(struct smi_proc_source *s);
/* Only one process is read: nobody has to see the others. */
static inline bool smi_source_is_one(const struct smi_proc_source *s)
{
	return s->pid > 0 && !s->snap.bystanders;
}
/* The sentence of a list that failed, of a row. Give r. */
int smi_source_fail(const struct smi_proc_source *s, int r);
int smi_source_fail_row(const struct smi_proc_source *s, int32_t pid, int r);

#endif
