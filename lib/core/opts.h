/* SPDX-License-Identifier: MIT */
#ifndef SMI_CORE_OPTS_H
#define SMI_CORE_OPTS_H

#include "core/ctx.h"
#include "record/fields.h"

/* The head of every options object: the first error stays. */
struct smi_opts {
	sm_ctx *ctx;
	int err;
	char msg[1024];
};

/* Takes a reference on ctx. */
void smi_opts_init(struct smi_opts *o, sm_ctx *ctx);
void smi_opts_done(struct smi_opts *o);
/* Fails on the context, and poisons the object when it is not yet. Gives rc. */
int smi_opts_fail(struct smi_opts *o, int rc, const char *fmt, ...)
	SMI_PRINTF(3, 4);
int smi_opts_nomem(struct smi_opts *o);
/* A copy of text, which may be NULL, takes the place of *at. */
int smi_opts_set_text(struct smi_opts *o, char **at, const char *text);
/* The fields of a kind by a list of their names; NULL: all. list may be NULL.
 * Nothing is set on failure. */
int smi_opts_set_fields(struct smi_opts *o, int kind, const char *text,
			struct smi_fieldset *set, struct smi_fieldlist *list);
/* At least 1 and at most SMI_WORKERS_MAX. */
int smi_opts_set_threads(struct smi_opts *o, uint32_t *at, uint32_t n);
/* An address or a prefix that makes no findings. */
struct smi_prefix;
int smi_opts_ignore(struct smi_opts *o, const char *text,
		    struct smi_prefix *out);
/* 0, or the first error with its sentence put back on ctx. o may be NULL. */
int smi_opts_check(const struct smi_opts *o, sm_ctx *ctx);

#endif
