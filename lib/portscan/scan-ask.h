/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_ASK_H
#define SMI_PORTSCAN_SCAN_ASK_H

#include "portscan/scan-state.h"
#include "portscan/svc.h"

/*
 * The open ports of a scan on their way through the prober. A port that waits for it
 * is still pending in its host. All but smi_scan_asks_new() do nothing where services
 * are not asked for.
 */
int smi_scan_asks_new(struct smi_scan *s, const struct sm_scan_opts *o,
		      unsigned shares);
void smi_scan_asks_free(struct smi_scan *s);
int smi_scan_asks_watch(struct smi_scan *s, struct smi_out *out);
/* Takes an open port over, or tells it. */
int smi_scan_ask(struct smi_scan *s, struct smi_out *out, unsigned host,
		 uint16_t port, const char *reason, int64_t rtt);
/* How much was done, or a negative errno. */
int smi_scan_asks_step(struct smi_scan *s, struct smi_out *out);
/* Tells what is known by now of all that wait. */
int smi_scan_asks_stop(struct smi_scan *s, struct smi_out *out);
/* Each port that waits, or is being asked: it was not told yet. */
void smi_scan_asks_each(const struct smi_scan *s,
			void (*fn)(void *user, unsigned host, uint16_t port),
			void *user);
/* When to step without an event, INT64_MAX: not at all. */
int64_t smi_scan_asks_alarm(const struct smi_scan *s);
/* So many wait that no further port should be probed. */
bool smi_scan_asks_full(const struct smi_scan *s);

#endif
