/* SPDX-License-Identifier: MIT */
#ifndef SMI_REPORT_REPORT_H
#define SMI_REPORT_REPORT_H

#include "base/map.h"
#include "core/spill.h"
#include "report/opts.h"
#include "report/summary.h"

struct smi_records {
	SMI_VEC(sm_record *) all;
};

struct sm_report {
	sm_ctx *ctx;
	struct smi_run run;
	char *spill_dir;
	struct smi_records kinds[SMI_NKINDS + 1];
	struct smi_spill lines, events;
	struct smi_map findings; /* id to index + 1 */
	bool cut;		 /* a saved run that lacks its end is in it */
};

/* Where lines and events are; NULL for the other kinds. */
const struct smi_spill *smi_report_spill(const sm_report *r, int kind);

/* The one that rec would replace; NULL: none. */
const sm_record *smi_report_finding(const sm_report *r, const sm_record *rec);

/* The words for what is compared between runs, one after the other; NULL behind them. */
const char *smi_compare_thing(size_t i);

/* Adds one of text, which has {name} in it, or nothing for NULL. Made in a. 0, -ENOMEM. */
int smi_report_notice(sm_report *r, struct smi_arena *a, const char *text,
		      const char *name, const char *value);

/* How many ports of it a scan has looked at. */
int64_t smi_host_probed(const sm_record *host);

/* What is lower than min_severity is left out. Sorted: ports by address and number, hosts
 * by address, findings by severity and what they are about, others as they came. */
int smi_report_each(const sm_report *r, int kind, int min_severity,
		    smi_record_fn fn, void *user);
void smi_report_count(const sm_report *r, int min_severity,
		      struct smi_counts *out);

#endif
