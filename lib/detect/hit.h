/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_HIT_H
#define SMI_DETECT_HIT_H

#include "detect/corr-pack.h"
#include "detect/match.h"
#include "detect/pool.h"
#include "record/build.h"

/*
 * A line that a rule took, kept as what an event record is made from: for lines
 * that may become evidence later. Its bytes are packed into blocks of one size,
 * that of most keys, so that one can have the room of the other.
 */
#define SMI_HIT_BLOCK 64
struct smi_hit {
	uint32_t refs, size;
	/* Blocks, numbers of the pool; who lets go of an old hit need not wait for
	 * the first to be read to know the second. */
	uint32_t next, second;
	char data[SMI_HIT_BLOCK - 16];
};

/* What was kept. */
struct smi_kept {
	struct smi_line line;
	struct smi_match m;
	uint32_t ordinal;
};

/* 0 and one reference, -ENOMEM, or -ENOSPC at the limit of the pool. */
int smi_hit_new(struct smi_pool *pool, const struct smi_line *line,
		const struct smi_match *m, uint32_t ordinal,
		struct smi_hit **out);
static inline struct smi_hit *smi_hit_ref(struct smi_hit *h)
{
	if (h)
		h->refs++;
	return h;
}
void smi_hit_free(struct smi_pool *pool, struct smi_hit *h);
static inline void smi_hit_unref(struct smi_pool *pool, struct smi_hit *h)
{
	if (h && !--h->refs)
		smi_hit_free(pool, h);
}
/* The line and the match again, with spans into the arena. -ENOMEM. */
int smi_hit_read(struct smi_arena *a, const struct smi_pool *pool,
		 const struct smi_hit *h, struct smi_kept *out);

/* For another run: what it points to, and its other bytes. */
struct smi_hit_parts {
	const struct smi_rule *rule;
	const char *file;
};
void smi_hit_parts(const struct smi_hit *h, struct smi_hit_parts *out);
void smi_hit_pack(const struct smi_pool *pool, const struct smi_hit *h,
		  struct smi_buf *out);
/* Sets in->bad where they are no hit. 0, -ENOMEM or -ENOSPC. */
int smi_hit_unpack(struct smi_pool *pool, struct smi_unpack *in,
		   const struct smi_hit_parts *parts, struct smi_hit **out);

/* The record of an event with these fields. */
sm_record *smi_hit_record(struct smi_arena *a,
			  const struct smi_fieldset *fields,
			  const struct smi_line *line,
			  const struct smi_match *m, uint32_t ordinal);

/*
 * The ordinal of a line among equal ones (host, time, raw line), in bounded
 * memory: of the last lines only, which is where equal ones with one time are.
 */
#define SMI_ORDINALS 2048
struct smi_ordinals {
	struct {
		uint64_t hash;
		uint32_t next;
	} slots[SMI_ORDINALS];
};
/* hash: of the line that has this time. */
uint32_t smi_ordinal(struct smi_ordinals *o, uint64_t hash, int64_t time);
/* Of host and raw line; never 0. */
uint64_t smi_line_hash(const struct smi_line *line);

#endif
