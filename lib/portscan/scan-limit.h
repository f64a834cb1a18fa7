/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SCAN_LIMIT_H
#define SMI_PORTSCAN_SCAN_LIMIT_H

#include "base/base.h"

/*
 * How a host says that its ports are closed: by ICMP messages, of which its kernel
 * lets so many go (RFC 1812, 4.3.2.8; RFC 4443, 2.4 f). Linux has a bucket of six
 * for each peer that fills by one a second, and another one for all peers.
 *
 * A port that is silent while the bucket is empty tells nothing. One that is silent
 * just before another one is answered tells that it is not closed, or its probe was
 * lost: there was a message left for it. That one is covered, and of its tries only
 * those that are covered count. Where no port that was not asked yet does it, one
 * that is known to be closed is asked once more: a witness.
 *
 * A witness that is silent tells that the bucket is empty. From then on it is
 * mirrored: how fast it fills is measured from one such moment to the next.
 */
#define SMI_LIMIT_KNOWN 8

struct smi_limit {
	bool on;    /* it has shown */
	bool tired; /* too much time went by: silence is taken as it is */
	bool asked; /* a witness is out */
	uint8_t nknown, turn;
	uint16_t known[SMI_LIMIT_KNOWN]; /* ports that sent a message */
	uint32_t seq;			 /* probes sent */
	uint32_t covered;   /* the last of them that was answered */
	uint32_t suspect;   /* the last of a port that was silent before */
	uint32_t newest;    /* slot that is out; each has its older one */
	uint32_t reach;	    /* how many may be out that none covers */
	uint32_t batch;	    /* once it has shown, so many for each message */
	uint32_t burst;	    /* while the rate is not known, so many at once */
	uint32_t came, all; /* messages since empty_at, since all_at */
	int64_t gap;	    /* ns that the bucket needs for one; 0: not known */
	int64_t empty_at, all_at, next_at, on_since, begun;
};

#endif
