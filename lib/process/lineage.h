/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_LINEAGE_H
#define SMI_PROCESS_LINEAGE_H

#include "base/arena.h"
#include "process/procdir.h"

/*
 * Which process started which: parents stay known after they have ended, as long as a
 * process lives that descends from them.
 */
struct smi_forebear {
	struct smi_forebear *parent; /* NULL: none, or not known */
	uint32_t refs;	   /* children, and the table while it lives */
	int32_t pid, ppid; /* ppid as it was when it was seen */
	uint64_t start;	   /* clock ticks; 0: not known */
	uint32_t uid;
	bool has_uid;
	uint8_t name_len;
	char name[16]; /* bytes as they are, of a longer one the beginning */
};

struct smi_lineage {
	const struct smi_procdir *dir;
	struct smi_forebear **slots; /* by pid, those that live */
	size_t n, cap;
	size_t kin;	  /* all, those that have ended too */
	uint64_t evicted; /* parents that were forgotten, for their limit */
	struct smi_buf text;
};
/* Generations that are kept, and entries in all: 16 MiB. */
#define SMI_LINEAGE_DEPTH ((size_t)32)
#define SMI_LINEAGE_MAX	  ((size_t)1 << 18)

void smi_lineage_free(struct smi_lineage *l);
/* The process of that number, NULL where it is not known. */
struct smi_forebear *smi_lineage_find(const struct smi_lineage *l, int32_t pid);
/* The same, and where it is not known read from /proc with its ancestors: 1 and *out;
 * 0 where it has gone; -ENOMEM. */
int smi_lineage_get(struct smi_lineage *l, int32_t pid,
		    struct smi_forebear **out);
/* A new process with that number; who had it before has ended. parent may be NULL.
 * -ENOMEM. */
int smi_lineage_add(struct smi_lineage *l, int32_t pid,
		    struct smi_forebear *parent, struct smi_forebear **out);
/* Reads when it began, where it is still there. 0 or -ENOMEM. */
int smi_lineage_read(struct smi_lineage *l, struct smi_forebear *k);
void smi_forebear_rename(struct smi_forebear *k, struct smi_span name);
/* It has ended. */
void smi_lineage_end(struct smi_lineage *l, int32_t pid);
/* "sshd(812)" for each ancestor, the parent first: how many, and the array in the
 * arena, NULL where memory is out or there are none. */
size_t smi_forebear_ancestors(const struct smi_forebear *k, struct smi_arena *a,
			      const char ***out);

#endif
