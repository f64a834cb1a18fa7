/* SPDX-License-Identifier: MIT */
#include "portscan/syn-socket.h"

#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "portscan/own-ports.h"

/* Without it nothing tells to what a segment is an answer. */
#define FLAG_ACK 0x10

/* IPv4 packets come with their header, IPv6 ones without. */
#define AT_IP4_PROTO 9
#define AT_IP6_NEXT  6
#define ICMP_LEN     8
#define IP4_LEN	     20
#define IP6_LEN	     40

#define LOAD_HEADER_LEN	 BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)
#define LOAD_BYTE(at)	 BPF_STMT(BPF_LD | BPF_B | BPF_ABS, at)
#define LOAD_SHORT(at)	 BPF_STMT(BPF_LD | BPF_H | BPF_ABS, at)
#define LOAD_BYTE_X(at)	 BPF_STMT(BPF_LD | BPF_B | BPF_IND, at)
#define LOAD_SHORT_X(at) BPF_STMT(BPF_LD | BPF_H | BPF_IND, at)
/* Skips so many statements when it is not so. */
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define UNLESS_ANY(flags, skip)                                                \
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 0, skip)
#define TAKE  BPF_STMT(BPF_RET | BPF_K, 0xffff)
#define LEAVE BPF_STMT(BPF_RET | BPF_K, 0)

static int set_filter(int fd, struct sock_filter *code, size_t n)
{
	struct sock_fprog program = { (unsigned short)n, code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program)) < 0
		       ? -errno
		       : 0;
}

/* Goes on behind its statements where the loaded port is one of ours; the skip of
 * the last one leads to the end of the program, n statements later. */
static size_t put_ports(struct sock_filter *code, const struct smi_syn_hold *h,
			uint8_t n)
{
	for (uint8_t i = 0; i < SMI_SYN_TRIES; i++) {
		bool last = i == SMI_SYN_TRIES - 1;

		code[i] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, h->ports[i],
			(uint8_t)(SMI_SYN_TRIES - 1 - i), last ? n : 0);
	}
	return SMI_SYN_TRIES;
}

#define MAX_CODE 24

static size_t put(struct sock_filter *code, const struct sock_filter *more,
		  size_t n)
{
	memcpy(code, more, n * sizeof(*code));
	return n;
}

/* To our ports, and an answer. */
static int filter_tcp(int fd, uint8_t family, const struct smi_syn_hold *h)
{
	static const struct sock_filter port4[] = { LOAD_HEADER_LEN,
						    LOAD_SHORT_X(2) };
	static const struct sock_filter port6[] = { LOAD_SHORT(2) };
	static const struct sock_filter ack4[] = { LOAD_BYTE_X(13),
						   UNLESS_ANY(FLAG_ACK, 1),
						   TAKE, LEAVE };
	static const struct sock_filter ack6[] = { LOAD_BYTE(13),
						   UNLESS_ANY(FLAG_ACK, 1),
						   TAKE, LEAVE };
	struct sock_filter code[MAX_CODE];
	bool four = family == 4;
	size_t n = four ? put(code, port4, SMI_COUNT(port4))
			: put(code, port6, SMI_COUNT(port6));

	n += put_ports(code + n, h, SMI_COUNT(ack4) - 1);
	n += put(code + n, four ? ack4 : ack6, SMI_COUNT(ack4));
	return set_filter(fd, code, n);
}

/* About a TCP packet from our ports, which had no IP options. */
static int filter_icmp(int fd, uint8_t family, const struct smi_syn_hold *h)
{
	static const struct sock_filter quoted4[] = {
		LOAD_HEADER_LEN,
		LOAD_BYTE_X(ICMP_LEN + AT_IP4_PROTO),
		UNLESS(IPPROTO_TCP, SMI_SYN_TRIES + 2),
		LOAD_SHORT_X(ICMP_LEN + IP4_LEN),
	};
	static const struct sock_filter quoted6[] = {
		LOAD_BYTE(ICMP_LEN + AT_IP6_NEXT),
		UNLESS(IPPROTO_TCP, SMI_SYN_TRIES + 2),
		LOAD_SHORT(ICMP_LEN + IP6_LEN),
	};
	static const struct sock_filter end[] = { TAKE, LEAVE };
	struct sock_filter code[MAX_CODE];
	size_t n = family == 4 ? put(code, quoted4, SMI_COUNT(quoted4))
			       : put(code, quoted6, SMI_COUNT(quoted6));

	n += put_ports(code + n, h, 1);
	n += put(code + n, end, SMI_COUNT(end));
	return set_filter(fd, code, n);
}

