/* SPDX-License-Identifier: MIT */
#ifndef SMI_DETECT_PORT_LIMIT_H
#define SMI_DETECT_PORT_LIMIT_H

#include "base/map.h"
#include "core/job.h"
#include "detect/check.h"

/* Of one check and one host no more findings are told; the others are counted, and one
 * notice has their number. */
#define SMI_PORT_LIMIT 100

/* {0} is empty. It has the hosts that have findings and have not ended. */
struct smi_port_limit {
	struct smi_map hosts; /* by address */
};
void smi_port_limit_free(struct smi_port_limit *l);
/* 1: a finding may be told; 0: it was counted; -ENOMEM. */
int smi_port_limit_take(struct smi_port_limit *l, const char *address,
			const struct smi_check *check);
/* The host, or all that are left, have ended: the notices. */
int smi_port_limit_end(struct smi_port_limit *l, const char *address,
		       struct smi_out *out);
int smi_port_limit_end_all(struct smi_port_limit *l, struct smi_out *out);

#endif
