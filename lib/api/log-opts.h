/* SPDX-License-Identifier: MIT */
#ifndef SMI_API_LOG_OPTS_H
#define SMI_API_LOG_OPTS_H

#include "base/vec.h"
#include "core/opts.h"
#include "detect/detect.h"
#include "logsrc/log.h"

struct sm_log_opts {
	struct smi_opts head;
	SMI_VEC(struct smi_log_from) from;
	SMI_VEC(char *) names; /* theirs */
	sm_ruleset *rules;
	SMI_VEC(struct smi_threshold) thresholds;
	SMI_VEC(struct smi_prefix) ignore;
	struct smi_fieldset fields; /* of events */
	int64_t since, until, now;
	char *zone, *state;
	uint32_t threads;
	bool keywords, events, lines, coverage, follow;
	bool plain; /* the regexes: smi_matcher_set_plain() */
	bool jails; /* the logs are those of jails */
};

#endif
