/* SPDX-License-Identifier: MIT */
#include "portscan/sockdiag.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Of UDP: without a peer. */
#define TCP_STATES (1u << TCP_LISTEN)
#define UDP_STATES (1u << TCP_CLOSE)

/* The number of "lo", in every network namespace. */
#define LOOPBACK_DEVICE 1

/* Larger than what the kernel puts into one datagram of a dump. */
#define ANSWER_SIZE 65536

void smi_listeners_free(struct smi_listeners *l)
{
	smi_vec_free(&l->list);
	smi_vec_free(&l->own);
}

static int ask(int fd, const void *request, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (sendto(fd, request, len, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	return 0;
}

static int open_netlink(int protocol)
{
	/* The kernel answers at once; a lost datagram must not hang us. */
	static const struct timeval wait = { .tv_sec = 2 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

/* One datagram from the kernel: its length, 0 for one from somebody else. */
static ptrdiff_t receive(int fd, void *space, size_t size)
{
	struct sockaddr_nl from;
	socklen_t from_len = sizeof(from);
	ssize_t n;

	do
		n = recvfrom(fd, space, size, 0, (struct sockaddr *)&from,
			     &from_len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return from.nl_pid == 0 ? n : 0;
}

static int error_of(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*e)))
		return -EBADMSG;
	return e->error;
}

/* The kernel adds this to every IPv6 listener, asked or not. */
static bool is_v6only(const struct nlmsghdr *h)
{
	const struct inet_diag_msg *m = NLMSG_DATA(h);
	size_t len = h->nlmsg_len - NLMSG_LENGTH(sizeof(*m));

	for (const struct rtattr *a = (const struct rtattr *)(m + 1);
	     RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == INET_DIAG_SKV6ONLY)
			return *(const uint8_t *)RTA_DATA(a) != 0;
	return false;
}

static bool add_listener(struct smi_listeners *l, bool udp,
			 const struct nlmsghdr *h)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const struct inet_diag_msg *m = NLMSG_DATA(h);
	struct smi_listener x = { 0 };

	x.ip.family = m->idiag_family == AF_INET ? 4 : 6;
	memcpy(x.ip.b, m->id.idiag_src, x.ip.family == 4 ? 4 : 16);
	if (x.ip.family == 6 && memcmp(x.ip.b, mapped, 12) == 0) {
		memmove(x.ip.b, x.ip.b + 12, 4);
		memset(x.ip.b + 4, 0, 12);
		x.ip.family = 4;
	}
	if (smi_ip_is_link_local(&x.ip) && x.ip.family == 6)
		x.ip.scope = m->id.idiag_if;
	x.port = ntohs(m->id.idiag_sport);
	x.udp = udp;
	x.device = m->id.idiag_if;
	x.uid = m->idiag_uid;
	x.inode = m->idiag_inode;
	x.v6only = is_v6only(h);
	return smi_vec_push(&l->list, x);
}

/* 1: go on, 0: the dump is complete. */
static int take_answer(struct smi_listeners *l, bool udp, const char *space,
		       size_t n)
{
	for (const struct nlmsghdr *h = (const struct nlmsghdr *)space;
	     NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return error_of(h);
		if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		    h->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
			continue;
		if (!add_listener(l, udp, h))
			return -ENOMEM;
	}
	return 1;
}

static int dump_family(int fd, uint8_t family, bool udp, char *space,
		       struct smi_listeners *l)
{
	struct {
		struct nlmsghdr h;
		struct inet_diag_req_v2 r;
	} request = {
		.h = { .nlmsg_len = sizeof(request),
		       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.r = { .sdiag_family = family,
		       .sdiag_protocol = udp ? IPPROTO_UDP : IPPROTO_TCP,
		       .idiag_states = udp ? UDP_STATES : TCP_STATES },
	};
	int r = ask(fd, &request, sizeof(request));

	if (r < 0)
		return r;
	do {
		ptrdiff_t n = receive(fd, space, ANSWER_SIZE);

		if (n < 0)
			return (int)n;
		r = take_answer(l, udp, space, (size_t)n);
	} while (r == 1);
	return r;
}

static int compare(uint64_t x, uint64_t y)
{
	return (x > y) - (x < y);
}

/* 0: the kernel itself tells them apart by nothing but their age. */
static int cmp_place(const struct smi_listener *x, const struct smi_listener *y)
{
	int r = compare(x->port, y->port);

	if (!r)
		r = compare(x->udp, y->udp);
	if (!r)
		r = smi_ip_cmp(&x->ip, &y->ip);
	return r ? r : compare(x->device, y->device);
}

static int cmp_listener(const void *a, const void *b)
{
	const struct smi_listener *x = a, *y = b;
	int r = cmp_place(x, y);

	if (!r)
		r = compare(x->uid, y->uid);
	return r ? r : compare(x->inode, y->inode);
}

/* Of TCP there is none of another user at the same place. */
static void find_shared(struct smi_listeners *l)
{
	struct smi_listener *v = l->list.v;

	for (size_t i = 0, n; i < l->list.n; i += n) {
		for (n = 1; i + n < l->list.n; n++)
			if (cmp_place(&v[i], &v[i + n]) != 0)
				break;
		for (size_t k = i; k < i + n; k++)
			v[k].shared = v[k].udp && v[i].uid != v[i + n - 1].uid;
	}
}

static int dump_protocol(int fd, bool udp, char *space, struct smi_listeners *l)
{
	int r = dump_family(fd, AF_INET, udp, space, l);

	if (r < 0)
		return r;
	r = dump_family(fd, AF_INET6, udp, space, l);
	return r == -ENOENT ? 0 : r; /* a kernel without IPv6 */
}

static bool add_own(struct smi_listeners *l, const struct ifaddrs *a)
{
	struct smi_own_ip x = { .device = if_nametoindex(a->ifa_name) };

	if (!a->ifa_addr)
		return true;
	if (a->ifa_addr->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, a->ifa_addr, sizeof(in));
		x.ip.family = 4;
		memcpy(x.ip.b, &in.sin_addr, 4);
	} else if (a->ifa_addr->sa_family == AF_INET6) {
		struct sockaddr_in6 in;

		memcpy(&in, a->ifa_addr, sizeof(in));
		x.ip.family = 6;
		memcpy(x.ip.b, &in.sin6_addr, 16);
	}
	return !x.ip.family || smi_vec_push(&l->own, x);
}

/* Which interface has which address: few machines need to know. */
static int read_own(struct smi_listeners *l)
{
	struct ifaddrs *all = NULL;
	bool bound = false, ok = true;

	l->own.n = 0;
	for (size_t i = 0; i < l->list.n && !bound; i++)
		bound = l->list.v[i].device != 0;
	if (!bound)
		return 0;
	if (getifaddrs(&all) < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (const struct ifaddrs *a = all; a && ok; a = a->ifa_next)
		ok = add_own(l, a);
	freeifaddrs(all);
	return ok ? 0 : -ENOMEM;
}

int smi_listeners_read(struct smi_listeners *l, unsigned protocols)
{
	SMI_AUTOFREE char *space = smi_alloc(ANSWER_SIZE);
	SMI_AUTOCLOSE int fd = open_netlink(NETLINK_SOCK_DIAG);
	int r = 0;

	l->list.n = 0;
	if (!space)
		return -ENOMEM;
	if (fd < 0)
		return fd;
	if (protocols & SMI_LISTEN_TCP)
		r = dump_protocol(fd, false, space, l);
	if (r == 0 && protocols & SMI_LISTEN_UDP)
		r = dump_protocol(fd, true, space, l);
	if (r == 0)
		r = read_own(l);
	if (r < 0)
		l->list.n = 0;
	if (l->list.n > 1)
		qsort(l->list.v, l->list.n, sizeof(*l->list.v), cmp_listener);
	find_shared(l);
	return r;
}

static int fit_address(const struct smi_listener *l, const struct smi_ip *ip)
{
	if (l->ip.family == ip->family && memcmp(l->ip.b, ip->b, 16) == 0)
		return !l->ip.scope || l->ip.scope == ip->scope ? 3 : 0;
	if (!smi_ip_is_any(&l->ip))
		return 0;
	if (l->ip.family == ip->family)
		return 2;
	return l->ip.family == 6 && !l->v6only ? 1 : 0;
}

/* The interface that what goes to an own address seems to come by; 0: not known. */
static uint32_t device_of(const struct smi_listeners *l,
			  const struct smi_ip *ip)
{
	if (ip->scope)
		return ip->scope;
	for (size_t i = 0; i < l->own.n; i++)
		if (l->own.v[i].ip.family == ip->family &&
		    memcmp(l->own.v[i].ip.b, ip->b, 16) == 0)
			return l->own.v[i].device;
	return smi_ip_is_loopback(ip) ? LOOPBACK_DEVICE : 0;
}

/* How exactly the listener is meant for ip at that device; 0: not at all. To the kernel
 * an address outweighs a device, and that a family. */
static int fit(const struct smi_listener *l, const struct smi_ip *ip,
	       uint32_t device)
{
	int address = fit_address(l, ip);

	if (!address || (l->device && l->device != device))
		return address;
	return 4 + (address == 3 ? 8 : 0) + (l->device ? 4 : 0) + address;
}

const struct smi_listener *smi_listeners_find(const struct smi_listeners *l,
					      const struct smi_ip *ip,
					      uint16_t port, bool udp)
{
	const struct smi_listener *best = NULL;
	uint32_t device = device_of(l, ip);
	size_t lo = 0, hi = l->list.n;
	int best_fit = 0;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (l->list.v[mid].port < port)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < l->list.n && l->list.v[lo].port == port; lo++) {
		const struct smi_listener *x = &l->list.v[lo];
		int f = x->udp == udp ? fit(x, ip, device) : 0;

		if (f > best_fit) {
			best = x;
			best_fit = f;
		}
	}
	return best;
}

/* What the routing tables say of an address: a message in space, NULL and 0 where there
 * is no way, NULL and a negative errno. */
static const struct nlmsghdr *ask_route(int fd, const struct smi_ip *ip,
					void *space, size_t size, ptrdiff_t *n)
{
	struct {
		struct nlmsghdr h;
		struct rtmsg r;
		struct rtattr a;
		uint8_t addr[16];
	} request = {
		.h = { .nlmsg_type = RTM_GETROUTE,
		       .nlmsg_flags = NLM_F_REQUEST },
		.r = { .rtm_family = ip->family == 4 ? AF_INET : AF_INET6 },
		.a = { .rta_type = RTA_DST },
	};
	size_t len = ip->family == 4 ? 4 : 16;
	const struct nlmsghdr *h = space;

	request.r.rtm_dst_len = (uint8_t)(len * 8);
	request.a.rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(request.addr, ip->b, len);
	request.h.nlmsg_len =
		(uint32_t)(NLMSG_LENGTH(sizeof(request.r)) + RTA_LENGTH(len));
	*n = ask(fd, &request, request.h.nlmsg_len);
	if (*n == 0)
		*n = receive(fd, space, size);
	if (*n < 0)
		return NULL;
	if (!NLMSG_OK(h, (size_t)*n) ||
	    (h->nlmsg_type != NLMSG_ERROR && h->nlmsg_type != RTM_NEWROUTE)) {
		*n = -EBADMSG;
		return NULL;
	}
	if (h->nlmsg_type == RTM_NEWROUTE)
		return h;
	*n = 0;
	return NULL;
}

int smi_ip_is_local(const struct smi_ip *ip)
{
	_Alignas(struct nlmsghdr) char space[8192];
	const struct nlmsghdr *h;
	SMI_AUTOCLOSE int fd = -1;
	ptrdiff_t n;

	if (smi_ip_is_loopback(ip))
		return 1;
	fd = open_netlink(NETLINK_ROUTE);
	if (fd < 0)
		return fd;
	h = ask_route(fd, ip, space, sizeof(space), &n);
	if (!h)
		return (int)n;
	return ((const struct rtmsg *)NLMSG_DATA(h))->rtm_type == RTN_LOCAL;
}

/* The neighbour that packets go to; false: there is none. */
static bool next_hop(const struct nlmsghdr *h, struct smi_ip *hop, int *device)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	size_t len = h->nlmsg_len - NLMSG_LENGTH(sizeof(*m));
	size_t want = hop->family == 4 ? 4 : 16;

	*device = 0;
	for (const struct rtattr *a = (const struct rtattr *)(m + 1);
	     RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		if (a->rta_type == RTA_OIF && RTA_PAYLOAD(a) == sizeof(int))
			memcpy(device, RTA_DATA(a), sizeof(int));
		else if (a->rta_type == RTA_GATEWAY && RTA_PAYLOAD(a) == want)
			memcpy(hop->b, RTA_DATA(a), want);
		else if (a->rta_type == RTA_VIA)
			return false;
	}
	return *device != 0 && m->rtm_type == RTN_UNICAST;
}

