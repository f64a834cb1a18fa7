/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_HIT_H
#define SMI_DETECT_HIT_H

#include "detect/match.h"
#include "detect/pool.h"
#include "record/build.h"

/*
 * A line that a rule took, kept as what an event record is made from: for lines
 * that may become evidence later. Texts are places in data.
 */
struct smi_place {
	uint32_t at, len;
};
struct smi_hit {
	uint32_t refs, ordinal;
	uint32_t size; /* of the whole */
	uint32_t raw_len;
	const char *file, *header;
	uint64_t number, offset;
	int64_t time;
	const struct smi_rule *rule;
	struct smi_place host, program, message, user, source_host;
	uint32_t count;
	int32_t pid;
	uint8_t address[16], family;
	bool has_user;
	uint16_t port;
	char data[];
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
static inline void smi_hit_unref(struct smi_pool *pool, struct smi_hit *h)
{
	if (h && !--h->refs)
		smi_pool_free(pool, h, h->size);
}
/* The line and the match again, with spans into the hit. */
void smi_hit_read(const struct smi_hit *h, struct smi_line *line,
		  struct smi_match *m);

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
