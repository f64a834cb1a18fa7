/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_H
#define SMI_PORTSCAN_SCAN_H

#include "core/job.h"
#include "core/opts.h"
#include "portscan/ports.h"
#include "portscan/targets.h"

struct smi_engine_ops;

struct smi_scan_name {
	char *name;
	bool exclude;
};

struct sm_scan_opts {
	struct smi_opts head;
	struct smi_targets targets; /* all but the names */
	SMI_VEC(struct smi_scan_name) names;
	struct smi_ports ports;
	int64_t timeout_ms;		 /* 0: the default */
	int64_t retries;		 /* -1: from the loss seen */
	uint32_t max_inflight, rate_pps; /* 0: no cap */
	uint32_t threads;		 /* 0 and 1: none but the caller's */
	int method, show, close, protocol;
	bool ports_set;		    /* by the caller */
	struct smi_ports ports_udp; /* the same words for UDP */
	bool services;
	int64_t service_timeout_ms;
	uint32_t service_bytes;		     /* of one answer */
	char *resume;			     /* NULL: nothing is kept */
	const struct smi_engine_ops *engine; /* NULL: by the method */
	struct smi_fieldset fields;
	bool checks;
	sm_ruleset *rules; /* for its allow entries */
	SMI_VEC(struct smi_prefix) ignore;
};

/* Further tries of a port that a caller can ask for. */
#define SMI_SCAN_RETRIES 100

/*
 * The source of a port scan (core/job.h), by which *out works. o is copied from and
 * may be NULL; names are resolved here. -ENOENT when no target is left, -EINVAL when
 * there was none. needs: fields that a stage reads, beside those that the caller
 * chose; none of them: there is no stage.
 */
int smi_scan_new(sm_ctx *ctx, const struct sm_scan_opts *o,
		 struct smi_fieldset needs, const struct smi_source_ops **ops,
		 void **out);

#endif
