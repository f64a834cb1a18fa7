/* SPDX-License-Identifier: MIT */
#include "portscan/syn-route.h"

#include <unistd.h>

#include "portscan/sockaddr.h"

/* More than hosts are probed at a time. */
#define PLACES 1024
#define PROBES 1024

int smi_syn_routes_init(struct smi_syn_routes *r)
{
	*r = (struct smi_syn_routes){ .fds = { -1, -1 } };
	r->list = smi_zalloc(PLACES * sizeof(*r->list));
	return r->list ? 0 : -ENOMEM;
}

void smi_syn_routes_free(struct smi_syn_routes *r)
{
	for (size_t i = 0; i < SMI_COUNT(r->fds); i++)
		if (r->fds[i] >= 0)
			close(r->fds[i]);
	free(r->list);
}

/* Neighbours, which are mostly scanned together, have places of their own. */
static struct smi_syn_route *place_of(struct smi_syn_routes *r,
				      const struct smi_ip *peer)
{
	const uint8_t *last = peer->b + (peer->family == 4 ? 2 : 14);

	return &r->list[((unsigned)last[0] << 8 | last[1]) % PLACES];
}

static int open_udp(uint8_t family)
{
	static const int one = 1;
	int fd = socket(family == 4 ? AF_INET : AF_INET6,
			SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* A route that forbids is then told apart from a broadcast address. */
	if (family == 4)
		setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
	return fd;
}

static struct smi_ip ip_of(const union smi_sockaddr *a)
{
	struct smi_ip ip = { .family = a->sa.sa_family == AF_INET ? 4 : 6 };

	if (ip.family == 4)
		memcpy(ip.b, &a->in.sin_addr, 4);
	else
		memcpy(ip.b, &a->in6.sin6_addr, 16);
	return ip;
}

static bool is_multicast(const struct smi_ip *ip)
{
	return ip->family == 4 ? ip->b[0] >> 4 == 14 : ip->b[0] == 0xff;
}

/* 0, or a positive errno. */
static int ask(int fd, struct smi_syn_route *route)
{
	static const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	union smi_sockaddr to, own;
	socklen_t len = smi_sockaddr_set(&to, &route->peer, 9);
	socklen_t own_len = sizeof(own);

	if (is_multicast(&route->peer))
		return ENETUNREACH;
	/* It would stay with the address that it has. */
	(void)connect(fd, &nobody, sizeof(nobody));
	if (connect(fd, &to.sa, len) < 0 ||
	    getsockname(fd, &own.sa, &own_len) < 0)
		return errno;
	route->own = ip_of(&own);
	return 0;
}

int smi_syn_route_to(struct smi_syn_routes *r, const struct smi_ip *peer,
		     const struct smi_syn_route **out)
{
	struct smi_syn_route *route = place_of(r, peer);
	int *fd = &r->fds[peer->family == 6];

	*out = route;
	if (route->left && smi_ip_eq(&route->peer, peer)) {
		route->left--;
		return 0;
	}
	if (*fd < 0) {
		int opened = open_udp(peer->family);

		if (opened < 0)
			return opened;
		*fd = opened;
	}
	route->peer = *peer;
	route->left = PROBES;
	route->err = ask(*fd, route);
	if (!route->err)
		smi_syn_template_init(&route->syn, &route->own, &route->peer);
	return 0;
}
