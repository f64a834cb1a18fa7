/* SPDX-License-Identifier: MIT */
#include "detect/port-check.h"

static const char *const hidden[] = { "T1014", "T1205", "T1564" };
static const char *const firewall[] = { "T1562.004" };

static bool is_open(const sm_record *rec)
{
	return smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_STATE_CODE) ==
	       SM_PORT_OPEN;
}

static bool answers_unheard(const sm_record *rec, double threshold,
			    struct smi_verdict *v)
{
	(void)threshold;
	(void)v;
	return is_open(rec) && smi_rec_has(rec, SMI_PORT_UNHEARD);
}

static bool is_unreachable(const sm_record *rec, double threshold,
			   struct smi_verdict *v)
{
	int64_t state = smi_rec_int(rec, SM_KIND_PORT, SMI_PORT_STATE_CODE);

	(void)threshold;
	(void)v;
	return (state == SM_PORT_CLOSED || state == SM_PORT_FILTERED) &&
	       smi_rec_has(rec, SMI_PORT_LISTEN_ADDRESS);
}

static const struct smi_port_check local_checks[] = {
	{
		.kind = SM_KIND_PORT,
		.c.id = "port-unheard",
		.c.kind = "port_unheard",
		.c.severity = SM_SEV_HIGH,
		SMI_PORT_ATTACK(hidden),
		.c.fields = { SMI_PORT_STATE, SMI_PORT_UNHEARD },
		.c.nfields = 2,
		.c.key = SMI_PORT_ID,
		.c.fn = answers_unheard,
		.c.title = "{subject} answers, and nothing here listens",
		.c.why = "The port answered twice, and the kernel's "
			 "list of sockets of this network namespace has nobody "
			 "for it: somebody hides the listener, or what comes "
			 "is passed on to another port, namespace or machine.",
		.c.innocent = "Firewall rules that pass ports on to containers "
			      "look the same.",
		.c.next_step = "Look for redirect and dnat in 'nft list "
			       "ruleset' and 'iptables-save -t nat'. If none "
			       "has the port, trust no tool of this machine: "
			       "look for a rootkit.",
	},
	{
		.kind = SM_KIND_PORT,
		.c.id = "port-unreachable",
		.c.kind = "port_unreachable",
		.c.severity = SM_SEV_INFO,
		SMI_PORT_ATTACK(firewall),
		.c.fields = { SMI_PORT_STATE, SMI_PORT_REASON,
			      SMI_PORT_LISTEN_ADDRESS },
		.c.nfields = 3,
		.c.key = SMI_PORT_ID,
		.c.fn = is_unreachable,
		.c.title = "A program listens at {subject}, and cannot be "
			   "reached",
		.c.why = "Its socket is bound to {listen_address}, and the "
			 "port is {state} from this machine itself: {reason}.",
		.c.innocent = "A firewall that shuts what need not be open "
			      "does this, and a server that takes no more "
			      "connections for now.",
		.c.next_step = "Nothing if the firewall is meant to shut it; "
			       "then the program may as well be stopped.",
	},
};
SMI_PORT_CHECKS(local);
