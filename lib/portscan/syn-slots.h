/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SYN_SLOTS_H
#define SMI_PORTSCAN_SYN_SLOTS_H

#include "base/base.h"

/* The half-open probes that are out, to be found by the cookie of an answer, which
 * stands for both of its ends (syn-packet.h). */
struct smi_syn_slot {
	uint64_t cookie;
	uint32_t next; /* failed one, + 1 */
	uint16_t err;  /* it failed with */
	uint8_t attempt;
	bool out : 1, failed : 1;
};

struct smi_syn_slots {
	struct smi_syn_slot *v;
	uint32_t *table; /* those that are out, + 1, by hash of the cookie */
	uint32_t mask;
};

/* n slots; what was made is to be freed after a failure, too. -ENOMEM. */
int smi_syn_slots_init(struct smi_syn_slots *l, unsigned n);
void smi_syn_slots_free(struct smi_syn_slots *l);
/* By its cookie. */
void smi_syn_list(struct smi_syn_slots *l, struct smi_syn_slot *s);
/* Nothing where it is not out. */
void smi_syn_unlist(struct smi_syn_slots *l, struct smi_syn_slot *s);
/* The one that is out with it, or NULL. */
struct smi_syn_slot *smi_syn_find(const struct smi_syn_slots *l,
				  uint64_t cookie);

#endif
