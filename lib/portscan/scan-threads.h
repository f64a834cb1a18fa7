/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_THREADS_H
#define SMI_PORTSCAN_SCAN_THREADS_H

#include "portscan/scan-state.h"

/*
 * A scan on several threads is cut into shares: scans of their own, with an engine, a
 * window and a context each. Of many hosts each share has some, of few ones each has
 * some of the ports, and then what the shares learnt of a host is put together. What
 * they tell goes through one queue to the caller's thread.
 */

/* Into how many; 1: there is nothing to cut. */
unsigned smi_scan_shares(const struct smi_scan *whole,
			 const struct sm_scan_opts *o);
/* Do several shares have ports of the same host? */
bool smi_scan_cut_by_ports(const struct smi_scan *whole, unsigned shares);
/* A share with everything it needs, but what becomes of its hosts. Its targets stay
 * those of whole, which lives longer. */
int smi_scan_share_new(struct smi_scan *whole, const struct sm_scan_opts *o,
		       unsigned index, unsigned shares, sm_ctx *ctx,
		       struct smi_scan **out);
extern const struct smi_source_ops smi_scan_share_source;
/* What another share has learnt of the same host. */
void smi_scan_host_add(struct smi_scan_host *to,
		       const struct smi_scan_host *from);

extern const struct smi_source_ops smi_scan_threads_source;
/* Takes whole over, also when it fails. */
int smi_scan_threads_new(struct smi_scan *whole, const struct sm_scan_opts *o,
			 unsigned shares, void **out);

#endif
