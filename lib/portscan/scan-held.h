/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_HELD_H
#define SMI_PORTSCAN_SCAN_HELD_H

#include "portscan/scan-kept.h"
#include "portscan/scan-state.h"
#include "record/alike.h"

/*
 * Where every port of a host is open and nothing speaks there, something answers for
 * all of them (a tarpit, a SYN proxy, a redirect), and its ports are nothing to tell
 * one by one. While a host looks like that, its open ports are held back. When it no
 * longer does, they are told; when its last port is settled and it still does, they
 * are not, and the record of the host has how many there are.
 *
 * Where all ports are shown they are, at once, and what is held back is what the
 * stages make of them.
 *
 * Fewer than SMI_ALIKE_MANY are told in any case: a scan of fewer ports holds none back.
 */

/* An open port, by what the prober found (NULL: it was not asked), is told or held. */
int smi_held_port(struct smi_scan *s, struct smi_out *out,
		  struct smi_scan_host *h, uint16_t port, const char *reason,
		  int64_t rtt, const struct smi_svc_found *found);
/* A port of the host was settled: tells what need not be held any more. */
int smi_held_check(struct smi_scan *s, struct smi_out *out,
		   struct smi_scan_host *h);
/* The last one was. */
int smi_held_end(struct smi_scan *s, struct smi_out *out,
		 struct smi_scan_host *h);
/* The scan was cancelled, and nobody goes on: few ports are told, of many how many. */
int smi_held_stop(struct smi_scan *s, struct smi_out *out,
		  struct smi_scan_host *h);
void smi_held_free(struct smi_scan_host *h);

/* For a scan that goes on, which has their numbers alone: when they answered, and how
 * fast, is lost. -EBADMSG for what cannot be. */
void smi_held_keep(const struct smi_scan_host *h, struct smi_buf *out);
int smi_held_restore(const struct smi_scan *s, struct smi_scan_host *h,
		     const struct smi_kept *k,
		     const struct smi_kept_host *kept);
/* to, which is the same host, takes them over. -ENOMEM. */
int smi_held_move(struct smi_scan_host *to, struct smi_scan_host *from);
/* to, a copy of from, has its own. -ENOMEM, and to has none. */
int smi_held_copy(struct smi_scan_host *to, const struct smi_scan_host *from);

#endif
