/* SPDX-License-Identifier: MIT */
/*
 * "ports-nodiag COMMAND...": runs it where the kernel refuses sock_diag(7), so that a
 * scan of this machine has nobody to ask but the ports themselves.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
enum {
	LOW = 4
};
#else
enum {
	LOW = 0
};
#endif

#define LOAD(member, low)                                                      \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                     \
		 offsetof(struct seccomp_data, member) + (low))
#define SKIP_UNLESS(value, n)                                                  \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))

static struct sock_filter rules[] = {
	LOAD(nr, 0),
	SKIP_UNLESS(SYS_socket, 5),
	LOAD(args[0], LOW),
	SKIP_UNLESS(AF_NETLINK, 3),
	LOAD(args[2], LOW),
	SKIP_UNLESS(NETLINK_SOCK_DIAG, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

int main(int argc, char **argv)
{
	const struct sock_fprog filter = {
		.len = sizeof(rules) / sizeof(rules[0]),
		.filter = rules,
	};

	if (argc < 2)
		return 2;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0) {
		perror("seccomp");
		return 77;
	}
	if (socket(AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG) >= 0 ||
	    errno != EPERM) {
		fprintf(stderr, "sock_diag is not refused\n");
		return 1;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
