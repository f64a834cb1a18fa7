/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_OPEN_H
#define SMI_LOGSRC_OPEN_H

#include "logsrc/log.h"
#include "logsrc/merge.h"

/* What could not be read. */
struct smi_log_failure {
	char *name;
	int err;	  /* positive */
	const char *text; /* a sentence with {source}, {errno} and {why} */
	char *why;	  /* may be NULL */
};

/* From names to open readers, in the order they were given. */
struct smi_log_opening {
	sm_ctx *ctx;
	struct smi_out *out;
	int64_t since, until;
	const char *const *journal_fields;
	size_t njournal_fields;
	bool follow;
	SMI_VEC(struct smi_reader *) readers;
	SMI_VEC(struct smi_log_failure) failures;
	size_t left_out; /* of those that were looked for: told by notices */
};

void smi_log_opening_done(struct smi_log_opening *o);
/* Opens one and adds it; a failure that is not of memory is added too. */
int smi_log_open(struct smi_log_opening *o, const struct smi_log_from *from);
/* Opens the logs of Docker's containers in dir that m does not read yet; none where
 * dir is no such directory. 0 or -ENOMEM. */
int smi_log_open_new(struct smi_log_opening *o, const struct smi_merge *m,
		     const char *dir);
int smi_log_add_failure(struct smi_log_opening *o, const char *name, int err,
			const char *text, const char *why);
/* A source that cannot be read is told of, so that a report says it too, and the
 * others are read. When there is none left, the first failure is the call's. */
int smi_log_tell_failures(const struct smi_log_opening *o);
int smi_log_tell_failure(const struct smi_log_opening *o, size_t i);
/* Takes r over. One that is there already (the same file) is let go. */
int smi_log_add_reader(struct smi_log_opening *o, struct smi_reader *r);
/* The readers become streams: families, oldest first. */
int smi_log_group(struct smi_log_opening *o, struct smi_merge *m);

#endif
