/* SPDX-License-Identifier: MIT */
#include "portscan/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static bool to_ip(const struct addrinfo *a, struct smi_ip *ip)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	*ip = (struct smi_ip){ 0 };
	if (a->ai_family == AF_INET) {
		memcpy(&v4, a->ai_addr, sizeof(v4));
		ip->family = 4;
		memcpy(ip->b, &v4.sin_addr, 4);
		return true;
	}
	if (a->ai_family != AF_INET6)
		return false;
	memcpy(&v6, a->ai_addr, sizeof(v6));
	ip->family = 6;
	memcpy(ip->b, &v6.sin6_addr, 16);
	if (smi_ip_is_link_local(ip))
		ip->scope = v6.sin6_scope_id;
	return true;
}

/* connect() of a datagram socket sends nothing: it looks for a route. */
static bool has_route(const struct addrinfo *a)
{
	SMI_AUTOCLOSE int fd =
		socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage to = { 0 };

	if (fd < 0)
		return errno != EAFNOSUPPORT;
	memcpy(&to, a->ai_addr, a->ai_addrlen);
	if (a->ai_family == AF_INET)
		((struct sockaddr_in *)&to)->sin_port = htons(9);
	else
		((struct sockaddr_in6 *)&to)->sin6_port = htons(9);
	return connect(fd, (struct sockaddr *)&to, a->ai_addrlen) == 0 ||
	       (errno != ENETUNREACH && errno != EADDRNOTAVAIL);
}

static bool has(const struct smi_addresses *out, const struct smi_ip *ip)
{
	for (size_t i = 0; i < out->list.n; i++)
		if (smi_ip_eq(&out->list.v[i], ip))
			return true;
	return false;
}

static int collect(const struct addrinfo *all, bool routed,
		   struct smi_addresses *out)
{
	for (const struct addrinfo *a = all; a; a = a->ai_next) {
		struct smi_ip ip;

		if (!to_ip(a, &ip) || has(out, &ip) ||
		    (routed && !has_route(a)))
			continue;
		if (!smi_vec_push(&out->list, ip))
			return -ENOMEM;
	}
	return 0;
}

static int error_of(int eai)
{
	switch (eai) {
	case EAI_AGAIN:
		return -EAGAIN;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return errno ? -errno : -EIO;
	default:
		return -ENOENT;
	}
}

int smi_resolve(const char *name, struct smi_addresses *out)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *all = NULL;
	int r = getaddrinfo(name, NULL, &hints, &all);

	if (r != 0)
		return error_of(r);
	r = collect(all, true, out);
	if (r == 0 && out->list.n == 0)
		r = collect(all, false, out);
	freeaddrinfo(all);
	if (r == 0 && out->list.n == 0)
		r = -ENOENT;
	return r;
}
