/* SPDX-License-Identifier: MIT */
#include "net.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int bound(const char *address, uint16_t *port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	int is_v6 = strchr(address, ':') != NULL;
	struct sockaddr *sa = is_v6 ? (void *)&v6 : (void *)&v4;
	socklen_t len = is_v6 ? sizeof(v6) : sizeof(v4);
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(sa->sa_family, address,
		  is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr);
	/* Port and family lie at the same place in both. */
	v4.sin_port = v6.sin6_port = htons(*port);
	if (fd >= 0 && bind(fd, sa, len) == 0 &&
	    getsockname(fd, sa, &len) == 0) {
		*port = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

int net_hold(const char *address, uint16_t *port)
{
	return bound(address, port);
}

int net_listen(const char *address, uint16_t *port)
{
	int fd = bound(address, port);

	/* Nobody accepts: each scan leaves a connection in the queue. */
	if (fd >= 0 && listen(fd, 4096) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

bool net_unshare(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd, r;

	if (unshare(CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	lo.ifr_flags = IFF_UP | IFF_RUNNING;
	r = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return r == 0;
}

int net_count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}
