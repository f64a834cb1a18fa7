/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_ENGINE_STAGE_H
#define SMI_DETECT_ENGINE_STAGE_H

#include "core/workers.h"
#include "detect/accepted.h"
#include "detect/corr-clock.h"
#include "detect/correlate.h"
#include "detect/detect.h"
#include "detect/f2b-state.h"
#include "detect/judge.h"
#include "detect/keyword-stats.h"

/* The stage that turns log lines into events and findings: first what a line says
 * by itself, then what it says behind those before it. */
struct smi_log_stage {
	sm_ruleset *rules;
	/* One a thread; the first is of the thread that takes. */
	struct smi_judge *judges[SMI_WORKERS_MAX];
	size_t njudges;
	pid_t owner;
	struct smi_f2b_run *filters; /* NULL: none of fail2ban */
	struct smi_f2b_run *replay;  /* for lines of an earlier run */
	struct smi_tz *tz;	     /* theirs */
	struct smi_correlator *correlator;
	struct smi_corr_clock *clock; /* its own */
	struct smi_fieldset fields;
	bool events, keywords, plain;
	struct smi_prefix *ignore;
	size_t nignore;
	struct smi_keyword_stats stats;
	struct smi_ordinals *ordinals;
	int64_t time; /* of the last line that had one */
	/* What time it was, and when that was first seen. */
	int64_t idle_time, idle_since;
	uint64_t timeless;
	uint64_t told; /* episodes */
	struct smi_accepted accepted;
	bool closing;	     /* nothing follows any more */
	bool live;	     /* the logs are followed */
	int64_t wall;	     /* no line of then may be later than this */
	bool keeps;	     /* a state is kept */
	struct smi_buf kept; /* for it, from before the end */
	struct smi_out *out; /* of the call in progress */
};

void smi_log_stage_free(void *stage);
/* So that there are n judges: -ENOMEM. */
int smi_log_stage_judges(struct smi_log_stage *s, size_t n);

/* An episode goes to the caller, unless a person has accepted it; user is the stage. */
int smi_log_stage_episode(const struct smi_episode *e, void *user);
/* At the end: the findings about words, then what was not done, and why. */
int smi_log_stage_tell(struct smi_log_stage *s, struct smi_out *out);

/* What is kept from one run to the next. */
#define SMI_LOG_STAGE_PARTS 2
extern const struct smi_stage_part smi_log_stage_parts[SMI_LOG_STAGE_PARTS];
/* Nothing follows: what is told from here on is open still for the run that goes on. */
int smi_log_stage_close(struct smi_log_stage *s);

#endif
