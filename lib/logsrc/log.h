/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_LOG_H
#define SMI_LOGSRC_LOG_H

#include "core/job.h"

enum smi_log_what {
	SMI_LOG_FILE = 1,
	SMI_LOG_FD,
	SMI_LOG_JOURNAL,
	SMI_LOG_FOUND,
};

/* Where lines come from. */
struct smi_log_from {
	enum smi_log_what what;
	const char *name; /* the path; the name of fd; the unit, or NULL: all */
	int fd;
};

struct smi_log_source_opts {
	const struct smi_log_from *from;
	size_t nfrom;
	int64_t since, until; /* ns; INT64_MIN, INT64_MAX: open ends */
	int64_t now;	      /* ns; INT64_MIN: the clock */
	const char *zone;     /* NULL: the machine's */
	const char *state; /* where to go on, and for the next run; or NULL */
	uint32_t threads;  /* 0 and 1: the caller's only */
	bool follow;	   /* wait for more, until cancelled */
	bool lines;	   /* hand every line to the caller as a record */
	bool coverage;	   /* and what no rule takes, by templates */
	struct smi_fieldset fields; /* of those */
	/* What lines of a journal are to have; they last. */
	const char *const *journal_fields;
	size_t njournal_fields;
};

/* The source of lines. Everything is copied but descriptors. */
int smi_log_source_new(sm_ctx *ctx, const struct smi_log_source_opts *o,
		       void **src);
extern const struct smi_source_ops smi_log_source_ops;

#endif
