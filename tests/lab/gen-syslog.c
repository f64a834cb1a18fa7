/* SPDX-License-Identifier: MIT */
/*
 * gen-syslog BYTES SEED: what a host with many services writes into one file, on
 * standard output: RFC 3164, without year. One line of twenty-five is of a failure.
 * Same arguments, same bytes. Addresses are those of RFC 5737 and 2544.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t state;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint32_t below(uint32_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % n);
}

/* @n is a number, @a an address, @x eight hexadecimal digits, @u a user, @p a process
 * in brackets, @@ an @. */
static const char *const everyday[] = {
	"sshd@p: Accepted publickey for @u from @a port @n ssh2: ED25519 "
	"SHA256:cGxhaW4",
	"sshd@p: pam_unix(sshd:session): session opened for user @u(uid=1000) "
	"by "
	"(uid=0)",
	"sshd@p: Received disconnect from @a port @n:11: disconnected by user",
	"sshd@p: Disconnected from user @u @a port @n",
	"sudo:    @u : TTY=pts/0 ; PWD=/srv ; USER=root ; "
	"COMMAND=/usr/bin/systemctl reload app-@n",
	"sudo: pam_unix(sudo:session): session opened for user root(uid=0) by "
	"@u(uid=1000)",
	"CRON@p: (root) CMD (test -x /usr/sbin/anacron || run-parts "
	"/etc/cron.daily)",
	"CRON@p: pam_unix(cron:session): session opened for user root(uid=0) "
	"by "
	"(uid=0)",
	"CRON@p: pam_unix(cron:session): session closed for user root",
	"systemd[1]: Starting app-@n.service - Application worker @n...",
	"systemd[1]: app-@n.service: Deactivated successfully.",
	"systemd[1]: Finished logrotate.service - Rotate log files.",
	"systemd-logind[601]: New session @n of user @u.",
	"systemd-resolved[580]: Clock change detected. Flushing caches.",
	"systemd-timesyncd[590]: Contacted time server @a:123 "
	"(ntp.example.org).",
	"kernel: [@n.@n] [UFW BLOCK] IN=eth0 OUT= MAC=00:16:3e:@n SRC=@a "
	"DST=192.0.2.10 LEN=44 TTL=243 PROTO=TCP SPT=@n DPT=23 SYN URGP=0",
	"kernel: [@n.@n] usb 1-2: new high-speed USB device number 7 using "
	"xhci_hcd",
	"kernel: [@n.@n] EXT4-fs (sda1): mounted filesystem with ordered data "
	"mode",
	"kernel: [@n.@n] audit: type=1400 audit(1785837600.123:@n): "
	"apparmor=\"STATUS\" operation=\"profile_load\" name=\"snap.app\"",
	"postfix/smtpd@p: connect from mail.example.com[@a]",
	"postfix/smtpd@p: @x: client=mail.example.com[@a]",
	"postfix/cleanup@p: @x: message-id=<@x.@n@@example.com>",
	"postfix/qmgr@p: @x: from=<@u@@example.com>, size=@n, nrcpt=1 (queue "
	"active)",
	"postfix/smtp@p: @x: to=<@u@@example.net>, "
	"relay=mx.example.net[@a]:25, "
	"delay=0.6, delays=0.1/0/0.2/0.3, dsn=2.0.0, status=sent (250 2.0.0 "
	"Ok: "
	"queued as @x)",
	"postfix/smtpd@p: disconnect from mail.example.com[@a] ehlo=1 mail=1 "
	"rcpt=1 data=1 quit=1 commands=5",
	"dovecot: imap-login: Login: user=<@u>, method=PLAIN, rip=@a, "
	"lip=192.0.2.10, mpid=@n, TLS, session=<@x>",
	"dovecot: imap(@u)<@n><@x>: Disconnected: Logged out in=@n out=@n "
	"deleted=0 expunged=0",
	"nginx@p: @a - - [04/Aug/2026:10:00:01 +0000] \"GET /static/app.@x.js "
	"HTTP/1.1\" 200 @n \"https://www.example.org/\" \"Mozilla/5.0 (X11; "
	"Linux "
	"x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\"",
	"nginx: 2026/08/04 10:00:01 [notice] 77#77: signal 1 (SIGHUP) received "
	"from @n, reconfiguring",
	"postgres@p: [@n-1] LOG:  checkpoint complete: wrote @n buffers "
	"(0.2%); 0 "
	"WAL file(s) added",
	"postgres@p: [@n-1] @u@@app LOG:  duration: 1@n.5 ms  statement: "
	"SELECT * "
	"FROM orders WHERE id = @n",
	"mariadbd@p: 2026-08-04 10:00:01 0 [Note] InnoDB: Buffer pool(s) load "
	"completed",
	"named@p: client @@0x@x @a#@n (www.example.org): query: "
	"www.example.org IN "
	"A +E(0)K (192.0.2.53)",
	"dhclient@p: DHCPREQUEST for 192.0.2.10 on eth0 to 192.0.2.1 port 67",
	"NetworkManager@p: <info>  [1785837600.@n] dhcp4 (eth0): state changed "
	"bound -> extended",
	"chronyd@p: Selected source @a",
	"dockerd@p: time=\"2026-08-04T10:00:01.5Z\" level=info msg=\"ignoring "
	"event\" container=@x@x@x module=libcontainerd",
	"ovpn-server@p: @u/@a:@n peer info: IV_PLAT=linux",
	"smbd@p:   @u (ipv4:@a:@n) connect to service data initially as user "
	"@u",
	"rsyslogd: [origin software=\"rsyslogd\" swVersion=\"8.2302.0\"] "
	"rsyslogd "
	"was HUPed",
	"app@p: job @n finished in @n ms: 0 errors, 0 failed, @n rows",
	"app@p: request @x GET /api/v1/orders/@n from @a took @n ms",
};
static const char *const failures[] = {
	"sshd@p: Failed password for invalid user @u from @a port @n ssh2",
	"sshd@p: Invalid user @u from @a port @n",
	"sudo: pam_unix(sudo:auth): authentication failure; logname=@u "
	"uid=1000 "
	"euid=0 tty=/dev/pts/0 ruser=@u rhost=  user=@u",
	"postfix/smtpd@p: warning: unknown[@a]: SASL LOGIN authentication "
	"failed: "
	"UGFzc3dvcmQ6",
	"dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 "
	"secs): "
	"user=<@u>, method=PLAIN, rip=@a, lip=192.0.2.10, TLS, session=<@x>",
	"postgres@p: [@n-1] @u@@app FATAL:  password authentication failed for "
	"user \"@u\"",
	"nginx: 2026/08/04 10:00:01 [error] 77#77: *@n user \"@u\": password "
	"mismatch, client: @a, server: www.example.org, request: \"GET /intern "
	"HTTP/1.1\", host: \"www.example.org\"",
	"named@p: client @@0x@x @a#@n (example.net): query (cache) "
	"'example.net/ANY/IN' denied",
	"kernel: [@n.@n] app[@n]: segfault at 0 ip 0000@x sp 0000@x error 4 in "
	"app[400000+1000]",
	"app@p: error: job @n failed: connection refused",
};

