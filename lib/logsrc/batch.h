/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_BATCH_H
#define SMI_LOGSRC_BATCH_H

#include "logsrc/merge.h"

/* What a merge told next. */
struct smi_told {
	enum smi_merge_result what;
	struct smi_reader *reader;
	struct smi_line *line; /* of SMI_MERGE_LINE */
	const void *verdict;   /* on it; NULL: it was not judged */
	int err;	       /* of SMI_MERGE_FAILED */
};

/* Some of it in a row, with lines that stay while the merge goes on. */
#define SMI_BATCH_BYTES ((size_t)64 * 1024)
#define SMI_BATCH_LINES 512

struct smi_batch_item {
	struct smi_told told;
	struct smi_line line;
};
struct smi_batch {
	struct smi_batch_item *items;
	char *verdicts, *text;
	size_t stride;	 /* of verdicts */
	size_t n, at;	 /* items, and which one is told next */
	size_t cap, len; /* of the text */
	int rest;	 /* what the merge says behind them; 1: more of this */
	uint64_t done;	 /* bytes that were read by then */
};

/* verdict: the bytes of one. -ENOMEM. */
int smi_batch_init(struct smi_batch *b, size_t verdict);
void smi_batch_done(struct smi_batch *b);
void smi_batch_clear(struct smi_batch *b);
static inline bool smi_batch_is_full(const struct smi_batch *b)
{
	return b->n == SMI_BATCH_LINES;
}
static inline void *smi_batch_verdict(const struct smi_batch *b, size_t i)
{
	return b->verdicts + i * b->stride;
}
/* Of one that is not full. 1; 0 where a line finds no room, which an empty one always
 * has; -ENOMEM. */
int smi_batch_add(struct smi_batch *b, const struct smi_told *told);

#endif
