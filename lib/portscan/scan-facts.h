/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_FACTS_H
#define SMI_PORTSCAN_SCAN_FACTS_H

#include "portscan/scan-kept.h"
#include "portscan/scan-state.h"

/* What a scan was asked for, as the file that it goes on from has it. */

#define SMI_SCAN_WHY 256

/* The value that was kept by that name; empty: none was. */
struct smi_span smi_scan_fact(const struct smi_kept *k, const char *name);
/* Its lines; their error is that of out. */
void smi_scan_facts_keep(const struct smi_scan *s, struct smi_buf *out);
/* false: it is another scan, and why says how it differs. */
bool smi_scan_facts_match(const struct smi_scan *s, const struct smi_kept *k,
			  char why[SMI_SCAN_WHY]);

#endif
