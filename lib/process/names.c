/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "process/procfs.h"

/* include/uapi/linux/sched.h */
static const char *const policies[] = {
	"other", "fifo", "rr", "batch", "", "idle", "deadline", "ext",
};

/* include/uapi/linux/seccomp.h */
static const char *const modes[] = { "none", "strict", "filter" };

/* include/uapi/linux/capability.h */
static const char *const capabilities[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

const char *smi_procfs_policy(uint32_t policy)
{
	return policy < SMI_COUNT(policies) ? policies[policy] : "";
}

const char *smi_procfs_seccomp(uint32_t mode)
{
	return mode < SMI_COUNT(modes) ? modes[mode] : "";
}

const char *smi_procfs_capability(unsigned number)
{
	return number < SMI_COUNT(capabilities) ? capabilities[number] : NULL;
}

/* Documentation/admin-guide/devices.txt; first is the minor number of NAME0. */
static const struct {
	unsigned major, first, last;
	const char *name;
} terminals[] = {
	{ 4, 0, 63, "tty" },	       { 4, 64, 255, "ttyS" },
	{ 136, 0, 1048575, "pts/" },   { 204, 64, 191, "ttyAMA" },
	{ 188, 0, 1048575, "ttyUSB" }, { 166, 0, 1048575, "ttyACM" },
	{ 229, 0, 1048575, "hvc" },
};

const char *smi_procfs_tty(int32_t device, char room[SMI_TTY_MAX])
{
	/* As stat prints it: new_encode_dev() of include/linux/kdev_t.h. */
	unsigned d = (unsigned)device, major = d >> 8 & 0xfff;
	unsigned minor = (d & 0xff) | (d >> 12 & 0xfff00);

	if (device <= 0)
		return "";
	if (major == 5 && minor == 1)
		return "console";
	/* UNIX98_PTY_SLAVE_MAJOR and the seven behind it. */
	if (major > 136 && major < 144) {
		minor += (major - 136) * 256;
		major = 136;
	}
	for (size_t i = 0; i < SMI_COUNT(terminals); i++) {
		if (major != terminals[i].major || minor < terminals[i].first ||
		    minor > terminals[i].last)
			continue;
		snprintf(room, SMI_TTY_MAX, "%s%u", terminals[i].name,
			 minor - terminals[i].first);
		return room;
	}
	snprintf(room, SMI_TTY_MAX, "%u:%u", major, minor);
	return room;
}
