/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_BLOCK_H
#define SMI_PORTSCAN_BLOCK_H

#include "base/ip.h"

/* Addresses of one family that follow each other, as many as there are. Where they are
 * to be spared and have no zone, they are meant on every link. */
struct smi_block {
	struct smi_ip first, last;
};

/*
 * "10.0.0.1", "10.0.0.0/24", "10.0.0.1-20", "10.0.0.1-10.0.1.20", "fe80::1%eth0",
 * "2001:db8::/120". 1: it is one of these. 0: it may be a name. -EINVAL and -ENODEV,
 * with the reason in *why.
 */
int smi_block_parse(struct smi_span text, struct smi_block *out,
		    const char **why);
/* Could be the name of a host (RFC 1123, with underscores). */
bool smi_host_name_valid(struct smi_span text);

#endif
