/* SPDX-License-Identifier: MIT */
#include "portscan/local.h"

#include "base/clock.h"

/* A listener that is not in a list younger than this began just now. */
#define FRESH (100 * SMI_MSEC)
/* Whoever listened so long ago may have made way for another, who has the port now. */
#define OLD (2 * SMI_SEC)
/* One this young is asked no second time. */
#define NEW SMI_MSEC

void smi_local_free(struct smi_local *l)
{
	smi_listeners_free(&l->listeners);
	smi_owners_free(&l->owners);
	smi_users_free(l->users);
}

static void read_listeners(struct smi_local *l, int64_t now)
{
	int r = smi_listeners_read(&l->listeners,
				   l->udp ? SMI_LISTEN_UDP : SMI_LISTEN_TCP);

	l->error = r < 0 ? -r : 0;
	l->listeners_read = true;
	l->owners_read = false;
	l->read_at = now;
	l->ports = (struct smi_ports){ .n = 0 };
	for (size_t i = 0; i < l->listeners.list.n; i++)
		smi_ports_add(&l->ports, l->listeners.list.v[i].port);
}

int smi_local_read(struct smi_local *l)
{
	l->owners_read = false;
	return smi_listeners_read(&l->listeners,
				  SMI_LISTEN_TCP | SMI_LISTEN_UDP);
}

static const struct smi_listener *find(const struct smi_local *l,
				       const struct smi_ip *ip, uint16_t port)
{
	return smi_listeners_find(&l->listeners, ip, port, l->udp);
}

const struct smi_listener *smi_local_find(struct smi_local *l,
					  const struct smi_ip *ip,
					  uint16_t port, int64_t now)
{
	const struct smi_listener *x;

	if (!l->listeners_read)
		read_listeners(l, now);
	x = find(l, ip, port);
	if (now - l->read_at < (x ? OLD : FRESH))
		return x;
	read_listeners(l, now);
	return find(l, ip, port);
}

const struct smi_listener *smi_local_find_mute(struct smi_local *l,
					       const struct smi_ip *ip,
					       uint16_t port, int64_t now)
{
	const struct smi_listener *x;

	if (!l->listeners_read)
		read_listeners(l, now);
	if (!smi_ports_has(&l->ports, port) || !find(l, ip, port))
		return NULL;
	if (now - l->read_at > NEW)
		read_listeners(l, now);
	x = find(l, ip, port);
	return x && !x->device ? x : NULL;
}
