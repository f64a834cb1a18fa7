/* SPDX-License-Identifier: MIT */
#ifndef SMI_LOGSRC_LIVE_H
#define SMI_LOGSRC_LIVE_H

#include "logsrc/open.h"
#include "logsrc/state.h"
#include "logsrc/wake.h"

/* A merge that goes on behind the ends of its logs. */
struct smi_live {
	struct smi_merge *merge;
	const struct smi_tz *tz;
	int64_t since, until;
	int64_t now; /* INT64_MIN: the clock */
	struct smi_log_state *state;
	SMI_VEC(const char *) dirs; /* that logs of containers may come to */
	int64_t looked;		    /* monotonic */
	size_t refused;		    /* logs of containers, in the last look */
	struct smi_wake wake;
};

/* From now on there is waiting. from: the names that were opened, which stay. A
 * negative errno with its sentence, as of the next. */
int smi_live_start(struct smi_live *l, const struct smi_log_from *from,
		   size_t n, struct smi_out *out);
/* Before lines are read: what was written and made since the last time. */
int smi_live_look(struct smi_live *l, struct smi_out *out);
/* There is nothing to be read for now. */
int smi_live_rest(struct smi_live *l, struct smi_out *out);
/* What was read is all, with the last lines, which wait for their ends. */
void smi_live_stop(struct smi_live *l);
/* Closes, and no more: a forked child may do it. */
void smi_live_done(struct smi_live *l);

#endif
