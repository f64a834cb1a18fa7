/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_KEYWORD_STATS_H
#define SMI_DETECT_KEYWORD_STATS_H

#include "base/map.h"
#include "base/vec.h"
#include "core/job.h"
#include "detect/hit.h"

/*
 * Lines with generic words, by program: one finding each, with the first and
 * last few as samples. Beyond SMI_KEYWORD_PROGRAMS the rest is one of its own.
 */
#define SMI_KEYWORD_PROGRAMS 1024
#define SMI_KEYWORD_SAMPLES  3
#define SMI_KEYWORD_BYTES    (4u << 20) /* of all samples */

struct smi_keyword_program {
	struct smi_span name;
	uint64_t count;
	int64_t first, last;
	struct smi_hit *head[SMI_KEYWORD_SAMPLES], *tail[SMI_KEYWORD_SAMPLES];
	size_t nhead, ntail;
};
struct smi_keyword_stats {
	SMI_VEC(struct smi_keyword_program *) programs;
	struct smi_map by_name;
	struct smi_keyword_program *recent;
	struct smi_pool pool; /* of the samples */
	uint64_t unkept;      /* lines that found no room as samples */
};

extern const struct smi_rule smi_keyword_rule;

void smi_keyword_stats_init(struct smi_keyword_stats *s);
void smi_keyword_stats_free(struct smi_keyword_stats *s);
int smi_keyword_stats_add(struct smi_keyword_stats *s,
			  const struct smi_line *line,
			  const struct smi_match *m, uint32_t ordinal);
/* The finding of one program. NULL when memory is out. */
sm_record *smi_keyword_finding(struct smi_arena *a,
			       const struct smi_keyword_stats *s,
			       const struct smi_keyword_program *p);

#endif
