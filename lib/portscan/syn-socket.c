/* SPDX-License-Identifier: MIT */
#include "portscan/syn-socket.h"

#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/base.h"

/* Without it nothing tells to what a segment is an answer. */
#define FLAG_ACK 0x10

/* IPv4 packets come with their header, IPv6 ones without. */
#define AT_IP4_PROTO 9
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

/* To our port, and an answer. */
static int filter_tcp(int fd, uint8_t family, uint16_t port)
{
	struct sock_filter v4[] = {
		LOAD_HEADER_LEN, LOAD_SHORT_X(2),	  UNLESS(port, 3),
		LOAD_BYTE_X(13), UNLESS_ANY(FLAG_ACK, 1), TAKE,
		LEAVE,
	};
	struct sock_filter v6[] = {
		LOAD_SHORT(2), UNLESS(port, 3),
		LOAD_BYTE(13), UNLESS_ANY(FLAG_ACK, 1),
		TAKE,	       LEAVE,
	};

	return family == 4 ? set_filter(fd, v4, SMI_COUNT(v4))
			   : set_filter(fd, v6, SMI_COUNT(v6));
}

/* About a TCP packet from our port, which had no IP options. */
static int filter_icmp(int fd, uint8_t family, uint16_t port)
{
	struct sock_filter v4[] = {
		LOAD_HEADER_LEN,
		LOAD_BYTE_X(ICMP_LEN + AT_IP4_PROTO),
		UNLESS(IPPROTO_TCP, 3),
		LOAD_SHORT_X(ICMP_LEN + IP4_LEN),
		UNLESS(port, 1),
		TAKE,
		LEAVE,
	};
	struct sock_filter v6[] = {
		LOAD_BYTE(ICMP_LEN + 6),
		UNLESS(IPPROTO_TCP, 3),
		LOAD_SHORT(ICMP_LEN + IP6_LEN),
		UNLESS(port, 1),
		TAKE,
		LEAVE,
	};

	return family == 4 ? set_filter(fd, v4, SMI_COUNT(v4))
			   : set_filter(fd, v6, SMI_COUNT(v6));
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

int smi_syn_open_tcp(uint8_t family, uint16_t port, size_t room)
{
	SMI_AUTOCLOSE int fd = open_raw(family, IPPROTO_TCP);
	int size = (int)room, r;

	if (fd < 0)
		return fd;
	r = filter_tcp(fd, family, port);
	if (r == 0)
		r = family == 4 ? set_flag(fd, IPPROTO_IP, IP_HDRINCL)
				: set_flag(fd, IPPROTO_IPV6, IPV6_HDRINCL);
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

int smi_syn_open_icmp(uint8_t family, uint16_t port)
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
	r = filter_icmp(fd, family, port);
	if (r < 0)
		return r;
	r = fd;
	fd = -1;
	return r;
}
