/* SPDX-License-Identifier: MIT */
#include "report/html.h"

/* The first tactic of each technique that rules and checks of this library name; of
 * MITRE ATT&CK for enterprises. */
static const struct {
	const char *technique, *tactic;
} tactics[] = {
	{ "T1589", "Reconnaissance" },
	{ "T1590", "Reconnaissance" },
	{ "T1595", "Reconnaissance" },
	{ "T1078", "Initial Access" },
	{ "T1133", "Initial Access" },
	{ "T1190", "Initial Access" },
	{ "T1200", "Initial Access" },
	{ "T1053", "Execution" },
	{ "T1059", "Execution" },
	{ "T1203", "Execution" },
	{ "T1610", "Execution" },
	{ "T1098", "Persistence" },
	{ "T1136", "Persistence" },
	{ "T1205", "Persistence" },
	{ "T1505", "Persistence" },
	{ "T1547", "Persistence" },
	{ "T1554", "Persistence" },
	{ "T1574", "Persistence" },
	{ "T1055", "Privilege Escalation" },
	{ "T1068", "Privilege Escalation" },
	{ "T1548", "Privilege Escalation" },
	{ "T1611", "Privilege Escalation" },
	{ "T1014", "Defense Evasion" },
	{ "T1027", "Defense Evasion" },
	{ "T1036", "Defense Evasion" },
	{ "T1070", "Defense Evasion" },
	{ "T1140", "Defense Evasion" },
	{ "T1222", "Defense Evasion" },
	{ "T1562", "Defense Evasion" },
	{ "T1564", "Defense Evasion" },
	{ "T1620", "Defense Evasion" },
	{ "T1040", "Credential Access" },
	{ "T1056", "Credential Access" },
	{ "T1110", "Credential Access" },
	{ "T1557", "Credential Access" },
	{ "T1046", "Discovery" },
	{ "T1083", "Discovery" },
	{ "T1039", "Collection" },
	{ "T1113", "Collection" },
	{ "T1213", "Collection" },
	{ "T1095", "Command and Control" },
	{ "T1105", "Command and Control" },
	{ "T1571", "Command and Control" },
	{ "T1486", "Impact" },
	{ "T1489", "Impact" },
	{ "T1496", "Impact" },
	{ "T1499", "Impact" },
};

const char *smi_html_tactic(const char *technique)
{
	size_t len = strcspn(technique, ".");

	for (size_t i = 0; i < SMI_COUNT(tactics); i++)
		if (strlen(tactics[i].technique) == len &&
		    !strncmp(tactics[i].technique, technique, len))
			return tactics[i].tactic;
	return "Other";
}
