/* SPDX-License-Identifier: MIT */
#include "portscan/syn-out.h"

void smi_syn_out_init(struct smi_syn_out *o)
{
	o->fd = -1;
	for (unsigned i = 0; i < SMI_SYN_BATCH; i++) {
		o->parts[i].iov_base = o->packets[i];
		o->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &o->to[i],
			.msg_iov = &o->parts[i],
			.msg_iovlen = 1,
		};
	}
}

void smi_syn_out_add(struct smi_syn_out *o, unsigned slot, uint32_t seq,
		     const struct smi_syn_route *route, uint16_t own_port,
		     uint16_t port)
{
	unsigned i = o->n++;

	smi_syn_write(&route->syn, own_port, port, seq, o->packets[i]);
	o->parts[i].iov_len = route->syn.len;
	/* Raw sockets take the port for a protocol. */
	o->messages[i].msg_hdr.msg_namelen =
		smi_sockaddr_set(&o->to[i], &route->peer, 0);
	o->slots[i] = slot;
}

bool smi_syn_out_flush(struct smi_syn_out *o,
		       void (*fail)(void *user, unsigned slot, int err),
		       void *user)
{
	while (o->first < o->n) {
		int r = sendmmsg(o->fd, o->messages + o->first, o->n - o->first,
				 MSG_DONTWAIT);
		int err = r < 0 ? errno : EAGAIN;

		if (r > 0) {
			o->first += (unsigned)r;
			continue;
		}
		if (err == EINTR)
			continue;
		if (err == EAGAIN)
			return false;
		/* A broadcast address, to which TCP has no way. */
		if (err == EACCES)
			err = ENETUNREACH;
		fail(user, o->slots[o->first++], err);
	}
	o->first = o->n = 0;
	return true;
}
