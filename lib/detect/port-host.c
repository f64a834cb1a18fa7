/* SPDX-License-Identifier: MIT */
#include "detect/port-check.h"
#include "record/alike.h"

static const char *const hidden[] = { "T1014", "T1205", "T1564" };
static const char *const decoy[] = { "T1046" };

static int64_t count_of(const sm_record *rec, unsigned field)
{
	return smi_rec_int(rec, SM_KIND_HOST, field);
}

static bool is_tarpit(const sm_record *rec, double threshold,
		      struct smi_verdict *v)
{
	int64_t open = count_of(rec, SMI_HOST_OPEN);
	int64_t silent = count_of(rec, SMI_HOST_FILTERED) +
			 count_of(rec, SMI_HOST_OPEN_FILTERED);

	(void)threshold;
	(void)v;
	/* Of this machine it is known who listens. */
	if (count_of(rec, SMI_HOST_UNHEARD) > 0 ||
	    !smi_alike_few(count_of(rec, SMI_HOST_HEARD), open))
		return false;
	return open >= SMI_ALIKE_MANY && count_of(rec, SMI_HOST_CLOSED) == 0 &&
	       smi_alike_few(silent, open) &&
	       smi_alike_few(count_of(rec, SMI_HOST_SPOKE),
			     count_of(rec, SMI_HOST_ASKED));
}

static bool answers_unheard(const sm_record *rec, double threshold,
			    struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return count_of(rec, SMI_HOST_UNHEARD) > 0;
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
			      SMI_HOST_OPEN_FILTERED, SMI_HOST_HEARD,
			      SMI_HOST_UNHEARD },
		.c.nfields = 8,
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
	{
		.kind = SM_KIND_HOST,
		.c.id = "ports-unheard",
		.c.kind = "ports_unheard",
		.c.severity = SM_SEV_HIGH,
		SMI_PORT_ATTACK(hidden),
		.c.fields = { SMI_HOST_OPEN, SMI_HOST_UNHEARD },
		.c.nfields = 2,
		.c.key = SMI_HOST_ADDRESS,
		.c.fn = answers_unheard,
		.c.title = "{subject} answers at {unheard} ports where nothing "
			   "here listens",
		.c.why = "All of its {open} ports took a connection, and the "
			 "kernel's list of sockets of this network namespace "
			 "has nobody for these: what comes is passed on to "
			 "another port, namespace or machine, or listeners "
			 "are hidden.",
		.c.innocent = "A proxy that takes all connections is fed by "
			      "such a rule.",
		.c.next_step = "Look for redirect, dnat and tproxy in 'nft "
			       "list ruleset' and 'iptables-save'. If there is "
			       "none, trust no tool of this machine: look for "
			       "a rootkit.",
	},
};
SMI_PORT_CHECKS(host);
