/* SPDX-License-Identifier: MIT */
#include "detect/port-check.h"

static const char *const decoy[] = { "T1046" };

/* So many ports, all open, are more services than a host has. */
#define MANY_OPEN 200

static int64_t count_of(const sm_record *rec, unsigned field)
{
	return smi_rec_int(rec, SM_KIND_HOST, field);
}

/* One in 20 may be lost on the way, or be a real service. */
static bool is_tarpit(const sm_record *rec, double threshold,
		      struct smi_verdict *v)
{
	int64_t open = count_of(rec, SMI_HOST_OPEN);
	int64_t silent = count_of(rec, SMI_HOST_FILTERED) +
			 count_of(rec, SMI_HOST_OPEN_FILTERED);

	(void)threshold;
	(void)v;
	return open >= MANY_OPEN && count_of(rec, SMI_HOST_CLOSED) == 0 &&
	       silent * 20 <= open &&
	       count_of(rec, SMI_HOST_SPOKE) * 20 <=
		       count_of(rec, SMI_HOST_ASKED);
}

static const struct smi_port_check host_checks[] = {
	{
		.kind = SM_KIND_HOST,
		.c.id = "tarpit",
		.c.kind = "tarpit",
		.c.severity = SM_SEV_INFO,
		SMI_PORT_ATTACK(decoy),
		.c.fields = { SMI_HOST_OPEN, SMI_HOST_CLOSED, SMI_HOST_FILTERED,
			      SMI_HOST_ASKED, SMI_HOST_SPOKE,
			      SMI_HOST_OPEN_FILTERED },
		.c.nfields = 6,
		.c.key = SMI_HOST_ADDRESS,
		.c.fn = is_tarpit,
		.c.title = "{subject} has all of its {open} ports open: a "
			   "tarpit or a SYN proxy",
		.c.why = "Something answers for every port, and "
			 "nothing was heard from services behind it. Which "
			 "ports are open in truth cannot be told from here.",
		.c.innocent = "Firewalls that answer for the hosts behind "
			      "them under a flood of SYNs look the same.",
		.c.next_step = "Believe none of its ports by the scan alone: "
			       "ask them with --services, or look from the "
			       "host itself.",
	},
};
SMI_PORT_CHECKS(host);
