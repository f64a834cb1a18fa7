/* SPDX-License-Identifier: MIT */
/*
 * Real listeners: one at each "ADDRESS PORT" of the lines of a file. They accept, say
 * nothing, and keep a connection until its other end closes it. "ports-listen FILE"
 * writes "ready" and ends with its standard input.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MANY_FDS = 65536,
	BACKLOG = 4096,
	LISTENER = 1,
	CONNECTION = 2
};

static int poller;

static bool add(int fd, uint32_t what)
{
	struct epoll_event ev = { .events = EPOLLIN };

	ev.data.u64 = (uint64_t)what << 32 | (uint32_t)fd;
	return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static bool listen_at(const char *address, uint16_t port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	bool is_v6 = strchr(address, ':') != NULL;
	struct sockaddr *sa = is_v6 ? (void *)&v6 : (void *)&v4;
	socklen_t len = is_v6 ? sizeof(v6) : sizeof(v4);
	int fd = socket(sa->sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	inet_pton(sa->sa_family, address,
		  is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr);
	v4.sin_port = v6.sin6_port = htons(port);
	/* An earlier scan may have left something in TIME_WAIT. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* Whole networks are routed here: their addresses are on no device. */
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	if (bind(fd, sa, len) == 0 && listen(fd, BACKLOG) == 0 &&
	    add(fd, LISTENER))
		return true;
	fprintf(stderr, "%s %u: %s\n", address, (unsigned)port,
		strerror(errno));
	return false;
}

static void serve(uint64_t data)
{
	int fd = (int)(uint32_t)data, c;
	char bytes[4096];

	if (data >> 32 == CONNECTION) {
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n == 0 || (n < 0 && errno != EAGAIN))
			close(fd);
		return;
	}
	while ((c = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
	       0) {
		if (!add(c, CONNECTION))
			close(c);
	}
}

int main(int argc, char **argv)
{
	const struct rlimit many = { MANY_FDS, MANY_FDS };
	char address[INET6_ADDRSTRLEN + 1];
	struct epoll_event ev[64];
	unsigned port;
	FILE *list;

	if (argc != 2 || !(list = fopen(argv[1], "re")))
		return 2;
	setrlimit(RLIMIT_NOFILE, &many);
	poller = epoll_create1(EPOLL_CLOEXEC);
	while (fscanf(list, "%46s %u", address, &port) == 2)
		if (!listen_at(address, (uint16_t)port))
			return 1;
	fclose(list);
	add(STDIN_FILENO, 0);
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		return 1;
	for (;;) {
		int n = epoll_wait(poller, ev, 64, -1);

		for (int i = 0; i < n; i++) {
			if (ev[i].data.u64 >> 32 == 0)
				return 0;
			serve(ev[i].data.u64);
		}
	}
}