/* One socket for both families, where there are both. */
static int hold_one(struct smi_own_ports *own, int *fd, uint16_t *port)
{
	static const int off;
	uint8_t family = 6;

	*fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	if (*fd < 0 ||
	    setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0) {
		if (*fd >= 0)
			close(*fd);
		family = 4;
		*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	}
	if (*fd < 0)
		return -errno;
	return smi_own_ports_bind(own, *fd, family, port);
}

int smi_syn_hold(struct smi_syn_hold *h, const struct smi_ports *avoid)
{
	SMI_AUTOFREE struct smi_own_ports *own = smi_zalloc(sizeof(*own));
	int r = 0;

	if (!own)
		return -ENOMEM;
	smi_own_ports_init(own, avoid);
	for (size_t i = 0; r == 0 && i < SMI_SYN_TRIES; i++)
		r = hold_one(own, &h->fds[i], &h->ports[i]);
	return r;
}

void smi_syn_let_go(struct smi_syn_hold *h)
{
	for (size_t i = 0; i < SMI_SYN_TRIES; i++)
		if (h->fds[i] >= 0)
			close(h->fds[i]);
}

int smi_syn_held(const struct smi_syn_hold *h, uint16_t port)
{
	for (int i = 0; i < SMI_SYN_TRIES; i++)
		if (h->ports[i] == port)
			return i;
	return -1;
}

static int open_raw(uint8_t family, int protocol)
{
	int fd = socket(family == 4 ? AF_INET : AF_INET6,
			SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return errno == EACCES ? -EPERM : -errno;
	return fd;
}

static int set_flag(int fd, int level, int option)
{
	static const int one = 1;

	return setsockopt(fd, level, option, &one, sizeof(one)) < 0 ? -errno
								    : 0;
}

static int take_headers(int fd, uint8_t family)
{
	return family == 4 ? set_flag(fd, IPPROTO_IP, IP_HDRINCL)
			   : set_flag(fd, IPPROTO_IPV6, IPV6_HDRINCL);
}

int smi_syn_open_out(uint8_t family, size_t room)
{
	/* No packet has that protocol: none is received. */
	SMI_AUTOCLOSE int fd = open_raw(family, IPPROTO_RAW);
	int size = (int)room, r;

	if (fd < 0)
		return fd;
	r = take_headers(fd, family);
	if (r < 0)
		return r;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size,
				 sizeof(size));
	r = fd;
	fd = -1;
	return r;
}

int smi_syn_open_tcp(uint8_t family, const struct smi_syn_hold *h, size_t room)
{
	SMI_AUTOCLOSE int fd = open_raw(family, IPPROTO_TCP);
	int size = (int)room, r;

	if (fd < 0)
		return fd;
	r = filter_tcp(fd, family, h);
	if (r == 0)
		r = take_headers(fd, family);
	if (r == 0 && family == 6)
		r = set_flag(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	if (r < 0)
		return r;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size,
				 sizeof(size));
	r = fd;
	fd = -1;
	return r;
}

int smi_syn_open_icmp(uint8_t family, const struct smi_syn_hold *h)
{
	SMI_AUTOCLOSE int fd =
		open_raw(family, family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	struct icmp_filter v4 = { ~(1U << ICMP_DEST_UNREACH |
				    1U << ICMP_TIME_EXCEEDED) };
	struct icmp6_filter v6;
	int r;

	if (fd < 0)
		return fd;
	ICMP6_FILTER_SETBLOCKALL(&v6);
	ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &v6);
	ICMP6_FILTER_SETPASS(ICMP6_TIME_EXCEEDED, &v6);
	r = family == 4 ? setsockopt(fd, SOL_RAW, ICMP_FILTER, &v4, sizeof(v4))
			: setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &v6,
				     sizeof(v6));
	if (r < 0)
		return -errno;
	r = filter_icmp(fd, family, h);
	if (r < 0)
		return r;
	r = fd;
	fd = -1;
	return r;
}
