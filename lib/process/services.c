/* SPDX-License-Identifier: MIT */
#include "process/services.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Families of distributions name the units of one daemon differently. Without a
 * unit: what systemd itself starts always. */
static const struct {
	const char *unit, *process;
} daemons[] = {
	{ NULL, "systemd-journald" },
	{ "ssh", "sshd" },
	{ "sshd", "sshd" },
	{ "cron", "cron" },
	{ "crond", "crond" },
	{ "cronie", "crond" },
	{ "rsyslog", "rsyslogd" },
	{ "syslog-ng", "syslog-ng" },
	{ "auditd", "auditd" },
	{ "fail2ban", "fail2ban-server" },
	{ "sshguard", "sshg-parser" },
	{ "crowdsec", "crowdsec" },
	{ "firewalld", "firewalld" },
	{ "suricata", "suricata" },
	{ "clamav-daemon", "clamd" },
	{ "clamd@scan", "clamd" },
	{ "usbguard", "usbguard-daemon" },
	{ "fapolicyd", "fapolicyd" },
	{ "osqueryd", "osqueryd" },
	{ "falco-modern-bpf", "falco" },
	{ "falco-bpf", "falco" },
	{ "falco-kmod", "falco" },
	{ "sysmon", "sysmon" },
	{ "auditbeat", "auditbeat" },
	{ "filebeat", "filebeat" },
	{ "elastic-agent", "elastic-agent" },
	{ "wazuh-agent", "wazuh-agentd" },
	{ "wazuh-manager", "wazuh-analysisd" },
	{ "falcon-sensor", "falcon-sensor" },
	{ "mdatp", "wdavdaemon" },
	{ "sentinelone", "s1-agent" },
};
static const char *const targets[] = {
	"multi-user.target.wants",
	"sysinit.target.wants",
	"graphical.target.wants",
	"default.target.wants",
};
_Static_assert(SMI_COUNT(daemons) <= SMI_SERVICES_MAX, "room for each");

/* The link itself, or whatever is there; -1 for nothing. */
static int open_entry(const struct smi_fsroot *root, const char *dir,
		      const char *target, const char *unit)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s%s%s.service", dir, target,
		 target[0] ? "/" : "", unit);
	return smi_fsroot_open(root, path, O_PATH | O_NOFOLLOW);
}

static bool is_masked(const struct smi_fsroot *root, const char *unit)
{
	static const char *const dirs[] = { "/etc/systemd/system",
					    "/run/systemd/system" };
	static const char null[] = "/dev/null";

	for (size_t i = 0; i < SMI_COUNT(dirs); i++) {
		char to[sizeof(null)];
		ssize_t n = -1;
		int fd = open_entry(root, dirs[i], "", unit);

		if (fd >= 0) {
			n = readlinkat(fd, "", to, sizeof(to));
			close(fd);
		}
		if (n == (ssize_t)sizeof(null) - 1 &&
		    memcmp(to, null, sizeof(null) - 1) == 0)
			return true;
	}
	return false;
}

static bool is_enabled(const struct smi_fsroot *root, const char *unit)
{
	for (size_t i = 0; i < SMI_COUNT(targets); i++) {
		int fd = open_entry(root, "/etc/systemd/system", targets[i],
				    unit);

		if (fd >= 0) {
			close(fd);
			return !is_masked(root, unit);
		}
	}
	return false;
}

static bool is_booted(const struct smi_fsroot *root)
{
	int fd = smi_fsroot_open(root, "/run/systemd/system",
				 O_PATH | O_DIRECTORY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool is_known(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

size_t smi_services_find(const struct smi_fsroot *root,
			 const char *names[SMI_SERVICES_MAX])
{
	size_t n = 0;

	if (!is_booted(root))
		return 0;
	for (size_t i = 0; i < SMI_COUNT(daemons); i++)
		if ((!daemons[i].unit || is_enabled(root, daemons[i].unit)) &&
		    !is_known(names, n, daemons[i].process))
			names[n++] = daemons[i].process;
	return n;
}
