/* SPDX-License-Identifier: MIT */
#include "record/program.h"

#define SHELL	 SMI_PROGRAM_SHELL
#define SCRIPTS	 SMI_PROGRAM_SCRIPTS
#define NETCAT	 SMI_PROGRAM_NETCAT
#define WEB	 SMI_PROGRAM_WEB
#define DATABASE SMI_PROGRAM_DATABASE
#define MAIL	 SMI_PROGRAM_MAIL
#define DEBUGGER SMI_PROGRAM_DEBUGGER
#define JIT	 SMI_PROGRAM_JIT
#define SETUID	 SMI_PROGRAM_SETUID
#define RUNTIME	 SMI_PROGRAM_RUNTIME
#define SNIFFER	 SMI_PROGRAM_SNIFFER
#define MANY	 SMI_PROGRAM_MANY
#define MINER	 SMI_PROGRAM_MINER

/* By the bytes of their names. */
static const struct {
	const char *name;
	unsigned classes;
} programs[] = {
	{ "NetworkManager", SNIFFER },
	{ "PhoenixMiner", MINER },
	{ "QtWebEngineProcess", JIT },
	{ "R", JIT },
	{ "Rscript", SCRIPTS },
	{ "SRBMiner-MULTI", MINER },
	{ "VBoxHeadless", SETUID },
	{ "VirtualBoxVM", SETUID },
	{ "WebKitWebProcess", JIT },
	{ "Xorg", SETUID },
	{ "Xorg.wrap", SETUID },
	{ "angie", WEB },
	{ "apache", WEB },
	{ "apport", DEBUGGER },
	{ "arp-scan", SNIFFER },
	{ "arping", SNIFFER },
	{ "arpwatch", SNIFFER },
	{ "ash", SCRIPTS | SHELL },
	{ "at", SETUID },
	{ "avahi-autoipd", SNIFFER },
	{ "awk", SCRIPTS },
	{ "bash", SCRIPTS | SHELL },
	{ "beam.smp", JIT },
	{ "bfgminer", MINER },
	{ "bird", SNIFFER },
	{ "box64", JIT },
	{ "bpftrace", DEBUGGER },
	{ "brave", JIT },
	{ "buildah", RUNTIME },
	{ "bun", JIT | SCRIPTS },
	{ "busybox", MANY },
	{ "bwrap", SETUID },
	{ "caddy", WEB },
	{ "ccminer", MINER },
	{ "cgminer", MINER },
	{ "chage", SETUID },
	{ "chfn", SETUID },
	{ "chrome", JIT },
	{ "chrome-sandbox", SETUID },
	{ "chrome_crashpad_handler", DEBUGGER },
	{ "chromium", JIT },
	{ "chromium-browser", JIT },
	{ "chsh", SETUID },
	{ "cleanup", MAIL },
	{ "clickhouse-server", DATABASE },
	{ "code", JIT },
	{ "code-server", JIT },
	{ "conmon", RUNTIME },
	{ "connmand", SNIFFER },
	{ "containerd-shim", RUNTIME },
	{ "containerd-shim-runc-v2", RUNTIME },
	{ "couchdb", DATABASE },
	{ "couchjs", JIT },
	{ "cpuminer", MINER },
	{ "crashpad_handler", DEBUGGER },
	{ "criu", DEBUGGER },
	{ "crontab", SETUID },
	{ "crun", RUNTIME },
	{ "csh", SCRIPTS | SHELL },
	{ "dash", SCRIPTS | SHELL },
	{ "dbus-daemon-launch-helper", SETUID },
	{ "debuginfod", DEBUGGER },
	{ "delve", DEBUGGER },
	{ "deno", JIT | SCRIPTS },
	{ "dhclient", SNIFFER },
	{ "dhcpcd", SNIFFER },
	{ "dhcpd", SNIFFER },
	{ "discord", JIT },
	{ "dlv", DEBUGGER },
	{ "doas", SETUID },
	{ "docker-runc", RUNTIME },
	{ "dotnet", JIT },
	{ "dovecot", MAIL },
	{ "dumpcap", SNIFFER },
	{ "electron", JIT },
	{ "epiphany", JIT },
	{ "etcd", DATABASE },
	{ "ethminer", MINER },
	{ "exim", MAIL | SETUID },
	{ "expect", SCRIPTS },
	{ "expiry", SETUID },
	{ "fakechroot", DEBUGGER },
	{ "firefox", JIT },
	{ "firefox-bin", JIT },
	{ "firefox-esr", JIT },
	{ "fish", SCRIPTS | SHELL },
	{ "fping", SNIFFER },
	{ "freenginx", WEB },
	{ "frr", SNIFFER },
	{ "fusermount", SETUID },
	{ "fusermount3", SETUID },
	{ "gawk", SCRIPTS },
	{ "gdb", DEBUGGER },
	{ "gdbserver", DEBUGGER },
	{ "gjs", JIT },
	{ "gjs-console", JIT },
	{ "gminer", MINER },
	{ "gnome-shell", JIT },
	{ "gpasswd", SETUID },
	{ "guile", SCRIPTS },
	{ "gunicorn", WEB },
	{ "haproxy", WEB },
	{ "hostapd", SNIFFER },
	{ "httpd", WEB },
	{ "imap", MAIL },
	{ "influxd", DATABASE },
	{ "iwd", SNIFFER },
	{ "java", JIT },
	{ "julia", JIT },
	{ "kdevtmpfsi", MINER },
	{ "keepalived", SNIFFER },
	{ "kinsing", MINER },
	{ "kismet_capture", SETUID },
	{ "ksh", SCRIPTS | SHELL },
	{ "lighttpd", WEB },
	{ "litespeed", WEB },
	{ "lldb", DEBUGGER },
	{ "lldb-server", DEBUGGER },
	{ "lldpd", SNIFFER },
	{ "local", MAIL },
	{ "lockdev", SETUID },
	{ "lolMiner", MINER },
	{ "ltrace", DEBUGGER },
	{ "lua", SCRIPTS },
	{ "luajit", JIT | SCRIPTS },
	{ "mariadbd", DATABASE },
	{ "master", MAIL },
	{ "mawk", SCRIPTS },
	{ "memcached", DATABASE },
	{ "memcheck-amd64-linux", JIT },
	{ "minerd", MINER },
	{ "mksh", SCRIPTS | SHELL },
	{ "mongod", DATABASE | JIT },
	{ "mono", JIT },
	{ "mono-sgen", JIT },
	{ "mount", SETUID },
	{ "mount.cifs", SETUID },
	{ "mount.nfs", SETUID },
	{ "msedge", JIT },
	{ "mtr", SNIFFER },
	{ "mtr-packet", SNIFFER },
	{ "mysqld", DATABASE },
	{ "nanominer", MINER },
	{ "nbminer", MINER },
	{ "nc", NETCAT },
	{ "nc.openbsd", NETCAT },
	{ "nc.traditional", NETCAT },
	{ "ncat", NETCAT },
	{ "netcat", NETCAT },
	{ "newgidmap", SETUID },
	{ "newgrp", SETUID },
	{ "newuidmap", SETUID },
	{ "nginx", WEB },
	{ "nm-dhcp-client", SNIFFER },
	{ "nmap", SNIFFER },
	{ "node", JIT | SCRIPTS },
	{ "nodejs", JIT | SCRIPTS },
	{ "ntfs-3g", SETUID },
	{ "ntopng", SNIFFER },
	{ "nvidia-container-runtime", RUNTIME },
	{ "openresty", WEB },
	{ "opensmtpd", MAIL },
	{ "opera", JIT },
	{ "osascript", SCRIPTS },
	{ "ospfd", SNIFFER },
	{ "p0f", SNIFFER },
	{ "pam_timestamp_check", SETUID },
	{ "passwd", SETUID },
	{ "perf", DEBUGGER },
	{ "perl", SCRIPTS },
	{ "php", JIT | SCRIPTS },
	{ "php-cgi", SCRIPTS | WEB },
	{ "php-fpm", JIT | WEB },
	{ "ping", SETUID | SNIFFER },
	{ "ping6", SETUID },
	{ "pipe", MAIL },
	{ "pkexec", SETUID },
	{ "podman", RUNTIME },
	{ "polkit-agent-helper-1", SETUID },
	{ "polkitd", JIT },
	{ "pop", MAIL },
	{ "postgres", DATABASE },
	{ "pppd", SETUID },
	{ "pppoe", SNIFFER },
	{ "proot", DEBUGGER },
	{ "pwsh", JIT | SCRIPTS },
	{ "pypy", JIT | SCRIPTS },
	{ "python", SCRIPTS },
	{ "qemu-aarch64", JIT },
	{ "qemu-arm", JIT },
	{ "qemu-i386", JIT },
	{ "qemu-riscv64", JIT },
	{ "qemu-system-x86_", JIT },
	{ "qemu-x86_64", JIT },
	{ "qmgr", MAIL },
	{ "rbash", SCRIPTS | SHELL },
	{ "redis-server", DATABASE },
	{ "rethinkdb", DATABASE },
	{ "rr", DEBUGGER | JIT },
	{ "ruby", JIT | SCRIPTS },
	{ "runc", RUNTIME },
	{ "sbcl", JIT },
	{ "screen", SETUID },
	{ "sendmail", MAIL | SETUID },
	{ "sh", SCRIPTS | SHELL },
	{ "slack", JIT },
	{ "slock", SETUID },
	{ "smtpd", MAIL },
	{ "snap-confine", SETUID },
	{ "snort", SNIFFER },
	{ "socat", NETCAT },
	{ "spice-client-glib-usb-acl-helper", SETUID },
	{ "srbminer", MINER },
	{ "ssh-agent", SETUID },
	{ "ssh-keysign", SETUID },
	{ "staprun", SETUID },
	{ "strace", DEBUGGER },
	{ "su", SETUID },
	{ "sudo", SETUID },
	{ "sudoreplay", SETUID },
	{ "suricata", SNIFFER },
	{ "systemd-coredump", DEBUGGER },
	{ "systemd-networkd", SNIFFER },
	{ "t-rex", MINER },
	{ "tclsh", SCRIPTS },
	{ "tcpdump", SNIFFER },
	{ "tcsh", SCRIPTS | SHELL },
	{ "teamredminer", MINER },
	{ "thunderbird", JIT },
	{ "thunderbird-bin", JIT },
	{ "toybox", MANY },
	{ "traceroute", SNIFFER },
	{ "traceroute6.iputils", SETUID },
	{ "traefik", WEB },
	{ "tshark", SNIFFER },
	{ "udhcpc", SNIFFER },
	{ "uftrace", DEBUGGER },
	{ "umount", SETUID },
	{ "umount.nfs", SETUID },
	{ "unix_chkpwd", SETUID },
	{ "userhelper", SETUID },
	{ "usernetctl", SETUID },
	{ "utempter", SETUID },
	{ "uwsgi", WEB },
	{ "valgrind", DEBUGGER | JIT },
	{ "valkey-server", DATABASE },
	{ "varnishd", WEB },
	{ "vivaldi-bin", JIT },
	{ "vrrpd", SNIFFER },
	{ "wine", JIT },
	{ "wine-preloader", JIT },
	{ "wine64", JIT },
	{ "wine64-preloader", JIT },
	{ "wireshark", SNIFFER },
	{ "wish", SCRIPTS },
	{ "wpa_supplicant", SNIFFER },
	{ "xmr-stak", MINER },
	{ "xmrig", MINER },
	{ "xmrigMiner", MINER },
	{ "yash", SCRIPTS | SHELL },
	{ "youki", RUNTIME },
	{ "zebra", SNIFFER },
	{ "zeek", SNIFFER },
	{ "zsh", SCRIPTS | SHELL },
};

