/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_STATEFILE_H
#define SMI_CORE_STATEFILE_H

#include "base/vec.h"
#include "core/ctx.h"

/*
 * What a run leaves to the next one: a file with a section for each who has
 * something to keep. Its first line has the version and a sum of the rest; a
 * section is a line with its name and its length, and its bytes.
 */
struct smi_statefile {
	sm_ctx *ctx;
	char *path;
	struct smi_buf text;
	SMI_VEC(struct smi_statefile_part) parts;
};

struct smi_statefile_part {
	struct smi_span name, bytes;
};

/* One that is not there yet is empty. A negative errno with its sentence: -EINVAL
 * for a file that is no state, -EBADMSG for one that is damaged, -ENOTSUP for one
 * of a later version, -EFBIG. */
int smi_statefile_load(struct smi_statefile *s, sm_ctx *ctx, const char *path);
void smi_statefile_done(struct smi_statefile *s);
/* The bytes that name has kept; empty when there are none. */
struct smi_span smi_statefile_part(const struct smi_statefile *s,
				   const char *name);

/* A new content: begin, add each section, save. */
void smi_statefile_begin(struct smi_buf *b);
void smi_statefile_add(struct smi_buf *b, const char *name,
		       struct smi_span bytes);
/* Whole or not at all. A negative errno with its sentence. */
int smi_statefile_save(const struct smi_statefile *s, struct smi_buf *b);

/* The text alone: 0, -EINVAL, -EBADMSG or -ENOTSUP, -ENOMEM. */
int smi_statefile_parse(struct smi_statefile *s);

#endif
