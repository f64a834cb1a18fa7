/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_MERGE_H
#define SMI_LOGSRC_MERGE_H

#include "base/vec.h"
#include "logsrc/reader.h"
#include "logsrc/stamp.h"

/* Readers that follow one another: a rotated family, oldest first. */
struct smi_stream {
	SMI_VEC(struct smi_reader *) readers;
	size_t at; /* the one that is being read */
	struct smi_stamp_clock clock;
	int64_t time; /* of its last line, ns: those without a stamp have it too */
	bool loaded;  /* the current reader's line waits to be taken */
	bool waiting; /* it had none; of a live merge */
};

/* What its clock doubted goes to the reader that is read. */
void smi_stream_settle(struct smi_stream *s);

/* Streams joined by time: of the lines that wait, the earliest; of equal ones
 * that of the stream that was added first. */
struct smi_merge {
	SMI_VEC(struct smi_stream) streams;
	size_t current;
	int64_t limit; /* the earliest line of all other streams */
	bool chosen;
	bool live; /* a stream that waits does not hold up the others */
};

void smi_merge_free(struct smi_merge *m);
struct smi_stream *smi_merge_add(struct smi_merge *m);

/* Bytes that were read of all of it. */
uint64_t smi_merge_done(const struct smi_merge *m);

/* Of a live merge: those that waited may have lines again. */
void smi_merge_wake(struct smi_merge *m);

enum smi_merge_result {
	SMI_MERGE_LINE = 1,   /* in (*r)->line */
	SMI_MERGE_END = 2,    /* *r is at its end */
	SMI_MERGE_FAILED = 3, /* *r has failed, with *err: it counts as ended */
	SMI_MERGE_BUSY = 4,   /* much was read, no line yet: call again */
};
/* One of the above, 0 when all are at their end, -EAGAIN, or -ENOMEM. The line
 * lives until the next call. */
int smi_merge_next(struct smi_merge *m, struct smi_reader **r, int *err);

#endif
