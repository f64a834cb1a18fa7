/* SPDX-License-Identifier: MIT */
#include "detect/actions.h"

/* The numbers are sm_outcome's (sysmon/log.h): unknown 0, failure 1, success 2. */
static const struct smi_action actions[] = {
	{ "login_failed", 1, true },	 { "invalid_user", 1, false },
	{ "login_ok", 2, false },	 { "sudo_failed", 1, true },
	{ "sudo_denied", 1, true },	 { "sudo_ok", 2, false },
	{ "su_failed", 1, true },	 { "su_ok", 2, false },
	{ "user_added", 2, false },	 { "log_cleared", 2, false },
	{ "auth_detail", 1, false },	 { "connection_detail", 0, false },
	{ "session_opened", 2, false },	 { "session_closed", 2, false },
	{ "keyword", 0, false },	 { "web_attack", 0, true },
	{ "web_login_failed", 1, true }, { "web_miss", 1, false },
};

const struct smi_action *smi_action_by_name(const char *name)
{
	for (size_t i = 0; i < SMI_COUNT(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

uint64_t smi_actions_bit(struct smi_actions *a, const char *name)
{
	size_t i = 0;

	while (i < a->n && strcmp(a->names[i], name) != 0)
		i++;
	if (i == SMI_MAX_ACTIONS)
		return 0;
	if (i == a->n)
		a->names[a->n++] = name;
	return UINT64_C(1) << i;
}
