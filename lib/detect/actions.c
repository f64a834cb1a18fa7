/* SPDX-License-Identifier: MIT */
#include "detect/actions.h"

/* The numbers are sm_outcome's (sysmon/log.h): unknown 0, failure 1, success 2. */
static const struct smi_action actions[] = {
	{ "login_failed", 1, true },	   { "invalid_user", 1, false },
	{ "login_ok", 2, false },	   { "sudo_failed", 1, true },
	{ "sudo_denied", 1, true },	   { "sudo_ok", 2, false },
	{ "su_failed", 1, true },	   { "su_ok", 2, false },
	{ "doas_failed", 1, true },	   { "doas_denied", 1, true },
	{ "doas_ok", 2, false },	   { "polkit_failed", 1, true },
	{ "polkit_ok", 2, false },	   { "user_added", 2, false },
	{ "user_changed", 2, false },	   { "user_removed", 2, false },
	{ "password_changed", 2, false },  { "account_detail", 1, false },
	{ "account_locked", 1, false },	   { "cron_changed", 2, false },
	{ "cron_denied", 1, true },	   { "cron_job", 0, false },
	{ "log_cleared", 2, false },	   { "auth_detail", 1, false },
	{ "session_opened", 2, false },	   { "session_closed", 2, false },
	{ "connection_detail", 0, false }, { "connection_refused", 1, false },
	{ "protocol_error", 1, false },	   { "access_denied", 1, true },
	{ "query_denied", 1, false },	   { "mail_rejected", 1, false },
	{ "attack_detected", 1, true },	   { "firewall_drop", 1, false },
	{ "firewall_pass", 2, false },	   { "mac_denied", 1, true },
	{ "audit_auth_failed", 1, false }, { "audit_detail", 0, false },
	{ "audit_disabled", 2, false },	   { "anomaly", 0, false },
	{ "out_of_memory", 1, true },	   { "process_crashed", 1, true },
	{ "usb_device", 0, false },	   { "kernel_module", 0, false },
	{ "promiscuous_mode", 0, false },  { "docker_exposed", 0, false },
	{ "service_error", 1, false },	   { "keyword", 0, false },
	{ "web_attack", 0, true },	   { "web_login_failed", 1, true },
	{ "web_miss", 1, false },	   { "clock_changed", 0, false },
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