static enum smi_link neighbour(int fd, const struct smi_ip *ip, int device)
{
	struct {
		struct nlmsghdr h;
		struct ndmsg m;
		struct rtattr a;
		uint8_t addr[16];
	} request = {
		.h = { .nlmsg_type = RTM_GETNEIGH,
		       .nlmsg_flags = NLM_F_REQUEST },
		.m = { .ndm_family = ip->family == 4 ? AF_INET : AF_INET6,
		       .ndm_ifindex = device },
		.a = { .rta_type = NDA_DST },
	};
	size_t len = ip->family == 4 ? 4 : 16;
	_Alignas(struct nlmsghdr) char space[4096];
	const struct nlmsghdr *h = (const struct nlmsghdr *)space;
	const struct ndmsg *m;
	ptrdiff_t n;

	request.a.rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(request.addr, ip->b, len);
	request.h.nlmsg_len =
		(uint32_t)(NLMSG_LENGTH(sizeof(request.m)) + RTA_LENGTH(len));
	if (ask(fd, &request, request.h.nlmsg_len) < 0)
		return SMI_LINK_UNKNOWN;
	n = receive(fd, space, sizeof(space));
	if (n <= 0 || !NLMSG_OK(h, (size_t)n))
		return SMI_LINK_UNKNOWN;
	if (h->nlmsg_type == NLMSG_ERROR)
		return error_of(h) == -ENOENT ? SMI_LINK_ASKED
					      : SMI_LINK_UNKNOWN;
	if (h->nlmsg_type != RTM_NEWNEIGH ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*m)))
		return SMI_LINK_UNKNOWN;
	m = NLMSG_DATA(h);
	if (m->ndm_state & NUD_FAILED)
		return SMI_LINK_FAILED;
	return m->ndm_state & NUD_INCOMPLETE || !m->ndm_state ? SMI_LINK_ASKED
							      : SMI_LINK_THERE;
}

enum smi_link smi_ip_link(const struct smi_ip *ip)
{
	_Alignas(struct nlmsghdr) char space[8192];
	SMI_AUTOCLOSE int fd = open_netlink(NETLINK_ROUTE);
	const struct nlmsghdr *h;
	struct smi_ip hop = *ip;
	unsigned char type;
	ptrdiff_t n;
	int device;

	if (fd < 0)
		return SMI_LINK_UNKNOWN;
	h = ask_route(fd, ip, space, sizeof(space), &n);
	if (!h)
		return SMI_LINK_UNKNOWN;
	type = ((const struct rtmsg *)NLMSG_DATA(h))->rtm_type;
	if (type == RTN_BROADCAST || type == RTN_MULTICAST)
		return SMI_LINK_NOBODY;
	return next_hop(h, &hop, &device) ? neighbour(fd, &hop, device)
					  : SMI_LINK_UNKNOWN;
}