struct smi_span smi_program_path(struct smi_span path)
{
	struct smi_span deleted = smi_span_str(SMI_DELETED);

	return smi_span_ends(path, deleted)
		       ? smi_span_head(path, path.len - deleted.len)
		       : path;
}

struct smi_span smi_program_name(struct smi_span path)
{
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;

	if (slash)
		path = smi_span_skip(path, (size_t)(slash - path.p) + 1);
	return smi_program_path(path);
}

/* Most differ in the first byte. */
static int compare(struct smi_span name, const char *program)
{
	int r = (unsigned char)name.p[0] - (unsigned char)program[0];

	return r ? r : smi_span_cmp(name, smi_span_str(program));
}

static unsigned find(struct smi_span name)
{
	size_t from = 0, to = name.len > 0 ? SMI_COUNT(programs) : 0;

	while (from < to) {
		size_t at = from + (to - from) / 2;
		int r = compare(name, programs[at].name);

		if (r == 0)
			return programs[at].classes;
		if (r < 0)
			to = at;
		else
			from = at + 1;
	}
	return 0;
}

unsigned smi_program_class(struct smi_span path)
{
	struct smi_span name = smi_program_name(path);
	unsigned classes = find(name);
	size_t len = name.len;

	while (len > 0 && memchr("0123456789.-", name.p[len - 1], 12))
		len--;
	return classes || len == name.len ? classes
					  : find(smi_span_head(name, len));
}
