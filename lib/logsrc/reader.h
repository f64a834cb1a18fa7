/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_READER_H
#define SMI_LOGSRC_READER_H

#include "core/ctx.h"
#include "logsrc/lines.h"
#include "logsrc/position.h"
#include "logsrc/stamp.h"
#include "record/line.h"

struct smi_reader;
struct smi_templates;
struct smi_wake;

/* One way to get at lines. */
struct smi_reader_ops {
	/* 1 and the next line in r->line; 0 at the end; 2: much was read and
	 * no line was in it, call again; -EAGAIN while a descriptor has
	 * nothing, or a negative errno. clock reads stamps. */
	int (*next)(struct smi_reader *r, struct smi_stamp_clock *clock);
	/* At its end there will be waiting, -EAGAIN then: -ENOMEM. May be NULL. */
	int (*follow)(struct smi_reader *r, const struct smi_fsroot *root,
		      struct smi_wake *wake);
	/* Of a followed one: next() gives what was read, a last line without an
	 * end too, and then its end. May be NULL. */
	void (*stop)(struct smi_reader *r);
	/* Where its line is: fills in offset, number and what tells the file or
	 * entry. -ENOMEM. NULL: there is no going on with it. */
	int (*mark)(struct smi_reader *r, struct smi_position *p);
	/* Before the first line: go on at p. -ENOMEM, -ENODATA where that place
	 * is gone: then it begins with what is newer. */
	int (*resume)(struct smi_reader *r, const struct smi_fsroot *root,
		      const struct smi_position *p);
	/* Closes and frees; safe in a forked child. */
	void (*free)(struct smi_reader *r);
};

/* What is told of a source at its end. */
struct smi_counts {
	uint64_t lines, matched, harmless, unparsed, skipped, bytes;
	uint64_t broken;     /* places of an export that are no fields */
	uint64_t lost;	     /* records that were overwritten before */
	int64_t first, last; /* INT64_MIN: none had a time */
	int64_t silent_from, silent_to; /* the longest time without a line */
	/* Of all that were read: those without a time, and those from more than
	 * a minute before the line above. */
	uint64_t untimed, backwards;
	struct smi_stamp_doubt doubt;
};

/* Kinds of what may be left out. */
#define SMI_LOSSES 3

/* One file, descriptor or journal. The head of each kind of reader. */
struct smi_reader {
	const struct smi_reader_ops *ops;
	char *name;    /* as it was given */
	char *shown;   /* the same, escaped */
	uint64_t size; /* bytes, 0: not known */
	uint64_t done; /* bytes of them that were read, packed ones as such */
	size_t buffer; /* bytes to read with, set before the first line */
	int watch;     /* a descriptor that may have to be waited for, -1 */
	uint64_t dev, ino;   /* of a file; 0, 0: none */
	bool is_file, path;  /* no stream; name is a path */
	bool is_fifo;	     /* that has a name */
	const char *trouble; /* a failure in words of its own, with {source} */
	struct smi_line line;
	struct smi_line_room room; /* the line's */
	struct smi_counts counts;
	uint64_t losses_told
		[SMI_LOSSES]; /* of its counts, as telling.c has them */
	int64_t told_at;      /* monotonic; 0: never */
	struct smi_position
		at;	     /* of what was told; kept where it is asked for */
	uint64_t generation; /* of the file that is read */
	bool one_thread; /* that made it reads it: libsystemd asks for that */
	bool whole;	/* a last line without an end is left to the next run */
	uint64_t again; /* lines that an earlier run has told */
	struct smi_templates *templates; /* NULL: nobody asked */
};

/* Fills the head; -ENOMEM. */
int smi_reader_init(struct smi_reader *r, const struct smi_reader_ops *ops,
		    const char *name);
void smi_reader_done(struct smi_reader *r);

/*
 * What stands at path below the context's root. Gives a reader, or a negative
 * errno: -EISDIR, -ENODEV for what no log can be; for a compressed file -ENOTSUP
 * where the library that unpacks it cannot be opened (why tells), -EMEDIUMTYPE
 * where there is none (why is the format). fd: read instead, and left open; path
 * is then its name.
 */
int smi_reader_file_new(sm_ctx *ctx, const char *path, char *why,
			size_t why_len, struct smi_reader **out);
int smi_reader_fd_new(int fd, const char *name, char *why, size_t why_len,
		      struct smi_reader **out);
enum smi_twin {
	SMI_TWIN_NONE,
	SMI_TWIN_COPY, /* the packed one begins like the plain one, or is empty */
	SMI_TWIN_LONGER, /* it begins like it, and goes on */
};
enum smi_twin smi_reader_file_twin(const struct smi_reader *packed,
				   const struct smi_reader *plain);
/* A file that is not there yet: for following. */
int smi_reader_coming_new(const char *path, struct smi_reader **out);

/* The kernel's own log, which is a device: is it at path? */
bool smi_kmsg_is_path(const struct smi_fsroot *root, const char *path);
int smi_reader_kmsg_new(sm_ctx *ctx, const char *path, struct smi_reader **out);
/* From what gives a record a read; fd is taken over. */
int smi_reader_kmsg_of_fd(sm_ctx *ctx, int fd, const char *name,
			  struct smi_reader **out);
/* The journal, or a unit of it, or (files) journal files: a file *.journal, or a
 * directory that has some. Times in ns, INT64_MIN and INT64_MAX: open ends. */
struct smi_journal_opts {
	const char *unit;
	const char *path;
	int64_t since, until;
	const char *const *fields; /* that lines are to have; they last */
	size_t nfields;
};
/* -ENOTSUP and why without libsystemd; -ENODATA when there is no entry. */
int smi_reader_journal_new(sm_ctx *ctx, const char *name,
			   const struct smi_journal_opts *o, char *why,
			   size_t why_len, struct smi_reader **out);
/* Has this path to be read as a journal? */
bool smi_journal_is_path(const struct smi_fsroot *root, const char *path);
/* The system's own journal is there and may not be read: libsystemd shows the
 * caller's messages only, and does not say so. */
bool smi_journal_is_hidden(const struct smi_fsroot *root);

#endif
