/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_F2B_RUN_H
#define SMI_DETECT_F2B_RUN_H

#include "base/tz.h"
#include "core/job.h"
#include "detect/match.h"
#include "record/line.h"

/*
 * The fail2ban filters of a set of rules at work: dates, sessions and buffered
 * lines of one job. Each filter sees each line with its date cut out, as in
 * fail2ban.
 */
struct sm_ruleset;
struct smi_f2b_filter;
struct smi_f2b_run;
/* *out stays NULL where the set has no filters. rs is frozen and outlives it, as
 * does tz, which may be NULL: UTC. now in ns. by_path: jails see
 * their own logs only. -ENOMEM. */
int smi_f2b_run_new(const struct sm_ruleset *rs, const struct smi_tz *tz,
		    int64_t now, bool by_path, struct smi_f2b_run **out);
/* Another one, for the same and as new. -ENOMEM. */
int smi_f2b_run_again(const struct smi_f2b_run *x, struct smi_f2b_run **out);
void smi_f2b_run_free(struct smi_f2b_run *x);
/* See smi_matcher_set_plain(). */
void smi_f2b_run_set_plain(struct smi_f2b_run *x);

/* What a filter made of a line: line has the filter's own time. 0 or a negative
 * errno. */
typedef int (*smi_f2b_fn)(const struct smi_line *line,
			  const struct smi_match *m, void *user);
/* taken: another rule took the line before. limits has an element for each rule.
 * 1 when some filter took it, else 0, or a negative errno. */
int smi_f2b_line(struct smi_f2b_run *x, const struct smi_line *line, bool taken,
		 struct smi_limit *limits, smi_f2b_fn fn, void *user);
/* The same of one filter, as the first line it sees: for explanations. */
int smi_f2b_try(struct smi_f2b_run *x, const struct smi_f2b_filter *f,
		const struct smi_line *line, struct smi_limit *limits,
		smi_f2b_fn fn, void *user);
/* Sessions that were given up for the sake of memory. */
uint64_t smi_f2b_lost(const struct smi_f2b_run *x);

#endif