static int put_hole(char *out, size_t size, char what)
{
	static const char *const users[] = { "alice", "bob", "deploy", "backup",
					     "carol" };
	uint32_t i = below(4) ? below(64) : below(4096);

	switch (what) {
	case 'a':
		return snprintf(out, size, "198.18.%u.%u", i >> 8, i & 255);
	case 'n':
		return snprintf(out, size, "%u", below(60000));
	case 'p':
		return snprintf(out, size, "[%u]", 1000 + below(60000));
	case 'u':
		return snprintf(out, size, "%s", users[below(COUNT(users))]);
	case 'x':
		return snprintf(out, size, "%08x", below(UINT32_MAX));
	default:
		return snprintf(out, size, "@");
	}
}

static size_t fill(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text && n + 1 < size; text++) {
		if (*text == '@' && text[1])
			n += (size_t)put_hole(out + n, size - n, *++text);
		else
			out[n++] = *text;
	}
	return n;
}

int main(int argc, char **argv)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr",
					  "May", "Jun", "Jul", "Aug" };
	uint64_t bytes = 0, want, ms = 0;
	char line[2048];

	if (argc != 3) {
		fputs("usage: gen-syslog BYTES SEED\n", stderr);
		return 2;
	}
	want = strtoull(argv[1], NULL, 10);
	state = strtoull(argv[2], NULL, 10);
	while (bytes < want) {
		const char *text = below(25) ? everyday[below(COUNT(everyday))]
					     : failures[below(COUNT(failures))];
		unsigned s = (unsigned)((ms += below(400)) / 1000);
		unsigned day = s / 86400 % (28 * COUNT(months));
		size_t n = (size_t)snprintf(line, sizeof(line),
					    "%s %2u %02u:%02u:%02u web01 ",
					    months[day / 28], day % 28 + 1,
					    s / 3600 % 24, s / 60 % 60, s % 60);

		n += fill(line + n, sizeof(line) - n - 1, text);
		line[n++] = '\n';
		if (fwrite(line, 1, n, stdout) != n)
			return 1;
		bytes += n;
	}
	return fflush(stdout) != 0;
}
