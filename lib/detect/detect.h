/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_DETECT_H
#define SMI_DETECT_DETECT_H

#include "base/ip.h"
#include "core/job.h"
#include "record/load.h"

/* Another threshold for a finding kind. */
struct smi_threshold {
	char kind[64];
	uint32_t count, seconds;
};

/* The stage that turns log lines into events and findings. Everything is copied
 * or referenced. */
struct smi_detect_log_opts {
	struct sm_ruleset *rules;   /* frozen */
	struct smi_fieldset fields; /* of events, when they are wanted */
	bool events;		    /* hand them to the caller */
	bool keywords;
	bool live; /* tell episodes when they open and when they close */
	const struct smi_threshold *thresholds;
	size_t nthresholds;
	const struct smi_prefix *ignore;
	size_t nignore;
	/* For the dates of fail2ban filters: ns, 0 or INT64_MIN the clock; NULL the
	 * machine's zone. */
	int64_t now;
	const char *zone;
	bool plain;   /* smi_matcher_set_plain() */
	bool by_path; /* a jail of theirs sees the lines of its own logs only */
};
int smi_detect_log_new(sm_ctx *ctx, const struct smi_detect_log_opts *o,
		       void **stage);
extern const struct smi_stage_ops smi_detect_log_ops;

/*
 * The stage that judges processes. It reads the fields that smi_detect_proc_needs()
 * names; the source makes them, whatever the caller chose.
 */
struct smi_detect_proc_opts {
	struct sm_ruleset *rules;      /* frozen; for its allow entries */
	double thresholds[SMI_NLOADS]; /* 0: never */
	const char *const *important;
	size_t nimportant;
	/* false: only what has a threshold, and the important ones */
	bool checks;
	/* The list is made again and again: smi_out_round() ends each. */
	bool watch;
};
struct smi_fieldset smi_detect_proc_needs(const struct smi_detect_proc_opts *o);
int smi_detect_proc_new(sm_ctx *ctx, const struct smi_detect_proc_opts *o,
			void **stage);
extern const struct smi_stage_ops smi_detect_proc_ops;

/*
 * The stage that judges what a scan saw, ports and hosts. It reads the fields of
 * ports that smi_detect_port_needs() names.
 */
struct smi_detect_port_opts {
	struct sm_ruleset *rules; /* frozen; for its allow entries */
	const struct smi_prefix *ignore;
	size_t nignore;
};
struct smi_fieldset smi_detect_port_needs(void);
int smi_detect_port_new(sm_ctx *ctx, const struct smi_detect_port_opts *o,
			void **stage);
extern const struct smi_stage_ops smi_detect_port_ops;

#endif
