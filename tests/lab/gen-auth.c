/* SPDX-License-Identifier: MIT */
/*
 * gen-auth BYTES PERCENT SEED rfc3164|iso|rfc5424 [ADDRESSES]: an authentication log
 * on standard output. PERCENT of the lines belong to failed logins; the others are
 * everyday traffic, some with words that look like it. With ADDRESSES the failed ones
 * come from so many networks in turn, each with one address. Same arguments, same
 * bytes. Addresses are those of RFC 5737, 3849 and 2544.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum format {
	RFC3164,
	ISO,
	RFC5424
};
static const char *const formats[] = { "rfc3164", "iso", "rfc5424" };
static enum format format;
static uint64_t state;
static uint32_t addresses, next_address;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint32_t below(uint32_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % n);
}

static const char *peer(void)
{
	static char text[64];
	uint32_t i;

	if (addresses) {
		i = next_address++ % addresses;
		snprintf(text, sizeof(text), "2001:db8:%x:%x::1", i >> 16,
			 i & 0xffff);
		return text;
	}
	/* Few of them try often, many seldom. */
	i = below(4) ? below(64) : below(4096);
	if (i % 16 == 15)
		snprintf(text, sizeof(text), "2001:db8:%x::%x", i, i * 7 + 1);
	else
		snprintf(text, sizeof(text), "198.18.%u.%u", i >> 8, i & 255);
	return text;
}

static const char *user(void)
{
	static const char *const names[] = { "root",   "admin", "test",
					     "oracle", "git",	"pi",
					     "ubuntu", "guest", "backup" };
	static char text[32];

	if (below(3))
		return names[below(COUNT(names))];
	snprintf(text, sizeof(text), "user%u", below(500));
	return text;
}

static void failure(char *out, size_t size)
{
	uint32_t port = 1024 + below(60000);

	switch (below(6)) {
	case 0:
		snprintf(out, size,
			 "Failed password for invalid user %s from %s port %u "
			 "ssh2",
			 user(), peer(), port);
		break;
	case 1:
		snprintf(out, size, "Invalid user %s from %s port %u", user(),
			 peer(), port);
		break;
	case 2:
		snprintf(out, size,
			 "Connection closed by authenticating user %s %s port "
			 "%u [preauth]",
			 user(), peer(), port);
		break;
	case 3:
		if (below(20)) {
			snprintf(out, size,
				 "Failed publickey for %s from %s port %u "
				 "ssh2: RSA SHA256:abc",
				 user(), peer(), port);
			break;
		}
		snprintf(out, size,
			 "message repeated %u times: [ Failed password for %s "
			 "from %s port %u ssh2]",
			 2 + below(8), user(), peer(), port);
		break;
	default:
		snprintf(out, size,
			 "Failed password for %s from %s port %u "
			 "ssh2",
			 user(), peer(), port);
	}
}

struct kind {
	const char *program, *text; /* %u becomes a number */
};
static const struct kind traffic[] = {
	{ "CRON", "pam_unix(cron:session): session opened for user root(uid=0) "
		  "by (uid=%u)" },
	{ "CRON", "pam_unix(cron:session): session closed for user root" },
	{ "sshd", "Accepted publickey for deploy from 192.0.2.77 port %u ssh2: "
		  "ED25519 SHA256:cGxhaW4" },
	{ "sshd", "pam_unix(sshd:session): session opened for user "
		  "deploy(uid=%u) by (uid=0)" },
	{ "sshd",
	  "Received disconnect from 192.0.2.77 port %u:11: disconnected "
	  "by user" },
	{ "systemd-logind", "New session %u of user deploy." },
	{ "systemd", "Started session-%u.scope - Session of User deploy." },
	{ "sudo", "  deploy : TTY=pts/0 ; PWD=/srv ; USER=root ; "
		  "COMMAND=/usr/bin/systemctl restart app-%u" },
	{ "app", "job %u finished: 0 errors, 0 failed" },
	{ "app", "user said: sshd[1]: Failed password for root from "
		 "203.0.113.66 port %u ssh2" },
	{ "kernel", "[UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.9 DST=192.0.2.10 "
		    "PROTO=TCP SPT=%u DPT=23 SYN" },
	{ "postfix/smtpd", "connect from mail.example.com[192.0.2.%u]" },
};

static void everyday(char *out, size_t size, const char **program)
{
	const struct kind *k = &traffic[below(COUNT(traffic))];
	const char *hole = strstr(k->text, "%u");

	*program = k->program;
	if (hole)
		snprintf(out, size, "%.*s%u%s", (int)(hole - k->text), k->text,
			 below(60000), hole + 2);
	else
		snprintf(out, size, "%s", k->text);
}

/* From the 1st of January 2026 on, UTC. */
static int stamp(char *out, size_t size, uint64_t ms)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr",
					  "May", "Jun", "Jul", "Aug",
					  "Sep", "Oct", "Nov", "Dec" };
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30,
					 31, 31, 30, 31, 30, 31 };
	unsigned s = (unsigned)(ms / 1000 % 86400), month = 0;
	unsigned day = (unsigned)(ms / 86400000 % 365);

	while (day >= days[month])
		day -= days[month++];
	if (format == RFC3164)
		return snprintf(out, size, "%s %2u %02u:%02u:%02u web01 ",
				months[month], day + 1, s / 3600, s / 60 % 60,
				s % 60);
	return snprintf(out, size,
			"%s2026-%02u-%02uT%02u:%02u:%02u.%03u000+00:00 web01 ",
			format == RFC5424 ? "<38>1 " : "", month + 1, day + 1,
			s / 3600, s / 60 % 60, s % 60, (unsigned)(ms % 1000));
}

static size_t line(char *out, size_t size, uint64_t ms, double percent)
{
	const char *program = below(8) ? "sshd" : "sshd-session";
	char text[256];
	int n;

	if (below(1000000) < percent * 10000)
		failure(text, sizeof(text));
	else
		everyday(text, sizeof(text), &program);
	n = stamp(out, size, ms);
	return (size_t)n + (size_t)snprintf(out + n, size - (size_t)n,
					    format == RFC5424 ? "%s %u - - %s\n"
							      : "%s[%u]: %s\n",
					    program, 1000 + below(60000), text);
}

int main(int argc, char **argv)
{
	uint64_t bytes = 0, want, ms = 0;
	double percent;
	char text[512];

	if (argc != 5 && argc != 6) {
		fputs("usage: gen-auth BYTES PERCENT SEED "
		      "rfc3164|iso|rfc5424 [ADDRESSES]\n",
		      stderr);
		return 2;
	}
	want = strtoull(argv[1], NULL, 10);
	percent = strtod(argv[2], NULL);
	state = strtoull(argv[3], NULL, 10);
	addresses = argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) : 0;
	for (size_t i = 0; i < COUNT(formats); i++)
		if (strcmp(argv[4], formats[i]) == 0)
			format = (enum format)i;
	while (bytes < want) {
		size_t n;

		ms += below(400);
		n = line(text, sizeof(text), ms, percent);
		if (fwrite(text, 1, n, stdout) != n)
			return 1;
		bytes += n;
	}
	return fflush(stdout) != 0;
}
