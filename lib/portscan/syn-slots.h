/* SPDX-License-Identifier: MIT */
#ifndef SMI_PORTSCAN_SYN_SLOTS_H
#define SMI_PORTSCAN_SYN_SLOTS_H

#include "portscan/syn-packet.h"

/* The half-open probes that are out, to be found by what an answer says. */
struct smi_syn_slot {
	struct smi_ip ip;
	uint32_t hash;
	uint32_t next; /* failed one, + 1 */
	int err;       /* it failed with */
	uint16_t port;
	uint8_t attempt;
	bool out, failed;
};

struct smi_syn_slots {
	struct smi_syn_slot *v;
	uint32_t *table; /* those that are out, + 1, by hash */
	uint32_t mask;
};

/* n slots; what was made is to be freed after a failure, too. -ENOMEM. */
int smi_syn_slots_init(struct smi_syn_slots *l, unsigned n);
void smi_syn_slots_free(struct smi_syn_slots *l);
/* By its hash. */
void smi_syn_list(struct smi_syn_slots *l, struct smi_syn_slot *s);
/* Nothing where it is not out. */
void smi_syn_unlist(struct smi_syn_slots *l, struct smi_syn_slot *s);
/* The one that asked that port of that peer, or NULL. */
struct smi_syn_slot *smi_syn_find(const struct smi_syn_slots *l, uint32_t hash,
				  const struct smi_syn_ends *ends);

#endif
