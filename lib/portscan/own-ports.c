/* SPDX-License-Identifier: MIT */
#include "portscan/own-ports.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "portscan/sockaddr.h"

/* Tries at a free source port: in the range that the system takes its own from,
 * then anywhere that needs no privilege. */
#define RANGE_TRIES	32
#define OTHER_TRIES	64
#define FIRST_USER_PORT 1024
/* Of one that is not spared: of 64 engines each has one port in 64. */
#define SPARED_DRAWS 512

static void read_local_range(struct smi_own_ports *o)
{
	static const struct smi_fsroot here = { -1, NULL };
	SMI_CLEANUP(smi_buf_free) struct smi_buf text = { 0 };
	uint64_t first = 0, last = 0;
	struct smi_span s;

	(void)smi_fsroot_read(&here, "/proc/sys/net/ipv4/ip_local_port_range",
			      64, &text);
	s = smi_buf_span(&text);
	s = smi_span_skip(s, smi_span_digits(s, &first));
	smi_span_digits(smi_span_trim(s), &last);
	if (first < FIRST_USER_PORT || last < first || last > 65535) {
		first = 32768;
		last = 60999;
	}
	o->first = (uint16_t)first;
	o->last = (uint16_t)last;
}

void smi_own_ports_init(struct smi_own_ports *o, const struct smi_ports *avoid)
{
	o->avoid = *avoid;
	smi_random_init(&o->random);
	read_local_range(o);
}

static int bind_to(int fd, uint8_t family, uint16_t port)
{
	struct smi_ip any = { .family = family };
	union smi_sockaddr a;
	socklen_t len = smi_sockaddr_set(&a, &any, port);

	return bind(fd, &a.sa, len) < 0 ? -errno : 0;
}

/* One in [first, last], or one that is spared where there seem to be only such. */
static uint16_t draw(struct smi_own_ports *o, unsigned first, unsigned last)
{
	uint16_t p = 0;

	for (int i = 0; i < SPARED_DRAWS; i++) {
		p = (uint16_t)(first +
			       smi_random_below(&o->random, last - first + 1));
		if (!smi_ports_has(&o->spared, p))
			break;
	}
	return p;
}

/* Draws in [first, last] until a port is free; the last errno otherwise. */
static int bind_within(struct smi_own_ports *o, int fd, uint8_t family,
		       unsigned first, unsigned last, int tries, uint16_t *port)
{
	int r = -EADDRINUSE;

	while (tries-- > 0) {
		uint16_t p = draw(o, first, last);

		/* The last draws of a crowded range take what there is. */
		if (smi_ports_has(&o->held, p) ||
		    smi_ports_has(&o->spared, p) ||
		    (tries > 4 && smi_ports_has(&o->avoid, p)))
			continue;
		r = bind_to(fd, family, p);
		if (r == 0) {
			*port = p;
			return 0;
		}
		if (r != -EADDRINUSE && r != -EACCES)
			break;
	}
	return r == -EACCES ? -EADDRINUSE : r;
}

int smi_own_ports_bind(struct smi_own_ports *o, int fd, uint8_t family,
		       uint16_t *port)
{
	int r = bind_within(o, fd, family, o->first, o->last, RANGE_TRIES,
			    port);

	if (r == -EADDRINUSE)
		r = bind_within(o, fd, family, FIRST_USER_PORT, 65535,
				OTHER_TRIES, port);
	if (r == 0)
		smi_ports_add(&o->held, *port);
	return r;
}

static void hear_messages(int fd, uint8_t family)
{
	static const int one = 1;

	if (family == 6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof(one));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	}
}

int smi_own_ports_socket(struct smi_own_ports *o, int epoll, uint8_t family,
			 int type, uint32_t events, unsigned slot,
			 uint16_t *port)
{
	struct epoll_event ev = { .events = events };
	SMI_AUTOCLOSE int fd = socket(family == 4 ? AF_INET : AF_INET6,
				      type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	hear_messages(fd, family);
	r = smi_own_ports_bind(o, fd, family, port);
	if (r < 0)
		return r;
	ev.data.u64 = (uint64_t)fd << 32 | slot;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		r = -errno;
		smi_ports_del(&o->held, *port);
		return r;
	}
	r = fd;
	fd = -1;
	return r;
}
