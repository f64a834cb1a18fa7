/* SPDX-License-Identifier: MIT */
#ifndef SMI_PROCESS_ROW_H
#define SMI_PROCESS_ROW_H

#include <sys/stat.h>

#include "process/procfs.h"
#include "process/snapshot.h"

/* One process while it is read. */
struct smi_row {
	struct smi_snapshot *s;
	struct smi_arena *a;
	sm_record *rec;
	int32_t pid;
	int32_t tid; /* where to read: another thread when the first has ended */
	struct smi_stat stat;
	struct smi_status status;
	bool has_stat, has_status;
	/* What the backend told besides: */
	bool has_cpu, has_args, has_env, has_plain_fds;
	struct smi_cpu_look cpu;
	struct smi_span args;	  /* as in cmdline */
	struct smi_span env;	  /* of environ, what may be told */
	struct smi_likeness like; /* of the process's first thread */
	unsigned fds; /* how many, where none is a socket or io_uring */
	bool has_exe_file;
	struct stat exe_file;
	unsigned refused, cut; /* files */
	int64_t since;	       /* what is known of it, monotonic */
	bool late;	       /* past the deadline, or has been */
	bool unasked;	       /* others have been */
};

static inline bool smi_row_wants(const struct smi_row *row, unsigned field)
{
	return smi_fieldset_has(&row->s->fields, field);
}

static inline char smi_row_state(const struct smi_row *row)
{
	return row->has_stat ? row->stat.state : row->status.state;
}

static inline uint64_t smi_row_threads(const struct smi_row *row)
{
	return row->has_stat ? row->stat.threads : row->status.threads;
}

static inline bool smi_has_ended(char state)
{
	return state == 'Z' || state == 'X' || state == 'x';
}

/* A kernel thread has none, and what has ended. */
bool smi_row_has_program(const struct smi_row *row);

/* The files that fields are read from, SMI_FROM_*; those of the fields that come from
 * one of the files. */
unsigned smi_files_of(const struct smi_fieldset *fields);
struct smi_fieldset smi_fields_from(const struct smi_fieldset *fields,
				    unsigned files);
/* Names the fields of files that were refused or cut. */
void smi_row_set_unreadable(struct smi_row *row);

/*
 * What a failed read means: 0 is nothing, and the file counts as refused where it
 * is there at all; -ESRCH that the process has gone; all else ends the list. Rows
 * are made by threads, too: the sentence of an error is their owner's.
 */
int smi_row_failure(struct smi_row *row, unsigned file, int r);

/* As smi_procdir_read_as(), within the deadline: what waits for the process's memory. */
int smi_row_read(struct smi_row *row, const char *name, enum smi_shape shape,
		 size_t max, struct smi_buf *b);

/* One file, parsed. 0, -ESRCH, or a negative errno that ends the list. */
int smi_row_stat(struct smi_row *row);
int smi_row_status(struct smi_row *row);
/* Whose it is and whether it lives: 1, 0 where nobody wants it, or as above. */
int smi_row_basics(struct smi_row *row, bool *bystander);

/* What the process runs: arguments; program, its inode and directory. 0, -ESRCH, or
 * a negative errno that ends the list. */
int smi_row_cmdline(struct smi_row *row);
int smi_row_exe(struct smi_row *row);
/* Whether that program is what its memory was made of; its package. */
struct smi_maps;
void smi_row_exe_mapped(struct smi_row *row, const struct smi_maps *m);
int smi_row_package(struct smi_row *row);

/* Its control groups, and what their names tell. As above. */
int smi_row_cgroup(struct smi_row *row);

/* What other files of the process tell, each where it is wanted. 0, -ESRCH, or a
 * negative errno that ends the list. */
int smi_row_files(struct smi_row *row);
/* The file of that path as the process sees it, through links: 0 or a negative errno.
 * Uses s->text. */
int smi_row_path_stat(struct smi_row *row, struct smi_span path,
		      struct stat *st);

/* What only checks ask for. As above. */
int smi_row_evidence(struct smi_row *row, bool has_program);
int smi_row_parent(struct smi_row *row);
int smi_row_tracer(struct smi_row *row);
/* Of shells and interpreters. */
int smi_row_relay(struct smi_row *row);

/* The sockets behind its descriptors, which smi_row_files() has read. */
int smi_row_sockets(struct smi_row *row);

/* What stat and status tell besides. */
void smi_row_details(struct smi_row *row);

#endif
