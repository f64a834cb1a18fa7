/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_SPILL_H
#define SMI_CORE_SPILL_H

#include "base/vec.h"
#include "core/ctx.h"
#include "record/build.h"

/* What each() is called with; non-zero ends the walk and is its result. */
typedef int (*smi_record_fn)(const sm_record *rec, void *user);

/*
 * Records in the order they came: the first SMI_SPILL_MEMORY bytes in memory, the
 * others in a temporary file that has no name.
 */
#define SMI_SPILL_MEMORY (16 << 20)
struct smi_spill {
	sm_ctx *ctx;
	struct smi_arena arena;
	SMI_VEC(const sm_record *) kept;
	size_t n;
	size_t memory; /* the limit; tests have a smaller one */
	int fd;
	uint64_t file_len;
	struct smi_buf tail; /* packed, not yet in the file */
};

void smi_spill_init(struct smi_spill *s, sm_ctx *ctx);
void smi_spill_done(struct smi_spill *s);
/* Copies rec. dir is where the file is made when it has to be; NULL: -E2BIG then.
 * What was added before is there after a failure. */
int smi_spill_add(struct smi_spill *s, const char *dir, const sm_record *rec);
/* What it takes, in memory and in the file. */
uint64_t smi_spill_bytes(const struct smi_spill *s);
/* The record is valid until fn returns. Changes nothing. */
int smi_spill_each(const struct smi_spill *s, smi_record_fn fn, void *user);

#endif
